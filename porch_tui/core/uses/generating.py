"""Compilers of protocol buffers: what they read, and the folders that they generate into."""

from __future__ import annotations

import re

from porch_tui.core.uses import tool_calls
from porch_tui.core.uses.calls import Call, options

_OUT = re.compile(r"^\s*(?:-\s+)?out:\s*[\"']?([^\s\"'#]+)", re.MULTILINE)


def protocols(call: Call) -> bool:
    """Note what `protoc` and `buf` generate; `buf` says where in `buf.gen.yaml`."""
    words, given = options(call.args, ("-I", "-o", "--template", "--path", "--proto_path"))
    if call.name == "protoc":
        for word in words:
            call.read(word)
        return True
    if words[:1] == ["format"]:
        if {"-w", "--write"} & given.keys():
            call.write("**/*.proto")
        return True
    if words[:1] != ["generate"]:
        return bool(tool_calls.verb_of(call))
    call.read("**/*.proto")
    text = call.text_of(given.get("--template") or "buf.gen.yaml")
    if text is None:
        call.uses.lose_file("buf")
        return True
    for folder in _OUT.findall(text):
        call.write(f"{folder.rstrip('/')}/**")
    return True
