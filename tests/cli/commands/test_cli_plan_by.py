"""`porch plan --by` splits a repository into parts, always in the same way."""

from __future__ import annotations

import pytest
from in_process import porch

from porch_tui.planfile.read import read_plan
from project import Project

FILES = {
    "shop/__init__.py": "",
    "shop/cart.py": "from shop import price\n" + "#" * 4000,
    "shop/price.py": "#" * 4000,
    "shop/mail.py": "from shop import smtp\n" + "#" * 4000,
    "shop/smtp.py": "#" * 4000,
    "tests/test_cart.py": "from shop import cart\ndef test_cart(): pass\n",
    "tests/test_mail.py": "from shop import mail\ndef test_mail(): pass\n",
}


@pytest.fixture
def shop(project: Project) -> Project:
    """A project whose files were changed in two groups."""
    project.commit(FILES)
    for number in range(3):
        for one, other in (("cart", "price"), ("mail", "smtp")):
            project.commit(
                {f"shop/{name}.py": FILES[f"shop/{name}.py"] + f"#{number}\n" for name in (one, other)}
            )
    return project


def test_each_part_is_a_task_for_the_command(shop: Project):
    written = porch(shop, "plan", "--by", "packages", "--parts", "2", "--", "./fix.sh", "--", "{paths}")

    assert written.code == 0, written.err
    plan = read_plan(shop.root / "porch.yaml").plan
    paths = {path for task in plan.tasks for path in task.paths}
    assert {f"shop/{name}.py" for name in ("cart", "price", "mail", "smtp")} <= paths
    assert plan.tasks[0].command[2].startswith("./fix.sh -- ")
    assert not (shop.root / ".git/porch/runs").exists()
    assert porch(shop, "check").code == 0


def test_it_is_always_the_same_and_reads_commits_only(shop: Project):
    words = ("plan", "--by", "packages", "-o", "-", "--", "./fix.sh {paths}")
    first = porch(shop, *words)
    shop.write("shop/new.py", "")
    shop.write("shop/cart.py", "")

    assert first.out == porch(shop, *words).out


def test_tests_become_checks(shop: Project):
    written = porch(shop, "plan", "--by", "tests", "-o", "-")

    assert written.code == 0, written.err
    assert written.out.count("kind: check") == 2
    assert "run: pytest -q tests/test_cart.py" in written.out


def test_an_agent_does_the_parts(shop: Project):
    words = ("--agent", "mine {prompt}", "--prompt", "Type {paths}.")

    written = porch(shop, "plan", "--by", "dirs", "-o", "-", *words)

    assert written.code == 0, written.err
    assert "agent: mine" in written.out
    assert "Type shop, tests" in written.out


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (("--by", "packages"), "needs what is to be done in each part"),
        (("--by", "packages", "--", "fix"), "must have {paths} in it"),
        (("--by", "layers", "--", "fix {paths}"), "invalid choice"),
        (("--by", "dirs", "--parts", "0", "--", "fix {paths}"), "--parts"),
        (("--by", "dirs", "--from", "x.md", "--", "fix {paths}"), "not allowed with"),
        (("--from", "x.md", "--parts", "3"), "--parts belongs to --by"),
        (("--from", "x.md", "--prompt", "x"), "--prompt belongs to --by"),
    ],
)
def test_what_makes_no_sense_is_refused(shop: Project, words: tuple[str, ...], why: str):
    refused = porch(shop, "plan", *words)

    assert refused.code == 2
    assert why in refused.err
    assert not (shop.root / "porch.yaml").exists()


def test_a_repository_without_sources_has_no_parts(project: Project):
    refused = porch(project, "plan", "--by", "dirs", "--", "fix {paths}")

    assert refused.code == 2
    assert "no source files" in refused.err
