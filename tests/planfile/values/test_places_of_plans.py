"""Places in plans: how they are named, who uses which, and which mistakes are found."""

from __future__ import annotations

import pytest
from plan_reading import ONE_TASK, plan, refusal, spec_in, warnings_of

from porch_tui.core.model.place import HERE, PlaceName, PlaceSpec, Scheme
from porch_tui.planfile.read import plan_from
from porch_tui.planfile.text.mistakes import PlanMistakes
from porch_tui.planfile.values.place_text import place_at

HERE_SPEC = PlaceSpec(HERE, Scheme.HERE)
BOX = (
    'box: {up: [podman, run, --name, "{name}"], run: [podman, exec, "{name}"], down: [podman, rm, "{name}"]}'
)


@pytest.mark.parametrize(
    ("text", "scheme", "address"),
    [
        ("ssh:big", Scheme.SSH, "big"),
        ("ssh:me@big.example.com", Scheme.SSH, "me@big.example.com"),
        ("ssh:me@big:2222", Scheme.SSH, "ssh://me@big:2222"),
        ("ssh:[::1]", Scheme.SSH, "::1"),
        ("tls://cluster:8786", Scheme.DASK, "tls://cluster:8786"),
        ("dask://10.0.0.1:8786", Scheme.DASK, "dask://10.0.0.1:8786"),
        ("tcp://[::1]:8786", Scheme.DASK, "tcp://[::1]:8786"),
        ("slurm", Scheme.BATCH, "slurm"),
        ("pbs:gpu_long", Scheme.BATCH, "pbs:gpu_long"),
    ],
)
def test_one_word_says_where_a_place_is(text: str, scheme: Scheme, address: str):
    assert place_at(text) == PlaceSpec(PlaceName(text), scheme, address)


def test_tasks_run_where_they_say_or_else_where_the_plan_says():
    found = plan(
        "place: [threads, ssh:mini]\n"
        f"places: {{big: {{at: ssh:big, slots: 4, has: [gpu], lease: 30m}}, {BOX}}}\n"
        "tasks:\n"
        "  a: {run: x}\n"
        "  b: {run: x, place: big, needs: [docker]}\n"
    )

    big = PlaceSpec(PlaceName("big"), Scheme.SSH, "big", slots=4, has=("gpu",), lease_s=1800.0, line=2)
    mini = PlaceSpec(PlaceName("ssh:mini"), Scheme.SSH, "mini")
    assert found.places == (HERE_SPEC, mini, big), "box, which no task uses, is not reached"
    assert found.places_of(spec_in(found, "a")) == (HERE, "ssh:mini")
    assert found.places_of(spec_in(found, "b")) == ("big",)
    assert spec_in(found, "b").needs == ("docker",)
    assert found.validate_on == (HERE, "ssh:mini", "big")


@pytest.mark.parametrize("key", ["tty", "stdin_open"])
def test_an_interactive_task_runs_on_the_engines_machine_where_that_is_one_of_its_places(key: str):
    text = f"""\
place: [threads, 'ssh:big']
tasks:
  a: {{run: x, {key}: true}}
  b: {{run: x}}
  c: {{run: x, {key}: true, place: ['ssh:big', threads]}}
  d: {{run: x, {key}: true, place: 'ssh:big'}}
"""
    found = plan(text)

    assert [found.places_of(task) for task in found.tasks] == [
        (HERE,),
        (HERE, "ssh:big"),
        (HERE,),
        ("ssh:big",),
    ]


def test_a_plan_without_other_places_has_none():
    assert plan(ONE_TASK + "place: threads\n") == plan(ONE_TASK)
    assert plan(ONE_TASK).places == ()


def test_of_this_machine_a_plan_says_how_much_is_used_and_what_it_has():
    found = plan("places: {threads: {slots: 2, has: [gpu]}}\nplace: [threads, ssh:b]\n" + ONE_TASK).places

    assert found[0] == PlaceSpec(HERE, Scheme.HERE, slots=2, has=("gpu",), line=1)
    assert plan("places: {threads: {has: [gpu]}}\n" + ONE_TASK).places[0].has == ("gpu",)


def test_a_task_that_may_run_elsewhere_needs_the_programs_of_its_agent_and_fence_there():
    text = "tasks: {a: {agent: codex, prompt: x, wrap: bwrap, needs: [git], place: WHERE}, b: {run: x}}"

    def needs(where: str) -> tuple[str, ...]:
        return spec_in(plan(text.replace("WHERE", where)), "a").needs

    assert needs("ssh:big") == ("git", "codex", "bwrap")
    assert needs("[threads, ssh:big]") == ("git", "codex", "bwrap")
    assert needs("threads") == ("git",)


