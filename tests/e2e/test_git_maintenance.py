"""After a run porch lets git do the maintenance that it prevented while tasks ran."""

from __future__ import annotations

from project import Project, until


def test_git_packs_loose_objects_once_the_run_has_ended(project: Project):
    project.git("config", "gc.auto", "300")
    project.commit({str(number): f"{number}" for number in range(600)})
    project.plan("tasks:\n  a: {run: echo a > a}\n")

    project.porch("run", "--headless")

    until(lambda: int(project.git("count-objects").split()[0]) < 100, "git to have packed most")
