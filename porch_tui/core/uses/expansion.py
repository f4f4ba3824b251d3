"""The words of a shell as far as they can be worked out without running anything."""

from __future__ import annotations

import posixpath
import re

from porch_tui.core.uses.calls import OWN, ROOT, UNKNOWN, Scope
from porch_tui.core.uses.shell import Word

OF_A_TASK = frozenset({"PORCH_TASK", "PORCH_SLOT", "PORCH_ATTEMPT", "RANDOM", "SRANDOM", "BASHPID", "$", "!"})
"""Variables with another value in each task."""
OF_THE_MACHINE = {"HOME": "~", "TMPDIR": "/tmp", "TMP": "/tmp", "TEMP": "/tmp", "XDG_CACHE_HOME": "~/.cache"}
"""Variables that are the same for all tasks, with their usual values."""
_SAME = re.compile(r"USER|LOGNAME|HOSTNAME|PORCH_RUN|PORCH_BASE|\w*(?:URL|URI|DSN|DATABASE|DB_NAME|DBNAME)")
"""Variables that are the same for all tasks, whatever their value is."""
_MADE_UP = re.compile(
    r"\s*(?:mktemp|date|uuidgen|openssl rand|od |head -c|shuf|hostname -I|python3? -c .*uuid)"
)
_TOP = re.compile(r"\s*(?:pwd(?: -P)?|git rev-parse --show-toplevel)\s*")
_OF_SCRIPT = re.compile(r"(?:dirname|readlink|realpath)\b.*(?:\$0|BASH_SOURCE)", re.DOTALL)
_UPWARDS = re.compile(r"\)\"?((?:/\.\.)+)")
_BRACES = re.compile(r"\{([^{}\s]*,[^{}\s]*)\}")


def expand(word: Word, scope: Scope) -> str:
    """Return a word with its expansions; what only the run knows is `UNKNOWN`, what is a task's own `OWN`."""
    if len(word) == 1 and word[0][0] == "lit":
        return word[0][1]
    return "".join(_part(kind, text, default, scope) for kind, text, default in word)


def words_of(word: Word, scope: Scope) -> list[str]:
    """Return the words that one makes: several for `"$@"` and for braces."""
    if len(word) == 1 and word[0][0] == "var" and word[0][1] in ("@", "*"):
        return [UNKNOWN] if scope.args is None else list(scope.args)
    text = expand(word, scope)
    has_several = any(part[0] == "var" and part[1] in scope.loops for part in word)
    return _braces(text) if "{" in text and (len(word) == 1 or has_several) else [text]


def _braces(text: str) -> list[str]:
    found = _BRACES.search(text)
    if not found:
        return [text]
    begin, end = text[: found.start()], text[found.end() :]
    return [whole for part in found[1].split(",") for whole in _braces(begin + part + end)]


def _part(kind: str, text: str, default: str | None, scope: Scope) -> str:
    if kind == "lit":
        return text
    if kind == "var":
        return variable(text, default, scope)
    if kind == "arith":
        return _arithmetic(text, scope)
    if _MADE_UP.match(text):
        return OWN
    if _TOP.fullmatch(text):
        is_top = scope.folder == "" or "git" in text
        return ROOT if is_top else UNKNOWN if scope.folder is None else f"{ROOT}/{scope.folder}"
    if scope.file and _OF_SCRIPT.search(text):
        upwards = _UPWARDS.search(text)
        folder = posixpath.normpath(posixpath.dirname(scope.file) + (upwards[1] if upwards else ""))
        return ROOT if folder == "." else f"{ROOT}/{folder}"
    return UNKNOWN


def variable(name: str, default: str | None, scope: Scope) -> str:
    """Return the value of a variable."""
    if name in scope.variables:
        return scope.variables[name]
    if name in OF_A_TASK:
        return OWN
    if name in ("PWD", "PORCH_WORKTREE"):
        return ROOT if name != "PWD" or not scope.folder else f"{ROOT}/{scope.folder}"
    if name.isdigit() and name != "0":
        number = int(name)
        if scope.args is None:
            return UNKNOWN
        return scope.args[number - 1] if number <= len(scope.args) else default or ""
    if default is not None:
        from_default = re.fullmatch(r"[\w./:@~+-]*", default)
        known = OF_THE_MACHINE.get(name)
        return known if known else default if from_default else UNKNOWN
    if name in OF_THE_MACHINE:
        return OF_THE_MACHINE[name]
    return f"${name}" if _SAME.fullmatch(name) else UNKNOWN


def _arithmetic(text: str, scope: Scope) -> str:
    names = re.findall(r"[A-Za-z_]\w*", text)
    if any(name in OF_A_TASK or OWN in scope.variables.get(name, "") for name in names):
        return OWN
    known = re.sub(r"\$?\b([A-Za-z_]\w*)", lambda one: scope.variables.get(one[1], UNKNOWN), text)
    terms = re.fullmatch(r"\s*(\d{1,9})\s*(?:([-+])\s*(\d{1,9})\s*)?", known)
    if not terms:
        return UNKNOWN
    first, second = int(terms[1]), int(terms[3] or 0)
    return str(first - second if terms[2] == "-" else first + second)
