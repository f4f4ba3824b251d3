"""Known development tools: those that look at code, those that rewrite it, those that start another."""

from __future__ import annotations

import posixpath
import re

from porch_tui.core.uses.calls import Call, options
from porch_tui.core.uses.tables import table, word_set

CHECKERS = word_set("""
    pytest py.test unittest doctest tox nox mypy pyright basedpyright pytype flake8 pylint bandit
    pydocstyle vulture radon pyflakes pycodestyle ty pyre check-manifest twine-check jest vitest mocha ava
    karma cypress playwright tsc vue-tsc nyc c8 tslint markdownlint markdownlint-cli2 htmlhint shellcheck
    hadolint yamllint actionlint golangci-lint staticcheck gotestsum ctest rspec minitest phpunit phpstan
    psalm luacheck vale proselint lychee interrogate deptry semgrep trivy hyperfine locust schemathesis
    wait-for-it wait-for-it.sh wait-on robot behave slipcover compileall swiftlint detekt checkstyle
    cargo-nextest wrk ab k6 newman lighthouse pip-audit zizmor check-jsonschema nc ncat netcat ping dig
    nslookup serve http-server http.server flask uvicorn gunicorn hypercorn daphne json-server live-server
    pip pip3 venv virtualenv site timeit cProfile json.tool
    """)
"""Tools that write nothing that is merged."""
FORMATTERS: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    # name: (words of which one makes it write; none: it writes anyway), (words that keep it from that)
    "black": ((), ("--check", "--diff")),
    "isort": ((), ("--check", "--check-only", "-c", "--diff")),
    "prettier": (("--write", "-w"), ()),
    "eslint": (("--fix",), ()),
    "stylelint": (("--fix",), ()),
    "standard": (("--fix",), ()),
    "biome": (("--write", "--apply"), ()),
    "autopep8": (("-i", "--in-place"), ()),
    "yapf": (("-i", "--in-place"), ()),
    "autoflake": (("-i", "--in-place"), ()),
    "docformatter": (("-i", "--in-place"), ()),
    "codespell": (("-w", "--write-changes"), ()),
    "pyupgrade": ((), ()),
    "2to3": (("-w",), ()),
    "gofmt": (("-w",), ()),
    "goimports": (("-w",), ()),
    "gofumpt": (("-w",), ()),
    "rustfmt": ((), ("--check",)),
    "clang-format": (("-i",), ()),
    "shfmt": (("-w",), ()),
    "rubocop": (("-a", "-A", "--autocorrect", "--autocorrect-all"), ()),
    "ktlint": (("-F", "--format"), ()),
    "swiftformat": ((), ("--lint",)),
    "djlint": (("--reformat",), ()),
    "sqlfluff": (("fix", "format"), ()),
    "jscodeshift": ((), ("-d", "--dry")),
    "ruff": (("format", "--fix", "--fix-only"), ("--check", "--diff")),
    "dprint": (("fmt",), ()),
    "php-cs-fixer": (("fix",), ("--dry-run",)),
    "mdformat": ((), ("--check",)),
    "taplo": (("fmt", "format"), ("--check",)),
}
_SUBCOMMANDS = frozenset({"format", "check", "fix", "fmt", "lint", "ci", "rule", "version"})
_OF_FORMATTERS = word_set("""
    --config -c --line-length -l --select --ignore --target-version -t --parser --style --profile
    --settings-path -r --rev --ext --transform
    """)

RUNNERS = word_set("""
    pytest py.test unittest jest vitest mocha ava rspec minitest phpunit behave cypress playwright tox nox
    gotestsum cargo-nextest ctest
    """)
"""Those that run tests, which use what their variables name."""
_VALUED_OF = table("""
    gofmt: -r -cpuprofile
    goimports: -local -srcdir
    gofumpt: -lang -modpath
    shfmt: -i -ln -p
    rubocop: -c --config --only --except
    autopep8: --max-line-length --ignore --select --indent-size
    yapf: --style -e --exclude
    autoflake: --imports --exclude --config
    codespell: -L -I -S -x -i --skip --ignore-words
    clang-format: --style --fallback-style --assume-filename
    swiftformat: --config --rules --disable --enable
    """)
