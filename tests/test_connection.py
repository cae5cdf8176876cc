"""Where words go is told from the connection alone."""

from __future__ import annotations

from pathlib import Path

import pytest

from companion.connection import EMBEDDED, Connection, VoiceKind, connection_from, is_loopback
from companion.settings import Settings


def at(address: str, model: str = "tiny") -> Connection:
    return Connection(VoiceKind.ADDRESS, address, model)


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "localhost", "::1", "127.8.0.1", "models.localhost", "0:0:0:0:0:0:0:1"]
)
def test_this_computer_is_told_apart(host: str) -> None:
    assert is_loopback(host)


@pytest.mark.parametrize(
    "host",
    ["192.168.1.4", "10.0.0.2", "0.0.0.0", "models.example", "localhost.models.example", "", "::2"],
)
def test_everything_else_is_elsewhere_also_in_the_next_room(host: str) -> None:
    assert not is_loopback(host)


@pytest.mark.parametrize(
    ("address", "host"),
    [
        ("http://127.0.0.1:11434/v1", None),
        ("http://[::1]:8080/v1", None),
        ("http://localhost/v1", None),
        ("https://models.example/v1", "models.example"),
        ("https://me:secret@models.example:8443/v1", "models.example"),
        ("http://127.0.0.1@models.example/v1", "models.example"),
        ("http://192.168.1.4:11434/v1", "192.168.1.4"),
    ],
)
def test_the_host_that_words_leave_for(address: str, host: str | None) -> None:
    assert at(address).host == host
    assert at(address).leaves is (host is not None)


@pytest.mark.parametrize("model", ["gpt-oss:120b-cloud", "glm-4.6:cloud", "GPT-OSS:20B-CLOUD"])
def test_a_model_that_this_computer_only_passes_on_leaves(model: str) -> None:
    assert at("http://127.0.0.1:11434/v1", model).host == f"the service behind {model}"


def test_a_file_and_the_embedded_voice_stay() -> None:
    assert not EMBEDDED.leaves
    assert EMBEDDED.name == "embedded"
    file = Connection(VoiceKind.FILE, path=Path("/models/small.gguf"))
    assert not file.leaves
    assert file.name == "small"
    assert at("http://127.0.0.1:8080/v1", "/home/me/models/small.gguf").name == "small"


@pytest.mark.parametrize(
    "connection",
    [EMBEDDED, at("https://models.example/v1"), Connection(VoiceKind.FILE, path=Path("/m.gguf"))],
)
def test_it_can_be_written_down_and_read_again(connection: Connection) -> None:
    assert connection_from(connection.values()) == connection


def test_what_was_never_written_is_refused() -> None:
    with pytest.raises(ValueError, match="fortune"):
        connection_from({"kind": "fortune"})


def test_the_environment_names_a_file_before_an_address() -> None:
    both = Settings(gguf="/m.gguf", base_url="https://models.example/v1", model="tiny")
    assert both.connection == Connection(VoiceKind.FILE, model="tiny", path=Path("/m.gguf"))
    address = Settings(base_url="https://models.example/v1", model="tiny")
    assert address.connection == at("https://models.example/v1")
    assert Settings().connection == EMBEDDED
