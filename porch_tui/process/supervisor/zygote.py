"""Forks shims from a warm interpreter: starting one as a program for every attempt costs ten times as much.

Run as `python -I -S zygote.py ENGINE PADDING`, with one end of a socket as its standard input. Each message
there is the directory of an attempt and two descriptors. The first becomes the shim's output until it has
begun, like that of a shim started as a program. The second is a file with the environment of its steps, and
becomes its standard input. There is no reply.

It ends when the engine does, in whatever way, because its socket closes. Shims survive it, for they have
sessions of their own. It must stay single-threaded, and hold nothing that a task must not inherit.

Linux only. Stdlib only, and of porch nothing but the files beside it that keep the same rule.
"""

# ruff: noqa: PTH100, PTH120
from __future__ import annotations

import gc
import os
import signal
import socket
import sys
from contextlib import suppress

TYPE_CHECKING = False  # importing typing takes 4 of a shim's 19 ms
if TYPE_CHECKING:
    from typing import NoReturn

    from porch_tui.process.supervisor import kernel, shim
else:
    sys.path.append(os.path.dirname(os.path.abspath(__file__)))  # which -I leaves out
    import kernel
    import shim

LONGEST_PATH = 4096
"""The kernel's limit."""


def serve(requests: socket.socket, line: kernel.CommandLine) -> None:
    """Fork a shim for each request until the other side is gone."""
    command = command_line(shim.__file__)
    while True:
        # received descriptors are otherwise inherited by every task
        message, descriptors, _, _ = socket.recv_fds(requests, LONGEST_PATH, 2, socket.MSG_CMSG_CLOEXEC)
        if not message:
            return
        output, environment = descriptors
        with suppress(OSError):  # no more processes: the caller sees that nothing began, and starts a program
            if os.fork() == 0:
                requests.close()
                line.show(command + message)
                become_shim(os.fsdecode(message), output, environment)
        os.close(output)
        os.close(environment)


def become_shim(directory: str, output: int, environment: int) -> NoReturn:
    """Turn this child of the zygote into a shim, as if started as a program."""
    try:
        for descriptor, fd in ((environment, 0), (output, 1), (output, 2)):
            os.dup2(descriptor, fd)
        os.close(output)
        os.close(environment)
        signal.signal(signal.SIGCHLD, kernel.do_nothing)  # the zygote ignores it
        shim.run_attempt(directory)
    except BaseException:
        sys.excepthook(*sys.exc_info())
    finally:
        with suppress(OSError):
            sys.stderr.flush()
        os._exit(0)


def command_line(program: str) -> bytes:
    """Return the command line of one of our programs, up to its arguments."""
    return b"".join(os.fsencode(word) + b"\0" for word in (sys.executable, "-I", "-S", program))


def main(engine: str) -> None:
    """Detach from the engine's process tree, and serve it."""
    if os.fork():
        os._exit(0)  # whoever ends the engine with all its children must not find the shims among them
    requests = socket.socket(fileno=os.dup(0))
    null = os.open(os.devnull, os.O_RDWR)
    for fd in range(3):
        os.dup2(null, fd)
    os.close(null)
    shim.set_up_signals()  # here, and not once for every shim
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # the kernel reaps shims that have ended
    kernel.identify(os.getpid())  # caches what is constant until the next boot
    line = kernel.CommandLine()
    line.show(command_line(__file__) + os.fsencode(engine))
    gc.collect()
    gc.freeze()  # memory that no collection touches is never copied for a child
    serve(requests, line)


if __name__ == "__main__":
    main(sys.argv[1])
