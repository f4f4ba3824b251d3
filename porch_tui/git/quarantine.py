"""Let git make objects that the repository never gets to see.

What is only made to be looked at (a merge nobody asked for, work nobody committed) would else lie
about in the person's object store until a `gc` weeks later. Whoever made the folder deletes it.
"""

from __future__ import annotations

from pathlib import Path

from porch_tui.git.repository import Repository

_ESCAPES = str.maketrans({"\\": "\\\\", '"': '\\"', "\n": "\\n"})


def quarantine(repository: Repository, folder: Path, clone: Path | None = None) -> dict[str, str]:
    """The environment in which git writes new objects into `folder`, and reads the repository's too.

    The folder is made if it is not there. Objects in it are visible to git in this environment only.
    From then on it reads those of a `clone` too, which is the root of one.
    """
    known = quarantined(repository.common_dir, folder)
    if clone is not None:
        line, text = _line(clone / ".git"), known.read_text("utf-8", "surrogateescape")
        if line not in text:
            known.write_text(text + line, "utf-8", "surrogateescape")
    return {"GIT_OBJECT_DIRECTORY": str(folder)}


def quarantined(common_dir: Path, folder: Path) -> Path:
    """Make `folder` a place for objects from which git reads those of a repository too; return its list."""
    known = folder / "info" / "alternates"
    if not known.exists():
        known.parent.mkdir(parents=True, exist_ok=True)
        known.write_text(_line(common_dir), "utf-8", "surrogateescape")
    return known


def _line(git_dir: Path) -> str:
    objects = str(git_dir / "objects").translate(_ESCAPES)
    return f'"{objects}"\n'
