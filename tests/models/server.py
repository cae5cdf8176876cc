"""A real HTTP server on loopback that misbehaves on request, and remembers what it was sent."""

from __future__ import annotations

import json
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

Behaviour = Callable[["Handler"], None]


@dataclass(frozen=True)
class Received:
    method: str
    path: str
    headers: dict[str, str]
    body: str


@dataclass
class Log:
    """`hung_up` is set when the client closes a stream that the server still writes."""

    received: list[Received] = field(default_factory=list)
    hung_up: threading.Event = field(default_factory=threading.Event)

    @property
    def chats(self) -> list[Received]:
        return [one for one in self.received if one.path.endswith("/chat/completions")]


class Handler(BaseHTTPRequestHandler):
    behaviour: Behaviour
    log: Log
    told: dict[str, str]

    def log_message(self, format: str, *args: Any) -> None:
        pass

    def _any(self) -> None:
        body = self.rfile.read(int(self.headers.get("content-length") or 0)).decode()
        headers = {name.lower(): value for name, value in self.headers.items()}
        self.log.received.append(Received(self.command, self.path, headers, body))
        try:
            if self.path.endswith("/chat/completions"):
                type(self).behaviour(self)
            elif self.path in self.told:
                status(200, self.told[self.path])(self)
            else:
                status(404)(self)
        except (BrokenPipeError, ConnectionResetError):
            self.log.hung_up.set()

    do_GET = do_POST = _any

    def begin(self, code: int = 200, **headers: str) -> None:
        self.send_response(code)
        for name, value in {"content-type": "text/event-stream", **headers}.items():
            self.send_header(name.replace("_", "-"), value)
        self.send_header("connection", "close")
        self.end_headers()

    def line(self, data: str) -> None:
        self.wfile.write(f"{data}\n\n".encode())
        self.wfile.flush()

    def chunk(self, text: str | None = None, reason: str | None = None, **delta: Any) -> None:
        said = delta | ({} if text is None else {"content": text})
        choice = {"index": 0, "delta": said, "finish_reason": reason}
        self.line(f"data: {json.dumps({'id': '1', 'model': 'm', 'choices': [choice]})}")

    def end(self, reason: str = "stop", usage: tuple[int, int] | None = None) -> None:
        self.chunk(reason=reason)
        if usage:
            told = {"prompt_tokens": usage[0], "completion_tokens": usage[1], "total_tokens": 0}
            self.line(f"data: {json.dumps({'id': '1', 'choices': [], 'usage': told})}")
        self.line("data: [DONE]")

    def hold(self, seconds: float = 10.0) -> None:
        """Send nothing, until the client is gone."""
        self.connection.settimeout(seconds)
        try:
            if self.connection.recv(1) == b"":
                self.log.hung_up.set()
        except TimeoutError:
            pass


def says(*pieces: str, reason: str = "stop", usage: tuple[int, int] | None = (7, 3)) -> Behaviour:
    def behave(handler: Handler) -> None:
        handler.begin()
        handler.chunk(role="assistant")
        for piece in pieces:
            handler.chunk(piece)
        handler.end(reason, usage)

    return behave


def status(code: int, body: str = "{}", **headers: str) -> Behaviour:
    def behave(handler: Handler) -> None:
        handler.begin(code, content_type="application/json", **headers)
        handler.wfile.write(body.encode())

    return behave


def silent(handler: Handler) -> None:
    handler.hold()


def stalls_after(*pieces: str) -> Behaviour:
    def behave(handler: Handler) -> None:
        handler.begin()
        for piece in pieces:
            handler.chunk(piece)
        handler.hold()

    return behave


def comments_only(handler: Handler) -> None:
    """Keep the socket alive without ever saying a word."""
    handler.begin()
    while True:
        handler.line(": still here")
        time.sleep(0.02)


def endless(handler: Handler) -> None:
    handler.begin()
    while True:
        handler.chunk("on and on ")
        time.sleep(0.005)


def cut_after(*pieces: str) -> Behaviour:
    def behave(handler: Handler) -> None:
        handler.begin()
        for piece in pieces:
            handler.chunk(piece)

    return behave


def cut_inside_a_chunk(handler: Handler) -> None:
    handler.send_response(200)
    handler.send_header("content-type", "text/event-stream")
    handler.send_header("content-length", "5000")
    handler.end_headers()
    handler.chunk("Half a ")
    handler.wfile.write(b'data: {"id"')


def hangs_up(handler: Handler) -> None:
    handler.connection.close()


def web_page(handler: Handler) -> None:
    handler.begin(content_type="text/html")
    handler.wfile.write(b"<html>Welcome</html>")


def raw(*lines: str) -> Behaviour:
    def behave(handler: Handler) -> None:
        handler.begin()
        for line in lines:
            handler.line(line)

    return behave


def then(*behaviours: Behaviour) -> Behaviour:
    """Behave differently from one request to the next; the last is kept."""
    left = list(behaviours)

    def behave(handler: Handler) -> None:
        (left.pop(0) if len(left) > 1 else left[0])(handler)

    return behave


def whole(*pieces: str, usage: tuple[int, int] = (7, 3)) -> Behaviour:
    """Answer at once, as a server does that cannot stream."""

    def behave(handler: Handler) -> None:
        message = {"role": "assistant", "content": "".join(pieces)}
        choice = {"index": 0, "message": message, "finish_reason": "stop"}
        told = {"prompt_tokens": usage[0], "completion_tokens": usage[1], "total_tokens": 0}
        handler.begin(content_type="application/json")
        handler.wfile.write(json.dumps({"id": "1", "choices": [choice], "usage": told}).encode())

    return behave


def asking(choose: Callable[[dict[str, Any]], Behaviour]) -> Behaviour:
    """Behave by what the request asks for."""

    def behave(handler: Handler) -> None:
        choose(json.loads(handler.log.received[-1].body))(handler)

    return behave


class Switch:
    """A behaviour that a test changes while the server runs."""

    def __init__(self, now: Behaviour) -> None:
        self.now = now

    def __call__(self, handler: Handler) -> None:
        self.now(handler)


@contextmanager
def serving(
    behaviour: Behaviour,
    tls: ssl.SSLContext | None = None,
    told: dict[str, Any] | None = None,
) -> Iterator[tuple[str, Log]]:
    """Give the base address, ending in /v1, and the log. `told` are JSON answers by path."""
    log = Log()
    answers = {path: json.dumps(value) for path, value in (told or {}).items()}
    own = {"behaviour": lambda handler: behaviour(handler), "log": log, "told": answers}
    handler = type("Scripted", (Handler,), own | {"behaviour": staticmethod(own["behaviour"])})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    if tls:
        server.socket = tls.wrap_socket(server.socket, server_side=True)
    server.handle_error = lambda *_: None  # type: ignore[method-assign]
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield f"{'https' if tls else 'http'}://127.0.0.1:{server.server_port}/v1", log
    finally:
        server.shutdown()
        server.server_close()
