"""Databases that a call talks to, and migrations that it adds to the one order of all."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable
from itertools import pairwise

from porch_tui.core.uses.calls import UNKNOWN, Area, Call, options
from porch_tui.core.uses.tables import word_set

_URL = re.compile(
    r"\b(postgres(?:ql)?|mysql|mariadb|mongodb|rediss?|amqps?)(?:\+\w+)?://(?:[^@/\s]*@)?([^/\s'\"]*)"
    r"(?:/([\w.$\x01\x02-]*))?"
)
_SQLITE = re.compile(r"\bsqlite(?:3|\+\w+)?:///(/[^\s'\"?]+)")
_ENGINES = {"postgresql": "postgres", "mariadb": "mysql", "rediss": "redis", "amqps": "amqp"}
_PORTS = {"postgres": "5432", "mysql": "3306", "mongodb": "27017", "redis": "6379", "amqp": "5672"}
_LOCAL = frozenset({"", "localhost", "127.0.0.1", "0.0.0.0", "::1"})
_VARIABLE = re.compile(r"\$\w*(?:DATABASE|DB|POSTGRES|PG|MYSQL|MONGO|REDIS)\w*")
_READS = re.compile(
    r"\s*(?:select|show|explain|describe|\\[dlcz]\S*|values|pragma\s+\w+\s*)(?:\b|$)", re.IGNORECASE
)
_OF_DATABASES = re.compile(
    r"\b(?:(?:create|drop|alter)\s+database(?:\s+if(?:\s+not)?\s+exists)?|use)\s+[`\"]?([\w$]+)",
    re.IGNORECASE,
)
_NUMBERED = re.compile(r"V?(\d{1,14})(?:__?|-|\.)", re.IGNORECASE)
_OF_MIGRATIONS = re.compile(
    r"(?:^|/)[\w-]*(?:migrat|alembic|flyway|liquibase|changesets)\w*(?:/|$)", re.IGNORECASE
)
_OF_DEFINITIONS = re.compile(r"(?:^|/)(?:sql|db|schema|database|versions)(?:/|$)")

_BEFORE_VERB = word_set("""
    -c --config -x -n --name -e --env --url -path -database -source -C --chdir --project --schema
    """)
"""Options of programs for migrations whose value is the next word; some stand before the verb."""
CONFIGURED = "the database that the project is configured with"

CREATES: dict[str, tuple[str, ...]] = {
    "alembic": ("revision", "merge"),
    "prisma": ("migrate dev", "migrate diff"),
    "knex": ("migrate:make",),
    "sequelize": ("migration:generate", "model:generate"),
    "sequelize-cli": ("migration:generate", "model:generate"),
    "typeorm": ("migration:generate", "migration:create"),
    "drizzle-kit": ("generate",),
    "diesel": ("migration generate",),
    "sqlx": ("migrate add",),
    "dbmate": ("new",),
    "goose": ("create",),
    "migrate": ("create",),
    "artisan": ("make:migration",),
    "mix": ("ecto.gen.migration",),
    "rails": ("generate migration", "g migration", "generate model", "g model", "g scaffold"),
    "flask": ("db migrate", "db revision"),
    "aerich": ("migrate",),
    "supabase": ("migration new",),
    "dotnet": ("ef migrations add",),
}
"""Programs, and the words by which they add a migration to the others."""
APPLIES: dict[str, tuple[str, ...]] = {
    "alembic": ("upgrade", "downgrade", "stamp"),
    "manage.py": ("migrate", "flush", "loaddata"),
    "prisma": ("migrate dev", "migrate deploy", "migrate reset", "db push", "db seed"),
    "knex": ("migrate:latest", "migrate:up", "migrate:rollback", "seed:run"),
    "sequelize": ("db:migrate", "db:seed:all", "db:create", "db:drop"),
    "sequelize-cli": ("db:migrate", "db:seed:all", "db:create", "db:drop"),
    "typeorm": ("migration:run", "migration:revert", "schema:sync", "schema:drop"),
    "drizzle-kit": ("push", "migrate"),
    "diesel": ("migration run", "migration redo", "database reset"),
    "sqlx": ("migrate run", "database reset", "database drop"),
    "dbmate": ("up", "down", "migrate", "drop"),
    "goose": ("up", "down", "reset"),
    "migrate": ("up", "down", "drop"),
    "artisan": ("migrate", "migrate:fresh", "migrate:refresh", "db:seed"),
    "mix": ("ecto.migrate", "ecto.reset", "ecto.drop", "ecto.setup"),
    "rails": ("db:migrate", "db:reset", "db:drop", "db:setup", "db:seed", "db:schema:load", "db:prepare"),
    "rake": ("db:migrate", "db:reset", "db:drop", "db:setup", "db:seed", "db:schema:load"),
    "flask": ("db upgrade", "db downgrade"),
    "flyway": ("migrate", "clean", "undo"),
    "liquibase": ("update", "rollback"),
    "aerich": ("upgrade",),
    "supabase": ("db reset", "db push"),
    "dotnet": ("ef database update", "ef database drop"),
}
"""Programs, and the words by which they change the database."""


def database(url: str) -> str | None:
    """Return the database of an address, in words; None if it names none or one in the worktree."""
    found = _URL.search(url)
    if not found:
        return url if _VARIABLE.fullmatch(url) else None
    engine = _ENGINES.get(found[1], found[1])
    host, _, port = found[2].partition(":")
    name = found[3] or ("0" if engine == "redis" else "")
    return _named(engine, name, host, port)


def _named(engine: str, name: str, host: str = "", port: str = "") -> str:
    server = "" if host in _LOCAL else f" on {host}"
    other = f" port {port}" if port and port != _PORTS.get(engine) else ""
    return f"database {engine}{f' {name}' if name else ''}{server}{other}"


def note_databases_in(call: Call, text: str, *, writes: bool = True) -> None:
    """Note the databases that a text has addresses of."""
    if "://" in text:
        if outside := _SQLITE.search(text):
            call.write(outside[1]) if writes else call.read(outside[1])
        for found in _URL.finditer(text):
            _use(call, database(found.group()), writes=writes)
            engine = _ENGINES.get(found[1], found[1])
            host, _, port = found[2].partition(":")
            if host in _LOCAL:  # who starts that server disturbs who talks to it
                call.looks_at(f"port {port or _PORTS[engine]}")
    elif _VARIABLE.fullmatch(text):
        _use(call, f"database {text}", writes=writes)


def _use(call: Call, thing: str | None, *, writes: bool) -> None:
    if thing and UNKNOWN not in thing:
        call.changes(thing) if writes else call.looks_at(thing)


def _look_at_server(call: Call, engine: str, host: str, port: str) -> None:
    """Note the port of this machine that a client is given; without any it takes a socket."""
    if (host or port) and host in _LOCAL:
        call.looks_at(f"port {port or _PORTS[engine]}")


def note_migrations(call: Call) -> None:
    """Note the migrations that a call makes or applies."""
    words, _ = options(call.args, _BEFORE_VERB)
    started = " ".join(words[:4])
    if call.name == "manage.py" and words[:1] == ["makemigrations"]:
        apps = words[1:]
        for app in apps:
            call.changes(f"migrations of {app} (django)")
            call.looks_at("migrations of all apps (django)")
        if not apps:
            call.changes("migrations of all apps (django)")
    elif _says(started, CREATES.get(call.name, ())):
        call.changes(f"order of migrations ({call.name})")
    if _says(started, APPLIES.get(call.name, ())):
        if call.name in ("rails", "rake") and "db:migrate" in words:
            call.write("db/schema.rb")
        url = call.scope.variables.get("DATABASE_URL", "")
        if not url:
            call.changes(CONFIGURED)
        else:
            note_databases_in(call, url)


def _says(started: str, ways: tuple[str, ...]) -> bool:
    return any(started == way or started.startswith(f"{way} ") for way in ways)


def numbered_migration(path: str) -> str | None:
    """Return which number of a folder's migrations a path takes, in words; None if it is no migration."""
    folder, _, name = path.rpartition("/")
    found = _NUMBERED.match(name)
    if not found or not folder or "*" in name:
        return None
    is_one = _OF_MIGRATIONS.search(folder) or (
        _OF_DEFINITIONS.search(folder) and name.endswith((".sql", ".py"))
    )
    return f"migration number {found[1].lstrip('0') or '0'} in {folder}" if is_one else None


