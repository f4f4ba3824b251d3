"""Changes of a schema are ordered, and no order is ever a circle."""

from __future__ import annotations

from porch_tui.planning.draft import DraftTask
from porch_tui.planning.sequence import in_sequence


def task(id: str, *after: str, paths: tuple[str, ...] = (), title: str = "") -> DraftTask:
    return DraftTask(id, title or id, "Do it.", paths=paths, after=after, reason="it is one")


def orders(*tasks: DraftTask) -> dict[str, tuple[str, ...]]:
    return {one.id: one.after for one in in_sequence(tasks)}


def test_tasks_that_change_the_schema_come_one_after_the_other():
    one, two = (
        task("one", paths=("db/migrations/1.sql",)),
        task("two", title="Add a column to the users table"),
    )

    assert orders(one, task("other"), two) == {"one": (), "other": (), "two": ("one",)}
    assert "both change the schema" in in_sequence((one, two))[1].reason


def test_an_order_that_is_there_already_stays():
    one = task("one", "two", paths=("migrations/1.py",))
    two = task("two", paths=("migrations/2.py",))
    three = task("three", paths=("migrations/3.py",))

    assert orders(one, two, three) == {"one": ("two",), "two": (), "three": ("two", "one")}
    assert orders(three, two, one) == {"three": (), "two": ("three",), "one": ("two",)}
