"""What the machine has, and how busy it is."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from porch_tui.process import machine
from porch_tui.process.machine import Gauge, Memory


def burn(seconds: float) -> None:
    """Keep a core busy for so long."""
    until = time.process_time() + seconds
    while time.process_time() < until:
        pass


def test_the_machine_has_cores_and_memory():
    reading = Gauge().read()

    assert 1 <= machine.cores() <= (os.cpu_count() or 1)
    assert 0 < reading.available_bytes <= reading.memory_bytes
    assert 0 <= reading.idle <= 1
    assert reading.cpu_pressure is None or 0 <= reading.cpu_pressure <= 100


def test_a_core_that_is_kept_busy_is_not_idle():
    gauge = Gauge()

    burn(0.5)

    assert gauge.read().idle <= 1 - 0.5 / machine.cores()


@pytest.mark.parametrize(
    ("content", "cores"),
    [("max 100000\n", float("inf")), ("150000 100000\n", 1.5), ("20000 100000\n", 0.2), ("", float("inf"))],
)
def test_a_control_groups_share_is_read(tmp_path, content, cores):
    (tmp_path / "cpu.max").write_text(content)

    assert cores == machine.share(tmp_path / "cpu.max")


def test_the_narrowest_of_the_control_groups_around_us_counts(tmp_path, monkeypatch):
    proc = group_of(tmp_path, monkeypatch, "0::/outer/inner\n")
    groups(tmp_path / "outer", {"cpu.max": "50000 100000", **memory("900000", used="100000", cached="20000")})
    groups(tmp_path / "outer" / "inner", {"cpu.max": "max 100000", **memory("max", used="5", cached="5")})
    (proc / "meminfo").write_text("MemTotal: 4000 kB\nMemAvailable: 3000 kB\n")

    assert 1 == machine.cores()
    assert 0.5 == machine.cpu_share()
    assert Memory(900_000, 820_000) == machine.free_memory()


def test_control_groups_of_the_first_version_count_too(tmp_path, monkeypatch):
    proc = group_of(tmp_path, monkeypatch, "4:memory:/task\n2:cpu,cpuacct:/task\n0::/\n")
    groups(tmp_path / "cpu" / "task", {"cpu.cfs_quota_us": "150000", "cpu.cfs_period_us": "100000"})
    old = {"memory.limit_in_bytes": "700000", "memory.usage_in_bytes": "300000"}
    groups(tmp_path / "memory", {**old, "memory.stat": "cache 5\ntotal_inactive_file 100000\n"})
    groups(tmp_path / "memory" / "task", {**old, "memory.limit_in_bytes": str(2**63 - 4096)})
    (proc / "meminfo").write_text("MemTotal: 4000 kB\nMemAvailable: 3000 kB\n")

    assert 1.5 == machine.cpu_share()
    assert Memory(700_000, 500_000) == machine.free_memory()


def test_pressure_is_read_where_there_is_any(tmp_path):
    (tmp_path / "cpu").write_text("some avg10=42.76 avg60=50.68 avg300=50.49 total=9\nfull avg10=1.25 …\n")

    assert 1.25 == machine.pressure("cpu", "full", tmp_path)
    assert 42.76 == machine.pressure("cpu", folder=tmp_path)
    assert machine.pressure("memory", folder=tmp_path) is None


def group_of(folder: Path, monkeypatch: pytest.MonkeyPatch, cgroup: str) -> Path:
    """Make up a /proc that says in which control groups we are, below `folder`."""
    proc = folder / "proc"
    (proc / "self").mkdir(parents=True)
    (proc / "self" / "cgroup").write_text(cgroup)
    monkeypatch.setattr(machine, "CGROUP_ROOT", folder)
    monkeypatch.setattr(machine, "PROC", proc)
    return proc


def groups(folder: Path, files: dict[str, str]) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in files.items():
        (folder / name).write_text(text)


def memory(limit: str, used: str, cached: str) -> dict[str, str]:
    stat = f"anon 1\ninactive_file {cached}\n"
    return {"memory.max": limit, "memory.current": used, "memory.stat": stat}
