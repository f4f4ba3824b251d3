"""Who has left a cluster for good, and who may come back."""

from __future__ import annotations

from porch_tui.places.dask.asking import DaskWorker
from porch_tui.places.dask.roster import GONE_AFTER_S, LEFT, RETIRED, Roster

ONE, TWO = (DaskWorker(name, f"tls://h:{name}", 2) for name in ("w1", "w2"))


def test_a_worker_that_comes_back_in_time_was_never_gone_and_its_time_begins_again():
    roster = Roster()
    assert roster.look([ONE, TWO], 0.0) == {}
    assert roster.look([ONE], 1.0) == {}
    assert roster.look([ONE], GONE_AFTER_S) == {}
    assert roster.look([ONE, TWO], GONE_AFTER_S) == {}

    assert roster.look([ONE], 100.0) == {}
    assert roster.look([ONE], 99.0 + GONE_AFTER_S) == {}
    assert roster.look([ONE], 100.0 + GONE_AFTER_S) == {"w2": LEFT}


def test_who_is_gone_is_said_once_and_again_only_after_a_return():
    roster = Roster()
    roster.look([ONE, TWO], 0.0)
    roster.look([ONE], 1.0)
    assert roster.look([ONE], 1.0 + GONE_AFTER_S) == {"w2": LEFT}
    assert roster.look([ONE], 1000.0) == {}

    roster.look([ONE, TWO], 1001.0)
    roster.look([ONE], 1002.0)
    assert roster.look([ONE], 1002.0 + GONE_AFTER_S) == {"w2": LEFT}


def test_a_retired_worker_is_gone_at_once_unless_one_of_its_name_has_joined_again():
    roster = Roster()
    roster.look([ONE, TWO], 0.0)
    roster.retire([TWO.address, "tls://of:none"])
    assert roster.look([ONE], 0.1) == {"w2": RETIRED}

    roster.look([ONE, TWO], 1.0)
    roster.retire([TWO.address])
    assert roster.look([ONE, TWO], 1.1) == {}
    assert roster.look([ONE], 1.2) == {}


def test_workers_that_an_earlier_engine_knew_are_waited_for_as_long():
    roster = Roster(["w1", "w2"])
    assert roster.look([ONE], 5.0) == {}

    assert roster.look([ONE], 5.0 + GONE_AFTER_S) == {"w2": LEFT}


def test_time_in_which_the_scheduler_was_away_does_not_count():
    roster = Roster()
    roster.look([ONE], 0.0)
    roster.look([], 1.0)

    roster.begin()

    assert roster.look([], GONE_AFTER_S + 5) == {}
    assert roster.look([], 2 * GONE_AFTER_S + 5) == {"w1": LEFT}
