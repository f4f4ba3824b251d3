"""Kill -9 at random moments, again and again: nothing is lost, nothing is left behind, nothing runs twice.

    python tests/bench/kill_sweep.py [--kills N] [--first SEED] [--minutes M]
    python tests/bench/kill_sweep.py --seed SEED [--keep]

Each seed is one run of a small repository with a conflict, a failing task, a dependency, a retry, a broken
combination and a person's uncommitted files. It is hit by four SIGKILLs of different kinds, `porch resume`
brings it to its end, and then everything that must hold is checked. New seeds follow until N processes or
groups of processes were killed. `--seed` repeats one run: it chooses the same kinds and delays, though the
machine decides how far the run has come by then. `--keep` leaves its folder in place.

Prints the kills of each kind and each violation with its seed; exit code 1 if there was a violation. Only
processes that carry this run's folder in their environment or command line are killed.
"""

from __future__ import annotations

import argparse
import json
import os
import pty
import random
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from enum import Enum
from pathlib import Path

import psutil

sys.path.insert(0, str(Path(__file__).parents[2]))
from porch_tui.core.model import events as e
from porch_tui.process.environment import MARK
from tests.project import PORCH, Project

OURS = "PORCH_KILL_SWEEP"
"""Set for every porch that is started here, and inherited by all that it starts."""
KILLS_PER_RUN = 4
FIRST_KILL_WITHIN_S, NEXT_KILL_WITHIN_S = 2.5, 1.5
GONE_WITHIN_S = 15.0
RESUME_WITHIN_S = 120.0
GITS_PASSED_OVER = 8
"""A run starts a git every few milliseconds: up to so many are left alone before one is killed."""

START = "set -e; echo $PORCH_TASK.$PORCH_ATTEMPT >> ../starts"
COMMIT = "git add -A; git commit -q -m work; git rev-parse HEAD >> ../made"
PLAN = f"""\
validate: "sleep 0.3; ! (test -e left && test -e right)"
defaults: {{timeout: 60s}}
tasks:
  plain: {{run: '{START}; echo > plain; sleep 0.4; {COMMIT}; sleep 0.4'}}
  slow: {{run: '{START}; sleep 1; echo > slow; {COMMIT}; echo more >> slow; sleep 1'}}
  behind: {{run: '{START}; echo > behind; {COMMIT}', after: [plain]}}
  bad: {{run: '{START}; echo > bad; {COMMIT}; sleep 0.3; exit 3'}}
  again: {{run: '{START}; echo $PORCH_ATTEMPT > again; {COMMIT}; test $PORCH_ATTEMPT -gt 1', retries: 1}}
  first: {{run: '{START}; echo first > same; sleep 0.2; {COMMIT}'}}
  second: {{run: '{START}; echo second > same; sleep 0.5; {COMMIT}'}}
  left: {{run: '{START}; sleep 0.3; echo > left'}}
  right: {{run: '{START}; sleep 0.6; echo > right; {COMMIT}'}}
  over: {{run: '{START}; echo theirs > notes; {COMMIT}'}}
"""
PERSON = {
    "edited": "edited by hand\n",
    "staged": "staged by hand\n",
    "notes": "untracked\n",
    "my.log": "ignored\n",
}


class Kind(Enum):
    """What is killed."""

    SCREEN = "screen"
    ENGINE = "engine"
    SHIM = "shim"
    ZYGOTE = "zygote"
    VALIDATION = "validation"
    GIT = "git"
    TASK = "task"
    EVERYTHING = "everything"


