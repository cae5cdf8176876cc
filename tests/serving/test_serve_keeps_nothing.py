"""Nothing that is asked or answered is written to a disk or to a log, also when it goes wrong."""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from companion.domain import Situation
from companion.ports import Draft, SpeakingBrief
from companion.usage import Usage
from tests.models.server import says
from tests.serving.running import DANGER, Served, serving_it, turns

SECRET = "Aunt Philippa from Kirkcaldy called me selfish on the tandem."
KEPT = {"id": "r", "kind": "authorship", "text": "I sold the tandem myself.", "date": "2026-01-02"}
CHAT = "/v1/chat/completions"


def everything(served: Served) -> None:
    """Ask in every way there is, also wrongly."""
    said = {"messages": turns(SECRET), "companion": {"reflections": [KEPT]}}
    for body in (
        said,
        {**said, "stream": True},
        {"messages": turns(SECRET, ("assistant", SECRET), SECRET)},
        {"messages": turns(DANGER, SECRET)},
        {"messages": turns(SECRET, ("assistant", SECRET))},
        {"messages": turns(SECRET * 400)},
        {"messages": SECRET},
    ):
        for path in (CHAT, "/eval", "/tandem"):
            served.ask("POST", path, body)
    served.ask("POST", CHAT, SECRET.encode())
    served.ask("POST", CHAT, said, headers={"Authorization": "Bearer tandem"})
    served.ask("GET", "/v1/models?said=tandem")


def test_no_log_holds_a_word_of_it(speaking, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG), speaking(says("It stays out.")) as (served, _):
        # The client of the model writes what it sends to its own log, if it is turned up.
        quiet = [logging.getLogger(name) for name in ("openai", "httpx", "httpcore")]
        for one in quiet:
            one.setLevel(logging.WARNING)
        everything(served)
    for record in caplog.records:
        assert "tandem" not in f"{record.getMessage()} {record.exc_info}", record.name


def test_no_file_holds_a_word_of_it(
    served: Served, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    everything(served)
    for name in ("COMPANION_DATA", "COMPANION_KEYS"):
        assert not Path(os.environ[name]).exists()
    assert list(tmp_path.iterdir()) == []
    cache = [path for path in Path(os.environ["COMPANION_CACHE"]).rglob("*") if path.is_file()]
    assert not any(b"tandem" in path.read_bytes() for path in cache)


def test_nothing_is_known_of_the_request_before(served: Served) -> None:
    alone = served.eval("Do you remember what she called me?")
    served.eval(SECRET, companion={"reflections": [KEPT], "country": "IE"})
    served.eval(DANGER)
    assert served.eval("Do you remember what she called me?") == alone


class Broken:
    """A voice with a fault in it, which tells what it was given."""

    name, host = "broken", None

    def speak(self, brief: SpeakingBrief) -> Iterator[Draft]:
        yield Draft("It stays out.")
        raise RuntimeError(brief.message)

    def amend(self, brief: SpeakingBrief, withheld: str, reason: str) -> None:
        return None

    def usage(self) -> Usage:
        return Usage()


@pytest.fixture
def broken(in_memory: Any, reader: Any) -> Iterator[Served]:
    def fresh(clock: Any) -> Any:
        made = in_memory.alone(clock)
        use = replace(made.workflow.use, voice=Broken())
        return replace(made, workflow=replace(made.workflow, use=use))

    with serving_it(replace(in_memory, fresh=fresh), reader) as served:
        yield served


def test_a_fault_is_one_sentence_and_no_word_of_it_is_logged(
    broken: Served, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG):
        answer = broken.ask("POST", CHAT, {"messages": turns(SECRET)})
        stream = broken.ask("POST", CHAT, {"messages": turns(SECRET), "stream": True})
    assert answer.status == 500
    assert answer.error["type"] == "server_error"
    assert b'"error"' in stream.body
    assert b"[DONE]" not in stream.body
    for said in (answer.body.decode(), stream.body.decode(), caplog.text):
        assert "tandem" not in said
    assert caplog.text.count("RuntimeError") == 2


def test_a_fault_does_not_end_the_server(broken: Served) -> None:
    for _ in range(6):
        broken.ask("POST", "/eval", {"messages": turns(SECRET)})
    assert broken.eval(DANGER)["crisis"] == "emergency"
    assert Situation.EVERYDAY not in broken.eval(DANGER).values()
