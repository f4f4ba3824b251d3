"""What a good plan file becomes."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from planfile.plan_reading import FULL, ONE_TASK, plan, spec_in, task

from porch_tui.core.model.budget import Budget
from porch_tui.core.model.place import HERE, PlaceName
from porch_tui.core.model.plan import (
    DEFAULT_BRANCH,
    DEFAULT_WORKTREE,
    Agent,
    Isolation,
    Kind,
    LandedWorktree,
    Order,
    Plan,
    Resolver,
    RetryWith,
    StepEstimates,
    TaskId,
    TaskSpec,
    Terminal,
    Wrap,
)
from porch_tui.errors import PlanError
from porch_tui.planfile.each.items import NO_ITEMS
from porch_tui.planfile.read import read_plan
from porch_tui.planfile.values.to_plan import name_from

SHELL = ("/bin/sh", "-c")
AUTH = TaskId("auth")


def test_a_resolver_may_be_a_command():
    found = plan("resolver: {run: ./resolve.sh}\n" + ONE_TASK).resolver

    assert found == Resolver((*SHELL, "./resolve.sh"))
    assert found.author == "./resolve.sh"


def test_every_key_of_the_contract_is_decoded():
    full = plan(FULL)

    assert full == Plan(
        name="refactor-layers",
        goal="Refactor auth, logging and database access",
        target="main",
        base="main",
        worktree="../{repo}-{task}",
        branch="feature/{task}",
        setup=((*SHELL, "uv sync"),),
        copy=(".env",),
        pool=4,
        pool_keep=("node_modules", ".venv"),
        env=(("PYTHONHASHSEED", "0"), ("RATE", "1.10")),
        slots=None,
        validate=((*SHELL, "pytest -q"),),
        validate_timeout_s=600.0,
        validate_keep=(".mypy_cache", "target/debug"),
        order=Order.FEWEST_CONFLICTS,
        predict_ignore=("CHANGELOG.md", "docs/**"),
        agents=(Agent("claude", ("claude", "-p", "{prompt}")),),
        resolver=Resolver(
            ("claude", "-p", "{prompt}"),
            "claude",
            auto=True,
            timeout_s=300.0,
            wrap=Wrap("quiet", writable=("~/.claude",), network=False),
        ),
        validate_wrap=Wrap(
            "box",
            ("docker", "run", "--rm", "--name", "{name}", "image"),
            ("docker", "rm", "-f", "{name}"),
            ("docker", "pause", "{name}"),
            ("docker", "unpause", "{name}"),
        ),
        squash=True,
        budget=Budget(wall_s=28_800.0),
        estimates=StepEstimates(20.0, 1.5, 60.0),
        landed=LandedWorktree.REMOVE,
        runs_hooks=True,
        places=full.places,
        on=(HERE, PlaceName("big")),
        on_need=("notify-send", "porch"),
        on_end=("make", "report"),
        validate_on=(HERE,),
        tasks=full.tasks,
    )
    assert [task.id for task in full.tasks] == ["schema", "seed", "auth", "review"]
    assert spec_in(full, "seed").command == ("./seed.sh", "--all")
    assert spec_in(full, "seed").terminal == Terminal(140, 50, r"\[y/n\]")
    assert spec_in(full, "review").kind is Kind.CHECK
    assert spec_in(full, AUTH) == TaskSpec(
        id=AUTH,
        title="Split the session code",
        isolation=Isolation.CLONE,
        command=("claude", "-p", "Refactor src/auth …"),
        agent="claude",
        after=(TaskId("schema"),),
        paths=("src/auth/**", "tests/auth/**"),
        checks=((*SHELL, "pytest -q tests/auth"),),
        timeout_s=1800.0,
        silence_s=600.0,
        retries=1,
        retry_with=RetryWith.RESUME,
        prompt="Refactor src/auth …",
        may_change_nothing=True,
        expected_failure="The model is too small for it.",
        needs_review=True,
        priority=10,
        estimate_s=600.0,
        cpus=2.0,
        memory_bytes=2 * 1024**3,
        budget=Budget(wall_s=7_200.0),
        wrap=full.validate_wrap,
        line=58,
        place=(HERE, PlaceName("big")),
        needs=("node", "claude", "docker"),
        has_full_history=True,
    )


def test_a_plan_of_one_command_gets_every_default():
    assert plan(ONE_TASK) == Plan(
        name="porch",
        tasks=(TaskSpec(id=TaskId("a"), title="a", command=(*SHELL, "x"), timeout_s=3600.0, line=1),),
        worktree=DEFAULT_WORKTREE,
        branch=DEFAULT_BRANCH,
    )


@pytest.mark.parametrize(
    ("written", "commands"),
    [
        ("make test", [(*SHELL, "make test")]),
        ("[make, test]", [("make", "test")]),
        ("[make]", [("make",)]),
        ("[[make, test]]", [("make", "test")]),
        ("[make test, [tox]]", [(*SHELL, "make test"), ("tox",)]),
        ("[[make], [tox, '']]", [("make",), ("tox", "")]),
        ("|\n  one\n  two", [(*SHELL, "one\ntwo\n")]),
    ],
)
@pytest.mark.parametrize("key", ["setup", "validate"])
def test_commands_come_as_text_words_or_a_list_of_both(
    key: str, written: str, commands: list[tuple[str, ...]]
):
    decoded = plan(f"{key}: {written}\n{ONE_TASK}")

    assert (decoded.setup or decoded.validate) == tuple(commands)


@pytest.mark.parametrize(
    ("written", "seconds"),
    [("90s", 90), ("10m", 600), ("1h30m", 5400), ("2h5s", 7205), ("45", 45), ("0.5", 0.5), ("'45'", 45)],
)
def test_times_are_hours_minutes_seconds_or_bare_seconds(written: str, seconds: float):
    assert spec_in(plan(task(f"run: x, timeout: {written}")), "a").timeout_s == seconds


@pytest.mark.parametrize(
    ("written", "size"), [("512M", 512 * 1024**2), ("2G", 2 * 1024**3), ("64K", 65536), ("1T", 1024**4)]
)
def test_sizes_are_powers_of_1024(written: str, size: int):
    assert spec_in(plan(task(f"run: x, memory: {written}")), "a").memory_bytes == size


def test_what_only_old_yaml_takes_for_numbers_and_dates_stays_text_as_written():
    env = plan(
        f"env: {{A: 1:30, B: 0644, C: 2026-01-01, D: 1_000, E: 1.10, F: 1e3, G: 0x1F}}\n{ONE_TASK}"
    ).env

    assert dict(env) == {
        "A": "1:30", "B": "0644", "C": "2026-01-01", "D": "1_000", "E": "1.10", "F": "1e3", "G": "0x1F"
    }  # fmt: skip


def test_the_prompt_is_one_argument_whatever_is_in_it():
    prompt = 'say "{prompt}" $(reboot)\\n'
    text = (
        f"agents: {{c: [c, '--ask={{prompt}}', '{{json}}']}}\ntasks: {{a: {{agent: c, prompt: '{prompt}'}}}}"
    )

    assert plan(text).tasks[0].command == ("c", f"--ask={prompt}", "{json}")


def test_defaults_fill_what_a_task_does_not_say_itself():
    text = """
