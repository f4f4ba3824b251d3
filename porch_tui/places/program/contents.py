"""The program that a host gets: the modules of porch that its side needs, as a zip named by their hash.

One content gives one name, whoever packs it, so that a host keeps it for all who have the same porch.
"""

from __future__ import annotations

import hashlib
import io
import re
import zipfile
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from pathlib import Path

from msgspec import Struct

ENTRY = "porch_tui.places.host.__main__"
FINDINGS = "porch_tui.places.host.findings"
START = "start.py"
"""What is run on the host, with the name of a module and the words for its `main`."""

_PACKAGE = Path(__file__).parents[2]
_OWN_FILES = {
    START: "places/program/start.py",
    "stand_in/msgspec.py": "places/program/msgspec_stand_in.py",
}
"""Names in the program of files that are elsewhere in porch."""
_STARTED = "process/supervisor/*.py"
"""Programs of their own, which no module imports."""
_READ = "agents/presets/*.toml"
"""Data."""
_IMPORT = re.compile(
    r"^[ \t]*(?:from (?P<where>porch_tui[\w.]*) import (?P<what>\([^)]*\)|[^\n]*)"
    r"|import (?P<module>porch_tui[\w.]*))",
    re.MULTILINE,
)
_LONG_AGO = (1980, 1, 1, 0, 0, 0)
"""The time of each file: bytes must not depend on when they were packed."""


class Program(Struct, frozen=True):
    """What is sent."""

    name: str
    """Hash of its files, in hexadecimal digits."""
    data: bytes
    """A zip."""


@cache
def host_program() -> Program:
    """Return the program of this porch, packed at the first call (50 ms)."""
    return packed(contents(ENTRY, FINDINGS))


def packed(files: Mapping[str, bytes]) -> Program:
    """Return files, by their names in it, as a program."""
    digest, archive = hashlib.sha256(), io.BytesIO()
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as packing:
        for name, content in sorted(files.items()):
            digest.update(b"%s\0%d\0%s" % (name.encode(), len(content), content))
            packing.writestr(zipfile.ZipInfo(name, _LONG_AGO), content, zipfile.ZIP_DEFLATED)
    return Program(digest.hexdigest()[:32], archive.getvalue())


def contents(*entries: str) -> dict[str, bytes]:
    """Return the files of a program that runs some modules: these, and all of porch that they may import."""
    started = (_name(path).removesuffix(".py").replace("/", ".") for path in _PACKAGE.glob(_STARTED))
    files = {_name(path): content for path, content in _closure((*entries, *started)).items()}
    files |= {_name(path): path.read_bytes() for path in _PACKAGE.glob(_READ)}
    return files | {name: (_PACKAGE / path).read_bytes() for name, path in _OWN_FILES.items()}


def _name(path: Path) -> str:
    return path.relative_to(_PACKAGE.parent).as_posix()


def _closure(entries: Iterable[str]) -> dict[Path, bytes]:
    """Return the source of modules and of all they import, at once or later, for types only or not."""
    found: dict[Path, bytes] = {}
    waiting, seen = list(entries), set(entries)
    while waiting:
        if path := _path(waiting.pop()):
            found[path] = path.read_bytes()
            new = set(_imports(found[path].decode())) | set(_packages(path)) - seen
            waiting += new - seen
            seen |= new
    return found


def _path(module: str) -> Path | None:
    """Return the file of a module; None if it is a name in one."""
    path = _PACKAGE.joinpath(*module.split(".")[1:])
    return next((one for one in (path.with_suffix(".py"), path / "__init__.py") if one.is_file()), None)


def _packages(path: Path) -> Iterator[str]:
    parts = path.relative_to(_PACKAGE.parent).parent.parts
    return (".".join(parts[: end + 1]) for end in range(len(parts)))


def _imports(text: str) -> Iterator[str]:
    for found in _IMPORT.finditer(text):
        if found["module"]:
            yield found["module"]
        else:
            yield found["where"]
            yield from (f"{found['where']}.{name}" for name in re.findall(r"\w+", found["what"]))
