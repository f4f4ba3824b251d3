"""What single commands are found to read, write and occupy."""

from __future__ import annotations

import pytest

from porch_tui.core.model.plan import from_shell
from porch_tui.core.uses.calls import Area, Uses
from porch_tui.core.uses.walk import read_command


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
        (
            "sed -i '' 's/a/b/' mac.txt; sed -ni.bak 1p kept.txt; uniq in.txt out.txt",
            {"mac.txt", "kept.txt", "out.txt"},
        ),
        ("awk '{print > \"part.csv\"}' all.csv; awk '$1 > 5 {print \"x\"}' all.csv", {"part.csv"}),
        ("grep -rl old src | sort -u | xargs sed -i s/old/new/", {"src"}),
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


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("grep -c . api.txt; grep -nA 3 x a.md; grep -e x -e y b.md; grep -f pat.txt -- c.md",
         {"api.txt", "a.md", "b.md", "pat.txt", "c.md"}),
        ("sed -n 1,20p log.txt; sed -ne 1p x.txt; sed -E s/a/b/ y.txt", {"log.txt", "x.txt", "y.txt"}),
        ("jq -c --arg n 1 .x a.json; jq -n --slurpfile s c.json .", {"a.json", "c.json"}),
        ("awk -F, -v n=1 '{print}' a.csv; awk -f sum.awk b.csv", {"a.csv", "sum.awk", "b.csv"}),
        ("sort -n a.txt; sort -k 2 b.txt; wc -c c.txt; uniq -c d.txt; cat -n e.txt; diff -u f.txt g.txt",
         {f"{name}.txt" for name in "abcdefg"}),
        ("head -c 10 a.bin; tail -n 5 b.log; cut -d, -f1 c.csv; nl d.md; tac e.md",
         {"a.bin", "b.log", "c.csv", "d.md", "e.md"}),
    ],
)  # fmt: skip
def test_which_words_of_a_filter_are_files(text: str, expected: set[str]):
    assert {one.name for one in uses(text).found.values() if not one.writes} == expected
    assert written(text) == set()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("curl -F file=@app.zip -T b.bin x.y; curl -d @c.json x.y", {"app.zip", "b.bin", "c.json"}),
        ("tar czf out.tgz a.txt b.txt; zip -qr out.zip c.txt", {"a.txt", "b.txt", "c.txt"}),
        (". ci.env; source setup.sh", {"ci.env", "setup.sh"}),
        ("[ -f done.flag ] && test -s log.txt", {"done.flag", "log.txt"}),
        ("xargs -a list.txt echo; diff <(sort a.txt) <(sort b.txt)", {"list.txt", "a.txt", "b.txt"}),
    ],
)  # fmt: skip
def test_which_files_are_sent_packed_and_asked_for(text: str, expected: set[str]):
    assert {one.name for one in uses(text).found.values() if not one.writes} == expected


def test_a_script_reads_the_files_in_its_options():
    found = uses(
        "python train.py --corpus=a.txt --out /tmp/x b.csv", {"train.py": "import sys\n"}
    ).found.values()

    assert {one.name for one in found if one.is_input} == {"a.txt", "b.csv"}


def test_what_is_piped_into_a_file_is_made_of_what_is_read():
    found = uses(
        "cut -f1 a.txt | sort > b.txt; grep x c.txt | head; diff <(sort d.txt) e.txt | tee f.txt"
    ).found

    assert {one.name for one in found.values() if one.is_input} == {"a.txt", "d.txt", "e.txt"}


@pytest.mark.parametrize(
    "text",
    [
        "node --inspect=9090 app.js", "./api -addr=:9090", "java -Dserver.port=9090 -jar app.jar",
        "ssh -N -L 9090:db:5432 bastion", "kubectl port-forward svc/db 9090:5432",
        "./mvnw spring-boot:run -Dspring-boot.run.arguments=--server.port=9090",
    ],
)  # fmt: skip
def test_a_port_is_found_as_it_is_spelt(text: str):
    assert shared(text) == {"port 9090"}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("systemctl --user restart worker.service; service worker stop", {"service worker"}),
        ("systemctl status worker; brew services list; apt-cache search x", set()),
        ("sudo apt-get install -y jq", {"packages that the machine has installed"}),
        ("crontab jobs.cron", {"table of cron's jobs"}),
        ("mysqladmin -u root drop -f shop", {"database mysql shop"}),
    ],
)
def test_what_a_machine_has_once(text: str, expected: set[str]):
    assert shared(text) == expected


