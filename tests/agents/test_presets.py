"""Every preset can be read, and says what a person needs before they choose it."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from porch_tui.agents.preset import interactive_names, names, preset, variables
from porch_tui.core.model.plan import Agent


@pytest.mark.parametrize("name", names())
def test_a_preset_can_be_read(name):
    chosen = preset(name)

    assert chosen.program == name
    assert chosen.permits and chosen.needs and chosen.install and chosen.version


@pytest.mark.parametrize("name", names())
def test_a_preset_passes_the_prompt_as_one_word_and_continues_a_session_where_it_can(name):
    chosen = preset(name)

    assert sum("{prompt}" in word for word in chosen.command) == 1
    if chosen.resume:
        assert "{session}" in chosen.resume
        assert sum("{prompt}" in word for word in chosen.resume) == 1
        assert chosen.output.session


@pytest.mark.parametrize("name", interactive_names())
def test_an_interactive_form_passes_the_prompt_as_one_word_and_continues_its_session(name):
    form = preset(name).interactive

    assert form.command[0] == form.resume[0] == name
    assert sum("{prompt}" in word for word in form.command) == 1
    assert sum("{prompt}" in word for word in form.resume) == 1
    assert any("{session}" in word for word in form.resume)
    names_session = any("{session}" in word for word in form.command)
    assert names_session or form.says_session or form.records.output.session


@pytest.mark.parametrize("name", interactive_names())
def test_an_interactive_form_takes_a_model_and_arguments(name):
    form = preset(name).interactive

    for command in (form.command, form.resume):
        assert "{model}" in command and "{args}" in command


@pytest.mark.parametrize("name", interactive_names())
def test_what_calls_a_person_are_regular_expressions(name):
    form = preset(name).interactive

    for pattern in (form.waits, form.waiting_title, form.working_title, form.says_session):
        re.compile(pattern)


@pytest.mark.parametrize("name", names())
def test_a_preset_knows_a_failure_from_a_success(name):
    output = preset(name).output

    assert output.error and output.done


def test_a_name_that_is_no_preset_is_an_error():
    with pytest.raises(KeyError):
        preset("../preset")


def test_the_settings_that_variables_name_are_there(monkeypatch):
    monkeypatch.delenv("OPENCODE_TUI_CONFIG", raising=False)
    form = preset("opencode").interactive

    env = variables(Agent("opencode", form.command, "opencode", env=tuple(form.env.items())))

    assert json.loads(Path(env["OPENCODE_TUI_CONFIG"]).read_text())["attention"]["enabled"] is True


def test_a_variable_that_the_person_has_set_stays(monkeypatch):
    monkeypatch.setenv("OPENCODE_TUI_CONFIG", "/mine.json")
    form = preset("opencode").interactive

    assert not variables(Agent("opencode", form.command, "opencode", env=tuple(form.env.items())))
