"""What is found of places before any of them is asked."""

from __future__ import annotations

import stat
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

from porch_tui.core.model.copying import replace
from porch_tui.engine.place_checks import place_mistakes, unknown_needs, unknown_places
from porch_tui.engine.programs import missing_programs
from porch_tui.git.discovery import discover
from porch_tui.git.repository import Repository
from porch_tui.git.transfer import copies
from porch_tui.planfile.read import PlanFile, plan_from
from project import Project


@pytest.fixture
def repository(project: Project) -> Repository:
    return discover(project.root)


def read(text: str) -> PlanFile:
    return plan_from(text.encode(), "porch.yaml", "porch")


def mistakes(text: str, repository: Repository, *, is_insecure: bool = False) -> list[tuple[object, str]]:
    return list(place_mistakes(read(text).plan, repository, is_insecure=is_insecure))


ONE = "tasks: {a: {run: x}}\n"


@pytest.mark.parametrize("key", ["tty", "stdin_open"])
def test_an_interactive_task_runs_on_this_machine_only(repository, key):
    tasks = f"{{a: {{run: x, {key}: true}}, b: {{run: x}}, c: {{run: x, {key}: true, place: threads}}}}"
    text = f"place: 'ssh:big'\ntasks: {tasks}\n"

    found = [one for one in mistakes(text, repository) if one[0] == ("tasks", "a", key)]

    assert [why for _, why in found] == [
        f"found {key}: true and the place ssh:big; interactive tasks run on this machine; "
        f"expected place: threads for it, or {key}: false"
    ]


@pytest.mark.parametrize("address", ["tcp://big:8786", "tcp://[fd00::1]:8786"])
def test_an_open_scheduler_beyond_this_machine_needs_a_word_of_its_own(address, repository):
    pytest.importorskip("distributed")
    text = f"place: [threads, '{address}']\n{ONE}"

    ((path, why),) = mistakes(text, repository)
    assert path == ("place", 1)
    assert f"{address} would be reached without encryption" in why
    assert "--insecure in a network that you trust" in why
    assert mistakes(text, repository, is_insecure=True) == []


@pytest.mark.parametrize("address", ["tcp://127.0.0.1:8786", "tcp://localhost:8786", "tcp://[::1]:8786"])
def test_an_open_scheduler_on_this_machine_needs_none(address, repository):
    pytest.importorskip("distributed")
    assert mistakes(f"place: '{address}'\n{ONE}", repository) == []


@pytest.mark.parametrize("is_insecure", [False, True])
def test_a_cluster_without_a_certificate_to_show_is_refused(
    is_insecure: bool, repository: Repository, monkeypatch: pytest.MonkeyPatch
):
    pytest.importorskip("distributed")
    monkeypatch.delenv("PORCH_TLS", raising=False)

    ((path, why),) = mistakes(f"place: tls://big:8786\n{ONE}", repository, is_insecure=is_insecure)
    assert path == ("place", 0)
    assert "there is none to show" in why
    ((_, why),) = mistakes(f"place: dask://big:8786\n{ONE}", repository, is_insecure=is_insecure)
    assert "or tcp:// with --insecure" in why


