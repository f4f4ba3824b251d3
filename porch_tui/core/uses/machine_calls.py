"""Calls that reach what a machine or a cluster has once: processes by name, sessions, what is deployed."""

from __future__ import annotations

from collections.abc import Callable

from porch_tui.core.uses import tool_calls
from porch_tui.core.uses.calls import Call, options
from porch_tui.core.uses.tables import word_set


def kills(call: Call) -> bool:
    """Note whose processes are ended by name: those of other tasks as well."""
    words, _ = options(call.args, ("-u", "-U", "-g", "-s", "--signal", "-t"))
    for word in words[:1] if call.name == "pkill" else words:
        call.changes(f"processes named {word.strip('[]').rpartition('/')[2]}")
    return True


def sessions(call: Call) -> bool:
    """Note the names of sessions; what runs in them is not known."""
    for previous, word in zip(call.args, call.args[1:], strict=False):
        if previous in ("-s", "-t", "-S", "-dmS", "-L"):
            call.changes(f"{call.name} session {word.partition(':')[0]}")
    return False


_SERVICE_VERBS = word_set("""
    start stop restart reload try-restart reload-or-restart enable disable mask unmask kill delete load unload
    kickstart bootout bootstrap
    """)
_INSTALLS = word_set("""
    install remove upgrade update add del purge autoremove uninstall tap reinstall dist-upgrade full-upgrade
    """)


def services(call: Call) -> bool:
    """Note the services that are started and stopped: a machine has each of them once."""
    words, _ = options(call.args, ("-n", "--name", "-t", "--type"))
    if call.name == "service":  # whose verb comes second
        words = [*words[1:2], *words[:1]]
    if call.name == "brew" and words[:1] == ["services"]:
        words = words[1:]
    elif call.name == "brew":
        return installs(call)
    if words and words[0] in _SERVICE_VERBS:
        for name in words[1:]:
            call.changes(f"service {name.removesuffix('.service')}")
    return True


def installs(call: Call) -> bool:
    """Note a change of what the machine has installed, which its package manager makes one at a time."""
    if not _INSTALLS.isdisjoint(call.args) or (
        call.name == "pacman" and any(word.startswith(("-S", "-R")) for word in call.args)
    ):
        call.changes("packages that the machine has installed")
    return True


def crontab(call: Call) -> bool:
    """Note whether the table of jobs is replaced."""
    if "-l" in call.args:
        call.looks_at("table of cron's jobs")
    else:
        call.changes("table of cron's jobs")
        for word in call.args:
            if not word.startswith("-"):
                call.read(word)
    return True


def device(call: Call) -> bool:
    """Note that a connected or simulated device is used: the one named by `-s`, else the only one."""
    _, given = options(call.args, ("-s",))
    call.changes(f"device {given.get('-s') or 'of adb'}")
    return False


ONCE: dict[str, Callable[[Call], bool]] = {
    **dict.fromkeys(
        ("systemctl", "service", "launchctl", "supervisorctl", "pm2", "brew", "rc-service"), services
    ),
    **dict.fromkeys(("apt", "apt-get", "dnf", "yum", "apk", "pacman", "zypper", "snap", "choco"), installs),
    "crontab": crontab,
    "adb": device,
}
"""Programs that change what a machine has once."""


def cluster(call: Call) -> bool:
    """Note changes of what is deployed: a cluster, an infrastructure, a bucket."""
    words, given = options(
        call.args, ("-n", "--namespace", "-f", "--filename", "--context", "--kube-context")
    )
    verb = words[0] if words else ""
    where = given.get("-n") or given.get("--namespace") or "default"
    if call.name in ("kubectl", "oc") and verb in (
        "apply",
        "create",
        "delete",
        "patch",
        "scale",
        "rollout",
        "replace",
    ):
        call.changes(f"namespace {where} of the cluster")
    elif call.name == "helm" and verb in ("install", "upgrade", "uninstall", "delete", "rollback"):
        call.changes(f"release {words[1] if len(words) > 1 else ''} in namespace {where} of the cluster")
    elif call.name in ("terraform", "tofu", "pulumi") and verb in (
        "apply",
        "destroy",
        "import",
        "up",
        "state",
    ):
        call.changes(f"what {call.name} manages")
    elif call.name == "terraform" and verb == "fmt":
        return bool(tool_calls.verb_of(call))
    return True
