"""Objects come into the repository together with their refs, whatever gc does meanwhile."""

from __future__ import annotations

import os
import subprocess
import threading
from functools import partial
from pathlib import Path

import pytest

from porch_tui.core.model.copying import replace
from porch_tui.git import objects, refs
from porch_tui.git.objects import making_objects
from porch_tui.git.rescue import shelf
from porch_tui.git.rescue.salvage import snapshot
from porch_tui.git.runner import Git
from porch_tui.git.worktree import clones
from porch_tui.git.worktree.creation import ensure
from porch_tui.git.worktree.task_result import commit_leftovers

GC = ("gc", "-q", "--prune=now")
REF = "refs/porch/run/cand/1"


def blob(repository, made, content: bytes) -> str:
    git = replace(repository, objects=made.folder).git
    return git.run("hash-object", "-w", "--stdin", stdin=content).stdout.decode().strip()


def test_new_objects_are_invisible_and_safe_once_published(repo):
    repository = repo.opened()
    with making_objects(repository.common_dir) as made:
        oid = blob(repository, made, b"content\n" * 1000)
        assert repo.git("cat-file", "-t", oid, fails=True) == ""
        repo.git(*GC)
        made.publish()
        repo.git(*GC)
        assert repo.git("cat-file", "-t", oid) == "blob"
        refs.keep(repository, REF, oid)
    repo.git(*GC)

    assert repo.git("cat-file", "-p", oid) == ("content\n" * 1000).removesuffix("\n")
    assert repo.git("fsck", "--no-dangling") == ""
    assert not list((repository.common_dir / "objects" / "pack").glob("*.keep"))
    assert not list((repository.common_dir / "porch" / "made").iterdir())


def test_objects_without_a_ref_are_left_to_gc(repo):
    repository = repo.opened()
    with making_objects(repository.common_dir) as made:
        oid = blob(repository, made, b"unwanted")
        made.publish()
    repo.git(*GC)

    assert repo.git("cat-file", "-t", oid, fails=True) == ""


def test_a_half_written_object_is_ignored(repo):
    repository = repo.opened()
    with making_objects(repository.common_dir) as made:
        oid = blob(repository, made, b"whole")
        (made.folder / oid[:2] / "tmp_obj_a1B2c3").touch()
        made.publish()
        refs.keep(repository, REF, oid)

    assert repo.git("cat-file", "-p", oid) == "whole"
    assert not list((repository.common_dir / "porch" / "made").iterdir())


CONTENTS = {"empty": b"", "one": b"x", "zeros": b"\0" * 100, "big": os.urandom(3 << 19)}


@pytest.mark.parametrize("content", CONTENTS.values(), ids=CONTENTS.keys())
def test_objects_of_any_size_are_as_git_made_them(repo, content):
    repository = repo.opened()
    with making_objects(repository.common_dir) as made:
        oids = {blob(repository, made, content + bytes([n])) for n in range(5)}
        made.publish()
        for number, oid in enumerate(sorted(oids)):
            refs.keep(repository, f"refs/porch/run/blob/{number}", oid)

    (index,) = (repository.common_dir / "objects" / "pack").glob("*.idx")
    repo.git("verify-pack", index)
    assert repo.git("fsck", "--no-dangling", "--full") == ""


def test_a_sha256_repository_is_packed_too(tmp_path):
    root = tmp_path / "app"
    subprocess.run(["git", "init", "-q", "--object-format=sha256", root], check=True)
    with making_objects(root / ".git") as made:
        env = os.environ | {"GIT_OBJECT_DIRECTORY": str(made.folder)}
        words = ["git", "hash-object", "-w", "--stdin"]
        done = subprocess.run(words, cwd=root, env=env, input=b"x", capture_output=True, check=True)
        made.publish()
        subprocess.run(["git", "update-ref", REF, done.stdout.strip()], cwd=root, check=True)

    subprocess.run(["git", "fsck", "--full", "--strict"], cwd=root, check=True)


def gc_before_refs(monkeypatch) -> None:
    """Delete all unreachable objects just before porch makes a ref, or git a commit of a tree."""
    run = Git.run

    def with_gc(git, *words, **more):
        if words[0] in ("update-ref", "commit-tree"):
            done = subprocess.run(["git", *GC], cwd=git.cwd, check=False, capture_output=True, text=True)
            assert done.returncode == 0, done.stderr
        return run(git, *words, **more)

    monkeypatch.setattr(Git, "run", with_gc)


