"""What a script in Python reads, writes and occupies, as far as its text shows it.

It is parsed, never run. Names that are assigned once and paths that are put together are worked out; of what
is left, it is known that it is not known.
"""

from __future__ import annotations

import ast
import posixpath
import warnings
from collections.abc import Sequence

from porch_tui.core.uses import databases
from porch_tui.core.uses.calls import OWN, ROOT, UNKNOWN, Call, Uses
from porch_tui.core.uses.expansion import variable
from porch_tui.core.uses.ports import LOCAL
from porch_tui.core.uses.tables import word_set

CLOSED = word_set("""
    __future__ abc argparse ast base64 bisect collections copy csv dataclasses datetime decimal difflib
    enum fractions functools glob hashlib heapq html io itertools json logging math operator os pathlib
    pprint random re secrets shutil statistics string sys tempfile textwrap time tomllib traceback types
    typing unicodedata uuid warnings zlib subprocess configparser locale calendar contextlib
    """)
"""Modules that write nothing but by the calls that are known here."""
_WRITES = frozenset(
    {"write_text", "write_bytes", "touch", "unlink", "rename", "replace", "symlink_to", "rmdir"}
)
_READS = frozenset({"read_text", "read_bytes"})
_FUNCTIONS = word_set("""
    remove unlink rename replace rmtree copy copy2 copyfile copytree move truncate symlink link
    """)
"""Of `os` and `shutil`."""
_SAVES = word_set("""
    to_csv to_json to_parquet to_excel to_pickle savefig save savetxt dump
    """)
_SERVERS = word_set("HTTPServer ThreadingHTTPServer TCPServer UDPServer ThreadingTCPServer make_server")
_RUNS = frozenset({"run", "call", "check_call", "check_output", "Popen", "system", "getoutput", "popen"})
_TEMPORARY = frozenset(
    {"mkdtemp", "mkstemp", "TemporaryDirectory", "NamedTemporaryFile", "uuid4", "token_hex"}
)


