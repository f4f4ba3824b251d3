"""Who is let into a cluster, and what is said to whoever is not, before anything is sent."""

from __future__ import annotations

import json
import os
import shutil
import socket
import ssl
import threading
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from lab import Lab, free_port

from porch_tui.errors import PlanError, RepositoryError
from porch_tui.places.carriers.carrier import CarrierError
from porch_tui.places.dask.access import Access, access_to, credentials_for, knock
from porch_tui.places.dask.certificates import make
from porch_tui.places.dask.cluster import DaskCluster
from porch_tui.places.dask.credentials import Credentials, Role

# --- what is shown, and where


@pytest.mark.parametrize("url", ["tls://h", "tls://h:0", "tls://h:70000", "http://h:1", "tls://:1", "w"])
def test_what_is_no_address_is_refused(url):
    with pytest.raises(PlanError, match="no address of a scheduler"):
        access_to(url, {})


@pytest.mark.parametrize("url", ["tcp://cluster:8786", "tcp://10.1.2.3:8786", "dask://cluster:8786"])
def test_plain_connections_beyond_this_machine_are_refused_and_the_message_says_why(url, tmp_path):
    environ = {"XDG_STATE_HOME": str(tmp_path)}

    with pytest.raises(PlanError, match=r"run programs on every machine .*--insecure"):
        access_to(url, environ)

    assert url.partition("://")[2] == access_to(url, environ, is_insecure=True).address.partition("://")[2]


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "[::1]", "127.9.9.9"])
def test_plain_connections_on_this_machine_are_allowed(host, tmp_path):
    environ = {"XDG_STATE_HOME": str(tmp_path)}

    assert Access(f"tcp://{host}:8786") == access_to(f"tcp://{host}:8786", environ)
    assert Access(f"tcp://{host}:8786") == access_to(f"dask://{host}:8786", environ)


def test_without_a_certificate_the_variable_that_names_one_is_said(tmp_path):
    with pytest.raises(RepositoryError, match="PORCH_TLS=DIR/client"):
        access_to("tls://cluster:8786", {"XDG_STATE_HOME": str(tmp_path)})


def test_a_certificate_is_found_by_its_folder_this_machines_cluster_or_the_settings_of_dask(tmp_path):
    import dask

    make(tmp_path / "certs")
    client = Credentials.of(tmp_path / "certs" / Role.CLIENT)
    state = tmp_path / "state" / "porch" / "cluster"
    state.mkdir(parents=True)
    (state / "cluster.json").write_text(json.dumps({"address": "tls://127.0.0.1:1"}))
    environ = {"XDG_STATE_HOME": str(tmp_path / "state")}
    settings = {"ca-file": client.ca_file, "client": {"cert": client.cert_file, "key": client.key_file}}

    assert Access("tls://h:1", client) == access_to("dask://h:1", {"PORCH_TLS": str(client.ca_file.parent)})
    assert Credentials.of(state / "certs" / "client") == credentials_for("tls://127.0.0.1:1", environ)
    assert None is credentials_for("tls://127.0.0.1:2", environ)
    with dask.config.set({"distributed.comm.tls": settings}):
        assert client == credentials_for("tls://127.0.0.1:2", environ)


def test_a_certificate_that_must_not_be_used_is_refused_before_anything_is_sent(tmp_path):
    make(tmp_path / "old", timedelta(days=-2))
    make(tmp_path / "open")
    (tmp_path / "open" / "client" / "key.pem").chmod(0o644)

    with pytest.raises(RepositoryError, match="expired on"):
        access_to("tls://127.0.0.1:1", {"PORCH_TLS": str(tmp_path / "old" / "client")})
    with pytest.raises(RepositoryError, match="others on this machine can read"):
        access_to("tls://127.0.0.1:1", {"PORCH_TLS": str(tmp_path / "open" / "client")})


# --- what answers there


@pytest.fixture
def stranger() -> Iterator[int]:
    """The port of a server that says nothing and hangs up."""
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve() -> None:
            while True:
                try:
                    server.accept()[0].close()
                except OSError:
                    return

        threading.Thread(target=serve, daemon=True).start()
        yield server.getsockname()[1]
        server.shutdown(socket.SHUT_RDWR)


