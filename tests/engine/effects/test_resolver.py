"""The plan's resolver proposes; a person or a green validation decides, and it never blocks them."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from porch_tui.core.model import events as e
from porch_tui.core.model.copying import replace
from porch_tui.engine.effects.proposing import end_unwanted
from porch_tui.engine.effects.tools import Tools
from porch_tui.git.discovery import discover
from porch_tui.git.refs import RunRefs
from porch_tui.process import control, liveness
from porch_tui.session.session import Session
from project import Project, kill, until

pytestmark = pytest.mark.slow

LINES = "one\ntwo\nthree\nfour\nfive\nsix\nseven\neight\nnine\n"
TASKS = """\
tasks:
  a: {run: "sed -i.log s/one/ONE-a/ same; sed -i.log s/nine/NINE-a/ same"}
  b:
    title: Shout too
    run: |
      until grep -q ONE-a ../app/same; do sleep 0.05; done
      sed -i.log s/one/ONE-b/ same; sed -i.log s/nine/NINE-b/ same
"""
BOTH = "sed -i.log -e '/^<<<<<<</d' -e '/^|||||||/,/^=======/d' -e '/^>>>>>>>/d' same"
"""What main did, then what the task did."""
THEN = ["ONE-a", "ONE-b", *LINES.splitlines()[1:-1], "NINE-a", "NINE-b"]


def run(project: Project, script: str, settings: str = "", before: str = "", expect: int = 1) -> None:
    """Run two tasks, `b` in conflict with `a` in two hunks, and a shell script as resolver."""
    project.commit({"same": LINES, "resolve.sh": f"echo asked >> {project.root}/../asked\n{script}\n"})
    project.plan(f"{before}resolver: {{run: sh resolve.sh{settings}}}\n{TASKS}")
    project.porch("run", "--headless", "--parallel", expect=expect)


def asked(project: Project) -> int:
    """Return how often the resolver was started."""
    file = project.root.parent / "asked"
    return len(file.read_text().splitlines()) if file.exists() else 0


def is_paused(directory: Path) -> bool:
    found = liveness.find(directory)
    return isinstance(found, liveness.Running) and found.is_paused


def same(project: Project) -> list[str]:
    return (project.root / "same").read_text().splitlines()


def trailers(project: Project, key: str) -> list[str]:
    found = project.git("log", "-1", f"--format=%(trailers:key={key},valueonly)")
    return [line for line in found.splitlines() if line]


def test_a_proposal_waits_for_a_person_and_lands_with_its_author(project: Project):
    run(project, BOTH)

    (need,) = project.status()["needs_you"]
    shown = project.porch("conflicts", "b").stdout

    assert "sh resolve.sh proposes a resolution: porch conflicts b" in need["why"]
    assert "porch resolve b --take proposed" == need["next"]
    assert "proposed by sh resolve.sh: both" in shown
    assert "conflict" == project.outcomes()["b"]
    project.porch("resolve", "b", "--take", "proposed")
    project.porch("resume", "--headless")
    assert THEN == same(project)
    assert ["sh resolve.sh (accepted)"] == trailers(project, "Porch-Resolved-By")
    assert ["same"] == trailers(project, "Porch-Resolved")
    assert "resolved by sh resolve.sh (accepted): landed" in project.porch("report").stdout
    (landed,) = [
        one
        for one in json.loads(project.porch("report", "--format", "json").stdout)["integration"]["landed"]
        if one["task"] == "b"
    ]
    assert ["sh resolve.sh (accepted)"] == landed["resolved_by"]
    assert 1 == asked(project)
    assert "resolve-b" not in project.git("worktree", "list")


def test_one_hunk_of_a_proposal_may_be_taken(project: Project):
    run(project, BOTH)

    project.porch("resolve", "b", "--take", "proposed", "same:1", "--take", "main", "same:2")
    project.porch("resume", "--headless")

    assert [*THEN[:-1]] == same(project)


def test_with_auto_a_complete_proposal_lands_when_its_validation_passes(project: Project):
    run(project, BOTH, ", auto: true", "validate: grep -q NINE same\n", expect=0)

    assert THEN == same(project)
    assert ["sh resolve.sh (auto)"] == trailers(project, "Porch-Resolved-By")
    assert "resolved by sh resolve.sh (auto): landed" in project.porch("report", "--format", "md").stdout


def test_with_auto_a_proposal_that_fails_its_validation_waits_for_a_person(project: Project):
    run(project, BOTH, ", auto: true", "validate: '! grep -q ONE-b same'\n")

    (need,) = project.status()["needs_you"]

    assert "sh resolve.sh has no resolution: validation fails on top of a" in need["why"]
    assert ("conflict", ["a"]) == (project.outcomes()["b"], project.landed())
    assert 1 == len(project.events(e.ResolutionFailed))
    project.porch("resolve", "b", "--take", "main", "same:1", "--take", "proposed", "same:2")
    project.porch("resume", "--headless")
    assert ["b", "a"] == project.landed()
    assert ["sh resolve.sh (accepted)"] == trailers(project, "Porch-Resolved-By")


def test_with_auto_a_tolerated_red_base_is_not_enough(project: Project):
    project.commit({"same": LINES, "resolve.sh": f"{BOTH}\n"})
    project.plan("validate: 'false'\nresolver: {run: sh resolve.sh, auto: true}\n" + TASKS)

    project.porch("run", "--headless", "--parallel", "--allow-red-base", expect=1)

    assert ["a"] == project.landed()
    assert "conflict" == project.outcomes()["b"]


def test_a_resolver_that_fails_leaves_the_conflict_to_the_person(project: Project):
    run(project, "echo cannot; exit 3")

    (proposed,) = project.events(e.ResolutionProposed)
    (need,) = project.status()["needs_you"]

    assert not proposed.is_complete
    assert "exit 3; its output is in" in need["why"]
    log = Path(proposed.why.rpartition(" ")[2])
    assert "cannot" in log.read_text()
    project.porch("resolve", "b", "--take", "task", "same")
    project.porch("resume", "--headless")
    assert (1, [], ["b", "a"]) == (asked(project), trailers(project, "Porch-Resolved-By"), project.landed())


def test_a_resolver_that_takes_too_long_is_ended(project: Project):
    run(project, "sleep 600", ", timeout: 1s")

    assert "not finished within 1 s" in project.events(e.ResolutionProposed)[0].why


def test_half_a_proposal_does_not_land_and_its_other_changes_are_ignored(project: Project):
    half = "sed -i.log -e '1,/^>>>>>>>/{/^<<<<<<</d;/^|||||||/,/^=======/d;/^>>>>>>>/d;}' same; echo > other"
    run(project, half, ", auto: true", "validate: 'true'\n")

    (proposed,) = project.events(e.ResolutionProposed)

    assert not proposed.is_complete
    assert "1 of 2 hunks not decided" in proposed.why
    assert "not taken, as it is not in conflict: other" in proposed.why
    project.porch("resolve", "b", "--take", "proposed", "--take", "task", "same:2")
    project.porch("resume", "--headless")
    assert [*THEN[:-2], "NINE-b"] == same(project)
    assert "other" not in project.git("ls-files")


def test_kill_9_of_the_engine_does_not_start_a_running_resolver_twice(project: Project):
    gate = project.root.parent / "gate"
    script = f"until test -e {gate}; do sleep 0.05; done\n{BOTH}"
    project.commit({"same": LINES, "resolve.sh": f"echo asked >> {project.root}/../asked\n{script}\n"})
    project.plan(f"resolver: {{run: sh resolve.sh}}\n{TASKS}")
    engine = project.begin("run", "--headless", "--parallel")
    until(lambda: asked(project) == 1, "the resolver to start")
    kill(engine)
    gate.touch()

    project.porch("resume", "--headless", expect=1)

    assert "porch resolve b --take proposed" == project.status()["needs_you"][0]["next"]
    assert 1 == asked(project)


def test_a_resolver_is_frozen_while_the_run_is_paused_even_if_the_engine_dies(project: Project):
    gate = project.root.parent / "gate"
    script = f"until test -e {gate}; do sleep 0.05; done\n{BOTH}"
    project.commit({"same": LINES, "resolve.sh": f"echo asked >> {project.root}/../asked\n{script}\n"})
    project.plan(f"resolver: {{run: sh resolve.sh}}\n{TASKS}")
    engine = project.begin("run", "--headless", "--parallel")
    until(lambda: asked(project) == 1, "the resolver to start")
    [directory] = project.rundir.proposings()

    project.porch("pause")
    until(lambda: is_paused(directory), "the resolver to be frozen")
    assert "is frozen: the run is paused" in project.status()["needs_you"][0]["why"]
    project.porch("resume-tasks")
    until(lambda: not is_paused(directory), "the resolver to continue")
    project.porch("pause")
    until(lambda: is_paused(directory), "the resolver to be frozen again")
    kill(engine)
    gate.touch()
    liveness.wait(directory, timeout_s=1)
    assert is_paused(directory)

    project.porch("resume", "--headless", expect=1)

    assert "porch resolve b --take proposed" == project.status()["needs_you"][0]["next"]
    assert 1 == asked(project)


def test_a_paused_run_does_not_ask_the_resolver_about_a_new_conflict(project: Project):
    gate = project.root.parent / "gate"
    project.commit({"same": LINES, "resolve.sh": f"echo asked >> {project.root}/../asked\n{BOTH}\n"})
    tasks = TASKS.replace("until grep -q ONE-a ../app/same", f"until test -e {gate}")
    project.plan(f"resolver: {{run: sh resolve.sh}}\n{tasks}")
    engine = project.begin("run", "--headless", "--parallel")
    until(project.landed, "a to land")

    project.porch("pause")
    gate.touch()
    until(lambda: project.events(e.CandidateConflicted), "the conflict")
    with pytest.raises(subprocess.TimeoutExpired):
        engine.wait(1)

    assert (0, []) == (asked(project), project.events(e.ResolutionProposed))
    project.porch("resume-tasks")
    assert 1 == engine.wait(60)
    assert 1 == asked(project)


def test_a_person_can_resolve_the_conflict_meanwhile(project: Project):
    project.commit({"same": LINES, "resolve.sh": f"echo asked >> {project.root}/../asked\nsleep 600\n"})
    project.plan(f"resolver: {{run: sh resolve.sh}}\n{TASKS}")
    engine = project.begin("run", "--headless", "--parallel")
    until(lambda: asked(project) == 1, "the resolver to start")

    assert "is asked for a resolution" in project.status()["needs_you"][0]["why"]
    project.porch("resolve", "b", "--take", "task", "same")

    assert 0 == engine.wait(60)
    assert ["b", "a"] == project.landed()
    assert "resolve-b" not in project.git("worktree", "list")


def test_a_refused_proposal_is_not_made_again(project: Project):
    run(project, BOTH)

    project.porch("resolve", "b", "--refuse")
    project.porch("resume", "--headless", expect=1)
    project.porch("requeue", "b")
    project.porch("resume", "--headless", expect=1)

    assert "proposed" not in project.porch("conflicts", "b").stdout
    assert "has no resolution: refused" in project.status()["needs_you"][0]["why"]
    assert 1 == asked(project)
    project.porch("resolve", "b", "--take", "proposed", expect=2)


def test_on_another_tip_a_proposal_is_found_again_by_content(project: Project):
    run(project, BOTH)
    project.commit({"same": (project.root / "same").read_text().replace("five", "4.5\nfive")})
    project.porch("requeue", "b")

    project.porch("resume", "--headless", expect=1)

    assert [True, True] == [one.is_complete for one in project.events(e.ResolutionProposed)]
    assert 1 == asked(project)
    project.porch("resolve", "b", "--take", "proposed")
    project.porch("resume", "--headless")
    assert [*THEN[:5], "4.5", *THEN[5:]] == same(project)


def test_an_editor_starts_with_the_proposal(project: Project):
    run(project, BOTH)
    editor = project.write("../editor", '#!/bin/sh\nsed -i.bak s/ONE-b/mine/ "$1"\n')
    editor.chmod(0o755)

    project.porch("resolve", "b", "--edit", "same", env={"GIT_EDITOR": str(editor)})
    project.porch("resume", "--headless")

    assert ["ONE-a", "mine"] == same(project)[:2]
    assert ["NINE-a", "NINE-b"] == same(project)[-2:]


def test_the_resolver_gets_the_conflict_in_variables_and_in_a_file(project: Project):
    place = project.root.parent
    run(
        project,
        f"env | grep ^PORCH_ > {place}/env; cp $PORCH_CONFLICT {place}/conflict;"
        f" git status --porcelain > {place}/status",
    )

    document = json.loads((place / "conflict").read_text())
    variables = dict(line.split("=", 1) for line in (place / "env").read_text().splitlines())

    assert ("b", ["a"], ["same"]) == (
        document["task"],
        document["with"],
        [path["path"] for path in document["paths"]],
    )
    assert {"a": "a", "b": "Shout too"} == document["titles"]
    assert "+ONE-a" in document["diffs"]["main"]
    assert "+ONE-b" in document["diffs"]["task"]
    assert ("b", "main", "a") == tuple(variables[f"PORCH_{name}"] for name in ("TASK", "TARGET", "PARTNERS"))
    assert "UU same\n" == (place / "status").read_text()


def test_a_file_that_one_side_deleted_stays_only_if_the_resolver_says_so(project: Project):
    tasks = """\