def test_the_machine_of_the_engine_is_no_place_of_a_plan_whose_tasks_all_run_elsewhere():
    assert [spec.name for spec in plan("tasks: {a: {run: x, place: ssh:big}}").places] == ["ssh:big"]


def test_a_command_is_a_place_with_what_makes_it_and_takes_it_away():
    (box,) = plan(f"place: box\nplaces: {{{BOX}}}\n{ONE_TASK}").places

    assert box.scheme is Scheme.PIPE
    assert box.up == ("podman", "run", "--name", "{name}")
    assert box.run == ("podman", "exec", "{name}")
    assert box.down == ("podman", "rm", "{name}")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", (HERE, "ssh:big")),
        ("validate_on: any\n", (HERE, "ssh:big")),
        ("validate_on: here\n", (HERE,)),
        ("validate_on: ssh:big\n", ("ssh:big",)),
        ("validate_on: [here, ssh:big]\n", (HERE, "ssh:big")),
        ("hooks: run\n", (HERE,)),
        ("setup: git describe > v\n", (HERE,)),
    ],
)
def test_validations_run_anywhere_here_or_on_places_and_hooks_only_here(text: str, expected: object):
    assert plan(f"place: ssh:big\nvalidate: x\n{text}{ONE_TASK}").validate_on == expected


def test_each_may_name_places_and_needs_by_its_items():
    found = plan(
        "each:\n"
        "  - {id: 'n-{n}', items: {list: [big, mini]}, run: x, place: ['ssh:{item}'], needs: ['{item}']}\n"
    )

    assert [spec.place for spec in found.tasks] == [("ssh:big",), ("ssh:mini",)]
    assert [spec.needs for spec in found.tasks] == [("big",), ("mini",)]


