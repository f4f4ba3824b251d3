"""Calls that reach what a machine or a cluster has once: processes by name, sessions, what is deployed."""

from __future__ import annotations

from porch_tui.core.analysis.uses import tool_calls
from porch_tui.core.analysis.uses.calls import Call, options


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
    elif call.name == "aws" and verb == "s3":
        for word in words[3:4]:
            call.changes(word)
    return True
