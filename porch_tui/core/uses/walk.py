"""Commands and scripts gone through, call by call. The way in is `read_command`."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence

from porch_tui.core.model.plan import SHELL, CommandLine
from porch_tui.core.uses import (
    containers,
    databases,
    file_calls,
    generating,
    git_calls,
    machine_calls,
    packages,
    ports,
    remote,
    snapshots,
    starting,
    tool_calls,
)
from porch_tui.core.uses.calls import (
    DEEPEST,
    OWN,
    UNKNOWN,
    Area,
    Call,
    Scope,
    Uses,
    Ways,
    note_arguments,
)
from porch_tui.core.uses.expansion import expand, words_of
from porch_tui.core.uses.interpreters import INSTALLED, LONGEST, PYTHON, interpreter, run_script
from porch_tui.core.uses.shell import Simple, Word, literal, parse
from porch_tui.core.uses.variables import ASSIGNMENT, note_variable

_WRITING = frozenset({">", ">>", ">|", "<>"})
_EXPORTS = frozenset({"export", "declare", "local", "readonly", "typeset"})
_QUIET = file_calls.TEXT | {"grep", "egrep", "rg", "sed", "awk", "jq"}
"""Programs whose words are looked at for neither ports nor databases."""


def read_command(command: CommandLine, variables: Mapping[str, str], texts: Mapping[str, str]) -> Uses:
    """Return what a command of a plan uses, started in the worktree's root with these variables."""
    uses = Uses(texts, Ways(start, read_shell, knows))
    scope = Scope(dict(variables))
    if command[:2] == SHELL and len(command) == 3:
        read_shell(command[2], scope, uses)
    elif command:
        quote = " ".join(command)
        _start_known(Call(command[0], command[1:], scope, uses, quote=quote), command[0])
    return uses


def read_shell(text: str, scope: Scope, uses: Uses, line: int = 1, *, is_kept: bool = False) -> None:
    """Note what a shell's text uses; `line` is where it begins in its file; kept is what goes into a file."""
    script = parse(text[:LONGEST])
    if script.functions:
        scope.args = None
    feeding = _feeding(script.commands)
    calls: list[Call] = []
    scopes: dict[tuple[int, ...], Scope] = {(): scope}
    for number, simple in enumerate(script.commands):
        for depth, _ in enumerate(simple.shells, 1):  # what a subshell changes does not come back
            if simple.shells[:depth] not in scopes:
                scopes[simple.shells[:depth]] = scopes[simple.shells[: depth - 1]].inner()
        here = scopes[simple.shells]
        call = _call(simple, here, uses, line - 1)
        if simple.source is not None:
            call.source = calls[simple.source]
        call.has_output |= number in feeding or is_kept
        calls.append(call)
        _note_redirects(simple, call)
        _note_substitutions(simple, call)
        is_program = bool(simple.words) and call.name not in script.functions
        program = _first(simple, here) if is_program else ""
        if is_program and ("/" in program or not _builtin(call, here)):
            _start_known(call, program)


def _feeding(commands: Sequence[Simple]) -> set[int]:
    """Return the numbers of the commands whose output is piped on until it ends in a file."""
    found: set[int] = set()
    for number in range(len(commands) - 1, -1, -1):
        one = commands[number]
        is_tee = bool(one.words) and literal(one.words[0]) in ("tee", "sponge")
        ends = number in found or is_tee or any(each.sign in _WRITING for each in one.redirects)
        if ends and one.source is not None:
            found.add(one.source)
    return found


def _call(simple: Simple, scope: Scope, uses: Uses, before: int) -> Call:
    """Return the call of a simple command, with its words expanded; assignments are made or passed on."""
    own = scope if not simple.words else scope.inner() if simple.assignments else scope
    assigned = [(name, expand(word, scope)) for name, word in simple.assignments]
    for name, value in assigned:
        own.variables[name] = value
    words = [text for word in simple.words for text in words_of(word, scope)]
    name = words[0].rpartition("/")[2] if words else ""
    call = Call(name, words[1:], own, uses, quote=simple.text, line=simple.line + before)
    if simple.words:
        for name, value in assigned:
            note_variable(call, name, value)
    call.body = next((one.body for one in simple.redirects if one.sign.startswith("<<") and one.body), None)
    call.has_output = any(one.sign in _WRITING for one in simple.redirects)
    return call