def read_python(text: str, call: Call, args: Sequence[str], line: int) -> bool:
    """Note what a script uses; say whether that is all it can write. In its file it begins at `line`."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of literals in other people's code
            tree = ast.parse(text)
    except (SyntaxError, ValueError, RecursionError):
        return False
    return _Script(tree, text, call, args, line - 1).read()


class _Script:
    """A parsed script, and the values of its names."""

    def __init__(self, tree: ast.Module, text: str, call: Call, args: Sequence[str], before: int) -> None:
        self._tree = tree
        self._lines = text.split("\n")
        self._call = call
        self._args = args
        self._before = before
        self._values: dict[str, ast.expr | None] = {}
        self._is_closed = True
        self._depth = 0

    @property
    def _uses(self) -> Uses:
        return self._call.uses

    def read(self) -> bool:
        nodes = list(ast.walk(self._tree))
        prose = {id(node.value) for node in nodes if isinstance(node, ast.Expr)}
        for node in nodes:
            self._note_name(node)
        for node in nodes:
            if isinstance(node, ast.Call):
                self._call_of(node)
            elif isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in prose:
                self._text(node, node.value)
        return self._is_closed

    def _note_name(self, node: ast.AST) -> None:
        if isinstance(node, ast.Assign | ast.AnnAssign) and node.value is not None:
            for name in node.targets if isinstance(node, ast.Assign) else [node.target]:
                if isinstance(name, ast.Name):
                    # what is assigned twice has no one value
                    self._values[name.id] = None if name.id in self._values else node.value
        elif isinstance(node, ast.Import):
            self._is_closed &= all(alias.name.partition(".")[0] in CLOSED for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            self._is_closed &= not node.level and (node.module or "").partition(".")[0] in CLOSED
        elif isinstance(node, ast.withitem) and isinstance(node.optional_vars, ast.Name):
            self._values[node.optional_vars.id] = node.context_expr
        elif isinstance(node, ast.For | ast.comprehension) and isinstance(node.target, ast.Name):
            self._values[node.target.id] = None
        elif isinstance(node, ast.arg):
            self._values[node.arg] = None

    def _add(self, node: ast.expr) -> Call:
        """Return the call as which a use at this place of the script is noted."""
        at = node.lineno + self._before
        call = self._call.named(self._call.name, ())
        call.quote, call.line = self._lines[node.lineno - 1].strip(), at
        return call

    def _text(self, node: ast.expr, text: str) -> None:
        call = self._add(node)
        if "://" in text:
            databases.note_databases_in(call, text)
            for port in LOCAL.findall(text):
                if text.startswith("http"):
                    call.changes(f"port {int(port)}")

    def _call_of(self, node: ast.Call) -> None:
        function = node.func
        name = function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")
        owner = function.value if isinstance(function, ast.Attribute) else None
        of_module = owner.id if isinstance(owner, ast.Name) else ""
        self._ports(node, name)
        if name == "open":
            self._open(node, owner if of_module not in ("io", "os", "codecs") else None)
        elif name in _READS and owner is not None:
            self._path(node, owner, writes=False)
        elif name in _WRITES and owner is not None and of_module not in ("os", "shutil"):
            if name != "replace" or len(node.args) == 1:  # a text's takes two
                self._path(node, owner, writes=True)
                if name in ("rename", "replace") and node.args:
                    self._path(node, node.args[0], writes=True)
        elif name in _FUNCTIONS and of_module in ("os", "shutil"):
            self._moved(node, name)
        elif name in _SAVES and node.args and of_module not in ("json", "pickle", "yaml", "toml"):
            self._path(node, node.args[0], writes=True)
        elif name == "connect" and of_module in ("sqlite3", "aiosqlite") and node.args:
            place = self._value(node.args[0])
            if place != ":memory:":
                self._path(node, node.args[0], writes=True)
        elif name in ("Redis", "StrictRedis") and of_module in ("redis", ""):
            self._redis(node)
        elif name in _RUNS and of_module in ("subprocess", "os", ""):
            self._run(node, name)
        elif name in ("exec", "eval", "__import__", "import_module"):
            self._is_closed = False

    def _ports(self, node: ast.Call, name: str) -> None:
        for keyword in node.keywords:
            if keyword.arg == "port":
                self._port(node, keyword.value)
        first = node.args[0] if node.args else None
        if (
            name in ("bind", "connect", "create_server", "create_connection") or name in _SERVERS
        ) and isinstance(first, ast.Tuple):
            self._port(node, first.elts[-1])

    def _port(self, node: ast.Call, value: ast.expr) -> None:
        number = self._value(value)
        if number.isdigit() and 0 < int(number) < 65536:
            self._add(node).changes(f"port {int(number)}")

    def _redis(self, node: ast.Call) -> None:
        given = {keyword.arg: self._value(keyword.value) for keyword in node.keywords}
        if given.get("host", "localhost") in ("localhost", "127.0.0.1"):
            port = f" port {given['port']}" if given.get("port", "6379") != "6379" else ""
            self._add(node).changes(f"database redis {given.get('db', '0')}{port}")

    def _open(self, node: ast.Call, owner: ast.expr | None) -> None:
        place = owner if owner is not None else (node.args[0] if node.args else None)
        rest = node.args if owner is not None else node.args[1:]
        given = next((keyword.value for keyword in node.keywords if keyword.arg == "mode"), None)
        mode = self._value(given if given is not None else rest[0]) if given is not None or rest else "r"
        if place is not None:
            self._path(node, place, writes=any(sign in mode for sign in ("w", "a", "x", "+", UNKNOWN)))

    def _moved(self, node: ast.Call, name: str) -> None:
        is_copy = name.startswith("copy")
        for number, place in enumerate(node.args[:2]):
            self._path(node, place, writes=not (is_copy and number == 0))

    def _path(self, node: ast.Call, place: ast.expr, *, writes: bool) -> None:
        path = self._value(place)
        call = self._add(node)
        if UNKNOWN in path and writes and posixpath.dirname(path.partition(UNKNOWN)[0]) == "":
            self._is_closed = False
            return
        call.write(path) if writes else call.read(path)

    def _run(self, node: ast.Call, name: str) -> None:
        first = node.args[0] if node.args else None
        if isinstance(first, ast.List | ast.Tuple) and first.elts:
            words = [self._value(item) for item in first.elts]
            inner = self._add(node)
            inner.name, inner.args = words[0], words[1:]
            if words[0] == UNKNOWN or not self._call.start(inner):
                self._is_closed = False
        elif first is not None and (isinstance(first, ast.Constant | ast.JoinedStr)):
            inner = self._add(node).named("sh", ("-c", self._value(first).replace(UNKNOWN, "$UNKNOWN_VALUE")))
            self._is_closed &= self._call.start(inner)
        else:
            self._is_closed = False

    def _value(self, node: ast.expr) -> str:
        """Return a value as text; with `UNKNOWN` in it where it is not known."""
        self._depth += 1
        try:
            return self._worked_out(node) if self._depth < 30 else UNKNOWN
        finally:
            self._depth -= 1

    def _worked_out(self, node: ast.expr) -> str:
        match node:
            case ast.Constant():
                return str(node.value)
            case ast.Name(id="__file__"):
                return f"{ROOT}/{self._call.scope.file}" if self._call.scope.file else UNKNOWN
            case ast.Name():
                known = self._values.get(node.id)
                return self._value(known) if known is not None else UNKNOWN
            case ast.JoinedStr():
                return "".join(
                    self._value(part.value) if isinstance(part, ast.FormattedValue) else self._value(part)
                    for part in node.values
                )
            case ast.BinOp(op=ast.Div()):
                return _join(self._value(node.left), self._value(node.right))
            case ast.BinOp(op=ast.Add()):
                return self._sum(node)
            case ast.Attribute(attr="parent"):
                inner = self._value(node.value)
                return posixpath.dirname(inner) or ("" if UNKNOWN not in inner else UNKNOWN)
            case ast.Attribute(attr="name"):
                return OWN if OWN in self._value(node.value) else UNKNOWN
            case ast.Subscript():
                return self._subscript(node)
            case ast.Call():
                return self._result(node)
            case _:
                return UNKNOWN

    def _sum(self, node: ast.BinOp) -> str:
        left, right = self._value(node.left), self._value(node.right)
        is_number = all(
            isinstance(part, ast.Constant) and isinstance(part.value, int) for part in (node.left, node.right)
        )
        return str(int(left) + int(right)) if is_number else left + right

    def _subscript(self, node: ast.Subscript) -> str:
        text, index = ast.unparse(node.value), node.slice
        if (
            text == "sys.argv"
            and isinstance(index, ast.Constant)
            and isinstance(index.value, int)
            and index.value > 0
        ):
            return self._args[index.value - 1] if index.value <= len(self._args) else UNKNOWN
        if text == "os.environ" and isinstance(index, ast.Constant):
            return variable(str(index.value), None, self._call.scope)
        if (
            isinstance(node.value, ast.Attribute)
            and node.value.attr == "parents"
            and isinstance(index, ast.Constant)
        ):
            path = self._value(node.value.value)
            for _ in range(int(str(index.value)) + 1):
                path = posixpath.dirname(path)
            return path
        return UNKNOWN

    def _result(self, node: ast.Call) -> str:
        function = node.func
        name = function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")
        if name in _TEMPORARY:
            return OWN
        if name in ("Path", "PurePath", "str", "PurePosixPath", "fspath", "int"):
            return _join(*map(self._value, node.args)) if node.args else "."
        if (
            name == "join"
            and isinstance(function, ast.Attribute)
            and ast.unparse(function.value).endswith("path")
        ):
            return _join(*map(self._value, node.args))
        if name in ("dirname",) and node.args:
            return posixpath.dirname(self._value(node.args[0]))
        if name in ("abspath", "realpath", "expanduser", "normpath") and node.args:
            return self._value(node.args[0])
        if name in ("resolve", "absolute", "expanduser") and isinstance(function, ast.Attribute):
            return self._value(function.value)
        if name == "joinpath" and isinstance(function, ast.Attribute):
            return _join(self._value(function.value), *map(self._value, node.args))
        if name == "cwd" or ast.unparse(function) == "os.getcwd":
            return ROOT
        if name == "home":
            return "~"
        if name == "gettempdir":
            return "/tmp"
        if (
            name in ("get", "getenv")
            and ast.unparse(function) in ("os.environ.get", "os.getenv")
            and node.args
        ):
            default = self._value(node.args[1]) if len(node.args) > 1 else None
            return variable(self._value(node.args[0]), default, self._call.scope)
        return UNKNOWN


def _join(*parts: str) -> str:
    """Return parts of a path put together; one that begins at the root starts again."""
    path = ""
    for part in parts:
        begins = part.startswith(("/", "~", ROOT)) or not path
        path = part if begins else posixpath.join(path, part)
    return path
