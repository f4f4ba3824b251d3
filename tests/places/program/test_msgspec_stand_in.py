"""The stand-in for msgspec does what msgspec does: the same cases go to both."""

from __future__ import annotations

import copy
import pickle
import sys
from collections.abc import Callable
from types import ModuleType
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from porch_tui.places.program import msgspec_stand_in

TYPES = """
from __future__ import annotations
from collections.abc import Mapping, Sequence
from enum import Enum, IntEnum, StrEnum
from functools import cached_property
from typing import Any, ClassVar, Generic, Literal, NewType, TypeVar
from msgspec import Struct, field

Name = NewType("Name", str)
T = TypeVar("T")

class Color(StrEnum):
    RED = "red"
    BLUE = "blue"

class Level(IntEnum):
    LOW = 1
    HIGH = 2

class Point(Struct, frozen=True, order=True):
    x: int
    y: int = 0
    kinds: ClassVar[int] = 3

class Row(Struct, frozen=True, array_like=True):
    name: str
    at: Point | None = None

class Strict(Struct, frozen=True, forbid_unknown_fields=True):
    a: int = 0

class Short(Struct, frozen=True, omit_defaults=True):
    name: str = ""
    at: Point = Point(0)
    words: tuple[str, ...] = ()
    seen: dict[str, int] = {}

class Longer(Short, frozen=True):
    data: bytes = b""

class Free(Struct):
    items: list[int] = field(default_factory=list)
    more: set[str] = set()
    limit: float | None = None

class Keywords(Struct, frozen=True, kw_only=True):
    b: int = 1
    a: int

class Start(Struct, frozen=True, tag="start"):
    n: int

class Stop(Struct, frozen=True, tag=True):
    why: str = ""

class Cached(Struct, frozen=True, dict=True):
    n: int

    @cached_property
    def twice(self):
        return 2 * self.n

class Box(Struct, Generic[T], frozen=True):
    inside: T

class Checked(Struct, frozen=True):
    n: int

    def __post_init__(self):
        if self.n < 0:
            raise ValueError("negative")

KINDS = {
    "any": Any, "none": None, "bool": bool, "int": int, "float": float, "str": str, "bytes": bytes,
    "name": Name, "color": Color, "level": Level, "literal": Literal["a", "b"], "optional": int | None,
    "either": int | str | None, "number": int | float, "list": list[int], "bare list": list, "dict": dict,
    "tuple": tuple[int, ...], "pair": tuple[int, str], "bare tuple": tuple, "set": frozenset[int],
    "set of text": set[str], 
    "sequence": Sequence[str], "mapping": Mapping[str, int], "of colors": dict[Color, float],
    "deep": dict[str, list[tuple[int, str]]],
    "point": Point, "row": Row, "strict": Strict, "short": Short, "longer": Longer, "free": Free,
    "keywords": Keywords, "either kind": Start | Stop, "tagged": Start, "cached": Cached,
    "point or text": Point | str,
    "points": tuple[Point, ...], "perhaps a point": Point | None, "list or text": list[str] | str,
}
"""
"""Every kind of type that the host side reads."""


def types_of(module: ModuleType) -> ModuleType:
    """Return the types above, with the structs of one of the two."""
    made = ModuleType(f"types_of_{module.__name__.rpartition('.')[2]}")
    sys.modules[made.__name__] = made  # annotations are looked up there
    usual = sys.modules["msgspec"]
    sys.modules["msgspec"] = module
    try:
        exec(TYPES, made.__dict__)
    finally:
        sys.modules["msgspec"] = usual
    return made


BOTH = ((msgspec, types_of(msgspec)), (msgspec_stand_in, types_of(msgspec_stand_in)))


def outcome(action: Callable[[], Any]) -> str:
    """Return what comes of it as text, comparable across the two: a value or the kind of an error."""
    try:
        value = action()
    except Exception as error:
        return type(error).__name__
    if isinstance(value, set | frozenset):
        return f"{type(value).__name__} {sorted(map(repr, value))}"
    return f"{type(value).__name__} {value!r}"


def same(action: Callable[[Any, Any], Any]) -> str:
    """Let both do it; return the outcome, which must be one."""
    real, ours = (outcome(lambda m=module, t=types: action(m, t)) for module, types in BOTH)
    assert ours == real
    return real