@dataclass
class Sweep:
    """One run with its seed: what was killed in it, and what was violated."""

    seed: int
    project: Project
    folder: Path
    chance: random.Random
    engine: subprocess.Popen[bytes] | None = None
    """The porch that was started last: an engine, or a screen whose engine is a process of its own."""
    is_on_screen: bool = False
    kills: list[str] = field(default_factory=list)
    killed: Counter[Kind] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)

    def begin(self, on_screen: bool = False) -> None:
        """Start porch, to begin the run or to go on with it; its output goes to a file."""
        words = ["resume"] if self.has_begun else ["run", "--parallel", "--yes"]
        environment = {**os.environ, OURS: str(self.folder)}
        self.is_on_screen = on_screen
        if on_screen:
            master, slave = pty.openpty()
            environment["TERM"] = "xterm-256color"
            self.engine = subprocess.Popen(
                [*PORCH, *words], cwd=self.project.root, env=environment,
                stdin=slave, stdout=slave, stderr=slave, start_new_session=True,
            )  # fmt: skip
            os.close(slave)
            threading.Thread(target=drain, args=(master,), daemon=True).start()
            return
        with (self.folder / "output").open("ab") as output:
            self.engine = subprocess.Popen(
                [*PORCH, *words, "--headless"], cwd=self.project.root, env=environment,
                stdin=subprocess.DEVNULL, stdout=output, stderr=output,
            )  # fmt: skip

    @property
    def has_begun(self) -> bool:
        """Whether the run has its first record."""
        return bool(self.project.records())

    @property
    def is_working(self) -> bool:
        return self.engine is not None and self.engine.poll() is None

    def alive(self) -> Iterator[tuple[psutil.Process, Kind | None]]:
        """Every live process of this run, with its kind if it has one."""
        here = str(self.folder)
        for process in psutil.process_iter():
            with suppress(psutil.Error, OSError):
                if process.pid == os.getpid() or process.status() == psutil.STATUS_ZOMBIE:
                    continue
                environment, words = process.environ(), [word for word in process.cmdline() if word]
                marked = environment.get(MARK, "")
                is_ours = environment.get(OURS) == here or marked.startswith(f"{here}/")
                if is_ours or any(word.startswith(f"{here}/") for word in words):
                    yield process, self.kind(process, words, marked)

    def kind(self, process: psutil.Process, words: list[str], marked: str) -> Kind | None:
        """Which kind of process it is."""
        programs = {Path(word).name for word in words[:4]}
        place = marked or (words[-1] if words else "")
        if self.engine is not None and process.pid == self.engine.pid:
            return Kind.SCREEN if self.is_on_screen else Kind.ENGINE
        if "porch_tui" in programs and "engine" in words:  # of a screen: it outlives that
            return Kind.ENGINE
        if "/validations/" in place:
            return Kind.VALIDATION
        if "shim.py" in programs:
            return Kind.SHIM
        if "zygote.py" in programs:
            return Kind.ZYGOTE
        if "/attempts/" in place:
            return Kind.TASK
        return Kind.GIT if words and Path(words[0]).name.startswith("git") else None

    def strike(self, kind: Kind) -> None:
        """Wait for the moment, then kill what is of this kind, unless the run ends before there is one."""
        within_s = NEXT_KILL_WITHIN_S if self.kills else FIRST_KILL_WITHIN_S
        delay_s = self.chance.uniform(0, within_s)
        passed_over = self.chance.randrange(GITS_PASSED_OVER)
        pick = self.chance.random()
        with suppress(subprocess.TimeoutExpired):
            assert self.engine is not None
            self.engine.wait(delay_s)
        while self.is_working:
            victims = self.git_child(passed_over) if kind is Kind.GIT else self.victims(kind, pick)
            dead = []
            for victim in victims:
                with suppress(psutil.Error):
                    words = " ".join(victim.cmdline()).strip()[-70:]
                    victim.kill()
                    dead.append(f"{victim.pid} {words}")
            if dead:
                self.killed[kind] += 1
                self.kills.append(f"{kind.value} after {delay_s:.2f} s: {'; '.join(dead)}")
                return
            time.sleep(0.01)

    def victims(self, kind: Kind, pick: float) -> list[psutil.Process]:
        """What is to be killed now: one process of the kind, or all there are."""
        found = list(self.alive())
        if kind is Kind.EVERYTHING:
            return [process for process, _ in found]
        of_kind = [process for process, its in found if its is kind]
        return [of_kind[int(pick * len(of_kind))]] if of_kind else []

    def git_child(self, passed_over: int) -> list[psutil.Process]:
        """A git that the engine has started, after so many others were left alone."""
        assert self.engine is not None
        seen: set[int] = set()
        while self.is_working:
            for pid in children(self.engine.pid):
                if pid in seen:
                    continue
                with suppress(psutil.Error):
                    child = psutil.Process(pid)
                    if not child.name().startswith("git"):
                        continue
                    seen.add(pid)
                    if len(seen) > passed_over and child.ppid() == self.engine.pid:
                        time.sleep(self.chance.uniform(0, 0.003))
                        return [child]
            time.sleep(0.0005)
        return []

    def go_through(self) -> None:
        """Run, kill, resume until the run has ended; then check."""
        kinds = self.chance.sample(list(Kind), KILLS_PER_RUN)
        kinds.sort(key=lambda kind: kind is not Kind.SCREEN)
        self.begin(on_screen=kinds[0] is Kind.SCREEN)
        for kind in kinds:
            self.strike(kind)
            if kind in (Kind.ENGINE, Kind.SCREEN, Kind.EVERYTHING) and self.is_working:
                assert self.engine is not None
                self.engine.wait(GONE_WITHIN_S)
            if not self.is_working:
                self.end_engine_of_screen()
                self.begin()
        self.come_to_an_end()
        self.check()

    def end_engine_of_screen(self) -> None:
        """Kill the engine that outlived its screen: it stays as long as the person's files are in its way."""
        for process, kind in list(self.alive()):
            if kind is Kind.ENGINE:
                with suppress(psutil.Error):
                    process.kill()
                    process.wait(GONE_WITHIN_S)
                    self.killed[kind] += 1
                    self.kills.append(f"engine of a screen: {process.pid}")

    def come_to_an_end(self) -> None:
        """Let it run to its end, and have `porch resume` say that there is nothing left to do."""
        for _ in range(2):
            assert self.engine is not None
            try:
                code = self.engine.wait(RESUME_WITHIN_S)
            except subprocess.TimeoutExpired:
                self.wrong.append(f"it has not ended after {RESUME_WITHIN_S:.0f} s")
                return
            if code not in (0, 1):
                self.wrong.append(f"porch ended with exit code {code}: {tail(self.folder / 'output')}")
            self.end_engine_of_screen()
            self.begin()
        assert self.engine is not None
        with suppress(subprocess.TimeoutExpired):
            self.engine.wait(RESUME_WITHIN_S)

    def expect(self, holds: bool, what: str) -> None:
        if not holds:
            self.wrong.append(what)

    def check(self) -> None:
        """Everything that must hold once the run has ended."""
        self.check_processes()
        self.check_attempts()
        self.check_locks()
        self.check_person()
        self.check_landings()

    def check_processes(self) -> None:
        deadline = time.monotonic() + GONE_WITHIN_S
        while (left := list(self.alive())) and time.monotonic() < deadline:
            time.sleep(0.1)
        for process, kind in left:
            with suppress(psutil.Error):
                self.wrong.append(
                    f"process left ({kind}): {process.pid} {' '.join(process.cmdline())[-150:]}"
                )
                process.kill()

    def check_attempts(self) -> None:
        started = Counter(lines(self.folder / "starts"))
        self.expect(max(started.values(), default=0) < 2, f"started twice: {started.most_common(3)}")
        words = ("rev-list", "--branches", "--glob=refs/porch")
        kept = set(self.project.git(*words).splitlines())
        lost = [commit for commit in lines(self.folder / "made") if commit not in kept]
        self.expect(not lost, f"commits lost: {lost}")
        answers = {}
        for place in self.project.rundir.attempts.glob("*/exit.json"):
            answers[place.parent.name] = json.loads(place.read_text())
        for failed in self.project.events(e.AttemptFailed):
            answer = answers.get(str(failed.attempt))
            is_fine = answer is not None and answer["cause"] == "exit" and answer["code"] == 0
            self.expect(not is_fine, f"{failed.attempt} had succeeded and counts as failed: {failed.failure}")
            excuses = (e.FailureKind.NOT_STARTED, e.FailureKind.UNCOLLECTABLE)
            self.expect(failed.failure.kind not in excuses, f"{failed.attempt}: {failed.failure}")
        # a task whose command never ran is no failure either
        self.expect(
            all(started[str(one.attempt)] for one in self.project.events(e.AttemptSucceeded)),
            "an attempt succeeded without having started",
        )
        for task, outcome in self.project.outcomes().items():
            self.expect(outcome is not None, f"{task} is under way, with no engine")
            # a validation that was killed is no verdict, and only these two break anything
            self.expect(outcome != "rejected" or task in ("left", "right"), f"{task} was rejected")

    def check_locks(self) -> None:
        git_dir = self.project.root / ".git"
        locks = [path.relative_to(git_dir) for path in git_dir.rglob("*.lock")]
        left = [str(path) for path in locks if path.parts[0] != "porch"]
        self.expect(not left, f"locks left: {left}")

    def check_person(self) -> None:
        project = self.project
        for name, text in PERSON.items():
            now = (project.root / name).read_text() if (project.root / name).exists() else None
            self.expect(now == text, f"the person's {name} is now {now!r}")
        status = project.git("status", "--porcelain").splitlines()
        self.expect(set(status) == {" M edited", "A  staged", "?? notes"}, f"git status says {status}")
        fsck = subprocess.run(
            ["git", "fsck", "--no-dangling", "--no-progress"],
            cwd=project.root, capture_output=True, text=True, check=False,
        )  # fmt: skip
        self.expect(fsck.returncode == 0 and not fsck.stdout, f"git fsck: {fsck.stdout}{fsck.stderr}")
        commit = ["git", "commit", "-q", "-m", "mine"]
        done = subprocess.run(commit, cwd=project.root, capture_output=True, text=True, check=False)
        self.expect(done.returncode == 0, f"git commit: {done.stderr}")
        if done.returncode == 0:
            changed = project.git("diff", "--name-only", "HEAD^", "HEAD")
            self.expect(changed == "staged", f"the person's commit contains {changed}")

    def check_landings(self) -> None:
        landed = self.project.landed()
        recorded = [event.task for event in self.project.events(e.Landed)]
        self.expect(
            sorted(landed) == sorted(recorded), f"landed: {recorded} by the journal, {landed} by the branch"
        )
        self.expect(len(landed) == len(set(landed)), f"landed twice: {landed}")


