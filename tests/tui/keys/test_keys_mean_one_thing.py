"""A key that changes something means that everywhere: no key does harm in one place and looks in another."""

from __future__ import annotations

from textual.binding import Binding

from porch_tui.tui.keys import bindings

MEANINGS = {
    "pause": "task.pause task.hold",  # what is kept back goes on by the same key
    "pause all": "run.pause_all",
    "retry": "task.retry",
    "stop": "task.stop own.stop",
    "kill": "task.kill",
    "requeue": "task.requeue",
    "withdraw": "task.withdraw",
    "cancel a validation": "task.stop_validation",
    "more budget": "task.budget",
    "elsewhere": "task.elsewhere",
    "finish": "task.finish",
    "earlier": "task.move_up",
    "later": "task.move_down",
    "undo a landing": "task.undo",
    "validate": "task.validate",
    "edit": "task.editor conflict.edit",
    "edit and retry": "task.reword",
    "resume": "run.resume",
    "add": "run.add",
    "approve": "diff.approve",
    "send back": "diff.send_back",
    "choose a theory": "rivals.choose",
    "resolve": "task.resolve conflict.complete",  # opens the conflict, then completes it
    "the target's side": "conflict.main",
    "the task's side": "conflict.task",
    "both sides": "conflict.both",
    "both, reversed": "conflict.reversed",
    "the base": "conflict.base",
    "neither side": "conflict.none",
    "the whole file": "conflict.whole",
    "what is offered": "conflict.offer",
    "refuse": "conflict.refuse",
    "edit in the editor": "conflict.editor",
    "mergetool": "conflict.tool",
    "undo a choice": "conflict.undo",
    "redo a choice": "conflict.redo",
    "reset": "conflict.reset",
    "forget": "conflict.abort",
}
"""What changes something, by what it means; every other key only looks."""
MEANING_OF = {id: meaning for meaning, ids in MEANINGS.items() for id in ids.split()}
ASKED = {*bindings.SEARCH_PROMPT, *bindings.HELP, *bindings.QUESTION, *bindings.PROMPT, *bindings.HUNK_EDITOR}
ASKED |= {*bindings.PATH_CHOICES}
"""Where something is typed or answered, no other key works."""
LOOKS = {"main_diff", "show_as", "toggle_follow", "step_back", "next_match", "next_error", "toggle_wrap"}
LOOKS |= {"next_times", "toggle_raw", "toggle_marks"}
"""What `do` calls that changes nothing but what is seen."""


def by_key() -> dict[str, set[str]]:
    """Return the ids of what each key does, on any screen."""
    found: dict[str, set[str]] = {}
    for one in Binding.make_bindings(one for one in bindings.ALL if one not in ASKED):
        if one.id is not None:
            found.setdefault(one.key, set()).add(one.id)
    return found


def test_a_key_that_changes_something_means_that_everywhere() -> None:
    meanings = {key: {MEANING_OF.get(id, "") for id in ids} for key, ids in by_key().items()}

    assert {} == {key: by_key()[key] for key, found in meanings.items() if found != {""} and len(found) > 1}


def test_what_a_run_is_asked_for_and_what_is_chosen_in_a_conflict_counts_as_a_change() -> None:
    changing = {
        one.id
        for one in bindings.ALL
        if one.action.startswith(("command(", "app.command(", "resume", "approve", "send_back"))
        or (one.action.startswith("do('") and one.action.split("'")[1] not in LOOKS)
        or one.action.startswith("edit('")
    }

    assert {"conflict.preview"} == changing - {*MEANING_OF}
    assert set() == {*MEANING_OF} - bindings.known_ids()


def test_q_and_escape_go_back_on_every_screen_and_only_the_board_quits_by_q() -> None:
    places = {
        name: {one.id for one in getattr(bindings, name) if key in one.key.split(",")}
        for name in ("LIVE_SCREEN", "QUEUE", "GRID", "CONFLICT", "HELP", "QUESTION", "BOARD")
        for key in ("q",)
    }

    assert {"run.quit"} == places.pop("BOARD")
    assert all(ids and "run.quit" not in ids for ids in places.values()), places
    assert all("escape" in one.key for ids in places.values() for one in bindings.ALL if one.id in ids)
