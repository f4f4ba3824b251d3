"""Owns one attempt, from its first step to its last process, whatever else dies meanwhile; in a lane, one
after the other.

Forked by zygote.py, or run as `python -I -S shim.py DIRECTORY`; spool.py lists the files there. Starter,
engine and screen may all be killed: this process enforces the timeout, obeys `ctl.json`, and writes
`exit.json`.

On Linux every process of an attempt stays below this one, so exit.json means that none is left. Elsewhere
only the process group of the step is signalled, paused and waited for: what leaves the group escapes, and
what survives a killed shim is not found.

Stdlib only, and of porch nothing but the files beside it that keep the same rule: it starts in a bare
interpreter, once for every attempt.
"""

# importing pathlib takes 4 of a shim's 19 ms:
# ruff: noqa: PTH100, PTH112, PTH120
from __future__ import annotations

import enum
import errno
import os
import shlex
import signal
import sys
import time
from collections import namedtuple
from contextlib import nullcontext, suppress

TYPE_CHECKING = False  # importing typing takes 4 of a shim's 19 ms
if TYPE_CHECKING:
    from typing import Any

    from porch_tui.process.supervisor import (
        delays,
        fence,
        kernel,
        lane,
        last_line,
        lease,
        log_cap,
        people,
        spool,
        tree,
    )
    from porch_tui.process.supervisor.open_stdin import OpenStdin
    from porch_tui.process.supervisor.terminal import Terminal
else:
    sys.path.append(os.path.dirname(os.path.abspath(__file__)))  # which -I leaves out
    import delays
    import fence
    import kernel
    import lane
    import last_line
    import lease
    import log_cap
    import people
    import spool
    import tree

WAKING = {signal.SIGCHLD, signal.SIGTERM, signal.SIGUSR1}
IGNORED = {signal.SIGHUP, signal.SIGINT, signal.SIGQUIT, signal.SIGTSTP, signal.SIGPIPE}
STRAGGLER_GRACE_S = 2.0
STRAGGLER_MOMENT_S = 0.1
"""What ends this soon after its step, like the rest of a pipeline, does not count as left running."""
LOOK_S = 1.0
"""How often the directory is checked: orders may come from where signals cannot, or it may be gone."""
STUCK_AFTER_S = 2.0
"""After the first SIGKILL; a process alive then is another user's, or blocked in the kernel."""
LONGEST_WAIT_S = 3600.0
LIMIT_ERRORS = (errno.EAGAIN, errno.ENOMEM, errno.EMFILE, errno.ENFILE)
LIMIT_RETRY_S = 60.0
"""For how long a step is tried again that meets a limit of the system."""


class Phase(enum.Enum):
    """How far a step is on its way to its end."""

    RUNNING = enum.auto()
    ENDING = enum.auto()  # all processes were sent SIGTERM and have until the deadline
    KILLING = enum.auto()


class Result(namedtuple("Result", ("code", "cause", "detail"))):
    __slots__ = ()
    code: int | None
    """Negative for a signal, None when the step never started."""
    cause: str
    detail: str


