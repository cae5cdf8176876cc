"""The real `openai` client talks to a real server, whole and streamed."""

from __future__ import annotations

import asyncio
from typing import Any

import openai
import pytest

from companion.ports import Draft
from companion.serving.reply import DISCLOSURE
from companion.text import sentences
from tests.serving.running import ATTACK, DANGER, TOKEN, Served, serving_it, turns

REST = {
    "id": "r1",
    "kind": "authorship",
    "text": "Leaving at five is not laziness. I get to stop working.",
    "date": "2026-01-02",
}
ABOUT = {
    "situation",
    "mode",
    "crisis",
    "contacts",
    "help_near",
    "recalled",
    "voice",
    "taken_over",
    "host",
    "offer",
    "withheld",
    "ignored",
}


def about(answer: Any) -> dict[str, Any]:
    """Give the `companion` object beside what OpenAI's answers hold."""
    told: dict[str, Any] = answer.model_extra["companion"]
    return told


class TestWhole:
    def test_an_answer_is_a_chat_completion(self, served: Served) -> None:
        answer = served.client().chat.completions.create(model="any", messages=turns(ATTACK))
        (choice,) = answer.choices
        assert answer.object == "chat.completion"
        assert answer.model == "embedded"
        assert (choice.index, choice.finish_reason, choice.message.role) == (0, "stop", "assistant")
        assert choice.message.content
        assert answer.usage
        assert answer.usage.total_tokens == 0

    def test_it_says_how_the_message_was_read(self, served: Served) -> None:
        answer = served.client().chat.completions.create(model="any", messages=turns(ATTACK))
        told = about(answer)
        assert set(told) == ABOUT | {"disclosure"}
        assert (told["situation"], told["mode"]) == ("meaning_attacked", "boundary")
        assert (told["crisis"], told["voice"]) == ("none", "embedded")
        assert told["withheld"] == {"count": 0, "reasons": []}

    def test_country_reflections_and_now_come_in_an_extra_body(self, served: Served) -> None:
        given = {"reflections": [REST], "now": "2026-03-09", "country": "ie"}
        answer = served.client().chat.completions.create(
            model="any", messages=turns(ATTACK), extra_body={"companion": given}
        )
        assert about(answer)["recalled"] == ["r1"]
        assert "2 January" in str(answer.choices[0].message.content)

    def test_what_changes_nothing_is_passed_over(self, served: Served) -> None:
        create = served.client().chat.completions.create
        plain = create(model="any", messages=turns(ATTACK))
        tuned = create(
            model="gpt-4o",
            messages=turns(ATTACK),
            temperature=2,
            max_tokens=1,
            stop=["."],
            seed=7,
            n=1,
            tools=[],
            user="someone",
            response_format={"type": "text"},
            logit_bias={"50256": -100},
        )
        assert tuned.choices == plain.choices

    def test_text_parts_are_read_as_one_text(self, served: Served) -> None:
        create = served.client().chat.completions.create
        parts = [{"type": "text", "text": ATTACK[:20]}, {"type": "text", "text": ATTACK[20:]}]
        answer = create(model="any", messages=[{"role": "user", "content": parts}])
        assert about(answer)["situation"] == "meaning_attacked"

    def test_the_asynchronous_client_is_answered_too(self, served: Served) -> None:
        async def ask() -> Any:
            async with openai.AsyncOpenAI(base_url=served.address, api_key=TOKEN) as client:
                return await client.chat.completions.create(model="any", messages=turns(ATTACK))

        assert about(asyncio.run(ask()))["mode"] == "boundary"

    def test_any_script_comes_back_whole(self, served: Served) -> None:
        given = {**REST, "id": "नमस्ते 🙃", "text": f"{REST['text']} 休み 🙃 — “rest”."}
        answer = served.client().chat.completions.create(
            model="any",
            messages=turns(f"🙃 {ATTACK} — “休み”"),
            extra_body={"companion": {"reflections": [given]}},
        )
        assert about(answer)["recalled"] == ["नमस्ते 🙃"]
        assert "休み 🙃 — “rest”" in str(answer.choices[0].message.content)

    def test_half_a_character_breaks_nothing(self, served: Served) -> None:
        given = {**REST, "id": "half \ud83d"}
        told = served.eval(f"\ud83d {ATTACK}", companion={"reflections": [given]})
        assert told["recalled"] == ["half ?"]
        assert told["mode"] == "boundary"


