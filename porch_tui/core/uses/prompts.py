"""What a prompt says an agent will change: files it names, files of the symbols it names, ports it names."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property

from porch_tui.core.files.folders import folders_above
from porch_tui.core.uses.calls import Area, Use
from porch_tui.core.uses.tables import word_set

LONGEST = 50_000
WINDOW = 300
"""Characters before and behind a mention that say what is meant by it."""

_NAMED = re.compile(
    r"`([^`\n]{1,200})`|(?<![\w/.@:`-])((?:[\w.@-]+/)+[\w.@*-]*|[\w-]+\.[a-zA-Z]\w{0,5})(?![\w/`@]|\.\w|\(\))"
    r"|(?<![\w/.@:`-])((?:[A-Za-z_]\w*\.)*[A-Za-z_]\w{2,}\(\))"
)
"""What is in backticks, a path, or a function as it is called."""
_SYMBOL = re.compile(r"(?:[A-Za-z_]\w*\.)*([A-Za-z_]\w{2,})(?:\(\))?")
_PATH = re.compile(r"(?:\./)?(?:[\w.@-]+/)*[\w.@*-]*\w[\w.@*-]*/?")
_FILE_NAME = re.compile(
    r"[\w.-]+\.(?:md|rst|txt|py|pyi|js|jsx|mjs|ts|tsx|vue|css|scss|html|json|ya?ml|toml|ini|cfg|sql|sh|go|rs|rb|java"
    r"|kt|swift|c|h|cc|cpp|hpp|cs|php|proto|xml|csv|tf|lua|ex|exs|hs|scala|gradle|env)"
)
"""A file that is to be made, and no attribute of an object."""
_SENTENCE = re.compile(r"(?<=[.!?;:])\s+|\n\s*(?:[-*]|\d+\.)\s+|\n{2,}")
_READS = re.compile(
    r"\b(?:see|reads?|follow(?:s|ing)?|per|like|as in|similar to|according to|based on|consult|reference"
    r"|(?:describe[ds]|documented|defined|specified) in|from|using|uses?|look(?:ing)? at|import(?:s|ed)?"
    r"|(?:refer|import(?:s|ed)?) (?:to|from)"
    r"|mirror(?:s|ing)?|modeled on|style of|same as|compared? (?:to|with)|called (?:by|from)|run|with|against"
    r"|given|by|depends on|after|before|copy|conform(?:s|ing)? to|matching|match)"
    r"(?:\s+(?:the|a|an|our|its|also|at|in|and|files?|module|script|code|of|style|section|guide|example))*"
    r"\s*[\"'(]*$",
    re.IGNORECASE,
)
_SAYS = re.compile(
    r"[\"')]*\s+(?:says?|describes?|shows?|explains?|specif(?:ies|y)|requires?|defines?|has it|does)\b",
    re.IGNORECASE,
)
"""What follows on a file that is read."""
_NOT = re.compile(
    r"\b(?:(?:do not|don't|never|must not|should not|shouldn't|cannot|without|avoid|not)\b[^.;]*"
    r"|(?:except|other than|apart from|besides|leave|ignore|keep)(?:\s+(?:for|the|a))*\s*)$",
    re.IGNORECASE,
)
_ONLY_NOT = re.compile(r"\b(?:not|n't|without|never|avoid)\b[^.;]*\bother than\b", re.IGNORECASE)
_PORT = re.compile(r"\bport (\d{3,5})\b|\blocalhost:(\d{2,5})\b|\b127\.0\.0\.1:(\d{2,5})\b")
_RUNS = re.compile(r"\b(?:run|start|serve|launch|listen|bind|test|check|open|curl|visit)\w*\b", re.IGNORECASE)
_WORDS = word_set("""
    none true false dict list str int float bool self null main test
    """)


class Known:
    """What a prompt is read with: the files at the base, and by symbol the files that define it."""

    def __init__(self, files: Iterable[str], definitions: Mapping[str, tuple[str, ...]]) -> None:
        self.files = frozenset(files)
        """Empty: not known."""
        self.definitions = definitions

    @cached_property
    def folders(self) -> frozenset[str]:
        """The folders that files are in."""
        return frozenset(folder for path in self.files for folder in folders_above(path))

    @cached_property
    def by_name(self) -> Mapping[str, list[str]]:
        """The files by their last part."""
        found: dict[str, list[str]] = {}
        for path in self.files:
            found.setdefault(path.rpartition("/")[2], []).append(path)
        return found


def symbols_in(prompt: str) -> frozenset[str]:
    """Return the words of a prompt that may be names of functions and classes: those in backticks."""
    return frozenset(
        symbol[1]
        for found in _NAMED.finditer(prompt[:LONGEST])
        if (symbol := _SYMBOL.fullmatch((found[1] or found[3] or "").strip()))
        and symbol[1].lower() not in _WORDS
    )


def read_prompt(prompt: str, known: Known) -> Iterator[Use]:
    """Yield what a prompt has its agent write and read, each with the sentence's line."""
    text, at = prompt[:LONGEST], 0
    for sentence in _sentences(text):
        begin = text.find(sentence, at)
        at = begin + len(sentence)
        for found in _NAMED.finditer(sentence):
            line = text.count("\n", 0, begin + found.start()) + 1
            before = sentence[max(found.start() - WINDOW, 0) : found.start()]
            quote = " ".join(sentence.split())
            for path in _paths(found, known):
                if _NOT.search(before) and not _ONLY_NOT.search(before):
                    continue
                after = sentence[found.end() : found.end() + WINDOW]
                reads = bool(_READS.search(_listed_before(before)) or _SAYS.match(after))
                yield Use(Area.FILE, path, not reads, quote, line=line)
        for port in _PORT.finditer(sentence):
            if _RUNS.search(sentence):
                number = next(filter(None, port.groups()))
                line = text.count("\n", 0, begin + port.start()) + 1
                yield Use(Area.STATE, f"port {int(number)}", True, " ".join(sentence.split()), line=line)


