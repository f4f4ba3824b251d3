"""Calls of git, and what installs its hooks: files they move, and what all worktrees share."""

from __future__ import annotations

from porch_tui.core.uses.calls import Area, Call, options
from porch_tui.core.uses.file_calls import patched
from porch_tui.core.uses.tables import table, word_set

_HARMLESS = word_set("""
    add commit status diff log show rev-parse ls-files ls-tree grep blame describe cat-file rev-list
    merge-base shortlog version help reflog archive check-ignore for-each-ref symbolic-ref var
    count-objects fsck name-rev format-patch ls-remote fetch range-diff diff-tree diff-index show-ref
    bisect
    """)
_READS_CONFIG = frozenset(
    {"--get", "--get-all", "--get-regexp", "--list", "-l", "--get-urlmatch", "get", "list"}
)
_MOVES = frozenset({"-m", "-M", "-c", "-C", "-d", "-D", "--move", "--copy", "--delete"})
"""Options of `branch` by which all its words are branches."""
_HOOKS = {
    "pre-commit": ("install", "uninstall"),
    "husky": ("", "install", "init", "add"),
    "lefthook": ("install",),
}


_VALUED = table("""
    stash: -m --message
    config: -f --file --type --default
    tag: -m -F -u --message --file --points-at --contains
    checkout: -b -B --orphan
    switch: -c -C --create --orphan
    push: -o --push-option --repo
    clone: -b -c -j -o -u --branch --config --depth --origin --reference
    apply: -p -C --directory --exclude --include
    am: -p -C --directory
    """)
"""Options whose value may be the next word, by verb: `-f` of `config` is a file, and of `rm` it is none."""


def git(call: Call) -> bool:
    """Note what a call of git changes."""
    args = list(call.args)
    scope = call.scope
    while args and args[0].startswith("-"):
        if args[0] == "-C" and len(args) > 1:
            scope = scope.inner()
            scope.folder = None if scope.folder is None else f"{scope.folder}/{args[1]}".strip("/")
        args = args[2:] if args[0] in ("-C", "-c", "--git-dir", "--work-tree") else args[1:]
    verb, rest = (args[0], args[1:]) if args else ("", [])
    inner = call.named("git", rest)
    inner.scope = scope
    words, given = options(rest, _VALUED.get(verb, ()))
    match verb:
        case "stash":
            if words[:1] not in (["list"], ["show"]):
                inner.changes("git stash, which all worktrees share", Area.GIT)
            return True
        case "config":
            return _config(inner, words, given)
        case "apply" | "am":
            texts = [inner.text_of(path) for path in words or [inner.input_file] if path]
            return bool(texts) and all(patched(inner, text or "") for text in texts)
        case "mv" | "rm":
            for path in words:
                inner.write(path)
            return True
        case "tag":
            if words and not {"-l", "--list", "--points-at", "--contains"} & given.keys():
                inner.changes(f"git tag {words[0]}", Area.GIT)
            return True
        case "branch":
            if (
                words
                and not {"--list", "-l", "--contains", "--merged", "--show-current", "-a", "-r"}
                & given.keys()
            ):
                for branch in words if _MOVES & given.keys() else words[:1]:
                    inner.changes(f"git branch {branch}", Area.GIT)
            return True
        case "checkout" | "switch":
            name = given.get("-b") or given.get("-B") or given.get("-c") or given.get("-C")
            if name:
                inner.changes(f"git branch {name}", Area.GIT)
            return bool(name)
        case "push":
            target = words[1].rpartition(":")[2] if len(words) > 1 else ""
            if target and target != "HEAD":
                inner.changes(f"branch {target} of the remote {words[0]}")
            return True
        case "remote":
            if words[:1] and words[0] not in ("show", "get-url"):
                inner.changes("git config, which all worktrees share", Area.GIT)
            return True
        case "worktree" | "gc" | "prune" | "repack" | "maintenance":
            if words[:1] != ["list"]:
                inner.changes(f"git {verb}, which concerns all worktrees", Area.GIT)
            return True
        case "clone":
            folder = words[1] if len(words) > 1 else words[0].rpartition("/")[2] if words else ""
            inner.write(folder.removesuffix(".git"))
            return True
        case _:
            return verb in _HARMLESS


def _config(call: Call, words: list[str], given: dict[str, str]) -> bool:
    if _READS_CONFIG & {*given, *words[:1]} or (len(words) < 2 and not {"--unset", "--add"} & given.keys()):
        return True
    if "--global" in given:
        call.write("~/.gitconfig")
    elif file := given.get("-f") or given.get("--file"):
        call.write(file)
    elif "--worktree" not in given:
        call.changes("git config, which all worktrees share", Area.GIT)
        if words[0].lower() == "core.hookspath":
            call.changes("git hooks", Area.GIT)
    return True


def hooks(call: Call) -> bool:
    """Note the installation of hooks; running them may change any file."""
    verb = next((word for word in call.args if not word.startswith("-")), "")
    if verb in _HOOKS[call.name]:
        call.changes("git hooks", Area.GIT)
        return True
    return False
