"""What is kept of the samples of an attempt that runs for hours."""

from __future__ import annotations

from itertools import pairwise

from porch_tui.core.model.copying import replace
from porch_tui.core.model.telemetry import Sample, thinned

FIRST = Sample(at=0.0, cpu_percent=0.0, cpu_s=0.0, rss_bytes=0, peak_rss_bytes=0, processes=1)
DAY_S = 24 * 3600


def a_day() -> list[Sample]:
    return [replace(FIRST, at=float(at), cpu_s=at / 2, peak_rss_bytes=at) for at in range(DAY_S)]


def test_few_samples_are_all_kept():
    few = a_day()[:300]

    assert few == thinned(few, newest=200, older=100)


def test_of_many_the_newest_are_kept_whole_and_the_older_at_even_distances():
    kept = thinned(a_day(), newest=300, older=500)
    old, new = kept[:-300], kept[-300:]

    assert new == a_day()[-300:]
    assert 250 <= len(old) <= 500
    assert {256.0} == {b.at - a.at for a, b in pairwise(old[:-1])}


def test_thinning_again_and_again_loses_no_stretch_of_time():
    kept: list[Sample] = []
    for sample in a_day():
        kept.append(sample)
        if len(kept) > 1500:
            kept = thinned(kept, newest=300, older=500)

    assert kept[0].at <= 256
    assert max(b.at - a.at for a, b in pairwise(kept)) <= 512
    assert a_day()[-1] == kept[-1]
