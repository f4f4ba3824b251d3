"""Ports that a call listens on or talks to: by its options, its variables, its addresses, its defaults."""

from __future__ import annotations

import re

from porch_tui.core.uses.calls import OWN, UNKNOWN, Call
from porch_tui.core.uses.tables import word_set

SERVERS: dict[str, int] = {
    "http.server": 8000, "flask": 5000, "uvicorn": 8000, "gunicorn": 8000, "hypercorn": 8000, "daphne": 8000,
    "waitress-serve": 8080, "fastapi": 8000, "serve": 3000, "http-server": 8080, "mkdocs": 8000,
    "streamlit": 8501, "rails": 3000, "jekyll": 4000, "hugo": 1313, "puma": 9292, "rackup": 9292,
    "redis-server": 6379, "mongod": 27017, "memcached": 11211, "json-server": 3000, "php": 8000,
    "vite": 5173, "next": 3000, "nuxt": 3000, "nuxi": 3000, "astro": 4321, "ng": 4200, "storybook": 6006,
    "parcel": 1234, "gatsby": 8000, "docusaurus": 3000, "webpack-dev-server": 8080, "webpack": 8080,
    "react-scripts": 3000, "vue-cli-service": 8080, "wrangler": 8787, "eleventy": 8080, "vitepress": 5173,
    "jupyter": 8888, "jupyter-lab": 8888, "tensorboard": 6006, "sphinx-autobuild": 8000, "zola": 1111,
    "mlflow": 5000, "bokeh": 5006, "verdaccio": 4873, "mailhog": 1025, "etcd": 2379, "nats-server": 4222,
    "artisan": 8000, "ollama": 11434, "minio": 9000, "caddy": 2019, "live-server": 8080,
}  # fmt: skip
"""Programs that listen, with the port they take if they are given none."""
_SERVING = {
    "flask": ("run",), "fastapi": ("run", "dev"), "mkdocs": ("serve",), "streamlit": ("run",),
    "rails": ("server", "s"), "jekyll": ("serve", "s"), "hugo": ("server", "serve"), "ollama": ("serve",),
    "minio": ("server",), "caddy": ("run", "start"), "php": ("-S",), "artisan": ("serve",),
    "vite": ("", "dev", "serve"), "next": ("dev", "start"), "nuxt": ("dev",), "nuxi": ("dev",),
    "astro": ("dev", "preview"), "ng": ("serve", "s"), "storybook": ("dev",), "parcel": ("serve",),
    "gatsby": ("develop",), "docusaurus": ("start", "serve"), "webpack": ("serve",),
    "mlflow": ("ui", "server"), "react-scripts": ("start",), "vue-cli-service": ("serve",),
    "wrangler": ("dev",), "bokeh": ("serve",), "eleventy": ("--serve",), "vitepress": ("dev",),
    "jupyter": ("lab", "notebook"), "zola": ("serve",),
}  # fmt: skip
"""Words without which they do not listen; one of them may be none."""
_LASTING = frozenset({"node", "java", "deno", "nodemon", "electron"})
"""Programs that run others' servers: who ends them by name, ends those of all tasks."""
_POSITIONAL = frozenset({"http.server", "nc", "ncat", "netcat"})
_PORT_OPTION = re.compile(r"--?(?:[A-Za-z]+[-._])*ports?|--inspect(?:-brk)?")
_SHORT = frozenset({"-p", "-P", "-l"})
_NO_PORT = word_set("""
    mkdir cp ps top lsof strace gdb renice taskset ionice kill pytest unittest ssh scp rsync psql mysql
    mysqldump mysqladmin redis-cli pg_dump pg_isready pg_restore createdb dropdb mongosh mongo docker
    podman nerdctl docker-compose make patch install tar trap read sleep head tail seq test [ chmod touch
    rm git ls cargo nproc
    """)
