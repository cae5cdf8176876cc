"""Whatever a model server does, a person gets a whole reply in time and the next turn tries again.

Real turns of a whole Companion against a real misbehaving server on loopback.
"""

from __future__ import annotations

import json
import logging
import socket
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from companion.build import build_in_memory
from companion.core import Companion
from companion.events import Crisis, Event, Finished, Replaced, Sentence, TakenOver
from companion.ports import Turn
from companion.settings import Settings
from tests.models import server as servers
from tests.models.server import Behaviour, Log, Switch, serving
from tests.models.test_openai_chat import _self_signed as self_signed

KEY = "sk-secret-key-1234567890"
MESSAGE = "My sister called me selfish in front of everyone for not coming on Sunday."
GOOD = ("That word is not let in. ", "What Sunday meant is yours to say. ", "It stays out.")
TOTAL = 5.0

GERMAN = (
    "Das tut mir wirklich leid, dass deine Schwester so mit dir gesprochen hat. ",
    "Du darfst selbst entscheiden, was das bedeutet und was nicht. ",
    "Niemand sonst hat das Recht, dir einen Namen zu geben.",
)
SHAMING = (
    "You are being selfish, and you know it. ",
    "What did you expect when you let your family down? ",
    "You owe her an apology.",
)
MARKUP = (
    "![a picture](https://elsewhere.example/track.png?said=selfish) ",
    "Read more at www.elsewhere.example about this. ",
    "<script>alert(1)</script> is here.",
)
OVERFLOW = json.dumps(
    {"error": {"code": 400, "message": "the request exceeds the available context size"}}
)


@dataclass(frozen=True)
class Case:
    """`reason` is part of what the trace says of why the voice changed."""

    behaviour: Behaviour
    reason: str
    withheld: bool = False


CASES = {
    "401": Case(servers.status(401), "did not accept the key"),
    "403": Case(servers.status(403), "does not allow this"),
    "404, no such model": Case(servers.status(404), "knows no model"),
    "429 with Retry-After": Case(servers.status(429, retry_after="30"), "no more requests for now"),
    "500": Case(servers.status(500), "failed (500)"),
    "503": Case(servers.status(503), "failed (503)"),
    "a slow first word": Case(servers.silent, "no first word in 2 s"),
    "a stall in mid-sentence": Case(servers.stalls_after("That word is "), "fell silent"),
    "a cut connection": Case(servers.cut_inside_a_chunk, "cut"),
    "invalid JSON": Case(servers.raw("data: {oops", "data: [DONE]"), "not a chat completion"),
    "an empty reply": Case(servers.says(), "empty reply"),
    "a web page": Case(servers.web_page, "empty reply"),
    "the same sentence for ever": Case(servers.says(*["It stays out. "] * 40), "repeating itself"),
    "words without an end": Case(servers.endless, "without an end"),
    "another language": Case(servers.says(*GERMAN), "withheld", withheld=True),
    "a window too small": Case(servers.status(400, OVERFLOW), "can hold less"),
    "shaming": Case(servers.says(*SHAMING), "withheld", withheld=True),
    "links, pictures and markup": Case(servers.says(*MARKUP), "withheld", withheld=True),
}


def built(address: str, folder: Path, **more: Any) -> Companion:
    settings = {
        "connect_seconds": 1,
        "first_token_seconds": 2,
        "between_tokens_seconds": 1,
        "total_seconds": TOTAL,
        "model_reads": False,
        "api_key": KEY,
    } | more
    return build_in_memory(
        Settings(base_url=address, model="tiny", data=folder, keys=folder, **settings)
    )


class Talk:
    """One conversation, turn by turn."""

    def __init__(self, companion: Companion) -> None:
        self.companion = companion
        self.person = companion.journal.person().id
        self.id = companion.journal.start_conversation(self.person, companion.workflow.use.clock())

    def say(self, text: str = MESSAGE) -> list[Event]:
        return list(self.companion.reply(self.person, self.id, text))

    @property
    def last(self) -> Turn:
        return self.companion.journal.turns(self.id)[-1]


def shown(events: list[Event]) -> list[str]:
    return [event.text for event in events if isinstance(event, Sentence)]


