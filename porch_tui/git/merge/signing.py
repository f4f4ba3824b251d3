"""Signatures, where the person signs commits: by ssh, gpg or whatever git is told to use.

The plumbing porch commits with does not look at `commit.gpgSign`; so porch asks, and
says what to do when a key will not sign: nobody may be there to give its pass phrase.
"""

from __future__ import annotations

from porch_tui.errors import RepositoryError
from porch_tui.git.configuration import effective
from porch_tui.git.repository import Repository
from porch_tui.git.runner import Argument, Completed

PATIENCE_S = 60.0
"""For somebody to type a pass phrase; without a terminal to ask on gpg gives up after 1 s."""
TRY = "git commit-tree -S -m try 'HEAD^{tree}'"
NO_TERMINAL = {"GPG_TTY": ""}
"""The agent would ask for the pass phrase there: upon the screen, or where nobody looks any more."""


class SigningError(RepositoryError):
    """A commit could not be signed."""

    def __init__(self, said: str) -> None:
        super().__init__(
            f"commits are to be signed here (commit.gpgSign), and signing fails: {said.strip()}. Find out "
            f"why, or unlock the key in its agent, with: {TRY}; or set commit.gpgSign to false."
        )


def wants_signatures(repository: Repository) -> bool:
    """Whether the person signs commits."""
    return effective(repository).is_on("commit.gpgsign")


def check_signing(repository: Repository, patience_s: float = PATIENCE_S) -> None:
    """Sign one commit for nothing, so that a key that cannot shows now. Raises `SigningError`.

    Before a run a person is there to type: a pass phrase may be asked for on the terminal.
    """
    _sign(repository, ("-m", "porch: can this be signed?", "HEAD^{tree}"), {}, b"", patience_s)


def signed_commit(
    repository: Repository, args: tuple[Argument, ...], env: dict[str, str], stdin: bytes
) -> Completed:
    """Run `git commit-tree -S` with these arguments; nobody is asked on a terminal. Raises `SigningError`."""
    return _sign(repository, args, env | NO_TERMINAL, stdin, PATIENCE_S)


def _sign(
    repository: Repository,
    args: tuple[Argument, ...],
    env: dict[str, str],
    stdin: bytes,
    patience_s: float,
) -> Completed:
    done = repository.git.run(
        "commit-tree", "-S", *args, env=env, stdin=stdin, check=False, patience_s=patience_s
    )
    if done.code != 0:
        raise SigningError(done.stderr)
    return done