_OF_POSTGRES = word_set("-h --host -p --port -U --username")
_OF_ITS_TOOLS = {
    "psql": word_set("-d --dbname -c --command -f --file -v -o -F -T -L -P -R --set --output"),
    "pg_dump": word_set("-d --dbname -f --file -F -T -t -n -N -j -Z -E -S --format --table --schema"),
    "pg_restore": word_set("-d --dbname -f --file -F -T -t -n -N -j -I -P -S -L --format --table --schema"),
    "pg_isready": word_set("-d --dbname -t"),
    "createdb": word_set("-D -E -l -O -T --owner --template --encoding"),
    "pgbench": word_set("-c -j -T -t -s -f -b -P -D"),
}
"""Options whose value may be the next word: `-c` of `psql` is a statement, and of `pg_restore` it is none."""


def postgres(call: Call) -> bool:
    """Note what `psql` and its like talk to."""
    words, given = options(
        call.args,
        _OF_POSTGRES | _OF_ITS_TOOLS.get(call.name, frozenset()),
    )
    name = given.get("-d") or given.get("--dbname") or (words[0] if words else "")
    if call.name in ("pg_dump", "pg_isready", "pg_restore"):
        name = (
            given.get("-d") or given.get("--dbname") or (words[0] if call.name == "pg_dump" and words else "")
        )
    name = name or call.scope.variables.get("PGDATABASE", "")
    statement = given.get("-c") or given.get("--command") or next(
        (value for option, value in given.items() if re.fullmatch(r"-[A-Za-z]*c", option) and value), ""
    )  # fmt: skip
    if not statement and any(re.fullmatch(r"-[A-Zat]*c", option) for option in given):
        statement, name = words[0] if words else "", given.get("-d", "")
    for path in (given.get("-f"), given.get("--file")):
        if path:
            call.write(path) if call.name == "pg_dump" else call.read(path)
    if call.name == "psql" and (path := given.get("-o") or given.get("--output")):
        call.write(path)
    host, port = given.get("-h", given.get("--host", "")), given.get("-p", given.get("--port", ""))
    is_reader = call.name in ("pg_dump", "pg_isready") or reads_only(statement)
    if "://" in name or name.startswith("$"):
        note_databases_in(call, name, writes=not is_reader)
    else:
        for one in _named_in(statement) or [name]:
            _use(call, _named("postgres", one, host, port), writes=not is_reader)
        _look_at_server(call, "postgres", host, port)
    return True


