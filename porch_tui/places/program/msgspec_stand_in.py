"""What the host side uses of `msgspec`, in plain Python, for hosts that have none.

It is put on such a host under the name `msgspec`, and is imported nowhere else. It accepts and refuses what
`msgspec` does, only slower. Tests compare the two.
"""

from __future__ import annotations

import base64
import enum
import json as plain_json
import math
import operator
import sys
import types
import typing
from collections.abc import Callable, Iterable, Mapping, Sequence, Set
from functools import cache
from typing import Any


class MsgspecError(ValueError):
    """An error of this module."""


class DecodeError(MsgspecError):
    """Text is no JSON."""


class ValidationError(DecodeError):
    """A value is not of the type that was asked for."""


NODEFAULT: Any = type("NODEFAULT", (), {})()


class Field(typing.NamedTuple):
    """A field of a struct; `NODEFAULT` where it has no default."""

    name: str
    default: Any = NODEFAULT
    default_factory: Any = NODEFAULT

    @property
    def required(self) -> bool:
        """Whether whoever makes the struct must give it."""
        return self.default is NODEFAULT and self.default_factory is NODEFAULT

    def make(self) -> Any:
        """Return the default."""
        return self.default if self.default_factory is NODEFAULT else self.default_factory()

    def is_default(self, value: Any) -> bool:
        """Say whether whoever reads would add this value anyway."""
        return not self.required and type(value) is type(self.make()) and bool(value == self.make())


def field(*, default: Any = NODEFAULT, default_factory: Any = NODEFAULT) -> Any:
    """Describe the default of a field."""
    return Field("", default, default_factory)


class StructMeta(type):
    """Makes the classes of structs: their slots, and what is known of their fields."""

    __struct_known__: dict[str, Field]
    __struct_settings__: dict[str, Any]
    __struct_keywords__: set[str]
    __match_args__: tuple[str, ...]

    def __new__(
        cls, name: str, bases: tuple[type, ...], space: dict[str, Any], **settings: Any
    ) -> StructMeta:
        above = [base for base in reversed(bases) if isinstance(base, StructMeta)]
        own = [key for key, kind in space.get("__annotations__", {}).items() if "ClassVar" not in str(kind)]
        known = {key: one for base in above for key, one in base.__struct_known__.items()}
        slots = [key for key in own if key not in known] + ["__dict__"] * settings.pop("dict", False)
        known |= {key: _field(key, space.pop(key, NODEFAULT)) for key in own}
        keywords = {key for base in above for key in base.__struct_keywords__}
        keywords |= set(own) if settings.pop("kw_only", False) else set()
        names = sorted(known, key=lambda key: key in keywords)
        space |= {
            "__slots__": slots,
            "__struct_fields__": tuple(names),
            "__match_args__": tuple(key for key in names if key not in keywords),
            "__struct_known__": {key: known[key] for key in names},
            "__struct_keywords__": keywords,
            "__struct_settings__": {
                key: one for base in above for key, one in base.__struct_settings__.items()
            }
            | settings,
        }
        return super().__new__(cls, name, bases, space)

    def __init__(cls, name: str, bases: tuple[type, ...], space: dict[str, Any], **_: Any) -> None:
        super().__init__(name, bases, space)


def _tag(cls: Any) -> str | None:
    """Return the word that tells the JSON of a struct from that of others."""
    tag = cls.__struct_settings__.get("tag")
    return cls.__name__ if tag is True else tag or None


def _field(name: str, default: Any) -> Field:
    if isinstance(default, list | dict | set):  # each struct has one of its own
        return Field(name, default_factory=default.copy)
    return default._replace(name=name) if isinstance(default, Field) else Field(name, default)


def _compared(compare: Callable[[Any, Any], bool]) -> Callable[[Any, Any], bool]:
    def method(self: Any, other: Any) -> Any:
        if type(other) is not type(self) or (
            compare is not operator.eq and not self.__struct_settings__.get("order")
        ):
            return NotImplemented
        return compare(_values(self), _values(other))

    return method