NAMES = [
    "x",
    "y",
    "name",
    "at",
    "words",
    "seen",
    "a",
    "b",
    "type",
    "n",
    "items",
    "more",
    "limit",
    "data",
    "red",
]
plain = st.recursive(
    st.none() | st.booleans() | st.integers(-3, 3) | st.just(2**70) | st.floats() | st.text(max_size=3)
    | st.sampled_from(["red", "a", "x", "YQ==", "", "1"]),
    lambda inner: st.lists(inner, max_size=3)
    | st.dictionaries(
        st.sampled_from(NAMES),
        inner | st.sampled_from(["start", "Stop"]),
        max_size=4,
    ),
    max_leaves=6,
)  # fmt: skip


@pytest.mark.slow
@settings(max_examples=150, deadline=None, derandomize=True)
@given(value=plain)
def test_any_value_is_accepted_or_refused_as_by_msgspec(value: Any):
    for kind in BOTH[0][1].KINDS:  # what takes time is to make values up
        same(lambda module, types, kind=kind: module.convert(value, types.KINDS[kind]))


EXAMPLES = {
    "point": [{"x": 1}, {"x": 1, "y": 2, "z": 3}, {"y": 2}, {"x": "1"}, {"x": 1.0}, {"x": True}],
    "row": [["a"], ["a", {"x": 1}], ["a", None, 5], [], {"name": "a"}],
    "strict": [{}, {"a": 1}, {"b": 1}],
    "longer": [
        {"data": "YQ=="},
        {"data": b"a"},
        {"data": "YQ"},
        {"at": {"x": 2}, "words": ["a"], "seen": {"b": 1}},
    ],
    "free": [{"items": [1], "more": ["a"], "limit": 2}, {}],
    "keywords": [{"a": 1}, {"b": 1}],
    "either kind": [{"type": "start", "n": 1}, {"type": "Stop"}, {"type": "other"}, {"n": 1}],
    "tagged": [{"type": "start", "n": 1}, {"n": 1}, {"type": "stop", "n": 1}],
    "of colors": [{"red": 1}, {"green": 1}],
    "pair": [[1, "a"], [1], (1, "b")],
    "number": [1, 1.5],
    "level": [1, 3, "1", True, 1.0],
    "bytes": ["YQ==", "Y Q==", "é"],
    "point or text": ["a", {"x": 1}, 1],
}


@pytest.mark.parametrize("kind", EXAMPLES)
def test_structs_are_read_as_by_msgspec(kind: str):
    outcomes = [
        same(lambda module, types, value=value: module.convert(value, types.KINDS[kind]))
        for value in EXAMPLES[kind]
    ]

    assert any("Error" not in text for text in outcomes)


VALUES: dict[str, Callable[[Any], Any]] = {
    "a short struct": lambda t: t.Short(),
    "what differs from a default": lambda t: t.Longer("a", t.Point(1, 2), ("b",), {"c": 1}, b"\0\xff"),
    "equal to a default": lambda t: t.Short(words=()),
    "an array": lambda t: t.Row("a", t.Point(1)),
    "a tag": lambda t: [t.Start(1), t.Stop("x")],
    "enums": lambda t: {t.Color.RED: t.Level.HIGH},
    "all that is plain": lambda t: [None, True, 1, 2.5, "ä\n\"\x7f", (1, (2,)), {"a": [1]}, float("nan")],
    "a set": lambda t: frozenset({1}),
    "numbers as keys": lambda t: {1: 2},
    "something else": lambda t: object(),
    "half a surrogate": lambda t: "\ud800",
}  # fmt: skip


@pytest.mark.parametrize("what", VALUES)
def test_values_are_written_as_by_msgspec(what: str):
    same(lambda module, types: module.to_builtins(VALUES[what](types)) if "else" not in what else None)
    same(lambda module, types: module.json.encode(VALUES[what](types)))


@pytest.mark.slow
@settings(max_examples=100, deadline=None, derandomize=True)
@given(text=st.text(alphabet='{}[],:"\\u0dD8 1-.eEtrunlfasNI\n\x01é', max_size=8) | plain.map(repr))
def test_text_is_json_where_it_is_for_msgspec(text: str):
    same(lambda module, _: module.json.decode(text.encode("utf-8", "surrogatepass")))


