"""Textual reads the same style sheets for each app; here it reads them once for each process."""

from __future__ import annotations

from typing import Any

from textual.css.model import RuleSet
from textual.css.stylesheet import Stylesheet

from tests.tui import idle

_parse = Stylesheet._parse_rules
_parsed: dict[tuple[Any, ...], list[RuleSet]] = {}


def _parse_once(sheet: Stylesheet, css: str, *where: Any, **how: Any) -> list[RuleSet]:
    """Return what was parsed before from this text with these variables; textual shares rules as well."""
    key = (css, where, *how.items(), *sheet._variables.items())
    if key not in _parsed:
        _parsed[key] = _parse(sheet, css, *where, **how)
    return _parsed[key]


Stylesheet._parse_rules = _parse_once  # type: ignore[assignment]
idle.install()
