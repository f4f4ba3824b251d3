"""The environment of this process, as its children inherit it."""

from __future__ import annotations

import os
from collections.abc import Mapping


class _Decoded:
    """`os.environ` as a plain mapping, decoded anew only when something in it has changed.

    It decodes each name and value whenever it is looked through, and every child process needs all of them:
    a tenth of the processor time of a run of many short tasks.
    """

    def __init__(self) -> None:
        self._state: tuple[dict[bytes, bytes], dict[str, str]] = ({}, {})
        """One tuple, so that a thread never sees half of a change."""

    def __call__(self) -> Mapping[str, str]:
        """Return it as it is now."""
        raw: dict[bytes, bytes] = os.environ._data  # type: ignore[attr-defined]  # it has no public name
        before, decoded = self._state
        if raw != before:
            before, decoded = raw.copy(), dict(os.environ)
            self._state = before, decoded
        return decoded


inherited = _Decoded()
