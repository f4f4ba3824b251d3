"""The certificates of one cluster: an authority of its own, and a certificate for each role.

Whoever holds any of them can run code on every machine of the cluster: to dask, all roles are equal. What the
roles still buy: with the client's certificate no one can pass as the scheduler or a worker.
"""

from __future__ import annotations

import os
import shutil
import stat
import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from porch_tui.errors import PlanError, RepositoryError
from porch_tui.places.dask.credentials import CA_CERT, CA_KEY, CERT, DASK_CONFIG, KEY, Credentials, Role

VALID = timedelta(days=365)
CLOCKS_DIFFER = timedelta(hours=25)
"""How long before its making a certificate is valid: the clock of another machine may be behind."""
FOR_OTHERS = stat.S_IRWXG | stat.S_IRWXO
MAKE_NEW = "make new ones: porch cluster certs DIR"


def make(folder: Path, valid: timedelta = VALID) -> datetime:
    """Write an authority, and a folder for each role, into a folder that is new or empty; return their end.

    All of it appears at once, readable by its owner only. Raises PlanError if something is there already,
    RepositoryError if it cannot be written.
    """
    try:
        if folder.is_symlink() or (folder.exists() and (not folder.is_dir() or any(folder.iterdir()))):
            raise PlanError(
                f"{folder} is there already, and certificates that are in use must not be overwritten; "
                "name a folder that does not exist"
            )
        folder.parent.mkdir(parents=True, exist_ok=True)
        aside = Path(tempfile.mkdtemp(prefix=f".{folder.name}.", dir=folder.parent))
        try:
            end = _write(aside, valid)
            aside.rename(folder)  # takes the place of an empty folder, and fails on any other
        finally:
            shutil.rmtree(aside, ignore_errors=True)
    except OSError as error:
        raise RepositoryError(
            f"cannot write certificates to {folder}: {error.strerror}; fix that, or name another folder"
        ) from error
    return end


class _Authority:
    """Signs certificates; its own is one of them."""

    def __init__(self, valid: timedelta) -> None:
        now = datetime.now(UTC).replace(microsecond=0)
        self.end = now + valid
        self._begin = min(now, self.end) - CLOCKS_DIFFER
        self.key = ec.generate_private_key(ec.SECP256R1())
        self._name = _named(f"porch cluster {now:%Y-%m-%d} {os.urandom(4).hex()}")
        self.certificate = self._signed(self._name, self.key.public_key(), ())

    def issue(self, role: Role) -> tuple[x509.Certificate, ec.EllipticCurvePrivateKey]:
        """Return a certificate for a role, with its private key."""
        # the scheduler and workers connect to each other, in both directions; a client only connects
        uses = [ExtendedKeyUsageOID.CLIENT_AUTH]
        if role is not Role.CLIENT:
            uses.append(ExtendedKeyUsageOID.SERVER_AUTH)
        key = ec.generate_private_key(ec.SECP256R1())
        return self._signed(_named(f"porch {role}"), key.public_key(), tuple(uses)), key

    def _signed(
        self, name: x509.Name, public_key: ec.EllipticCurvePublicKey, uses: tuple[x509.ObjectIdentifier, ...]
    ) -> x509.Certificate:
        is_authority = not uses
        usage = x509.KeyUsage(
            digital_signature=not is_authority,
            key_cert_sign=is_authority,
            crl_sign=is_authority,
            content_commitment=False,
            key_encipherment=False,
            data_encipherment=False,
            key_agreement=False,
            encipher_only=False,
            decipher_only=False,
        )
        issuer = x509.AuthorityKeyIdentifier.from_issuer_public_key(self.key.public_key())
        builder = (
            x509.CertificateBuilder()
            .subject_name(name)
            .issuer_name(self._name)
            .public_key(public_key)
            .serial_number(x509.random_serial_number())
            .not_valid_before(self._begin)
            .not_valid_after(self.end)
            .add_extension(x509.BasicConstraints(is_authority, 0 if is_authority else None), critical=True)
            .add_extension(usage, critical=True)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(public_key), critical=False)
            .add_extension(issuer, critical=False)
        )
        if uses:
            builder = builder.add_extension(x509.ExtendedKeyUsage(uses), critical=False)
        return builder.sign(self.key, hashes.SHA256())