class Attempt:
    """The steps of one attempt, one after another, with their timeout and their processes."""

    def __init__(
        self, directory: str, spec: dict[str, Any], output: int, lock: int, behind: lane.Lane
    ) -> None:
        self.directory, self.spec, self.output, self.lock = directory, spec, output, lock
        self.behind = behind
        self.earlier_cpu_s = kernel.used_cpu_s()
        """Of attempts before it in its lane."""
        self.max_rss = 0
        self.next_look = time.monotonic() + LOOK_S
        kernel.limit_open_files(spec.get("open_files"))
        self.started_at, self.began = time.time(), time.monotonic()
        self.log_cap = log_cap.LogCap(output, kernel.punch)
        self.lease = lease.Lease(directory, spec.get("lease_s"), os.fstat(output).st_mtime)
        self.step: dict[str, Any] = spec["steps"][0]
        self.report: list[dict[str, Any]] = []
        """The steps that are over, for exit.json."""
        self.pid = 0
        self.phase, self.deadline = Phase.RUNNING, 0.0
        self.result: Result | None = None
        """Of the present step, as soon as its main process is over."""
        self.result_at = 0.0
        self.stragglers: dict[int, str] = {}
        """What steps left running when they ended: names by pid."""
        self.stuck: list[list[str | int]] = []
        """What cannot be killed (`tree.Tree.survivors`), as last written to state.json."""
        self.next_count = 0.0
        """When to look for it again."""
        self.ended_by: Result | None = None
        """Why porch ends it, if it does; then no further step starts."""
        self.paused_at: float | None = None
        self.paused_s, self.seq = 0.0, 0
        self.delays = delays.Delays(self.began)
        """Of the present step."""
        self.tree = tree.Tree()
        self.terminal: Terminal | None = None
        self.stdin: OpenStdin | None = None
        """Of the present step, at most one of them: what people type goes there."""
        self.is_finishing = self.is_finished = False
        """Whether the present step was asked to end, or any was, and counts as ended well."""
        self.trouble = ""
        """Why what is behind the fence could not be held, or released, when that was asked for last."""

    def run(self) -> dict[str, Any]:
        """Run the steps up to the first that fails; return the content of exit.json."""
        for step in self.spec["steps"]:
            while self.paused_at is not None:  # since the previous step, which has ended
                self.attend()
            self.step, began = step, time.monotonic()
            cpu_s, paused_s = kernel.used_cpu_s(), self.paused_s
            self.delays = delays.Delays(began)
            self.check_time()
            result = self.ended_by or self.run_step()
            cpu_s = kernel.used_cpu_s() - cpu_s
            took = {
                "wall_s": time.monotonic() - began,
                "paused_s": self.paused_s - paused_s,
                "cpu_s": cpu_s,
                "delay_s": round(self.delays.of(cpu_s), 4),
            }
            asked = last_line.open_line(self.step, self.output)
            self.report.append({"name": self.step["name"], "code": result.code, **took, **asked})
            if not self.is_well(result):
                break
        unended = "" if self.is_well(result) else self.have_fence("end")
        if unended:
            spool.note(self.output, f"-- porch: what is behind the fence may still run: {unended}")
        return {
            "step": self.step["name"],
            "index": len(self.report) - 1,
            **result._asdict(),
            "started_at": self.started_at,
            "ended_at": time.time(),
            "wall_s": time.monotonic() - self.began,
            "paused_s": self.paused_s,
            "cpu_s": kernel.used_cpu_s() - self.earlier_cpu_s,
            "max_rss_bytes": self.max_rss * (1024 if kernel.IS_LINUX else 1),
            "steps": self.report,
            "killed": len(self.tree.killed),
            "stragglers": tree.counted(self.stragglers.values()),
            "unended": unended,
        }

    @staticmethod
    def is_well(result: Result) -> bool:
        return (result.code, result.cause) == (0, "exit")

    def have_fence(self, order: str) -> str:
        """End, hold or release what is behind the fence, if that takes a command; return why it failed."""
        argv = self.spec.get("fence", {}).get(order)
        return fence.run(argv, self.spec["cwd"], self.spec["env"]) if argv else ""

    def run_step(self) -> Result:
        """Start the step and return its result once none of its processes is left."""
        argv = self.step["argv"]
        if len(self.spec["steps"]) > 1:
            shown = self.step.get("shown") or shlex.join(argv)
            spool.note(self.output, f"-- porch: {self.step['name']}: {shown}")
        self.phase, self.result, self.pid = Phase.RUNNING, None, 0
        try:
            self.terminal = people.terminal_of(self.step, self.directory, self.output)
            self.stdin = people.stdin_of(self.step, self.directory, self.output)
            self.pid = self.start(argv, self.step.get("stdin", ""))
        except (OSError, ValueError) as error:
            why = error.strerror if isinstance(error, OSError) else error
            cwd = self.spec["cwd"]
            detail = f"cannot start {argv[0]!r}: {why}" + ("" if os.path.isdir(cwd) else f": {cwd}")
            self.close_typing()
            spool.note(self.output, detail)
            return self.ended_by or Result(None, "spawn-error", detail)
        if typing := self.terminal or self.stdin:
            typing.begun()
        self.tree.group = self.pid
        spool.name_leader(self.lock, self.pid, kernel.born(self.pid))
        while self.is_anything_left() or self.result is None:
            self.attend()
        self.close_typing()
        self.cap_log()
        return self.result

    def close_typing(self) -> None:
        if typing := self.terminal or self.stdin:
            typing.close()
        self.terminal, self.stdin, self.is_finishing = None, None, False

    def note(self, line: str) -> None:
        """Write a line of porch's own into the log, or keep it until the terminal is over."""
        if self.terminal:
            self.terminal.notes.append(line)
        else:
            spool.note(self.output, line)

    def start(self, argv: list[str], stdin: str) -> int:
        """Start a program and return its pid; retries for a while if the system allows no more processes."""
        until = time.monotonic() + LIMIT_RETRY_S
        while True:
            try:
                with spool.nameless(self.directory, stdin) if stdin else nullcontext(None) as file:
                    cwd, umask = self.spec["cwd"], self.spec.get("umask")
                    env = self.spec["env"] | self.step.get("env", {})
                    env = {key: value for key, value in env.items() if value is not None}
                    name = self.terminal.name if self.terminal else ""
                    read = self.stdin.reading if self.stdin else file
                    return kernel.spawn(argv, cwd, env, self.output, umask=umask, stdin=read, terminal=name)
            except OSError as error:
                if error.errno not in LIMIT_ERRORS or self.ended_by or time.monotonic() > until:
                    raise
            self.obey(kernel.next_signal(WAKING, 0.5))

    def attend(self) -> None:
        """Do what is due, then wait until something is due or a signal comes."""
        self.do_what_is_due()
        wait_s = min(self.due_in_s(), self.log_cap.poll_s)
        self.obey((self.terminal or self.stdin or kernel).next_signal(WAKING, wait_s))

    def is_anything_left(self) -> bool:
        """Reap what has ended. No child left (ECHILD) proves that no process is left."""
        while True:
            try:
                if self.result is None and self.delays.is_worth_asking() and kernel.has_ended(self.pid):
                    self.delays.ask([self.pid])
                pid, status, used = os.wait4(-1, os.WNOHANG)
            except ChildProcessError:
                return not kernel.IS_LINUX and kernel.identify(-self.pid) is not None
            if pid == 0:
                return True
            self.max_rss = max(self.max_rss, used.ru_maxrss)
            if pid == self.pid:
                self.result = self.judge(os.waitstatus_to_exitcode(status))
                self.result_at = time.monotonic()

    def judge(self, code: int) -> Result:
        if self.ended_by:
            return self.ended_by._replace(code=code)
        if self.is_finishing:
            return Result(0, "exit", "")
        if code < 0:
            return Result(code, "signal", f"killed by signal {-code} ({signal.strsignal(-code)})")
        return Result(code, "exit", f"exit code {code}" if code else "")

    def cap_log(self) -> None:
        if complaint := self.log_cap.look():
            self.note(complaint)

    def left_s(self) -> float:
        """Return the seconds until the timeout, for which time spent paused does not count."""
        if self.spec["timeout_s"] is None or self.paused_at is not None:
            return LONGEST_WAIT_S
        return float(self.spec["timeout_s"]) - (time.monotonic() - self.began - self.paused_s)

    def check_time(self) -> None:
        """End the attempt after its timeout."""
        if not self.ended_by and self.left_s() <= 0:
            self.ended_by = Result(None, "timeout", f"not finished within {self.spec['timeout_s']:g} s")

    def due_in_s(self) -> float:
        """Return the seconds until something is due."""
        match self.phase:
            case Phase.RUNNING:  # while paused, new processes are frozen once a second
                wait_s = self.left_s() if self.paused_at is None else 1.0
                next_look = min(self.delays.next_look, self.behind.is_held_from)
                wait_s = min(wait_s, next_look - time.monotonic())
                if self.result:
                    wait_s = min(wait_s, self.result_at + STRAGGLER_MOMENT_S - time.monotonic())
            case Phase.ENDING:
                wait_s = self.deadline - time.monotonic()
            case Phase.KILLING:  # fast while it races with forks, slow when something cannot die yet
                wait_s = 0.002 if time.monotonic() < self.deadline + 2 else 0.1
        return min(max(wait_s, 0.0), LONGEST_WAIT_S)

    def do_what_is_due(self) -> None:
        self.cap_log()
        self.behind.look()
        if time.monotonic() >= self.next_look:
            self.next_look = time.monotonic() + LOOK_S
            if os.fstat(self.lock).st_nlink == 0:  # its directory, and with it the result, is gone
                self.stop(self.spec["grace_s"], "its directory was deleted")
            elif why := self.lease.why_over():
                self.ended_by = self.ended_by or Result(None, "lease", why)
                self.end(self.spec["grace_s"])
            else:
                self.obey(signal.SIGUSR1)  # an order may have come without a signal
        if self.phase is Phase.RUNNING:
            self.check_time()
            if self.ended_by:
                self.end(self.spec["grace_s"])
            elif self.paused_at is not None:
                self.tree.freeze(has_terminal=self.terminal is not None)
            elif self.result and time.monotonic() >= self.result_at + STRAGGLER_MOMENT_S:
                self.end_stragglers()
            else:
                self.delays.look(time.monotonic())
        if self.phase is Phase.ENDING and time.monotonic() >= self.deadline:
            self.phase = Phase.KILLING
        if self.phase is Phase.KILLING:
            self.tree.kill()
            if time.monotonic() >= max(self.deadline + STUCK_AFTER_S, self.next_count):
                self.report_stuck()

    def end_stragglers(self) -> None:
        """End what the step left running; the log and the exit record list it."""
        left = self.tree.names()
        if new := {pid: name for pid, name in left.items() if pid not in self.stragglers}:
            self.stragglers |= new
            counts = tree.counted(new.values()).items()
            names = ", ".join(name if count == 1 else f"{name} ({count})" for name, count in counts)
            what = "1 process" if len(new) == 1 else f"{len(new)} processes"
            self.note(f"-- porch: the command is over; ended {what} still running: {names}")
        self.end(STRAGGLER_GRACE_S)

    def report_stuck(self) -> None:
        """Record the processes that SIGKILL does not end: another user's, or blocked in the kernel."""
        self.next_count = time.monotonic() + LOOK_S
        found = self.tree.survivors()
        if found == self.stuck:
            return
        self.stuck = found
        self.acknowledge()
        for pid, name, owner, _ in found:
            line = f"-- porch: waits for process {pid} ({name}) of {owner}, which cannot be killed"
            self.note(line)

    def end(self, grace_s: float) -> None:
        """Ask all processes to end within `grace_s`; asking again can only shorten it."""
        deadline = time.monotonic() + grace_s
        if self.phase is not Phase.RUNNING:
            self.deadline = min(self.deadline, deadline)
            return
        self.phase, self.deadline = Phase.ENDING, deadline
        self.tree.terminate(has_terminal=self.terminal is not None)
        self.resume(is_end=True)

    def pause(self) -> None:
        self.behind.give_back()
        self.trouble = self.have_fence("hold")
        if self.trouble:
            return  # a client that is frozen alone would only look like it
        self.phase = Phase.RUNNING  # if stragglers are being ended, that starts again afterwards
        self.paused_at = time.monotonic()
        self.tree.freeze(has_terminal=self.terminal is not None)

    def resume(self, *, is_end: bool = False) -> None:
        if self.paused_at is None:
            return
        self.trouble = self.have_fence("release")
        if self.trouble and not is_end:
            return
        self.tree.thaw()
        self.paused_s += time.monotonic() - self.paused_at
        self.paused_at = None

    def stop(self, grace_s: float, why: str = "stopped on request") -> None:
        self.behind.give_back()
        self.ended_by = self.ended_by or Result(None, "stopped", why)
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
            case "pause" if self.ended_by is None and self.paused_at is None and not self.is_finishing:
                self.pause()
            case "resume":
                self.resume()
            case "finish" if self.terminal and self.result is None and self.paused_at is None:
                self.is_finishing = self.is_finished = True
                self.end(order["grace_s"])
            case "finish" if self.stdin and self.result is None and self.paused_at is None:
                self.is_finished = True
                self.stdin.finish()
            case "stop":
                self.stop(order["grace_s"])
        self.seq = order["seq"]
        self.acknowledge()

    def acknowledge(self) -> None:
        state = {
            "seq": self.seq,
            "is_paused": self.paused_at is not None,
            "paused_s": self.paused_s,
            "is_finished": self.is_finished,
            "stuck": self.stuck,
            "trouble": self.trouble,
        }
        with suppress(OSError):  # a full disk must not end the task
            spool.put(f"{self.directory}/state.json", state)