def drain(master: int) -> None:
    """Read what the screen shows, so that it never waits for a reader."""
    with suppress(OSError):
        while os.read(master, 65536):
            pass
    os.close(master)


def children(pid: int) -> list[int]:
    """The children of a process, as quickly as the machine can list them."""
    try:
        found = [path.read_text() for path in Path(f"/proc/{pid}/task").glob("*/children")]
        return [int(word) for text in found for word in text.split()]
    except OSError:
        with suppress(psutil.Error):
            return [child.pid for child in psutil.Process(pid).children()]
        return []


def lines(path: Path) -> list[str]:
    return path.read_text().splitlines() if path.exists() else []


def tail(path: Path) -> str:
    return " | ".join(lines(path)[-6:])


def prepared(folder: Path) -> Project:
    """Return the repository with its plan and the person's files."""
    project = Project(folder)
    project.commit({"edited": "committed\n", "same": "neither\n"})
    project.plan(PLAN)
    for name, text in PERSON.items():
        project.write(name, text)
    project.git("add", "staged")
    return project


def sweep_once(seed: int, keep: bool) -> Sweep:
    """Do one seed from its repository to its checks."""
    folder = Path(tempfile.mkdtemp(prefix=f"porch-kill-sweep-{seed}-")).resolve()
    sweep = Sweep(seed, prepared(folder), folder, random.Random(seed))
    try:
        sweep.go_through()
    except Exception as error:
        sweep.wrong.append(f"{type(error).__name__}: {error}")
    finally:
        for process, _ in sweep.alive():
            with suppress(psutil.Error):
                process.kill()
        if sweep.engine is not None:
            sweep.engine.wait()
    if keep or sweep.wrong:
        print(f"seed {seed}: kept {folder}")
    else:
        shutil.rmtree(folder)
    return sweep


