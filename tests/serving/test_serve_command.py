"""`companion serve`, started as people start it."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from typing import Any

import openai
import pytest
from click.testing import CliRunner, Result

from companion.cli import main
from companion.connection import EMBEDDED, Connection, VoiceKind
from tests.serving.running import ATTACK, turns


@pytest.fixture
def started() -> Iterator[Callable[..., subprocess.Popen[str]]]:
    running: list[subprocess.Popen[str]] = []

    def start(*words: str, **environment: str) -> subprocess.Popen[str]:
        made = subprocess.Popen(
            [sys.executable, "-m", "companion", "serve", "--port", "0", *words],
            env=os.environ | environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        running.append(made)
        return made

    yield start
    for one in running:
        one.kill()
        one.communicate()


@pytest.mark.skipif(os.name != "posix", reason="there is no SIGINT to send to another process")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM], ids=lambda one: one.name)
def test_it_shows_a_token_answers_with_it_and_ends_when_it_is_told_to(started, number) -> None:
    process = started()
    address = re.search(r"http://127\.0\.0\.1:\d+/v1", process.stdout.readline())
    token = process.stdout.readline().split()[-1]
    assert address
    assert len(token) >= 43
    with openai.OpenAI(base_url=address.group(), api_key=token, max_retries=0) as client:
        answer = client.chat.completions.create(model="any", messages=turns(ATTACK))
    assert answer.choices[0].message.content
    process.send_signal(number)
    said, wrong = process.communicate(timeout=60)
    assert process.returncode == 0
    assert (said, wrong) == ("", "")


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, in_memory: Any) -> Callable[..., Result]:
    """Gives a function that runs the command up to where it would wait for requests.

    `given` are the connection and the terms it would answer with.
    """

    def start(*words: str, given: list[Any] | None = None) -> Result:
        noted = [] if given is None else given

        def made(settings: Any, connection: Connection) -> Any:
            noted.append(connection)
            return in_memory

        def application(answering: Any, terms: Any) -> Any:
            noted.append(terms)
            return None

        monkeypatch.setattr("companion.build.build_in_memory", made)
        monkeypatch.setattr("companion.build.warm", lambda companion: None)
        monkeypatch.setattr("companion.serving.app.application", application)
        monkeypatch.setattr("companion.serving.running.run", lambda app, listening: None)
        return CliRunner().invoke(main, ["serve", *words])

    return start


@pytest.fixture
def taken() -> Iterator[int]:
    with socket.create_server(("127.0.0.1", 0)) as made:
        yield made.getsockname()[1]


def test_a_port_that_is_taken_is_one_sentence_and_ends_with_2(run, taken: int) -> None:
    result = run("--port", str(taken))
    assert result.exit_code == 2
    assert result.output.count("\n") == 1
    assert str(taken) in result.output
    assert "--port" in result.output


def test_an_address_that_is_not_here_is_one_sentence_and_ends_with_2(run) -> None:
    result = run("--host", "nowhere.invalid", "--port", "0")
    assert result.exit_code == 2
    assert result.output.count("\n") == 1
    assert "nowhere.invalid" in result.output


def test_the_environment_s_token_is_used_and_not_shown(run, monkeypatch) -> None:
    monkeypatch.setenv("COMPANION_SERVE_TOKEN", "from-the-environment")
    result = run("--port", "0", given=(given := []))
    assert given[1].token == "from-the-environment"
    assert "from-the-environment" not in result.output
    assert "COMPANION_SERVE_TOKEN" in result.output


@pytest.mark.parametrize("token", ["two words", "tök", "line\nbreak"], ids=ascii)
def test_a_token_that_no_client_can_send_is_refused(run, monkeypatch, token: str) -> None:
    monkeypatch.setenv("COMPANION_SERVE_TOKEN", token)
    result = run("--port", "0")
    assert result.exit_code == 2
    assert token not in result.output


def test_an_empty_token_is_none_and_every_start_makes_its_own(run, monkeypatch) -> None:
    monkeypatch.setenv("COMPANION_SERVE_TOKEN", "")
    first, second = [], []
    shown = run("--port", "0", given=first).output
    run("--port", "0", given=second)
    assert first[1].token != second[1].token
    assert shown.count(first[1].token) == 1


def test_here_alone_nothing_is_warned_of(run) -> None:
    result = run("--port", "0", given=(given := []))
    assert given[1].loopback
    assert result.output.count("\n") == 2


def test_for_others_it_warns_that_words_travel_unencrypted(run) -> None:
    result = run("--port", "0", "--host", "0.0.0.0", given=(given := []))
    assert not given[1].loopback
    assert "unencrypted" in result.output


class TestTheVoice:
    def test_it_is_the_environment_s(self, run, monkeypatch) -> None:
        run("--port", "0", given=(given := []))
        assert given[0] == EMBEDDED
        monkeypatch.setenv("COMPANION_BASE_URL", "https://models.example/v1")
        monkeypatch.setenv("COMPANION_MODEL", "large")
        result = run("--port", "0", given=(given := []))
        assert given[0].name == "large"
        assert "Words go to models.example." in result.output

    def test_it_can_be_named(self, run) -> None:
        run("--port", "0", "--voice", "http://127.0.0.1:1/v1#tiny", given=(given := []))
        assert given[0] == Connection(VoiceKind.ADDRESS, "http://127.0.0.1:1/v1", "tiny")

    def test_one_that_is_none_is_told(self, run) -> None:
        result = run("--port", "0", "--voice", "nobody")
        assert result.exit_code == 2
        assert "nobody" in result.output


class TestOrigins:
    def test_they_are_taken_as_they_are(self, run) -> None:
        wanted = ("http://localhost:3000", "https://chat.example")
        words = [word for one in wanted for word in ("--allow-origin", one)]
        run("--port", "0", *words, given=(given := []))
        assert given[1].origins == wanted

    @pytest.mark.parametrize(
        "origin", ["*", "null", "localhost:3000", "http://localhost:3000/", "http://", "file:///x"]
    )
    def test_what_is_none_is_refused(self, run, origin: str) -> None:
        result = run("--port", "0", "--allow-origin", origin)
        assert result.exit_code == 2
        assert result.output.count("\n") == 1
