"""The batch forms: one object a line, in order, the same id, an error instead of an end."""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from companion import batch
from companion.domain import CrisisLevel, Situation
from companion.settings import Settings
from tests.models.server import Log, says, serving

READ_FIELDS = {"id", "situation", "mode", "also", "old_rule", "crisis", "probabilities"}
CHECK_FIELDS = {"id", "shames", "category", "span", "score", "ungrounded", "reasons"}
REPLY_FIELDS = {"text", "situation", "mode", "crisis", "recalled", "replaced", "voice"}
ATTACK = "My boss told everyone I'm lazy because I left at five o'clock again."
DANGER = "I'm going to kill myself tonight"
REST = {"id": "r1", "kind": "authorship", "text": "Rest is not laziness.", "date": "2026-01-02"}


def rows(answer: Callable[[batch.Row], batch.Row], *given: Any) -> list[batch.Row]:
    """Run lines through a form; a line that is not a text is written as JSON."""
    lines = [line if isinstance(line, str) else json.dumps(line) for line in given]
    out = io.StringIO()
    batch.run(io.StringIO("\n".join(lines)), out, answer)
    return [json.loads(line) for line in out.getvalue().splitlines()]


@pytest.fixture(scope="module")
def read(reader):
    return batch.reading(reader)


@pytest.fixture(scope="module")
def check(guard):
    return batch.checking(guard)


@pytest.fixture(scope="module")
def talk(in_memory):
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr("companion.build.build_in_memory", lambda settings: in_memory)
        return batch.talking(Settings())


class TestEveryForm:
    @pytest.fixture(params=["read", "check", "talk"])
    def form(self, request):
        answer = request.getfixturevalue(request.param)
        good = {
            "read": {"text": ATTACK},
            "check": {"reply": "It stays out."},
            "talk": {"turns": ["hi"]},
        }
        return answer, good[request.param]

    def test_answers_come_in_order_with_the_same_id(self, form) -> None:
        answer, good = form
        ids = [3, "two", None, 1.5, ["a"], {"b": 1}, "two"]
        assert [row["id"] for row in rows(answer, *({"id": i} | good for i in ids))] == ids

    def test_a_missing_id_is_null(self, form) -> None:
        answer, good = form
        (row,) = rows(answer, good)
        assert row["id"] is None

    @pytest.mark.parametrize("line", ["{", "nonsense", '{"id": 1,}', '"text"', "[1]", "null", "7"])
    def test_a_bad_line_is_an_error_and_the_next_is_answered(self, form, line: str) -> None:
        answer, good = form
        bad, fine = rows(answer, line, {"id": 2} | good)
        assert set(bad) == {"id", "error"}
        assert bad["error"].endswith(".")
        assert fine["id"] == 2
        assert "error" not in fine

    @pytest.mark.parametrize("wrong", [None, 7, [1], {"a": 1}, True])
    def test_a_wrong_type_is_an_error_with_the_id(self, form, wrong: Any) -> None:
        answer, good = form
        (row,) = rows(answer, {"id": "x"} | dict.fromkeys(good, wrong))
        assert row["id"] == "x"
        assert next(iter(good)) in row["error"]

    def test_empty_lines_are_passed_over(self, form) -> None:
        answer, good = form
        assert len(rows(answer, "", {"id": 1} | good, "   ", "")) == 1

    def test_the_number_of_failures_is_given(self, form) -> None:
        answer, good = form
        lines = io.StringIO(f"{{\n{json.dumps(good)}\n[]\n")
        assert batch.run(lines, io.StringIO(), answer) == 2

    def test_one_answer_is_one_line_whatever_the_text(self, form) -> None:
        answer, good = form
        strange = "one\u2028two\u0085\r\nthree 🙃"
        given = {k: strange if isinstance(v, str) else [strange] for k, v in good.items()}
        out = io.StringIO()
        batch.run(io.StringIO(json.dumps(given)), out, answer)
        assert out.getvalue().count("\n") == 1
        assert "error" not in json.loads(out.getvalue())


