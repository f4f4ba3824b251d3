"""Two hosts in network namespaces, which answer on port 22 only, and how to lose touch with them."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

import pytest

from tests.places.sshd import Sshd

NAMES = ("big", "mini")
ONLY_SSH = """
table inet porch {
  chain in {
    type filter hook input priority 0; policy drop;
    ct state established,related accept
    tcp dport 22 accept
  }
  chain out {
    type filter hook output priority 0; policy drop;
    ct state established,related accept
  }
}
"""
"""Of a host: it answers who comes by ssh, and reaches no other machine."""


class Host:
    """One of them."""

    def __init__(self, name: str, folder: Path, number: int, stack: ExitStack) -> None:
        self.name, self.folder = name, folder
        self.namespace = f"porch{number}{name}"
        self._link = f"p{number}{name[0]}"
        ours, self.address = (f"10.{64 + number // 256 % 64}.{number % 256}.{last}" for last in _ENDS[name])
        stack.callback(self._remove)
        _run("ip", "netns", "add", self.namespace)
        far = f"{self._link}x"
        _run("ip", "link", "add", self._link, "type", "veth", "peer", "name", far, "netns", self.namespace)
        _run("ip", "addr", "add", f"{ours}/30", "dev", self._link)
        self.inside("ip", "addr", "add", f"{self.address}/30", "dev", far)
        self.inside("ip", "link", "set", far, "up")
        self.inside("ip", "link", "set", "lo", "up")
        self.connect()
        self.inside("nft", "-f", "-", text=ONLY_SSH)
        within = ("ip", "netns", "exec", self.namespace)
        self.server = stack.enter_context(Sshd(folder, address=self.address, within=within))
        self.home = self.server.home

    def inside(self, *words: str, text: str = "") -> str:
        """Run a command in its network; return what that prints."""
        return _run("ip", "netns", "exec", self.namespace, *words, text=text)

    def disconnect(self) -> None:
        """Pull the cable out."""
        _run("ip", "link", "set", self._link, "down")

    def connect(self) -> None:
        """Put it in again."""
        _run("ip", "link", "set", self._link, "up")

    def hang(self) -> None:
        """Let the connections there are hang half-open: nothing more of them arrives. New ones work."""
        lines = self.inside("ss", "-Htn", "state", "established", "sport", "=", ":22").splitlines()
        ports = {line.split()[-1].rpartition(":")[2] for line in lines}
        assert ports
        rule = ("insert", "rule", "inet", "porch", "in", "tcp", "sport", f"{{{','.join(ports)}}}", "drop")
        self.inside("nft", *rule)

    def processes(self) -> dict[int, str]:
        """Return the command lines of what runs there, but for sshd itself and what is only its own."""
        found = dict[int, str]()
        for pid in _run("ip", "netns", "pids", self.namespace).split():
            with suppress(OSError):
                line = Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
                if line and not line.startswith(("sshd:", shutil.which("sshd") or "/usr/sbin/sshd")):
                    found[int(pid)] = line.strip()
        return found

    def _remove(self) -> None:
        with suppress(AssertionError):
            _run("ip", "link", "del", self._link)  # a network may outlive its name for a moment
        with suppress(AssertionError):
            for pid in _run("ip", "netns", "pids", self.namespace).split():
                with suppress(ProcessLookupError):
                    os.kill(int(pid), 9)
            _run("ip", "netns", "del", self.namespace)


_ENDS = {"big": (1, 2), "mini": (5, 6)}


class Network:
    """Both of them, and an `ssh` that knows them by their names."""

    def __init__(self, folder: Path, stack: ExitStack) -> None:
        number = os.getpid() % (64 * 256)
        self.hosts = {name: Host(name, folder / name, number, stack) for name in NAMES}
        self.big, self.mini = (self.hosts[name] for name in NAMES)
        servers = [host.server for host in self.hosts.values()]
        config = "\n".join(
            (server.client(name=name) / "config").read_text()
            for name, server in zip(NAMES, servers, strict=True)
        )
        clients = folder / "clients"
        clients.mkdir()
        (clients / "config").write_text(config)
        program = clients / "ssh"
        program.write_text(f'#!/bin/sh\nexec {shutil.which("ssh")} -F {clients}/config "$@"\n')
        program.chmod(0o755)
        self.env = {"PATH": f"{clients}:{os.environ['PATH']}"}
        """What lets porch find that ssh."""


@contextmanager
def two_hosts(folder: Path) -> Iterator[Network]:
    """Make both, which are gone afterwards with all that runs there; skip where that is not possible."""
    missing = [name for name in ("ip", "nft", "ss") if not shutil.which(name)]
    if missing or os.getuid():
        pytest.skip(f"no {missing[0]}" if missing else "only root can make networks")
    if subprocess.run(["ip", "netns", "add", "porch-try"], capture_output=True, check=False).returncode:
        pytest.skip("networks cannot be made here")
    _run("ip", "netns", "del", "porch-try")
    folder.mkdir(exist_ok=True)
    with ExitStack() as stack:
        yield Network(folder, stack)


def _run(*words: str, text: str = "") -> str:
    done = subprocess.run(words, input=text, capture_output=True, text=True, check=False)
    assert not done.returncode, f"{' '.join(words)}: {done.stderr}"
    return done.stdout