"""Options whose value may be the next word: `-l` of `black` is a length, and of `gofmt` it is none."""
HARMLESS_VERBS = table(
    """
    cargo: bench build check clippy doc fetch nextest test tree
    go: build env install list mod+download test tool version vet
    mvn: clean compile install package test verify
    gradle: assemble build check clean test
    gradlew: assemble build check clean test
    dotnet: build restore test
    mix: compile credo deps.get dialyzer test
    manage.py: check collectstatic flush loaddata makemigrations migrate runserver shell showmigrations test
    alembic: check current downgrade heads history stamp upgrade
    coverage: combine erase html report xml
    bundle: check install
    rails: db:migrate db:reset db:seed db:setup routes runner s server test
    rake: db:migrate db:reset db:seed db:setup spec test
    artisan: db:seed migrate serve test
    pre-commit: install uninstall
    twine: check
    php: -S -l
    celery: beat inspect purge status worker
    hatch: test
    bazel: build query test
    deno: check lint test
    bun: test
    swift: build test
    zig: build test
    cmake: --build
    flutter: analyze test
    dart: analyze test
    buf: breaking build lint
    turbo: build check lint run+build run+check run+lint run+test run+typecheck test typecheck
    nx: build e2e lint run-many test
    lerna: run+build run+lint run+test
    """
)
"""Words with which these tools write nothing that is merged."""
WRITING_VERBS = table(
    """
    cargo: fix fmt
    go: fix fmt generate
    mix: format
    dart: format
    terraform: fmt
    zig: fmt
    deno: fmt
    pre-commit: autoupdate run
    """
)

STARTERS = table(
    """
    env: -u -C --unset --chdir
    exec: -a
    time: -o -f
    nice: -n
    ionice: -c -n
    sudo: -u -g
    doas: -u
    stdbuf: -o -e -i
    xvfb-run: -s -n
    npx: -p --package -c
    dotenv: -f -e
    strace: -o -e -p
    retry: -t -d
    uvx: --from --with -p
    pipx: --spec
    chpst: -u
    watch: -n
    """
) | dict.fromkeys(
    word_set("""
    command nohup setsid bunx pnpx cross-env chronic unbuffer builtin winpty catchsegv firejail
    systemd-inhibit caffeinate rtk op
    """),
    (),
)
"""Programs whose first word that is no option is a program again, with their options that take a value."""
STARTING_VERBS = table(
    """
    uv: run tool+run
    poetry: run
    pdm: run
    pipenv: run
    rye: run
    hatch: run env+run
    bundle: exec
    pnpm: exec dlx
    yarn: exec dlx run
    npm: exec x
    conda: run
    mamba: run
    micromamba: run
    mise: exec x
    pixi: run
    asdf: exec
    coverage: run
    pipx: run
    direnv: exec
    devbox: run
    nix: develop
    rbenv: exec
    pyenv: exec
    kcov:
    doppler: run
    """
)
OF_STARTERS = word_set("""
    -n --name -p --python --with --group --extra --env-file --source --project --directory --rcfile
    --package -c
    """)

_OUTPUT = re.compile(
    r"-o|--(?:out|output|outfile|out-file|output-file|outdir|out-dir|output-dir|out_dir|output_dir|outputFile"
    r"|junitxml|junit-xml|destination|dest|target-file|save|write-to|report-file)"
)
_KEPT_IN = re.compile(
    r"--(?:[a-z]+-)*(?:cache|target|build|data|state|store|log|tmp|temp|report|coverage|profile|basetemp|pid)"
    r"(?:-?(?:dir|directory|file|path|folder|root))?"
)
"""Options that name where a tool keeps what it makes: that matters where worktrees do not separate it."""
_NO_OUTPUT = word_set("""
    grep egrep rg ssh scp ps ls set find test [ mount rsync tar unzip sed awk column docker podman curl
    wget sort time stdbuf echo printf git install cp xargs strace npm pnpm yarn apt-get psql jest bash sh
    """)