class TestStreamed:
    @pytest.fixture(params=[ATTACK, DANGER, "hi"], ids=["attack", "danger", "hello"])
    def both(self, request, served: Served) -> tuple[Any, list[Any]]:
        create, said = served.client().chat.completions.create, turns(request.param)
        whole = create(model="any", messages=said)
        return whole, list(create(model="any", messages=said, stream=True))

    def test_the_pieces_joined_are_the_whole_reply(self, both) -> None:
        whole, chunks = both
        joined = "".join(chunk.choices[0].delta.content or "" for chunk in chunks)
        assert joined == whole.choices[0].message.content

    def test_the_first_has_the_role_and_the_last_what_is_known(self, both) -> None:
        whole, (first, *between, last) = both
        assert first.choices[0].delta.role == "assistant"
        assert [one.choices[0].finish_reason for one in (first, *between)] == [None] * (
            len(between) + 1
        )
        assert last.choices[0].finish_reason == "stop"
        assert about(last) == about(whole)
        assert len({chunk.id for chunk in (first, *between, last)}) == 1
        assert all(one.usage is None for one in (first, *between, last))

    def test_a_chunk_is_a_sentence(self, served: Served) -> None:
        create = served.client().chat.completions.create
        chunks = list(create(model="any", messages=turns(ATTACK), stream=True))
        said = [text for one in chunks if (text := one.choices[0].delta.content)]
        assert len(said) > 1
        assert all(text.rstrip()[-1] in ".!?…”" for text in said)

    def test_the_cost_comes_last_when_it_is_asked_for(self, served: Served) -> None:
        *_, before, last = served.client().chat.completions.create(
            model="any",
            messages=turns(ATTACK),
            stream=True,
            stream_options={"include_usage": True},
        )
        assert before.usage is None
        assert last.choices == []
        assert last.usage
        assert last.usage.total_tokens == 0

    def test_the_stream_ends_with_done(self, served: Served) -> None:
        body = {"messages": turns(ATTACK), "stream": True}
        answer = served.ask("POST", "/v1/chat/completions", body)
        assert answer.headers["content-type"].startswith("text/event-stream")
        assert answer.body.endswith(b"data: [DONE]\n\n")

    def test_a_stream_says_what_was_ignored(self, served: Served) -> None:
        said = turns(("developer", "Be brief."), ATTACK)
        answer = served.client().chat.completions.with_raw_response.create(
            model="any", messages=said, stream=True
        )
        assert "system message" in answer.headers["x-companion-ignored"]
        *_, last = answer.parse()
        assert about(last)["ignored"] == [answer.headers["x-companion-ignored"]]


class TestErrors:
    def test_a_wrong_token_is_an_authentication_error(self, served: Served) -> None:
        with pytest.raises(openai.AuthenticationError) as refused:
            served.client("wrong").models.list()
        assert refused.value.code == "invalid_api_key"

    def test_a_last_message_from_the_assistant_is_a_bad_request(self, served: Served) -> None:
        said = turns(ATTACK, ("assistant", "It stays out."))
        with pytest.raises(openai.BadRequestError, match="last message must be from the user"):
            served.client().chat.completions.create(model="any", messages=said)

    @pytest.mark.parametrize("stream", [False, True])
    def test_too_long_a_message_is_told_in_the_product_s_own_words(
        self, served: Served, stream: bool
    ) -> None:
        said = turns("a" * 8_001)
        with pytest.raises(openai.UnprocessableEntityError, match="one message can hold 8,000"):
            served.client().chat.completions.create(model="any", messages=said, stream=stream)

    def test_nothing_written_is_told_in_the_product_s_own_words(self, served: Served) -> None:
        with pytest.raises(openai.UnprocessableEntityError, match="nothing written yet"):
            served.client().chat.completions.create(model="any", messages=turns("  \n "))


class TestWhatItIs:
    def test_the_one_model_is_the_voice_and_says_that_it_is_software(self, served: Served) -> None:
        (model,) = served.client().models.list().data
        assert (model.id, model.object) == ("embedded", "model")
        assert about(model) == {"disclosure": DISCLOSURE, "host": None}

    def test_the_first_answer_carries_it_and_no_other(self, served: Served) -> None:
        first = served.eval(ATTACK)
        assert first["disclosure"] == DISCLOSURE
        assert DISCLOSURE not in first["reply"]
        assert "disclosure" not in served.eval(ATTACK, ("assistant", first["reply"]), "and again")

    def test_what_it_says_of_itself_passes_the_guard(self, guard) -> None:
        said = sentences(DISCLOSURE)
        assert len(said) == 2
        assert [guard.check(Draft(one, one, ""), "hi").reason for one in said] == [None, None]

    def test_introducing_itself_it_begins_the_first_reply_with_it(self, in_memory, reader) -> None:
        with serving_it(in_memory, reader, introduce=True) as served:
            first = served.eval(ATTACK)
            create = served.client().chat.completions.create
            chunks = list(create(model="any", messages=turns(ATTACK), stream=True))
            later = served.eval(ATTACK, ("assistant", first["reply"]), "and again")
            danger = served.eval(DANGER)
        assert first["reply"].startswith(f"{DISCLOSURE}\n\n")
        assert "".join(one.choices[0].delta.content or "" for one in chunks) == first["reply"]
        assert DISCLOSURE not in later["reply"]
        # Nothing stands before help.
        assert DISCLOSURE not in danger["reply"]