def _sentences(text: str) -> list[str]:
    return [part for part in _SENTENCE.split(text) if part and part.strip()]


def _listed_before(before: str) -> str:
    """Return what stands before a list whose last item comes next: `see a.py and ` is `see `."""
    item = re.compile(r"(?:`[^`]*`|[\w./*-]*[/.][\w./*-]+)(?:\s*(?:,|and|or|,\s*and)\s*)$")
    while found := item.search(before):
        before = before[: found.start()]
    return before


def _paths(found: re.Match[str], known: Known) -> list[str]:
    """Return the files that a mention means; none if it means something else."""
    is_marked, text = found[2] is None, (found[1] or found[2] or found[3]).strip().rstrip(".,:;")
    text = re.sub(r":\d+(?:-\d+)?$", "", text).removeprefix("./")
    if not text or text.startswith(("/", "http", "-")):
        return []
    if text in known.files or ("/" in text and text.rstrip("/") in known.folders):
        return [text.rstrip("/")]
    has_end = re.search(r"\.[a-zA-Z]\w{0,5}$", text) is not None
    if _PATH.fullmatch(text) and "/" in text and (has_end or "*" in text):
        return [text]  # a file that is to be made, or one of a repository that was not read
    if is_marked and (symbol := _SYMBOL.fullmatch(text)):
        homes = known.definitions.get(symbol[1], ())
        if len(homes) == 1:
            return [homes[0]]
    by_name = known.by_name.get(text, []) if "/" not in text else []
    if len(by_name) == 1:
        return by_name
    is_usual = is_marked or text[0].islower() or text.partition(".")[0].isupper()  # and no Node.js
    is_new = is_usual and not by_name and _FILE_NAME.fullmatch(text)
    return [text] if is_new else []
