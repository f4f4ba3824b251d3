"""What one commit says of those it stands for: their first lines, their authors, who signed them off."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from msgspec import Struct

from porch_tui.git.repository import Repository

_FIELD, _RECORD = "\x1f", "\x1d"
_FORMAT = "%an%x1f%ae%x1f%s%x1f%(trailers:only,unfold,separator=%x1f)%x1d"


class Person(Struct, frozen=True):
    """An author as git knows one."""

    name: str
    email: str

    def __str__(self) -> str:
        return f"{self.name} <{self.email}>"


class Squashed(Struct, frozen=True):
    """What is kept of the commits that become one."""

    subjects: tuple[str, ...]
    """First lines, oldest commit first."""
    author: Person | None
    """Who wrote most of the commits; of several the first. None if git would not take such an author."""
    trailers: tuple[str, ...]
    """Signed-off-by and others like it, in their order; then each further author as Co-authored-by."""


def squashed(repository: Repository, onto: str, head: str) -> Squashed:
    """Return what is kept of the commits that `head` has and `onto` has not, merges left out."""
    asked = ("log", "--reverse", "--no-merges", f"--format={_FORMAT}", f"{onto}..{head}")
    told = repository.git.run("-c", "trailer.separators=:", *asked).stdout.decode("utf-8", "surrogateescape")
    commits = [record.lstrip("\n").split(_FIELD) for record in told.split(_RECORD) if record.strip()]
    authors = [Person(name, email) for name, email, *_ in commits]
    author = _first_of_most(authors)
    signed = tuple(_trailers(trailer for _, _, _, *trailers in commits for trailer in trailers))
    return Squashed(
        subjects=tuple(subject for _, _, subject, *_ in commits),
        author=author if author and author.name.strip() and author.email.strip() else None,
        trailers=(*(one for one in signed if not _is_author(one, author)), *_others(author, authors, signed)),
    )


def _first_of_most(authors: Sequence[Person]) -> Person | None:
    counted = Counter(one.email.lower() for one in authors)
    return max(authors, key=lambda one: counted[one.email.lower()], default=None)


def _trailers(found: Iterator[str]) -> Iterator[str]:
    """Yield the trailers that say something of a person, each once."""
    seen = set()
    for trailer in found:
        key = trailer.partition(":")[0].strip().lower()
        if key.endswith("-by") and not key.startswith("porch-") and trailer.lower() not in seen:
            seen.add(trailer.lower())
            yield trailer


def _is_author(trailer: str, author: Person | None) -> bool:
    """Whether a trailer names the author as a further author."""
    key, _, value = trailer.partition(":")
    is_of_author = author is not None and f"<{author.email.lower()}>" in value.lower()
    return key.strip().lower() == "co-authored-by" and is_of_author


def _others(author: Person | None, authors: Sequence[Person], signed: Sequence[str]) -> Iterator[str]:
    named = [one.lower() for one in signed if one.lower().startswith("co-authored-by")]
    seen = {author.email.lower()} if author else set()
    for one in authors:
        email = one.email.lower()
        if email not in seen and not any(f"<{email}>" in trailer for trailer in named):
            yield f"Co-authored-by: {one}"
        seen.add(email)
