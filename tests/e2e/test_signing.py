"""What lands is signed where the person signs commits; a key that fails is found before anything runs."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from porch_tui.core.model import events as e
from project import Project, kill, until

pytestmark = pytest.mark.slow

needs_ssh = pytest.mark.skipif(shutil.which("ssh-keygen") is None, reason="signs with an ssh key")
needs_gpg = pytest.mark.skipif(shutil.which("gpg") is None, reason="signs with gpg")
PLAN = "validate: test -e a\ntasks:\n  a: {run: 'echo a > a'}\n  b: {run: 'echo b > b', after: [a]}\n"


@pytest.fixture
def signed(project: Project, tmp_path: Path) -> Project:
    """A project of a person who signs, with a key whose signatures differ each time."""
    key = tmp_path / "key"
    subprocess.run(["ssh-keygen", "-q", "-t", "ecdsa", "-N", "", "-f", key], check=True)
    (tmp_path / "allowed").write_text(f"ada@example.org {key.with_suffix('.pub').read_text()}")
    project.plan(PLAN)
    project.git("config", "gpg.format", "ssh")
    project.git("config", "user.signingKey", str(key))
    project.git("config", "gpg.ssh.allowedSignersFile", str(tmp_path / "allowed"))
    project.git("config", "commit.gpgSign", "true")
    return project


@pytest.fixture
def keyring(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """An empty home for gpg, with an agent of its own; no terminal to ask on."""
    home = Path(tempfile.mkdtemp(prefix="porch-gpg-", dir="/tmp"))  # sockets lie there: 107 bytes at most
    monkeypatch.setenv("GNUPGHOME", str(home))
    for name in ("GPG_TTY", "DISPLAY", "WAYLAND_DISPLAY"):
        monkeypatch.delenv(name, raising=False)
    yield home
    subprocess.run(["gpgconf", "--kill", "all"], check=True)
    shutil.rmtree(home)


def by_gpg(project: Project, phrase: str) -> Project:
    """Let Ada sign with a new gpg key that has this pass phrase."""
    ada, quick = "Ada <ada@example.org>", ["--quick-generate-key", "ed25519", "sign", "never"]
    how = ["--batch", "--quiet", "--pinentry-mode", "loopback", "--passphrase", phrase]
    subprocess.run(["gpg", *how, quick[0], ada, *quick[1:]], check=True, capture_output=True)
    subprocess.run(["gpgconf", "--kill", "gpg-agent"], check=True)  # it would remember the phrase
    project.plan(PLAN)
    project.git("config", "user.signingKey", "ada@example.org")
    project.git("config", "commit.gpgSign", "true")
    return project


def verdicts(project: Project) -> list[str]:
    """Return git's verdict on the signature of each landing: G is good, N is none."""
    return project.git("log", "--first-parent", "--format=%G?", "-2", "main").split()


@needs_ssh
def test_landings_are_signed_and_commits_of_tasks_are_not(signed: Project):
    signed.porch("run", "--headless")

    assert (["b", "a"], ["G", "G"]) == (signed.landed(), verdicts(signed))
    assert "N" == signed.git("log", "-1", "--format=%G?", "main^2")
    candidates = [event.candidate for event in signed.events(e.CandidateBuilt)]
    assert {"N"} == {signed.git("log", "-1", "--format=%G?", one) for one in candidates}


@needs_gpg
def test_landings_are_signed_by_gpg(project: Project, keyring: Path):
    by_gpg(project, phrase="")

    project.porch("run", "--headless")

    assert (["b", "a"], ["G", "G"]) == (project.landed(), verdicts(project))
    project.git("verify-commit", "main")


@needs_gpg
def test_a_pass_phrase_that_cannot_be_typed_is_reported_before_anything_runs(project: Project, keyring: Path):
    by_gpg(project, phrase="secret")

    result = project.porch("run", "--headless", expect=3)

    assert "commits must be signed here (commit.gpgSign), and signing fails" in result.stderr
    assert "git commit-tree -S -m try" in result.stderr
    assert not project.records() and not (project.root.parent / "app-a").exists()


@needs_gpg
def test_a_key_that_is_locked_meanwhile_holds_the_landing_until_a_person_unlocks_it(
    project: Project, keyring: Path
):
    by_gpg(project, phrase="")
    locked, program = keyring / "locked", keyring / "sign"
    program.write_text(f'#!/bin/sh\ntest ! -e {locked} && exec gpg "$@"\n')
    program.chmod(0o755)
    project.git("config", "gpg.program", str(program))
    project.plan(PLAN.replace("echo a", f"touch {locked}; echo a"))

    project.porch("run", "--headless", expect=1)
    assert {"a": "blocked", "b": "waiting"} == project.outcomes()
    [need] = (one for one in project.status()["needs_you"] if one["task"] == "a")
    assert "signing fails" in need["why"] and "porch requeue a" == need["next"]
    locked.unlink()
    project.porch("requeue", "a")
    project.porch("resume", "--headless")

    assert (["b", "a"], ["G", "G"]) == (project.landed(), verdicts(project))


@needs_ssh
def test_a_key_that_fails_is_reported_before_anything_runs(signed: Project):
    signed.git("config", "user.signingKey", "/nowhere/key")

    result = signed.porch("run", "--headless", expect=3)

    assert "commits must be signed here (commit.gpgSign), and signing fails" in result.stderr
    assert not signed.records() and not (signed.root.parent / "app-a").exists()


@needs_ssh
def test_an_unrecorded_signed_landing_is_found_and_not_repeated(signed: Project):
    """As if the engine died after git had landed it and before the journal recorded it."""
    signed.porch("run", "--headless")
    tip = signed.git("rev-parse", "main")
    journal = signed.rundir.journal
    lines = journal.read_bytes().splitlines(keepends=True)
    landings = [n for n, line in enumerate(lines) if b'"Landed"' in line]
    journal.write_bytes(b"".join(lines[: landings[-1]]))

    signed.porch("resume", "--headless")

    assert tip == signed.git("rev-parse", "main")
    assert ["a", "b"] == [event.task for event in signed.events(e.Landed)]


@needs_ssh
def test_a_signed_landing_interrupted_between_files_and_refs_is_completed_once(signed: Project):
    hook = signed.root / ".git" / "hooks" / "post-index-change"
    begun, hold = signed.root.parent / "begun", signed.write(".git/hooks/hold", "")
    hook.write_text(
        "#!/bin/sh\ngit diff --cached --quiet HEAD && exit 0\n"
        f'test "$(git rev-parse --show-toplevel)" = {signed.root} || exit 0\n'
        f"touch {begun}; while test -e {hold}; do sleep 0.02; done\n"
    )
    hook.chmod(0o755)

    process = signed.begin("run", "--headless")
    until(begun.exists, "git to have changed the files")
    kill(process)
    hold.unlink()
    hook.unlink()
    signed.porch("resume", "--headless")

    assert (["b", "a"], ["G", "G"]) == (signed.landed(), verdicts(signed))
    assert ["a", "b"] == [event.task for event in signed.events(e.Landed)]
    assert "" == signed.git("status", "--porcelain")
