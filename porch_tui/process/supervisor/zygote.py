"""Fork shims from an interpreter that is warm: starting one for every attempt costs ten times as much.

Run as `python -I -S zygote.py ENGINE ROOM`, with one end of a socket as its standard input. Each message
there is the directory of an attempt and two descriptors. One becomes the shim's output until it has begun:
what holds for a shim started as a program holds for a forked one. The other is a file with the environment
of its steps, and becomes its standard input. There is no answer besides.

It ends when the engine does, however that ends: then its socket does. Nobody else ends with it, for shims
have sessions of their own. It must stay of one thread, and hold nothing that a task might inherit.

Linux only. Stdlib only, and of porch nothing but the files beside it that keep the same rule.
"""

# ruff: noqa: PTH100, PTH120
from __future__ import annotations

import gc
import json
import os
import signal
import socket
import sys
from contextlib import suppress

TYPE_CHECKING = False  # typing would make every shim start 4 ms later, of 19
if TYPE_CHECKING:
    from typing import NoReturn

    from porch_tui.process.supervisor import kernel, shim, spool
else:
    sys.path.append(os.path.dirname(os.path.abspath(__file__)))  # which -I leaves out
    import kernel
    import shim
    import spool

NOWHERE = f"{os.devnull}/nowhere"
"""No file is there, and none can be made."""
REHEARSALS = 20
"""Python looks closely at code that has run some times, and is done with that by then."""
LONGEST_PATH = 4096
"""What the kernel takes for a path."""


def serve(requests: socket.socket, line: kernel.CommandLine) -> None:
    """Fork a shim for each request until the other side is gone."""
    command = command_line(shim.__file__)
    while True:
        # received descriptors are otherwise inherited by every task
        message, descriptors, _, _ = socket.recv_fds(requests, LONGEST_PATH, 2, socket.MSG_CMSG_CLOEXEC)
        if not message:
            return
        output, environment = descriptors
        with suppress(OSError):  # no more processes: the starter finds nothing begun, and starts a program
            if os.fork() == 0:
                requests.close()
                line.show(command + message)
                become_shim(os.fsdecode(message), output, environment)
        os.close(output)
        os.close(environment)


def become_shim(directory: str, output: int, environment: int) -> NoReturn:
    """Turn this child of the zygote into what the shim's program would be, and never return."""
    try:
        for descriptor, fd in ((environment, 0), (output, 1), (output, 2)):
            os.dup2(descriptor, fd)
        os.close(output)
        os.close(environment)
        kernel.hear_of_children()
        shim.own(directory)
    except BaseException:
        sys.excepthook(*sys.exc_info())
    finally:
        with suppress(OSError):
            sys.stderr.flush()
        os._exit(0)


def rehearse() -> None:
    """Go through the motions of a shim, so that what Python makes at first use is there for every fork.

    Its caches, of attributes and of what a line of code has met, are pages that each would copy for itself.
    Nothing comes of it: no program is started, and no file is written.
    """
    steps = [{"name": "", "argv": [NOWHERE], "shown": ""}]
    limits = {"timeout_s": None, "grace_s": 0.0, "lease_s": None, "open_files": None}
    spec = json.dumps({"steps": steps, "cwd": "/", "env": dict(os.environ), **limits})
    null = os.open(os.devnull, os.O_RDWR)
    for _ in range(REHEARSALS):
        attempt = shim.Attempt(NOWHERE, json.loads(spec), null, null)
        record = attempt.run()
        spool.name_leader(null, os.getpid(), kernel.born(os.getpid()))
        attempt.do_what_is_due()
        kernel.next_signal(shim.WAKING, 0.0)
        attempt.is_anything_left()
        attempt.judge(0)
        spool.read(f"{NOWHERE}/spec.json")
        with suppress(OSError):
            spool.put(f"{NOWHERE}/exit.json", record)
    os.close(null)


def command_line(program: str) -> bytes:
    """Return the words by which one of our programs is started, up to its arguments."""
    return b"".join(os.fsencode(word) + b"\0" for word in (sys.executable, "-I", "-S", program))


def main(engine: str) -> None:
    """Leave the engine's family, and serve it."""
    if os.fork():
        os._exit(0)  # who ends the engine with all its children shall not find the shims among them
    requests = socket.socket(fileno=os.dup(0))
    null = os.open(os.devnull, os.O_RDWR)
    for fd in range(3):
        os.dup2(null, fd)
    os.close(null)
    shim.turn_to_signals()  # here, and not once for every shim
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # the kernel forgets shims that have ended
    kernel.identify(os.getpid())  # so is what stays as it is until the machine is started anew
    rehearse()
    line = kernel.CommandLine()
    line.show(command_line(__file__) + os.fsencode(engine))
    gc.collect()
    gc.freeze()  # what is never looked at by a collection is never copied for a child
    serve(requests, line)


if __name__ == "__main__":
    main(sys.argv[1])
