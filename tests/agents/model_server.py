"""A model on loopback that real agent programs talk to: it does what the prompt says between DO: and :END.

To agents without tools it answers with the edit that `DO:EDIT FILE TEXT :END` asks for.

It speaks what OpenAI's and Google's services speak, as far as agents need it: one tool call that runs the
command in a shell, then a last message. Each answer counts 100 tokens in and 20 out. A prompt that says
ASK: … :END makes it end with a question. One that says
ORCHESTRATE is answered by `ModelServer.orchestrator` instead, which sees what its commands have printed.
"""

from __future__ import annotations

import json
import re
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

TOKENS_IN, TOKENS_OUT = 100, 20
TOKENS = TOKENS_IN + TOKENS_OUT
CACHED = 40
"""Of the tokens in, those that were in a cache; Google's service has none."""
LAST_WORDS = "All done."
SHELLS = ("bash", "shell", "exec_command", "run_shell_command", "execute_command", "run_commands")
"""What agents call the tool that runs a command."""
STRUCTURED = "structured_output"
"""What qwen calls the tool for an answer by a schema."""


class ModelServer:
    """The model; its answers can be switched while agents run."""

    def __init__(self) -> None:
        self.prompts: list[str] = []
        """What the person said, once for each request."""
        self.heard: list[str] = []
        """All text that came with each request, whoever wrote it."""
        self.orchestrator: Callable[[Sequence[str]], str | None] = lambda outputs: None
        """Returns the next command by what the commands so far have printed; None: it is done."""
        self.answers: list[str] = []
        """If there are any: what it says instead, once each; the last one again and again."""
        self.printed: list[str] = []
        """What commands have printed, as agents report it."""
        self.escalates = False
        """Commands are to run outside the agent's sandbox, where it has one: it asks its person for that."""
        self.refuses = False
        """Every request is answered with 401."""
        self.limited_until = 0.0
        """Until then (seconds since the epoch) every request is answered with 429."""
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    @contextmanager
    def running(self) -> Iterator[ModelServer]:
        """Answer requests inside the block."""
        thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        try:
            yield self
        finally:
            self._server.shutdown()
            self._server.server_close()
            thread.join()

    def answer(self, path: str, request: dict[str, Any]) -> tuple[int, dict[str, Any] | list[Any]]:
        """Return a status, and the document of an answer or its server-sent events."""
        if self.refuses:
            return 401, {
                "error": {"message": "Incorrect API key provided: dummy.", "code": "invalid_api_key"}
            }
        if (left_s := self.limited_until - time.time()) > 0:
            text = f"You have hit your usage limit. Try again in {left_s:.0f} seconds."
            return 429, {"error": {"message": text, "type": "usage_limit_reached"}}
        if path.endswith("/chat/completions"):
            return 200, self._chat(request)
        if path.endswith("/responses"):
            return 200, self._responses(request)
        if "GenerateContent" in path or "generateContent" in path:
            return 200, self._gemini(request)
        return 200, {}

    def _chat(self, request: dict[str, Any]) -> dict[str, Any] | list[Any]:
        messages = request["messages"]
        self.heard.append("\n".join(flat(one.get("content")) for one in messages))
        said = "\n".join(flat(one.get("content")) for one in messages if one["role"] == "user")
        outputs = [flat(one.get("content")) if one["role"] == "tool" else None for one in messages]
        tools = {
            one["function"]["name"]: one["function"].get("parameters") for one in request.get("tools", ())
        }
        delta: dict[str, Any] = {"role": "assistant"}
        if call := self._call(said, tools, outputs):
            function = {"name": call[0], "arguments": json.dumps(call[1])}
            tool_call = {"index": 0, "id": f"call_{len(messages)}", "type": "function", "function": function}
            delta = {"role": "assistant", "content": None, "tool_calls": [tool_call]}
        elif not tools and (edit := re.findall(r"DO:EDIT (\S+) (.*?):END", said, re.DOTALL)):
            path, text = edit[-1]
            delta["content"] = f"{path}\n```\n{text.strip()}\n```\n"
        else:
            delta["content"] = self._last_words(said)
        head = {"id": "chat", "object": "chat.completion.chunk", "created": 0, "model": request["model"]}
        reason = "tool_calls" if call else "stop"
        usage = {
            "prompt_tokens": TOKENS_IN,
            "completion_tokens": TOKENS_OUT,
            "total_tokens": TOKENS_IN + TOKENS_OUT,
            "prompt_tokens_details": {"cached_tokens": CACHED},
        }
        if not request.get("stream"):
            choice = {"index": 0, "message": delta, "finish_reason": reason}
            return head | {"object": "chat.completion", "choices": [choice], "usage": usage}
        return [
            (None, head | {"choices": [{"index": 0, "delta": delta, "finish_reason": None}]}),
            (None, head | {"choices": [{"index": 0, "delta": {}, "finish_reason": reason}]}),
            (None, head | {"choices": [], "usage": usage}),
            (None, "[DONE]"),
        ]

    def _responses(self, request: dict[str, Any]) -> list[Any]:
        items = request["input"]
        self.heard.append("\n".join(flat(one.get("content")) for one in items))
        said = "\n".join(flat(one.get("content")) for one in items if one.get("role") == "user")
        outputs = [flat(one.get("output")) if "output" in str(one.get("type")) else None for one in items]
        tools = {one["name"]: one.get("parameters") for one in request.get("tools", ()) if "name" in one}
        item: dict[str, Any] = {"type": "message", "id": "msg", "role": "assistant"}
        if call := self._call(said, tools, outputs):
            item = {"type": "function_call", "id": "fc", "call_id": f"call_{len(items)}", "name": call[0]}
            item["arguments"] = json.dumps(call[1])
        else:
            item["content"] = [{"type": "output_text", "text": self._last_words(said), "annotations": []}]
        usage = {
            "input_tokens": TOKENS_IN,
            "output_tokens": TOKENS_OUT,
            "total_tokens": TOKENS_IN + TOKENS_OUT,
            "input_tokens_details": {"cached_tokens": CACHED},
        }
        answer = {"id": "resp", "object": "response", "status": "completed", "output": [item], "usage": usage}
        begun = answer | {"status": "in_progress", "output": []}
        return [
            ("response.created", {"type": "response.created", "response": begun}),
            (
                "response.output_item.done",
                {"type": "response.output_item.done", "output_index": 0, "item": item},
            ),
            ("response.completed", {"type": "response.completed", "response": answer}),
        ]

    def _gemini(self, request: dict[str, Any]) -> list[Any]:
        contents = request.get("contents", [])
        self.heard.append("\n".join(flat(one.get("parts")) for one in contents))
        said = "\n".join(flat(one.get("parts")) for one in contents if one.get("role") == "user")
        answers = [part.get("functionResponse") for one in contents for part in one.get("parts", ())]
        outputs = [json.dumps(answer) if answer else None for answer in answers]
        declared = [one for tool in request.get("tools", ()) for one in tool.get("functionDeclarations", ())]
        tools = {one["name"]: one.get("parameters") or one.get("parametersJsonSchema") for one in declared}
        call = self._call(said, tools, outputs)
        function = {"name": call[0], "args": call[1]} if call else None
        part = {"functionCall": function} if function else {"text": self._last_words(said)}
        candidate = {"content": {"role": "model", "parts": [part]}, "finishReason": "STOP", "index": 0}
        usage = {"promptTokenCount": TOKENS_IN, "candidatesTokenCount": TOKENS_OUT, "totalTokenCount": TOKENS}
        return [(None, {"candidates": [candidate], "usageMetadata": usage, "modelVersion": "scripted"})]

    def _last_words(self, said: str) -> str:
        """Return what it ends with."""
        if self.answers:
            return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        questions = re.findall(r"ASK:(.*?):END", said, re.DOTALL)
        return questions[-1].strip() if questions else LAST_WORDS

    def _call(
        self, said: str, tools: dict[str, Any], outputs: Sequence[str | None]
    ) -> tuple[str, dict[str, Any]] | None:
        """Return the tool to call with its arguments; None once it was called, and where nothing is asked.

        `outputs` has what each step of the conversation has printed; None for those that were no command.
        """
        self.prompts.append(said)
        self.printed += [output for output in outputs if output]
        commands = re.findall(r"DO:(.*?):END", said, re.DOTALL)
        shell = next((name for name in SHELLS if name in tools), None)
        if STRUCTURED in tools and not commands and self.answers and self.answers[0].startswith("{"):
            return STRUCTURED, json.loads(self._last_words(said))
        if shell is None:
            return None
        if "ORCHESTRATE" in said:
            command = self.orchestrator([output for output in outputs if output is not None])
        else:
            command = commands[-1].strip() if commands and outputs[-1] is None else None
        return (shell, _arguments(tools[shell] or {}, command, self.escalates)) if command else None


