"""Let git make objects that the repository never gets to see.

What is only made to be looked at (a merge nobody asked for, work nobody committed) would else lie
about in the person's object store until a `gc` weeks later. Whoever made the folder deletes it.
"""

from __future__ import annotations

from pathlib import Path

from porch_tui.git.repository import Repository

_ESCAPES = str.maketrans({"\\": "\\\\", '"': '\\"', "\n": "\\n"})


def quarantine(repository: Repository, folder: Path) -> dict[str, str]:
    """The environment in which git writes new objects into `folder`, and reads the repository's too.

    The folder is made if it is not there. Objects in it are visible to git in this environment only.
    """
    known = folder / "info" / "alternates"
    if not known.exists():
        known.parent.mkdir(parents=True, exist_ok=True)
        objects = str(repository.common_dir / "objects").translate(_ESCAPES)
        known.write_text(f'"{objects}"\n', "utf-8", "surrogateescape")
    return {"GIT_OBJECT_DIRECTORY": str(folder)}
