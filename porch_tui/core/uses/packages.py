"""Package managers: which files a call of one rewrites. Two that add a package write one lockfile."""

from __future__ import annotations

import posixpath

from msgspec import Struct

from porch_tui.core.uses.calls import Area, Call, options
from porch_tui.core.uses.tables import word_set


class Packages(Struct, frozen=True):
    """What a package manager writes, by its subcommands; others write nothing that is merged."""

    manifest: str
    lockfile: str
    adding: tuple[str, ...] = ()
    """Rewrite both."""
    locking: tuple[str, ...] = ()
    """Rewrite the lockfile."""
    with_package: tuple[str, ...] = ()
    """Rewrite both, if a package is named; else they install what is locked."""


_NODE = ("add", "remove", "rm", "un", "uninstall", "update", "up", "upgrade")
MANAGERS: dict[str, Packages] = {
    "npm": Packages("package.json", "package-lock.json", ("uninstall", "remove", "rm", "r", "un"),
                    ("update", "up", "upgrade", "dedupe", "shrinkwrap", "audit fix"),
                    ("install", "i", "in", "add")),
    "yarn": Packages("package.json", "yarn.lock", _NODE, ("import",)),
    "pnpm": Packages("package.json", "pnpm-lock.yaml", _NODE, ("dedupe", "import"), ("install", "i")),
    "bun": Packages("package.json", "bun.lock", _NODE, (), ("install", "i")),
    "poetry": Packages("pyproject.toml", "poetry.lock", ("add", "remove"), ("update", "lock")),
    "uv": Packages("pyproject.toml", "uv.lock", ("add", "remove"), ("lock",)),
    "pdm": Packages("pyproject.toml", "pdm.lock", ("add", "remove"), ("update", "lock")),
    "rye": Packages("pyproject.toml", "requirements.lock", ("add", "remove"), ("lock",)),
    "pipenv": Packages("Pipfile", "Pipfile.lock", ("uninstall",), ("lock", "update"), ("install",)),
    "pixi": Packages("pixi.toml", "pixi.lock", ("add", "remove"), ("update", "lock", "upgrade")),
    "cargo": Packages("Cargo.toml", "Cargo.lock", ("add", "remove", "rm"), ("update", "generate-lockfile")),
    "bundle": Packages("Gemfile", "Gemfile.lock", ("add", "remove"), ("update", "lock")),
    "composer": Packages("composer.json", "composer.lock", ("require", "remove"), ("update", "upgrade")),
    "go": Packages("go.mod", "go.sum", ("get", "mod tidy", "mod edit", "mod init", "mod vendor")),
    "mix": Packages("mix.exs", "mix.lock", (), ("deps.update", "deps.unlock")),
    "pod": Packages("Podfile", "Podfile.lock", (), ("install", "update")),
    "nix": Packages("flake.nix", "flake.lock", (), ("flake update", "flake lock")),
    "dart": Packages("pubspec.yaml", "pubspec.lock", ("pub add", "pub remove"), ("pub upgrade",)),
    "flutter": Packages("pubspec.yaml", "pubspec.lock", ("pub add", "pub remove"), ("pub upgrade",)),
    "swift": Packages("Package.swift", "Package.resolved", (), ("package update", "package resolve")),
    "helm": Packages("Chart.yaml", "Chart.lock", (), ("dependency update", "dep update")),
    "deno": Packages("deno.json", "deno.lock", ("add", "remove")),
}  # fmt: skip

_WORKSPACES = {
    "cargo": ("Cargo.toml", "[workspace"),
    "npm": ("package.json", '"workspaces"'),
    "yarn": ("package.json", '"workspaces"'),
    "bun": ("package.json", '"workspaces"'),
    "pnpm": ("pnpm-workspace.yaml", "packages"),
    "uv": ("pyproject.toml", "[tool.uv.workspace"),
    "dart": ("pubspec.yaml", "workspace:"),
    "flutter": ("pubspec.yaml", "workspace:"),
}
"""Where it is said that the packages of the folders below share one lockfile, and by which words."""
_VALUED = word_set("""
    --prefix -C --cwd --dir --project --directory --manifest-path --features -F --group -G --extra --index
    --registry -w --workspace --filter --path --git --rev --branch --bin -p --package --version
    """)
_FOLDERS = ("--prefix", "-C", "--cwd", "--dir", "--project", "--directory", "--working-dir")


def note_packages(call: Call) -> bool | None:
    """Note which manifest and lockfile a call rewrites; None: it is no such call, and may run anything."""
    manager = MANAGERS.get(call.name)
    if manager is None:
        return None
    words, given = options(call.args, _VALUED)
    folder = next((given[name] for name in _FOLDERS if given.get(name)), "")
    if not folder and given.get("--manifest-path"):
        folder = posixpath.dirname(given["--manifest-path"])
    if words[:1] == ["workspace"] and call.name == "yarn":
        words = words[2:]
    if words[:2] in (["pkg", "set"], ["pkg", "delete"], ["pkg", "fix"]):
        call.write(posixpath.join(folder, manager.manifest))
        return True
    if words[:1] == ["version"] and len(words) > 1:
        call.write(posixpath.join(folder, manager.manifest))
        if call.name == "npm":
            call.write(posixpath.join(folder, manager.lockfile))
        return True
    first, both = " ".join(words[:1]), " ".join(words[:2])
    if "-g" in given or "--global" in given:
        if first in (*manager.adding, *manager.locking, *manager.with_package):
            call.changes(f"global packages of {call.name}")
        return True
    with_package = first in manager.with_package and len(words) > 1
    is_adding = first in manager.adding or both in manager.adding or with_package
    if call.name in ("npm", "pnpm") and {"--no-save"} & given.keys():
        return True
    if not is_adding and first not in manager.locking and both not in manager.locking:
        is_install = first in ("install", "i", "ci", "sync", "fetch", "restore", "download", "check", "")
        return True if is_install or first in manager.with_package else None
    if is_adding:
        call.write(posixpath.join(folder, manager.manifest))
    if first != "version" and not {"--frozen", "--frozen-lockfile", "--no-lock"} & given.keys():
        call.write(posixpath.join(_home_of_lock(call, folder), manager.lockfile))
    return True


def _home_of_lock(call: Call, folder: str) -> str:
    """Return the folder of a package's lockfile: its own, or the one above whose packages share one."""
    place = call.place(folder or ".")
    if call.name not in _WORKSPACES or place is None or place[0] is not Area.FILE or place[1] == "**":
        return folder
    file, words = _WORKSPACES[call.name]
    above = folder
    for _ in place[1].split("/"):
        above = posixpath.join(above, "..")
        if words in (call.text_of(posixpath.join(above, file)) or ""):
            return above
    return folder


def compiled(call: Call) -> bool:
    """Note the requirements that `pip-compile` writes: by its option, else beside what it reads."""
    words, given = options(call.args, ("-o", "--output-file", "-P", "--upgrade-package", "--extra", "-c"))
    target = given.get("-o") or given.get("--output-file")
    for source in words or ["requirements.in"]:
        call.read(source)
        call.write(target or posixpath.splitext(source)[0] + ".txt")
    return True
