"""Every preset can be read, and says what a person needs before they choose it."""

from __future__ import annotations

import re

import pytest

from porch_tui.agents.preset import interactive_names, names, preset


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

    assert form.command[0] == name
    assert sum("{prompt}" in word for word in form.command) == 1
    if form.resume:
        assert form.resume[0] == name
        assert sum("{prompt}" in word for word in form.resume) == 1
        assert any("{session}" in word for word in form.resume)
    names_session = any("{session}" in word for word in form.command)
    assert names_session or form.says_session or form.records.output.session


@pytest.mark.parametrize("name", interactive_names())
def test_an_interactive_form_takes_a_model_and_arguments(name):
    form = preset(name).interactive

    for command in filter(None, (form.command, form.resume)):
        assert "{model}" in command and "{args}" in command


@pytest.mark.parametrize("name", interactive_names())
def test_what_calls_a_person_are_regular_expressions(name):
    form = preset(name).interactive

    for pattern in (form.waits, form.waiting_title, form.working_title, form.says_session):
        re.compile(pattern)


ROWS = {
    "opencode": (
        "  ┃  △ Permission required\n  ┃   Allow once   Allow always   Reject      enter confirm",
        "     All done.\n     ▣  Build · scripted · 1m 40s\n            tab agents  ctrl+p commands",
        "     ▣  Build · scripted\n   ⬝⬝⬝■■  esc interrupt      tab agents  ctrl+p commands",
    ),
    "pi": (
        " All done.\n────\n────\n~/app-one (main)\n↑120 ↓40 R80 $0.000 0.1%/100k (auto)   scripted",
        "────\n────\n~/app-one (main)\n0.0%/1.2M     scripted",
        " ⠋ Working...\n────\n────\n~/app-one (main)\n↑60 ↓20 R40 $0.000 0.1%/100k (auto)   scripted",
    ),
    "qwen": (
        "  ✦ All done.\n────\n>   Type your message or @path/to/file\n────\n  ? for shortcuts",
        "────\n*   Type your message or @path/to/file\n────\n  YOLO mode (shift + tab to cycle)",
        "  ⠹ I'm going (1s · ↑ 1 tokens · esc to cancel)\n────\n>   Type your message or @path/to/file\n────",
    ),
}
"""The last rows of real programs: twice while they wait, and once while they work."""


@pytest.mark.parametrize("name", ROWS)
def test_the_last_rows_say_whether_it_waits(name):
    *waiting, working = ROWS[name]
    pattern = re.compile(preset(name).interactive.waits)

    assert all(pattern.search(rows) for rows in waiting)
    assert not pattern.search(working)


def test_titles_say_whether_gemini_waits():
    form = preset("gemini").interactive

    for title in ("✋ Action Required (app-one)", "◇ Ready (app-one)"):
        assert re.search(form.waiting_title, title) and not re.search(form.working_title, title)
    assert re.search(form.working_title, "✦ Working… (app-one)")


@pytest.mark.parametrize("name", names())
def test_a_preset_knows_a_failure_from_a_success(name):
    output = preset(name).output

    assert output.error and output.done


def test_a_name_that_is_no_preset_is_an_error():
    with pytest.raises(KeyError):
        preset("../preset")
