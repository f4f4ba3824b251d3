"""The way to a host by the system's own ssh: a real sshd on loopback, and what is said without one."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from porch_tui.places.carriers.carrier import CarrierError
from porch_tui.places.carriers.pipe import SshCarrier
from porch_tui.places.carriers.ssh import advice, ssh_command
from porch_tui.places.carriers.way_in import enter
from tests.places.carriers.test_way_in import PROGRAM, conversation
from tests.places.sshd import Sshd


@pytest.fixture
def sshd(tmp_path: Path) -> Iterator[Sshd]:
    with Sshd(tmp_path / "sshd") as server:
        yield server


def path_with(folder: Path) -> str:
    return f"{folder}:{os.environ['PATH']}"


def test_a_host_behind_ssh_runs_what_it_is_sent(sshd: Sshd):
    path = path_with(sshd.client())

    entered = enter(ssh_command("big"), {**os.environ, "PATH": path}, ("say", "{root}"), program=PROGRAM)

    assert conversation(entered) == f"say {sshd.home}/.cache/porch HELLO\n".encode()


def test_what_ssh_refuses_is_said_with_what_to_do(sshd: Sshd, monkeypatch: pytest.MonkeyPatch):
    path = path_with(sshd.client())
    monkeypatch.setenv("PATH", path)

    def refusal() -> str:
        with pytest.raises(CarrierError) as error:
            SshCarrier("big").open(lambda data: None, lambda why: None)
        return str(error.value)

    (sshd.folder / "authorized_keys").write_text("")
    denied = refusal()
    sshd.known_hosts.write_text("")
    unknown = refusal()
    sshd.close()
    absent = refusal()

    assert denied.endswith(
        "Permission denied (publickey); porch answers no prompt: make this work without one: ssh big true"
    )
    assert unknown == (
        "Host key verification failed; its key is new here, or another than before: connect once by hand,"
        " and compare it: ssh big"
    )
    assert "Connection refused" in absent
    assert sshd.known_hosts.read_text() == "", "it never accepts a key"


@pytest.mark.parametrize(
    "address", ["-oProxyCommand=touch x", "me@-oProxyCommand=x", "", "a b", "ssh://-x", "ssh://"]
)
def test_what_ssh_would_take_for_an_option_is_no_host(address: str):
    with pytest.raises(CarrierError, match="is no host"):
        ssh_command(address)


@pytest.mark.parametrize(
    ("address", "words"),
    [
        ("me@big", ("--", "me@big")),
        ("::1", ("--", "::1")),
        ("ssh://me@big:2222", ("-p", "2222", "--", "me@big")),
        ("ssh://[::1]:22", ("-p", "22", "--", "::1")),
        ("ssh://me@[fe80::1]:22", ("-p", "22", "--", "me@fe80::1")),
    ],
)
def test_a_host_is_named_as_any_ssh_understands_it(address: str, words: tuple[str, ...]):
    assert ssh_command(address)[-len(words) - 1 :] == (*words, "sh")
    by_hand = " ".join(word for word in words if word != "--")
    assert advice("Permission denied (publickey).", address).endswith(f"one: ssh {by_hand} true")


def test_what_is_not_known_of_ssh_is_said_as_it_is():
    assert advice("kex_exchange_identification: something", "big") == "kex_exchange_identification: something"