class Struct(metaclass=StructMeta):
    """A value with named fields."""

    def __init__(self, *args: Any, **given: Any) -> None:
        names = type(self).__match_args__
        if len(args) > len(names):
            raise TypeError("Extra positional arguments provided")
        for name, value in zip(names, args, strict=False):
            if name in given:
                raise TypeError(f"Argument {name!r} given by name and position")
            given[name] = value
        for name, described in type(self).__struct_known__.items():
            if name not in given and described.required:
                raise TypeError(f"Missing required argument {name!r}")
            object.__setattr__(self, name, given.pop(name) if name in given else described.make())
        if given:
            raise TypeError(f"Unexpected keyword argument {min(given)!r}")
        if hasattr(self, "__post_init__"):
            self.__post_init__()

    def __setattr__(self, name: str, value: Any) -> None:
        if type(self).__struct_settings__.get("frozen"):
            raise AttributeError(f"immutable type: {type(self).__name__!r}")
        object.__setattr__(self, name, value)

    def __hash__(self) -> int:
        if not type(self).__struct_settings__.get("frozen"):
            raise TypeError(f"unhashable type: {type(self).__name__!r}")
        return hash((type(self), _values(self)))

    __eq__ = _compared(operator.eq)
    __lt__, __le__ = _compared(operator.lt), _compared(operator.le)
    __gt__, __ge__ = _compared(operator.gt), _compared(operator.ge)

    def __repr__(self) -> str:
        inside = ", ".join(f"{name}={value!r}" for name, value in asdict(self).items())
        return f"{type(self).__name__}({inside})"

    def __reduce__(self) -> Any:
        return _made, (type(self), asdict(self))


def _made(cls: type, values: dict[str, Any]) -> Any:
    return cls(**values)


def _values(struct: Any) -> tuple[Any, ...]:
    return tuple(getattr(struct, name) for name in struct.__struct_fields__)


def asdict(struct: Any) -> dict[str, Any]:
    """Return the fields of a struct by name, as they are."""
    return {name: getattr(struct, name) for name in struct.__struct_fields__}


def replace(struct: Any, /, **changes: Any) -> Any:
    """Return a copy with other values in some fields."""
    for name in changes:
        if name not in struct.__struct_fields__:
            raise TypeError(f"`{type(struct).__name__}` has no field {name!r}")
    return type(struct)(**{**asdict(struct), **changes})


def fields(struct: Any) -> tuple[Field, ...]:
    """Return what is known of the fields of a struct, or of its class."""
    return tuple(struct.__struct_known__.values())


def to_builtins(value: Any) -> Any:
    """Return a value made of dicts, lists, tuples, texts and numbers alone."""
    match value:
        case enum.Enum():
            return to_builtins(value.value)
        case None | bool() | str() | int() | float():
            return value
        case Struct() if type(value).__struct_settings__.get("array_like"):
            return [to_builtins(one) for one in _values(value)]
        case Struct():
            kind, short = type(value), type(value).__struct_settings__.get("omit_defaults")
            pairs = ((known, getattr(value, known.name)) for known in kind.__struct_known__.values())
            tag = {} if _tag(kind) is None else {"type": _tag(kind)}
            return tag | {f.name: to_builtins(one) for f, one in pairs if not short or not f.is_default(one)}
        case bytes() | bytearray():
            return base64.b64encode(value).decode()
        case tuple():
            return tuple(map(to_builtins, value))
        case list() | set() | frozenset():
            return list(map(to_builtins, value))
        case Mapping():
            return {to_builtins(key): to_builtins(one) for key, one in value.items()}
    raise TypeError(f"Encoding objects of type {type(value).__name__} is unsupported")


Reader = Callable[[Any, str], Any]
"""Gives a value of builtins as one of a type; the text says where the value stands."""


def convert(value: Any, type: Any) -> Any:
    """Return a value of builtins as one of a type. Raises ValidationError."""
    return _reader(type)(value, "$")