def _named_in(statements: str) -> list[str]:
    """Return the databases that a text of SQL makes, deletes or turns to."""
    return list(dict.fromkeys(_OF_DATABASES.findall(statements)))


def reads_only(statements: str) -> bool:
    """Say whether a text of SQL only asks."""
    parts = [part for part in statements.split(";") if part.strip()]
    return bool(parts) and all(_READS.match(part) for part in parts)


def mysql(call: Call) -> bool:
    """Note what `mysql` and its like talk to. `-p` may be glued to a password, and takes no other word."""
    words, given = options(call.args, word_set("-u --user -h --host -P --port -e --execute -D --database"))
    name = given.get("-D") or given.get("--database") or (words[0] if words else "")
    statement = given.get("-e") or given.get("--execute") or ""
    host, port = given.get("-h", given.get("--host", "")), given.get("-P", given.get("--port", ""))
    if call.name == "mysqladmin":
        name = next((word for verb, word in pairwise(words) if verb in ("create", "drop")), "")
    is_reader = call.name == "mysqldump" or reads_only(statement)
    for one in [name] if name else _named_in(statement) or [""]:
        _use(call, _named("mysql", one, host, port), writes=not is_reader)
    _look_at_server(call, "mysql", host, port)
    return True


_REDIS_READS = word_set("""
    get keys ping info exists ttl llen mget hget scan type
    """)


def redis(call: Call) -> bool:
    """Note what `redis-cli` talks to."""
    words, given = options(call.args, word_set("-n -h -p -u -a"))
    command = words[0].lower() if words else ""
    if address := given.get("-u"):
        note_databases_in(call, address, writes=command not in _REDIS_READS)
        return True
    name = given.get("-n", "0")
    thing = _named("redis", name, given.get("-h", ""), given.get("-p", ""))
    _use(call, thing, writes=command not in _REDIS_READS)
    return True


def mongo(call: Call) -> bool:
    """Note what the programs of MongoDB talk to."""
    words, given = options(
        call.args, ("--db", "-d", "--uri", "--host", "--port", "--eval", "--collection", "-c")
    )
    name = given.get("--db") or given.get("-d") or given.get("--uri") or (words[0] if words else "")
    if "://" in name:
        note_databases_in(call, name, writes=call.name != "mongodump")
    else:
        _use(call, _named("mongodb", name, given.get("--host", "")), writes=call.name != "mongodump")
    return True


def sqlite(call: Call) -> bool:
    """Note the file of `sqlite3`; one in the worktree is a file like others."""
    words, _ = options(call.args, ("-cmd", "-separator"))
    if words and (place := call.place(words[0])) and place[0] is not Area.FILE:
        reads = len(words) > 1 and reads_only(" ".join(words[1:]))
        call.read(words[0]) if reads else call.write(words[0])
    elif words and not (len(words) > 1 and reads_only(" ".join(words[1:]))):
        call.write(posixpath.normpath(words[0]))
    return True


CLIENTS: dict[str, Callable[[Call], bool]] = {
    **dict.fromkeys(word_set("psql createdb dropdb pg_dump pg_restore pg_isready pgbench"), postgres),
    **dict.fromkeys(word_set("mysql mariadb mysqldump mysqladmin"), mysql),
    **dict.fromkeys(word_set("mongosh mongo mongoimport mongorestore mongodump"), mongo),
    **dict.fromkeys(("redis-cli", "valkey-cli"), redis),
    **dict.fromkeys(("sqlite3", "sqlite"), sqlite),
}
"""Programs that talk to a database."""
