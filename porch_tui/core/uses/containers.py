"""Containers: names, tags, published ports and volumes, which one daemon has for all tasks."""

from __future__ import annotations

import re

from porch_tui.core.uses.calls import OWN, ROOT, Call, options
from porch_tui.core.uses.tables import table, word_set

COMPOSE_FILES = ("compose.yaml", "compose.yml", "docker-compose.yml", "docker-compose.yaml")
_VALUED = word_set("""
    --name -p --publish -v --volume -e --env --network --net -t --tag -f --file -w --workdir -u --user
    --env-file --entrypoint -h --hostname --mount --platform --build-arg --target -l --label --memory -m
    --cpus --restart --add-host --project-name --profile --project-directory --link
    """)
_OF_RUN = _VALUED - {"-t", "--tag", "-f", "--file"}
_VALUED_OF = table("""
    rm:
    stop: -t -s --time --signal
    restart: -t -s --time --signal
    kill: -s --signal
    start: --detach-keys
    exec: -e -u -w --env --user --workdir --env-file
    logs: -n --tail --since --until
    cp:
    rmi:
    tag:
    push:
    """)
"""Options whose value may be the next word, by verb: `-f` of `build` is a file, and of `rm` it is none."""
_PUBLISHED = re.compile(r"(?:[\d.]+:)?(\d+):\d+(?:/\w+)?")
_LIST_ITEM = re.compile(
    r"^\s*-\s*[\"']?(?:[\d.]+:)?(\d+|\$\{?\w+(?::-(\d+))?\}?):\d+(?:/\w+)?[\"']?\s*$", re.MULTILINE
)
_FLOW_LIST = re.compile(r"^\s*ports:\s*\[([^\]\n]*)\]", re.MULTILINE)
_LONG_FORM = re.compile(r"^\s*published:\s*[\"']?(\d+)[\"']?\s*$", re.MULTILINE)
_CONTAINER = re.compile(r"^\s*container_name:\s*[\"']?([\w.-]+)[\"']?\s*$", re.MULTILINE)
_PROJECT = re.compile(r"^name:\s*[\"']?([\w.-]+)[\"']?\s*$", re.MULTILINE)


def docker(call: Call) -> bool:
    """Note what a call of docker, podman or nerdctl has in common with others."""
    args = list(call.args)
    while args and args[0].startswith("-"):
        args = args[2:] if args[0] in ("-H", "--context", "--host", "-c") else args[1:]
    if args[:1] in (["container"], ["image"], ["buildx"]):
        args = args[1:]
    verb, rest = (args[0], args[1:]) if args else ("", [])
    if verb == "compose":
        return _compose(call, rest)
    if verb in ("run", "create"):
        return _run(call, rest)
    words, _ = options(rest, _VALUED_OF.get(verb, _VALUED))
    if verb == "build":
        for at, word in enumerate(rest):
            tag = (
                rest[at + 1]
                if word in ("-t", "--tag") and at + 1 < len(rest)
                else word.partition("--tag=")[2]
            )
            if tag:
                call.changes(f"image {_tag(tag)}")
        return True
    if verb in ("tag", "rmi", "push") and words:
        call.changes(f"image {_tag(words[-1])}")
    elif verb in ("rm", "stop", "kill", "start", "restart", "exec", "cp", "rename", "wait", "logs"):
        for name in words[:1] if verb in ("exec", "cp", "rename") else words:
            note = call.looks_at if verb in ("logs", "wait") else call.changes
            note(f"container {name.partition(':')[0]}")
    elif verb in ("network", "volume") and words[:1] in (["create"], ["rm"]):
        for name in words[1:]:
            call.changes(f"{verb} {name} of {call.name}")
    elif verb in ("system", "volume", "image", "builder") and words[:1] == ["prune"]:
        call.changes(f"everything unused of {call.name}")
    return True


def _tag(name: str) -> str:
    return name if ":" in name.rpartition("/")[2] else f"{name}:latest"


def _run(call: Call, args: list[str]) -> bool:
    """Note what a container is started with. What runs in it is its own, but for volumes."""
    own: list[str] = []
    rest = iter(args)
    for arg in rest:  # what follows the image is the container's command
        if not arg.startswith("-"):
            call.looks_at(f"image {_tag(arg)}")
            break
        own.append(arg)
        if arg in _OF_RUN:
            own.append(next(rest, ""))
    is_closed = True
    for name, value in _valued(own):
        if name == "--name":
            call.changes(f"container {value}")
        elif name in ("-p", "--publish") and (found := _PUBLISHED.fullmatch(value)):
            call.changes(f"port {int(found[1])}")
        elif name in ("-v", "--volume"):
            is_closed &= _volume(call, value)
        elif name == "--mount" or (name in ("--network", "--net") and value == "host"):
            is_closed = False
    return is_closed


def _valued(args: list[str]) -> list[tuple[str, str]]:
    found, rest = [], iter(args)
    for arg in rest:
        name, equals, value = arg.partition("=")
        if arg in _VALUED:
            found.append((arg, next(rest, "")))
        elif equals:
            found.append((name, value))
    return found


def _volume(call: Call, value: str) -> bool:
    """Note a volume; say whether the worktree is none of it."""
    source, _, inside = value.partition(":")
    if not inside or inside.endswith(":ro"):
        return True
    if source.startswith(("/", "~")):
        call.write(source)
        return True
    if source.startswith((".", ROOT)):
        return False
    call.changes(f"volume {source} of docker")
    return True


def _compose(call: Call, args: list[str]) -> bool:
    """Note what the services of a compose file publish, as far as its text is there."""
    before = _before_verb(args)
    files = [value for name, value in _valued(before) if name in ("-f", "--file")]
    projects = [value for name, value in _valued(before) if name in ("-p", "--project-name")]
    project = next(iter(projects), call.scope.variables.get("COMPOSE_PROJECT_NAME", ""))
    verb = next(iter(args[len(before) :]), "")
    is_starting = verb in ("up", "start", "create", "restart", "")
    text = call.text_of(*(files or COMPOSE_FILES))
    if text is None:
        if OWN not in project and verb not in ("build", "config", "version", "ls"):
            what = f" (project {project})" if project else ""
            call.changes(f"docker compose{what}: its containers, networks and published ports")
        return True
    if is_starting:
        ports = [found[1] if found[1].isdigit() else found[2] for found in _LIST_ITEM.finditer(text)]
        ports += [one[1] for flow in _FLOW_LIST.findall(text) for one in _PUBLISHED.finditer(flow)]
        for port in (*ports, *_LONG_FORM.findall(text)):
            if port:
                call.changes(f"port {int(port)}")
        for name in _CONTAINER.findall(text):
            call.changes(f"container {name}")
    project = project or next(iter(_PROJECT.findall(text)), "")
    if project and verb not in ("build", "config", "version", "ls"):
        call.changes(f"docker compose project {project}")
    return True


def _before_verb(args: list[str]) -> list[str]:
    at = 0
    while at < len(args) and args[at].startswith("-"):
        at += 2 if args[at] in _VALUED else 1
    return args[:at]


def docker_compose(call: Call) -> bool:
    """Note what the older program `docker-compose` does."""
    return _compose(call, list(call.args))
