"""Ask a scheduler what it has, with one connection that is closed afterwards."""

from __future__ import annotations

import asyncio
import logging
import re
import warnings
from collections.abc import Mapping
from typing import Any

from distributed.core import rpc
from distributed.security import Security
from distributed.versions import VersionMismatchWarning
from msgspec import Struct

from porch_tui.errors import RepositoryError
from porch_tui.places.dask.credentials import Credentials

ANSWERS_S = 10.0
_ODD = re.compile(r"[^\w.:-]")


class DaskWorker(Struct, frozen=True):
    """A worker, as its scheduler knows it."""

    name: str
    """Made fit for a place's name; of one that was given none, its address without `tls://`."""
    address: str
    slots: int
    has_slots: bool = True
    """Whether dask counts them: it was started with `--resources slots=N`."""


def security_of(credentials: Credentials) -> Security:
    """Return dask's form of credentials: only with TLS, and on both sides."""
    return Security(
        require_encryption=True,
        tls_ca_file=str(credentials.ca_file),
        tls_client_cert=str(credentials.cert_file),
        tls_client_key=str(credentials.key_file),
    )


def workers_of(address: str, credentials: Credentials | None) -> tuple[DaskWorker, ...]:
    """Return the workers of a scheduler; RepositoryError if it gives no answer."""
    quiet()
    security = security_of(credentials) if credentials else Security()
    try:
        answer = asyncio.run(_identity(address, security))
    except (TimeoutError, OSError, ValueError) as error:
        raise RepositoryError(f"the scheduler at {address} does not answer: {error}") from error
    return listed_workers(answer)


def listed_workers(identity: Mapping[str, Any]) -> tuple[DaskWorker, ...]:
    """Return the workers that a scheduler names when it says what it is."""
    found = []
    for address, one in identity["workers"].items():
        slots = one.get("resources", {}).get("slots")
        threads = one["nthreads"]
        name = _ODD.sub("_", str(one["name"]).rpartition("//")[2])
        found.append(DaskWorker(name, address, int(slots or threads), slots is not None))
    return tuple(found)


def quiet() -> None:
    """Keep dask from writing to standard error: its tracebacks would go through the screen."""
    for name in ("distributed", "tornado", *logging.root.manager.loggerDict):
        if name.partition(".")[0] in {"distributed", "tornado"}:
            logger = logging.getLogger(name)
            logger.handlers[:] = [logging.NullHandler()]
            logger.propagate = False
    warnings.simplefilter("ignore", VersionMismatchWarning)  # `versions.py` refuses, in a sentence


async def _identity(address: str, security: Security) -> dict[str, Any]:
    scheduler = rpc(address, connection_args=security.get_connection_args("client"), timeout=ANSWERS_S)
    try:
        answer: dict[str, Any] = await asyncio.wait_for(scheduler.identity(n_workers=-1), ANSWERS_S)
        return answer
    finally:
        await scheduler.close_rpc()
