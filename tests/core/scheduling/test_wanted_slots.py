"""How many slots a run wants of a batch system."""

from __future__ import annotations

from porch_tui.core.model import events as e
from porch_tui.core.model.copying import replace
from porch_tui.core.model.place import HERE, PlaceName, PlaceSpec, Resources, Scheme
from porch_tui.core.model.plan import TaskId
from porch_tui.core.rules.admit import admit
from porch_tui.core.scheduling.wanted_slots import WantedSlots, wanted_slots
from tests.builders import fold, opened, settled, unvalidated, with_slots

SLURM, JOB = PlaceName("slurm"), PlaceName("slurm/7")
SPEC = PlaceSpec(SLURM, Scheme.BATCH, "slurm")
PLAN = replace(unvalidated("a", "b", "c"), places=(SPEC,), on=(SLURM,))
WAITING = settled(with_slots(opened(PLAN), is_auto=True))
UP = e.PlaceUp(JOB, SLURM, "b1", Resources(2, 2))


def test_each_task_that_only_waits_for_a_slot_wants_one():
    assert {SLURM: WantedSlots(3)} == wanted_slots(WAITING)


def test_what_runs_in_a_job_keeps_its_slot_and_what_is_done_wants_none():
    running = settled(fold(WAITING, *admit(WAITING, UP)))
    assert {SLURM: WantedSlots(3)} == wanted_slots(running)  # two run, one waits

    cancelled = settled(fold(running, e.TaskCancelled(TaskId("c"), "")))
    assert {SLURM: WantedSlots(2)} == wanted_slots(cancelled)


def test_a_paused_run_and_a_cap_want_less():
    assert {SLURM: WantedSlots(0)} == wanted_slots(fold(WAITING, e.RunPaused()))
    assert {SLURM: WantedSlots(2)} == wanted_slots(with_slots(WAITING, count=2, is_auto=False))


def test_tasks_that_share_a_lock_want_one_slot_and_others_on_this_machine_none():
    specs = [replace(one, locks=("db",)) for one in PLAN.tasks[:2]]
    elsewhere = replace(PLAN.tasks[2], place=(HERE,))
    here = PlaceSpec(HERE, Scheme.HERE)
    plan = replace(PLAN, tasks=(*specs, elsewhere), places=(SPEC, here))

    assert {SLURM: WantedSlots(1)} == wanted_slots(with_slots(opened(plan), is_auto=True))
