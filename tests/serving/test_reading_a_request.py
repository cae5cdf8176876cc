"""What a request may hold, and the one sentence for what it may not."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from companion.domain import ReflectionKind
from companion.serving.asking import asked
from companion.serving.messages import NOT_READ, Exchange, conversation
from companion.serving.refused import Refused
from tests.serving.running import turns

HI = {"role": "user", "content": "hi"}
KEPT = {"id": "r", "text": "Rest is not laziness.", "date": "2026-01-02"}

BAD_MESSAGES = {
    "none": None,
    "a text": "hi",
    "empty": [],
    "an object": {"role": "user"},
    "texts": ["hi"],
    "no role": [{"content": "hi"}],
    "an unknown role": [{"role": "wizard", "content": "hi"}],
    "a role of another type": [{"role": ["user"], "content": "hi"}],
    "a tool's": [HI, {"role": "tool", "content": "7", "tool_call_id": "1"}, HI],
    "a tool's call": [HI, {"role": "assistant", "content": "", "tool_calls": [{"id": "1"}]}, HI],
    "no content": [{"role": "user"}],
    "nothing as content": [{"role": "user", "content": None}],
    "a number": [{"role": "user", "content": 7}],
    "an image": [{"role": "user", "content": [{"type": "image_url", "image_url": {"url": "x"}}]}],
    "audio": [{"role": "user", "content": [{"type": "input_audio", "input_audio": {}}]}],
    "a part that is a text": [{"role": "user", "content": ["hi"]}],
    "a part without a text": [{"role": "user", "content": [{"type": "text", "text": 7}]}],
    "the assistant's last": [HI, {"role": "assistant", "content": "hello"}],
    "the system's alone": [{"role": "system", "content": "hi"}],
}
BAD = {
    "two replies": {"n": 2},
    "tools": {"tools": [{"type": "function"}]},
    "functions": {"functions": [{"name": "f"}]},
    "audio": {"audio": {"voice": "alloy", "format": "wav"}},
    "to be spoken": {"modalities": ["text", "audio"]},
    "modalities that are no list": {"modalities": "text"},
    "JSON": {"response_format": {"type": "json_object"}},
    "a format that is no object": {"response_format": "text"},
    "a stream that is no yes or no": {"stream": "yes"},
    "stream options that are no object": {"stream_options": True},
    "our part as a text": {"companion": "IE"},
    "an unknown name in our part": {"companion": {"land": "IE"}},
    "a country by its name": {"companion": {"country": "Ireland"}},
    "a country by number": {"companion": {"country": 353}},
    "a moment that is none": {"companion": {"now": "tomorrow"}},
    "a moment that is a number": {"companion": {"now": 7}},
    "a moment too far": {"companion": {"now": "0001-01-01"}},
    "reflections that are no list": {"companion": {"reflections": {"id": "r"}}},
    "a reflection that is a text": {"companion": {"reflections": ["rest"]}},
    "one without a date": {"companion": {"reflections": [{"id": "r", "text": "rest"}]}},
    "one of an unknown kind": {"companion": {"reflections": [{**KEPT, "kind": "wish"}]}},
    "one with a number for an id": {"companion": {"reflections": [{**KEPT, "id": 1}]}},
    "one without words": {"companion": {"reflections": [{**KEPT, "text": " "}]}},
    "one that stays in words": {"companion": {"reflections": [{**KEPT, "stays": "no"}]}},
    "one twice": {"companion": {"reflections": [KEPT, KEPT]}},
    "one from before all": {"companion": {"reflections": [{**KEPT, "date": "0001-01-01"}]}},
}


@pytest.mark.parametrize("given", BAD_MESSAGES.values(), ids=BAD_MESSAGES)
def test_messages_of_another_shape_are_refused_in_a_sentence(given: Any) -> None:
    with pytest.raises(Refused) as refused:
        asked({"messages": given})
    assert refused.value.status == 400
    assert str(refused.value).endswith(".")
    assert str(refused.value.param).startswith("messages")


@pytest.mark.parametrize("more", BAD.values(), ids=BAD)
def test_what_is_not_given_here_is_refused_in_a_sentence(more: dict[str, Any]) -> None:
    with pytest.raises(Refused) as refused:
        asked({"messages": [HI], **more})
    assert refused.value.status == 400
    assert str(refused.value).endswith(".")
    assert str(refused.value.param).split(".")[0] == next(iter(more))


@pytest.mark.parametrize("text", ["", " \n", "\u0000", "a" * 8_001], ids=len)
def test_what_the_product_does_not_take_is_refused_in_its_own_sentence(text: str) -> None:
    with pytest.raises(Refused) as refused:
        asked({"messages": [HI, {"role": "user", "content": text}]})
    assert refused.value.status == 422
    assert refused.value.param == "messages[1].content"


def test_an_earlier_message_that_is_too_long_is_named() -> None:
    with pytest.raises(Refused) as refused:
        asked({"messages": turns("a" * 8_001, ("assistant", "It stays out."), "hi")})
    assert (refused.value.status, refused.value.param) == (422, "messages[0].content")


def test_nothing_more_than_messages_is_needed() -> None:
    given = asked({"messages": [HI]})
    assert given.said.message == "hi"
    assert (given.country, given.now, given.reflections) == (None, None, ())
    assert (given.stream, given.usage_wanted, given.first) == (False, False, True)


def test_nothing_given_is_as_nothing_said() -> None:
    names = ("n", "tools", "audio", "modalities", "stream", "stream_options", "companion")
    assert asked({"messages": [HI], **dict.fromkeys(names)}) == asked({"messages": [HI]})


def test_what_counts_beside_the_messages_is_read() -> None:
    ours = {"country": "ie", "now": "2026-03-09", "reflections": [{**KEPT, "stays": True}]}
    given = asked({"messages": [HI], "companion": ours, "stream": True})
    assert given.country == "IE"
    assert given.now == datetime(2026, 3, 9, tzinfo=UTC)
    (kept,) = given.reflections
    assert (kept.kind, kept.stays, kept.id) == (ReflectionKind.MOMENT, True, "r")
    assert given.stream


class TestPairing:
    @pytest.mark.parametrize(
        ("said", "past"),
        [
            ([("assistant", "hello"), "now"], [("", "hello")]),
            (["a", "b", "now"], [("a", ""), ("b", "")]),
            (["a", ("assistant", "A"), "b", "now"], [("a", "A"), ("b", "")]),
            (["a", ("assistant", "A"), ("assistant", "B"), "now"], [("a", "A\n\nB")]),
            (["a", ("assistant", ""), "now"], [("a", "")]),
            (["a", ("system", "s"), ("assistant", "A"), "now"], [("a", "A")]),
            (["", ("assistant", "A"), " ", "now"], [("", "A")]),
            (["now"], []),
        ],
        ids=str,
    )
    def test_a_message_and_its_reply_are_one_turn(self, said, past) -> None:
        told = conversation(turns(*said))
        assert told.message == "now"
        assert told.past == tuple(Exchange(*pair) for pair in past)

    def test_a_conversation_that_nothing_answered_is_at_its_start(self) -> None:
        assert asked({"messages": turns("a", ("assistant", ""), "b")}).first
        assert not asked({"messages": turns("a", ("assistant", "A"), "b")}).first

    def test_any_system_message_is_named_once(self) -> None:
        assert conversation(turns(("system", "s"), "a", ("developer", "d"), "b")).ignored == (
            NOT_READ,
        )
        assert conversation(turns("a")).ignored == ()
