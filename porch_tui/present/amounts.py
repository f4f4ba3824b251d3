"""Seconds, bytes, moments and object ids as short text, the same in every column and page."""

from __future__ import annotations

from datetime import UTC, datetime

from porch_tui.core.model.agent_report import AgentUsage

UNKNOWN = "-"
SHORT = 7
"""Characters of an object id that people are shown; git's own habit."""


def duration(seconds: float | None) -> str:
    """Return a length of time: `0.4s`, `41.0s`, `12m07s`, `1h02m41s`, `2d03h04m`; `-` for None."""
    if seconds is None:
        return UNKNOWN
    return f"{max(0.0, seconds):.1f}s" if seconds < 59.95 else elapsed(round(seconds))


def between(ends_s: tuple[float, float]) -> str:
    """Return the range of a guessed length of time: `10.0s to 6m00s`; empty if it is no range."""
    low, high = map(duration, ends_s)
    return "" if low == high else f"{low} to {high}"


def left(seconds: float) -> str:
    """Return how long something still takes, as exactly as that is known: `about 4 min left`."""
    if seconds < 10:
        return "a few seconds left"
    if seconds < 55:
        return f"about {10 * round(seconds / 10)} s left"
    minutes = round(seconds / 60)
    if minutes < 60:
        return f"about {max(1, minutes)} min left"
    hours, minute = divmod(10 * round(minutes / 10), 60)
    return f"about {hours} h {minute} min left" if minute and hours < 10 else f"about {hours} h left"


def elapsed(seconds: float) -> str:
    """Return how long something has taken so far, in whole seconds: `41s`, `12m07s`, `1h02m41s`."""
    minutes, second = divmod(max(0, int(seconds)), 60)
    hours, minute = divmod(minutes, 60)
    days, hour = divmod(hours, 24)
    if days:
        return f"{days}d{hour:02}h{minute:02}m"
    if hours:
        return f"{hours}h{minute:02}m{second:02}s"
    return f"{minutes}m{second:02}s" if minutes else f"{second}s"


def axis_time(at_s: float) -> str:
    """Return a moment as it is written on a time axis: `0s`, `0.5s`, `30s`, `12m00s`."""
    return "0s" if at_s == 0 else duration(at_s).replace(".0s", "s")


def size(count: int | None) -> str:
    """Return an amount of bytes in powers of 1000: `812B`, `9.4kB`, `53MB`; `-` for None."""
    if count is None:
        return UNKNOWN
    amount, unit = float(max(0, count)), "B"
    for larger in ("kB", "MB", "GB", "TB", "PB"):
        if round(amount) < 1000:
            break
        amount, unit = amount / 1000, larger
    return f"{amount:.1f}{unit}" if unit != "B" and round(amount, 1) < 10 else f"{amount:.0f}{unit}"


def tokens(count: int | None) -> str:
    """Return a number of tokens: `812`, `9.4k`, `1.2M`; `-` for None."""
    if count is None:
        return UNKNOWN
    amount, unit = float(count), ""
    for larger in ("k", "M", "G"):
        if round(amount) < 1000:
            break
        amount, unit = amount / 1000, larger
    return f"{amount:.1f}{unit}" if unit and round(amount, 1) < 10 else f"{amount:.0f}{unit}"


def dollars(amount: float | None) -> str:
    """Return a cost in at most 8 cells below $10M; `-` for None.

    `$12.40`, `$4322` without cents, `$0.0003` where cents would show nothing, `<$0.0001`.
    """
    if amount is None:
        return UNKNOWN
    if 0 < amount < 0.0001:
        return "<$0.0001"
    if 0 < amount < 0.01:
        return f"${amount:.2g}"
    return f"${amount:.2f}" if amount < 999.995 else f"${amount:.0f}"


def agent_usage(usage: AgentUsage) -> str:
    """Return what an agent used in a few words: `240 tokens $0.42`; empty if it did not say."""
    read_and_written = agent_tokens(usage)
    counted = f"{read_and_written} tokens" if read_and_written else ""
    return " ".join(filter(None, (counted, dollars(usage.cost_usd) if usage.cost_usd else "")))


def agent_tokens(usage: AgentUsage) -> str:
    """Return how many tokens an agent read and wrote; empty if it did not say."""
    amounts = [one for one in (usage.input_tokens, usage.output_tokens) if one is not None]
    return tokens(sum(amounts)) if amounts else ""


def moment(at: float | None) -> str | None:
    """Return seconds since the epoch as `2026-11-22T08:15:00.123Z`; None stays None."""
    if at is None:
        return None
    return datetime.fromtimestamp(at, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def to_the_second(at: float) -> str:
    """Return seconds since the epoch as `2026-11-22 08:15:00 UTC`."""
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%d %H:%M:%S UTC")


def clock(at: float) -> str:
    """Return the local time: `15:45:20` if it is less than an hour away, `15:45`, or with the date."""
    then, now = datetime.fromtimestamp(at).astimezone(), datetime.now().astimezone()
    away_s = abs((then - now).total_seconds())
    return then.strftime("%H:%M:%S" if away_s < 3600 else "%H:%M" if away_s < 43_200 else "%Y-%m-%d %H:%M")


def offset(seconds: float) -> str:
    """Return the time since a run began, always seven characters or more: `+  3.1s`, `+ 12m07`, `+  1h02`."""
    seconds = max(0.0, seconds)
    if seconds < 599.95:
        return f"+{seconds:5.1f}s"
    minutes, second = divmod(int(seconds), 60)
    text = f"{minutes}m{second:02}" if minutes < 60 else f"{minutes // 60}h{minutes % 60:02}"
    return f"+{text:>6}"


def short(sha: str | None) -> str:
    """Return the first characters of an object id; `-` for None."""
    return sha[:SHORT] if sha else UNKNOWN


def age(seconds: float) -> str:
    """Return how long ago something was, in at most four characters: `41s`, `12m`, `5h`, `364d`, `3y`."""
    left = max(0, int(seconds))
    for many, unit in ((60, "s"), (60, "m"), (24, "h"), (365, "d")):
        if left < many:
            return f"{left}{unit}"
        left //= many
    return f"{left}y"


def percent(cpu: float) -> str:
    """Return a share without decimals: 100 is one core kept busy, `142%` nearly one and a half."""
    return f"{max(0.0, cpu):.0f}%"
