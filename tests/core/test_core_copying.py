"""Copies of records with some fields changed."""

from __future__ import annotations

import dataclasses

import pytest

from porch_tui.core.copying import replace
from porch_tui.core.events.parts import Used


@pytest.mark.parametrize("changes", [{}, {"cpu_s": 2.0}, {"wall_s": 3.0, "written_bytes": 7}])
def test_a_copy_is_what_dataclasses_would_make_of_it(changes):
    used = Used(1.0, 0.5, 0.7, 4096, 10, 20)

    assert dataclasses.replace(used, **changes) == replace(used, **changes)
    assert (1.0, 0.7) == (used.wall_s, used.cpu_s)


def test_a_field_that_is_none_is_refused():
    with pytest.raises(TypeError, match="Used has no field 'cpu'"):
        replace(Used(), cpu=1)