defaults: {timeout: 5m, retries: 2, locks: [db], kind: check}
tasks: {a: {run: x}, b: {run: x, timeout: 1m, locks: [], kind: change}}
"""
    first, second = plan(text).tasks

    assert (first.timeout_s, first.retries, first.locks, first.kind) == (300, 2, ("db",), Kind.CHECK)
    assert (second.timeout_s, second.retries, second.locks, second.kind) == (60, 2, (), Kind.CHANGE)


def test_a_task_that_says_what_to_run_takes_no_default_way_to_run():
    text = """
agents: {c: [c, "{prompt}"]}
defaults: {agent: c, prompt: p}
tasks: {a: {run: [x]}, b: {}, d: {prompt: q}}
"""
    assert [task.command for task in plan(text).tasks] == [("x",), ("c", "p"), ("c", "q")]


def test_a_default_after_leaves_out_the_task_itself():
    first, second = plan("defaults: {after: [a]}\ntasks: {a: {run: x}, b: {run: x}}").tasks

    assert ((), ("a",)) == (first.after, second.after)


def test_merge_keys_and_aliases_work_and_own_keys_win():
    text = "tasks:\n  a: &a {run: x, retries: 1, timeout: 5m}\n  b: {retries: 3, <<: *a}\n  c: {<<: [*a]}\n"
    _, second, third = plan(text).tasks

    assert (second.retries, second.timeout_s, third.retries) == (3, 300, 1)


def test_paths_are_kept_as_git_writes_them():
    spec = spec_in(plan(task("run: x, paths: [./src//auth/, ./a.py]")), "a")

    assert ("src/auth/**", "a.py") == spec.paths


@pytest.mark.parametrize(
    ("stem", "name"),
    [
        ("porch", "porch"),
        ("My Plan", "my-plan"),
        ("..x..y", "x.y"),
        ("été", "t"),
        ("a.lock", "a"),
        ("", "plan"),
    ],
)
def test_the_file_names_the_plan_if_it_has_no_name(stem: str, name: str):
    assert name_from(stem) == name


@given(st.text(max_size=120))
def test_any_stem_makes_a_name_that_a_plan_may_have(stem: str):
    assert plan(f'name: "{name_from(stem)}"\n{ONE_TASK}').name == name_from(stem)


def test_a_file_is_read_from_disk_with_a_mark_and_foreign_line_ends(tmp_path: Path):
    path = tmp_path / "Night Run.yaml"
    path.write_bytes(b"\xef\xbb\xbftasks:\r\n  a: {run: x}\r\n")

    decoded = read_plan(path, NO_ITEMS).plan

    assert ("night-run", 2) == (decoded.name, decoded.tasks[0].line)


def test_a_missing_file_is_reported_with_what_to_do(tmp_path: Path):
    with pytest.raises(PlanError, match=r"nope\.yaml: .*no such file; `porch init` writes one"):
        read_plan(tmp_path / "nope.yaml", NO_ITEMS)
    with pytest.raises(PlanError, match="it is a folder"):
        read_plan(tmp_path, NO_ITEMS)
    with pytest.raises(PlanError, match="not an ordinary file"):
        read_plan(Path("/dev/null"), NO_ITEMS)
    with pytest.raises(PlanError, match="cannot read the plan"):
        read_plan(Path("a\0b"), NO_ITEMS)


def test_reading_a_plan_imports_no_screen_and_no_git_and_ends_in_peace():
    """The allocator's checks find references that msgspec counts wrong; see `types.ShellText`."""
    script = f"""
import sys
from pathlib import Path
from porch_tui.planfile.each.items import NO_ITEMS
from porch_tui.planfile.read import read_plan
from porch_tui.planfile.reference import json_schema
read_plan(Path({str(Path(__file__).with_name("full.yaml"))!r}), NO_ITEMS)
json_schema()
print(sorted({{'textual', 'git', 'psutil', 'rich', 'asyncio'}} & set(sys.modules)))
"""
    done = subprocess.run(
        [sys.executable, "-c", script],
        env={"PYTHONMALLOC": "debug", "PYTHONPATH": str(Path(__file__).parents[2])},
        capture_output=True, text=True, check=False,
    )  # fmt: skip

    assert (0, "[]\n") == (done.returncode, done.stdout), done.stderr
