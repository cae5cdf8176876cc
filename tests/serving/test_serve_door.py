"""Who may ask, for what, and how much at a time."""

from __future__ import annotations

import json
import socket
from typing import Any

import pytest

from companion.serving.door import MOST_BYTES
from tests.serving.running import ATTACK, TOKEN, Served, serving_it, turns

CHAT = "/v1/chat/completions"
ASKED = {"messages": turns(ATTACK)}
ORIGIN = "http://localhost:3000"


def bearer(**more: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {TOKEN}", **more}


class TestTheToken:
    @pytest.mark.parametrize("path", ["/v1/models", "/nowhere", "/", "/health/"])
    @pytest.mark.parametrize(
        "headers",
        [
            {},
            {"Authorization": ""},
            {"Authorization": TOKEN},
            {"Authorization": f"Basic {TOKEN}"},
            {"Authorization": "Bearer"},
            {"Authorization": f"Bearer {TOKEN}x"},
            {"Authorization": f"Bearer {TOKEN[:-1]}"},
            {"X-Api-Key": TOKEN},
        ],
        ids=str,
    )
    def test_a_client_without_it_is_refused_everywhere(
        self, served: Served, path: str, headers: dict[str, str]
    ) -> None:
        answer = served.ask("GET", path, headers=headers)
        assert answer.status == 401
        assert answer.headers["www-authenticate"] == "Bearer"
        assert answer.error["code"] == "invalid_api_key"

    def test_a_message_without_it_is_not_answered(self, served: Served) -> None:
        for path in (CHAT, "/eval"):
            assert served.ask("POST", path, ASKED, headers={}).status == 401

    def test_a_token_that_is_not_ascii_is_refused(self, served: Served) -> None:
        answer = served.ask("GET", "/v1/models", headers={"Authorization": "Bearer tök"})
        assert answer.status == 401

    @pytest.mark.parametrize("scheme", ["Bearer ", "bearer  ", "BEARER "])
    def test_the_scheme_is_read_as_http_reads_it(self, served: Served, scheme: str) -> None:
        headers = {"Authorization": f"{scheme}{TOKEN}"}
        assert served.ask("GET", "/v1/models", headers=headers).status == 200

    def test_whether_it_runs_can_be_asked_without_it(self, served: Served) -> None:
        answer = served.ask("GET", "/health", headers={})
        assert (answer.status, answer.json) == (200, {"ok": True})


class TestTheHost:
    @pytest.mark.parametrize(
        "host",
        ["localhost", "localhost:8502", "127.0.0.1", "127.0.0.1:1", "[::1]:8502", "LOCALHOST"],
    )
    def test_this_computer_s_own_names_are_answered(self, served: Served, host: str) -> None:
        assert served.ask("GET", "/health", headers={"Host": host}).status == 200

    @pytest.mark.parametrize(
        "host",
        ["evil.example", "127.0.0.1.evil.example", "localhost.evil.example:8502", "", "[::1"],
    )
    def test_a_name_that_points_here_from_elsewhere_is_refused(
        self, served: Served, host: str
    ) -> None:
        for path in ("/health", "/v1/models"):
            answer = served.ask("GET", path, headers=bearer(Host=host))
            assert answer.status == 400
            assert "localhost" in answer.error["message"]

    def test_two_names_are_none(self, served: Served) -> None:
        with socket.create_connection(("127.0.0.1", served.port), 30) as made:
            made.sendall(b"GET /health HTTP/1.1\r\nHost: localhost\r\nHost: evil.example\r\n\r\n")
            assert made.recv(100).split()[1] == b"400"

    def test_a_server_for_others_has_any_name(self, in_memory, reader) -> None:
        with serving_it(in_memory, reader, loopback=False) as served:
            assert served.ask("GET", "/health", headers={"Host": "my-server.lan"}).status == 200
            assert served.ask("GET", "/v1/models", headers={"Host": "my-server.lan"}).status == 401


class TestPages:
    def test_no_page_may_read_an_answer_by_itself(self, served: Served) -> None:
        for method in ("GET", "OPTIONS"):
            answer = served.ask(method, "/v1/models", headers=bearer(Origin=ORIGIN))
            assert not [name for name in answer.headers if name.startswith("access-control")]

    @pytest.fixture
    def allowing(self, in_memory, reader):
        with serving_it(in_memory, reader, origins=(ORIGIN,)) as served:
            yield served

    def test_an_allowed_page_may(self, allowing: Served) -> None:
        asked = {
            "Origin": ORIGIN,
            "Access-Control-Request-Method": "POST",
            "Access-Control-Request-Headers": "authorization,content-type,x-stainless-os",
        }
        before = allowing.ask("OPTIONS", CHAT, headers=asked)
        assert before.status == 200
        assert before.headers["access-control-allow-origin"] == ORIGIN
        said = {"messages": turns(("system", "Be brief."), ATTACK)}
        answer = allowing.ask("POST", CHAT, said, headers=bearer(Origin=ORIGIN))
        assert answer.headers["access-control-allow-origin"] == ORIGIN
        assert answer.headers["access-control-expose-headers"] == "X-Companion-Ignored"

    def test_it_reads_a_refusal_too(self, allowing: Served) -> None:
        answer = allowing.ask("GET", "/v1/models", headers={"Origin": ORIGIN})
        assert answer.status == 401
        assert answer.headers["access-control-allow-origin"] == ORIGIN

    @pytest.mark.parametrize("origin", ["http://localhost:3001", "https://localhost:3000", "null"])
    def test_another_page_may_not(self, allowing: Served, origin: str) -> None:
        answer = allowing.ask("GET", "/v1/models", headers=bearer(Origin=origin))
        assert "access-control-allow-origin" not in answer.headers


class TestRoutes:
    @pytest.mark.parametrize("path", ["/", "/v1", "/v1/completions", "/eval/", "/v1/models/x"])
    @pytest.mark.parametrize("method", ["GET", "POST"])
    def test_an_unknown_one_is_told_what_there_is(
        self, served: Served, method: str, path: str
    ) -> None:
        answer = served.ask(method, path)
        assert answer.status == 404
        assert CHAT in answer.error["message"]

    @pytest.mark.parametrize(
        ("method", "path"),
        [("GET", CHAT), ("GET", "/eval"), ("POST", "/v1/models"), ("DELETE", "/health")],
    )
    def test_a_method_that_a_path_does_not_take_is_told(
        self, served: Served, method: str, path: str
    ) -> None:
        answer = served.ask(method, path)
        assert answer.status == 405
        assert answer.headers["allow"]
        assert method in answer.error["message"]


class TestTheBody:
    @pytest.mark.parametrize(
        "body",
        [b"", b"{", b"nonsense", b"\xff\xfe", b"[" * 100_000, b'{"messages": NaN'],
        ids=lambda body: str(body[:12]),
    )
    def test_what_is_not_json_is_told(self, served: Served, body: bytes) -> None:
        answer = served.ask("POST", "/eval", body)
        assert answer.status == 400
        assert "not JSON" in answer.error["message"]

    @pytest.mark.parametrize("body", [[], "text", 7, None, True], ids=str)
    def test_what_is_no_object_is_told(self, served: Served, body: Any) -> None:
        answer = served.ask("POST", CHAT, json.dumps(body).encode())
        assert answer.status == 400
        assert "must be a JSON object" in answer.error["message"]

    @pytest.mark.parametrize("path", [CHAT, "/eval"])
    def test_one_that_is_too_long_is_told(self, served: Served, path: str) -> None:
        answer = served.ask("POST", path, {**ASKED, "user": "x" * MOST_BYTES})
        assert answer.status == 413
        assert f"{MOST_BYTES:,} bytes" in answer.error["message"]

    def test_the_longest_is_answered(self, served: Served) -> None:
        room = MOST_BYTES - len(json.dumps({**ASKED, "user": ""}).encode())
        assert served.ask("POST", "/eval", {**ASKED, "user": "x" * room}).status == 200
