"""The terminal speaks through the voice that was chosen in the app, and says where words go."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from companion import terminal
from companion.build import speaking_through
from companion.choosing import agreeing, choosing
from companion.cli import main
from companion.connection import Connection, VoiceKind
from companion.prompts import document
from tests.models.server import Log, says, serving

ATTACK = "My boss told everyone I'm lazy because I left at five o'clock again."
OURS = "That word doesn't get to stay."


@pytest.fixture
def server(monkeypatch) -> Iterator[tuple[str, Log]]:
    monkeypatch.setenv("COMPANION_MODEL_READS", "false")
    with serving(says(OURS)) as (address, log):
        yield address, log


@pytest.fixture
def own(monkeypatch, companion) -> Any:
    """This computer's Companion, in memory, speaking through what the environment names."""

    def build(settings, connection=None):
        return speaking_through(companion, settings, connection or settings.connection)

    monkeypatch.setattr(terminal, "build", build)
    return companion


@pytest.fixture
def talk(own) -> Callable[[], Result]:
    return lambda: CliRunner().invoke(main, ["talk"], input=f"{ATTACK}\n\n")


@pytest.fixture
def choose(own) -> Callable[..., None]:
    """Gives a function that chooses a voice in the app."""

    def choose(connection: Connection, agreed: bool = False) -> None:
        person = choosing(own.journal.person(), connection)
        own.journal.save_person(agreeing(person, connection) if agreed else person)

    return choose


@pytest.fixture
def elsewhere(monkeypatch) -> None:
    """No address is this computer's."""
    monkeypatch.setattr("companion.connection.is_loopback", lambda host: False)


def at(address: str) -> Connection:
    return Connection(VoiceKind.ADDRESS, address, "m")


def test_the_voice_chosen_in_the_app_speaks(talk, choose, server) -> None:
    choose(at(server[0]))
    result = talk()
    assert result.exit_code == 0
    assert OURS in result.output
    assert "Words go to" not in result.output
    assert any(json.dumps(ATTACK)[1:-1] in one.body for one in server[1].chats)


def test_the_environment_s_voice_comes_first(talk, choose, server, monkeypatch) -> None:
    choose(Connection(VoiceKind.FILE, path=Path("/nowhere/m.gguf")))
    monkeypatch.setenv("COMPANION_BASE_URL", server[0])
    monkeypatch.setenv("COMPANION_MODEL", "m")
    assert OURS in talk().output


def test_where_words_go_is_said_before_anything_is_asked(talk, choose, server, elsewhere) -> None:
    choose(at(server[0]), agreed=True)
    output = talk().output
    assert output.index("software, not a person") < output.index("Words go to 127.0.0.1.")
    assert output.index("Words go to 127.0.0.1.") < output.index(">")
    assert server[1].chats


def test_the_environment_s_host_is_said_too(talk, server, elsewhere, monkeypatch) -> None:
    monkeypatch.setenv("COMPANION_BASE_URL", server[0])
    monkeypatch.setenv("COMPANION_MODEL", "m")
    assert "Words go to 127.0.0.1." in talk().output


def test_nothing_goes_to_a_host_the_person_has_not_agreed_to(
    talk, choose, server, elsewhere
) -> None:
    choose(at(server[0]))
    result = talk()
    assert result.exit_code == 0
    assert "once you agree in the app that words go to 127.0.0.1" in result.output
    assert server[1].received == []


def test_a_voice_that_cannot_be_used_leaves_the_built_in_one(talk, choose) -> None:
    pytest.importorskip("xllamacpp")
    choose(Connection(VoiceKind.FILE, path=Path("/nowhere/m.gguf")))
    result = talk()
    assert result.exit_code == 0
    assert "The built-in voice speaks." in result.output


def test_the_model_is_freed_at_the_end(talk, choose, server, monkeypatch) -> None:
    closed: list[str] = []
    monkeypatch.setattr(
        "companion.models.openai_chat.OpenAIChat.close", lambda self: closed.append(self.name)
    )
    choose(at(server[0]))
    talk()
    assert closed == ["m"]


def test_it_is_said_again_that_this_is_software_three_hours_into_a_sitting(
    own, monkeypatch
) -> None:
    evening = datetime(2025, 11, 4, 20, tzinfo=UTC)
    minutes = iter([0, 50, 100, 150, 185, 186])
    times = {"now": evening}

    def clock() -> datetime:
        return times["now"]

    timed = own.alone(clock)
    monkeypatch.setattr(terminal, "build", lambda settings, connection=None: timed)
    monkeypatch.setattr(terminal, "warm", lambda companion: None)

    def prompt(*given: Any, **more: Any) -> str:
        after = next(minutes)
        times["now"] = evening + timedelta(minutes=after)
        return "" if after > 185 else "still here"

    monkeypatch.setattr(terminal.click, "prompt", prompt)
    result = CliRunner().invoke(main, ["talk"])
    lines = document("identity")["reminder"]
    assert [line for line in lines if line in result.output] == lines[:1]
    # After four replies, before the fifth.
    assert result.output.index(lines[0]) > result.output.index("\n\n", 400)
