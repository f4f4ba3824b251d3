"""Where a place is, as one word says it: `threads`, `ssh:me@big:2222`, `tls://host:8786`, `slurm:gpu`."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import NoReturn

from porch_tui.core.model.place import HERE, HERE_WORD, PlaceName, PlaceSpec, Scheme
from porch_tui.planfile.text.mistakes import shown

DASK = ("tls", "dask", "tcp")
BATCH = ("slurm", "pbs", "sge", "lsf", "htcondor", "oar")
FORMS = (HERE_WORD, "ssh:HOST", "tls://HOST:PORT", "slurm")
"""What stands for all of them in messages."""
HIGHEST_PORT = 65_535

_USER = r"[A-Za-z0-9_.][A-Za-z0-9_.+-]*"
_HOST = r"[A-Za-z0-9_](?:[A-Za-z0-9_.+-]*[A-Za-z0-9_])?|\[[0-9A-Fa-f:.]+\]"
_ADDRESS = re.compile(rf"(?:(?P<user>{_USER})@)?(?P<host>{_HOST})(?::(?P<port>.*))?")
_PROFILE = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]*")


class NoPlace(Exception):
    """A text is no place; it says why, as the rest of a sentence that begins with what was found."""


def place_at(text: str) -> PlaceSpec:
    """Return the place that a text means. NoPlace if it means none; whether it is there is not looked at."""
    scheme, colon, rest = text.partition(":")
    if text == HERE_WORD:
        return PlaceSpec(HERE, Scheme.HERE)
    if scheme == "ssh":
        return PlaceSpec(PlaceName(text), Scheme.SSH, _destination(rest))
    if scheme in DASK:
        return PlaceSpec(PlaceName(text), Scheme.DASK, _scheduler(scheme, rest))
    if scheme in BATCH:
        if colon and not _PROFILE.fullmatch(rest):
            _no(f"; expected {scheme}, or {scheme}:PROFILE of letters, digits, '.', '_' and '-'")
        return PlaceSpec(PlaceName(text), Scheme.BATCH, text)
    raise NoPlace(f"; expected a place: {', '.join(FORMS)} or an entry of 'places'")


def suggestions(text: str, names: Iterable[str]) -> list[str]:
    """Return what a text that is no place may have been meant for."""
    scheme, colon, rest = text.partition(":")
    schemes = ("ssh", *DASK, *BATCH)
    if colon:  # if that is one, what is wrong comes after it
        return [] if scheme in schemes else [f"{one}:{rest}" for one in schemes]
    return [*names, HERE_WORD, *BATCH]


def _destination(rest: str) -> str:
    """Return what ssh takes for a host and not for an option."""
    form = "expected ssh:HOST, ssh:USER@HOST or ssh:HOST:PORT"
    if not rest.strip("/"):
        _no(f", which names no host; {form}")
    if rest.startswith("//"):
        _no(f"; expected it without slashes: ssh:{rest.lstrip('/')}")
    if any(part.startswith("-") for part in rest.split("@")):
        _no(f", a host that begins with '-', which ssh would take for an option; {form}")
    found = _ADDRESS.fullmatch(rest)
    if found is None:
        _no(f"; {form}: all else is for ~/.ssh/config")
    user = f"{found['user']}@" if found["user"] else ""
    if found["port"] is None:
        return f"{user}{found['host'].strip('[]')}"
    return f"ssh://{user}{found['host']}:{_port(found['port'])}"


def _scheduler(scheme: str, rest: str) -> str:
    """Return the URL of a dask scheduler."""
    form = f"expected {scheme}://HOST:PORT"
    address = rest.removeprefix("//")
    if not address or address.startswith(":"):
        _no(f", which names no host; {form}")
    found = _ADDRESS.fullmatch(address)
    if found is None or found["user"] or not rest.startswith("//"):
        _no(f"; {form}")
    if found["port"] is None:
        _no(f", which names no port; {form}: that of a scheduler is 8786 unless it was started with another")
    return f"{scheme}://{found['host']}:{_port(found['port'])}"


def _port(text: str) -> int:
    if not re.fullmatch(r"[0-9]{1,9}", text) or not 1 <= int(text) <= HIGHEST_PORT:
        _no(f", with the port {shown(text)}; expected a number from 1 to {HIGHEST_PORT}")
    return int(text)


def _no(why: str) -> NoReturn:
    raise NoPlace(why)