def _wrong(kind: Any, value: Any, path: str) -> ValidationError:
    words = {dict: "object", list: "array", tuple: "array", types.NoneType: "null"}
    expected, got = (words.get(one) or getattr(one, "__name__", str(one)) for one in (kind, type(value)))
    return ValidationError(f"Expected `{expected}`, got `{got}`{_at(path)}")


def _at(path: str) -> str:
    return "" if path == "$" else f" - at `{path}`"


@cache
def _reader(kind: Any) -> Reader:
    origin, args = typing.get_origin(kind), typing.get_args(kind)
    if isinstance(kind, typing.NewType):
        return _reader(kind.__supertype__)
    if kind is Any or isinstance(kind, typing.TypeVar):
        return lambda value, path: value
    if origin in {typing.Union, types.UnionType}:
        return _union_reader(args)
    cls: Any = origin or kind or types.NoneType
    if origin is typing.Literal or issubclass(cls, enum.Enum):
        return _choice_reader(args if origin is typing.Literal else list(cls))
    if isinstance(cls, StructMeta):
        return _struct_reader(cls)
    if issubclass(cls, Mapping):
        return _mapping_reader(*map(_reader, args or (Any, Any)))
    if cls is not bytes and not issubclass(cls, str) and issubclass(cls, Sequence | Set):
        return _array_reader(cls, args)
    return {float: _float, bytes: _bytes}.get(cls) or _plain_reader(cls)


def _plain_reader(kind: type) -> Reader:
    def read(value: Any, path: str) -> Any:
        if type(value) is kind or (kind is str and isinstance(value, str)):
            return value
        raise _wrong(kind, value, path)

    return read


def _float(value: Any, path: str) -> float:
    if type(value) not in {int, float}:
        raise _wrong(float, value, path)
    return float(value)


def _bytes(value: Any, path: str) -> bytes:
    try:
        return value if isinstance(value, bytes) else base64.b64decode(value, validate=True)
    except (ValueError, TypeError):
        raise ValidationError(f"Invalid base64 encoded string{_at(path)}") from None


def _choice_reader(choices: Iterable[Any]) -> Reader:
    values = {getattr(one, "value", one): one for one in choices}

    def read(value: Any, path: str) -> Any:
        plain = getattr(value, "value", value)
        if isinstance(plain, str | int) and not isinstance(plain, bool) and plain in values:
            return values[plain]
        raise ValidationError(f"Invalid enum value {value!r}{_at(path)}")

    return read


def _mapping_reader(key: Reader, item: Reader) -> Reader:
    def read(value: Any, path: str) -> Any:
        if not isinstance(value, Mapping):
            raise _wrong(dict, value, path)
        return {key(name, f"key in {path}"): item(one, f"{path}[...]") for name, one in value.items()}

    return read


def _array_reader(cls: Any, args: tuple[Any, ...]) -> Reader:
    fixed = cls is tuple and args and args[-1] is not ...
    readers = [_reader(one) for one in (args if fixed else args[:1] or (Any,))]
    make = cls if cls in {tuple, frozenset} else set if issubclass(cls, Set) else list

    def read(value: Any, path: str) -> Any:
        if not isinstance(value, list | tuple | set | frozenset):
            raise _wrong(list, value, path)
        if fixed and len(value) != len(args):
            raise ValidationError(f"Expected `array` of length {len(args)}, got {len(value)}{_at(path)}")
        return make(readers[n if fixed else 0](one, f"{path}[{n}]") for n, one in enumerate(value))

    return read


