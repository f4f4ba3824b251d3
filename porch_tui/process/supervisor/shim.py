"""Own one attempt, from its first step to its last process, whoever else dies meanwhile.

Forked by zygote.py, or run as `python -I -S shim.py DIRECTORY`; spool.py says what lies there. Starter,
engine and screen may all be killed: this process keeps the clock, obeys `ctl.json`, and leaves `exit.json`.
Only an attempt that was given a lease ends when nobody renews that any more, be it paused or not.

On Linux every process an attempt starts stays below this one, so exit.json means that nothing of the attempt
is left. Elsewhere the kernel offers less, and so do we: only the process group of the step is signalled,
paused and waited for. What leaves that group escapes, and what outlives a shim that was killed is not found.

Stdlib only, and of porch nothing but the files beside it that keep the same rule: it starts in a bare
interpreter, once for every attempt.
"""

# pathlib would make every shim start 4 ms later, of 19:
# ruff: noqa: PTH100, PTH112, PTH120
from __future__ import annotations

import enum
import errno
import os
import resource
import shlex
import signal
import sys
import time
from collections import namedtuple
from contextlib import suppress

TYPE_CHECKING = False  # typing would make every shim start 4 ms later, of 19
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any

    from porch_tui.process.supervisor import kernel, lease, log_cap, spool, tree
else:
    sys.path.append(os.path.dirname(os.path.abspath(__file__)))  # which -I leaves out
    import kernel
    import lease
    import log_cap
    import spool
    import tree

WAKING = {signal.SIGCHLD, signal.SIGTERM, signal.SIGUSR1}
IGNORED = {signal.SIGHUP, signal.SIGINT, signal.SIGQUIT, signal.SIGTSTP, signal.SIGPIPE}
STRAGGLER_GRACE_S = 2.0
STRAGGLER_MOMENT_S = 0.1
"""What ends within this after its step has, as the end of a pipeline does, was not left running."""
LOOK_S = 1.0
"""How often the directory is looked at: orders may come from where no signal can, or it may be gone."""
STUCK_AFTER_S = 2.0
"""After the first SIGKILL; a process that lives then is not ours to kill, or in the kernel's hands."""
MOST_NAMES = 20
A_WHILE_S = 3600.0
SCARCE, SCARCE_S = (errno.EAGAIN, errno.ENOMEM, errno.EMFILE, errno.ENFILE), 60.0


class Phase(enum.Enum):
    """How far the ending of a step has come."""

    RUNNING = enum.auto()
    ENDING = enum.auto()  # everything was sent SIGTERM and has until the deadline
    KILLING = enum.auto()


class Result(namedtuple("Result", ("code", "cause", "detail"))):
    __slots__ = ()
    code: int | None
    """Negative for a signal, None when the step never began."""
    cause: str
    detail: str


