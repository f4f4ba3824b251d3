"""Recognizes that an account must wait, in the words of agents and of the services behind them."""

from __future__ import annotations

import re
from datetime import datetime, timedelta

_LIMIT = re.compile(
    r"""usage\ limit | rate.?limit | limit\ (?:reached|exceeded) | quota | too\ many\ requests
    | resource.?exhausted | \b429\b""",
    re.IGNORECASE | re.VERBOSE,
)
_NO_WAIT_HELPS = re.compile(r"disk quota|billing|insufficient.?quota", re.IGNORECASE)
_UNITS_S = {"d": 86_400.0, "h": 3_600.0, "m": 60.0, "s": 1.0}
_IN = re.compile(
    r"""(?:again|retry|resets?|wait|available) [^.|]{0,40}? \b(?:in|after|for) [:\s]+
    (
        (?:
            \d+(?:\.\d+)? \s* (?:days?|d|hours?|hrs?|h|minutes?|mins?|m|seconds?|secs?|s)\b
            [,\s]* (?:and\s)?
        )+
    )""",
    re.IGNORECASE | re.VERBOSE,
)
"""Try again in 2 hours 5 minutes."""
_PART = re.compile(r"(?i)(\d+(?:\.\d+)?)\s*([dhms])")
_SECONDS = re.compile(r"(?i)(?:resets?_in_seconds|retry.after)\W{1,4}(\d+)")
_EPOCH = re.compile(r"(?i)(?:\||resets?_at\W{1,4})(\d{10})\b")
_CLOCK = re.compile(r"(?i)(?:at|resets?)\s+(\d{1,2})(?::(\d{2}))?\s*(am|pm)?\b")


def is_usage_limit(text: str) -> bool:
    """Say whether an error means that the account must wait; a full disk or an unpaid bill does not."""
    return _LIMIT.search(text) is not None and _NO_WAIT_HELPS.search(text) is None


def waits_until(text: str, now: float) -> float | None:
    """Return the moment that the text names, in seconds since the epoch; None if it names none.

    `now` is when it was said. A time of day is the next one, in the local time zone.
    """
    if found := _EPOCH.search(text):
        return float(found[1])
    if found := _SECONDS.search(text):
        return now + float(found[1])
    if found := _IN.search(text):
        return now + sum(float(count) * _UNITS_S[unit.lower()] for count, unit in _PART.findall(found[1]))
    for found in _CLOCK.finditer(text):
        moment = _next(found, datetime.fromtimestamp(now).astimezone())
        if moment is not None:
            return moment
    return None


def _next(found: re.Match[str], now: datetime) -> float | None:
    """Return the next time the clock shows this; None if no clock does, or if it may be no time at all."""
    hour, minute, half = int(found[1]), int(found[2] or 0), (found[3] or "").lower()
    if not half and found[2] is None:
        return None  # "at 3" may be anything
    if half:
        if not 1 <= hour <= 12:
            return None
        hour = hour % 12 + (12 if half == "pm" else 0)
    if hour > 23 or minute > 59:
        return None
    moment = now.replace(hour=hour, minute=minute, second=0, microsecond=0)
    return (moment if moment > now else moment + timedelta(days=1)).timestamp()