def _struct_reader(cls: StructMeta) -> Reader:
    readers: dict[str, Reader] = {}

    def read(value: Any, path: str) -> Any:
        if type(value) is cls:
            return value
        if cls.__struct_settings__.get("array_like"):
            value = (
                dict(zip(cls.__struct_known__, value, strict=False))
                if isinstance(value, list | tuple)
                else None
            )
        if not isinstance(value, Mapping):
            raise _wrong(dict, value, path)
        if not readers:  # at the first use: types may be defined after those that name them
            hints = typing.get_type_hints(cls)
            readers.update({name: _reader(hints[name]) for name in cls.__struct_known__})
        if (tag := _tag(cls)) is not None and value.get("type", tag) != tag:
            raise ValidationError(f"Invalid value {value['type']!r} - at `{path}.type`")
        for name, known in cls.__struct_known__.items():
            if name not in value and known.required:
                raise ValidationError(f"Object missing required field `{name}`{_at(path)}")
        for name in value if cls.__struct_settings__.get("forbid_unknown_fields") else ():
            if name not in readers and not (name == "type" and tag):
                raise ValidationError(f"Object contains unknown field `{name}`{_at(path)}")
        return cls(
            **{name: readers[name](value[name], f"{path}.{name}") for name in readers if name in value}
        )

    return read


def _union_reader(kinds: tuple[Any, ...]) -> Reader:
    tags = {_tag(kind): _reader(kind) for kind in kinds if isinstance(kind, StructMeta) and _tag(kind)}
    readers = [_reader(kind) for kind in sorted(kinds, key=lambda kind: kind is float)]  # 1 stays an int

    def read(value: Any, path: str) -> Any:
        if len(tags) > 1 and isinstance(value, Mapping):
            if "type" not in value:
                raise ValidationError(f"Object missing required field `type`{_at(path)}")
            if not isinstance(value["type"], str) or value["type"] not in tags:
                raise ValidationError(f"Invalid value {value['type']!r} - at `{path}.type`")
            return tags[value["type"]](value, path)
        problem = None
        for reader in readers:
            try:
                return reader(value, path)
            except ValidationError as error:  # the one that came deepest says most
                problem = max(problem or error, error, key=lambda one: len(str(one)))
        raise problem or _wrong(kinds[0], value, path)

    return read


def _encode(value: Any) -> bytes:
    """Return a value as JSON."""
    plain = _finite(to_builtins(value))
    return plain_json.dumps(plain, ensure_ascii=False, separators=(",", ":")).encode()


def _finite(value: Any) -> Any:
    """Return a value of builtins without numbers that JSON does not have: they become null."""
    match value:
        case float():
            return value if math.isfinite(value) else None
        case list() | tuple():
            return [_finite(one) for one in value]
        case dict():
            return {key: _finite(one) for key, one in value.items()}
    return value


def _number(text: str) -> float:
    if not math.isfinite(number := float(text)):
        raise ValidationError("Number out of range")
    return number


def _no_number(text: str) -> Any:
    raise DecodeError(f"JSON is malformed: {text}")


def _decode(text: bytes | str, *, type: Any = Any) -> Any:
    """Return the value that JSON stands for, as one of a type. Raises DecodeError."""
    try:
        plain = text if isinstance(text, str) else bytes(text).decode()
        value = plain_json.loads(plain, parse_float=_number, parse_constant=_no_number)
        if "\\ud" in plain.lower():
            plain_json.dumps(value, ensure_ascii=False).encode()  # half a pair of surrogates is no text
    except ValidationError:
        raise
    except ValueError as error:
        raise DecodeError(f"JSON is malformed: {error}") from None
    return value if type is Any else convert(value, type)


class Decoder:
    """Reads JSON of one type."""

    def __init__(self, type: Any = Any) -> None:
        self.type = type

    def decode(self, text: bytes | str) -> Any:
        """Return the value. Raises DecodeError."""
        return _decode(text, type=self.type)


def _module(name: str, **contents: Any) -> Any:
    module = sys.modules[f"{__name__}.{name}"] = types.ModuleType(f"{__name__}.{name}")
    module.__dict__.update(contents)
    return module


json = _module("json", encode=_encode, decode=_decode, Decoder=Decoder)
structs = _module("structs", asdict=asdict, replace=replace, fields=fields)
