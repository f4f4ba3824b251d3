"""Another Python or another release of dask on the far side is refused with both versions."""

from __future__ import annotations

import sys
from typing import Any

import distributed
import pytest
from distributed.versions import get_versions

from porch_tui.errors import RepositoryError
from porch_tui.places.dask.versions import refuse_other_versions

MINE = ".".join(map(str, sys.version_info[:3]))


def saying(**packages: str) -> dict[str, Any]:
    """Return what a scheduler or a worker says of itself, with some other versions."""
    said = get_versions()
    return {**said, "packages": {**said["packages"], **packages}}


def test_the_same_versions_and_another_patch_of_python_are_taken():
    refuse_other_versions("the scheduler", saying())
    refuse_other_versions("the scheduler", saying(python="{}.{}.99.final.0".format(*sys.version_info)))


@pytest.mark.parametrize(
    ("theirs", "said"),
    [
        ({"python": "3.99.1.final.0"}, f"worker w1 has Python 3.99.1, and porch runs with Python {MINE}"),
        (
            {"distributed": "1999.1.2"},
            f"worker w1 has distributed 1999.1.2, and porch runs with distributed {distributed.__version__}",
        ),
    ],
)
def test_others_are_refused_with_both_versions_and_what_to_do(theirs: dict[str, str], said: str):
    with pytest.raises(RepositoryError) as refused:
        refuse_other_versions("worker w1", saying(**theirs))

    assert str(refused.value).startswith(said)
    assert "use the same" in str(refused.value)


@pytest.mark.parametrize("answer", [None, "OK", {}, {"packages": {"python": "3\n.9"}}])
def test_what_does_not_say_its_versions_is_refused(answer: Any):
    with pytest.raises(RepositoryError, match="has Python") as refused:
        refuse_other_versions("worker w1", answer)

    assert "\n" not in str(refused.value)
