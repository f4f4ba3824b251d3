"""With what a scheduler is reached, and whether what answers there is one that takes it.

Nothing of dask is spoken before all of this is known: dask itself only says that a connection was lost.
"""

from __future__ import annotations

import ipaddress
import os
import re
import socket
import ssl
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

import dask.config
from msgspec import Struct

from porch_tui.errors import PlanError, RepositoryError
from porch_tui.places.dask.certificates import examine
from porch_tui.places.dask.credentials import Credentials
from porch_tui.places.dask.local_cluster import LocalCluster

TLS_FOLDER = "PORCH_TLS"
"""The variable that names a client's folder, as `porch cluster certs` makes it."""
ANSWERS_S = 5.0
GREETS_S = 2.0
"""A scheduler without TLS greets whoever connects, at once."""
_ADDRESS = re.compile(
    r"(?P<scheme>tls|tcp|dask)://(?P<host>\[[0-9a-fA-F:.%]+\]|[^/:\[\]]+):(?P<port>\d{1,5})"
)
_NOT_OURS = "take the client's folder of the same porch cluster certs that the scheduler was started with"


class Access(Struct, frozen=True):
    """Where a scheduler is, and what is shown to it."""

    address: str
    """`tls://HOST:PORT`, or `tcp://HOST:PORT`, which has no credentials."""
    credentials: Credentials | None = None


def access_to(url: str, environ: Mapping[str, str], *, is_insecure: bool = False) -> Access:
    """Return with what a scheduler is reached: `tls://`, `tcp://`, or `dask://`, which is TLS if it can be.

    Raises PlanError for what is no such address, and for a connection without TLS beyond this machine unless
    `is_insecure`; RepositoryError if there is no certificate to show, or one that must not be used.
    """
    found = _ADDRESS.fullmatch(url)
    if found is None or not 0 < int(found["port"]) < 65536:
        raise PlanError(f"{url!r} is no address of a scheduler; expected tls://HOST:PORT")
    scheme, place = found["scheme"], f"{found['host']}:{found['port']}"
    credentials = None if scheme == "tcp" else credentials_for(f"tls://{place}", environ)
    if credentials is not None:
        examine(credentials)
        return Access(f"tls://{place}", credentials)
    if scheme == "tls":
        raise RepositoryError(
            f"{url} wants a certificate, and there is none to show; "
            f"export {TLS_FOLDER}=DIR/client, where DIR is what porch cluster certs has made"
        )
    if not is_insecure and not is_loopback(found["host"]):
        raise PlanError(
            f"{url} would be reached without encryption and without certificates, and whoever reaches it "
            "can run programs on every machine of the cluster, this one included; "
            "use tls:// with certificates (porch cluster certs), or --insecure in a network that you trust"
        )
    return Access(f"tcp://{place}")


def is_loopback(host: str) -> bool:
    """Say whether a host is this machine, by its name alone."""
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return host.lower() == "localhost"


def credentials_for(address: str, environ: Mapping[str, str]) -> Credentials | None:
    """Return a client's credentials: those that are named, this machine's cluster's, dask's own; or none."""
    if folder := environ.get(TLS_FOLDER):
        return Credentials.of(Path(folder).expanduser())
    cluster = LocalCluster.of_user(environ)
    if cluster.record().address == address:
        return cluster.client
    files = [
        dask.config.get(f"distributed.comm.tls.{name}", None)
        for name in ("ca-file", "client.cert", "client.key")
    ]
    return Credentials(*map(Path, files)) if all(files) else None


def knock(access: Access) -> None:
    """Find out whether a scheduler answers there and takes what is shown. Raises RepositoryError if not."""
    found = _ADDRESS.fullmatch(access.address)
    assert found is not None
    host, port = found["host"].strip("[]"), int(found["port"])
    context = _context(access.credentials) if access.credentials else None
    try:
        with socket.create_connection((host, port), ANSWERS_S) as connection:
            if context is None:
                _await_greeting(connection, access.address)
            else:
                _show(context, connection, access)
    except socket.gaierror as error:
        raise RepositoryError(f"no machine is called {host!r} here: {error.strerror}") from error
    except ConnectionRefusedError as error:
        raise RepositoryError(
            f"nothing listens at {access.address}; start the scheduler, or correct the address"
        ) from error
    except OSError as error:
        why = error.strerror or str(error)
        raise RepositoryError(f"the scheduler at {access.address} cannot be reached: {why}") from error


def _await_greeting(connection: socket.socket, address: str) -> None:
    connection.settimeout(GREETS_S)
    with suppress(TimeoutError, ConnectionResetError):
        if connection.recv(1):
            return
    raise RepositoryError(
        f"what listens at {address} does not greet as a scheduler without TLS does; if it has TLS, "
        f"write {address.replace('tcp://', 'tls://')}"
    )


def _context(credentials: Credentials) -> ssl.SSLContext:
    """Return what dask makes of the same files. Raises RepositoryError."""
    examine(credentials)
    try:
        context = ssl.create_default_context(ssl.Purpose.SERVER_AUTH, cafile=os.fspath(credentials.ca_file))
        context.check_hostname, context.verify_mode = False, ssl.CERT_REQUIRED
        context.load_cert_chain(credentials.cert_file, credentials.key_file)
    except (ssl.SSLError, OSError) as error:
        raise RepositoryError(
            f"the key {credentials.key_file} is not that of the certificate {credentials.cert_file} "
            f"({error.strerror or error}); {_NOT_OURS}"
        ) from error
    return context


def _show(context: ssl.SSLContext, connection: socket.socket, access: Access) -> None:
    """Show the certificate, and wait for the verdict: with TLS 1.3 it comes after the handshake."""
    assert access.credentials is not None
    address, cert_file = access.address, access.credentials.cert_file
    refused = f"the scheduler at {address} does not take the certificate {cert_file}"
    try:
        with context.wrap_socket(connection) as tls:
            if not tls.recv(1):
                raise RepositoryError(f"{refused}: it has hung up; {_NOT_OURS}")
    except ssl.SSLCertVerificationError as error:
        raise RepositoryError(
            f"the scheduler at {address} shows a certificate that is not of the authority "
            f"{access.credentials.ca_file} ({error.verify_message}): it belongs to another cluster, or is no "
            f"scheduler of yours; {_NOT_OURS}"
        ) from error
    except ssl.SSLError as error:
        reason = (error.reason or str(error)).replace("_", " ").lower()
        if "alert" in reason:
            raise RepositoryError(f"{refused} ({reason}); {_NOT_OURS}") from error
        raise RepositoryError(
            f"what listens at {address} speaks no TLS ({reason}); a scheduler without it is tcp://, "
            "which porch uses on this machine only"
        ) from error
    except ConnectionResetError as error:
        raise RepositoryError(f"{refused}: it has hung up; {_NOT_OURS}") from error
