"""A model file that cannot be used is said in one sentence; what is configured is what is made."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from companion.errors import SettingsError
from companion.models import chat_model
from companion.models.gguf import GGUFServer
from companion.models.openai_chat import OpenAIChat
from companion.settings import Settings

pytestmark = pytest.mark.xdist_group("local_model")


def test_nothing_configured_is_no_model() -> None:
    assert chat_model(Settings()) is None


def test_an_address_needs_a_model() -> None:
    with pytest.raises(SettingsError, match="COMPANION_MODEL"):
        chat_model(Settings(base_url="http://127.0.0.1:9/v1"))


def test_an_address_gives_a_model_by_its_name() -> None:
    model = chat_model(Settings(base_url="http://127.0.0.1:9/v1", model="tiny"))
    assert isinstance(model, OpenAIChat)
    assert model.name == "tiny"
    model.close()


def test_a_missing_file(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="cannot be read"):
        GGUFServer(tmp_path / "none.gguf")


def test_a_file_of_another_kind(tmp_path: Path) -> None:
    file = tmp_path / "model.gguf"
    file.write_text("not a model")
    with pytest.raises(SettingsError, match="not a GGUF model file"):
        GGUFServer(file)


def test_a_damaged_file(tmp_path: Path) -> None:
    pytest.importorskip("xllamacpp")
    file = tmp_path / "model.gguf"
    file.write_bytes(b"GGUF" + bytes(64))
    with pytest.raises(SettingsError, match="could not be loaded"):
        GGUFServer(file)


def test_without_the_extra_it_says_how_to_install_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "model.gguf"
    file.write_bytes(b"GGUF")
    monkeypatch.setitem(sys.modules, "xllamacpp", None)
    with pytest.raises(SettingsError, match=r"pip install 'companion-reflective\[local\]'"):
        GGUFServer(file)
