"""A validation at another place: over a real host behind a pipe, it means what it does here."""

from __future__ import annotations

import os
import re
import shutil
import signal
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from porch_tui.core.model import events as e
from porch_tui.core.model.copying import replace
from porch_tui.core.model.place import PlaceName, PlaceSpec, Resources, Scheme
from porch_tui.core.model.plan import CommandLine, RunId, Sha, from_shell
from porch_tui.core.model.state import RunState
from porch_tui.core.rules.effects import ValidateCandidate
from porch_tui.engine.effects.tools import Tools
from porch_tui.engine.effects.validating import validate_candidate
from porch_tui.engine.effects.validating_elsewhere import validate_elsewhere
from porch_tui.engine.effects.validation_worktrees import ValidationWorktrees
from porch_tui.executors.executor import End, Job
from porch_tui.executors.orders import Orders
from porch_tui.git.discovery import discover
from porch_tui.journal import rundir
from porch_tui.places.carriers.pipe import PipeCarrier
from porch_tui.places.near.contact import Contact
from porch_tui.places.near.remote import RemoteExecutor, greeting
from porch_tui.places.near.validations import Validations
from porch_tui.process import liveness
from project import Project, until
from tests.builders import fold, opened, plan

BOX = PlaceName("box")


class Box:
    """A host of its own behind a pipe, and the run that validates there."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.project = Project(folder)
        self.project.commit({".gitignore": "*.out\n"})
        self.repository = discover(self.project.root)
        self.run = rundir.create(self.repository.common_dir, RunId("run-1"))
        self.said: list[e.AnyEvent] = []
        self.trees = 0
        self.connect()

    def connect(self) -> None:
        """Reach the host as a new engine."""
        self.contacts: list[Contact] = []
        host = (sys.executable, "-m", "porch_tui.places.host", "--root", str(self.folder / "hosts"))
        self.validations = Validations(lambda place: self.executor, self._offer)
        self.executor = RemoteExecutor(
            self.validations.hear,
            PipeCarrier((*host, "--idle", "2")),
            greeting("validating", "app", ("U", "u@example.org")),
            self.contacts.append,
        )

    def _offer(self, *events: e.AnyEvent) -> None:
        self.said += events

    def validate(self, job: Job, orders: Orders) -> End | None:
        """Run a validation there, as the executor of a run does."""
        return self.validations.run(job, orders)

    def asked(
        self,
        *commands: str | CommandLine,
        here: bool = False,
        boot: str = "",
        **keys: object,
    ) -> Asked:
        """Return a state to validate with these commands and keys of the plan."""
        made = tuple(from_shell(one) if isinstance(one, str) else one for one in commands)
        spec = PlaceSpec(BOX, Scheme.PIPE, run=("sh",))
        a_plan = replace(plan("a"), validate=made, places=(spec,), **keys)
        self.trees += 1
        tree, commit = Sha(f"{self.trees:012x}{'0' * 28}"), Sha(self.project.git("rev-parse", "main"))
        place = PlaceName("") if here else BOX
        up = e.PlaceUp(BOX, BOX, boot, Resources(2, 2))
        state = fold(opened(a_plan), up, e.ValidationScheduled(tree, 1, commit, (), place=place))
        return Asked(self, state, ValidateCandidate(tree, 1, commit, (), place, boot))

    def waiting(self) -> Asked:
        """Return one that writes its process id to `ran`, and waits for the file `go`."""
        wait = "echo $$ >> {}.ran; until test -e {}.go; do sleep 0.02; done"
        return self.asked(wait.replace("{}", str(self.folder / str(self.trees + 1))))

    def worktree(self) -> Path:
        """Return the worktree there that is used while nothing else is validated."""
        (found,) = self.folder.glob("hosts/*/worktrees/run-1/validate-1")
        return found

    def close(self) -> None:
        self.executor.close()


class Asked:
    """One validation, and what it waits for."""

    def __init__(self, box: Box, state: RunState, effect: ValidateCandidate) -> None:
        self.box, self.state, self.effect = box, state, effect
        self.orders = Orders(1.0)
        self.verdicts: list[e.AnyEvent | None] = []
        self.ran, self.go = (box.folder / f"{box.trees}.{name}" for name in ("ran", "go"))

    def verdict(self) -> e.AnyEvent | None:
        """Run it, and return what comes of it."""
        tools = Tools.of_run(self.box.repository, self.box.run, self.box._offer, lambda: self.state)
        with self.orders:
            if self.effect.place:
                return validate_elsewhere(self.effect, self.state, tools, self.box, self.orders)
            pool = ValidationWorktrees(tools)
            return validate_candidate(self.effect, self.state, tools, pool, self.orders)

    def begin(self) -> threading.Thread:
        """Run it in a thread, which adds to `verdicts`; return once its command runs."""
        thread = threading.Thread(target=lambda: self.verdicts.append(self.verdict()))
        thread.start()
        until(lambda: self.ran.exists() and self.ran.read_text().endswith("\n"), "it to run")
        return thread

    def found(self) -> liveness.Liveness:
        """Return how it is there now."""
        (directory,) = self.box.folder.glob(f"hosts/*/attempts/run-1/@{self.effect.tree[:12]}.1")
        return liveness.find(directory)


@pytest.fixture(scope="module")
def box(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Box]:
    """One host for all: what is asked of it has names of its own."""
    made = Box(tmp_path_factory.mktemp("box"))
    yield made
    made.close()


ENDS: dict[str, tuple[tuple[str | CommandLine, ...], dict[str, object]]] = {
    "passes": (("true", "true"), {}),
    "fails": (("true", "exit 7"), {}),
    "cannot tell": (("exit 125",), {}),
    "is killed": (("kill -9 $$",), {}),
    "takes too long": (("sleep 60",), {"validate_timeout_s": 0.2}),
    "is no program": ((("no-such-program",),), {}),
    "setup fails": (("true",), {"setup": (from_shell("exit 3"),)}),
    "setup is killed": (("true",), {"setup": (from_shell("kill -9 $$"),)}),
    "changes files": (("echo more >> README.md",), {}),
    "moves HEAD": (("git checkout -q --detach HEAD~1",), {}),
    "loses its supervisor": (("kill -9 $PPID; sleep 60",), {}),
}


@pytest.mark.slow
def test_every_end_of_a_validation_means_the_same_there_as_here(box: Box):
    def meaning(name: str, *, here: bool) -> tuple[object, ...]:
        commands, keys = ENDS[name]
        ended = box.asked(*commands, here=here, **keys).verdict()
        assert ended is not None
        text = re.sub(r" \(\d+\)", "", getattr(ended, "text", ""))  # of processes
        return type(ended), text, getattr(ended, "exit_code", 0)

    box.project.commit({"README.md": "x\n"})
    with ThreadPoolExecutor(4) as pool:
        there = dict(zip(ENDS, pool.map(lambda name: meaning(name, here=False), ENDS), strict=True))
    here = {name: meaning(name, here=True) for name in ENDS}

    assert there == here
    answers = {name for name, (kind, _, code) in there.items() if kind is e.ValidationPassed or code}
    assert answers == {"passes", "fails", "cannot tell", "setup fails"}
    assert there["cannot tell"][2] == 125


def test_one_that_is_paused_there_stands_still_and_goes_on(box: Box):
    asked = box.waiting()
    thread = asked.begin()

    asked.orders.set_frozen(True)
    until(lambda: isinstance(one := asked.found(), liveness.Running) and one.is_paused, "it to stand still")
    asked.go.touch()
    asked.orders.set_frozen(False)
    thread.join()

    (verdict,) = asked.verdicts
    assert isinstance(verdict, e.ValidationPassed) and verdict.used.paused_s > 0


def test_one_that_is_stopped_there_has_no_verdict_and_leaves_its_worktree_to_the_next(box: Box):
    asked = box.waiting()
    thread = asked.begin()
    before = box.worktree()

    asked.orders.stop()
    thread.join()

    assert asked.verdicts == [None]
    until(lambda: not Path(f"/proc/{asked.ran.read_text().strip()}").exists(), "its end")
    where = box.folder / "where"
    assert isinstance(box.asked(f"pwd > {where}").verdict(), e.ValidationPassed)
    assert where.read_text().strip() == str(before)


def test_one_given_to_an_earlier_boot_of_its_machine_is_dropped(box: Box):
    verdict = box.asked(f"touch {box.folder}/begun", boot="an earlier boot").verdict()

    assert isinstance(verdict, e.ValidationDropped)
    assert not (box.folder / "begun").exists()


def test_one_whose_host_is_killed_goes_on_there_and_its_verdict_counts(box: Box):
    asked = box.waiting()
    thread, before = asked.begin(), len(box.contacts)
    (host,) = box.folder.glob("hosts/lock")

    os.kill(int(host.read_text()), signal.SIGKILL)
    until(lambda: any(one.welcome for one in box.contacts[before:]), "the next host")
    asked.go.touch()
    thread.join()

    assert isinstance(asked.verdicts[0], e.ValidationPassed)
    assert len(asked.ran.read_text().split()) == 1


def test_the_setup_there_runs_again_only_once_what_it_made_is_gone_or_changed(box: Box):
    setups = box.folder / "setups"
    setup = from_shell(f"echo x >> {setups}; echo fresh > made.out")

    def passes(command: str = "true") -> bool:
        asked = box.asked(f"grep -q fresh made.out && {command}", setup=(setup,), validate_keep=("kept.out",))
        return isinstance(asked.verdict(), e.ValidationPassed)

    def times() -> int:
        return len(setups.read_text().split())

    assert passes("touch kept.out left.out")
    assert passes("test -e kept.out && test ! -e left.out") and times() == 1

    shutil.rmtree(box.worktree())
    assert passes("test ! -e kept.out") and times() == 2

    assert not passes("rm .git")
    assert passes() and times() == 3

    assert passes("echo used > made.out") and times() == 3
    assert passes("echo used > made.out") and passes() and times() == 5
    said = [one.text for one in box.said if isinstance(one, e.Noticed)]
    assert len(said) == 1 and "validations change what setup made (made.out)" in said[0]


@pytest.mark.slow
def test_one_that_its_place_ended_because_no_engine_was_there_has_no_verdict(box: Box):
    assert isinstance(box.asked("true").verdict(), e.ValidationPassed)  # so that what it takes is there
    asked = box.waiting()
    asked.state = replace(asked.state, places={BOX: replace(asked.state.places[BOX], lease_s=5.0)})
    thread = asked.begin()
    box.close()
    until(lambda: isinstance(asked.found(), liveness.Ended), "the end of its lease")
    asked.orders.stop()
    thread.join()

    box.connect()

    assert isinstance(Asked(box, asked.state, asked.effect).verdict(), e.ValidationDropped)