class TestRead:
    def test_it_has_exactly_these_fields(self, read) -> None:
        (row,) = rows(read, {"id": 1, "text": ATTACK, "country": "IE"})
        assert set(row) == READ_FIELDS
        assert (row["situation"], row["mode"]) == ("meaning_attacked", "boundary")
        assert row["crisis"] == "none"

    def test_probabilities_are_of_situations_and_of_crisis(self, read) -> None:
        (row,) = rows(read, {"text": ATTACK})
        shares = row["probabilities"]
        assert set(shares) == {s.value for s in Situation} | {
            f"crisis_{level.value}" for level in CrisisLevel
        }
        for names in ([s.value for s in Situation], [f"crisis_{v.value}" for v in CrisisLevel]):
            assert sum(shares[name] for name in names) == pytest.approx(1, abs=0.001)

    def test_in_crisis_the_situation_is_given_and_the_mode_is_null(self, read) -> None:
        (row,) = rows(read, {"text": DANGER})
        assert row["crisis"] == "emergency"
        assert row["mode"] is None
        assert row["situation"] in {s.value for s in Situation}

    def test_history_changes_how_a_short_message_is_read(self, read) -> None:
        before = [{"role": "user", "text": ATTACK}, {"role": "companion", "text": "No."}]
        alone, after = rows(read, {"text": "again"}, {"text": "again", "history": before})
        assert alone["probabilities"] != after["probabilities"]

    @pytest.mark.parametrize(
        "history", [["hi"], [{"role": "user"}], [{"text": 3}], 5, "hi", [None]]
    )
    def test_a_history_of_another_shape_is_an_error(self, read, history: Any) -> None:
        bad, fine = rows(read, {"id": 1, "text": ATTACK, "history": history}, {"text": "hi"})
        assert "error" in bad
        assert "error" not in fine

    @pytest.mark.parametrize("text", ["", "  ", "\u0000", "a" * 100_000])
    def test_what_no_one_can_answer_is_an_error_in_one_sentence(self, read, text: str) -> None:
        (row,) = rows(read, {"id": 1, "text": text})
        assert set(row) == {"id", "error"}


class TestCheck:
    def test_it_has_exactly_these_fields(self, check) -> None:
        for reply in ("It stays out.", "You're being selfish.", ""):
            (row,) = rows(check, {"id": 1, "reply": reply})
            assert set(row) == CHECK_FIELDS

    def test_a_kind_reply_does_not_shame(self, check) -> None:
        (row,) = rows(check, {"reply": "That word doesn't get to stay."})
        assert (row["shames"], row["category"], row["span"]) == (False, None, None)
        assert (row["ungrounded"], row["reasons"]) == ([], [])
        assert 0 <= row["score"] < 0.7

    def test_the_worst_sentence_decides_and_its_span_is_exact(self, check) -> None:
        reply = "That word doesn't get to stay.  You owe them forgiveness. It is late."
        (row,) = rows(check, {"reply": reply, "user": "My mum wants me to say sorry."})
        assert row["shames"] is True
        assert row["category"] in {"compliance", "moralising"}
        assert reply[slice(*row["span"])] == "You owe them forgiveness."
        assert 0.5 < row["score"] <= 1
        assert len(row["reasons"]) == 1

    def test_a_span_counts_characters_and_not_bytes(self, check) -> None:
        reply = "🙃 — “ok”.\n\nYou owe them forgiveness."
        (row,) = rows(check, {"reply": reply})
        assert reply[slice(*row["span"])] == "You owe them forgiveness."

    def test_the_same_sentence_twice_has_the_first_span(self, check) -> None:
        reply = "You owe them forgiveness. You owe them forgiveness."
        (row,) = rows(check, {"reply": reply})
        assert row["span"] == [0, 25]
        assert len(row["reasons"]) == 2

    def test_an_invented_past_is_ungrounded_with_its_span(self, check) -> None:
        reply = "It stays out. You told me about the garden and the roses."
        (row,) = rows(check, {"reply": reply})
        assert [reply[slice(*span)] for span in row["ungrounded"]] == [
            "You told me about the garden and the roses."
        ]
        assert row["reasons"]

    def test_a_reflection_grounds_what_it_holds(self, check) -> None:
        reply = "You wrote that rest is not laziness."
        bare = {"id": "r1", "text": REST["text"], "date": "2026-01-02"}
        grounded, invented = rows(check, {"reply": reply, "reflections": [bare]}, {"reply": reply})
        assert grounded["ungrounded"] == []
        assert len(invented["ungrounded"]) == 1

    def test_a_picture_gives_a_reason_without_a_category(self, check) -> None:
        (row,) = rows(check, {"reply": "![you](https://x.example/leak.png)"})
        assert row["reasons"] == ["It held a link, a picture or markup."]
        assert row["category"] is None

    @pytest.mark.parametrize(
        "reflections",
        [
            ["r"],
            [{}],
            [{"id": 1, "text": "x", "date": "soon"}],
            [{**REST, "kind": "secret"}],
            [{**REST, "stays": "false"}],
            7,
        ],
    )
    def test_reflections_of_another_shape_are_an_error(self, check, reflections: Any) -> None:
        (row,) = rows(check, {"id": 1, "reply": "Hello.", "reflections": reflections})
        assert set(row) == {"id", "error"}