@pytest.mark.parametrize("name", CASES)
def test_a_failing_model_is_replaced_visibly_and_asked_again_next_time(
    name: str, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    case, switch = CASES[name], Switch(CASES[name].behaviour)
    with serving(switch) as (address, log), caplog.at_level(logging.DEBUG):
        talk = Talk(built(address, tmp_path))
        began = time.monotonic()
        events = talk.say()
        took = time.monotonic() - began
        _whole_and_told(talk, events, case)
        # Once the waits are over there are only milliseconds left to spend; the rest is room for
        # the busiest computer.
        assert took < 2 * TOTAL + 10
        assert KEY not in caplog.text
        assert "selfish" not in caplog.text
        switch.now = servers.says(*GOOD)
        again = talk.say("She said it again today, louder.")
        if name == "429 with Retry-After":
            assert talk.last.trace["taken_over"].startswith("tiny has failed and is asked again")
        else:
            assert [text.strip() for text in GOOD] == shown(again)
            assert "taken_over" not in talk.last.trace
    assert all(one.headers["authorization"] == f"Bearer {KEY}" for one in log.chats)


def _whole_and_told(talk: Talk, events: list[Event], case: Case) -> None:
    said = shown(events)
    taken = [event for event in events if isinstance(event, TakenOver)]
    withheld = [event.text for event in events if isinstance(event, Replaced)]
    assert said
    assert len(taken) == 1
    assert case.reason in taken[0].reason
    assert bool(withheld) is case.withheld
    assert not set(said) & set(withheld)
    assert not any("elsewhere.example" in text for text in said)
    finished = events[-1]
    assert isinstance(finished, Finished)
    assert finished.voice == "tiny, then embedded"
    trace = talk.last.trace
    assert trace["taken_over"] == taken[0].reason
    assert talk.last.reply == " ".join(said)
    assert trace["usage"]["requests"] >= 1


def test_a_server_that_is_not_there(tmp_path: Path) -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        address = f"http://127.0.0.1:{unused.getsockname()[1]}/v1"
    talk = Talk(built(address, tmp_path))
    assert shown(talk.say())
    assert "No model server answers" in talk.last.trace["taken_over"]


def test_a_host_that_no_one_knows(tmp_path: Path) -> None:
    talk = Talk(built("http://no-such-host.invalid/v1", tmp_path))
    assert shown(talk.say())
    reason = talk.last.trace["taken_over"]
    assert "cannot be found" in reason or "no first word" in reason


def test_a_certificate_that_nobody_signed(tmp_path: Path) -> None:
    with serving(servers.says(*GOOD), self_signed(tmp_path)) as (address, log):
        talk = Talk(built(address, tmp_path))
        assert shown(talk.say())
    assert "TLS" in talk.last.trace["taken_over"]
    assert not log.received


def test_a_model_that_keeps_failing_is_left_in_peace_for_a_while(tmp_path: Path) -> None:
    with serving(servers.silent) as (address, log):
        talk = Talk(built(address, tmp_path))
        talk.say()
        talk.say("And she laughed.")
        asked = len(log.chats)
        assert shown(talk.say("Everyone heard it."))
        assert len(log.chats) == asked == 2
    assert "is asked again in" in talk.last.trace["taken_over"]


def test_what_was_shown_before_a_stall_stays_and_is_finished(tmp_path: Path) -> None:
    with serving(servers.stalls_after("That word is not let in. ", "What ")) as (address, _):
        talk = Talk(built(address, tmp_path))
        said = shown(talk.say())
    assert said[0] == "That word is not let in."
    assert len(said) > 1


def test_a_shorter_request_is_sent_when_the_window_turns_out_to_be_small(tmp_path: Path) -> None:
    def small(body: dict[str, Any]) -> Behaviour:
        size = sum(len(message["content"]) for message in body["messages"])
        return servers.says(*GOOD) if size < 9_000 else servers.status(400, OVERFLOW)

    with serving(servers.asking(small)) as (address, log):
        talk = Talk(built(address, tmp_path, context=8192))
        for number in range(4):
            talk.say(f"{MESSAGE} {number} " + "It went on like that the whole evening. " * 40)
            assert "taken_over" not in talk.last.trace
    sizes = [len(one.body) for one in log.chats]
    assert max(sizes) > 9_000
    assert talk.last.trace["usage"]["turns_left_out"] > 0


@pytest.fixture
def reading(tmp_path: Path) -> Iterator[tuple[Talk, Log]]:
    """A server that streams prose whatever it is asked, so that nothing can be read from it."""
    with serving(servers.says(*GOOD)) as (address, log):
        yield Talk(built(address, tmp_path, model_reads=True)), log


def test_a_model_that_cannot_answer_in_json_leaves_the_reading_to_the_embedded_reader(
    reading: tuple[Talk, Log],
) -> None:
    talk, log = reading
    talk.say()
    reader = talk.companion.workflow.use.reader
    until = time.monotonic() + 10
    while reader._second.proof.believed is None and time.monotonic() < until:
        time.sleep(0.02)
    assert reader._second.proof.believed is False
    schemas = sum("response_format" in json.loads(one.body) for one in log.chats)
    # Asked by schema, and asked to mend it, once.
    assert schemas == 2
    talk.say("And she laughed.")
    assert talk.last.trace["reading"]["readers"] == ["embedded"]


def test_in_danger_no_model_is_asked_to_speak(tmp_path: Path) -> None:
    with serving(servers.says("It will pass.")) as (address, log):
        talk = Talk(built(address, tmp_path))
        events = talk.say("I have the pills lined up and I am going to take them tonight.")
    assert any(isinstance(event, Crisis) for event in events)
    assert not log.chats
    assert "host" not in talk.last.trace
