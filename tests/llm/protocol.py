"""A server on this machine that speaks the chat completions protocol, well or badly, as a test wants."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from stepc.llm.endpoint import Endpoint
from stepc.llm.settings import Settings

SOON = {"retry-after-ms": "1"}
"""The client waits as long as a server asks; no test waits half a second."""


@dataclass
class Answer:
    """What the server sends. `pieces` are written one after the other; `length` is what the header promises."""

    body: bytes = b""
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    pieces: Callable[[threading.Event], Iterator[bytes]] | None = None
    length: int | None = None


@dataclass
class Server:
    """`requests` are the bodies that came, `keys` what stood in their `Authorization`."""

    url: str
    requests: list[dict[str, Any]] = field(default_factory=list)
    keys: list[str] = field(default_factory=list)
    encodings: list[str] = field(default_factory=list)

    def endpoint(self, **settings: Any) -> Endpoint:
        return Endpoint(Settings(**{"model": "small", "base_url": self.url, "timeout": 5.0, "retries": 1, **settings}))


def completion(text: str | None, *, usage: Any = (11, 7), finish: str = "stop", written: str | None = None, **more: Any) -> Answer:
    """A reply as a server gives it; `written` is what the model wrote into the tool that a grammar holds it to."""
    message: dict[str, Any] = {"role": "assistant", "content": text}
    if written is not None:
        message["tool_calls"] = [{"id": "c", "type": "custom", "custom": {"name": "write_spec", "input": written}}]
    counted = {"prompt_tokens": usage[0], "completion_tokens": usage[1], "total_tokens": sum(usage)} if isinstance(usage, tuple) else usage
    choice = {"index": 0, "finish_reason": finish, "message": message}
    body = {"id": "x", "object": "chat.completion", "created": 1, "model": "small-1", "choices": [choice], "usage": counted, **more}
    return Answer(json.dumps(body).encode())


def error(status: int, message: str) -> Answer:
    return Answer(json.dumps({"error": {"message": message, "type": "x", "code": None}}).encode(), status, dict(SOON))


@contextmanager
def serving(answer: Callable[[dict[str, Any], int], Answer]) -> Iterator[Server]:
    """A server whose `answer` is called with each request and its number."""
    done = threading.Event()
    server: Server

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            request = json.loads(self.rfile.read(int(self.headers["content-length"])))
            server.requests.append(request)
            server.keys.append(self.headers.get("authorization", ""))
            server.encodings.append(self.headers.get("accept-encoding", ""))
            given = answer(request, len(server.requests) - 1)
            self.send_response(given.status)
            self.send_header("content-type", "application/json")
            for name, value in given.headers.items():
                self.send_header(name, value)
            length = given.length if given.length is not None else len(given.body)
            if given.pieces is None:
                self.send_header("content-length", str(length))
            self.send_header("connection", "close")
            self.end_headers()
            self.close_connection = True
            try:
                self.wfile.write(given.body)
                for piece in given.pieces(done) if given.pieces else ():
                    self.wfile.write(piece)
                    self.wfile.flush()
            except OSError:
                pass

        def log_message(self, *_: Any) -> None:
            pass

    listening = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    listening.daemon_threads = True
    server = Server(f"http://127.0.0.1:{listening.server_address[1]}/v1")
    thread = threading.Thread(target=listening.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        done.set()
        listening.shutdown()
        listening.server_close()
        thread.join()


def always(given: Answer) -> Callable[[dict[str, Any], int], Answer]:
    return lambda _request, _number: given


def in_turn(*answers: Answer) -> Callable[[dict[str, Any], int], Answer]:
    """The answers one after the other; the last for all that follow."""
    return lambda _request, number: answers[min(number, len(answers) - 1)]
