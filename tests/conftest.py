"""What holds for every test: nobody's git configuration, identity or terminal leaks in."""

from __future__ import annotations

import os

GIT_VARIABLES = [name for name in os.environ if name.startswith("GIT_")]

for name in [
    *GIT_VARIABLES,
    "NO_COLOR",
    "FORCE_COLOR",
    "SSH_CONNECTION",
    "SSH_TTY",
    "TMUX",
    "COLUMNS",
    "LINES",
]:
    os.environ.pop(name, None)

# A new machine has no configuration; neither has a test, whoever runs it.
os.environ["GIT_CONFIG_GLOBAL"] = os.devnull
os.environ["GIT_CONFIG_SYSTEM"] = os.devnull