@pytest.mark.parametrize(
    ("place", "package", "command"),
    [
        ("tls://big:8786", "distributed", "pip install 'porch-tui[dask]'"),
        ("slurm:gpu", "dask_jobqueue", "pip install 'porch-tui[dask,hpc]'"),
    ],
)
def test_a_cluster_without_its_package_is_refused_with_what_installs_it(
    place: str, package: str, command: str, repository: Repository, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setitem(sys.modules, package, None)  # then it is not found, installed or not
    ((path, why),) = mistakes(f"tasks: {{a: {{run: x, place: '{place}'}}}}", repository)

    assert path == ("tasks", "a", "place")
    assert place in why and package in why and command in why


@pytest.mark.skipif(find_spec("dask_jobqueue") is None, reason="needs the extra hpc")
def test_a_batch_system_without_its_program_here_is_refused_with_where_to_run_porch(
    repository: Repository, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("PATH", "")
    ((path, why),) = mistakes(f"place: pbs:gpu\n{ONE}", repository)

    assert path == ("place", 0)
    assert "found no program qsub on PATH" in why and "such as a login node" in why


def test_programs_that_make_a_place_and_lead_into_it_must_be_here(repository):
    found = mistakes(
        f"place: b\nplaces: {{b: {{up: [no-such-1], run: [no-such-2, x, sh]}}}}\n{ONE}", repository
    )

    assert [path for path, _ in found[:2]] == [("places", "b", "up"), ("places", "b", "run")]
    assert "found no program no-such-2 on PATH" in found[1][1]


@pytest.mark.parametrize(
    ("run", "is_good"),
    [
        ("sh", True),
        ("env, /bin/bash", True),
        ("python3, '-'", True),
        ("env, python3.12", True),
        ("'-'", False),
        ("sh, '-'", False),
        ("env, ls", False),
    ],
)
def test_the_way_into_a_place_ends_at_a_shell_or_a_python(run: str, is_good: bool, repository: Repository):
    found = mistakes(f"place: b\nplaces: {{b: {{run: [{run}]}}}}\n{ONE}", repository)

    wrong = [path for path, why in found if "`run` must end in `python3 -` or `sh`" in why]
    assert wrong == ([] if is_good else [("places", "b", "run")])


def test_validations_may_run_on_a_place(repository: Repository):
    text = f"place: b\nplaces: {{b: {{run: [sh]}}}}\nvalidate: x\nvalidate_on: b\n{ONE}"

    assert mistakes(text, repository) == []


def test_a_place_may_be_made_by_the_plan(repository: Repository):
    text = f"place: b\nplaces: {{b: {{up: ['true', '{{name}}'], run: [sh, '{{name}}', sh]}}}}\n{ONE}"

    assert mistakes(text, repository) == []


def test_what_a_task_needs_is_looked_for_where_it_only_can_run(repository):
    assert mistakes("tasks: {a: {run: x, needs: [git]}}", repository) == []
    assert mistakes("place: [threads, ssh:b]\ntasks: {a: {run: x, needs: [no-such]}}", repository) == []

    ((path, why),) = mistakes("tasks: {a: {run: x, needs: [git, no-such]}}", repository)
    assert path == ("tasks", "a", "needs")
    assert "found no-such, which is not on PATH here" in why


def test_files_that_are_copied_have_a_limit_only_where_they_leave_this_machine(repository):
    folder = repository.root / "data"
    folder.mkdir()
    with (folder / "big").open("wb") as file:
        file.truncate(copies.MOST_BYTES + 1)

    assert mistakes(f"copy: [data]\n{ONE}", repository) == []
    ((path, why),) = mistakes(f"copy: [data]\nplace: ssh:b\n{ONE}", repository)
    assert path == ("copy",)
    assert why.startswith("'data' should go to another machine with the task, but `copy` has more than")


def test_agents_and_fences_of_tasks_that_run_elsewhere_need_not_be_here(
    repository: Repository, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    git = tmp_path / "git"
    git.write_text("#!/bin/sh\n")
    git.chmod(git.stat().st_mode | stat.S_IXUSR)
    monkeypatch.setenv("PATH", str(tmp_path))
    text = (
        "agents: {c: {preset: codex, env_from: [NO_SUCH]}}\n"
        "tasks: {a: {agent: c, prompt: x, wrap: [fence], place: WHERE}}\n"
    )

    def missing(where: str) -> list[object]:
        plan = read(text.replace("WHERE", where)).plan
        return [path for path, _ in missing_programs(plan, repository, "run")]

    assert missing("ssh:b") == []
    assert missing("[threads, ssh:b]") == [("agents", "c", "env_from")]
    assert missing("threads") == [
        ("agents", "c", "env_from"),
        ("tasks", "a", "agent"),
        ("tasks", "a", "wrap"),
    ]


def test_tasks_that_are_added_run_on_places_of_the_run():
    of_run = read("place: [threads, big]\nplaces: {big: ssh:big}\n" + ONE).plan
    same = read("\nplaces: {big: ssh:big}\ntasks: {b: {run: x, place: big}}").plan
    other = read("places: {big: ssh:bigger}\ntasks: {b: {run: x, place: big}}").plan
    mini = read("tasks: {b: {run: x, place: ssh:mini}}").plan

    assert [*unknown_places(same, of_run)] == []
    assert [*unknown_places(read("tasks: {b: {run: x, place: threads}}").plan, of_run)] == []
    ((_, why),) = unknown_places(other, of_run)
    assert "the run has another place 'big'" in why
    ((path, why),) = unknown_places(mini, of_run)
    assert path == ("tasks", "b", "place")
    assert "expected one of threads, big" in why
    ((_, why),) = unknown_places(mini, replace(of_run, places=()))
    assert "expected one of threads" in why


def test_tasks_that_are_added_need_what_was_looked_for_when_the_run_began():
    of_run = read("tasks: {a: {run: x, needs: [git]}}").plan

    assert [*unknown_needs(of_run, of_run)] == []
    ((path, why),) = unknown_needs(read("tasks: {b: {run: x, needs: [git, docker]}}").plan, of_run)
    assert path == ("tasks", "b", "needs")
    assert why.startswith("found docker, which was not looked for when the run began")
