"""What other machines cost.

    python tests/bench/places.py ready [--rounds N]

`ready`: two hosts behind an sshd each on loopback, entered at once, until both have answered an engine's
greeting: with the program sent, and with the program there. Their Python has no packages and has compiled
nothing when it must be sent, and no process of porch runs there when a round begins.
"""

from __future__ import annotations

import argparse
import os
import shutil
import statistics
import sys
import tempfile
import time
import venv
from contextlib import ExitStack
from pathlib import Path

from porch_tui.places.carriers.pipe import SshCarrier
from porch_tui.places.carriers.way_in import TO_LOGIN
from porch_tui.places.near.contact import Contact
from porch_tui.places.near.remote import RemoteExecutor, greeting

sys.path.insert(0, str(Path(__file__).parents[2]))
from tests.places.sshd import Sshd
from tests.project import until

IDLE_S = 0.5
"""After which the host's process ends, so that each round starts one."""


def ready(rounds: int) -> None:
    """Print how long two hosts take to be ready."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="porch-bench-")))
        venv.create(folder / "bare")
        path = f"{folder}/bare/bin:{os.environ['PATH']}"
        servers = [stack.enter_context(Sshd(folder / name, PATH=path)) for name in ("big", "mini")]
        clients = [server.client() for server in servers]
        for is_there in (False, True):
            took = [_round(servers, clients, is_there) for _ in range(rounds)]
            what = "with the program there" if is_there else "with the program sent"
            print(
                f"two hosts ready, {what}: median {statistics.median(took):.2f} s, most {max(took):.2f} s"
                f" ({rounds} rounds, load {os.getloadavg()[0]:.1f})"
            )


def _round(servers: list[Sshd], clients: list[Path], is_there: bool) -> float:
    for server in servers:
        root = server.home / ".cache/porch"
        until(lambda root=root: not (root / "hosts/socket.1").exists(), "the host's process to end")
        if not is_there:
            shutil.rmtree(root, ignore_errors=True)
    contacts: list[list[Contact]] = [[] for _ in clients]
    began = time.monotonic()
    executors = [
        RemoteExecutor(
            lambda *events: None,
            SshCarrier("big", {**os.environ, "PATH": f"{client}:{os.environ['PATH']}"}, words()),
            greeting("bench", "app", ("U", "u@example.org")),
            heard.append,
        )
        for client, heard in zip(clients, contacts, strict=True)
    ]
    until(lambda: all(contacts), "both hosts")
    took = time.monotonic() - began
    assert all(contact.welcome for heard in contacts for contact in heard), contacts
    for executor in executors:
        executor.close()
    return took


def words() -> tuple[str, ...]:
    """Return what runs on the hosts."""
    return (*TO_LOGIN, "--idle", f"{IDLE_S}")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("what", choices=["ready"])
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    ready(options.rounds)
