"""The drawing of the worktrees around the repository."""

from __future__ import annotations

from porch_tui.core.model.copying import replace
from porch_tui.core.model.plan import Isolation, Plan, RunId
from porch_tui.present.cells import cells
from porch_tui.report.sections.layout import drawing, layout_of
from tests.report.tale import a_plan, oid, spec


def drawn(plan: Plan, root: str = "/home/ann/app") -> str:
    """Return the drawing of a plan's worktrees."""
    return "\n".join(drawing(layout_of(plan, root, RunId("run-1"), "main", oid("base"))))


def test_worktrees_are_drawn_as_the_repositorys_siblings() -> None:
    assert drawn(a_plan(spec("auth"), spec("log"))) == (
        "/home/ann\n"
        "|-- app       main, base 1405df6 (the repository)\n"
        "|-- app-auth  feature/auth\n"
        "`-- app-log   feature/log"
    )


def test_worktrees_elsewhere_are_drawn_below_what_they_share_with_the_repository() -> None:
    plan = replace(a_plan(spec("auth"), spec("log")), worktree="/home/work/{repo}/{run}/{task}")

    assert drawn(plan) == (
        "/home\n"
        "|-- ann\n"
        "|   `-- app           main, base 1405df6 (the repository)\n"
        "`-- work\n"
        "    `-- app\n"
        "        `-- run-1\n"
        "            |-- auth  feature/auth\n"
        "            `-- log   feature/log"
    )


def test_a_clone_is_told_from_worktrees() -> None:
    plan = a_plan(spec("auth"), replace(spec("log"), isolation=Isolation.CLONE))

    assert drawn(plan).splitlines()[2:] == [
        "|-- app-auth  feature/auth",
        "`-- app-log   feature/log (a clone)",
    ]


def test_a_repository_in_the_root_folder_is_drawn_too() -> None:
    assert drawn(a_plan(spec("auth")), root="/repo").startswith("/\n|-- repo       main")


def test_many_worktrees_are_counted_and_long_names_fit() -> None:
    lines = drawn(a_plan(*(spec(f"{'x' * 60}{number}") for number in range(30)))).splitlines()

    assert lines[-1] == "    and 6 more"
    assert max(map(cells, lines)) <= 80
