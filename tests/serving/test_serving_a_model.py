"""A language model behind `serve`: guarded, replaced when it fails, stopped when nobody listens."""

from __future__ import annotations

import json
import socket
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from companion.serving.app import AT_ONCE
from tests.models.server import Handler, says, status
from tests.serving.running import ATTACK, DANGER, Served, turns

MESSAGE = "My sister called me selfish in front of everyone for not coming on Sunday."
GOOD = ("That word is not let in. ", "What Sunday meant is yours to say. ", "It stays out.")
SHAMING = (
    "You are being selfish, and you know it. ",
    "What did you expect when you let your family down? ",
    "You owe her an apology.",
)
MORE = ("The evening is yours too. ", "Her words were loud. ", "Your no was clear. ")


def streamed(served: Served, *messages: Any) -> str:
    create = served.client().chat.completions.create
    chunks = create(model="any", messages=turns(*messages), stream=True)
    return "".join(chunk.choices[0].delta.content or "" for chunk in chunks)


def test_its_sentences_are_the_reply_and_its_tokens_are_told(speaking) -> None:
    with speaking(says(*GOOD, usage=(700, 8))) as (served, _):
        answer = served.client().chat.completions.create(model="any", messages=turns(MESSAGE))
        assert answer.model == "tiny"
        assert answer.choices[0].message.content == "".join(GOOD)
        assert answer.usage
        assert (answer.usage.prompt_tokens, answer.usage.completion_tokens) == (700, 8)
        assert answer.model_extra["companion"]["host"] is None
        *_, last = served.client().chat.completions.create(
            model="any",
            messages=turns(MESSAGE),
            stream=True,
            stream_options={"include_usage": True},
        )
        assert last.usage.total_tokens == 708


def test_the_past_it_is_told_is_the_client_s(speaking) -> None:
    past = "Nobody gets to weigh your Sundays."
    with speaking(says(*GOOD)) as (served, log):
        served.eval(MESSAGE, ("assistant", past), "She wrote it to me again today.")
    asked = json.loads(log.chats[-1].body)["messages"]
    said = [(one["role"], one["content"]) for one in asked]
    assert ("user", MESSAGE) in said
    assert said[said.index(("user", MESSAGE)) + 1] == ("assistant", past)


@pytest.mark.parametrize("stream", [False, True])
def test_one_that_shames_is_withheld_and_taken_over(speaking, stream: bool) -> None:
    with speaking(says(*SHAMING)) as (served, _):
        told = served.eval(MESSAGE)
        reply = streamed(served, MESSAGE) if stream else told["reply"]
    assert reply
    assert not any(text.strip() in reply for text in SHAMING)
    assert told["withheld"]["count"] == len(told["withheld"]["reasons"]) == 2
    assert told["voice"] == "tiny, then embedded"
    assert "withheld" in told["taken_over"]
    assert not any(text.strip() in json.dumps(told) for text in SHAMING)


def test_one_that_fails_is_taken_over(speaking) -> None:
    with speaking(status(500)) as (served, _):
        told = served.eval(MESSAGE)
    assert told["reply"]
    assert told["voice"] == "tiny, then embedded"


def test_in_danger_it_is_not_asked(speaking) -> None:
    with speaking(says(*GOOD)) as (served, log):
        told = served.eval(ATTACK, ("assistant", "It stays out."), DANGER)
        assert told["voice"] == "vetted text"
    assert not log.chats


def test_a_danger_never_met_keeps_it_silent(speaking) -> None:
    with speaking(says(*GOOD)) as (served, log):
        assert served.eval(DANGER, ("assistant", "Try pasta."), MESSAGE)["crisis"] == "emergency"
    assert not log.chats


def test_what_stays_is_not_sent_elsewhere(speaking, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("companion.connection.is_loopback", lambda host: False)
    kept = {"id": "r", "kind": "authorship", "date": "2026-01-02", "stays": True}
    # Too short to be told by its words, so the turn that was given it is what must stay.
    kept["text"] = "Selfish? No."
    quoting = "You said it on 2 January: “Selfish? No.”"
    with speaking(says(*GOOD)) as (served, log):
        told = served.eval(
            MESSAGE,
            ("assistant", quoting),
            "She wrote it to me again today.",
            companion={"reflections": [kept]},
        )
        assert told["host"] == "127.0.0.1"
    assert log.chats
    sent = "".join(one.body for one in log.received)
    assert "2 January" not in sent
    assert "Selfish? No" not in sent


class Slow:
    """Says a sentence, then waits to be let go before it says more."""

    def __init__(self) -> None:
        self.asked, self.let_go = threading.Event(), threading.Event()

    def __call__(self, handler: Handler) -> None:
        handler.begin()
        for sentence in GOOD[:2]:
            handler.chunk(sentence)
        self.asked.set()
        self.let_go.wait(60)
        for sentence in MORE:
            handler.chunk(sentence)
            if handler.log.hung_up.wait(0.3):
                return
        handler.hold(30)


@pytest.mark.parametrize("stream", [False, True])
def test_a_client_that_leaves_stops_the_work(speaking, stream: bool) -> None:
    slow = Slow()
    with speaking(slow, between_tokens_seconds=60, total_seconds=120) as (served, log):
        body = {"messages": turns(MESSAGE), "stream": stream}
        leaving = threading.Thread(target=leave, args=(served, body, slow))
        leaving.start()
        leaving.join(60)
        slow.let_go.set()
        assert log.hung_up.wait(30)
        assert served.eval(DANGER)["crisis"] == "emergency"
    assert len(log.chats) == 1


def leave(served: Served, body: Any, slow: Slow) -> None:
    """Ask, and hang up once the model has begun."""
    data = json.dumps(body).encode()
    with socket.create_connection(("127.0.0.1", served.port), 60) as made:
        made.sendall(
            b"POST /v1/chat/completions HTTP/1.1\r\nHost: localhost\r\n"
            b"Authorization: Bearer a-token-of-the-test\r\n"
            b"Content-Length: %d\r\n\r\n%s" % (len(data), data)
        )
        assert slow.asked.wait(60)


def test_a_sentence_is_sent_before_the_next_is_written(speaking) -> None:
    slow = Slow()
    with speaking(slow, between_tokens_seconds=60, total_seconds=120) as (served, _):
        create = served.client().chat.completions.create
        chunks = create(model="any", messages=turns(MESSAGE), stream=True)
        said = (text for one in chunks if (text := one.choices[0].delta.content))
        assert next(said) == GOOD[0].strip()
        assert not slow.let_go.is_set()
        chunks.close()
        slow.let_go.set()


def test_two_at_once_are_both_answered(speaking) -> None:
    together = threading.Barrier(2)

    def behave(handler: Handler) -> None:
        # Each waits for the other to be asked as well.
        together.wait(60)
        says(*GOOD)(handler)

    with speaking(behave, first_token_seconds=60) as (served, _), ThreadPoolExecutor() as pool:
        both = list(pool.map(lambda _: served.eval(MESSAGE), range(2)))
    assert [told["reply"] for told in both] == ["".join(GOOD)] * 2


def test_more_than_a_few_are_all_answered(speaking) -> None:
    with speaking(says(*GOOD)) as (served, _), ThreadPoolExecutor(3 * AT_ONCE) as pool:
        told = list(pool.map(lambda _: served.eval(MESSAGE), range(3 * AT_ONCE)))
    assert [one["reply"] for one in told] == ["".join(GOOD)] * 3 * AT_ONCE
