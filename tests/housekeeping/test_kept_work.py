"""`porch clean` keeps what may still be needed: a validation that runs, a landing that waits, a submodule."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from in_process import porch

from porch_tui.core.model import events as e
from porch_tui.process import control, liveness
from project import Project, kill, until


def why_kept(project: Project) -> dict[str, str]:
    """Return why each cleanup candidate stays, by kind and the end of its name."""
    runs: list[Any] = porch(project, "clean", "--json").json["runs"]
    found = [one for run in runs for one in run["leftovers"] if not one["removed"]]
    return {f"{one['kind']} {one['name'].rpartition('/')[2]}": one["why"] for one in found}


def test_a_run_whose_validation_outlived_the_engine_stays(project: Project):
    project.plan("validate: sleep 600\ntasks:\n  a: {run: 'echo > a'}\n")
    engine = project.begin("run", "--headless")
    until(lambda: [one for one in project.events(e.ValidationScheduled) if one.tasks], "the validation")
    scheduled = project.events(e.ValidationScheduled)
    directories = [project.rundir.validation(one.tree, one.number) for one in scheduled]
    are_running = [lambda one=one: isinstance(liveness.find(one), liveness.Running) for one in directories]
    until(lambda: all(is_running() for is_running in are_running), "the shims")
    kill(engine)

    [run] = porch(project, "clean", "--json").json["runs"]
    for directory in directories:
        control.stop(directory, grace_s=0)
    until(lambda: not any(is_running() for is_running in are_running), "their end")

    assert run["kept"].startswith("still running: ")
    assert [] == run["leftovers"]


def test_the_merge_candidate_of_a_blocked_landing_stays(project: Project):
    project.plan("tasks:\n  a: {run: 'echo changed > README.md'}\n")
    project.write("README.md", "the person's\n")
    project.porch("run", "--headless", expect=1)

    assert "a may still land unless you close the run" == why_kept(project)["refs-of 1 candidate"]

    project.porch("close")
    assert "refs-of 1 candidate" not in why_kept(project)


def test_a_worktree_with_a_commit_in_a_submodule_stays(project: Project):
    library = project.root.parent / "library"
    project.git("init", "-q", str(library))
    project.git(
        "-c", "user.name=x", "-c", "user.email=x", "commit", "-q", "--allow-empty", "-m", "x", cwd=library
    )
    project.git("-c", "protocol.file.allow=always", "submodule", "-q", "add", str(library), "lib")
    update = "git -c protocol.file.allow=always submodule -q update --init"
    commit = "git -C lib -c user.name=x -c user.email=x commit -q --allow-empty -m mine"
    project.plan(f"tasks:\n  a: {{run: '{update}; {commit}; exit 3'}}\n")
    project.porch("run", "--headless", expect=1)

    assert "submodules contain work that exists nowhere else: lib" == why_kept(project)["worktree app-a"]


COMMIT = "-c user.name=x -c user.email=x commit -q --allow-empty -m"


def test_a_worktree_with_the_only_copy_of_a_commit_in_a_linked_repository_stays(project: Project):
    """Git calls such a worktree clean, and only what it ignores can be moved out of the way."""
    project.git("init", "-q", "-b", "main", str(project.root / "lib"))
    project.git(*COMMIT.split(), "x", cwd=project.root / "lib")
    project.git("add", "lib")
    project.git("commit", "-q", "-m", "a link to lib")
    mine = f"git -C lib switch -q -c mine; git -C lib {COMMIT} mine; git -C lib switch -q main"
    project.plan(f"tasks:\n  a: {{run: 'git clone -q {project.root}/lib lib; {mine}'}}\n")
    project.porch("run", "--headless")
    project.porch("close")

    assert {
        "worktree app-a": "repositories inside it contain work that exists nowhere else: lib",
        "branch a": "its worktree stays",
    } == why_kept(project)
    porch(project, "clean", "--shelve", project.rundir.run)
    assert "mine" in project.git("log", "mine", cwd=Path(f"{project.root}-a/lib"))


def test_a_branch_without_a_worktree_is_shelved_and_restored(project: Project):
    project.plan("tasks:\n  a: {run: 'echo > a; git add -A; git commit -qm a; exit 3'}\n")
    project.porch("run", "--headless", expect=1)
    head, run = project.git("rev-parse", "feature/a"), project.rundir.run
    project.git("worktree", "remove", "-f", "-f", f"{project.root}-a")

    porch(project, "clean", "--shelve", run)
    assert "" == project.git("branch", "--list", "feature/a")
    porch(project, "unshelve", "a", "--run", run)

    assert head == project.git("rev-parse", "feature/a")


def test_a_repository_with_work_does_not_go_into_the_pool(project: Project):
    project.commit({".gitignore": "vendor/\n"})
    make = f"git init -q vendor; git -C vendor {COMMIT} mine"
    project.plan(f"pool: 1\npool_keep: [vendor]\ntasks:\n  a: {{run: '{make}; echo > a'}}\n")
    project.porch("run", "--headless")
    project.porch("close")

    porch(project, "clean")

    (moved,) = project.rundir.ignored.glob("*/vendor")
    assert "mine" in project.git("log", cwd=moved)


def test_ignored_files_that_do_not_fit_into_the_pool_are_moved(project: Project):
    project.commit({".gitignore": "*.log\n"})
    tasks = "".join(f"  {name}: {{run: 'echo {name} > my.log; echo > {name}'}}\n" for name in "ab")
    project.plan(f"pool: 1\npool_keep: [my.log]\ntasks:\n{tasks}")
    project.porch("run", "--headless")
    project.porch("close")

    porch(project, "clean")

    kept = [*project.root.parent.glob("app.porch/pool/*/my.log"), *project.rundir.ignored.glob("*/my.log")]
    assert {"a\n", "b\n"} == {path.read_text() for path in kept}
