"""What a script for Node reads, writes and listens on, by the calls that are usual; the rest is not known."""

from __future__ import annotations

import re

from porch_tui.core.uses import databases
from porch_tui.core.uses.calls import OWN, ROOT, UNKNOWN, Call
from porch_tui.core.uses.expansion import variable
from porch_tui.core.uses.tables import word_set

_QUOTED = r"(?:'([^'\n]*)'|\"([^\"\n]*)\"|`([^`]*)`)"
_CONSTANT = re.compile(rf"\b(?:const|let|var)\s+(\w+)\s*=\s*(?:{_QUOTED}|(\d+))")
_PATH_CALL = re.compile(rf"(?:path\.)?(?:join|resolve)\(\s*(__dirname|process\.cwd\(\))\s*,\s*{_QUOTED}\s*\)")
_WRITES = re.compile(
    r"\b(?:writeFile|appendFile|createWriteStream|unlink|rm|rename|copyFile|cp|truncate|outputFile|outputJson"
    r"|writeJson)(?:Sync)?\(\s*([^,)\n]+)"
)
_READS = re.compile(r"\b(?:readFile|createReadStream|readJson)(?:Sync)?\(\s*([^,)\n]+)")
_LISTENS = re.compile(r"\.listen\(\s*(?:\{\s*port:\s*)?([\w.|?&\s]+)")
_DEFAULT = re.compile(r"process\.env\.(\w+)\s*(?:\|\||\?\?)\s*(\d+)")
_COMMENT = re.compile(r"(?<!:)//[^\n]*|/\*.*?\*/", re.DOTALL)
_MODULE = re.compile(rf"(?:require\(\s*|from\s+|import\s+){_QUOTED}")
CLOSED = word_set("""
    fs path os url util assert fs/promises crypto events process
    """)


def read_node(text: str, call: Call, line: int) -> bool:
    """Note what a script uses; say whether that is all it can write. In its file it begins at `line`."""
    text = _COMMENT.sub(lambda found: "\n" * found.group().count("\n"), text)
    values = {found[1]: next(filter(None, found.groups()[1:]), "") for found in _CONSTANT.finditer(text)}
    modules = {
        next(filter(None, found.groups()), "").removeprefix("node:") for found in _MODULE.finditer(text)
    }
    is_closed = modules <= CLOSED
    for found in _WRITES.finditer(text):
        path = _path(text[found.start(1) :], values, call)
        noted = _at(call, text, found, line)
        if path is None:
            is_closed = False
        else:
            noted.write(path)
    for found in _READS.finditer(text):
        if path := _path(text[found.start(1) :], values, call):
            _at(call, text, found, line).read(path)
    for found in _LISTENS.finditer(text):
        if port := _port(found[1].strip(), values, call):
            _at(call, text, found, line).changes(f"port {port}")
    for found in re.finditer(_QUOTED, text):
        value = next(filter(None, found.groups()), "")
        if "://" in value:
            databases.note_databases_in(_at(call, text, found, line), value)
    return is_closed


def _at(call: Call, text: str, found: re.Match[str], line: int) -> Call:
    noted = call.named(call.name, ())
    begin = text.rfind("\n", 0, found.start()) + 1
    end = text.find("\n", found.start())
    noted.quote = text[begin : end if end >= 0 else len(text)].strip()
    noted.line = line + text.count("\n", 0, found.start())
    return noted


def _path(text: str, values: dict[str, str], call: Call) -> str | None:
    """Return the path that an argument begins with; None if it is not known."""
    if joined := _PATH_CALL.match(text):
        end = next(filter(None, joined.groups()[1:]), "")
        folder = call.scope.file.rpartition("/")[0] if joined[1] == "__dirname" else ""
        return f"{ROOT}/{folder}/{end}" if folder else f"{ROOT}/{end}"
    if quoted := re.match(_QUOTED, text):
        value = next(filter(None, quoted.groups()), "")
        return None if "${" in value else value
    name = re.match(r"\w+", text)
    return values.get(name.group()) if name else None


def _port(text: str, values: dict[str, str], call: Call) -> str | None:
    text = values.get(text, text)
    if text.isdigit():
        return text if int(text) else None
    if default := _DEFAULT.match(text):
        value = variable(default[1], default[2], call.scope)
        return value if value.isdigit() and OWN not in value and UNKNOWN not in value else None
    return None
