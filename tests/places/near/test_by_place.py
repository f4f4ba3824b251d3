"""What contact with a host means for the run, and the id of a repository for its hosts."""

from __future__ import annotations

from pathlib import Path

import pytest

from porch_tui.core.model import events as e
from porch_tui.core.model.copying import replace
from porch_tui.core.model.place import PlaceName, PlaceSpec, Scheme
from porch_tui.git.discovery import discover
from porch_tui.places.near.by_place import event_of, repository_id
from porch_tui.places.near.contact import Contact
from porch_tui.places.wire import messages as m
from project import Project

BIG = PlaceName("ssh:big")
WELCOME = m.Welcome(m.PROTOCOL, "1", "3.11.7", "2.39", "boot", 0.0, 8, 1 << 34, 5, "big", ("docker",))


@pytest.mark.parametrize(("named", "of_worker", "slots"), [(None, None, 8), (3, None, 3), (None, 2, 2)])
def test_a_place_that_answers_is_up_with_as_many_slots_as_are_named_or_it_has_cores(named, of_worker, slots):
    spec = PlaceSpec(BIG, Scheme.SSH, "big", slots=named)

    event = event_of(Contact(WELCOME, "", 1.0), BIG, spec, of_worker)

    assert isinstance(event, e.PlaceUp)
    assert (event.resources.slots, event.resources.cores, event.boot) == (slots, 8, "boot")
    assert event.resources.tools == ("docker",)


@pytest.mark.parametrize(("scheme", "ends"), [(Scheme.BATCH, (600.0, 900.0)), (Scheme.SSH, (None, None))])
def test_a_job_is_up_with_when_it_ends_and_a_machine_has_no_end(scheme, ends):
    welcome = replace(WELCOME, ends_at=600.0, lasts_s=900.0)

    event = event_of(Contact(welcome, "", 1.0), BIG, PlaceSpec(BIG, scheme, "big"))

    assert isinstance(event, e.PlaceUp)
    assert ends == (event.resources.ends_at, event.resources.lasts_s)


def test_a_place_that_was_never_heard_is_silent_since_never():
    event = event_of(Contact(None, "Connection refused"), BIG, PlaceSpec(BIG, Scheme.SSH, "big"))

    assert event == e.PlaceSilent(BIG, None, "Connection refused")


def test_a_place_that_is_not_expected_back_is_gone_and_its_leases_run_out():
    event = event_of(Contact(None, "retired", is_gone=True), BIG, PlaceSpec(BIG, Scheme.SSH, "big"))

    assert event == e.PlaceGone(BIG, "retired", is_empty=False)


def test_hosts_know_a_repository_by_one_id_for_ever(tmp_path: Path):
    repository = discover(Project(tmp_path).root)

    first = repository_id(repository)

    assert first.isalnum() and first == repository_id(repository)
