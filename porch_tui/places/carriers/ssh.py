"""A host behind the system's own ssh: configuration, agents, jump hosts and known hosts are the person's."""

from __future__ import annotations

import re

from porch_tui.places.carriers.carrier import CarrierError

CONNECT_WITHIN_S = 10
OPTIONS = (
    "BatchMode=yes",  # nothing is asked: a run may have no one at the keyboard
    "StrictHostKeyChecking=yes",  # whether a key is the right one, a person says
    f"ConnectTimeout={CONNECT_WITHIN_S}",
    "ServerAliveInterval=5",
    "ServerAliveCountMax=3",
    "RequestTTY=no",
    "RemoteCommand=none",
    "ClearAllForwardings=yes",  # their ports may be taken by the person's own connection
    "ControlMaster=no",  # to use a connection of the person's, not to be one
    "ForwardX11=no",
    "EscapeChar=none",
    "LogLevel=ERROR",  # so that the last line is the reason, and not a greeting
)

_ADVICE = {
    "Host key verification failed": (
        "its key is new here, or another than before: connect once by hand, and compare it: ssh {host}"
    ),
    "Permission denied": "porch answers no prompt: make this work without one: ssh {host} true",
    "Too many authentication failures": "name the key in ~/.ssh/config (IdentityFile, IdentitiesOnly yes)",
    "Could not resolve hostname": "mend the name, or add it to ~/.ssh/config",
    "Connection refused": "see that it is on, and that sshd runs there",
    "timed out": "see that it is on, and reachable from here: ssh {host} true",
    "No route to host": "see that it is on, and reachable from here: ssh {host} true",
    "Network is unreachable": "see that this machine has a network",
    "Connection closed": "see what ssh says: ssh -v {host} true",
    "Connection reset": "see what ssh says: ssh -v {host} true",
}
"""What to do, by what ssh says."""

_WITH_PORT = re.compile(r"ssh://(?P<user>[^@]*@)?(?P<host>[^@]+):(?P<port>[0-9]+)")


def ssh_command(address: str) -> tuple[str, ...]:
    """Return the way in to a host: `big`, `me@big` or `ssh://me@big:2222`. Raises CarrierError."""
    host = address.removeprefix("ssh://")
    if not host or any(part.startswith("-") for part in host.split("@")) or set(address) & set(" \t\n'\"\\"):
        raise CarrierError(f"{address!r} is no host; expected HOST, USER@HOST or HOST:PORT")
    options = [word for option in OPTIONS for word in ("-o", option)]
    return ("ssh", *options, *destination(address), "sh")


def destination(address: str) -> tuple[str, ...]:
    """Return the words of ssh that name a host. Its own `ssh://` knows no IPv6 addresses."""
    found = _WITH_PORT.fullmatch(address)
    if found is None:
        return ("--", address.removeprefix("ssh://"))
    return ("-p", found["port"], "--", f"{found['user'] or ''}{found['host'].strip('[]')}")


def advice(said: str, address: str) -> str:
    """Return what ssh said, and what to do about it where that is known."""
    host = " ".join(word for word in destination(address) if word != "--")
    for words, what in _ADVICE.items():
        if words in said:
            return f"{said.rstrip('.')}; {what.format(host=host)}"
    return said
