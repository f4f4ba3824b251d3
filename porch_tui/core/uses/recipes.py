"""Where commands have names: targets of a Makefile, scripts of a package.json."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

import msgspec

_RULE = re.compile(r"^([^\s#:=][^:=#\n]*?)\s*::?(?!=)\s*([^=\n]*?)(?:;(.*))?$")
_SET = re.compile(r"^(?:export\s+)?([\w.-]+)\s*(?:[:?+!]{0,2}=)\s*(.*)$")
_VARIABLE = re.compile(r"\$[({]([\w.-]+)[)}]")
LONGEST_CHAIN = 50


class _Package(msgspec.Struct):
    scripts: dict[str, str] = {}


def scripts_of(text: str) -> dict[str, str]:
    """Return the scripts of a `package.json` by their names; none if it is no JSON."""
    try:
        return msgspec.json.decode(text.encode(), type=_Package).scripts
    except msgspec.DecodeError:
        return {}


def recipe(text: str, targets: Sequence[str], given: Mapping[str, str]) -> list[tuple[int, str]] | None:
    """Return the commands of targets and of what they need, each with its line; None: no such rule.

    Without targets, those of the first one. Variables that are `given` count for the Makefile's own.
    """
    rules, own = _rules(text)
    variables = {**own, **given}
    wanted = list(targets) or [next((name for name in rules if not name.startswith(".")), "")]
    if not all(name in rules for name in wanted):
        return None
    found: list[tuple[int, str]] = []
    seen: set[str] = set()
    while wanted and len(seen) < LONGEST_CHAIN:
        name = wanted.pop(0)
        if name in seen or name not in rules:
            continue
        seen.add(name)
        needs, lines = rules[name]
        wanted = [*needs, *wanted]
        found += [(number, _command(line, name, needs, variables)) for number, line in lines]
    return found


def _rules(text: str) -> tuple[dict[str, tuple[list[str], list[tuple[int, str]]]], dict[str, str]]:
    rules: dict[str, tuple[list[str], list[tuple[int, str]]]] = {}
    variables: dict[str, str] = {}
    current: list[str] = []
    lines = iter(enumerate(text.split("\n"), 1))
    for number, first in lines:
        line = first
        while line.endswith("\\"):
            line = f"{line[:-1]} {next(lines, (0, ''))[1].strip()}"
        if line.startswith("\t"):
            for name in current:
                rules[name][1].append((number, line.strip()))
        elif found := _SET.match(line):
            variables[found[1]] = found[2].strip()
        elif found := _RULE.match(line):
            current = found[1].split()
            for name in current:
                needs, commands = rules.setdefault(name, ([], []))
                needs += [need for need in (found[2] or "").split() if need != "|"]
                if found[3]:
                    commands.append((number, found[3].strip()))
    return rules, variables


def _command(line: str, target: str, needs: Sequence[str], variables: Mapping[str, str]) -> str:
    """Return a line of a recipe as its shell gets it."""
    line = line.lstrip("@-+").replace("$@", target).replace("$<", needs[0] if needs else "")
    line = line.replace("$^", " ".join(needs))
    for _ in range(5):
        line = _VARIABLE.sub(lambda one: variables.get(one[1], f"${{{one[1]}}}"), line)
    return line.replace("$$", "$")
