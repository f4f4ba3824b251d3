"""Which merges need the files of the commit merged into, because the person's merge drivers do.

A driver is a command line that git runs at the top of a worktree. One that is kept in the repository, such as
`./tools/merge.sh %O %A %B`, or that reads files there, works only where these files are.
"""

from __future__ import annotations

import functools
import os
import re
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

from msgspec import Struct

from porch_tui.git.configuration import Effective, effective
from porch_tui.git.repository import Repository

_ASKED = re.compile(r"merge\..*|filter\..*\.(clean|process)|core\.attributesfile", re.DOTALL)
_WORD = re.compile(r"[^\s;|&<>()\"'`=]+")
_LOOKS_AT_NO_FILES = {":", "cat", "cp", "exit", "false", "git", "mergiraf", "true", "weave-driver"}
"""Programs that need nothing but the three versions they are given; of all others nobody knows."""
_FROM_NODE_MODULES = {"bunx", "node", "npm", "npx", "pnpm", "yarn"}


class Drivers(Struct, frozen=True):
    """What git is told about merging file by file."""

    commands: tuple[tuple[str, str], ...]
    """What names each in an attribute file, such as `merge=union`, with its command line."""
    default: str
    """The name of the driver for files that no attribute speaks of; empty if there is none."""
    attributes_file: str

    def in_force(self, repository: Repository, folder: Path) -> tuple[str, ...]:
        """The command lines that need files, of those that the attribute files in a folder may ask for."""
        needy = [(name, command) for name, command in self.commands if _needs_files(command)]
        if not needy:
            return ()
        text = "".join(_texts(repository, folder, self.attributes_file))
        asked = {*_WORD_OF_ATTRIBUTE.findall(text), f"merge={self.default}"}
        return tuple(command for name, command in needy if name in asked)


_WORD_OF_ATTRIBUTE = re.compile(r"(?<!\S)(?:merge|filter)=\S+")


def drivers(repository: Repository) -> Drivers:
    """What is configured now."""
    return _drivers(effective(repository))


def borrowed(root: Path, tree: Path, commands: tuple[str, ...]) -> Iterator[str]:
    """Yield what command lines name that is in the person's checkout at `root` without being tracked."""
    for command in commands:
        words = list(_words(command))
        if not _FROM_NODE_MODULES.isdisjoint(words):
            words.append("node_modules")
        for word in words:
            parts = PurePosixPath(word).parts
            if not parts or word.startswith("/") or ".." in parts or ".git" in parts:
                continue
            if not os.path.lexists(root / word) or os.path.lexists(tree / word):
                continue
            yield next(
                str(PurePosixPath(*parts[:count]))
                for count in range(1, len(parts) + 1)
                if not os.path.lexists(tree.joinpath(*parts[:count]))
            )


@functools.lru_cache(maxsize=4)
def _drivers(configured: Effective) -> Drivers:
    found = {name: value for name, value in configured.values().items() if _ASKED.fullmatch(name)}
    commands = [
        (f"merge={name[6:-7]}", value)
        for name, value in found.items()
        if name.startswith("merge.") and name.endswith(".driver")
    ]
    if found.get("merge.renormalize", "false").lower() not in ("false", "no", "off", "0"):
        commands += [
            (f"filter={name[7:].rpartition('.')[0]}", value)
            for name, value in found.items()
            if name.startswith("filter.")
        ]
    return Drivers(tuple(commands), found.get("merge.default", ""), found.get("core.attributesfile", ""))


def _texts(repository: Repository, folder: Path, attributes_file: str) -> Iterator[str]:
    home = os.environ.get("HOME", "")
    usual = Path(os.environ.get("XDG_CONFIG_HOME") or f"{home}/.config") / "git" / "attributes"
    beside = (repository.common_dir / "info" / "attributes", Path("/etc/gitattributes"))
    own = Path(attributes_file.replace("~", home, 1)) if attributes_file else usual
    for file in (*folder.rglob(".gitattributes"), *beside, own):
        try:
            yield file.read_text("utf-8", "surrogateescape") + "\n"
        except OSError:
            continue


def _needs_files(command: str) -> bool:
    first = next(iter(_words(command)), ":")
    is_known = PurePosixPath(first).name in _LOOKS_AT_NO_FILES
    return not is_known or any("/" in word and not word.startswith(("/", "-")) for word in _words(command))


def _words(command: str) -> Iterator[str]:
    """Yield the words of a command line that may be names of files."""
    for word in _WORD.findall(command):
        if not word.startswith(("-", "%", "$")):
            yield word.removeprefix("./")