class Attempt:
    """The steps of one attempt, one after another, with their clock and their processes."""

    def __init__(self, directory: str, spec: dict[str, Any], output: int, lock: int) -> None:
        self.directory, self.spec, self.output, self.lock = directory, spec, output, lock
        self.next_look = time.monotonic() + LOOK_S
        kernel.limit_open_files(spec.get("open_files"))
        self.started_at, self.began = time.time(), time.monotonic()
        self.log_cap = log_cap.LogCap(output, kernel.punch)
        self.lease = lease.Lease(f"{directory}/{spool.LEASE}", spec.get("lease_s"))
        self.step: dict[str, Any] = spec["steps"][0]
        self.report: list[dict[str, Any]] = []
        """What exit.json says of the steps that are over."""
        self.pid = 0
        self.phase, self.deadline = Phase.RUNNING, 0.0
        self.result: Result | None = None
        """Of the present step, as soon as its main process is over."""
        self.result_at = 0.0
        self.stragglers: dict[int, str] = {}
        """What steps had left running when they were over, by number with its name."""
        self.stuck: list[list[str | int]] = []
        """What cannot be killed (`tree.Tree.survivors`), as it was last written down."""
        self.next_count = 0.0
        """When to look for it again."""
        self.ended_by: Result | None = None
        """Why porch ends it, if it does; then no further step begins."""
        self.paused_at: float | None = None
        self.paused_s, self.seq = 0.0, 0
        self.tree = tree.Tree()

    def run(self) -> dict[str, Any]:
        """Run the steps up to the first that fails; return what exit.json is to say."""
        for step in self.spec["steps"]:
            while self.paused_at is not None:  # since the step before, of which nothing is left
                self.attend()
            self.step, began = step, time.monotonic()
            self.check_time()
            result = self.ended_by or self.run_step()
            wall_s = time.monotonic() - began
            self.report.append({"name": self.step["name"], "code": result.code, "wall_s": wall_s})
            if (result.code, result.cause) != (0, "exit"):
                break
        return self.exit_record(result)

    def exit_record(self, result: Result) -> dict[str, Any]:
        used = resource.getrusage(resource.RUSAGE_CHILDREN)
        return {
            "step": self.step["name"],
            "index": len(self.report) - 1,
            **result._asdict(),
            "started_at": self.started_at,
            "ended_at": time.time(),
            "wall_s": time.monotonic() - self.began,
            "paused_s": self.paused_s,
            "cpu_s": used.ru_utime + used.ru_stime,
            "max_rss_bytes": used.ru_maxrss * (1024 if kernel.IS_LINUX else 1),
            "steps": self.report,
            "killed": len(self.tree.killed),
            "stragglers": counted(self.stragglers.values()),
        }

    def run_step(self) -> Result:
        """Start the step and return its result once no process of it is left."""
        argv = self.step["argv"]
        if len(self.spec["steps"]) > 1:
            shown = self.step.get("shown") or shlex.join(argv)
            spool.note(self.output, f"-- porch: {self.step['name']}: {shown}")
        self.phase, self.result, self.pid = Phase.RUNNING, None, 0
        try:
            self.pid = self.started(argv)
        except (OSError, ValueError) as error:
            why = error.strerror if isinstance(error, OSError) else error
            cwd = self.spec["cwd"]
            detail = f"cannot start {argv[0]!r}: {why}" + ("" if os.path.isdir(cwd) else f": {cwd}")
            spool.note(self.output, detail)
            return self.ended_by or Result(None, "spawn-error", detail)
        self.tree.group = self.pid
        spool.name_leader(self.lock, self.pid, kernel.born(self.pid))
        while self.is_anything_left() or self.result is None:
            self.attend()
        self.look_at_log()
        return self.result

    def started(self, argv: list[str]) -> int:
        """Start a program, for a while again and again where the system allows no more processes."""
        until = time.monotonic() + SCARCE_S
        while True:
            try:
                return kernel.spawn(
                    argv, self.spec["cwd"], self.spec["env"], self.output, self.spec.get("umask")
                )
            except OSError as error:
                if error.errno not in SCARCE or self.ended_by or time.monotonic() > until:
                    raise
            self.obey(kernel.next_signal(WAKING, 0.5))

    def attend(self) -> None:
        """Do what is due, then wait until something is or a signal comes."""
        self.do_what_is_due()
        patience_s = min(self.patience_s(), self.log_cap.patience_s, self.lease.patience_s)
        self.obey(kernel.next_signal(WAKING, patience_s))

    def is_anything_left(self) -> bool:
        """Collect what has ended. That no child is left (ECHILD) is the proof that nothing is."""
        while True:
            try:
                pid, status = os.waitpid(-1, os.WNOHANG)
            except ChildProcessError:
                return not kernel.IS_LINUX and kernel.identify(-self.pid) is not None
            if pid == 0:
                return True
            if pid == self.pid:
                self.result = self.judge(os.waitstatus_to_exitcode(status))
                self.result_at = time.monotonic()

    def judge(self, code: int) -> Result:
        if self.ended_by:
            return self.ended_by._replace(code=code)
        if code < 0:
            return Result(code, "signal", f"killed by signal {-code} ({signal.strsignal(-code)})")
        return Result(code, "exit", f"exit code {code}" if code else "")

    def look_at_log(self) -> None:
        if complaint := self.log_cap.look():
            spool.note(self.output, complaint)

    def left_s(self) -> float:
        """Return the seconds until the timeout, which time spent paused does not bring nearer."""
        if self.spec["timeout_s"] is None or self.paused_at is not None:
            return A_WHILE_S
        return float(self.spec["timeout_s"]) - (time.monotonic() - self.began - self.paused_s)

    def check_time(self) -> None:
        """Have the attempt end if its time is over, or that of its lease."""
        if self.ended_by:
            return
        if self.left_s() <= 0:
            self.ended_by = Result(None, "timeout", f"not finished within {self.spec['timeout_s']:g} s")
        elif self.lease.has_run_out():
            why = f"its lease ran out: nobody renewed it for {self.spec['lease_s']:g} s"
            self.ended_by = Result(None, "lease", why)

    def patience_s(self) -> float:
        """Return for how long nothing is due unless a signal comes."""
        match self.phase:
            case Phase.RUNNING:  # a pause is put upon newcomers once a second
                wait_s = self.left_s() if self.paused_at is None else 1.0
                if self.result:
                    wait_s = min(wait_s, self.result_at + STRAGGLER_MOMENT_S - time.monotonic())
            case Phase.ENDING:
                wait_s = self.deadline - time.monotonic()
            case Phase.KILLING:  # quick while it races with forks, slow when something cannot die yet
                wait_s = 0.002 if time.monotonic() < self.deadline + 2 else 0.1
        return min(max(wait_s, 0.0), A_WHILE_S)

    def do_what_is_due(self) -> None:
        self.look_at_log()
        if time.monotonic() >= self.next_look:
            self.look_at_directory()
        if self.phase is Phase.RUNNING:
            self.check_time()
            if self.ended_by:
                self.end(self.spec["grace_s"])
            elif self.paused_at is not None:
                self.tree.freeze()
            elif self.result and time.monotonic() >= self.result_at + STRAGGLER_MOMENT_S:
                self.end_stragglers()
        if self.phase is Phase.ENDING and time.monotonic() >= self.deadline:
            self.phase = Phase.KILLING
        if self.phase is Phase.KILLING:
            self.tree.kill()
            if time.monotonic() >= max(self.deadline + STUCK_AFTER_S, self.next_count):
                self.name_what_is_stuck()

    def look_at_directory(self) -> None:
        """Obey an order that came without a signal; end if nobody can ever learn of the result."""
        self.next_look = time.monotonic() + LOOK_S
        if os.fstat(self.lock).st_nlink == 0:
            if self.ended_by is None:
                self.ended_by = Result(None, "stopped", "its directory was deleted")
            self.end(self.spec["grace_s"])
        else:
            self.obey(signal.SIGUSR1)

    def end_stragglers(self) -> None:
        """End what the step has left running; the log says so, and later whoever reads of the result."""
        left = self.tree.names()
        if new := {pid: name for pid, name in left.items() if pid not in self.stragglers}:
            self.stragglers |= new
            counts = counted(new.values()).items()
            names = ", ".join(name if count == 1 else f"{name} ({count})" for name, count in counts)
            what = "1 process" if len(new) == 1 else f"{len(new)} processes"
            spool.note(self.output, f"-- porch: the command is over; ended {what} still running: {names}")
        self.end(STRAGGLER_GRACE_S)

    def name_what_is_stuck(self) -> None:
        """Write down which processes SIGKILL does not end: another user's, or busy in the kernel."""
        self.next_count = time.monotonic() + LOOK_S
        found = self.tree.survivors()
        if found == self.stuck:
            return
        self.stuck = found
        self.acknowledge()
        for pid, name, owner, _ in found:
            told = f"{pid} ({name}) of {owner}, which cannot be killed"
            spool.note(self.output, f"-- porch: waits for process {told}")

    def end(self, grace_s: float) -> None:
        """Ask everything to end within `grace_s`; asking again can only shorten it."""
        deadline = time.monotonic() + grace_s
        if self.phase is not Phase.RUNNING:
            self.deadline = min(self.deadline, deadline)
            return
        self.phase, self.deadline = Phase.ENDING, deadline
        self.tree.ask_to_end()
        self.resume()

    def resume(self) -> None:
        if self.paused_at is None:
            return
        self.tree.thaw()
        self.paused_s += time.monotonic() - self.paused_at
        self.paused_at = None

    def stop(self, grace_s: float) -> None:
        self.ended_by = self.ended_by or Result(None, "stopped", "stopped on request")
        self.end(grace_s)

    def obey(self, signum: int) -> None:
        match signum:
            case signal.SIGTERM:
                self.stop(self.spec["grace_s"])
            case signal.SIGUSR1:
                order = spool.read(f"{self.directory}/ctl.json")
                if order.get("seq", 0) > self.seq:
                    self.carry_out(order)

    def carry_out(self, order: dict[str, Any]) -> None:
        match order["cmd"]:
            case "pause" if self.ended_by is None and self.paused_at is None:
                self.phase = Phase.RUNNING  # if stragglers are being ended, that begins anew afterwards
                self.paused_at = time.monotonic()
                self.tree.freeze()
            case "resume":
                self.resume()
            case "stop":
                self.stop(order["grace_s"])
        self.seq = order["seq"]
        self.acknowledge()

    def acknowledge(self) -> None:
        state = {
            "seq": self.seq,
            "is_paused": self.paused_at is not None,
            "paused_s": self.paused_s,
            "stuck": self.stuck,
        }
        with suppress(OSError):  # a full disk must not end the task
            spool.put(f"{self.directory}/state.json", state)


