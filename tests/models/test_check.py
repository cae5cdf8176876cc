"""What works over a connection is found by trying it, and said in plain words."""

from __future__ import annotations

import json
from typing import Any

import pytest

from companion import connection
from companion.build import tried
from companion.connection import EMBEDDED, Connection, VoiceKind
from companion.errors import SettingsError
from companion.models.check import NEEDED, examine
from companion.models.nearby import nearby
from companion.models.openai_chat import OpenAIChat
from companion.settings import Settings
from tests.models import server as servers
from tests.models.server import Behaviour, serving
from tests.models.test_openai_chat import IMPATIENT
from tests.models.test_reading import rightly


def capable(body: dict[str, Any]) -> Behaviour:
    """Do what a good server with a good model does."""
    asked = body["messages"][-1]["content"]
    if "colour" in asked:
        return servers.says('{"colour": "blue"}')
    if "<message>" in asked:
        return servers.says(rightly(asked))
    return servers.says("Hello ", "there.")


GOOD = {
    "/props": {"default_generation_settings": {"n_ctx": 8192}},
    "/v1/models": {"data": [{"id": "tiny"}, {"id": "other"}]},
}


def found(behaviour: Behaviour, told: dict[str, Any] | None = None, **more: Any) -> dict[str, Any]:
    with serving(behaviour, told=told) as (address, _):
        model = OpenAIChat(address, "tiny", key="k", waits=IMPATIENT, **more)
        findings = list(examine(model))
        model.close()
    return {finding.about: finding for finding in findings}


def test_everything_works() -> None:
    findings = found(servers.asking(capable), GOOD)
    assert {finding.mark for finding in findings.values()} == {"fine"}
    assert set(findings) == {
        *("where words go", "model", "answers", "streams", "keeps to a form", "window"),
        "reads messages",
    }
    assert "stay on this computer" in findings["where words go"].said
    assert findings["window"].said.startswith("8,192 tokens, as the server says.")


def test_nothing_but_our_own_texts_is_sent() -> None:
    with serving(servers.asking(capable), told=GOOD) as (address, log):
        model = OpenAIChat(address, "tiny", key="k", waits=IMPATIENT)
        list(examine(model, reads=False))
        model.close()
    asked = [json.loads(one.body)["messages"] for one in log.chats]
    assert [len(messages) for messages in asked] == [2, 1]
    assert "Say hello" in asked[0][1]["content"]


@pytest.mark.parametrize(
    ("behaviour", "said"),
    [
        (servers.status(401), "COMPANION_API_KEY"),
        (servers.status(404), "the model’s name"),
        (servers.silent, "no first word"),
        (servers.says(), "empty reply"),
    ],
    ids=["401", "404", "silence", "empty"],
)
def test_a_server_that_does_not_answer_ends_the_looking(behaviour: Behaviour, said: str) -> None:
    findings = found(behaviour)
    assert findings["answers"].mark == "wrong"
    assert said in findings["answers"].said
    assert "window" not in findings


def test_a_wrong_name_is_told_with_what_there_is() -> None:
    listed = {"/v1/models": {"data": [{"id": "llama3.2"}, {"id": "gemma3"}]}}
    finding = found(servers.says("Hello."), listed)["model"]
    assert finding.mark == "wrong"
    assert finding.said == "The server lists no “tiny”. It has: llama3.2, gemma3."


def test_a_server_with_one_model_may_call_it_anything() -> None:
    listed = {"/v1/models": {"data": [{"id": "/models/a.gguf"}]}}
    assert found(servers.says("Hello."), listed)["model"].mark == "note"


def test_a_window_too_small_is_wrong() -> None:
    small = {"/props": {"default_generation_settings": {"n_ctx": NEEDED - 1}}}
    assert found(servers.says("Hello."), small)["window"].mark == "wrong"
    tight = {"/props": {"default_generation_settings": {"n_ctx": NEEDED}}}
    assert found(servers.says("Hello."), tight)["window"].mark == "note"


def test_a_model_that_only_talks_does_not_read() -> None:
    findings = found(servers.says("Hello ", "there."))
    assert findings["keeps to a form"].mark == "note"
    assert findings["reads messages"].mark == "note"


def test_words_that_come_whole_are_noted() -> None:
    assert found(servers.whole("Hello."))["streams"].mark == "note"


def test_words_that_leave_are_noted_with_the_host() -> None:
    finding = found(servers.says("Hello."), host="models.example")["where words go"]
    assert (finding.mark, finding.said) == ("note", "They are sent to models.example.")


def test_an_ollama_that_passes_words_on_is_refused() -> None:
    relay = {"/api/tags": {"models": [{"name": "tiny", "remote_host": "https://ollama.com"}]}}
    with serving(servers.says("Hello."), told=relay) as (address, _):
        where = Connection(VoiceKind.ADDRESS, address, "tiny")
        with pytest.raises(SettingsError, match=r"passes .* on to https://ollama\.com"):
            list(tried(Settings(), where))


def test_the_embedded_voice_needs_no_trying() -> None:
    assert [finding.mark for finding in tried(Settings(), EMBEDDED)] == ["fine"]


def test_a_connection_is_tried_with_the_key_it_is_given(tmp_path) -> None:
    with serving(servers.asking(capable), told=GOOD) as (address, log):
        where = Connection(VoiceKind.ADDRESS, address, "tiny")
        list(tried(Settings(keys=tmp_path), where, "sk-typed", reads=False))
    assert {one.headers.get("authorization") for one in log.received} == {"Bearer sk-typed"}
    assert list(tmp_path.iterdir()) == []


def test_servers_on_this_computer_are_found_at_their_ports() -> None:
    with (
        serving(servers.says("Hello."), told=GOOD) as (address, log),
        serving(servers.says("Hello.")) as (other, _),
    ):
        ports = [int(one.rsplit(":", 1)[1].split("/")[0]) for one in (address, other)]
        there = nearby([*ports, 9])
    assert [one.model for one in there] == ["tiny", "other"]
    assert not any(one.leaves for one in there)
    assert connection.is_loopback("127.0.0.1")
    assert {one.body for one in log.received} == {""}
