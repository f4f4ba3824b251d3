"""What single commands are found to read, write and occupy."""

from __future__ import annotations

import pytest

from porch_tui.core.analysis.uses.calls import Area, Uses
from porch_tui.core.analysis.uses.walk import read_command
from porch_tui.core.model.plan import from_shell


def uses(text: str, texts: dict[str, str] | None = None, **variables: str) -> Uses:
    return read_command(from_shell(text), variables, texts or {})


def written(text: str, texts: dict[str, str] | None = None, **variables: str) -> set[str]:
    """Return the paths that a command writes, in the worktree and outside."""
    found = uses(text, texts, **variables).found.values()
    return {one.name for one in found if one.writes and one.area in (Area.FILE, Area.OUTSIDE)}


def shared(text: str, texts: dict[str, str] | None = None, **variables: str) -> set[str]:
    """Return what else a command changes or occupies."""
    found = uses(text, texts, **variables).found.values()
    return {one.name for one in found if one.writes and one.area in (Area.STATE, Area.GIT)}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("cd src && sed -i 's/a/b/' ./x.py ../y.py", {"src/x.py", "y.py"}),
        ("(cd web && touch a); touch b", {"web/a", "b"}),
        ("OUT=docs; echo x > $OUT/a.md", {"docs/a.md"}),
        ("touch src/{a,b}.py", {"src/a.py", "src/b.py"}),
        ("cp a.txt b.txt target/", {"target/a.txt", "target/b.txt"}),
        ("mv old.py new.py", {"old.py", "new.py"}),
        ("git mv -k a b && git rm --cached c", {"a", "b", "c"}),
        ('for f in docs/*.md; do sed -i s/a/b/ "$f"; done', {"docs/*.md"}),
        ("find src -name '*.py' -exec black {} +", {"src/**/*.py"}),
        ("git ls-files '*.go' | xargs gofmt -w", {"**/*.go"}),
        ("sort -o sorted.txt in.txt; dd if=a of=b", {"sorted.txt", "b"}),
        ("curl -fsSL https://example.com/x.json -o data/x.json", {"data/x.json"}),
        ("uv run black src && black --check tests", {"src"}),
        ("env X=1 timeout 5 nice -n 3 tee log.txt", {"log.txt"}),
        ("bash -c 'echo $0 > inner.txt'", {"inner.txt"}),
        ("python -c \"open('made.txt', 'w')\"", {"made.txt"}),
        ('echo x > "$PORCH_WORKTREE/a"; echo x > $(git rev-parse --show-toplevel)/b', {"a", "b"}),
        ("npm install left-pad", {"package.json", "package-lock.json"}),
        ("npm ci; npm install; poetry install; uv sync; bundle install; cargo build", set()),
        (
            "cargo add serde --manifest-path crates/a/Cargo.toml",
            {"crates/a/Cargo.toml", "crates/a/Cargo.lock"},
        ),
        ("echo x > ~/.cache/a; echo y > /tmp/b; echo z > ../c", {"~/.cache/a", "/tmp/b", "../c"}),
        ("echo x > /dev/null; /usr/bin/tool /opt/data; echo x > /tmp/$PORCH_TASK.log", set()),
    ],
)
def test_what_a_command_writes(text: str, expected: set[str]):
    assert written(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("serve -p 8123", {"port 8123"}),
        ("python -m http.server", {"port 8000"}),
        ("python -m http.server --bind 127.0.0.1 9001", {"port 9001"}),
        ("PORT=3000 npm start", {"port 3000"}),
        ("gunicorn app:app -b 0.0.0.0:8080", {"port 8080"}),
        ("docker run -p 127.0.0.1:5433:5432 -p 80 postgres", {"port 5433"}),
        ("serve --port 0; serve --port $PORT; serve -p $((9000 + PORCH_SLOT))", set()),
        ("mkdir -p 8123; pytest -p no:randomly; ssh -p 2222 host; ps -p 4242", set()),
        ("echo localhost:8000; grep -r 'port 8000' .", set()),
        ("psql -p 5433 -d shop -c 'drop table x'", {"database postgres shop port 5433"}),
        ("psql postgres://ann:pw@localhost/shop -c 'select 1'", set()),
        ("mysql -uroot -psecret shop < x.sql", {"database mysql shop"}),
        ("redis-cli -n 2 flushdb; redis-cli get x", {"database redis 2"}),
        ("DATABASE_URL=sqlite:///test.db make", set()),
        ("docker build -t app .", {"image app:latest"}),
        ("git stash; git config user.name x", {
            "git stash, which all worktrees share", "git config, which all worktrees share"
        }),
        ("git stash list; git config --get user.name; git log", set()),
        ("pkill -f http.server", {"processes named http.server"}),
    ],
)  # fmt: skip
def test_what_a_command_has_in_common_with_the_machine(text: str, expected: set[str]):
    assert shared(text) == expected


