"""A validation sees the state it validates and what setup made, and nothing of the previous validation."""

from __future__ import annotations

import pytest

from porch_tui.core.model import events as e
from project import Project

BUILD = "for f in *.src; do cp $f ${f%.src}.out; done; test -e foo.out"


@pytest.fixture
def built(project: Project) -> Project:
    """A project whose build products are ignored."""
    project.commit({".gitignore": "*.out\n.cache/\nmade/\n", "foo.src": "foo", "bar.src": "bar"})
    return project


def failures(project: Project) -> list[str]:
    return [event.text for event in project.events(e.ValidationFailed)]


def test_a_build_product_of_a_deleted_source_does_not_make_a_state_pass(built: Project):
    built.plan(f"validate: '{BUILD}'\ntasks: {{x: {{run: git rm -q foo.src}}}}\n")

    built.porch("run", "--headless", "--parallel", expect=None)

    assert [] == built.landed()


@pytest.mark.slow
def test_setup_runs_once_as_long_as_validations_do_not_change_its_products(built: Project):
    count = built.root.parent / "setups"
    built.plan(
        f"setup: 'echo x >> {count}; mkdir made; date > made/by-setup'\n"
        "validate: 'test -e made/by-setup; test ! -e made/later; touch made/later y.out; mkdir .cache'\n"
        "tasks:\n  a: {run: echo a > a}\n  b: {run: echo b > b, after: [a]}\n"
        "  c: {run: echo c > c, after: [b]}\n"
    )

    built.porch("run", "--headless", "--parallel", "--slots", "1")

    assert ["c", "b", "a"] == built.landed()
    assert [] == failures(built)
    of_validations = list(built.root.parent.glob("app.porch/*/validate-*"))
    assert len(of_validations) < len(built.events(e.ValidationPassed))
    assert 3 + len(of_validations) == len(count.read_text().splitlines())


def test_setup_runs_again_after_a_validation_changed_its_product_and_porch_says_so(built: Project):
    built.plan(
        "setup: 'mkdir -p made; echo fresh > made/state'\n"
        "validate: 'grep -qx fresh made/state && echo used > made/state'\n"
        "tasks:\n  a: {run: echo a > a}\n  b: {run: echo b > b, after: [a]}\n"
    )

    built.porch("run", "--headless", "--parallel")

    assert ["b", "a"] == built.landed()
    (said,) = [one.text for one in built.events(e.Noticed)]
    assert "validations change what setup made (made/state)" in said
    assert "validate_keep" in said


def test_setup_runs_again_for_a_state_with_other_dependencies(built: Project):
    built.commit({"requirements.txt": "old\n"})
    built.plan(
        "setup: 'test ! -e made && mkdir made && cp requirements.txt made/installed'\n"
        "validate: cmp requirements.txt made/installed\n"
        "tasks:\n  a: {run: echo a > a}\n  b: {run: echo new > requirements.txt, after: [a]}\n"
    )

    built.porch("run", "--headless", "--parallel")

    assert ["b", "a"] == built.landed()
    assert [] == built.events(e.Noticed)


def test_files_of_validate_keep_stay(built: Project):
    built.plan(
        "validate: 'test ! -e x.out; touch x.out; mkdir -p .cache; echo x >> .cache/runs'\n"
        "validate_keep: [.cache]\n"
        "tasks:\n  a: {run: echo a > a}\n  b: {run: echo b > b, after: [a]}\n"
    )

    built.porch("run", "--headless", "--parallel")

    (runs,) = built.root.parent.glob("app.porch/*/validate-1/.cache/runs")
    assert len(runs.read_text().splitlines()) >= 2


def test_a_submodule_that_cannot_be_fetched_is_no_verdict_on_the_task(built: Project, tmp_path, monkeypatch):
    for name, value in (("COUNT", "1"), ("KEY_0", "protocol.file.allow"), ("VALUE_0", "always")):
        monkeypatch.setenv(f"GIT_CONFIG_{name}", value)
    lib = Project(tmp_path / "other").root
    built.git("submodule", "-q", "add", str(lib), "lib")
    built.plan(
        "setup: git -c protocol.file.allow=always submodule -q update --init\n"
        "validate: test -e lib/README.md\n"
        f"tasks:\n  x: {{run: 'git update-index --cacheinfo 160000,{'1' * 40},lib; git commit -qm lib'}}\n"
    )

    built.porch("run", "--headless", "--parallel", expect=None)

    assert [] == built.landed()
    assert all("could not be validated" in text or "not available" in text for text in failures(built))
    assert {None} == {event.exit_code for event in built.events(e.ValidationFailed)}


@pytest.mark.parametrize(
    "harm", ["rm .git", "echo > $(git rev-parse --git-path index)", "mkdir -p y.out/d; chmod 555 y.out"]
)
def test_a_worktree_that_a_validation_has_broken_is_replaced(built: Project, harm):
    built.plan(
        f"validate: 'if test -e bad; then {harm}; exit 1; fi'\n"
        "tasks:\n  bad: {run: echo > bad}\n  good: {run: 'sleep 0.5; echo > good'}\n"
    )

    built.porch("run", "--headless", "--parallel", expect=None)

    assert ["good"] == built.landed()


def test_hooks_that_are_generated_and_ignored_are_run(built: Project):
    built.commit({".husky/pre-merge-commit": "test ! -e bad\n", ".husky/.gitignore": "_\n"})
    hook = built.write(".husky/_/pre-merge-commit", '#!/bin/sh\n. "${0%/*}/run"\n')
    hook.chmod(0o755)
    built.write(".husky/_/run", 'sh -e "$(dirname "$(dirname "$0")")/pre-merge-commit"\n')
    built.git("config", "core.hooksPath", ".husky/_")
    built.plan("hooks: run\ntasks:\n  good: {run: echo > good}\n  bad: {run: echo > bad, after: [good]}\n")

    built.porch("run", "--headless", "--parallel", expect=None)

    assert ["good"] == built.landed()
    assert any("hook pre-merge-commit" in text for text in failures(built))
    assert "" == built.git("status", "--porcelain")


@pytest.mark.parametrize(
    ("path", "mode", "says"),
    [
        (".husky/_", None, "which does not exist"),
        (".hooks", 0o644, "is not executable"),
        (None, None, "has none of pre-merge-commit, commit-msg"),
    ],
)
def test_hooks_that_cannot_run_are_named_before_the_run(built: Project, path, mode, says):
    if mode:
        built.write(f"{path}/pre-merge-commit", "#!/bin/sh\n").chmod(mode)
    if path:
        built.git("config", "core.hooksPath", path)
    built.plan("hooks: run\ntasks:\n  a: {run: echo > a}\n")

    checked = built.porch("check", "porch.yaml", expect=None)
    ran = built.porch("run", "--headless", "--parallel", expect=None)

    assert says in " ".join((checked.stdout + checked.stderr).split())
    assert says in " ".join((ran.stdout + ran.stderr).split())