@pytest.mark.parametrize(
    "text",
    [b"", b"NaN", b"-Infinity", b"1e999", b'"\\ud800"', b'"\\ud83d\\ude00"', b'"\xff"', b"[1", b"1 2", b"01",
     b"1.", b"\xef\xbb\xbf1", b'"\x01"', b'{"a":1,"a":2}', b"1e5", b"123456789012345678901234567890",
     b'{"a":}', b"-0"],
)  # fmt: skip
def test_broken_text_is_refused_as_by_msgspec(text: bytes):
    same(lambda module, _: module.json.decode(text))
    same(lambda module, types: read_or_none(module, text, types.Point))
    same(lambda module, types: read_or_none(module, text, types.KINDS["number"]))


def read_or_none(module: Any, text: bytes, kind: Any) -> Any:
    """Read JSON of a type; None if it is refused: msgspec may find a wrong type before broken text."""
    try:
        return module.json.Decoder(kind).decode(text)
    except module.DecodeError:
        return None


def test_text_nested_too_deeply_is_refused_as_by_msgspec():
    assert same(lambda module, _: module.json.decode(b"[" * 100_000)) == "RecursionError"


ACTIONS: dict[str, Callable[[Any, Any], Any]] = {
    "too few": lambda m, t: t.Point(),
    "too many": lambda m, t: t.Point(1, 2, 3),
    "twice": lambda m, t: t.Point(1, x=2),
    "unknown": lambda m, t: t.Point(1, z=2),
    "by position though not allowed": lambda m, t: t.Keywords(1),
    "by name": lambda m, t: t.Keywords(a=1),
    "changed": lambda m, t: setattr(t.Point(1), "x", 2),
    "changed where allowed": lambda m, t: (free := t.Free(), setattr(free, "limit", 2), free)[-1],
    "a field it has not": lambda m, t: setattr(t.Free(), "other", 2),
    "equal": lambda m, t: (t.Point(1) == t.Point(1, 0), t.Point(1) == t.Point(2), t.Point(1) == 1),
    "of another kind": lambda m, t: t.Short() == t.Longer(),
    "ordered": lambda m, t: sorted([t.Point(2), t.Point(1, 5), t.Point(1, 2)]),
    "compared though not ordered": lambda m, t: t.Row("a") < t.Row("b"),
    "in a set": lambda m, t: len({t.Point(1), t.Point(1), t.Point(2)}),
    "in a set though it can change": lambda m, t: {t.Free()},
    "with a list inside": lambda m, t: hash(t.Short(words=[])),
    "replaced": lambda m, t: m.structs.replace(t.Longer("a"), name="b", data=b"c"),
    "replaced by mistake": lambda m, t: m.structs.replace(t.Point(1), z=1),
    "as a dict": lambda m, t: m.structs.asdict(t.Longer("a")),
    "its fields": lambda m, t: [(f.name, f.required) for f in m.structs.fields(t.Keywords)],
    "names of fields": lambda m, t: (t.Longer.__struct_fields__, t.Keywords.__match_args__),
    "defaults apart": lambda m, t: (t.Free().items.append(1), t.Free().items, t.Free().more)[1:],
    "cached": lambda m, t: t.Cached(4).twice,
    "generic": lambda m, t: t.Box[int](5),
    "checked": lambda m, t: t.Checked(-1),
    "read and checked": lambda m, t: t.Checked(1),
    "copied": lambda m, t: (copy.copy(t.Point(1, 2)), copy.deepcopy(t.Free([1]))),
    "pickled": lambda m, t: pickle.loads(pickle.dumps(t.Point(1, 2))),
    "a class attribute": lambda m, t: t.Point.kinds,
    "already read": lambda m, t: m.convert(t.Point(1), t.Point),
    "another struct": lambda m, t: m.convert(t.Row("a"), t.Point),
}


@pytest.mark.parametrize("what", ACTIONS)
def test_structs_behave_as_those_of_msgspec(what: str):
    same(ACTIONS[what])


def test_structs_match_patterns_by_position():
    def matched(_: Any, types: Any) -> int:
        match types.Point(1, 2):
            case types.Point(x, y):
                return 10 * x + y
        return 0

    assert same(matched) == "int 12"


def test_an_error_says_where_in_the_value_it_is():
    with pytest.raises(msgspec_stand_in.ValidationError) as error:
        msgspec_stand_in.convert({"name": "a", "at": {"x": "b"}}, BOTH[1][1].Short)

    assert str(error.value) == "Expected `int`, got `str` - at `$.at.x`"
