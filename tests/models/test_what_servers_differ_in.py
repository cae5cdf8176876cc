"""One client for servers that differ: what one refuses is learned, and asked for in another way."""

from __future__ import annotations

import json
from typing import Any

import pytest

from companion.errors import ModelError, SchemaRefused
from companion.models.answers import Answers, Rung, form_of
from companion.models.failures import Endpoint
from companion.models.openai_chat import OpenAIChat
from companion.models.reading import SCHEMA, parsed
from companion.models.served import Served
from companion.models.transport import http_client
from companion.ports import ChatMessage, Ended
from tests.models import server as servers
from tests.models.server import Behaviour, serving
from tests.models.test_openai_chat import IMPATIENT, chat, heard

ANSWER = json.dumps({"danger": "none", "whose": "self", "situation": "everyday", "also": None})
ASKED = "Read this."


def refusing(word: str, otherwise: Behaviour, sentence: str = "") -> Behaviour:
    """Refuse a request that uses an option, as servers word it."""
    said = sentence or f"Unsupported parameter: '{word}'"

    def choose(body: dict[str, Any]) -> Behaviour:
        return servers.status(400, json.dumps({"error": said})) if body.get(word) else otherwise

    return servers.asking(choose)


def asked(log: servers.Log) -> list[dict[str, Any]]:
    return [json.loads(one.body) for one in log.chats]


def test_the_newer_name_of_the_limit_is_learned() -> None:
    said = "Unsupported parameter: 'max_tokens'. Use 'max_completion_tokens' instead."
    with serving(refusing("max_tokens", servers.says("Yes."), said)) as (address, log):
        model = chat(address)
        assert heard(model)[0] == heard(model)[0] == "Yes."
    assert ["max_tokens" in body for body in asked(log)] == [True, False, False]
    assert asked(log)[-1]["max_completion_tokens"] == 50


def test_a_server_that_refuses_to_stream_is_asked_for_the_whole() -> None:
    with serving(
        refusing("stream", servers.whole("Yes. ", "Whole."), "streaming is not supported")
    ) as (
        address,
        log,
    ):
        model = chat(address)
        assert heard(model) == ("Yes. Whole.", Ended("stop", 7, 3))
        assert heard(model)[0] == "Yes. Whole."
    assert [body["stream"] for body in asked(log)] == [True, False, False]


def test_a_server_that_answers_whole_though_a_stream_was_asked_for_is_understood() -> None:
    with serving(servers.whole("Yes. ", "Whole.")) as (address, log):
        assert heard(chat(address)) == ("Yes. Whole.", Ended("stop", 7, 3))
    assert len(log.chats) == 1


def test_a_server_that_refuses_everything_is_given_up() -> None:
    def choose(body: dict[str, Any]) -> Behaviour:
        word = next(w for w in ("stream_options", "max_tokens", "stream", "model") if w in body)
        return servers.status(400, json.dumps({"error": f"{word} max_completion_tokens: no"}))

    with serving(servers.asking(choose)) as (address, log), pytest.raises(ModelError):
        heard(chat(address))
    assert len(log.chats) <= 5


def test_what_the_server_had_read_before_is_counted() -> None:
    def behave(handler: servers.Handler) -> None:
        handler.begin()
        handler.chunk("Yes.")
        handler.chunk(reason="stop")
        usage = {"prompt_tokens": 90, "completion_tokens": 2, "total_tokens": 92}
        usage["prompt_tokens_details"] = {"cached_tokens": 64}
        handler.line(f"data: {json.dumps({'id': '1', 'choices': [], 'usage': usage})}")
        handler.line("data: [DONE]")

    with serving(behave) as (address, _):
        assert heard(chat(address))[1] == Ended("stop", 90, 2, 64)


def answers(address: str) -> Answers[Any]:
    return Answers(chat(address), SCHEMA, parsed)


