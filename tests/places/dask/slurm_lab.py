"""A real Slurm of one node, in a network namespace of its own: its daemons listen on all interfaces.

The machine of the tests is the one from which jobs are submitted; both know each other by a pair of links.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from importlib.util import find_spec
from ipaddress import ip_address
from pathlib import Path

import pytest

from project import until

needs_jobqueue = pytest.mark.skipif(
    find_spec("dask_jobqueue") is None,  # imported, it takes SIGINT for itself
    reason="needs the extra: pip install 'porch-tui[hpc]'",
)
DAEMONS = ("munged", "slurmctld", "slurmd")
PROGRAMS = (*DAEMONS, "sbatch", "ip", "nsenter", "unshare")
CORES = 4
"""That the node says it has: jobs of tests run side by side on any machine."""
CONFIGURATION = """\
ClusterName=porch
SlurmctldHost={host}({there})
SlurmUser=root
SlurmdUser=root
AuthType=auth/munge
AuthInfo=socket={root}/munge.socket
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
SelectType=select/cons_tres
SelectTypeParameters=CR_Core
SchedulerParameters=sched_min_interval=100000
AccountingStorageType=accounting_storage/none
JobAcctGatherType=jobacct_gather/none
KillWait=2
ReturnToService=2
StateSaveLocation={root}/state
SlurmdSpoolDir={root}/spool
SlurmctldPidFile={root}/slurmctld.pid
SlurmdPidFile={root}/slurmd.pid
SlurmctldLogFile={root}/slurmctld.log
SlurmdLogFile={root}/slurmd.log
SlurmdParameters=config_overrides
NodeName={host} NodeAddr={there} CPUs={cores} RealMemory=16000 State=UNKNOWN
PartitionName=debug Nodes=ALL Default=YES State=UP
"""


def why_not() -> str:
    """Return what this machine lacks for it; empty: nothing."""
    if missing := [one for one in PROGRAMS if shutil.which(one) is None]:
        return f"no {', '.join(missing)} here (Debian: apt install slurm-wlm munge iproute2)"
    return "" if os.geteuid() == 0 else "needs root"


class Slurm:
    """Its daemons; `environ` is what its commands need."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.environ = {"SLURM_CONF": str(root / "slurm.conf")}
        # of a block for such uses; another one for each process of tests
        block = f"198.18.{os.getpid() // 64 % 256}.{os.getpid() % 64 * 4}"
        self.here, self.there = (str(ip_address(block) + number) for number in (1, 2))
        """The addresses of this machine and of the node, for each other."""
        self._link = f"porch{os.getpid() % 1_000_000}"
        self._running: list[subprocess.Popen[bytes]] = []

    @classmethod
    @contextmanager
    def started(cls, root: Path) -> Iterator[Slurm]:
        """Have one, of which nothing is left, whatever happens."""
        lab = cls(root)
        try:
            lab._start()
            yield lab
        finally:
            lab._close()

    def call(self, *words: str) -> str:
        """Return what a command of Slurm's prints."""
        environ = {**os.environ, **self.environ}
        return subprocess.run(words, env=environ, check=True, capture_output=True, text=True).stdout

    def jobs(self) -> dict[str, str]:
        """Return the jobs that wait or run, with their state."""
        lines = self.call("squeue", "-h", "-o", "%i %T").splitlines()
        return dict(line.split() for line in lines)

    def _start(self) -> None:
        for name in ("state", "spool"):
            (self.root / name).mkdir(parents=True)
        namespace = self._daemon("unshare", "--net", "sleep", "infinity")
        until(lambda: _net(namespace.pid) != _net(os.getpid()), "the network namespace")
        there = ("nsenter", f"--net=/proc/{namespace.pid}/ns/net")
        far = f"{self._link}n"
        for words in (
            ("ip", "link", "add", self._link, "type", "veth", "peer", "name", far),
            ("ip", "link", "set", far, "netns", str(namespace.pid)),
            ("ip", "address", "add", f"{self.here}/30", "dev", self._link),
            ("ip", "link", "set", self._link, "up"),
            (*there, "ip", "address", "add", f"{self.there}/30", "dev", far),
            (*there, "ip", "link", "set", far, "up"),
            (*there, "ip", "link", "set", "lo", "up"),
            (*there, "ip", "route", "add", "default", "via", self.here),
        ):
            subprocess.run(words, check=True)
        host = os.uname().nodename.partition(".")[0]
        (self.root / "slurm.conf").write_text(
            CONFIGURATION.format(host=host, there=self.there, root=self.root, cores=CORES)
        )
        key = self.root / "munge.key"
        key.write_bytes(os.urandom(1024))
        key.chmod(0o400)
        files = {
            "socket": "socket",
            "key-file": "key",
            "pid-file": "pid",
            "log-file": "log",
            "seed-file": "seed",
        }
        options = [f"--{option}={self.root}/munge.{name}" for option, name in files.items()]
        self._daemon("munged", "--foreground", "--force", *options)
        until((self.root / "munge.socket").exists, "munged")
        self._daemon(*there, "slurmctld", "-D", "-i")
        self._daemon(*there, "slurmd", "-D", "-N", host)
        until(self._is_up, f"Slurm; see {self.root}/*.log", 30)

    def _daemon(self, *words: str) -> subprocess.Popen[bytes]:
        log = (self.root / "daemons.log").open("ab")
        environ = {**os.environ, **self.environ}
        child = subprocess.Popen(words, env=environ, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        log.close()
        self._running.append(child)
        return child

    def _is_up(self) -> bool:
        try:
            return self.call("sinfo", "-h", "-o", "%T").strip() in ("idle", "mixed", "allocated")
        except subprocess.CalledProcessError:
            return False

    def _close(self) -> None:
        with suppress(OSError, subprocess.SubprocessError):
            for job in self.jobs():
                self.call("scancel", job)
            until(lambda: not self.jobs(), "jobs to end")
        for child in reversed(self._running):
            child.send_signal(signal.SIGTERM)
            try:
                child.wait(10)
            except subprocess.TimeoutExpired:
                child.kill()
                child.wait(10)


def _net(pid: int) -> int:
    return Path(f"/proc/{pid}/ns/net").stat().st_ino
