"""Predictions are what building would give, for all pairs at once, and disturb nothing."""

from __future__ import annotations

import random
import threading
from itertools import permutations
from pathlib import Path

import pytest

from porch_tui.git.merge.candidates import Built
from porch_tui.git.merge.prediction import Forecast, Verdict, branch_commit_now, predict, task_commit_now
from porch_tui.git.runner import GitError
from porch_tui.git.worktree.creation import ensure
from tests.git.conftest import Sandbox, contents
from tests.git.merge.test_merging import CLEAN, CONFLICTS, LINES, edited, shuffled


@pytest.fixture
def objects(tmp_path: Path) -> Path:
    """Where the objects of predictions go."""
    return tmp_path / "objects"


@pytest.fixture
def there(repo: Sandbox, tmp_path: Path) -> Path:
    """A task's worktree."""
    place = tmp_path / "place" / "app-auth"
    ensure(repo.opened(), place, "feature/auth", repo.tip(), "porch run/auth")
    return place


def one_by_one(repo: Sandbox, scratch: Path, pair: tuple[str, str]) -> Forecast:
    """Return what building the pair gives, as a forecast."""
    try:
        built = repo.build(scratch, *pair)
    except GitError:
        return Forecast(Verdict.UNDECIDABLE)
    if isinstance(built, Built):
        return Forecast(Verdict.CLEAN)
    return Forecast(Verdict.CONFLICT, tuple(dict.fromkeys(one.path for one in built.conflicts)))


def assert_as_built(repo: Sandbox, scratch: Path, objects: Path, pairs: list[tuple[str, str]]) -> None:
    predicted = predict(repo.opened(), scratch, objects, pairs)

    assert {pair: one_by_one(repo, scratch, pair) for pair in pairs} == predicted


@pytest.mark.slow
def test_every_kind_of_merge_is_predicted_as_it_is_built(repo, scratch, objects):
    cases = [case[:3] for case in CONFLICTS.values()] + list(CLEAN.values())

    assert_as_built(repo, scratch, objects, [repo.sides(*case) for case in cases])


@pytest.mark.parametrize("seed", [0, *(pytest.param(seed, marks=pytest.mark.slow) for seed in range(1, 4))])
def test_all_pairs_of_a_random_history_are_predicted_as_they_are_built(repo, scratch, objects, seed):
    """Edits, renames, deletions and modes; attributes on some; one unrelated history."""
    print(f"seed {seed}")
    chance = random.Random(seed)
    base = {f"{folder}{name}": LINES.replace("line", name) for folder in ("", "d/") for name in "abc"}
    start = repo.made(repo.tip(), base)
    heads = [repo.made(start, shuffled(chance, base)) for _ in range(5)]
    heads += [repo.made(start, shuffled(chance, base) | {"d/.gitattributes": "* merge=union\n"})]
    heads.insert(chance.randrange(6), repo.made(None, {"unrelated": "x\n"}))

    assert_as_built(repo, scratch, objects, list(permutations(heads, 2)))


def test_pairs_that_git_cannot_merge_do_not_affect_the_next_ones(repo, scratch, objects):
    onto, head = repo.sides({"x": LINES}, {"x": edited(3, "a")}, {"x": edited(3, "b")})
    alone, nowhere = repo.made(None, {"x": "a"}), "1" * 40
    pairs = [(onto, alone), (onto, nowhere), (onto, head), (nowhere, head), (head, onto), (alone, head)]

    forecasts = predict(repo.opened(), scratch, objects, pairs)

    conflict, unknown = Forecast(Verdict.CONFLICT, ("x",)), Forecast(Verdict.UNDECIDABLE)
    assert [unknown, unknown, conflict, unknown, conflict, unknown] == [forecasts[pair] for pair in pairs]


def test_attributes_come_from_the_commit_that_is_merged_into(repo, scratch, objects):
    base = repo.made(repo.tip(), {"CHANGES": "top\n"})
    plain = repo.made(base, {"CHANGES": "a\ntop\n"})
    union = repo.made(base, {"CHANGES": "b\ntop\n", ".gitattributes": "CHANGES merge=union\n"})

    forecasts = predict(repo.opened(), scratch, objects, [(plain, union), (union, plain)])

    assert [Verdict.CONFLICT, Verdict.CLEAN] == [forecast.verdict for forecast in forecasts.values()]


def test_odd_names_are_predicted_under_their_name(repo, scratch, objects, odd_name):
    pair = repo.sides({odd_name: "a\n"}, {odd_name: "b\n"}, {odd_name: "c\n"})

    assert (odd_name,) == predict(repo.opened(), scratch, objects, [pair])[pair].paths


def test_no_pairs_need_no_process(repo, scratch, objects):
    assert {} == predict(repo.opened(), scratch, objects, [])


