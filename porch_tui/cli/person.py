"""Who decides: the person at the keyboard, by name."""

from __future__ import annotations

from porch_tui.git.repository import Repository
from porch_tui.process.user import user_name


def name_of_person(repository: Repository) -> str:
    """Return the name under which git would commit now, else the one they have logged in with."""
    ident = repository.git.run("var", "GIT_COMMITTER_IDENT", check=False)
    name = ident.stdout.decode("utf-8", "replace").partition(" <")[0].strip()
    return name if ident.code == 0 and name else user_name()
