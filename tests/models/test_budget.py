"""Token counts never reach for the network, and what does not fit is dropped, oldest first."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from companion.errors import ModelError
from companion.models import budget
from companion.models.encodings import encoding
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


def openai(model: str) -> budget.Count:
    count = budget.tiktoken_count(model)
    assert count is not None
    return count


@pytest.mark.parametrize("model", ["gpt-4o", "gpt-4"])
def test_a_model_of_openai_is_counted_by_its_encoding(model: str) -> None:
    count = openai(model)
    around = budget.OPENAI_PER_REQUEST + budget.OPENAI_PER_MESSAGE
    assert count([ChatMessage("user", "hello world")]) == around + 2
    twice = [ChatMessage("user", "hello world"), ChatMessage("assistant", "hello world")]
    assert count(twice) == around + 2 + budget.OPENAI_PER_MESSAGE + 2


@pytest.mark.parametrize("model", ["gpt-4o", "gpt-4"])
@pytest.mark.parametrize("role", ["system", "user", "assistant"])
def test_what_openai_documents_around_a_message_is_covered(model: str, role: str) -> None:
    known = encoding(model)
    assert known is not None
    assert 3 + len(known.encode(role)) < budget.OPENAI_PER_MESSAGE
    assert budget.OPENAI_PER_REQUEST > 3


@pytest.mark.parametrize("model", ["gpt-4o", "gpt-4"])
def test_the_text_of_a_special_token_is_counted_as_what_it_says(model: str) -> None:
    count, around = openai(model), budget.OPENAI_PER_REQUEST + budget.OPENAI_PER_MESSAGE
    for text in ("<|endoftext|>", "<|endofprompt|>", "a <|im_start|> b"):
        assert count([ChatMessage("user", text)]) > around + 2


def test_more_spaces_than_tiktoken_can_read_are_estimated() -> None:
    text = " " * 1_100_000 + "a"
    assert openai("gpt-4o")([ChatMessage("user", text)]) >= budget.estimate(text)


@pytest.mark.parametrize("model", ["no-such-model", "gpt-oss-20b", "gpt2"])
def test_a_model_without_an_encoding_has_no_count(model: str) -> None:
    assert budget.tiktoken_count(model) is None


def test_a_server_that_cannot_count_is_sent_no_words_for_it() -> None:
    with serving(servers.says("Yes.")) as (address, log):
        model = OpenAIChat(address, "tiny", context=2048)
        messages = [ChatMessage("user", "my private words")]
        assert model.count(messages) == budget.estimated(messages)
        assert model.count(messages) == budget.estimated(messages)
        assert model.counted_by == "an estimate"
        assert model.context == 2048
    assert {(one.method, one.body) for one in log.received} == {("GET", "")}
    assert len(log.received) <= 4