def test_where_a_tool_keeps_things_counts_only_outside():
    assert written("cargo test --target-dir /tmp/target; pytest --basetemp=/tmp/x") == {
        "/tmp/target",
        "/tmp/x",
    }
    assert written("cargo test --target-dir target; pytest --cache-dir .c") == set()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("git rm -f a; git mv -f b c; rm -r d; touch -m e; mkdir -p f", {"a", "b", "c", "d", "e"}),
        ("touch -r old.txt new.txt; truncate -s 0 log.txt; chmod -R u+x bin", {"new.txt", "log.txt", "bin"}),
        ("cp -t out a.txt; rsync -a -t a.txt b.txt; install -m 7 a b/c", {"out/a.txt", "b.txt", "b/c"}),
        ("wget -c https://x.y/a.tgz; wget -q -O b.tgz https://x.y; wget -o log https://x.y/c.tgz",
         {"a.tgz", "b.tgz", "c.tgz"}),
        ("gofmt -l -w cmd; gofmt -l pkg; yapf -ir src; autopep8 -r -i lib", {"cmd", "src", "lib"}),
        ("npm pkg set private=true; cargo +nightly add rand", {"package.json", "Cargo.toml", "Cargo.lock"}),
        ("pg_dump -f a.sql shop; psql -o b.txt -f c.sql shop", {"a.sql", "b.txt"}),
        ("gzip -k a.sql; gunzip -c b.gz; xz -d c.xz; zstd d", {"a.sql.gz", "c", "c.xz", "d.zst"}),
        ("npm audit fix; npm audit", {"package-lock.json"}),
    ],
)  # fmt: skip
def test_an_option_of_one_program_is_not_that_of_another(text: str, expected: set[str]):
    assert written(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("git tag -f v1; git branch -m old new", {"git tag v1", "git branch old", "git branch new"}),
        ("git push -f origin main", {"branch main of the remote origin"}),
        ("docker rm -f pg; docker exec -t web ls", {"container pg", "container web"}),
        (
            "pg_restore -c -d shop dump.bin; dropdb -f old",
            {"database postgres shop", "database postgres old"},
        ),
    ],
)
def test_an_option_takes_no_word_that_is_not_its_own(text: str, expected: set[str]):
    assert shared(text) == expected


def test_jobs_of_make_are_no_target():
    makefile = {"Makefile": "docs:\n\ttouch a.md\n\ncode:\n\ttouch b.c\n"}

    assert written("make -j docs", makefile) == written("make -j 4 docs", makefile) == {"a.md"}


def test_packages_of_a_workspace_share_its_lockfile():
    cargo = {"Cargo.toml": "[workspace]\nmembers = ['*']\n"}
    node = {"package.json": '{"workspaces": ["apps/*"]}'}

    assert written("cd cli && cargo add clap", cargo) == {"cli/Cargo.toml", "Cargo.lock"}
    assert written("npm --prefix apps/a add x", node) == {"apps/a/package.json", "package-lock.json"}
    assert written("cd cli && cargo add clap") == {"cli/Cargo.toml", "cli/Cargo.lock"}


def test_a_patch_names_the_files_it_changes():
    fix = {"fix.patch": "--- a/src/x.c\n+++ b/src/x.c\n@@ -1 +1 @@\n"}

    assert written("patch -p1 < fix.patch", fix) == written("git apply fix.patch", fix) == {"src/x.c"}
    assert written("patch y.c < fix.patch") == {"y.c"}


@pytest.mark.parametrize("text", ["vite", "vite --host", "npx vite dev"])
def test_a_server_that_is_given_no_port_takes_its_own(text: str):
    assert "port 5173" in shared(text)
    assert "port 5173" not in shared("vite build --mode production")


def test_tests_use_the_database_of_the_environment():
    assert shared("pytest tests/a", REDIS_URL="redis://localhost/1") == {"database redis 1"}
    assert shared("black src", REDIS_URL="redis://localhost/1") == set()


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