def set_up_signals() -> None:
    """Ignore what a terminal sends, and block the signals that `attend` waits for. Forks inherit this."""
    for signum in IGNORED:
        signal.signal(signum, signal.SIG_IGN)
    kernel.block(WAKING)


def run_attempt(directory: str) -> None:
    """Run the attempt of this directory, unless another shim does or has.

    Call it in a forked process after `set_up_signals`, with a file as standard input that holds the
    environment of the steps. It leaves the starter's session and terminal, and becomes the parent of orphans.
    """
    os.setsid()
    kernel.adopt_orphans()
    lock = spool.take_lock(directory)
    if lock is None or spool.has(f"{directory}/run.json"):
        return
    spec = spool.read(f"{directory}/spec.json")
    spec["env"] = spool.read_open(0)  # from a file without a name
    anchored = kernel.anchored(directory)  # the repository may be moved meanwhile
    behind = lane.Lane(anchored, os.path.dirname(directory), spec)
    me = kernel.identify(os.getpid())
    assert me is not None
    attempt = begin(anchored, spec, lock, behind, me)
    # also the reserved exit.json's; before anything runs, so that it never runs twice
    spool.keep_names(anchored)
    null = os.open(os.devnull, os.O_RDWR)
    for fd in range(2):
        os.dup2(null, fd)
    finish(attempt)
    while (following := behind.next()) is not None:
        directory, spec = following
        lock = spool.take_lock(directory)
        if lock is not None and not spool.has(f"{directory}/run.json"):
            finish(begin(directory, spec, lock, behind, me))


