"""Killed at any step, and in the middle of git: bases and results are there with all they need, or not."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import tempfile
import threading
from collections.abc import Iterator
from itertools import count
from pathlib import Path

import pytest
from killing import in_child, kill_at

from porch_tui.git import objects, refs
from porch_tui.git.repository import Repository
from porch_tui.git.transfer import bundles, packs
from porch_tui.git.transfer.packs import Choice, Kind
from tests.git.transfer.conftest import HEAD, Host, bundle, give, on_disk, sent

GC = ("git", "gc", "-q", "--prune=now")


@pytest.fixture(autouse=True)
def _sweeps_at_once(monkeypatch) -> None:
    monkeypatch.setattr(objects, "_SURELY_LOCKED_S", -1.0)


def leftovers(common_dir: Path) -> list[str]:
    """What a transfer makes on its way, and nothing may keep."""
    patterns = ("**/*.lock", "**/tmp_*", "objects/pack/*.keep", "porch/made/*", "**/*.tmp")
    found = {path for pattern in patterns for path in common_dir.glob(pattern)}
    return sorted(str(one.relative_to(common_dir)) for one in found if one.parent.name != "porch")


def fsck(root: Path) -> str:
    words = ["git", "fsck", "--no-dangling", "--full"]
    done = subprocess.run(words, cwd=root, capture_output=True, text=True, check=False)
    lines = (done.stdout + done.stderr).splitlines()
    return "\n".join(line for line in lines if "unborn branch" not in line)


class Bases:
    """A host with an older base, and a file with a later one in each form."""

    def __init__(self, repo, host: Host, folder: Path) -> None:
        self.host, self.first = host, repo.tip()
        give(repo.opened(), host.opened, self.first)
        self.base = repo.commit({f"d{number}/f": f"{number}\n" * 50 for number in range(40)})
        self.folder = folder
        full = packs.choose(repo.opened(), self.base, packs.tips(host.opened), is_full=True)
        thin = packs.choose(repo.opened(), self.base, packs.tips(host.opened))
        self.files = {}
        for choice in (full, thin):
            self.files[choice.kind] = folder / choice.kind
            with sent(repo.opened(), self.base, choice) as file:
                file.seek(0)
                self.files[choice.kind].write_bytes(file.read())

    def copy(self, name: str) -> Host:
        """Copy the host as it was."""
        root = self.folder / name
        shutil.copytree(self.host.root, root)
        return Host(root)

    def receive(self, host: Host, kind: Kind) -> None:
        with self.files[kind].open("rb") as file:
            packs.receive(host.opened, self.base, file)

    def is_well(self, host: Host, kind: Kind) -> None:
        """After a new start: what is there is whole, and the rest can be had."""
        host.again()
        assert fsck(host.root) == ""
        if packs.has(host.opened, self.base, is_full=kind == Kind.FULL):
            assert host.git("rev-parse", f"{self.base}:d39/f")
        self.receive(host, kind)
        host.again()
        assert packs.has(host.opened, self.base, is_full=kind == Kind.FULL)
        assert fsck(host.root) == ""
        assert leftovers(host.opened.common_dir) == []
        assert host.git("rev-list", "--count", self.base) == ("2" if kind == Kind.FULL else "1")


@pytest.fixture
def bases(repo, host, tmp_path) -> Bases:
    return Bases(repo, host, tmp_path)


def steps(every: int) -> Iterator[int]:
    return count(0, every)


@pytest.mark.parametrize("every", [16, pytest.param(3, marks=pytest.mark.slow)])
@pytest.mark.parametrize("kind", [Kind.THIN, Kind.FULL])
def test_a_host_that_is_killed_at_any_step_has_the_base_or_gets_it_again(bases, kind, every):
    for step in steps(every):
        host = bases.copy(f"host-{step}")

        def killed(host: Host = host, step: int = step) -> None:
            kill_at(step)
            bases.receive(host, kind)

        code = in_child(killed)
        bases.is_well(host, kind)
        if code == 0:
            break
        assert code == -signal.SIGKILL
    assert step >= 16


@pytest.mark.parametrize("every", [16, pytest.param(3, marks=pytest.mark.slow)])
def test_an_engine_that_is_killed_at_any_step_has_the_result_or_takes_it_again(repo, host, tmp_path, every):
    base = repo.tip()
    give(repo.opened(), host.opened, base)
    head = host.commit(host.worktree(base), {"new": "mine\n"})
    other = "refs/porch/run/left/auth/1"
    result, content = bundle(host.opened, base, {HEAD: head, other: head})
    for step in steps(every):
        root = tmp_path / f"copy-{step}"
        shutil.copytree(repo.root, root)
        repository = Repository(root, root / ".git", root / ".git", "app")

        def take(repository: Repository = repository) -> None:
            with on_disk(content) as file:
                bundles.take(repository, base, result.refs, file, allowed=[HEAD, other])

        def killed(step: int = step) -> None:
            kill_at(step)
            take()

        code = in_child(killed)
        objects.sweep(repository.common_dir)
        assert fsck(root) == ""
        take()
        objects.sweep(repository.common_dir)
        assert fsck(root) == ""
        assert leftovers(repository.common_dir) == []
        assert [refs.read(repository, ref) for ref in (HEAD, other)] == [head, head]
        if code == 0:
            break
    assert step >= 16


def test_a_host_that_dies_with_git_in_the_middle_of_a_pack_gets_it_again(repo, host, until):
    """Power loss, or the end of a container: git is killed with porch, and so removes nothing."""
    base = repo.commit({"large": os.urandom(3_000_000)})
    reading, writing = os.pipe()
    with sent(repo.opened(), base, Choice(Kind.SNAPSHOT)) as file:
        file.seek(0)
        whole = file.read()
    made = host.opened.common_dir / "porch" / "made"
    (made / "dead" / "pack").mkdir(parents=True)
    env = os.environ | {"GIT_OBJECT_DIRECTORY": str(made / "dead")}
    with os.fdopen(reading, "rb") as source:
        words = ["git", "index-pack", "--stdin"]
        git = subprocess.Popen(words, cwd=host.root, env=env, stdin=source, stderr=subprocess.DEVNULL)
    os.write(writing, whole[whole.index(b"PACK") :][:60_000])
    until(lambda: any(made.glob("dead/pack/tmp_pack_*")))
    git.kill()
    git.wait()
    os.close(writing)
    for name in ("shallow.lock", f"refs/porch/base/{base}.lock", "packed-refs.lock", "config.lock"):
        (host.opened.common_dir / name).parent.mkdir(parents=True, exist_ok=True)
        (host.opened.common_dir / name).touch()

    host.again()
    with on_disk(whole) as file:
        packs.receive(host.opened, base, file)

    assert packs.has(host.opened, base)
    assert leftovers(host.opened.common_dir) == []
    assert fsck(host.root) == ""


class Collecting:
    """Runs `git gc --prune=now` again and again, as a task or a person may."""

    def __init__(self, root: Path) -> None:
        self._root, self._is_over = root, threading.Event()
        self.rounds, self.failed = 0, list[str]()
        self._thread = threading.Thread(target=self._collect)

    def __enter__(self) -> Collecting:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._is_over.set()
        self._thread.join()

    def _collect(self) -> None:
        while not self._is_over.is_set():
            done = subprocess.run(GC, cwd=self._root, capture_output=True, text=True, check=False)
            self.failed += [done.stderr] if done.returncode else []
            self.rounds += 1


def test_results_are_taken_whole_while_gc_runs(repo, host):
    base = repo.tip()
    give(repo.opened(), host.opened, base)
    place = host.worktree(base)
    with Collecting(repo.root) as gc:
        for number in range(6):
            head = host.commit(place, {f"f{number}": f"{number}\n"})
            ref = f"refs/porch/run/head/{number}"
            result, content = bundle(host.opened, base, {ref: head})
            with on_disk(content) as file:
                bundles.take(repo.opened(), base, result.refs, file, allowed=[ref])

    assert gc.failed == []
    assert gc.rounds > 1
    assert fsck(repo.root) == ""
    assert len(repo.kept("refs/porch/run/head/")) == 6


def test_bases_arrive_whole_while_a_task_runs_gc(repo, host):
    with Collecting(host.root) as gc:
        for number in range(6):
            base = repo.commit({f"f{number}": f"{number}\n"})
            give(repo.opened(), host.opened, base)
            assert packs.has(host.opened, base)

    # a gc that read `shallow` before a base came, and the refs after, gives up; it has deleted nothing then
    assert len(gc.failed) < gc.rounds
    assert fsck(host.root) == ""
    assert len(packs.tips(host.opened).bases) == 6


def test_a_prune_that_has_looked_before_a_base_has_its_ref_does_not_make_it_miss_its_parents(
    repo, host, monkeypatch
):
    """The worst moment: between the first note of the base in `shallow`, and its ref."""
    publish = objects.NewObjects.publish

    def after_prune(made: objects.NewObjects) -> None:
        subprocess.run(["git", "prune"], cwd=host.root, check=True)
        publish(made)

    give(repo.opened(), host.opened, repo.tip())
    base = repo.commit({"f": "two\n"})
    monkeypatch.setattr(objects.NewObjects, "publish", after_prune)

    give(repo.opened(), host.opened, base)

    assert packs.has(host.opened, base)
    assert fsck(host.root) == ""


@pytest.mark.slow
def test_a_bundle_that_is_larger_than_memory_allows_is_made_and_taken(repo, host, tmp_path):
    """In files, not in porch's memory: its peak hardly moves."""
    base = repo.tip()
    give(repo.opened(), host.opened, base)
    head = host.commit(host.worktree(base), {f"f{number}": os.urandom(8 << 20) for number in range(4)})

    def peak_mb() -> float:
        for line in Path("/proc/self/status").read_text().splitlines():
            if line.startswith("VmHWM"):
                return int(line.split()[1]) / 1024
        pytest.skip("no /proc here")

    def move() -> None:
        before = peak_mb()
        with tempfile.TemporaryFile(dir=tmp_path) as file:
            result = bundles.make(host.opened, base, {HEAD: head}, file)
            assert result.size_bytes > 32 << 20
            bundles.take(repo.opened(), base, result.refs, file, allowed=[HEAD])
        assert peak_mb() - before < 12

    assert in_child(move) == 0
    assert repo.tip(HEAD) == head
