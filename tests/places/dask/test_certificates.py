"""`porch cluster certs`: an authority of its own, a certificate for each role, and no surprises with them."""

from __future__ import annotations

import json
import shutil
import ssl
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from porch_tui.cli import main
from porch_tui.errors import PlanError, RepositoryError
from porch_tui.places.dask.certificates import examine, make
from porch_tui.places.dask.credentials import Credentials, Role


@pytest.fixture(scope="module")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("certificates") / "certs"
    make(folder)
    return folder


@pytest.fixture
def client(certificates: Path, tmp_path: Path) -> Credentials:
    shutil.copytree(certificates / Role.CLIENT, tmp_path / "client")
    return Credentials.of(tmp_path / "client")


def handshake(server: Credentials, client: Credentials) -> None:
    """Let two sides meet in memory as dask lets them; ssl.SSLError if one refuses the other."""
    sides = []
    for mine, is_server in ((server, True), (client, False)):
        purpose = ssl.Purpose.CLIENT_AUTH if is_server else ssl.Purpose.SERVER_AUTH
        context = ssl.create_default_context(purpose, cafile=str(mine.ca_file))
        context.check_hostname, context.verify_mode = False, ssl.CERT_REQUIRED
        context.load_cert_chain(mine.cert_file, mine.key_file)
        sides.append((context, ssl.MemoryBIO(), ssl.MemoryBIO(), is_server))
    (theirs, a, b, _), (ours, _, _, _) = sides
    peers = [theirs.wrap_bio(a, b, server_side=True), ours.wrap_bio(b, a, server_side=False)]
    for _ in range(4):
        for peer in reversed(peers):
            try:
                peer.do_handshake()
            except ssl.SSLWantReadError:
                continue
    for peer in peers:
        peer.write(b"x")
    for peer in peers:
        assert peer.read(1) == b"x"


def test_all_files_are_readable_by_their_owner_only(certificates):
    modes = {path.name: path.stat().st_mode & 0o777 for path in certificates.rglob("*")}

    assert {name: mode for name, mode in modes.items() if mode & 0o077} == {}
    assert modes["key.pem"] == 0o600
    assert certificates.stat().st_mode & 0o777 == 0o700


def test_the_roles_of_a_cluster_know_each_other(certificates):
    scheduler, worker, client = (Credentials.of(certificates / role) for role in Role)

    handshake(scheduler, worker)
    handshake(worker, scheduler)
    handshake(scheduler, client)


def test_a_client_cannot_pass_as_a_scheduler(certificates):
    client, worker = (Credentials.of(certificates / role) for role in (Role.CLIENT, Role.WORKER))

    with pytest.raises(ssl.SSLError, match="certificate"):
        handshake(client, worker)


def test_clusters_do_not_know_each_other(certificates, tmp_path):
    make(tmp_path / "other")

    with pytest.raises(ssl.SSLError, match="certificate"):
        handshake(
            Credentials.of(certificates / Role.SCHEDULER), Credentials.of(tmp_path / "other" / Role.CLIENT)
        )


def test_what_is_there_is_never_overwritten(tmp_path, certificates):
    (tmp_path / "file").touch()
    (tmp_path / "empty").mkdir()
    before = {path: path.read_bytes() for path in certificates.rglob("*.pem")}

    for taken in (certificates, tmp_path / "file"):
        with pytest.raises(PlanError, match="is there already"):
            make(taken)
    make(tmp_path / "empty")

    assert before == {path: path.read_bytes() for path in certificates.rglob("*.pem")}
    assert (tmp_path / "empty" / "ca.crt").exists()


def test_a_folder_that_cannot_be_written_is_one_sentence_and_leaves_nothing(tmp_path):
    (tmp_path / "file").touch()

    with pytest.raises(RepositoryError, match="cannot write certificates"):
        make(tmp_path / "file" / "certs")

    assert [tmp_path / "file"] == list(tmp_path.iterdir())


def test_good_credentials_say_when_they_end(client):
    assert timedelta(days=364) < examine(client) - datetime.now(UTC) < timedelta(days=366)


def test_a_key_that_others_can_read_is_refused_by_its_name(client):
    client.key_file.chmod(0o640)

    with pytest.raises(RepositoryError, match=rf"others .* can read .*{client.key_file}.*chmod 600"):
        examine(client)


def test_a_certificate_that_has_expired_is_refused_with_the_day(tmp_path):
    end = make(tmp_path / "old", timedelta(days=-2))

    with pytest.raises(RepositoryError, match=rf"expired on {end:%Y-%m-%d}.*porch cluster certs"):
        examine(Credentials.of(tmp_path / "old" / Role.CLIENT))


def test_a_certificate_from_the_future_asks_for_the_clock(client):
    with pytest.raises(RepositoryError, match="clock"):
        examine(client, datetime.now(UTC) - timedelta(days=3))


def test_files_of_two_clusters_are_not_mixed_up_silently(client, tmp_path):
    make(tmp_path / "other")
    shutil.copy(tmp_path / "other" / "ca.crt", client.ca_file)

    with pytest.raises(RepositoryError, match=f"{client.cert_file} is not one of the authority"):
        examine(client)


@pytest.mark.parametrize(
    ("content", "said"), [(None, "cannot read"), (b"no", "no certificate in PEM format")]
)
def test_a_file_that_is_missing_or_damaged_is_named(client, content, said):
    client.cert_file.unlink()
    if content is not None:
        client.cert_file.write_bytes(content)

    with pytest.raises(RepositoryError, match=said) as refused:
        examine(client)

    assert str(client.cert_file) in str(refused.value)


def test_the_command_says_what_each_file_is_for_and_what_a_certificate_allows(tmp_path, capsys):
    assert main(["cluster", "certs", str(tmp_path / "certs")]) == 0

    out = capsys.readouterr().out
    assert "run code on every machine of the cluster" in out
    for name in (tmp_path / "certs").iterdir():
        assert name.name in out


def test_the_command_prints_one_json_document_when_asked(tmp_path, capsys):
    assert main(["cluster", "certs", str(tmp_path / "certs"), "--json"]) == 0

    document = json.loads(capsys.readouterr().out)
    assert str(tmp_path / "certs") == document["folder"]
    assert datetime.now(UTC) < datetime.fromisoformat(document["expires"])


def test_the_command_refuses_a_folder_that_is_there(tmp_path, capsys):
    assert main(["cluster", "certs", str(tmp_path)]) == 0
    assert main(["cluster", "certs", str(tmp_path)]) == 2

    assert "is there already" in capsys.readouterr().err
