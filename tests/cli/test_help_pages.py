"""The commands in the help pages and the README parse, and the JSON they document is what is printed."""

from __future__ import annotations

import json
import re
import shlex
from pathlib import Path

import pytest
from json_page import documented, keys

from porch_tui.cli import main
from porch_tui.cli.parser import parse
from porch_tui.present.commands import CLI_COMMANDS
from tests.golden.scenes import EXPECTED

ROOT = Path(__file__).parents[2]
PAGES = sorted((ROOT / "porch_tui/help").glob("*.md"))
SHELL = re.compile(r"^```sh\n(.*?)^```", re.DOTALL | re.MULTILINE)
INLINE = re.compile(r"`(porch [^`]+)`")


def typed(text: str) -> list[str]:
    """Return the command lines of porch in a page, without comments and marks of what may be left out."""
    blocks = [line for block in SHELL.findall(text) for line in block.splitlines()]
    lines = [line for line in blocks if line.startswith("porch ")] + INLINE.findall(text)
    return [re.sub(r"\s+#.*|[\[\]…]", "", line.replace("\n", " ")) for line in lines]


@pytest.mark.parametrize("page", [*PAGES, ROOT / "README.md"], ids=lambda page: page.stem)
def test_every_command_of_a_page_is_understood(page):
    for line in typed(page.read_text(encoding="utf-8")):
        choices = re.sub(r"(--\w+)(\|--\w+)+( OTHER)?", r"\1", line)  # --first|--last|--before OTHER
        words = [word for word in shlex.split(choices)[1:] if word not in {"COMMAND", "TOPIC"}]
        if not words[0].startswith("--") and "--help" not in words:
            assert words[0] in CLI_COMMANDS
            if words[1:]:  # a bare name may stand for a command that wants more
                parse(words)


@pytest.mark.parametrize(
    ("topic", "entry"),
    [
        ("plan", "- `slots`: How many attempts run at once"),
        ("keys", "- `r` Retry from the current tip"),
        ("settings", "- `bell`: Ring the terminal's bell"),
    ],
)
def test_pages_end_with_what_the_types_and_tables_say(topic, entry, capsys):
    code = main(["help", topic])

    lines = capsys.readouterr().out.splitlines()
    assert code == 0
    assert [line for line in lines if line.startswith(entry)]
    assert [line for line in lines if len(line) > 80] == []


def test_the_keys_of_the_documented_json_are_those_that_are_printed():
    for command, name in (("status", "status_all_endings"), ("check", "check_three")):
        found, known = printed(name), keys(documented(f"porch {command} --json"))
        assert keys(found) <= known
        assert not [key for key in known - keys(found) if not is_of_nothing(found, key)]


def is_of_nothing(part: object, key: str) -> bool:
    """Say whether a documented key is one of something that is null, or a list of none, in a document."""
    for name in key.split("."):
        part = part[0] if isinstance(part, list) and part else part
        if not isinstance(part, dict):
            return not part
        part = part.get(name, "no such key")
    return False


def printed(name: str) -> dict[str, object]:
    """Return the last JSON document in a golden file."""
    text = (EXPECTED / f"{name}.txt").read_text(encoding="utf-8")
    document: dict[str, object] = json.loads(text[text.rindex("\n{\n") :])
    return document
