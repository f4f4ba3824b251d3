"""What `porch doctor --on` finds at the workers of a cluster."""

from __future__ import annotations

import platform

import pytest

from porch_tui.core.model.place import PlaceName, PlaceSpec, Scheme
from porch_tui.housekeeping.findings import Weight
from porch_tui.housekeeping.place_findings import place_findings


def cluster(address: str) -> PlaceSpec:
    return PlaceSpec(PlaceName(address), Scheme.DASK, address=address)


@pytest.mark.slow
def test_each_worker_is_described_and_what_tasks_need_is_missed(lab):
    environ = {"PORCH_TLS": str(lab.client.ca_file.parent)}

    found = list(place_findings(cluster(lab.address), ["git", "no-such-tool"], environ))

    texts = {one.what: one.text for one in found}
    for worker in ("w1", "w2"):
        assert "round trip" in texts[f"{worker}: place"]
        assert texts[f"{worker}: python"].startswith(platform.python_version())
        assert "as here" == texts[f"{worker}: clock"]
        assert "not found: no-such-tool" in texts[f"{worker}: tools"]
    assert Weight.PROBLEM not in {one.weight for one in found}


def test_a_cluster_that_cannot_be_asked_is_one_problem_with_what_to_do(tmp_path):
    [found] = place_findings(cluster("tls://127.0.0.1:1"), [], {"XDG_STATE_HOME": str(tmp_path)})

    assert found.weight is Weight.PROBLEM
    assert "there is none to show" in found.text and "PORCH_TLS" in found.do
