"""What a setup probably reads: when that differs between two states, it has to run again for the second.

Dependencies that were installed for another lock file would make a broken state pass, or a sound one fail.
What else a setup reads is not known.
"""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Sequence
from fnmatch import fnmatchcase

from porch_tui.core.model.plan import CommandLine

MANIFESTS = (
    "*.gemspec", ".gitmodules", ".node-version", ".nvmrc", ".python-version", ".ruby-version",
    ".tool-versions",
    "Cargo.lock", "Cargo.toml", "Gemfile", "Gemfile.lock", "Package.resolved", "Package.swift", "Pipfile",
    "Pipfile.lock", "build.gradle*", "bun.lock*", "composer.json", "composer.lock", "constraints*.txt",
    "deno.json*", "deno.lock", "environment.y*ml", "flake.lock", "flake.nix", "go.mod", "go.sum",
    "gradle.lockfile", "mix.exs", "mix.lock", "npm-shrinkwrap.json", "package-lock.json", "package.json",
    "pdm.lock", "pnpm-lock.yaml", "pnpm-workspace.yaml", "poetry.lock", "pom.xml", "pubspec.lock",
    "pubspec.yaml", "pyproject.toml", "requirements*.in", "requirements*.txt", "rust-toolchain*",
    "settings.gradle*", "setup.cfg", "setup.py", "uv.lock", "yarn.lock",
)  # fmt: skip
"""Names of files, in any folder, in which a project says what it needs."""


def read_by(setup: Sequence[CommandLine], paths: Iterable[str]) -> tuple[str, ...]:
    """Return those of the paths that the setup probably reads: manifests, and files its commands name."""
    named = {word for command in setup for part in command for word in _words(part)}

    def is_manifest(path: str) -> bool:
        return any(fnmatchcase(path.rpartition("/")[2], pattern) for pattern in MANIFESTS)

    return tuple(path for path in paths if path in named or is_manifest(path))


def _words(text: str) -> list[str]:
    try:
        found = shlex.split(text)
    except ValueError:  # a quotation mark that is not closed, in a language other than shell's
        found = text.split()
    return [text, *(word.strip(";&|()").removeprefix("./") for word in found)]
