"""What git would have done meanwhile, had porch not kept it from that beside tasks."""

from __future__ import annotations

from project import Project, until


def test_git_packs_what_has_gathered_once_the_run_is_over(project: Project):
    project.git("config", "gc.auto", "300")
    project.commit({str(number): f"{number}" for number in range(600)})
    project.plan("tasks:\n  a: {run: echo a > a}\n")

    project.porch("run", "--headless")

    until(lambda: int(project.git("count-objects").split()[0]) < 100, "git to have packed most")
