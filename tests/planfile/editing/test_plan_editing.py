"""Edits written into plan files: nothing else of the text changes, whatever YAML it is."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from porch_tui.core.advice.edits import Edit, Key, with_edits
from porch_tui.core.model.copying import replace
from porch_tui.core.model.plan import Plan, TaskId
from porch_tui.planfile.editing.edited_plan import EditedPlan, edited
from porch_tui.planfile.read import plan_from


def edit(task: str, key: str, *add: str) -> Edit:
    return Edit(TaskId(task), Key(key), add, "as the test says")


def after_edits(text: str, *edits: Edit) -> EditedPlan:
    return edited(plan_from(text.encode(), "porch.yaml", "porch"), edits)


def text_after(text: str, *edits: Edit) -> str:
    """Return the text with edits that must all have been written."""
    done = after_edits(text, *edits)
    assert () == done.left
    return done.content.decode()


def reasons(text: str, *edits: Edit) -> list[str]:
    """Return why edits of a text are left to its author; nothing may have been written."""
    done = after_edits(text, *edits)
    assert text == done.content.decode()
    return [why for _, why in done.left]


def test_a_new_key_stands_behind_the_last_line_that_is_a_whole_entry():
    text = "tasks:\n  b: {run: y}\n  a:\n    run: x  # why\n    # of the prompt\n    checks: |\n      one\n"

    assert text.replace("# why\n", "# why\n    after: [b]\n") == text_after(text, edit("a", "after", "b"))


def test_a_new_key_stands_first_where_no_entry_is_a_single_line():
    text = "tasks:\n  a:\n    run: >\n      x\n      y\n"

    assert text.replace("    run", "    locks: [db]\n    run") == text_after(text, edit("a", "locks", "db"))


def test_lists_in_brackets_and_lists_of_lines_grow_in_their_own_way():
    text = (
        "tasks:\n  a:\n    paths: [x, 'y' ]  # two\n    locks:\n    -   one # first\n    # end\n    run: x\n"
    )
    done = text_after(text, edit("a", "paths", "z/**"), edit("a", "locks", "two", "three"))

    assert "    paths: [x, 'y', z/** ]  # two\n" in done
    assert "    -   one # first\n    -   two\n    -   three\n    # end\n" in done


def test_a_list_with_a_line_for_each_value_gets_another_line():
    text = "tasks:\n  a:\n    run: x\n    paths: [\n      x,  # first\n      y,\n    ]\n"

    assert text.replace("      y,", "      y,\n      z,") == text_after(text, edit("a", "paths", "z"))


def test_an_empty_list_is_filled():
    assert "tasks: {a: {run: x, paths: [y, z]}}\n" == text_after(
        "tasks: {a: {run: x, paths: []}}\n", edit("a", "paths", "y", "z")
    )


def test_a_plan_that_is_json_stays_json():
    text = json.dumps({"tasks": {"a": {"run": "x"}, "b": {"run": "y", "after": ["a"]}, "c": {"run": "z"}}})
    edits = [edit("a", "checks", 'test "$x"'), edit("a", "locks", "db"), edit("b", "after", "c")]

    tasks = json.loads(text_after(text, *edits))["tasks"]

    assert {"run": "x", "checks": 'test "$x"', "locks": ["db"]} == tasks["a"]
    assert ["a", "c"] == tasks["b"]["after"]


def test_windows_line_ends_and_a_missing_last_line_end_are_kept():
    done = text_after("tasks:\r\n  a:\r\n    run: x # \t tabs", edit("a", "locks", "db"))

    assert "tasks:\r\n  a:\r\n    run: x # \t tabs\r\n    locks: [db]" == done


def test_a_byte_order_mark_stays():
    assert "\ufefftasks: {a: {run: x, locks: [db]}}\n" == text_after(
        "\ufefftasks: {a: {run: x}}\n", edit("a", "locks", "db")
    )


def test_what_a_task_takes_from_defaults_is_written_out_with_what_is_added():
    text = "defaults: {locks: [gpu]}\ntasks:\n  a:\n    run: x\n  b:\n    run: y\n"
    assert text.replace("run: x", "run: x\n    locks: [gpu, db]") == text_after(
        text, edit("a", "locks", "db")
    )


def test_what_a_task_takes_by_a_merge_is_written_out_with_what_is_added():
    text = (
        "tasks:\n  a: {run: x, paths: [one]}\n  b: &b {run: y, locks: [gpu]}\n  c:\n    <<: *b\n    run: z\n"
    )
    done = text_after(text, edit("c", "locks", "db"))

    assert text.replace("run: z", "run: z\n    locks: [gpu, db]") == done


def test_an_alias_of_a_list_becomes_a_list_of_its_own():
    text = "tasks:\n  a: {run: x, paths: &both [p, q]}\n  b: {run: y, paths: *both}\n"

    assert text.replace("*both", "[p, q, r]") == text_after(text, edit("b", "paths", "r"))


def test_a_list_that_others_use_is_left_to_its_author():
    text = "tasks:\n  a: {run: x, paths: &both [p, q]}\n  b: {run: y, paths: *both}\n"

    assert ["its 'paths' is used elsewhere too, as *both"] == reasons(text, edit("a", "paths", "r"))


def test_a_task_that_is_an_alias_is_left_to_its_author():
    text = "tasks:\n  a: &a {run: x}\n  b: *a\n"

    assert ["it is written by means of an alias"] == reasons(text, edit("b", "paths", "r"))
    assert ["it is used elsewhere too, as *a"] == reasons(text, edit("a", "paths", "r"))


def test_one_edit_that_cannot_be_written_does_not_keep_the_others_out():
    text = "tasks:\n  a: {run: x, paths: &both [p]}\n  b: {run: y, paths: *both}\n"
    kept, written = edit("a", "paths", "r"), edit("b", "after", "a")
    done = after_edits(text, kept, written)

    assert ((written,), kept) == (done.written, done.left[0][0])
    assert text.replace("*both", "*both, after: [a]") == done.content.decode()


def test_an_edit_that_the_plan_would_be_refused_with_is_left():
    text = "tasks:\n  a: {run: x}\n  b: {run: y, after: [a]}\n"

    assert ["adding it does not give a valid plan with this change alone"] == reasons(
        text, edit("a", "after", "b")
    )


@pytest.mark.parametrize(
    "value",
    ["yes", "12", "1.5", "null", "~", "a: b", "a #b", "*.py", "[x]", "é", '"', "@x", "a, b", "x:"],
)
def test_a_value_is_quoted_where_yaml_would_take_it_for_something_else(value: str):
    text = "tasks:\n  a:\n    run: x\n    locks:\n      - one\n  b: {run: y, locks: [one]}\n"
    done = after_edits(text, edit("a", "locks", value), edit("b", "locks", value))
    plan = plan_from(done.content, "porch.yaml", "porch").plan

    assert ((), {("one", value)}) == (done.left, {spec.locks for spec in plan.tasks})


def test_what_all_tasks_of_an_each_need_is_written_into_its_entry():
    text = "each:\n  - id: t-{stem}\n    items: {list: [x, y]}\n    run: test {item}\n"
    edits = [edit("t-x", "locks", "port"), edit("t-y", "locks", "port")]

    assert f"{text}    locks: [port]\n" == text_after(text, *edits)


def test_what_one_task_of_an_each_needs_is_left_to_its_author():
    text = "each:\n  - id: t-{stem}\n    items: {list: [x, y]}\n    run: test {item}\n"

    assert ["its entry of 'each' makes other tasks too"] == reasons(text, edit("t-x", "locks", "port"))


COMMENTS = st.sampled_from(["", "  # why", " #\t\ttab: {[", "   "])
GAPS = st.sampled_from(["", "\n", "    # between\n", "  # - less\n\n", "# left\n", "\n\n"])
VALUES = st.lists(
    st.sampled_from(["p/**", "'q q'", '"r\\x41"', "s.py", "éß/x", "'*.md'"]),
    min_size=1,
    max_size=3,
    unique=True,
)


@st.composite
def list_texts(draw: st.DrawFn, indent: str) -> str:
    """Return ` [a, b]`, or the lines of a list, as a value of a block mapping whose keys have this indent."""
    values, comment = draw(VALUES), draw(COMMENTS)
    match draw(st.sampled_from(["flow", "tight", "lines", "block", "indentless", "anchored"])):
        case "flow":
            return f" [ {' ,  '.join(values)} ]{comment}\n"
        case "tight":
            return f" [{','.join(values)},]{comment}\n"
        case "lines":
            inner = "".join(f"{indent}    {value},{comment}\n" for value in values)
            return f" [{comment}\n{inner}{indent}  ]\n"
        case "anchored":
            return f" &list{draw(st.integers(0, 10**9))} [{', '.join(values)}]{comment}\n"
        case "block":
            return f"{comment}\n" + "".join(f"{indent}  -   {value}{comment}\n" for value in values)
        case _:
            return f"{comment}\n" + "".join(f"{indent}- {value}{comment}\n" for value in values)


@st.composite
def task_texts(draw: st.DrawFn, name: str) -> str:
    if draw(st.booleans()):
        keys = [f"paths: [{', '.join(draw(VALUES))}]"] if draw(st.booleans()) else []
        run = draw(st.sampled_from(["run: x", "run: [x, 'y z']", '"run": "x"', "run: 'x: {'"]))
        keys = draw(st.permutations([run, *keys]))
        return f"  {name}: {{{draw(st.sampled_from([', ', ' ,', ',   '])).join(keys)}}}{draw(COMMENTS)}\n"
    indent = " " * draw(st.integers(3, 6))
    run = draw(
        st.sampled_from([" x", " |\n          x\n          y\n", " >-\n          x\n", ' "x\\n"', " [x, y]"])
    )
    entries = [f"run:{run}" + ("" if run.endswith("\n") else f"{draw(COMMENTS)}\n")]
    entries += [f"{key}:{draw(list_texts(indent))}" for key in ("paths", "locks") if draw(st.booleans())]
    entries += ["title: 'A b'\n"] if draw(st.booleans()) else []
    lines = draw(st.permutations(entries))
    gaps = [draw(GAPS) if not line.startswith("run: |") else "" for line in lines]
    return f"  {name}:{draw(COMMENTS)}\n" + "".join(
        f"{indent}{line}{gap}" for line, gap in zip(lines, gaps, strict=True)
    )


@st.composite
def plan_texts(draw: st.DrawFn) -> str:
    """Return a valid plan of the tasks a, b and c, in one of the many ways to write it."""
    head = draw(
        st.sampled_from(["", "# top\n", "%YAML 1.1\n---\n", "---  # doc\n", "defaults: {locks: [all]}\n"])
    )
    text = head + "tasks:\n" + "".join(draw(GAPS) + draw(task_texts(name)) for name in "abc")
    text += draw(st.sampled_from(["", "# end\n", "...\n", "pool: 2\n"]))
    text = text if draw(st.booleans()) else text.rstrip("\n")
    return text.replace("\n", draw(st.sampled_from(["\n", "\r\n"])))


EDITS = st.lists(
    st.one_of(
        st.builds(
            edit,
            st.sampled_from("abc"),
            st.sampled_from(["paths", "locks"]),
            st.sampled_from(["new/**", "no", "x y", "ü", "'"]),
        ),
        st.builds(edit, st.sampled_from("abc"), st.just("checks"), st.just("pytest -q 'a b'  #c")),
        st.just(edit("b", "after", "a")),
        st.builds(edit, st.just("c"), st.just("after"), st.sampled_from("ab")),
    ),
    min_size=1,
    max_size=6,
    unique_by=lambda one: (one.task, one.key),
)


@settings(max_examples=40, deadline=None)
@given(plan_texts(), EDITS)
def test_the_plan_is_as_edited_and_no_other_character_has_changed(text: str, edits: list[Edit]):
    read = plan_from(text.encode(), "porch.yaml", "porch")
    done = edited(read, edits)
    now = plan_from(done.content, "porch.yaml", "porch").plan

    assert () == done.left
    assert without_lines(with_edits(read.plan, edits)) == without_lines(now)
    rest = iter(done.content.decode())
    assert all(char in rest for char in text), "something that was there is gone"


def without_lines(plan: Plan) -> Plan:
    return replace(plan, tasks=tuple(replace(spec, line=0) for spec in plan.tasks))