def flat(content: Any) -> str:
    """Return the text in the content of a message."""
    if isinstance(content, str):
        return content
    if isinstance(content, list):
        return "\n".join(map(flat, content))
    if isinstance(content, dict):
        return flat(content.get("text") or content.get("content"))
    return ""


def _arguments(schema: dict[str, Any], command: str, escalates: bool) -> dict[str, Any]:
    """Return arguments for a shell tool, whatever it calls them."""
    found: dict[str, Any] = {}
    for name, kind in schema.get("properties", {}).items():
        if name in ("command", "cmd"):
            found[name] = ["bash", "-lc", command] if kind.get("type") == "array" else command
        elif name == "commands":
            found[name] = [command]
        elif name == "sandbox_permissions" and escalates:
            found[name] = "require_escalated"
        elif name in schema.get("required", ()):
            empty = {"boolean": False, "integer": 1, "number": 1, "array": [], "object": {}}
            found[name] = empty.get(kind.get("type"), "run")
    return found


def _handler(model: ModelServer) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def log_message(self, *_: object) -> None:
            """Print nothing."""

        def do_GET(self) -> None:
            self._send(200, {"object": "list", "data": [{"id": "scripted", "object": "model"}], "models": []})

        def do_POST(self) -> None:
            request = json.loads(self.rfile.read(int(self.headers.get("Content-Length") or 0)) or b"{}")
            self._send(*model.answer(self.path.partition("?")[0], request))

        def _send(self, status: int, document: dict[str, Any] | list[Any]) -> None:
            self.send_response(status)
            is_stream = isinstance(document, list)
            self.send_header("Content-Type", "text/event-stream" if is_stream else "application/json")
            content = b"".join(map(_event, document)) if is_stream else json.dumps(document).encode()
            self.send_header("Content-Length", str(len(content)))
            self.send_header("Connection", "close")
            self.end_headers()
            self.wfile.write(content)

    return Handler


def _event(event: tuple[str | None, Any]) -> bytes:
    name, data = event
    text = data if isinstance(data, str) else json.dumps(data)
    return (f"event: {name}\n" if name else "").encode() + f"data: {text}\n\n".encode()
