"""What a planner is asked has the goal, the rules and what is known of the repository, and stays short."""

from __future__ import annotations

import json

from porch_tui.core.files.facts import Facts
from porch_tui.planning.answer import KEYS
from porch_tui.planning.question import MOST_FOLDERS, SCHEMA, correction, described, question

FACTS = Facts(
    sizes={"src/app.py": 3000, "src/web.py": 1000, "web/main.ts": 1000, "CHANGES.md": 10, "README.md": 10},
    imports={f"src/user{number}.py": frozenset({"src/app.py"}) for number in range(4)},
    together={
        ("src/app.py", "src/web.py"): 5,
        ("CHANGES.md", "src/app.py"): 9,
        ("src/web.py", "web/main.ts"): 2,
    },
    commits={"src/app.py": 9, "src/web.py": 6, "CHANGES.md": 9, "web/main.ts": 6},
)


def test_the_repository_is_described_by_what_matters_for_a_cut():
    text = described(FACTS, "pytest -q")

    assert "Languages: Python 80 %, TypeScript 20 %" in text
    assert "Tests: pytest -q" in text
    assert "- src/ 2 files, 4.0kB" in text
    assert "- src/app.py by 4" in text
    assert "- src/app.py and src/web.py (5 commits)" in text
    assert "CHANGES.md and" not in text and "and web/main.ts" not in text


def test_goal_and_limit_are_in_the_question():
    text = question("Split the parser", FACTS, "", 4)

    assert text.endswith("The goal\n\nSplit the parser\n")
    assert "Make at most 4 tasks." in text and "Tests: none were recognized" in text
    assert "Make at most" not in question("Split", FACTS, "", None)


def test_a_large_repository_is_described_by_its_upper_folders():
    sizes = {f"part{a}/sub{b}/deep{c}/file.py": 10 for a in range(30) for b in range(10) for c in range(5)}

    listed = [line for line in described(Facts(sizes=sizes), "").splitlines() if line.startswith("- ")]

    assert 0 < len(listed) <= MOST_FOLDERS
    assert listed[0] == "- part0/ 50 files, 500B"


def test_the_schema_asks_for_what_answers_may_have():
    task = json.loads(SCHEMA)["properties"]["tasks"]["items"]

    assert set(task["properties"]) == set(task["required"]) <= set(KEYS)


def test_a_correction_names_every_mistake_and_repeats_the_answer_only_for_those_who_forget():
    assert correction(["one", "two"]).count("\n- ") == 2
    assert "You were asked for a plan, and answered:\n\nmy plan" in correction(["one"], "my plan")
    assert "answered" not in correction(["one"])
