"""Token counts never reach for the network, and what does not fit is dropped, oldest first."""

from __future__ import annotations

import base64
import hashlib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from companion.errors import ModelError
from companion.models import budget
from companion.models.openai_chat import OpenAIChat
from companion.ports import ChatMessage
from tests.models import server as servers
from tests.models.server import serving

SYSTEM, LAST = ChatMessage("system", "s"), ChatMessage("user", "last")


def by_length(messages: object) -> int:
    return sum(len(message.content) for message in messages)  # type: ignore[attr-defined]


@given(st.text())
def test_an_estimate_is_within_what_bytes_allow(text: str) -> None:
    assert 0 <= budget.estimate(text) <= len(text.encode())


@pytest.mark.parametrize(
    ("text", "least"),
    [("Hello there", 2), ("🙂", 3), ("qwrtp", 5), ("ARGH", 4), ("\n\n", 1), ("12345", 5)],
)
def test_an_estimate_is_high_for_what_is_unusual(text: str, least: int) -> None:
    assert budget.estimate(text) >= least


@given(st.lists(st.integers(1, 30), max_size=12), st.integers(5, 200))
def test_fit_keeps_the_latest_turns_and_no_fewer_than_fit(sizes: list[int], limit: int) -> None:
    history = [("m" * size, "r" * size) for size in sizes]
    fitted = budget.fit(by_length, SYSTEM, history, LAST, limit)
    kept = history[fitted.dropped :]
    spoken = [text for turn in kept for text in turn]
    assert [m.content for m in fitted.messages] == ["s", *spoken, "last"]
    assert fitted.tokens == by_length(fitted.messages) <= limit
    if fitted.dropped:
        assert fitted.tokens + 2 * sizes[fitted.dropped - 1] > limit


def test_what_never_fits_is_said() -> None:
    with pytest.raises(ModelError, match="too long for the model's window"):
        budget.fit(by_length, SYSTEM, [("a", "b")], LAST, 4)


def test_a_missing_vocabulary_is_never_downloaded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import requests
    import tiktoken.load

    def reached(*_: object, **__: object) -> None:
        pytest.fail("it reached for the network")

    monkeypatch.setattr(requests, "get", reached)
    monkeypatch.setenv("TIKTOKEN_CACHE_DIR", str(tmp_path))
    before = tiktoken.load.read_file
    assert budget.tiktoken_count("gpt-4o") is None
    assert budget.tiktoken_count("no-such-model") is None
    assert tiktoken.load.read_file is before


def test_a_vocabulary_on_the_disk_is_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import tiktoken.registry
    import tiktoken_ext.openai_public as public

    address = "https://example.invalid/tiny.tiktoken"
    ranks = b"".join(base64.b64encode(bytes([byte])) + f" {byte}\n".encode() for byte in range(256))
    (tmp_path / hashlib.sha1(address.encode()).hexdigest()).write_bytes(ranks)

    def tiny() -> dict[str, object]:
        from tiktoken.load import load_tiktoken_bpe

        return {
            "name": "tiny",
            "pat_str": r"\w+|\W+",
            "mergeable_ranks": load_tiktoken_bpe(address),
            "special_tokens": {"<|end|>": 256},
        }

    monkeypatch.setenv("TIKTOKEN_CACHE_DIR", str(tmp_path))
    monkeypatch.setattr(tiktoken.registry, "ENCODING_CONSTRUCTORS", {"cl100k_base": tiny})
    monkeypatch.setattr(tiktoken.registry, "ENCODINGS", {})
    assert public is not None
    count = budget.tiktoken_count("gpt-4")
    assert count is not None
    text = "abc <|end|>"
    expected = budget.PER_REQUEST + budget.PER_MESSAGE + len(text)
    assert count([ChatMessage("user", text)]) == expected


def test_a_server_that_cannot_count_is_sent_no_words_for_it() -> None:
    with serving(servers.says("Yes.")) as (address, log):
        model = OpenAIChat(address, "tiny", context=2048)
        messages = [ChatMessage("user", "my private words")]
        assert model.count(messages) == budget.estimated(messages)
        assert model.count(messages) == budget.estimated(messages)
        assert model.counted_by == "an estimate"
        assert model.context == 2048
    assert [(one.method, one.path, one.body) for one in log.received] == [("GET", "/props", "")]