def _first(simple: Simple, scope: Scope) -> str:
    return next(iter(words_of(simple.words[0], scope)), "")


def _note_redirects(simple: Simple, call: Call) -> None:
    targets = ((one, target) for one in simple.redirects for target in words_of(one.target, call.scope))
    for one, target in targets:
        if one.sign in _WRITING or (one.sign == ">&" and not re.fullmatch(r"[\d-]*", target)):
            call.write(target)
        elif one.sign == "<" and target:
            call.input_file = target
            call.read(target)


def _note_substitutions(simple: Simple, call: Call) -> None:
    """Note what the commands inside `$(…)` use."""
    for word in (*simple.words, *(word for _, word in simple.assignments)):
        for text in _substitutions(word):
            if call.scope.depth < DEEPEST:
                inner = call.scope.inner()
                inner.depth += 1
                read_shell(text, inner, call.uses, call.line, is_kept=call.has_output)


def _substitutions(word: Word) -> Iterator[str]:
    for kind, text, _ in word:
        if kind == "cmd" and not re.match(r"\s*(?:mktemp|cd |dirname|date)\b", text):
            yield text


def _builtin(call: Call, scope: Scope) -> bool:
    """Do what a shell itself does with a command; say whether it was one of its own."""
    args = list(call.args)
    match call.name:
        case "cd" | "pushd":
            _change_folder(call, scope, args)
        case "for" | "select":
            scope.loop(args[0] if args else "_", args[2:])
        case "read" if call.source is not None and args:
            scope.loop(args[-1], file_calls.found_files(call.source))
        case name if name in _EXPORTS:
            for arg in args:
                if assigned := ASSIGNMENT.fullmatch(arg):
                    scope.variables[assigned[1]] = assigned[2]
                    if name == "export":
                        note_variable(call, assigned[1], assigned[2])
        case "source" | ".":
            place = call.place(args[0]) if args else None
            if place and place[0] is Area.FILE and scope.depth < DEEPEST:
                call.read(args[0], is_input=False)
                text = call.text_of(args[0])
                if text is not None:
                    scope.depth += 1
                    known = dict(scope.variables)
                    _in_file(place[1], text, scope, call.uses)
                    if ".env" in place[1]:  # `set -a` before, most likely
                        for name in scope.variables.keys() - known.keys():
                            note_variable(call, name, scope.variables[name])
        case "eval":
            inner = scope.inner()
            inner.depth += 1
            if inner.depth < DEEPEST:
                read_shell(" ".join(args), inner, call.uses, call.line)
        case "set" | "popd" | "continue":
            pass
        case _:
            return False
    return True


def _in_file(path: str, text: str, scope: Scope, uses: Uses) -> None:
    """Note what a sourced file uses; its assignments stay."""
    file, scope.file = scope.file, path
    read_shell(text, scope, uses)
    scope.file = file


def _change_folder(call: Call, scope: Scope, args: list[str]) -> None:
    target = next((arg for arg in args if arg != "--" and not arg.startswith("-P")), "~")
    if UNKNOWN in target or target == "-":
        scope.folder = None
        return
    if OWN in target:
        scope.folder = OWN
        return
    place = call.place(target)
    if place is None:
        scope.folder = target if target.startswith(("/", "~")) else None
    else:
        scope.folder = "" if place[1] == "**" else place[1]


def _start_known(call: Call, program: str) -> None:
    """Note what a call uses, and whether that is all."""
    call.name = program
    if not start(call):
        call.uses.give_up(call.name.rpartition("/")[2] or program)