def test_the_repository_gets_no_object_and_no_ref(repo, scratch, objects, there):
    repo.write("f", "task\n", at=there)
    other = repo.made(repo.tip(), {"f": "other\n"})
    before = contents(repo.root / ".git")
    work = task_commit_now(repo.opened(), there, objects)

    forecasts = predict(repo.opened(), scratch, objects, [(other, work)])

    assert Forecast(Verdict.CONFLICT, ("f",)) == forecasts[other, work]
    assert before == contents(repo.root / ".git")


# --- uncommitted work -------------------------------------------------------


def test_committed_staged_changed_and_untracked_work_counts(repo, scratch, objects, there):
    repo.commit({"g": "committed\n"}, at=there)
    repo.write("f", "staged\n", at=there)
    repo.git("add", "f", at=there)
    repo.write("sub/h", "changed\n", at=there)
    repo.write("new", "untracked\n", at=there)
    repo.write(".env", "ignored\n", at=there)
    rivals = {name: repo.made(repo.tip(), {name: "rival\n"}) for name in ("g", "f", "sub/h", "new", ".env")}
    work = task_commit_now(repo.opened(), there, objects)

    forecasts = predict(repo.opened(), scratch, objects, [(rival, work) for rival in rivals.values()])

    predicted = {name: forecasts[rival, work].paths for name, rival in rivals.items()}
    assert {"g": ("g",), "f": ("f",), "sub/h": ("sub/h",), "new": ("new",), ".env": ()} == predicted


def test_without_uncommitted_work_it_is_the_head(repo, objects, there):
    assert repo.commit({"g": "committed\n"}, at=there) == task_commit_now(repo.opened(), there, objects)


def test_the_worktrees_index_and_files_are_not_touched(repo, objects, there):
    repo.write("f", "staged\n", at=there)
    repo.git("add", "f", at=there)
    repo.write("f", "changed\n", at=there)
    own = repo.opened().at(there).git_dir
    places = [own / "index", own / "HEAD", repo.root / ".git" / "index"]

    def seen() -> list[object]:
        return [(place.read_bytes(), place.stat().st_mtime_ns, place.stat().st_ino) for place in places]

    before = (seen(), contents(there), sorted(repo.opened().at(there).git_dir.iterdir()))
    task_commit_now(repo.opened(), there, objects)

    assert before == (seen(), contents(there), sorted(repo.opened().at(there).git_dir.iterdir()))


@pytest.mark.parametrize("trace", ["MERGE_HEAD", "index.lock", "rebase-merge"])
def test_there_is_no_answer_while_an_operation_is_under_way(repo, objects, there, trace):
    (repo.opened().at(there).git_dir / trace).touch()

    assert task_commit_now(repo.opened(), there, objects) is None


def test_there_is_no_answer_while_a_worktree_is_being_filled(repo, objects, there):
    (repo.opened().at(there).git_dir / "index").unlink()

    assert task_commit_now(repo.opened(), there, objects) is None


@pytest.mark.slow
def test_a_task_that_commits_all_the_time_is_not_disturbed(repo, scratch, objects, there):
    """Its `git add` and `git commit` go through while predictions are made as fast as they can be."""
    looks, is_over = [0], threading.Event()
    rival = repo.made(repo.tip(), {"f": "rival\n"})
    repository = repo.opened()

    def look() -> None:
        while not is_over.is_set():
            try:
                work = task_commit_now(repository, there, objects)
            except GitError:  # a file went away between being listed and being read
                continue
            if work is not None:
                predict(repository, scratch, objects, [(rival, work)])
                looks[0] += 1

    thread = threading.Thread(target=look)
    thread.start()
    try:
        commits, count = repo.git("rev-list", "--count", "HEAD", at=there), 0
        while looks[0] < 5 or count < 30:
            repo.commit({"f": f"{count}\n", f"new{count}": "x\n"}, at=there)
            count += 1
    finally:
        is_over.set()
        thread.join()

    assert int(commits) + count == int(repo.git("rev-list", "--count", "HEAD", at=there))
    assert "" == repo.git("status", "--porcelain", at=there)


def test_a_commit_merges_with_itself(repo, scratch, objects):
    pair = (repo.tip(), repo.tip())

    assert {pair: Forecast(Verdict.CLEAN)} == predict(repo.opened(), scratch, objects, [pair])


def test_uncommitted_changes_of_the_checkout_count_as_the_branch(repo, tmp_path):
    objects, before = tmp_path / "objects", repo.tip()
    assert None is branch_commit_now(repo.opened(), "main", objects)
    repo.write("f", "edited\n")
    repo.write("new", "untracked\n")
    seen = repo.picture()

    commit = branch_commit_now(repo.opened(), "main", objects)

    there = {"GIT_OBJECT_DIRECTORY": str(objects)}
    assert "edited" == repo.git("show", f"{commit}:f", env=there)
    assert ("", before) == (repo.git("ls-tree", commit, "new", env=there), repo.tip())
    assert commit == branch_commit_now(repo.opened(), "main", objects)
    assert (seen, None) == (repo.picture(), branch_commit_now(repo.opened(), "none", objects))