tasks:
  a: {run: 'rm x y; echo > landed'}
  b: {run: 'until test -e ../app/landed; do sleep 0.05; done; echo b > x; echo b > y'}
"""
    project.commit({"x": "1\n", "y": "1\n", "resolve.sh": "git add x\n"})
    project.plan("resolver: {run: sh resolve.sh}\n" + tasks)
    project.porch("run", "--headless", "--parallel", expect=1)

    assert "y is not decided" in project.events(e.ResolutionProposed)[0].why
    project.porch("resolve", "b", "--take", "proposed", "--take", "main", "y")
    project.porch("resume", "--headless")
    assert {"x"} == {"x", "y"} & set(project.git("ls-tree", "--name-only", "main").split())


def test_an_agent_is_given_a_prompt(project: Project):
    project.commit({"same": LINES})
    project.plan(
        "agents:\n  clod: [sh, -c, 'printf %s \"$0\" > ../prompt; exit 1', '{prompt}']\n"
        "resolver: {agent: clod}\n" + TASKS
    )

    project.porch("run", "--headless", "--parallel", expect=1)

    prompt = next(project.root.parent.glob("*/*/prompt")).read_text()
    assert "clod has no resolution: exit 1" in project.status()["needs_you"][0]["why"]
    for part in ("b (Shout too)", "main, with a (a)", "same (contents, 2 hunks", "+ONE-a", "+ONE-b"):
        assert part in prompt
    assert RunRefs(project.rundir.run).base in project.git("for-each-ref", "--format=%(refname)")


@pytest.fixture
def left_running(project: Project) -> Iterator[Path]:
    """The directory of a resolver whose engine was killed."""
    project.commit({"same": LINES, "resolve.sh": "touch $PORCH_WORKTREE.ready; exec sleep 1000\n"})
    project.plan(f"resolver: {{run: sh resolve.sh}}\n{TASKS}")
    engine = project.begin("run", "--headless", "--parallel")
    until(lambda: list(project.root.parent.glob("*/*/resolve-b.ready")), "the resolver to run")
    kill(engine)
    [directory] = project.rundir.proposings()
    yield directory
    control.stop(directory, grace_s=0)


def test_the_next_engine_ends_a_resolver_whose_conflict_is_settled(project: Project, left_running: Path):
    project.porch("resolve", "b", "--take", "both", "same")
    project.porch("resume", "--headless")

    assert "landed" == project.outcomes()["b"]
    assert isinstance(liveness.find(left_running), liveness.Ended)
    assert "resolve-b" not in project.git("worktree", "list")


def test_a_resolver_that_no_engine_asks_about_again_is_ended_too(project: Project, left_running: Path):
    """As if the engine was killed right after it received the person's decision."""
    state = Session(project.rundir).state
    tools = Tools.of_run(discover(project.root), project.rundir, lambda *events: None, lambda: state)

    end_unwanted(tools, state)
    assert isinstance(liveness.find(left_running), liveness.Running)

    end_unwanted(tools, replace(state, entries={}))
    assert isinstance(liveness.find(left_running), liveness.Ended)
    assert "resolve-b" not in project.git("worktree", "list")


def test_an_agent_is_given_the_folder_in_which_it_resolves(project: Project):
    script = 'echo "$1" > ../folder; pwd >> ../folder; exit 1'
    project.commit({"same": LINES})
    project.plan(
        f"agents:\n  clod: [sh, -c, '{script}', sh, '{{worktree}}', '{{prompt}}']\n"
        "resolver: {agent: clod}\n" + TASKS
    )

    project.porch("run", "--headless", "--parallel", expect=1)

    named, real = next(project.root.parent.glob("*/*/folder")).read_text().split()
    assert named == real