def start(call: Call) -> bool:
    """Note what a call uses; say whether it is known what it writes."""
    program = call.name
    name = call.name = program.rpartition("/")[2]
    is_of_repository = "/" in program and not program.startswith(("/", "~")) and name != "manage.py"
    if is_of_repository and not (INSTALLED.search(program) and knows(name)):
        _note_words(call)
        return run_script(call, program, list(call.args))
    if name not in _QUIET and name not in tool_calls.STARTERS:
        _note_words(call)
    done = interpreter(call)
    return _by_name(call) if done is None else done


def knows(name: str) -> bool:
    return any(name in known for known in _KNOWN) or bool(PYTHON.fullmatch(name))


def _note_words(call: Call) -> None:
    """Note ports, databases, migrations and outputs, which many programs are given in the same ways."""
    ports.note_ports(call)
    databases.note_migrations(call)
    tool_calls.note_outputs(call)
    tool_calls.note_caches(call)
    snapshots.note_snapshots(call)
    if call.name in tool_calls.RUNNERS or "test" in call.args[:1]:
        for value in call.scope.variables.values():
            if "://" in value:
                databases.note_databases_in(call, value)
    for word in call.args if call.name not in databases.CLIENTS else ():
        if "://" in word or word.startswith("$"):
            databases.note_databases_in(call, word.partition("=")[2] if word.startswith("-") else word)


_READERS: tuple[Callable[[Call], bool | None], ...] = (
    starting.started,
    packages.note_packages,
    starting.script_of_package,
    tool_calls.verb_of,
)
"""What reads calls of several programs; each answers None for those of others."""


def _by_name(call: Call) -> bool:
    """Note what a program is known to use; return whether all of it is known."""
    name = call.name
    if (known := PROGRAMS.get(name)) is not None:
        return known(call)
    if name in tool_calls.FORMATTERS:
        return tool_calls.formatter(call)
    for read in _READERS:
        if (known_fully := read(call)) is not None:
            return known_fully
    if name in tool_calls.CHECKERS:
        return tool_calls.checker(call)
    if name in databases.CREATES or name in databases.APPLIES:
        return _is_of_migrations(call)
    note_arguments(call)
    call.uses.last_unknown = name
    return False


def _hooks(call: Call) -> bool:
    """Note the installation of hooks; to run them may rewrite any file."""
    return git_calls.hooks(call) or bool(tool_calls.verb_of(call))


def _is_of_migrations(call: Call) -> bool:
    return any("migration" in use.name or "database" in use.name for use in call.uses.found.values())


def _aws(call: Call) -> bool:
    return remote.buckets(call) if "s3" in call.args else machine_calls.cluster(call)


PROGRAMS: dict[str, Callable[[Call], bool]] = {
    **file_calls.CALLS,
    "git": git_calls.git,
    **dict.fromkeys(("husky", "lefthook", "pre-commit"), _hooks),
    **dict.fromkeys(("docker", "podman", "nerdctl"), containers.docker),
    "docker-compose": containers.docker_compose,
    "podman-compose": containers.docker_compose,
    **databases.CLIENTS,
    **dict.fromkeys(("make", "gmake"), starting.make),
    **dict.fromkeys(("pkill", "killall"), machine_calls.kills),
    "pip-compile": packages.compiled,
    **dict.fromkeys(("tmux", "screen"), machine_calls.sessions),
    **machine_calls.ONCE,
    **dict.fromkeys(("kubectl", "oc", "helm", "terraform", "tofu", "pulumi"), machine_calls.cluster),
    "aws": _aws,
    "gsutil": remote.buckets,
    **dict.fromkeys(("protoc", "buf"), generating.protocols),
}  # fmt: skip
_KNOWN = (
    PROGRAMS,
    tool_calls.CHECKERS,
    tool_calls.FORMATTERS,
    tool_calls.STARTERS,
    tool_calls.STARTING_VERBS,
    tool_calls.HARMLESS_VERBS,
    databases.APPLIES,
    databases.CREATES,
)