"""Programs whose `-p` and `-l` are no ports."""
_BIND_OPTION = re.compile(
    r"-[bSal]|--?(?:[a-z]+[-._])*(?:bind|listen|addr|address|http|hostport|endpoint)(?:[-_]addr(?:ess)?)?"
)
_INNER_OPTION = re.compile(r"[.\s-]port=(\d{2,5})\b")
"""In the value of an option that hands options on."""
_FORWARDED = re.compile(r"(?:(?!\d+:)[\w.*-]+:)?(\d{2,5})(?::\S+)?")
"""The port on this side, as `ssh -L` and `kubectl port-forward` are given it."""
_ADDRESS = re.compile(r"(?:[\w.*-]*|\[[0-9a-f:]*\]):(\d{2,5})/?")
LOCAL = re.compile(r"(?:\blocalhost|\b127\.0\.0\.1|\b0\.0\.0\.0|\[::1?\]|(?<=//)[+*]):(\d{2,5})\b")
_LISTENING = re.compile(r"TCP[46]?-LISTEN:(\d+)(?:,.*)?", re.IGNORECASE)
"""Of socat."""
_DATABASE_URL = re.compile(r"\b(?:postgres(?:ql)?|mysql|mariadb|mongodb|rediss?|amqps?)(?:\+\w+)?://\S+")
_VARIABLE = re.compile(r"(?:\w*_)?PORT")
_ADDRESS_VARIABLE = re.compile(r"(?:\w*_)?(?:ADDR|ADDRESS|BIND|LISTEN)")


def in_variable(name: str, value: str) -> int | None:
    """Return the port that a variable gives to a program."""
    if _VARIABLE.fullmatch(name):
        return _number(value)
    if _ADDRESS_VARIABLE.fullmatch(name) and (found := _ADDRESS.fullmatch(value)):
        return _number(found[1])
    found = LOCAL.search(_DATABASE_URL.sub("", value))
    return _number(found[1]) if found else None


def note_ports(call: Call) -> None:
    """Note the ports among a call's words."""
    given = _given(call)
    serving = _SERVING.get(call.name, ())
    is_server = call.name in SERVERS and (not serving or not {*serving}.isdisjoint(_words(call)))
    if call.name == "manage.py" and "runserver" in call.args:
        is_server, after = True, call.args[list(call.args).index("runserver") + 1 :]
        given += [word.rpartition(":")[2] for word in after if re.fullmatch(r"(?:[\w.\[\]:]*:)?\d+", word)]
    if is_server and not given and not any(OWN in word or UNKNOWN in word for word in call.args):
        given = [str(SERVERS.get(call.name, 8000))]
    for port in dict.fromkeys(given):
        if number := _number(port):
            call.changes(f"port {number}")
            if is_server:
                call.looks_at(f"processes named {call.name}")
    if call.name in _LASTING and call.args and "-e" not in call.args:
        call.looks_at(f"processes named {call.name}")


def _words(call: Call) -> list[str]:
    """Return the arguments of a call; a blank one if all are options."""
    return [*call.args, *([] if any(word[:1] != "-" for word in call.args) else [""])]


def _given(call: Call) -> list[str]:
    """Return the ports a call names."""
    found: list[str] = []
    previous = ""
    has_short = call.name not in _NO_PORT
    for word in call.args:
        option, equals, value = word.partition("=") if word.startswith("-") else ("", "", "")
        if _PORT_OPTION.fullmatch(previous) or (has_short and previous in _SHORT):
            found.append(word.rpartition(":")[2])
        elif equals and _PORT_OPTION.fullmatch(option):
            found.append(value.rpartition(":")[2])
        elif (_BIND_OPTION.fullmatch(previous) and (address := _ADDRESS.fullmatch(word))) or (
            equals and _BIND_OPTION.fullmatch(option) and (address := _ADDRESS.fullmatch(value))
        ):
            found.append(address[1])
        elif has_short and re.fullmatch(r"-p\d{4,5}", word):
            found.append(word[2:])
        elif (call.name == "ssh" and previous in ("-L", "-D")) or (
            call.name in ("kubectl", "oc") and "port-forward" in call.args
        ):
            found += _FORWARDED.findall(word) if _FORWARDED.fullmatch(word) else []
        elif word.startswith("-") and (inner := _INNER_OPTION.search(value)):
            found.append(inner[1])
        elif call.name in _POSITIONAL and word.isdigit():
            found.append(word)
        elif listening := _LISTENING.fullmatch(word):
            found.append(listening[1])
        elif ":" in word:
            found += LOCAL.findall(_DATABASE_URL.sub("", word))
        previous = word
    return found


def _number(text: str) -> int | None:
    """Return a port's number; None for 0, which is any free one, and for what is none."""
    return int(text) if text.isascii() and text.isdigit() and 0 < int(text) < 65536 else None