@pytest.mark.parametrize(
    ("value", "said"),
    [
        ("moon", "found 'moon'; expected a place: threads, ssh:HOST, tls://HOST:PORT, slurm or an entry of"),
        ("moon", "for a host write ssh:moon"),
        ("thread", "did you mean 'threads'?"),
        ("shh:big", "did you mean 'ssh:big'?"),
        ("http://big:80", "expected a place"),
        ("'ssh:'", "found 'ssh:', which names no host; expected ssh:HOST"),
        ("ssh", "names no host"),
        ("ssh:-oProxyCommand=x", "begins with '-', which ssh would take for an option"),
        ("ssh:me@-big", "begins with '-'"),
        ("ssh:big;x", "all else is for ~/.ssh/config"),
        ("'ssh:big x'", "all else is for ~/.ssh/config"),
        ("ssh://big", "expected it without slashes: ssh:big"),
        ("ssh:big:0", "with the port '0'; expected a number from 1 to 65535"),
        ("ssh:big:70000", "with the port '70000'"),
        ("ssh:big:22x", "with the port '22x'"),
        ("tls://big", "names no port; expected tls://HOST:PORT"),
        ("tls://big:99999", "with the port '99999'"),
        ("'tls://'", "names no host"),
        ("tls://:8786", "names no host"),
        ("tls:big:8786", "expected tls://HOST:PORT"),
        ("tcp://me@big:8786", "expected tcp://HOST:PORT"),
        ("slurm:a/b", "expected slurm, or slurm:PROFILE"),
        ("sluurm", "did you mean 'slurm'?"),
        ("''", "found empty text"),
        ("[]", "found an empty list"),
    ],
)
def test_what_is_no_place_is_refused_with_its_line_and_what_was_meant(value: str, said: str):
    message = refusal(f"tasks:\n  a: {{run: x, place: {value}}}")

    assert message.startswith("porch.yaml:2:22: tasks.a.place: ")
    assert said in message
    assert f"mean {value!r}" not in message


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("place: [ssh:big, ssh:big]", ["1:18", "place[1]: found 'ssh:big' twice"]),
        (
            "places: {big: ssh:big}\nplace: [big, ssh:big]",
            ["2:14", "found 'ssh:big', which is 'big' in 'places'"],
        ),
        ("places: {a: ssh:big, b: ssh:big}", ["1:25", "which is 'a' in 'places'"]),
        ("place: [tls://a:1, dask://a:1]", ["1:20", "the same place as 'tls://a:1'"]),
        ("places: {big: ssh:big}\nplace: bik", ["2:8", "did you mean 'big'?"]),
        ("places: {threads: ssh:big}", ["1:10", "means something already"]),
        ("places: {slurm: ssh:big}", ["1:10", "means something already"]),
        ("places: {a:b: ssh:big}", ["1:10", "expected a name of at most 64"]),
        ("places: {big: threads}", ["1:15", "this machine, which has no other name"]),
        ("places: {big: shh:big}", ["1:15", "places.big: found 'shh:big'", "did you mean 'ssh:big'?"]),
        ("places: {big: [ssh, big]}", ["1:15", "found a list; expected a place"]),
        ("places: {big: {}}", ["1:10", "neither 'at' nor 'run'"]),
        ("places: {big: {at: ssh:b, run: [x]}}", ["1:10", "both 'at' and 'run'"]),
        ("places: {big: {at: ssh:b, up: [x]}}", ["1:31", "'up' with 'at'; it belongs to 'run'"]),
        (
            "places: {big: {ssh: b}}",
            ["1:16", "unknown key 'ssh'; expected one of at, run, up, down, slots, has"],
        ),
        ("places: {b: {run: [x], down: [x]}}", ["1:30", "found 'down' without 'up'"]),
        ("places: {b: {run: []}}", ["1:19", "expected a list of words, the program first"]),
        ("places: {b: {run: ['']}}", ["1:20", "a command without a program"]),
        ("places: {b: {run: [docker exec b]}}", ["1:20", "write [docker, exec, b]"]),
        ("places: {b: {run: ['{name}']}}", ["1:20", "expected a program as the first word"]),
        ("places: {b: {run: [x, '{nam}']}}", ["1:23", "only {name} in braces; did you mean 'name'?"]),
        ("places: {b: {at: ssh:b, lease: 2s}}", ["1:32", "found 2s", "expected 10s or more"]),
        ("places: {b: {at: ssh:b, lease: soon}}", ["1:32", "expected a time above 0"]),
        ("places: {b: {at: ssh:b, slots: 0}}", ["1:32", "expected a whole number from 1"]),
        (
            "places: {threads: {at: ssh:b, slots: 1}}",
            ["1:20", "found 'at' of threads, which is this machine"],
        ),
        ("validate_on: [any, threads]", ["1:15", "found 'any' among places"]),
        ("validate_on: hear", ["1:14", "did you mean 'here'?"]),
        ("hooks: run\nvalidate_on: ssh:big", ["2:14", "the only machine that has your hooks"]),
        ("defaults: {needs: docker}", ["1:19", "expected a list: write [docker]"]),
    ],
)
def test_mistakes_are_found_with_their_place(text: str, said: list[str]):
    message = refusal(f"{text}\n{ONE_TASK}")

    assert "\n" not in message
    for part in said:
        assert part in message, message


def test_an_option_stands_for_the_place_of_the_plan_and_its_mistakes_are_called_by_its_name():
    text = f"places: {{big: ssh:big}}\nplace: moon\n{ONE_TASK}".encode()

    read = plan_from(text, "porch.yaml", "porch", on=("big", "threads"))
    assert read.plan.on == ("big", HERE)
    assert [spec.name for spec in read.plan.places] == ["big", HERE]
    with pytest.raises(PlanMistakes, match=r"^--on: found 'bik'; expected a place.*; did you mean 'big'\?$"):
        plan_from(text, "porch.yaml", "porch", on=("bik",))


def test_an_option_leaves_a_task_where_it_says_it_runs_and_that_is_a_warning():
    text = b"tasks:\n  a: {run: x, place: ssh:big}\n  b: {run: x}\n"

    (warning,) = plan_from(text, "porch.yaml", "porch", on=("threads",)).warnings
    assert warning.line == 2
    assert warning.text == "task 'a' keeps its own 'place': --on is for tasks that name none"
    assert plan_from(text, "porch.yaml", "porch", on=("ssh:big",)).warnings == ()
    assert plan_from(text, "porch.yaml", "porch").warnings == ()


def test_what_is_written_in_braces_for_other_programs_is_no_placeholder():
    text = "place: b\nplaces: {b: {run: [docker, exec, '{{.ID}}', '${HOME}', '{name}']}}\n" + ONE_TASK

    assert warnings_of(text) == []