class TestTalk:
    def test_every_turn_has_a_reply_with_these_fields(self, talk) -> None:
        (row,) = rows(talk, {"id": 7, "turns": [ATTACK, "thanks", ATTACK]})
        assert set(row) == {"id", "replies"}
        assert len(row["replies"]) == 3
        for reply in row["replies"]:
            assert set(reply) >= REPLY_FIELDS
            assert reply["text"]
            assert reply["crisis"] == "none"
            assert reply["voice"] == "embedded"
        assert row["replies"][0]["mode"] == "boundary"

    def test_a_conversation_goes_on_and_says_nothing_twice(self, talk) -> None:
        (row,) = rows(talk, {"turns": [ATTACK] * 3})
        assert len({reply["text"] for reply in row["replies"]}) == 3

    def test_lines_know_nothing_of_each_other(self, talk) -> None:
        _, second = rows(talk, {"turns": [ATTACK], "reflections": [REST]}, {"turns": [ATTACK]})
        assert second["replies"][0]["recalled"] == []
        danger, calm = rows(talk, {"turns": [DANGER]}, {"turns": [ATTACK]})
        assert danger["replies"][0]["crisis"] == "emergency"
        assert calm["replies"][0]["crisis"] == "none"

    def test_reflections_are_recalled_by_id(self, talk) -> None:
        kept = {**REST, "text": "Leaving work at five o'clock is not lazy."}
        (row,) = rows(talk, {"turns": [ATTACK], "reflections": [kept], "now": "2026-03-09"})
        (reply,) = row["replies"]
        assert reply["recalled"] == ["r1"]
        assert "2 January" in reply["text"] or "Leaving work" not in reply["text"]

    def test_a_crisis_has_no_mode_and_its_country_s_contacts(self, talk) -> None:
        (row,) = rows(talk, {"turns": [DANGER, "idk"], "country": "IE"})
        first, second = row["replies"]
        assert (first["crisis"], first["mode"], first["situation"]) == ("emergency", None, None)
        assert first["contacts"][0] == "Emergency services: 112"
        assert first["voice"] == "vetted text"
        assert second["crisis"] == "emergency"
        assert second["text"] != first["text"]

    def test_the_same_line_gives_the_same_answer(self, talk) -> None:
        line = {"id": 1, "turns": [ATTACK, "hi"], "now": "2026-03-09T10:00:00+01:00"}
        first, second = rows(talk, line, line)
        assert first == second

    @pytest.mark.parametrize(
        "line",
        [
            {"turns": "hi"},
            {"turns": [1]},
            {"turns": [""]},
            {"turns": ["a" * 100_000]},
            {"turns": ["hi"], "now": "tomorrow"},
            {"turns": ["hi"], "reflections": [{"id": 1}]},
        ],
        ids=str,
    )
    def test_a_line_that_cannot_be_answered_is_an_error(self, talk, line: Any) -> None:
        bad, fine = rows(talk, {"id": 1, **line}, {"id": 2, "turns": ["hi"]})
        assert set(bad) == {"id", "error"}
        assert fine["replies"]

    def test_no_turns_no_replies(self, talk) -> None:
        (row,) = rows(talk, {"id": 1, "turns": []})
        assert row == {"id": 1, "replies": []}


class TestTalkThroughAModel:
    KEPT = {**REST, "text": "Leaving work at five o'clock is not lazy."}

    @pytest.fixture
    def server(self) -> Iterator[tuple[str, Log]]:
        with serving(says("That word doesn't get to stay.", usage=(700, 8))) as (address, log):
            yield address, log

    @pytest.fixture
    def asked(self, server):
        """Gives a function that talks through the server and gives the one reply."""

        def ask(*reflections: Any) -> batch.Row:
            settings = Settings(base_url=server[0], model="m", model_reads=False)
            line = {"turns": [ATTACK], "reflections": reflections, "now": "2026-03-09"}
            (row,) = rows(batch.talking(settings), line)
            return row["replies"][0]

        return ask

    def test_the_row_says_what_it_cost_and_that_it_stayed_here(self, asked) -> None:
        reply = asked()
        assert reply["voice"] == "m"
        assert reply["usage"] == {"prompt": 700, "completion": 8, "cached": 0, "told": True}
        assert reply["host"] is None

    def test_the_row_names_the_host_that_was_sent_the_message(self, asked, monkeypatch) -> None:
        monkeypatch.setattr("companion.connection.is_loopback", lambda host: False)
        assert asked()["host"] == "127.0.0.1"

    def test_what_stays_is_not_sent_to_a_host(self, asked, server, monkeypatch) -> None:
        monkeypatch.setattr("companion.connection.is_loopback", lambda host: False)
        asked({**self.KEPT, "stays": True})
        assert "not lazy" not in "".join(one.body for one in server[1].received)
        asked(self.KEPT)
        assert "not lazy" in "".join(one.body for one in server[1].received)


def test_no_model_asked_no_cost_is_said(talk) -> None:
    (row,) = rows(talk, {"turns": [ATTACK]})
    assert not {"usage", "host"} & set(row["replies"][0])


def test_an_unexpected_failure_names_its_type_and_not_the_text() -> None:
    def broken(row: batch.Row) -> batch.Row:
        raise RuntimeError(row["text"])

    (row,) = rows(broken, {"id": 1, "text": "something private"})
    assert row["id"] == 1
    assert "RuntimeError" in row["error"]
    assert "private" not in row["error"]
