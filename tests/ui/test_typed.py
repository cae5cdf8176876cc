"""What people type where a voice is chosen."""

from __future__ import annotations

from pathlib import Path

import pytest

from companion.connection import Connection, VoiceKind
from companion.errors import BadInput
from companion.ui.typed import here, hosted


def test_an_address_on_this_computer() -> None:
    found = here(" http://127.0.0.1:11434/v1/ ", " small ", "")
    assert found == Connection(VoiceKind.ADDRESS, "http://127.0.0.1:11434/v1", "small")


def test_an_address_elsewhere() -> None:
    found = hosted("https://models.example/v1", "large")
    assert found == Connection(VoiceKind.ADDRESS, "https://models.example/v1", "large")


def test_a_model_file(tmp_path: Path) -> None:
    file = tmp_path / "small.gguf"
    file.write_bytes(b"GGUF....")
    found = here("", "", str(file))
    assert (found.kind, found.path, found.name) == (VoiceKind.FILE, file, "small")


@pytest.mark.parametrize(
    ("address", "model", "said"),
    [
        ("127.0.0.1:8080", "small", "begin with http"),
        ("localhost", "small", "begin with http"),
        ("ftp://localhost", "small", "begin with http"),
        ("http://", "small", "names no host"),
        ("http://127.0.0.1:eighty/v1", "small", "cannot be read"),
        ("http://127.0.0.1:99999/v1", "small", "cannot be read"),
        ("http://[::1/v1", "small", "cannot be read"),
        ("http://127.0.0.1 /v1", "small", "cannot be read"),
        ("http://127.0.0.1:8080/v1", " ", "name is missing"),
        ("http://me:sk-1@127.0.0.1/v1", "small", "field of its own"),
        ("http://127.0.0.1/v1?key=sk-1", "small", "field of its own"),
        ("https://models.example/v1", "large", "choose “A hosted model”"),
        ("http://127.0.0.1:11434/v1", "large:120b-cloud", "choose “A hosted model”"),
        ("", "small", "Give an address"),
    ],
)
def test_an_address_that_cannot_be_one_here(address: str, model: str, said: str) -> None:
    with pytest.raises(BadInput, match=said) as raised:
        here(address, model, "")
    assert "sk-1" not in str(raised.value)


@pytest.mark.parametrize(
    ("address", "model", "said"),
    [
        ("", "", "Give the address"),
        ("models.example", "large", "begin with http"),
        ("https://models.example/v1", "", "name is missing"),
        ("http://localhost:8080/v1", "small", "choose “A model on this computer”"),
    ],
)
def test_an_address_that_cannot_be_one_elsewhere(address: str, model: str, said: str) -> None:
    with pytest.raises(BadInput, match=said):
        hosted(address, model)


@pytest.mark.parametrize("path", ["/nowhere/small.gguf", "/tmp", "a\x00b"])
def test_a_file_that_does_not_exist(path: str) -> None:
    with pytest.raises(BadInput, match="no file at"):
        here("", "", path)


def test_a_file_that_is_no_model(tmp_path: Path) -> None:
    (tmp_path / "letter.gguf").write_text("Dear Sam")
    with pytest.raises(BadInput, match="not a model file"):
        here("", "", str(tmp_path / "letter.gguf"))


def test_an_address_and_a_file_at_once() -> None:
    with pytest.raises(BadInput, match="not both"):
        here("http://127.0.0.1/v1", "small", "/models/small.gguf")