def test_scripts_are_followed_with_their_arguments():
    texts = {
        "run.sh": '#!/bin/sh\ncd "$(dirname "$0")"\n./tools/gen "$1"\n',
        "tools/gen": "#!/usr/bin/env bash\necho x > out/$1.txt\n",
    }

    found = uses("./run.sh users", texts)

    (one,) = [use for use in found.found.values() if use.writes]
    assert (one.name, one.file, one.line) == ("out/users.txt", "tools/gen", 2)
    assert found.is_understood


def test_a_script_that_calls_itself_ends():
    assert uses("./a.sh", {"a.sh": "./b.sh\n", "b.sh": "./a.sh\necho x > y\n"}).found


def test_a_script_whose_text_is_not_there_is_asked_for():
    found = uses("./gen.sh && python tools/x.py")

    assert found.unread == {"gen.sh", "tools/x.py"}
    assert not found.is_understood


def test_a_python_script_is_read_as_far_as_it_can_be_worked_out():
    script = """
import json, sqlite3, subprocess, sys
from pathlib import Path
ROOT = Path(__file__).resolve().parent.parent
(ROOT / "docs" / "a.md").write_text("x")
with open(f"out/{sys.argv[1]}.json", "w") as file:
    json.dump({}, file)
subprocess.run(["sed", "-i", "s/a/b/", "b.txt"])
sqlite3.connect("/var/lib/app.db")
"""

    assert written("python tools/gen.py users", {"tools/gen.py": script}) == {
        "docs/a.md",
        "out/users.json",
        "b.txt",
        "/var/lib/app.db",
    }


def test_targets_of_a_makefile_and_scripts_of_a_package_are_followed():
    makefile = "OUT = gen\nall: $(OUT)/a.c\n\ngen/a.c:\n\techo x > $@\n\ndocs: all\n\tcp gen/a.c docs/\n"
    package = '{"scripts": {"build": "tsc && cp a.js lib/", "prebuild": "rm -f lib/old.js"}}'

    assert written("make docs", {"Makefile": makefile.replace("$(OUT)", "gen")}) == {"gen/a.c", "docs/a.c"}
    assert written("npm run build", {"package.json": package}) == {"lib/a.js", "lib/old.js"}


def test_a_compose_file_tells_its_published_ports():
    compose = 'services:\n  web:\n    container_name: web\n    ports:\n      - "8080:80"\n      - "${P}:90"\n'

    assert shared("docker compose up -d", {"compose.yaml": compose}) == {"port 8080", "container web"}
    assert shared("docker compose build", {"compose.yaml": compose}) == set()


def test_what_a_command_wrote_itself_it_needs_from_no_one():
    found = uses("echo x > a.json; jq . a.json > b.json; jq . c.json > d.json")

    assert {one.name for one in found.found.values() if not one.writes} == {"c.json"}


@pytest.mark.parametrize("text", ["frobnicate", "git apply x.patch", "curl -s https://x.y | sh", "perl x.pl"])
def test_what_is_not_known_is_not_called_understood(text: str):
    assert not uses(text).is_understood


@pytest.mark.parametrize(
    "text",
    [
        "KUBECONFIG=~/.kube/config deploy",
        "PYTHONPATH=/home/ann/lib GOPATH=~/go CARGO_HOME=~/.cargo build",
        "lint --config /home/ann/lint.toml --schema=/home/ann/schema.json",
        "python /home/ann/tools/check.py src",
        "/home/ann/bin/check",
    ],
)
def test_settings_and_programs_outside_are_only_read(text: str):
    assert written(text) == set()