def counted(names: Iterable[str]) -> dict[str, int]:
    """Return how often each name occurs. Beyond twenty names they are `others`: exit.json has little room."""
    counts: dict[str, int] = {}
    for name in names:
        key = name if name in counts or len(counts) < MOST_NAMES else "others"
        counts[key] = counts.get(key, 0) + 1
    return counts


def turn_to_signals() -> None:
    """Be deaf to what a terminal sends, and keep the others until they are asked for. A fork inherits it."""
    for signum in IGNORED:
        signal.signal(signum, signal.SIG_IGN)
    kernel.block(WAKING)


def own(directory: str) -> None:
    """Run the attempt of this directory, unless another shim does or has.

    Only in a process just forked, which has turned to its signals, and whose standard input is a file with
    the environment of the steps: it leaves the starter's session and its
    terminal, and adopts what the attempt's processes leave behind.
    """
    os.setsid()
    kernel.adopt_orphans()
    lock = spool.take_lock(directory)
    if lock is None or spool.has(f"{directory}/run.json"):
        return
    spec = spool.read(f"{directory}/spec.json")
    spec["env"] = spool.read_open(0)  # it is in no file that has a name
    me = kernel.identify(os.getpid())
    assert me is not None
    output = os.open(f"{directory}/output.log", os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)
    directory = kernel.anchored(directory)  # the repository may be moved meanwhile
    attempt = Attempt(directory, spec, output, lock)
    spool.reserve(f"{directory}/exit.json")
    run = {**me._asdict(), "host": os.uname().nodename, "started_at": attempt.started_at}
    spool.put(f"{directory}/run.json", run)
    spool.keep_names(directory)  # that of the reserved exit.json too; before anything runs: never twice
    null = os.open(os.devnull, os.O_RDWR)
    for fd, target in enumerate((null, null, output)):  # a traceback of the shim itself goes to the log;
        os.dup2(target, fd)  # the starter, reading our output to its end, learns that the attempt has begun
    record = attempt.run()
    if os.fstat(lock).st_nlink:  # else there is nobody to write for, and no folder to write into
        spool.put(f"{directory}/exit.json", record, is_durable=True)


if __name__ == "__main__":
    if os.fork() == 0:  # so that the starter has its child back at once, and no zombie later
        turn_to_signals()
        own(os.path.abspath(sys.argv[1]))
