"""The commits that porch makes: their message, trailers and author, what a squash keeps, and signatures."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from msgspec import Struct

from porch_tui.errors import RepositoryError
from porch_tui.git.configuration import effective
from porch_tui.git.objects import note_tree
from porch_tui.git.repository import Repository
from porch_tui.git.runner import Argument, Completed

_FIELD, _RECORD = "\x1f", "\x1d"
_FORMAT = "%an%x1f%ae%x1f%s%x1f%(trailers:only,unfold,separator=%x1f)%x1d"

_SIGNING_TIMEOUT_S = 60.0
"""For a person to type a pass phrase; without a terminal to ask on, gpg gives up after 1 s."""
_NO_TERMINAL = {"GPG_TTY": ""}
"""Else the agent would ask for the pass phrase there: on porch's screen, or where no one looks any more."""


class SigningError(RepositoryError):
    """A commit could not be signed."""


class Person(Struct, frozen=True):
    """An author, as git has it."""

    name: str
    email: str

    def __str__(self) -> str:
        return f"{self.name} <{self.email}>"


class Squashed(Struct, frozen=True):
    """What is kept of commits that become one."""

    subjects: tuple[str, ...]
    """First lines, oldest commit first."""
    author: Person | None
    """The author of most of the commits; of several the first. None if git would not accept that author."""
    trailers: tuple[str, ...]
    """Signed-off-by and others like it, in their order; then each other author as Co-authored-by."""


def commit_tree(
    repository: Repository,
    tree: str,
    first_parent: str,
    second_parent: str | None,
    *,
    message: str,
    date: str,
    author: Person | None = None,
    sign: bool = False,
) -> str:
    """Make a commit of a tree: the same arguments give the same object id, unless it is signed.

    With a second parent it is a merge commit; without an author it is the person's. Raises `SigningError`
    if it cannot be signed.
    """
    second = ("-p", second_parent) if second_parent else ()
    dated = {"GIT_AUTHOR_DATE": f"@{date}", "GIT_COMMITTER_DATE": f"@{date}"}
    if author is not None:
        dated |= {"GIT_AUTHOR_NAME": author.name, "GIT_AUTHOR_EMAIL": author.email}
    args = (tree, "-p", first_parent, *second, "-F", "-")
    text = message.encode("utf-8", "surrogateescape")
    if sign:
        made = _sign(repository, args, dated | _NO_TERMINAL, text)
    else:
        made = repository.git.run("commit-tree", "--no-gpg-sign", *args, stdin=text, env=dated)
    commit = made.stdout.decode().strip()
    note_tree(commit, tree)
    return commit


def with_trailers(repository: Repository, text: str, trailers: Sequence[str]) -> str:
    """Return a commit message with more trailers; the person's trailer settings do not count."""
    given = [word for trailer in trailers for word in ("--trailer", trailer)]
    how = ("--no-divider", "--where=end", "--if-exists=add", "--if-missing=add")
    made = repository.git.run(
        "-c", "trailer.separators=:", "interpret-trailers", *how, *given,
        stdin=text.encode("utf-8", "surrogateescape"),
    )  # fmt: skip
    return made.stdout.decode("utf-8", "surrogateescape")


def squashed(repository: Repository, onto: str, head: str) -> Squashed:
    """Return what is kept of the commits that `head` has and `onto` has not, without merges."""
    command = ("log", "--reverse", "--no-merges", f"--format={_FORMAT}", f"{onto}..{head}")
    output = repository.git.run("-c", "trailer.separators=:", *command).stdout
    listed = output.decode("utf-8", "surrogateescape").split(_RECORD)
    commits = [record.lstrip("\n").split(_FIELD) for record in listed if record.strip()]
    authors = [Person(name, email) for name, email, *_ in commits]
    counted = Counter(one.email.lower() for one in authors)
    author = max(authors, key=lambda one: counted[one.email.lower()], default=None)
    return Squashed(
        subjects=tuple(subject for _, _, subject, *_ in commits),
        author=author if author and author.name.strip() and author.email.strip() else None,
        trailers=tuple(_trailers(author, authors, [one for commit in commits for one in commit[3:]])),
    )


def _trailers(author: Person | None, authors: Sequence[Person], trailers: Sequence[str]) -> Iterator[str]:
    """Yield the trailers that name a person, each once, and then each other author who is not among them."""
    own = author.email.lower() if author else ""
    seen: set[str] = set()
    co_authors = ""
    for trailer in trailers:
        folded = trailer.lower()
        key, _, value = (part.strip() for part in folded.partition(":"))
        if not key.endswith("-by") or key.startswith("porch-") or folded in seen:
            continue
        seen.add(folded)
        if key == "co-authored-by":
            co_authors += value
            if author and f"<{own}>" in value:
                continue
        yield trailer
    emails = {own} if author else set()
    for one in authors:
        email = one.email.lower()
        if email not in emails and f"<{email}>" not in co_authors:
            yield f"Co-authored-by: {one}"
        emails.add(email)


def wants_signatures(repository: Repository) -> bool:
    """Whether the person signs commits. The plumbing that porch commits with does not look at that."""
    return effective(repository).is_on("commit.gpgsign")


def check_signing(repository: Repository, timeout_s: float = _SIGNING_TIMEOUT_S) -> None:
    """Sign one commit as a test, while a person can type a pass phrase. Raises `SigningError`."""
    _sign(repository, ("-m", "porch: can this be signed?", "HEAD^{tree}"), {}, b"", timeout_s)


def _sign(
    repository: Repository,
    args: tuple[Argument, ...],
    env: Mapping[str, str],
    stdin: bytes,
    timeout_s: float = _SIGNING_TIMEOUT_S,
) -> Completed:
    words = ("commit-tree", "-S", *args)
    done = repository.git.run(*words, env=env, stdin=stdin, check=False, timeout_s=timeout_s)
    if done.code != 0:
        raise SigningError(
            f"commits must be signed here (commit.gpgSign), and signing fails: {done.stderr.strip()}. Find "
            "out why, or unlock the key in its agent, with: git commit-tree -S -m try 'HEAD^{tree}'; or set "
            "commit.gpgSign to false."
        )
    return done
