"""The table of commands has each action once, and a row for everything that a run can be asked for."""

from __future__ import annotations

from collections import Counter
from typing import get_args

from porch_tui.core.model import commands as c
from porch_tui.core.model.plan import TaskId
from porch_tui.present.commands import BY_TYPE, CLI_COMMANDS, COMMANDS, spec_of


def test_the_table_has_a_row_for_every_command_of_a_run_and_for_no_other():
    assert {kind.__name__ for kind in get_args(c.AnyCommand)} == set(BY_TYPE)
    assert "stop" == spec_of(c.StopTask("1", TaskId("a"))).line


def test_ids_and_names_are_unique():
    ids = Counter(spec.id for spec in COMMANDS if spec.id)
    names = Counter(spec.line for spec in COMMANDS if spec.line and " " not in spec.line)

    assert not [one for one, count in (ids + names).items() if count > 1]


def test_every_row_can_be_asked_for_and_says_what_it_does():
    for spec in COMMANDS:
        assert spec.line or spec.id
        assert not spec.id or spec.help, spec.id
        assert spec.line not in CLI_COMMANDS or spec.summary, spec.line


def test_confirmations_name_what_they_are_about():
    for spec in COMMANDS:
        if spec.confirmation is not None:
            assert "{task}" in spec.confirmation.question
            assert "{tasks}" in spec.confirmation.consequence_for_many or not spec.confirmation[2]
