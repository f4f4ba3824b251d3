"""Checks whether a resolved file still parses as what its name says: a warning, never a refusal."""

from __future__ import annotations

import ast
import json
import tomllib
import warnings
from collections.abc import Callable, Mapping
from pathlib import PurePosixPath

from porch_tui.core.conflict.conflict import Conflict, ConflictRecord
from porch_tui.core.conflict.splice import Content, result
from porch_tui.planfile.text.composer import check_yaml


def doubts(conflict: Conflict, record: ConflictRecord) -> list[str]:
    """Return a sentence for every decided file that does not parse, or is empty."""
    found = []
    for path in conflict.paths:
        content = result(path, record)
        if isinstance(content, Content) and (wrong := _mistake(path.path, content.text)):
            found.append(f"{path.path}: {wrong}")
    return found


def _mistake(path: str, text: bytes) -> str:
    if not text.strip():
        return "it is empty"
    parse = _PARSERS.get(PurePosixPath(path).suffix)
    try:
        if parse is not None:
            parse(text)
    except (SyntaxError, ValueError, RecursionError) as error:
        return f"does not parse: {error}"
    return ""


def _python(text: bytes) -> object:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # they are about the person's code
        return ast.parse(text)


_PARSERS: Mapping[str, Callable[[bytes], object]] = {
    ".py": _python,
    ".pyi": _python,
    ".json": json.loads,
    ".yaml": check_yaml,
    ".yml": check_yaml,
    ".toml": lambda text: tomllib.loads(text.decode()),
}
