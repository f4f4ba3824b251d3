"""Programs for files: which of their words they read, and which they write."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable
from itertools import pairwise

from porch_tui.core.uses import readers
from porch_tui.core.uses.calls import UNKNOWN, Area, Call, options
from porch_tui.core.uses.tables import table, word_set

TEXT = word_set(
    """
    echo printf : true false sleep exit return read wait date trap ulimit umask type which seq yes
    basename dirname uname whoami id hostname nproc break continue shift test [ pwd local unset alias
    getopts jobs clear tput tty shopt declare typeset let say logger notify-send lsof ps pgrep top fuser
    ss netstat df free uptime kill hash times envsubst
    """
)
"""Programs whose words are text, and name nothing that is used."""
_FILTERS = word_set("grep egrep head tail sort uniq shuf")
"""What they print are some of the lines they are piped."""
_SENT = re.compile(r"(?:[\w.-]+=)?[@<]([^;]+)(?:;.*)?")
"""A file whose content `curl` sends."""
LITTER = re.compile(
    r"(?:^|/)(?:node_modules|__pycache__|\.?venv|\.tox|\.nox|\.(?:pytest|mypy|ruff)_cache|\.cache|\.coverage"
    r"|htmlcov|\.next|\.gradle|\.eggs|[\w.-]+\.egg-info|[\w.-]+\.pyc)(?:/|$)"
)
"""What no one commits."""


def _find(call: Call) -> bool:
    args = list(call.args)
    folders = found_files(call)
    for action in ("-exec", "-execdir", "-ok"):
        if action in args:
            rest = args[args.index(action) + 1 :]
            end = next((at for at, word in enumerate(rest) if word in (";", "+", "\\;")), len(rest))
            return call.start(call.named(rest[0], [*_put(rest[1:end], folders)])) if rest else True
    if "-delete" in args:
        for path in folders:
            call.write(path)
    return True


def found_files(call: Call) -> list[str]:
    """Return patterns of what `find`, `git ls-files`, `grep -l` and their like print."""
    args = list(call.args)
    if call.name == "find":
        end = next((at for at, word in enumerate(args) if word.startswith(("-", "(", "!"))), len(args))
        names = [args[at + 1] for at, word in enumerate(args[:-1]) if word in ("-name", "-iname")]
        return [
            posixpath.normpath(posixpath.join(folder, "**", name) if name else folder)
            for folder in args[:end] or ["."]
            for name in names or [""]
        ]
    words, given = options(args, ("-e", "-f"))
    if call.name == "git" and words[:1] == ["ls-files"]:
        return [word if "/" in word else f"**/{word}" for word in words[1:]] or ["."]
    if call.name == "git" and words[:1] == ["grep"] and {"-l", "--name-only"} & given.keys():
        return words[2:] if "-e" not in given else words[1:]
    if (searched := readers.files_searched(call)) is not None:
        return searched
    if call.name in ("ls", "printf", "echo"):
        return words
    if call.name in _FILTERS and call.source is not None:
        return found_files(call.source)
    return [UNKNOWN]


def _put(words: list[str], files: list[str]) -> list[str]:
    if "{}" not in words:
        return [*words, *files]
    return [item for word in words for item in (files if word == "{}" else [word])]


def xargs(call: Call) -> bool:
    """Note what a program does with the files that it is piped."""
    valued = ("-n", "-P", "-I", "-L", "-d", "-a", "-s", "--arg-file")
    args = list(call.args)
    place = ""
    while args and args[0].startswith("-"):
        if args[0] in ("-a", "--arg-file") and len(args) > 1:
            call.read(args[1])
        place = (
            args[1] if args[0] == "-I" and len(args) > 1 else args[0][2:] if args[0][:2] == "-I" else place
        )
        args = args[2:] if args[0] in valued else args[1:]
    args = [word.replace(place, "{}") for word in args] if place else args
    files = found_files(call.source) if call.source else [UNKNOWN]
    return call.start(call.named(args[0], _put(args[1:], files))) if args else True


def perl(call: Call) -> bool:
    """Note the files that `perl -i` or `ruby -i` writes; other programs of theirs are not read."""
    cluster = [word for word in call.args if word.startswith("-") and not word.startswith("--")]
    if any("i" in word for word in cluster):
        words, given = options(call.args, ("-e", "-0"))
        has_program = any(word.endswith("e") for word in cluster)
        if has_program and "-e" not in given:
            words = words[1:]
        for word in words:
            call.write(word)
        return has_program
    return False


def patch(call: Call) -> bool:
    """Note the file that `patch` is given, else those that the patch names."""
    words, given = options(call.args, word_set("-i --input -d --directory -p -o --output -r -F -B -z"))
    folder = given.get("-d") or given.get("--directory") or ""
    if target := given.get("-o") or given.get("--output") or next(iter(words), ""):
        call.write(posixpath.join(folder, target))
        return True
    file = given.get("-i") or given.get("--input") or (words[1] if len(words) > 1 else call.input_file)
    text = call.body if not file else call.text_of(file)
    return patched(call, text or "", int(given["-p"]) if given.get("-p", "").isdigit() else 1, folder)


def patched(call: Call, text: str, strip: int = 1, folder: str = "") -> bool:
    """Note the files that a patch names, without their first `strip` folders; say whether there are any."""
    paths = [
        path for path in re.findall(r"^(?:\+\+\+|---) ([^\s]+)", text, re.MULTILINE) if path != "/dev/null"
    ]
    for path in paths:
        call.write(posixpath.join(folder, *path.split("/")[strip:]))
    return bool(paths)


_OF_WRITERS = table("""
    touch: -d -r -t --date --reference
    truncate: -r -s --reference --size
    mkdir: -m --mode
    shred: -n -s --iterations --size
    chmod: --reference
    chown: --reference --from
    chgrp: --reference
    """)
_OF_COPIERS = table("""
    cp: -t -S --target-directory --suffix
    mv: -t -S --target-directory --suffix
    ln: -t -S --target-directory --suffix
    install: -t -S -m -o -g --target-directory --suffix --mode --owner --group
    rsync: -e -f -B -T -M --rsh --exclude --include --filter --exclude-from --files-from
    """)
"""Options whose value may be the next word; of another program the same letter may take none."""


def written(call: Call) -> bool:
    """Note files that are made, touched or deleted."""
    words, given = options(call.args, _OF_WRITERS.get(call.name, ()))
    if call.name in ("chmod", "chown", "chgrp"):
        words = words[1:]
    if call.name == "mkdir":
        # a folder is nothing to git, and two may make it, unless it must not be there
        if not any(re.fullmatch(r"-\w*p\w*|--parents", name) for name in given):
            for word in words:
                if (place := call.place(word)) and place[0] is Area.OUTSIDE:
                    call.write(word)
        return True
    for word in words:
        call.write(word)
    return True


def copied(call: Call) -> bool:
    """Note sources and destination of `cp`, `mv`, `install`, `ln` and `rsync`."""
    words, given = options(call.args, _OF_COPIERS[call.name])
    folder = given.get("-t") or given.get("--target-directory")
    if call.name == "rsync" and any(re.match(r"[\w.@-]+:", word) for word in words):
        return True
    if call.name == "install" and "-d" in given:
        return True
    if call.name == "rsync" and "-t" in given:
        del given["-t"]  # it keeps times
    sources, target = (words, folder) if folder else (words[:-1], words[-1] if words else "")
    for source in sources:
        if call.name == "mv":
            call.write(source)
        elif call.name != "ln":
            call.read(source)
        name = posixpath.basename(source.rstrip("/"))
        looks_like_folder = "." not in posixpath.basename(target) and "." in name
        into = (
            folder or target.endswith("/") or target in (".", "..") or len(sources) > 1 or looks_like_folder
        )
        is_content = source.endswith("/.") or (call.name == "rsync" and source.endswith("/"))
        call.write(posixpath.join(target, name) if into and not is_content else target)
    return True


def tested(call: Call) -> bool:
    """Note the files that a condition asks for."""
    for option, word in pairwise(call.args):
        if re.fullmatch(r"-[defrsxL]", option) or word in ("-nt", "-ot"):
            call.read(word if option[0] == "-" else option, is_input=False)
    return True


def tee(call: Call) -> bool:
    """Note the files that input goes to, or that an editor is given."""
    for word in options(call.args)[0]:
        call.write(word)
    return True


def dd(call: Call) -> bool:
    """Note the files of `dd`."""
    for word in call.args:
        if word.startswith("of="):
            call.write(word[3:])
        elif word.startswith("if="):
            call.read(word[3:])
    return True


def download(call: Call) -> bool:
    """Note where `curl` and `wget` put what they fetch."""
    words, given = options(
        call.args,
        word_set(
            "-o -O --output-document -P --directory-prefix -t -T -w -Q -A -R -D -I -X -e -i -U -a -l --header"
        ),
    )
    if call.name == "curl":
        words, given = options(
            call.args,
            word_set(
                "-o --output -H -d --data -X -u --retry -F -A -m --max-time -e -b -c -w --connect-timeout"
            ),
        )
    if call.name == "curl":
        _note_sent(call)
    if call.name == "wget":
        given.pop("-o", None)  # its log
    target = given.get("-o") or given.get("--output") or given.get("--output-document") or given.get("-O")
    is_printed = call.name == "curl" and not any(
        re.fullmatch(r"-\w*O\w*|--remote-name", name) for name in given
    )
    if target and target != "-":
        call.write(target)
    elif not is_printed and words and target != "-":
        call.write(posixpath.join(given.get("-P", ""), posixpath.basename(words[-1].partition("?")[0])))
    return True


def _note_sent(call: Call) -> None:
    """Note the files that `curl` sends."""
    for option, word in pairwise(call.args):
        if option in ("-T", "--upload-file"):
            call.read(word)
        elif re.fullmatch(r"-[dF]|--(?:data(?:-\w+)?|form|json)", option) and (sent := _SENT.fullmatch(word)):
            call.read(sent[1])


_ENDS = {"gzip": ".gz", "bzip2": ".bz2", "xz": ".xz", "zstd": ".zst", "pigz": ".gz", "lz4": ".lz4"}


def compressor(call: Call) -> bool:
    """Note the files that `gzip` and its like replace."""
    words, given = options(call.args)
    said = {*given, *(f"-{letter}" for name in given if name[1] != "-" for letter in name[1:])}
    end = _ENDS.get(call.name, "")
    is_unpacking = not end or not {"-d", "--decompress"}.isdisjoint(said)
    for word in words:
        call.read(word)
        if {"-c", "--stdout", "--to-stdout", "-t", "--test", "-l", "--list"}.isdisjoint(said):
            call.write(posixpath.splitext(word)[0] if is_unpacking else word + end)
            if {"-k", "--keep"}.isdisjoint(said) and call.name not in ("zstd", "unzstd"):
                call.write(word)
    return True


def archive(call: Call) -> bool:
    """Note the folder that an archive is unpacked to, or the archive that is made."""
    args = list(call.args)
    first = args[0].lstrip("-") if args else ""
    if call.name == "tar" and "c" in first and "x" not in first:
        words, given = options(args[1:], ("-C", "-T", "--exclude", "-X", "--transform", "--directory", "-f"))
        name, words = (given["-f"], words) if "-f" in given else ((words or [""])[0], words[1:])
        call.write(name)
        for word in words:
            call.read(posixpath.join(given.get("-C") or given.get("--directory") or "", word))
        return True
    if call.name in ("zip", "7z"):
        words, _ = options(args, ("-x", "-i", "-P", "-b"))
        words = words[1:] if call.name == "7z" and words[:1] == ["a"] else words
        call.write(words[0]) if words else None
        for word in words[1:]:
            call.read(word)
        return call.name == "zip" or args[:1] == ["a"]
    _, given = options(args, ("-C", "-d", "--directory", "-f"))
    folder = given.get("-C") or given.get("-d") or given.get("--directory")
    if folder:
        call.write(folder)
    return bool(folder)


CALLS: dict[str, Callable[[Call], bool]] = {
    **readers.CALLS,
    **dict.fromkeys(("find", "fd"), _find),
    **dict.fromkeys(TEXT, lambda call: True),
    **dict.fromkeys(("test", "["), tested),
    **dict.fromkeys(word_set("touch truncate rm unlink shred mkdir chmod chown chgrp"), written),
    **dict.fromkeys(("cp", "mv", "install", "ln", "rsync"), copied),
    **dict.fromkeys(("tar", "unzip", "bsdtar", "zip", "7z"), archive),
    **dict.fromkeys(("curl", "wget"), download),
    **dict.fromkeys((*_ENDS, "gunzip", "bunzip2", "unxz", "unzstd"), compressor),
    **dict.fromkeys(("tee", "sponge"), tee),
    **dict.fromkeys(("ed", "ex"), tee),
    "patch": patch,
    **dict.fromkeys(("perl", "ruby"), perl),
    "rmdir": lambda call: True,
    "dd": dd,
    "xargs": xargs,
}  # fmt: skip
