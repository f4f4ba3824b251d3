"""Lengths of time and amounts of bytes in the few cells of a column."""

from __future__ import annotations

_UNITS = "kMGTP"


def duration(seconds: float) -> str:
    """Return a length of time: `0:41`, `12:07`, `1:02:41`, `2d 03:04` (days, hours, minutes)."""
    minutes, second = divmod(max(0, int(seconds)), 60)
    hours, minute = divmod(minutes, 60)
    days, hour = divmod(hours, 24)
    if days:
        return f"{days}d {hour:02}:{minute:02}"
    return f"{hours}:{minute:02}:{second:02}" if hours else f"{minute}:{second:02}"


def size(count: int) -> str:
    """Return an amount of bytes in at most four characters, decimal units: `812`, `9.4k`, `53M`, `1.2G`."""
    amount = float(max(0, count))
    if amount < 1000:
        return f"{amount:.0f}"
    step = 0
    while round(amount) >= 1000 and step < len(_UNITS):  # as it is printed: 999,600 is 1.0M, not 1000k
        amount, step = amount / 1000, step + 1
    return f"{amount:.{int(round(amount, 1) < 10)}f}{_UNITS[step - 1]}"
