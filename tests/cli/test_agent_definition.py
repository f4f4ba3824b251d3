"""`porch init --for` writes what an agent needs to drive porch, and leaves what a person wrote."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml
from in_process import porch

from porch_tui.cli.agent_definition import DEFINITIONS, END, PAGE
from porch_tui.present.outcome import Outcome
from project import Project

AGENT, SKILL = ".claude/agents/parallel-orchestrator.md", ".agents/skills/parallel-orchestrator/SKILL.md"
PLACES = {"claude": AGENT, "codex": "AGENTS.md", "generic": SKILL}
TEXT = PAGE.read_text("utf-8").partition("\n")[2]
MINE = "# Ours\n\nUse tabs.\n"


@pytest.fixture
def older(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """The text that an earlier porch had."""
    page = tmp_path / "automation.md"
    page.write_text("# Driving porch\n\nAs it was once.\n")
    monkeypatch.setattr("porch_tui.cli.agent_definition.PAGE", page)
    return page


@pytest.mark.parametrize("program", PLACES)
def test_it_is_written_where_the_program_looks_for_it(project: Project, program: str):
    printed = porch(project, "init", "--for", program)

    written = (project.root / PLACES[program]).read_text("utf-8")
    assert printed.code == 0
    assert TEXT in written
    assert porch(project, "init", "--for", program, "--print").out == written


@pytest.mark.parametrize(("program", "keys"), [("claude", {"tools"}), ("generic", set())])
def test_its_front_matter_is_what_the_program_reads(project: Project, program: str, keys: set[str]):
    porch(project, "init", "--for", program)

    place = project.root / PLACES[program]
    _, front, _ = place.read_text("utf-8").split("---\n", 2)
    fields = yaml.safe_load(front)
    assert fields.keys() == {"name", "description", *keys}
    assert fields["name"] in (place.stem, place.parent.name)
    assert len(fields["description"]) < 1024, "what agentskills.io allows"


@pytest.mark.parametrize("mine", ["", MINE, MINE.rstrip(), MINE.replace("\n", "\r\n"), "\xff\n"])
def test_a_file_of_the_person_gets_a_section_and_keeps_every_byte(project: Project, mine: str):
    place = project.root / "AGENTS.md"
    place.write_bytes(mine.encode("latin-1"))

    porch(project, "init", "--for", "codex")

    written = place.read_bytes()
    assert written.startswith(mine.encode("latin-1"))
    assert TEXT in written.decode("utf-8", "replace").replace("\r\n", "\n")
    assert b"\r" not in written or written.count(b"\r\n") == written.count(b"\n")


@pytest.mark.parametrize("program", PLACES)
def test_a_later_porch_replaces_its_own_text_and_nothing_else(project: Project, older: Path, program: str):
    place = project.root / PLACES[program]
    porch(project, "init", "--for", program)
    place.write_text(f"before\n{place.read_text()}after\n")
    older.write_text("# Driving porch\n\nAs it is now.\n")

    printed = porch(project, "init", "--for", program)

    text = place.read_text()
    assert printed.code == 0
    assert "As it is now." in text and "As it was once." not in text
    assert text.startswith("before\n") and text.endswith(f"{END}\nafter\n")
    assert "nothing new" in porch(project, "init", "--for", program).err


@pytest.mark.parametrize("program", PLACES)
def test_a_text_that_a_person_has_changed_is_left_alone(project: Project, older: Path, program: str):
    place = project.root / PLACES[program]
    porch(project, "init", "--for", program)
    changed = place.read_text().replace("once", "when I was young")
    place.write_text(changed)
    older.write_text("# Driving porch\n\nAs it is now.\n")

    refused = porch(project, "init", "--for", program)

    assert refused.code == 3
    assert "has been changed" in refused.err and "--print" in refused.err
    assert place.read_text() == changed


@pytest.mark.parametrize("program", ["claude", "generic"])
def test_a_definition_that_porch_did_not_write_is_left_alone(project: Project, program: str):
    place = project.write(PLACES[program], MINE)

    refused = porch(project, "init", "--for", program)

    assert refused.code == 3
    assert "porch did not write it" in refused.err
    assert place.read_text() == MINE


def test_lines_that_are_no_pair_are_left_alone(project: Project):
    porch(project, "init", "--for", "codex")
    place = project.root / "AGENTS.md"
    halved = place.read_text().replace(END, "")
    place.write_text(halved)

    refused = porch(project, "init", "--for", "codex")

    assert (refused.code, "not one pair" in refused.err) == (3, True)
    assert place.read_text() == halved


def test_a_link_inside_the_repository_is_followed_and_one_out_of_it_refused(project: Project, tmp_path: Path):
    project.write("CLAUDE.md", MINE)
    link = project.root / "AGENTS.md"
    link.symlink_to("CLAUDE.md")
    assert porch(project, "init", "--for", "codex").code == 0
    assert link.is_symlink() and TEXT in (project.root / "CLAUDE.md").read_text()
    link.unlink()
    link.symlink_to(tmp_path / "elsewhere")

    refused = porch(project, "init", "--for", "codex")

    assert (refused.code, "outside of the repository" in refused.err) == (3, True)
    assert not (tmp_path / "elsewhere").exists()


def test_what_codex_would_not_read_is_reported(project: Project):
    project.write("AGENTS.override.md", MINE)
    project.write("AGENTS.md", "x" * 40_000)

    said = porch(project, "init", "--for", "codex").err

    assert "AGENTS.override.md" in said and "32 KiB" in said


def test_its_plan_passes_the_check(project: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    codex = tmp_path / "bin/codex"
    codex.parent.mkdir()
    codex.write_text("#!/bin/sh\n")
    codex.chmod(0o755)
    monkeypatch.setenv("PATH", str(codex.parent), prepend=":")
    (example,) = re.findall(r"```yaml\n(.*?)```", PAGE.read_text("utf-8"), re.DOTALL)
    project.commit({"src/auth.py": "", "tests/test_tokens.py": "", "CHANGELOG.md": ""})
    project.plan(example)

    checked = porch(project, "check", "--json")

    assert checked.code == 0
    assert checked.json["warnings"] == []
    assert checked.json["verdict"]["choice"] != "serial"
    assert {pair["relation"] for pair in checked.json["pairs"]} == {"independent", "ordered"}


def test_the_outcomes_it_names_are_those_of_tasks():
    text = PAGE.read_text("utf-8").partition("**Decide.**")[2].partition("Ask the person")[0]

    heads = re.findall(r"^- (`.*?):", text, re.MULTILINE)
    named = {word for head in heads for word in re.findall("`(.*?)`", head)}
    assert {"conflict", "failed", "rejected", "blocked", "held"} <= named <= set(Outcome)


def test_every_program_has_a_definition():
    assert DEFINITIONS.keys() == PLACES.keys()
