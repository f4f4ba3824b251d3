"""What a checkout has here and has not on another machine, although its commit is there."""

from __future__ import annotations

import re

from msgspec import Struct

from porch_tui.git.repository import Repository

_OF_LFS = re.compile(r"^\s*([^#\s]\S*)\s.*\bfilter=lfs\b", re.MULTILINE)
_ATTRIBUTES = ".gitattributes"


class NotCarried(Struct, frozen=True):
    """What comes from elsewhere than the objects of the repository."""

    submodules: tuple[str, ...] = ()
    """Their paths."""
    lfs: tuple[str, ...] = ()
    """Patterns of files whose content git-lfs keeps."""


def not_carried(repository: Repository, commit: str) -> NotCarried:
    """Return what the files of a commit leave to others. GitError."""
    git = repository.main.git
    submodules, lfs = [], dict[str, None]()
    for line in git.paths("ls-tree", "-rz", "--full-tree", commit):
        about, _, path = line.partition("\t")
        mode, _, oid = about.split(" ")[:3]
        if mode == "160000":
            submodules.append(path)
        elif path.rpartition("/")[2] == _ATTRIBUTES:
            text = git.run("cat-file", "blob", oid).stdout.decode("utf-8", "replace")
            folder = path.removesuffix(_ATTRIBUTES)
            lfs |= dict.fromkeys(f"{folder}{pattern}" for pattern in _OF_LFS.findall(text))
    return NotCarried(tuple(submodules), tuple(lfs))
