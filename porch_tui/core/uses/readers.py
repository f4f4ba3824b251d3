"""Programs that read the files they are given and print: which of their words are files."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Sequence

from porch_tui.core.uses.calls import Call, options
from porch_tui.core.uses.tables import table, word_set

_PATTERN_FIRST = word_set("""
    awk gawk mawk sed grep egrep fgrep zgrep rg ag jq yq gojq tr
    """)
"""Those whose first word is a pattern or a program, unless an option gives one."""
_GIVES_PATTERN = word_set("""
    -e -f --regexp --file --expression --from-file --files
    """)
_OF_GREP = "-e -f -A -B -C -m -d -D --regexp --file --max-count --context --include --exclude --exclude-dir"
_VALUED = table(f"""
    ag: -A -B -C -m -G -p
    awk: -F -v -f -i
    base64: -w
    bat: -l -r --language --line-range --theme
    cksum: -a
    cmp: -n -i
    column: -s -o -c -N -H -R
    comm:
    csvcut: -d -c -C -e
    csvgrep: -d -c -m -r -e
    csvsort: -d -c -e
    csvstat: -d -c -e
    cut: -d -f -c -b --delimiter --fields --characters
    diff: -U -C -x -X -I -L --label --exclude --unified
    du: -d --max-depth --exclude
    egrep: {_OF_GREP}
    expand: -t
    fgrep: {_OF_GREP}
    file: -F -m -P
    fmt: -w
    fold: -w
    gawk: -F -v -f -i
    grep: {_OF_GREP}
    head: -n -c --lines --bytes
    hexdump: -n -s -e
    iconv: -f -t -o --from-code --to-code --output
    join: -1 -2 -j -t -o -a -v -e
    jq: -f -L --indent --from-file
    ls: -I -w
    mawk: -F -v -f -i
    nl: -b -s -w -v -n
    od: -A -t -N -j -S
    paste: -d --delimiters
    rg: -e -f -g -t -T -A -B -C -m -M -r -j --regexp --file --glob --type
    sed: -e -f -l --expression --file
    shuf: -n -o --head-count --output --random-source
    sort: -k -t -o -S -T --key --field-separator --output --buffer-size
    stat: -c -f --format --printf
    strings: -n -e
    tail: -n -c -s --lines --bytes
    tree: -L -I -P -H -o
    unexpand: -t
    uniq: -f -s -w
    xmllint: --xpath --schema --output --encode --dtdvalid --relaxng
    xxd: -l -s -c -g
    yq: -o -p -I --output-format --input-format
    zgrep: {_OF_GREP}
    """)
"""Their options whose value may be the next word."""
_OUTPUTS = table("""
    iconv: -o --output
    shuf: -o --output
    sort: -o --output
    tree: -o
    xmllint: --output
    """)
_READ_BY_OPTION = ("-f", "--file", "--from-file", "--schema", "--dtdvalid", "--relaxng")
_OF_JQ = {"--arg": 2, "--argjson": 2, "--slurpfile": 2, "--rawfile": 2}
_PRINTED_TO = re.compile(r'print[^}>"]*(?:"[^"]*"[^}>"]*)*>>?\s*"([\w.-]*[./][\w./-]*)"')
"""The file that a program of awk prints to."""
_TO_THE_SECOND = word_set("""
    uniq xxd
    """)
"""What they make goes into a file that is their second word."""
READERS = (
    _PATTERN_FIRST
    | _VALUED.keys()
    | word_set("""
    cat less more wc md5sum sha1sum sha256sum sha512sum shasum b2sum zcat bzcat xzcat bc rev
    tac sdiff wdiff colordiff delta realpath readlink zless pygmentize glow tokei cloc scc csvlook csvjson
    """)
)


def reader(call: Call) -> bool:
    """Note the files of a program that only reads."""
    words, given = _parsed(call)
    if _is_in_place(call.name, given):
        for word in _without_pattern(call.name, words, given):
            call.write(word)
        return True
    if call.name in ("awk", "gawk", "mawk") and "-f" not in given:
        for path in _PRINTED_TO.findall(" ".join(words[:1])):
            call.write(path)
    words = _without_pattern(call.name, words, given)
    if call.name in _PATTERN_FIRST or call.name == "xmllint":
        for name in _READ_BY_OPTION:
            if given.get(name):
                call.read(given[name])
    written = [given[name] for name in _OUTPUTS.get(call.name, ()) if given.get(name)]
    if call.name in _TO_THE_SECOND:
        words, written = words[:1], written + words[1:2]
    for path in written:
        call.write(path)
    for word in words if call.name != "tr" else ():
        call.read(word, is_input=call.has_output or bool(written))
    return True


def files_searched(call: Call) -> list[str] | None:
    """Return where `grep -l` and its like look for files to name; None: it names none."""
    words, given = _parsed(call)
    if call.name not in ("grep", "egrep", "fgrep", "rg", "ag"):
        return None
    if not {"-l", "-L", "--files-with-matches", "--files-without-match", "--files"} & given.keys():
        return None
    return _without_pattern(call.name, words, given) or ["."]


def _is_in_place(name: str, given: Collection[str]) -> bool:
    if name == "sed":
        return any(option == "-i" or option.startswith("--in-place") for option in given)
    if name in ("awk", "gawk"):
        return "-i" in given
    return name == "yq" and not {"-i", "--inplace"}.isdisjoint(given)


def _without_pattern(name: str, words: list[str], given: Collection[str]) -> list[str]:
    words = [word for word in words if word]  # the suffix in `sed -i '' …` of BSD
    is_given = not _GIVES_PATTERN.isdisjoint(given)
    return words if name not in _PATTERN_FIRST or is_given else words[1:]


def _parsed(call: Call) -> tuple[list[str], dict[str, str]]:
    """Return words and options, where letters may stand together, as in `grep -nA 3` and `sed -ne`."""
    valued = _VALUED.get(call.name, ())
    args: list[str] = []
    rest = iter(_of_jq(call) if call.name in ("jq", "gojq") else call.args)
    for arg in rest:
        if arg == "--":
            return _joined(options(args, valued), [*rest])
        if not re.fullmatch(r"-[A-Za-z].+", arg):
            args.append(arg)
            if arg in valued and (value := next(rest, None)) is not None:
                args.append(value)
            continue
        for at, letter in enumerate(arg[1:], 2):
            args.append(f"-{letter}")
            if f"-{letter}" in valued:
                args.append(arg[at:] or next(rest, ""))
                break
            if letter == "i" and call.name == "sed":
                break  # what follows is the suffix of a copy
    return options(args, valued)


def _joined(parsed: tuple[list[str], dict[str, str]], words: list[str]) -> tuple[list[str], dict[str, str]]:
    return [*parsed[0], *words], parsed[1]


def _of_jq(call: Call) -> Sequence[str]:
    """Return the arguments of `jq` without the variables it is given; files of those are read."""
    args, kept = list(call.args), list[str]()
    while args:
        size = _OF_JQ.get(args[0], 0)
        if args[0] in ("--slurpfile", "--rawfile") and len(args) > 2:
            call.read(args[2])
        if args[0] in ("--args", "--jsonargs"):
            break
        if not size:
            kept.append(args[0])
        args = args[size + 1 :]
    return kept


def openssl(call: Call) -> bool:
    """Note the files of `openssl`, whose options are words."""
    _, given = options(call.args, word_set("-in -out -keyout -inkey -key -CA -CAkey -config -subj -days"))
    for name, value in given.items():
        if name in ("-out", "-keyout"):
            call.write(value)
        elif name in ("-in", "-inkey", "-key", "-CA", "-CAkey", "-config"):
            call.read(value)
    return True


CALLS: dict[str, Callable[[Call], bool]] = {**dict.fromkeys(READERS, reader), "openssl": openssl}
