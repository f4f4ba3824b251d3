"""Each section of the report says what there is, and says so if there is nothing."""

from __future__ import annotations

from porch_tui.core.model import events as e
from porch_tui.core.model.copying import replace
from porch_tui.core.model.place import PlaceName, PlaceSpec, Resources, Scheme
from porch_tui.core.model.plan import TaskId
from porch_tui.report.forms.text import as_text
from porch_tui.report.sections.decomposition import COMPARED_AT_THE_END
from tests.report.pages import bare_text, document, page, rejected_tale, section
from tests.report.tale import Tale, a_plan, spec


def test_empty_sections_say_so_in_a_few_words() -> None:
    text = bare_text(Tale(a_plan(spec("auth"))))

    assert section(text, "Conflicts") == "No conflicts."
    assert section(text, "Left for you") == "Nothing needs you."
    assert section(text, "Failures") == "No attempt failed."


def test_of_a_run_with_places_it_says_where_attempts_ran() -> None:
    box = PlaceSpec(PlaceName("ssh:big"), Scheme.SSH, "big")
    tale = Tale(replace(a_plan(spec("auth"), spec("log")), places=(box,), on=(box.name,)))
    tale.at(0, e.PlaceUp(box.name, box.name, "b1", Resources(4, 4)))
    tale.start(0, "auth", "log")

    assert "Attempts ran on ssh:big (2)." in section(bare_text(tale), "Run")
    assert "Attempts ran" not in section(bare_text(rejected_tale()), "Run")


def test_a_rejection_names_its_partner_the_reason_and_the_log() -> None:
    tale = rejected_tale()
    tree = tale.state.entries[TaskId("mul")].tree
    assert tree is not None

    shown = section(as_text(page(tale)), "Integration")

    assert "- mul (with log): validation fails on top of log: exit 1; output in" in " ".join(shown.split())
    assert f"validations/{tree[:7]}/output.log" in shown


def test_interventions_and_stray_writes_are_told() -> None:
    text = bare_text(rejected_tale())

    assert section(text, "Refusals and engines") == (
        "Resumed once.\n\n- porch stop mul: refused, mul is succeeded"
    )
    assert "mul.1 wrote outside its declared paths: README.md" in section(text, "Failures")


def test_so_many_tasks_are_not_compared_pair_by_pair() -> None:
    tale = Tale(
        a_plan(
            *(spec(f"t{number}", paths=("one.py",)) for number in range(COMPARED_AT_THE_END + 1)),
            is_validated=False,
        )
    )

    assert "compared by the check alone" in section(bare_text(tale), "Decomposition")
    assert document(tale)["decomposition"]["pairs"] is None  # type: ignore[index]


def test_what_a_task_was_expected_to_take_comes_from_the_journal_too() -> None:
    tale = Tale(a_plan(spec("auth", estimate_s=90))).start(1, "auth").fail(2, "auth")

    assert "auth         1     1m30s  2.0s" in section(bare_text(tale), "Resources")


def test_a_validation_by_hand_is_listed_and_proves_nothing_of_what_landed() -> None:
    tale = Tale(a_plan(spec("log"))).start(1, "log").validated(1, "").succeed(2, "log").asked(3, "log")
    assert "+  3.0s  (queue)  validating log alone, as asked" in tale.lines

    text = section(bare_text(tale.build(4).land(5, "log")), "Integration")

    assert "not known" in next(line for line in text.splitlines() if " log " in line)
    assert "Validated by hand:\n\n- log passes alone" in text