"""Programs whose `-o` is no output, or that know their outputs better."""


_EMPTIES = table("""
    ccache: -C --clear -c --cleanup
    composer: clear-cache clearcache
    go: clean+-modcache clean+-cache clean+-testcache
    npm: cache+clean
    pip: cache+purge cache+remove
    pip3: cache+purge cache+remove
    pnpm: store+prune
    poetry: cache+clear
    uv: cache+clean cache+prune
    yarn: cache+clean
    """)
"""Tools with a cache of their own for the whole machine, and the words with which they empty it."""
OWN_CACHE = "cache of "
"""How such a cache is named, with the tool."""
_SHARED_CACHE = re.compile(r"--(?:disk_cache|repository_cache|output_user_root)")
"""Options that name a cache which several runs of the tool may use at once."""


def note_caches(call: Call) -> None:
    """Note that a tool needs the cache it has on this machine, or empties it."""
    emptying = _EMPTIES.get(call.name)
    if emptying is not None:
        said = {*call.args[:1], " ".join(call.args[:2])}
        thing = f"{OWN_CACHE}{call.name.removesuffix('3')}"
        call.looks_at(thing) if said.isdisjoint(emptying) else call.changes(thing)
    for word in call.args:
        option, _, value = word.partition("=")
        if value.startswith(("/", "~")) and _SHARED_CACHE.fullmatch(option):
            call.read(value, is_input=False)


def checker(call: Call) -> bool:
    """Note what a tool looks at."""
    for word in call.args:
        if not word.startswith("-"):
            path = word.partition("::")[0]
            if "/" in path or re.search(r"\.\w{1,5}$", path):
                call.read(path, is_input=False)
    return True


def formatter(call: Call) -> bool:
    """Note what a tool rewrites: the paths it is given, else all."""
    making, keeping = FORMATTERS[call.name]
    words, given = options(call.args, _VALUED_OF.get(call.name, _OF_FORMATTERS))
    said = {*words, *given, *(f"-{letter}" for name in given if len(name) < 5 for letter in name[1:])}
    if (making and not said & {*making}) or said & {*keeping}:
        return checker(call)
    if words and words[0] in _SUBCOMMANDS:
        words = words[1:]
    for word in words or ["."]:
        call.write(word)
    return True


def verb_of(call: Call) -> bool | None:
    """Note what a tool with subcommands does; None: that is not known."""
    words = [word for word in call.args if not word.startswith("-")]
    verbs = {*words[:1], " ".join(words[:2]), *call.args[:1]}
    if not verbs.isdisjoint(WRITING_VERBS.get(call.name, ())):
        folders = [word.removesuffix("...").rstrip("/") or "." for word in words[1:] if "/" in word]
        for word in folders or ["."]:
            if "--check" not in call.args:
                call.write(word)
        return True
    if not verbs.isdisjoint(HARMLESS_VERBS.get(call.name, ())):
        return True
    return None


def note_outputs(call: Call) -> None:
    """Note files that options name as output, of any program."""
    if call.name in _NO_OUTPUT:
        return
    is_pytest = call.name in ("pytest", "py.test")
    previous = ""
    for word in call.args:
        option, equals, value = word.partition("=")
        if re.fullmatch(r"--\w+_out", option) and value:  # of protoc: one file for each that it reads
            folder = value.rpartition(":")[2] if not value.startswith("/") else value
            for source in (one for one in call.args if one.endswith(".proto")):
                stem = posixpath.basename(source).removesuffix(".proto")
                call.write(f"{folder.rstrip('/') or '.'}/**/{stem}*")
        elif value.startswith(("/", "~")) and _KEPT_IN.fullmatch(option):
            call.write(value)
        elif word.startswith(("/", "~")) and _KEPT_IN.fullmatch(previous):
            call.write(word)
        elif equals and _OUTPUT.fullmatch(option):
            call.write(value)
        elif (
            _OUTPUT.fullmatch(previous) and not (is_pytest and previous == "-o") and not word.startswith("-")
        ):
            call.write(word)
        previous = word
