"""Whether a logout ends what a person has left running, which some Linux machines are set up for."""

from __future__ import annotations

import re
from pathlib import Path

SYSTEMD = Path("/run/systemd/system")
"""Exists if systemd runs the machine."""
LINGERING = Path("/var/lib/systemd/linger")
"""Has a file, by user name, for each user whose processes survive a logout."""
LOGIND = (Path("/usr/lib/systemd"), Path("/run/systemd"), Path("/etc/systemd"))
"""Where logind's settings are; the later file wins."""
SETTING = re.compile(r"^(#?)\s*KillUserProcesses\s*=\s*(\w+)", re.M)


def ends_processes(user: str) -> bool:
    """Say whether systemd kills all processes of a user at their logout."""
    return SYSTEMD.is_dir() and _kills_at_logout() and not (LINGERING / user).exists()


def _kills_at_logout() -> bool:
    """Read logind's setting; its main file has the distribution's default in a comment."""
    files = [folder / "logind.conf" for folder in LOGIND]
    files += [file for folder in LOGIND for file in sorted((folder / "logind.conf.d").glob("*.conf"))]
    texts = [file.read_text("utf-8", "replace") for file in files if file.is_file()]
    settings = [match for text in texts for match in SETTING.findall(text)]
    # a setting wins over any comment, and a later one over an earlier one
    settings.sort(key=lambda match: not match[0])
    return bool(settings) and settings[-1][1].lower() in ("yes", "true", "on", "1")
