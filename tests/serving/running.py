"""A real server on a free loopback port, and plain requests to it."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPResponse
from typing import Any

import openai

from companion.core import Companion
from companion.ports import Reader
from companion.serving.answering import Answering
from companion.serving.app import Terms, application
from companion.serving.running import listening, server

TOKEN = "a-token-of-the-test"
ATTACK = "My boss told everyone I'm lazy because I left at five o'clock again."
DANGER = "I'm going to kill myself tonight"
CONCERN = "i want to die"


@dataclass(frozen=True)
class Answer:
    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def error(self) -> dict[str, Any]:
        error: dict[str, Any] = self.json["error"]
        assert set(error) == {"message", "type", "param", "code"}
        assert error["message"].endswith(".")
        return error


@dataclass(frozen=True)
class Served:
    """A server that runs. `ask` sends one request, with the token unless headers are given."""

    port: int

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}/v1"

    def client(self, token: str = TOKEN) -> openai.OpenAI:
        return openai.OpenAI(base_url=self.address, api_key=token, max_retries=0, timeout=60)

    def begin(
        self, method: str, path: str, body: Any = None, headers: dict[str, str] | None = None
    ) -> tuple[HTTPConnection, HTTPResponse]:
        connection = HTTPConnection("127.0.0.1", self.port, timeout=60)
        sent = body if body is None or isinstance(body, bytes) else json.dumps(body).encode()
        given = {"Authorization": f"Bearer {TOKEN}"} if headers is None else headers
        connection.request(method, path, sent, given)
        return connection, connection.getresponse()

    def ask(
        self, method: str, path: str, body: Any = None, headers: dict[str, str] | None = None
    ) -> Answer:
        connection, answer = self.begin(method, path, body, headers)
        told = {name.lower(): value for name, value in answer.getheaders()}
        read = Answer(answer.status, told, answer.read())
        connection.close()
        return read

    def eval(self, *messages: Any, **more: Any) -> dict[str, Any]:
        """Have a conversation answered: each message is a text or a (role, text)."""
        answer = self.ask("POST", "/eval", {"messages": turns(*messages), **more})
        assert answer.status == 200, answer.body
        told: dict[str, Any] = answer.json
        return told


def turns(*messages: Any) -> list[dict[str, Any]]:
    """Give messages in OpenAI's shape; a bare text is the user's."""
    pairs = [one if isinstance(one, tuple) else ("user", one) for one in messages]
    return [{"role": role, "content": text} for role, text in pairs]


@contextmanager
def serving_it(
    companion: Companion, reader: Reader, country: str | None = None, **terms: Any
) -> Iterator[Served]:
    app = application(Answering(companion, reader, country), Terms(TOKEN, **terms))
    made = listening("127.0.0.1", 0)
    running = server(app)
    thread = threading.Thread(target=running.run, kwargs={"sockets": [made]}, daemon=True)
    thread.start()
    try:
        yield Served(made.getsockname()[1])
    finally:
        running.should_exit = True
        thread.join(30)
        assert not thread.is_alive()