def main() -> int:
    options = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    options.add_argument("--kills", type=int, default=150)
    options.add_argument("--first", type=int, default=1, help="the first seed (default: 1)")
    options.add_argument("--minutes", type=float, default=60.0, help="begin no further run after this time")
    options.add_argument("--seed", type=int, help="repeat the run of this seed only")
    options.add_argument("--keep", action="store_true", help="keep the folders")
    chosen = options.parse_args()
    deadline = time.monotonic() + 60 * chosen.minutes
    seed = chosen.first if chosen.seed is None else chosen.seed
    killed: Counter[Kind] = Counter()
    violated: list[str] = []
    while True:
        sweep = sweep_once(seed, chosen.keep)
        killed += sweep.killed
        violated += [f"seed {seed}: {what}" for what in sweep.wrong]
        print(f"seed {seed}: {sweep.killed.total()} kills, {len(sweep.wrong)} violations", flush=True)
        if sweep.wrong or chosen.seed is not None:
            print("\n".join(f"    killed {kill}" for kill in sweep.kills))
            print("\n".join(f"    VIOLATED: {what}" for what in sweep.wrong), flush=True)
        seed += 1
        if chosen.seed is not None or killed.total() >= chosen.kills or time.monotonic() > deadline:
            break
    for kind in Kind:
        print(f"{kind.value:12} {killed[kind]:4} kills")
    print(f"{'in all':12} {killed.total():4} kills, {len(violated)} violations")
    return 1 if violated else 0


if __name__ == "__main__":
    sys.exit(main())