def test_nothing_or_something_else_at_the_address_is_said(stranger, tmp_path):
    make(tmp_path / "certs")
    client = Credentials.of(tmp_path / "certs" / Role.CLIENT)

    with pytest.raises(RepositoryError, match="nothing listens at"):
        knock(Access(f"tls://127.0.0.1:{free_port()}", client))
    with pytest.raises(RepositoryError, match="does not greet as a scheduler"):
        knock(Access(f"tcp://127.0.0.1:{stranger}"))
    with pytest.raises(RepositoryError, match=r"hung up|speaks no TLS"):
        knock(Access(f"tls://127.0.0.1:{stranger}", client))
    with pytest.raises(RepositoryError, match=r"no machine is called 'no\.such\.host\.invalid'"):
        knock(Access("tcp://no.such.host.invalid:1"))


def test_a_key_of_another_certificate_is_said(tmp_path):
    make(tmp_path / "certs")
    client, worker = (Credentials.of(tmp_path / "certs" / role) for role in (Role.CLIENT, Role.WORKER))
    shutil.copy(worker.key_file, client.key_file)

    with pytest.raises(RepositoryError, match=f"key {client.key_file} is not that of the certificate"):
        knock(Access("tls://127.0.0.1:1", client))


@pytest.mark.slow
class TestCluster:
    """A real one, with TLS."""

    def test_its_own_client_is_let_in(self, lab):
        knock(lab.access)

    def test_a_foreign_certificate_is_refused_by_both_sides(self, lab, tmp_path):
        make(tmp_path / "other")
        foreign = Credentials.of(tmp_path / "other" / Role.CLIENT)
        with pytest.raises(RepositoryError, match=r"is not of the authority .*belongs to another cluster"):
            knock(Access(lab.address, foreign))

        mixed = Credentials(lab.client.ca_file, foreign.cert_file, foreign.key_file)
        with pytest.raises(ssl.SSLError, match="ALERT"):
            show(lab, mixed)

    def test_no_certificate_is_refused(self, lab):
        with pytest.raises(ssl.SSLError, match="CERTIFICATE_REQUIRED"):
            show(lab, Credentials(lab.client.ca_file, Path(), Path()))

    def test_plain_tcp_is_refused_with_what_to_write(self, lab):
        with pytest.raises(RepositoryError, match=f"write {lab.address}"):
            knock(Access(lab.address.replace("tls", "tcp")))

    def test_the_run_is_given_the_reason(self, lab, tmp_path):
        make(tmp_path / "other")
        cluster = DaskCluster(Access(lab.address, Credentials.of(tmp_path / "other" / Role.CLIENT)))

        with pytest.raises(CarrierError, match="belongs to another cluster"):
            cluster.carrier("w1").open(print, print)
        cluster.close()


def show(lab: Lab, credentials: Credentials) -> None:
    """Connect with any certificate, or none, and wait for the scheduler's verdict."""
    context = ssl.create_default_context(cafile=os.fspath(credentials.ca_file))
    context.check_hostname = False
    if credentials.cert_file.name:
        context.load_cert_chain(credentials.cert_file, credentials.key_file)
    with (
        socket.create_connection(("127.0.0.1", lab.port)) as connection,
        context.wrap_socket(connection) as tls,
    ):
        tls.recv(1)


OTHER_VERSION = """
import distributed.node as node
from distributed.versions import get_versions
node.get_versions = lambda packages=None: {"packages": {**get_versions()["packages"], WHAT: THEIRS}}
"""
"""What a scheduler or worker loads first, so that it says of itself what one of another version would."""


@pytest.mark.slow
@pytest.mark.parametrize(("what", "theirs"), [("Python", "3.10.9"), ("distributed", "2019.1.0")])
@pytest.mark.parametrize("where", ["the scheduler", "worker w1"])
def test_other_versions_are_refused_with_both_named_before_anything_is_sent(tmp_path, what, theirs, where):
    module = tmp_path / "other_version.py"
    module.write_text(OTHER_VERSION.replace("WHAT", repr(what.lower())).replace("THEIRS", repr(theirs)))
    preload = {f"DASK_DISTRIBUTED__{part}__PRELOAD": f"['{module}']" for part in ("SCHEDULER", "WORKER")}
    lab = Lab(tmp_path)
    try:
        lab.scheduler(preload if where == "the scheduler" else {})
        lab.worker("w1", env=preload if where == "worker w1" else {})
        lab.until_joined("w1")
        cluster = DaskCluster(lab.access)
        with pytest.raises(CarrierError, match=rf"{where} has {what} {theirs}, and porch runs with {what} "):
            cluster.carrier("w1").open(print, print)
        cluster.close()
    finally:
        lab.close()
    assert "Run out-of-band function" not in (tmp_path / "w1.log").read_text()
