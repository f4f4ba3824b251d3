"""A squashed commit names the authors of all its commits, in any encoding."""

from __future__ import annotations

import os

import pytest

from porch_tui.git.merge.commits import Person, Squashed, commit_tree, squashed

ANN, BOB, CAT = (Person(name, f"{name.lower()}@x") for name in ("Ann", "Bob", "Cat"))


def commit(repo, author, text):
    env = {"GIT_AUTHOR_NAME": author.name, "GIT_AUTHOR_EMAIL": author.email}
    repo.git("commit", "-q", "--allow-empty", "-F", "-", stdin=text.encode(), env=env)


def kept(repo, base, *commits):
    for author, text in commits:
        commit(repo, author, text)
    return squashed(repo.opened(), base, repo.tip())


def test_the_first_author_stays_and_other_authors_and_signers_become_trailers(repo, old):
    squash = kept(
        repo,
        old,
        (ANN, "one\n\nSigned-off-by: Ann <ann@x>\n"),
        (BOB, "two\n\nCo-authored-by: Cat <cat@x>\nPorch-Resolved-By: x\nChange-Id: I1\n"),
        (CAT, "three\n\nsigned-off-by: ann <ann@x>\nReviewed-by: Dan <dan@x>\n"),
    )

    assert (("one", "two", "three"), ANN) == (squash.subjects, squash.author)
    assert squash.trailers == (
        "Signed-off-by: Ann <ann@x>",
        "Co-authored-by: Cat <cat@x>",
        "Reviewed-by: Dan <dan@x>",
        "Co-authored-by: Bob <bob@x>",
    )


def test_the_author_of_most_commits_is_the_author_and_no_co_author(repo, old):
    squash = kept(repo, old, (ANN, "one"), (BOB, "two\n\nCo-Authored-By: bob <BOB@x>\n"), (BOB, "three"))

    assert (BOB, ("Co-authored-by: Ann <ann@x>",)) == (squash.author, squash.trailers)


def test_nothing_to_squash_has_no_author(repo, old):
    assert Squashed((), None, ()) == kept(repo, old)


@pytest.mark.parametrize("encoding", ["ISO-8859-1", "UTF-16", "no-such-encoding"])
def test_messages_and_authors_are_right_in_any_commit_encoding(repo, old, encoding):
    repo.git("config", "i18n.commitEncoding", encoding)
    author = Person("Zoë", "zoe@x")
    message = "Größe ☃\n"

    made = commit_tree(
        repo.opened(), f"{old}^{{tree}}", old, None, message=message, date="1 +0000", author=author
    )

    raw = repo.git("cat-file", "commit", made)
    assert ("encoding" in raw, "Größe ☃" in raw, "author Zoë <zoe@x>" in raw) == (False, True, True)


def test_messages_in_another_encoding_are_read_as_text(repo, old):
    repo.git("config", "i18n.commitEncoding", "ISO-8859-1")
    author = Person(os.fsdecode("Zoë".encode("latin-1")), "zoe@x")
    env = {"GIT_AUTHOR_NAME": author.name, "GIT_AUTHOR_EMAIL": author.email}
    repo.git("commit", "-q", "--allow-empty", "-F", "-", stdin="Größe".encode("latin-1"), env=env)

    squash = squashed(repo.opened(), old, repo.tip())

    assert (("Größe",), Person("Zoë", "zoe@x")) == (squash.subjects, squash.author)
