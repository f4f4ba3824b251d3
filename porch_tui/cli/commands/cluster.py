"""`porch cluster`: a dask cluster on this machine to try things out, and certificates for any cluster."""

from __future__ import annotations

import argparse
import os
from pathlib import Path
from typing import TYPE_CHECKING

from porch_tui.cli.arguments import add_json, count
from porch_tui.cli.output.printing import palette, write, write_json
from porch_tui.core.model.wording import counted, listed
from porch_tui.errors import PlanError, RepositoryError
from porch_tui.places.dask.extra import require
from porch_tui.present.clean import clean
from porch_tui.present.signs import Sign

if TYPE_CHECKING:
    from porch_tui.places.dask.local_cluster import LocalCluster, Program

WORKERS = 2
UP = "up"
"""The state of a program that does what it is there for."""
THREAT = "Whoever holds a certificate can run code on every machine of the cluster, this one included."


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of the command."""
    parser.add_argument(
        "what",
        choices=["certs", "up", "status", "down"],
        help="certs: make certificates in DIR for a cluster; "
        "up: start a scheduler and workers on loopback; status: say what runs of it; down: end it",
    )
    parser.add_argument("folder", nargs="?", metavar="DIR", help="where certs writes; must not exist yet")
    parser.add_argument("--workers", type=count, metavar="N", help=f"of up: how many (default: {WORKERS})")
    parser.add_argument("--port", type=_port, metavar="PORT", help="of up: the scheduler's (default: any)")
    add_json(parser)


def _port(text: str) -> int:
    if not text.isdecimal() or not 0 < int(text) < 65536:
        raise argparse.ArgumentTypeError(f"{text!r} is no port: a whole number from 1 to 65535")
    return int(text)


def run(options: argparse.Namespace) -> int:
    """Do what is asked of the cluster; `status` returns 1 if part of it does not run."""
    if options.what == "certs" and not options.folder:
        raise PlanError("porch cluster certs writes certificates: name a folder that does not exist yet")
    if options.what != "certs" and options.folder:
        raise PlanError(f"only porch cluster certs takes a folder: leave out {options.folder!r}")
    if options.what != "up" and (options.workers or options.port):
        raise PlanError("--workers and --port are for porch cluster up")
    if options.what == "certs":
        return _certs(options)
    from porch_tui.places.dask.local_cluster import LocalCluster

    cluster = LocalCluster.of_user(os.environ)
    actions = {"up": _up, "status": _status, "down": _down}
    return actions[options.what](cluster, options)


def _certs(options: argparse.Namespace) -> int:
    require("porch cluster certs")
    from porch_tui.places.dask.certificates import make

    folder = Path(options.directory, options.folder)
    end = make(folder)
    if options.json:
        write_json({"folder": str(folder), "expires": end.isoformat()})
        return 0
    write(f"""\
Certificates for one cluster are in {clean(str(folder))}, valid until {end:%Y-%m-%d}:

  ca.crt, ca.key   the authority; ca.key signs more certificates: keep it here
  scheduler/       for the machine with the scheduler
  worker/          for every machine with workers
  client/          for the machine where you run porch

{THREAT}
So copy a folder only to machines and people that may (`scp -pr` keeps it private), and start:

  cd scheduler; DASK_CONFIG=dask.yaml dask scheduler --host ADDRESS \\
      --dashboard-address 127.0.0.1:0 --no-dashboard
  cd worker; DASK_CONFIG=dask.yaml dask worker tls://SCHEDULER:8786 --host ADDRESS --name NAME \\
      --nworkers 1 --nthreads 4 --resources slots=4 --memory-limit 0 \\
      --dashboard-address 127.0.0.1:0 --no-dashboard

ADDRESS is one of the machine itself. Workers end when their scheduler does: let systemd restart both.
porch finds the client's by PORCH_TLS={clean(str(folder.absolute() / "client"))}
""")
    return 0


def _up(cluster: LocalCluster, options: argparse.Namespace) -> int:
    require("porch cluster up")
    cluster.up(options.workers or WORKERS, options.port or 0)
    return _status(cluster, options)


def _status(cluster: LocalCluster, options: argparse.Namespace) -> int:
    record, joined = cluster.record(), _joined(cluster)
    states = {one.name: _state(one, joined) for one in record.programs}
    if options.json:
        write_json(
            {
                "address": record.address or None,
                "folder": str(cluster.folder),
                "client": {
                    "ca": str(cluster.client.ca_file),
                    "cert": str(cluster.client.cert_file),
                    "key": str(cluster.client.key_file),
                }
                if record.programs
                else None,
                "programs": [
                    {"name": one.name, "pid": one.pid, "slots": one.slots, "state": states[one.name]}
                    for one in record.programs
                ],
            }
        )
    elif not record.programs:
        write("no cluster of porch runs on this machine; porch cluster up starts one\n")
    else:
        signs = palette()
        write(f"{record.address}\n")
        for one in record.programs:
            sign = Sign.GOOD if states[one.name] == UP else Sign.FAILED
            slots = f"  {counted(one.slots, 'slot')}" if one.slots else ""
            line = f"{signs.glyph(sign)} {one.name:9}  {states[one.name]:8}  pid {one.pid}{slots}"
            write(f"{signs.painted(sign, line)}\n")
        if set(states.values()) == {UP}:
            write(f"porch run --on {record.address} runs a plan there; porch cluster down ends it\n")
        else:
            write(f"porch cluster up starts what is missing; logs: {clean(str(cluster.folder))}\n")
    return 0 if all(state == UP for state in states.values()) else 1


def _joined(cluster: LocalCluster) -> frozenset[str] | None:
    """Return the names of the workers that the scheduler knows; None if it does not answer."""
    record = cluster.record()
    if record.scheduler is None or not record.scheduler.is_alive or not record.address:
        return None
    require("porch cluster status")
    from porch_tui.places.dask.asking import workers_of

    try:
        return frozenset(one.name for one in workers_of(record.address, cluster.client))
    except RepositoryError:
        return None


def _state(program: Program, joined: frozenset[str] | None) -> str:
    if not program.is_alive:
        return "ended"
    if joined is None:
        return "without a scheduler" if program.slots else "silent"
    return UP if not program.slots or program.name in joined else "joining"


def _down(cluster: LocalCluster, options: argparse.Namespace) -> int:
    ended = cluster.down()
    if options.json:
        write_json({"ended": list(ended)})
    elif ended:
        write(f"ended: {listed(ended)}; logs: {clean(str(cluster.folder))}\n")
    else:
        write("no cluster of porch was running on this machine\n")
    return 0