def _named(name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])


def _write(folder: Path, valid: timedelta) -> datetime:
    authority = _Authority(valid)
    trusted = authority.certificate.public_bytes(serialization.Encoding.PEM)
    _put(folder / CA_CERT, trusted)
    _put(folder / CA_KEY, _private(authority.key))
    for role in Role:
        certificate, key = authority.issue(role)
        of_role = folder / role
        of_role.mkdir(mode=0o700)
        _put(of_role / CA_CERT, trusted)
        _put(of_role / CERT, certificate.public_bytes(serialization.Encoding.PEM))
        _put(of_role / KEY, _private(key))
        if role is not Role.CLIENT:
            _put(of_role / DASK_CONFIG, _dask_config(role).encode())
    return authority.end


def _private(key: ec.EllipticCurvePrivateKey) -> bytes:
    pem: bytes = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return pem


def _put(path: Path, content: bytes) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)


def _dask_config(role: Role) -> str:
    return f"""\
# Settings of dask for a {role} of this cluster. The paths are relative: start it in this folder.
distributed:
  comm:
    require-encryption: true
    default-scheme: tls
    timeouts:
      connect: 5s        # a worker that waits for its scheduler looks for it again this often
    tls:
      min-version: 1.3
      ca-file: {CA_CERT}
      {role}:
        cert: {CERT}
        key: {KEY}
  scheduler:
    worker-ttl: 60s      # a worker that hangs counts as gone after this
    http:
      routes: []         # dask's pages ask for no password
  worker:
    http:
      routes: []
"""


def examine(credentials: Credentials, now: datetime | None = None) -> datetime:
    """Check one's own certificate before anything is sent with it; return when it ends.

    Raises RepositoryError if a file cannot be read, others can read the key, the certificate or its authority
    is not valid at the time, or they do not belong together.
    """
    if _opened(credentials.key_file)[1] & FOR_OTHERS:
        raise RepositoryError(
            f"others on this machine can read the private key {credentials.key_file}, and whoever has it can "
            f"run code on every machine of the cluster: chmod 600 {credentials.key_file}; if someone may "
            f"have read it, {MAKE_NEW}"
        )
    authority, certificate = _certificate(credentials.ca_file), _certificate(credentials.cert_file)
    for file, one in ((credentials.ca_file, authority), (credentials.cert_file, certificate)):
        _check_time(file, one, now or datetime.now(UTC))
    try:
        certificate.verify_directly_issued_by(authority)
    except (ValueError, TypeError, InvalidSignature) as error:
        raise RepositoryError(
            f"the certificate {credentials.cert_file} is not one of the authority {credentials.ca_file}; "
            "take all files from one folder that porch cluster certs has made"
        ) from error
    end: datetime = certificate.not_valid_after_utc
    return end


def _opened(path: Path) -> tuple[bytes, int]:
    """Return what a file holds, and its mode."""
    try:
        with path.open("rb") as file:
            return file.read(), os.fstat(file.fileno()).st_mode
    except OSError as error:
        raise RepositoryError(
            f"cannot read {path}, which a connection to the cluster needs: {error.strerror}"
        ) from error


def _certificate(path: Path) -> x509.Certificate:
    try:
        return x509.load_pem_x509_certificate(_opened(path)[0])
    except ValueError as error:
        raise RepositoryError(f"{path} is no certificate in PEM format; {MAKE_NEW}") from error


def _check_time(file: Path, certificate: x509.Certificate, now: datetime) -> None:
    begin, end = certificate.not_valid_before_utc, certificate.not_valid_after_utc
    if now > end:
        raise RepositoryError(f"the certificate {file} expired on {end:%Y-%m-%d %H:%M} UTC; {MAKE_NEW}")
    if now < begin:
        raise RepositoryError(
            f"the certificate {file} is valid from {begin:%Y-%m-%d %H:%M} UTC on, and here it is "
            f"{now:%Y-%m-%d %H:%M} UTC; set the clock of this machine, or {MAKE_NEW}"
        )
