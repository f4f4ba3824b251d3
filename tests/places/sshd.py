"""A real sshd, on loopback or in another network, with its own keys and settings, and an `ssh` to it."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.project import until

SSHD = shutil.which("sshd") or shutil.which("sshd", path="/usr/sbin:/usr/local/sbin")
NO_SSHD = "no sshd, or no ssh"


def free_port() -> int:
    """Return a port of loopback where nothing listens."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
        return port


class Sshd:
    """A server whose home is the folder `home`, unless it leads to other users."""

    def __init__(
        self,
        folder: Path,
        *settings: str,
        has_own_home: bool = True,
        address: str = "",
        within: Sequence[str] = (),
        **env: str,
    ) -> None:
        """`address`: where it listens, on port 22, if not on loopback. `within` leads into that network."""
        if SSHD is None or shutil.which("ssh") is None:
            pytest.skip(NO_SSHD)
        self.folder, self.home = folder, folder / "home"
        self.home.mkdir(parents=True, mode=0o700)
        self.address, self.port = address or "127.0.0.1", 22 if address else free_port()
        for name in ("host_key", "user_key"):
            subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", folder / name], check=True)
        (folder / "authorized_keys").write_text((folder / "user_key.pub").read_text())
        key = (folder / "host_key.pub").read_text()
        self.known_hosts = folder / "known_hosts"
        self.known_hosts.write_text(f"{self.address if address else f'[127.0.0.1]:{self.port}'} {key}")
        usual = [
            f"Port {self.port}",
            f"ListenAddress {self.address}",
            f"HostKey {folder}/host_key",
            f"AuthorizedKeysFile {folder}/authorized_keys",
            "UsePAM no",
            "StrictModes no",
            "PidFile none",
            "PasswordAuthentication no",
            "KbdInteractiveAuthentication no",
        ]
        variables = {"HOME": str(self.home), **env} if has_own_home else env
        environment = " ".join(f"{name}={value}" for name, value in variables.items())
        usual += [f"SetEnv {environment}"] if environment else []
        (folder / "sshd_config").write_text("\n".join([*settings, *usual]) + "\n")
        if os.getuid() == 0:
            Path("/run/sshd").mkdir(exist_ok=True)  # where it locks the part of it up that talks to strangers
        self._log = (folder / "sshd.log").open("wb")
        self.process = subprocess.Popen(
            [*within, SSHD, "-D", "-e", "-f", folder / "sshd_config"], stdout=self._log, stderr=self._log
        )
        until(self._answers, "sshd to listen")

    def client(self, *settings: str, name: str = "big") -> Path:
        """Return a folder for PATH, whose `ssh` knows this server as `big`."""
        folder = self.folder / f"bin-{name}"
        folder.mkdir()
        config = [
            f"Host {name}",
            f"HostName {self.address}",
            f"Port {self.port}",
            f"IdentityFile {self.folder}/user_key",
            "IdentitiesOnly yes",
            f"UserKnownHostsFile {self.known_hosts}",
            *settings,
        ]
        (folder / "config").write_text("\n".join(config) + "\n")
        program = folder / "ssh"
        program.write_text(f'#!/bin/sh\nexec {shutil.which("ssh")} -F {folder}/config "$@"\n')
        program.chmod(0o755)
        return folder

    def _answers(self) -> bool:
        assert self.process.poll() is None, (self.folder / "sshd.log").read_text()
        with socket.socket() as trying:
            return trying.connect_ex((self.address, self.port)) == 0

    def __enter__(self) -> Sshd:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """End it. Connections that are open go on, as with any sshd."""
        self.process.terminate()
        self.process.wait(10)
        self._log.close()
