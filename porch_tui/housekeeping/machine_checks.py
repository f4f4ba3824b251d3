"""Machine checks: git, Python, limits, agents, and what a logout or lost connection ends."""

from __future__ import annotations

import os
import platform
import resource
import shutil
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

from porch_tui import __version__
from porch_tui.agents.preset import has_signs, installed, names, preset
from porch_tui.core.model.plan import BWRAP
from porch_tui.core.model.wording import counted
from porch_tui.errors import RepositoryError
from porch_tui.git.repository import OLDEST_GIT, git_version
from porch_tui.housekeeping.findings import Finding, advice, problem
from porch_tui.process import logout
from porch_tui.process.children import first_line
from porch_tui.process.machine import cores, proc_trouble

FEW_FILES = 512
"""Descriptors: the engine needs a few per attempt, the screen some dozens."""
FENCES = (BWRAP, "podman", "docker")
PROBE = (BWRAP, "--ro-bind", "/", "/", "--proc", "/proc", "--unshare-pid", "--", "echo", "works")


def machine_findings() -> Iterator[Finding]:
    """Check everything that is the same in every repository."""
    yield _git()
    yield Finding("python", f"{platform.python_version()}, porch {__version__}, {counted(cores(), 'core')}")
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft == resource.RLIM_INFINITY or soft >= FEW_FILES:
        yield Finding("open files", "no limit" if soft == resource.RLIM_INFINITY else f"up to {soft}")
    else:
        most = "unlimited" if hard == resource.RLIM_INFINITY else str(hard)
        yield advice("open files", f"only {soft} at once", f"ulimit -n {most}, before many tasks run at once")
    if trouble := proc_trouble():
        yield problem("processes", trouble, "tasks cannot run here")
    yield from _agents()
    yield from _fences()
    yield from _login()


def _git() -> Finding:
    try:
        version = git_version()
    except RepositoryError as error:
        return problem("git", str(error), "install git and try again")
    found, oldest = (".".join(map(str, each)) for each in (version, OLDEST_GIT))
    if version[:2] < OLDEST_GIT:
        text = f"{found}, which cannot merge without a checkout"
        return problem("git", text, f"install git {oldest} or newer")
    return Finding("git", found)


def _agents() -> Iterator[Finding]:
    """Report the agents that porch knows by name, each with its version; tasks can name these as they are."""
    found = {name: preset(name) for name in installed()}
    with ThreadPoolExecutor() as pool:  # each takes a second
        versions = pool.map(lambda one: first_line(one.program, "--version"), found.values())
    for (name, one), version in zip(found.items(), versions, strict=True):
        text = f"{name}: {version or 'its version is unknown'}; its preset was tried with {one.version}"
        text += " and has an interactive form" if one.interactive else ""
        if has_signs(one):
            yield Finding("agent", text)
        else:
            yield advice("agent", f"{text}; no login and no key was found", f"it needs {one.needs}")
    if absent := [name for name in names() if name not in found]:
        yield Finding("agents", f"not on PATH: {', '.join(absent)} (porch help agents)")


def _fences() -> Iterator[Finding]:
    """Report the programs that can be a fence, and whether bwrap may do what it needs."""
    for program in FENCES:
        if shutil.which(program):
            version = first_line(program, "--version") or "its version is unknown"
            if program == BWRAP and first_line(*PROBE) is None:
                do = "allow unprivileged user namespaces, or use a container (porch help fences)"
                yield advice("fence", f"{version}, which may not make namespaces here", do)
            else:
                yield Finding("fence", version)


def _login() -> Iterator[Finding]:
    """Report what a lost connection would end: the screen, and on some machines the engine too."""
    if "SSH_CONNECTION" in os.environ:
        inside = "TMUX" in os.environ or "STY" in os.environ
        where = "over SSH, inside a multiplexer" if inside else "over SSH"
        yield Finding("terminal", f"{where}; if the connection drops the engine keeps running: porch attach")
    if logout.ends_processes(os.environ.get("LOGNAME", "")):
        text = "systemd kills all your processes when you log out, including engines and tasks"
        yield advice("logout", text, "loginctl enable-linger")
