"""The shipped encodings are tiktoken's own, and a count never makes it reach for the network."""

from __future__ import annotations

import hashlib
import json
import lzma
import socket
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from shutil import copytree
from threading import Barrier
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from companion.integrity import PACKAGE, damaged
from companion.models import encodings
from companion.models.encodings import encoding

MODEL = {"o200k_base": "gpt-4o", "cl100k_base": "gpt-4"}


@pytest.fixture
def unused(monkeypatch: pytest.MonkeyPatch) -> None:
    """A tiktoken that has built no encoding yet."""
    import tiktoken.registry

    monkeypatch.setattr(tiktoken.registry, "ENCODINGS", {})


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where tiktoken would keep what it downloads; whoever opens a socket fails."""

    def reached(*_: object, **__: object) -> None:
        pytest.fail("it reached for the network")

    monkeypatch.setattr(socket, "socket", reached)
    monkeypatch.setattr("requests.get", reached)
    folder = tmp_path / "cache"
    folder.mkdir()
    monkeypatch.setenv("TIKTOKEN_CACHE_DIR", str(folder))
    return folder


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the shipped encodings, to be damaged."""
    copy = copytree(encodings.FOLDER, tmp_path / "encodings")
    monkeypatch.setattr(encodings, "FOLDER", copy)
    return copy


def built(name: str) -> Any:
    one = encoding(MODEL[name])
    assert one is not None
    assert one.name == name
    return one


@pytest.mark.parametrize(
    ("name", "text", "ids"),
    [
        ("o200k_base", "hello world", [24912, 2375]),
        ("cl100k_base", "hello world", [15339, 1917]),
        ("o200k_base", "", []),
        ("o200k_base", "2 + 2 = 4", [17, 659, 220, 17, 314, 220, 19]),
        ("cl100k_base", "2 + 2 = 4", [17, 489, 220, 17, 284, 220, 19]),
        ("o200k_base", "誕生日", [9697, 243, 128225]),
        ("cl100k_base", "誕生日", [45918, 243, 21990, 9080]),
    ],
)
def test_tokens_are_the_ones_openai_gives(name: str, text: str, ids: list[int]) -> None:
    assert built(name).encode(text) == ids


@pytest.mark.parametrize("name", MODEL)
@given(text=st.text())
def test_what_is_encoded_comes_back(name: str, text: str) -> None:
    one = built(name)
    assert one.decode(one.encode(text, disallowed_special=())) == text


@pytest.mark.parametrize("name", MODEL)
@pytest.mark.parametrize(
    "text",
    [
        "👩🏽‍👧‍👦🏳️‍🌈",
        "e\u0301\u0323",
        "\u202eabc\u0000\ufeff",
        "नमस्ते",
        "\U0010ffff",
        " \r\n\t\u2028",
    ],
)
def test_odd_text_comes_back(name: str, text: str) -> None:
    one = built(name)
    assert one.decode(one.encode(text)) == text


@pytest.mark.parametrize("name", MODEL)
def test_a_lone_surrogate_is_still_counted(name: str) -> None:
    assert built(name).encode("a\ud800b", disallowed_special=())


@pytest.mark.parametrize("name", MODEL)
def test_the_text_of_a_special_token_is_plain_text(name: str) -> None:
    one = built(name)
    for special in one.special_tokens_set:
        ids = one.encode(f"a {special} b", disallowed_special=())
        assert not any(map(one.is_special_token, ids))
        assert one.decode(ids) == f"a {special} b"


@pytest.mark.parametrize(
    ("name", "models"),
    [
        ("o200k_base", "gpt-4o gpt-4o-mini gpt-4o-2024-08-06 chatgpt-4o-latest ft:gpt-4o:us::1"),
        ("o200k_base", "gpt-4.1 gpt-4.1-mini gpt-4.5-preview gpt-5 gpt-5-mini gpt-5.1"),
        ("o200k_base", "o1 o1-mini o3 o3-mini o4-mini o4-mini-2025-04-16"),
        ("cl100k_base", "gpt-4 gpt-4-turbo gpt-4-0613 gpt-4-32k ft:gpt-4:us::1"),
        ("cl100k_base", "gpt-3.5-turbo gpt-3.5-turbo-0125 gpt-35-turbo ft:gpt-3.5-turbo:us::1"),
    ],
)
def test_every_family_of_models_has_its_encoding(name: str, models: str) -> None:
    for model in models.split():
        one = encoding(model)
        assert one is not None, model
        assert one.name == name