@pytest.mark.parametrize("isolation", [ensure, partial(ensure, is_clone=True)], ids=["worktree", "clone"])
def test_uncommitted_work_is_kept_whatever_gc_does(repo, tmp_path, monkeypatch, isolation):
    repository, place = repo.opened(), tmp_path / "place" / "app-auth"
    isolation(repository, place, "feature/auth", repo.tip(), "porch run/auth")
    repo.write("new", "untracked\n", at=place)
    gc_before_refs(monkeypatch)

    snapshot(repository, place, "refs/porch/run/left/auth/1")
    shelf.pin(repository, "run", "auth", branch="feature/auth", worktree=place)

    for ref in ("refs/porch/run/left/auth/1", "refs/porch/run/left/auth/shelved/work"):
        assert "untracked" == repo.git("show", f"{ref}:new")
    assert repo.git("fsck", "--no-dangling") == ""


def test_commits_fetched_from_a_clone_are_kept_until_they_have_a_ref(repo, tmp_path):
    """Between the arrival of objects and refs git runs a hook: gc there loses nothing."""
    repository, place = repo.opened(), tmp_path / "place" / "app-auth"
    ensure(repository, place, "feature/auth", repo.tip(), "porch run/auth", is_clone=True)
    head = repo.commit({"f": "mine\n"}, at=place)
    hook = repo.write(".git/hooks/reference-transaction", f"#!/bin/sh\ngit {' '.join(GC)} || :\n")
    hook.chmod(0o755)

    clones.keep_commits(repository, place, {"refs/porch/run/clone/auth/1/branch": head})

    hook.unlink()
    assert "mine" == repo.git("show", "refs/porch/run/clone/auth/1/branch:f")
    assert repo.git("fsck", "--no-dangling") == ""


def test_objects_of_a_killed_porch_are_swept_and_those_of_a_living_one_stay(repo, monkeypatch):
    monkeypatch.setattr(objects, "_SURELY_LOCKED_S", -1.0)
    repository = repo.opened()
    with making_objects(repository.common_dir) as made:
        blob(repository, made, b"living")
        made.publish()
        dead = made.folder.with_name("0123456789abcdef")
        dead.mkdir()
        pack = repository.common_dir / "objects" / "pack"
        (pack / "pack-dead.keep").write_text(f"{objects._KEEP}{dead.name}\n")
        (pack / "pack-mine.keep").write_text("the person's\n")

        objects.sweep(repository.common_dir)

        assert made.folder.exists()
        assert not dead.exists()
        assert len(list(pack.glob("*.keep"))) == 2


def test_many_packs_are_repacked(repo, monkeypatch):
    monkeypatch.setattr(objects, "_MANY", 5)
    repository = repo.opened()
    for number in range(6):
        with making_objects(repository.common_dir) as made:
            oid = blob(repository, made, f"{number}".encode())
            made.publish()
            refs.keep(repository, f"refs/porch/run/cand/{number}", oid)
    objects.repack_if_needed(repository)

    assert len(list((repository.common_dir / "objects" / "pack").glob("*.pack"))) == 1
    assert repo.git("fsck", "--no-dangling") == ""


def test_work_is_collected_completely_while_gc_runs(repo, tmp_path):
    """Index, branch and objects change together: a gc at any moment finds all of them, or none."""
    repository, is_over, broken = repo.opened(), threading.Event(), list[str]()
    place = tmp_path / "place" / "app-auth"
    ensure(repository, place, "feature/auth", repo.tip(), "porch run/auth")

    def collect_garbage() -> None:
        while not is_over.is_set():
            done = subprocess.run(["git", *GC], cwd=repo.root, capture_output=True, text=True, check=False)
            broken.extend([done.stderr] if done.returncode else [])

    thread = threading.Thread(target=collect_garbage)
    thread.start()
    try:
        for number in range(12):
            Path(place, "sub").mkdir(exist_ok=True)
            Path(place, "sub", f"f{number}").write_text(f"{number}\n")
            head = commit_leftovers(repository.at(place), "feature/auth", f"take {number}\n").head
            assert repo.git("status", "--porcelain", at=place) == ""
    finally:
        is_over.set()
        thread.join()

    assert broken == []
    assert repo.git("fsck", "--no-dangling") == ""
    assert head == repo.tip("refs/heads/feature/auth")
    assert len(repo.git("ls-tree", "--name-only", f"{head}:sub").splitlines()) == 13  # one was there
