"""The files by which one side of a connection to a cluster shows who it is. Imports nothing that is slow."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path

from msgspec import Struct

CA_CERT, CA_KEY, CERT, KEY, DASK_CONFIG = "ca.crt", "ca.key", "cert.pem", "key.pem", "dask.yaml"


class Role(StrEnum):
    """For whom a certificate is."""

    SCHEDULER = "scheduler"
    WORKER = "worker"
    CLIENT = "client"


class Credentials(Struct, frozen=True):
    """A certificate, its private key, and the authority that all of a cluster trust."""

    ca_file: Path
    cert_file: Path
    key_file: Path

    @classmethod
    def of(cls, folder: Path) -> Credentials:
        """Return those of one role: a folder that `porch cluster certs` has written, or a copy of it."""
        return cls(folder / CA_CERT, folder / CERT, folder / KEY)