@pytest.mark.usefixtures("unused")
def test_every_model_that_chats_in_tiktoken_s_table_has_one() -> None:
    from tiktoken.model import MODEL_TO_ENCODING

    older = {"gpt2", "r50k_base", "p50k_base", "p50k_edit"}
    for model, name in MODEL_TO_ENCODING.items():
        assert (encoding(model) is None) == (name in older), model


@pytest.mark.parametrize("model", ["", "no-such-model", "llama3.2", "gpt2", "text-davinci-003"])
def test_a_model_without_a_shipped_encoding_has_none(model: str, cache: Path) -> None:
    assert encoding(model) is None
    assert not list(cache.iterdir())


@pytest.mark.parametrize("model", ["gpt-oss", "gpt-oss-20b", "gpt-oss-120b", "gpt-oss:20b"])
def test_what_only_its_server_can_count_has_none(model: str) -> None:
    assert encoding(model) is None


@pytest.mark.usefixtures("unused")
def test_it_is_built_without_a_socket_and_leaves_no_copy(cache: Path) -> None:
    import tiktoken.load

    for name in MODEL:
        built(name)
    assert not list(cache.iterdir())
    assert tiktoken.load.read_file_cached.__module__ == "tiktoken.load"


def _flipped(path: Path) -> None:
    packed = bytearray(path.read_bytes())
    packed[len(packed) // 2] ^= 1
    path.write_bytes(packed)


def _cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-1000])


def _other(path: Path) -> None:
    path.write_bytes(lzma.compress(lzma.decompress(path.read_bytes()) + b"\n"))


def _unpacked(path: Path) -> None:
    path.write_bytes(lzma.decompress(path.read_bytes()))


@pytest.mark.usefixtures("unused")
@pytest.mark.parametrize("damage", [_flipped, _cut, _other, _unpacked, Path.unlink])
def test_a_damaged_file_gives_none_and_is_not_downloaded(
    folder: Path, cache: Path, damage: Callable[[Path], None]
) -> None:
    import tiktoken.load

    damage(folder / "cl100k_base.tiktoken.xz")
    assert encoding("gpt-4") is None
    assert not list(cache.iterdir())
    assert tiktoken.load.read_file_cached.__module__ == "tiktoken.load"
    assert encoding("gpt-4o") is not None


@pytest.mark.usefixtures("unused")
def test_many_who_ask_first_at_once_get_the_one_that_is_built(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    read: list[str] = []
    original, together = encodings._shipped, Barrier(8)

    def counted(blobpath: str, expected_hash: str | None = None) -> bytes:
        read.append(blobpath)
        return original(blobpath, expected_hash)

    def asked(at: int) -> Any:
        together.wait()
        return encoding(("gpt-4o", "gpt-4", "o3", "no-such-model")[at % 4])

    monkeypatch.setattr(encodings, "_shipped", counted)
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(asked, range(8)))
    assert len(read) == 2
    assert len({id(found[at]) for at in (0, 2, 4, 6)}) == 1
    assert found[1] is found[5] is not None
    assert found[3] is found[7] is None


def test_the_record_is_true_of_the_shipped_files() -> None:
    recorded = json.loads((encodings.FOLDER / "encodings.json").read_text())["files"]
    assert {path.name for path in encodings.FOLDER.glob("*.xz")} == set(recorded)
    assert {f"{name}.tiktoken.xz" for name in MODEL} == set(recorded)
    for name, one in recorded.items():
        packed = (encodings.FOLDER / name).read_bytes()
        assert (one["shipped_sha256"], one["shipped_bytes"]) == (_sha256(packed), len(packed))
        plain = lzma.decompress(packed)
        assert (one["sha256"], one["bytes"]) == (_sha256(plain), len(plain))


def _sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


@pytest.mark.parametrize("name", MODEL)
def test_the_doctor_sees_a_damaged_encoding(name: str, tmp_path: Path) -> None:
    copytree(PACKAGE / "weights", tmp_path / "weights")
    copytree(PACKAGE / "reader" / "weights", tmp_path / "reader" / "weights")
    path = tmp_path / "weights" / "encodings" / f"{name}.tiktoken.xz"
    _flipped(path)
    assert damaged(tmp_path) == (path.name,)
    path.unlink()
    assert damaged(tmp_path) == (path.name,)


def test_the_licence_ships_with_them() -> None:
    text = (PACKAGE / "weights" / "LICENSE-tiktoken").read_text(encoding="utf-8")
    assert "MIT License" in text
    assert "OpenAI" in text
