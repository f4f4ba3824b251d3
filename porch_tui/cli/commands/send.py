"""`porch send`: types a text or keys into the terminal of a task, or writes to its open standard input."""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path

from porch_tui.cli.arguments import add_json, add_run_option
from porch_tui.cli.enter.found import terminal_named
from porch_tui.cli.enter.sending import Sent, keys_named, send
from porch_tui.cli.lookup import session_of, task_named
from porch_tui.cli.output.printing import say, write, write_json
from porch_tui.core.model.plan import TaskId
from porch_tui.emulator.screen import Screen
from porch_tui.errors import PlanError, RefusedError
from porch_tui.process.typing import NoTerminal, TypingInto
from porch_tui.session.session import Session

STDIN = "-"
NOT_TAKEN = 4
"""Exit code."""
_READ_BYTES = 1024 * 1024


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of the command."""
    parser.add_argument("task", metavar="TASK")
    parser.add_argument("text", nargs="?", metavar="TEXT", help=f"{STDIN} reads it from standard input")
    parser.add_argument(
        "--key",
        dest="keys",
        action="append",
        metavar="KEY",
        help="press this key after the text, instead of enter; can be repeated: esc, tab, up, f5, ctrl+c",
    )
    parser.add_argument(
        "--no-enter", dest="has_enter", action="store_false", help="do not press enter after the text"
    )
    add_run_option(parser)
    add_json(parser)


def run(options: argparse.Namespace) -> int:
    """Type into a task's terminal, and print what was typed."""
    if options.text is None and not options.keys:
        raise PlanError("nothing to send: name a TEXT, or keys with --key")
    if options.keys and not options.has_enter:
        raise PlanError("--no-enter is not needed with --key: enter is pressed only without it")
    keys = options.keys or ["enter"] * options.has_enter
    keys_named(keys)
    _, session = session_of(options)
    task = task_named(session.state, options.task)
    if session.state.specs[task].open_stdin is not None:
        return _write_line(options, session, task)
    text = _text(options.text)
    found = terminal_named(session, options.task)

    def look() -> Screen:
        found.terminal.look()
        while found.terminal.is_behind:
            found.terminal.look()
        assert found.terminal.screen is not None  # it was there when it was found
        return found.terminal.screen

    with TypingInto(found.directory) as typing, typing.alone():
        sent = send(typing, look, text, keys)
    return _say_what_was_sent(options, session, found.task, found.directory, sent)


def _write_line(options: argparse.Namespace, session: Session, task: TaskId) -> int:
    """Write a line to a task's standard input, and print what was written."""
    if options.keys:
        raise RefusedError(
            f"{task} has no terminal, so no key can be pressed: what is sent to its standard input is text; "
            "--key works for tasks with `tty: true`"
        )
    log = session.log(task)
    text = _text(options.text)
    try:
        if log is None:
            raise NoTerminal
        with TypingInto(log.parent) as typing, typing.alone():
            left = typing.type(text + b"\n" * options.has_enter)
    except NoTerminal:
        raise RefusedError(
            f"{task} does not read its standard input now: its command has not begun, or that input or the "
            f"command has ended; porch status says which"
        ) from None
    sent = Sent(len(text), False, ("enter",) * options.has_enter, left)
    return _say_what_was_sent(options, session, task, log.parent, sent)


def _say_what_was_sent(
    options: argparse.Namespace, session: Session, task: TaskId, directory: Path, sent: Sent
) -> int:
    """Print it and return the exit code."""
    if options.json:
        write_json(
            {
                "run": session.rundir.run,
                "task": task,
                "attempt": int(directory.name.rpartition(".")[2]),
                "text_bytes": sent.text_bytes,
                "paste": sent.is_paste,
                "keys": sent.keys,
                "not_taken_bytes": sent.not_taken,
            }
        )
    else:
        write(f"{_sentence(task, sent)}\n")
    if sent.not_taken:
        look = "logs" if session.state.specs[task].terminal is None else "enter"
        say(
            f"porch: {task} does not read what is typed: the last {sent.not_taken:,} bytes were "
            f"not taken; porch {look} {task} shows what it does"
        )
        return NOT_TAKEN
    return 0


def _text(text: str | None) -> bytes:
    if text != STDIN:
        return os.fsencode(text or "")
    parts = []
    while part := os.read(sys.stdin.fileno(), _READ_BYTES):
        parts.append(part)
    return b"".join(parts).removesuffix(b"\n")  # as a shell's $(…): the last line break ends the text


def _sentence(task: TaskId, sent: Sent) -> str:
    parts = []
    if sent.text_bytes:
        parts.append(f"{sent.text_bytes:,} bytes{' as a paste' * sent.is_paste}")
    if sent.keys:
        parts.append(", ".join(sent.keys))
    return f"{task}: typed {', then '.join(parts) or 'nothing'}"