def begin(directory: str, spec: dict[str, Any], lock: int, behind: lane.Lane, me: kernel.Identity) -> Attempt:
    """Write down that this process supervises the attempt from now on."""
    output = os.open(f"{directory}/{spool.OUTPUT}", os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)
    attempt = Attempt(directory, spec, output, lock, behind)
    spool.reserve(f"{directory}/exit.json")
    run = {**me._asdict(), "host": os.uname().nodename, "started_at": attempt.started_at}
    spool.put(f"{directory}/run.json", {**run, "mark": spec.get("mark", "")})
    behind.begin()
    return attempt


def finish(attempt: Attempt) -> None:
    """Run the attempt to its end, and write that down."""
    os.dup2(attempt.output, 2)  # for a traceback; and the end of our output tells the starter that it begins
    record = attempt.run()
    if os.fstat(attempt.lock).st_nlink:  # else the directory was deleted
        is_durable = not attempt.behind.is_lane  # to wait for the disk would take longer than all of a lane
        spool.put(f"{attempt.directory}/exit.json", record, is_durable=is_durable)
    else:
        attempt.behind.give_back()
    attempt.behind.after(attempt.is_well(Result(record["code"], record["cause"], "")))
    os.close(attempt.output)
    os.close(attempt.lock)


if __name__ == "__main__":
    if os.fork() == 0:  # so that the starter's child ends at once, and leaves no zombie
        set_up_signals()
        run_attempt(os.path.abspath(sys.argv[1]))