class TestTheLadder:
    """A schema, else the form in words, each mended once; else no answer."""

    def test_a_server_that_knows_schemas_is_asked_by_schema(self) -> None:
        with serving(servers.says(ANSWER)) as (address, log):
            asking = answers(address)
            found, usage = asking.ask(ASKED, 90, 5.0)
        assert found is not None
        assert asking.rung is Rung.SCHEMA
        assert (usage.requests, usage.prompt) == (1, 7)
        assert asked(log)[0]["response_format"]["json_schema"]["schema"] == SCHEMA

    def test_a_server_that_refuses_schemas_is_asked_in_words_from_then_on(self) -> None:
        with serving(refusing("response_format", servers.says(ANSWER))) as (address, log):
            asking = answers(address)
            assert asking.ask(ASKED, 90, 5.0)[0] is not None
            assert asking.ask(ASKED, 90, 5.0)[0] is not None
        assert asking.rung is Rung.PROMPTED
        assert ["response_format" in body for body in asked(log)] == [True, False, False]
        assert form_of(SCHEMA) in asked(log)[-1]["messages"][0]["content"]

    @pytest.mark.parametrize("first", ["I think it is calm.", "{}", '{"danger": "very"}'])
    def test_an_answer_not_of_the_form_is_sent_back_once(self, first: str) -> None:
        with serving(servers.then(servers.says(first), servers.says(ANSWER))) as (address, log):
            found, usage = answers(address).ask(ASKED, 90, 5.0)
        assert found is not None
        assert usage.requests == 2
        roles = [message["role"] for message in asked(log)[-1]["messages"]]
        assert roles == ["user", "assistant", "user"]

    def test_an_answer_that_is_never_of_the_form_is_none(self) -> None:
        with serving(servers.says("I would rather talk.")) as (address, log):
            found, usage = answers(address).ask(ASKED, 90, 5.0)
        assert found is None
        assert usage.requests == len(log.chats) == 2

    def test_a_server_that_fails_is_none(self) -> None:
        with serving(servers.status(500)) as (address, _):
            assert answers(address).ask(ASKED, 90, 5.0)[0] is None

    def test_an_answer_that_comes_too_late_is_none(self) -> None:
        with serving(servers.endless) as (address, _):
            assert answers(address).ask(ASKED, 90, 0.2)[0] is None

    def test_a_model_that_was_found_to_refuse_is_not_asked_by_schema_again(self) -> None:
        with serving(refusing("response_format", servers.says(ANSWER))) as (address, log):
            model = chat(address)
            Answers(model, SCHEMA, parsed).ask(ASKED, 90, 5.0)
            with pytest.raises(SchemaRefused):
                next(model.stream([ChatMessage("user", "x")], max_tokens=5, schema=SCHEMA))
        assert len(log.chats) == 2


WINDOWS: dict[str, tuple[dict[str, Any], int | None]] = {
    "llama.cpp": ({"/props": {"default_generation_settings": {"n_ctx": 3000}}}, 3000),
    "vLLM": ({"/v1/models": {"data": [{"id": "tiny", "max_model_len": 8000}]}}, 8000),
    "a host of many": ({"/v1/models": {"data": [{"id": "tiny", "context_length": 9000}]}}, 9000),
    "LM Studio": (
        {
            "/v1/models": {"data": [{"id": "tiny"}]},
            "/api/v0/models": {"data": [{"id": "tiny", "loaded_context_length": 5000}]},
        },
        5000,
    ),
    "Ollama, loaded": (
        {
            "/v1/models": {"data": [{"id": "tiny:latest"}]},
            "/api/ps": {"models": [{"name": "tiny:latest", "context_length": 6000}]},
        },
        6000,
    ),
    "Ollama, not loaded": (
        {"/v1/models": {"data": [{"id": "tiny:latest"}]}, "/api/ps": {"models": []}},
        None,
    ),
    "another model's": ({"/v1/models": {"data": [{"id": "big", "max_model_len": 8000}]}}, None),
    "nothing told": ({}, None),
    "nonsense": ({"/props": ["no"], "/v1/models": {"data": "no"}}, None),
}


@pytest.mark.parametrize("name", WINDOWS)
def test_the_window_is_asked_of_each_kind_of_server(name: str) -> None:
    told, window = WINDOWS[name]
    with serving(servers.says("Yes."), told=told) as (address, log):
        model = OpenAIChat(address, "tiny", key="k", context=4096, waits=IMPATIENT)
        assert model.context == (window or 4096)
    # No words are sent to learn it.
    assert {(one.method, one.body) for one in log.received} == {("GET", "")}


def test_a_server_elsewhere_is_asked_for_no_more_than_it_must_know() -> None:
    with serving(servers.says("Yes.")) as (address, log):
        where = Endpoint(address, "tiny")
        with pytest.MonkeyPatch.context() as patched:
            patched.setattr("companion.models.served.is_loopback", lambda host: False)
            with http_client(where, "k", 1.0, 1.0) as http:
                assert Served(http, where).context() is None
    assert {one.path for one in log.received} == {"/props", "/v1/models"}


def test_an_ollama_that_passes_words_on_is_found_out() -> None:
    told = {"/api/tags": {"models": [{"name": "tiny", "remote_host": "https://ollama.com:443"}]}}
    with serving(servers.says("Yes."), told=told) as (address, _):
        where = Endpoint(address, "tiny")
        with http_client(where, None, 1.0, 1.0) as http:
            assert Served(http, where).passes_on_to() == "https://ollama.com:443"
            assert Served(http, Endpoint(address, "other")).passes_on_to() is None
