"""No state is kept, and still a crisis lasts the conversation, and no vetted line comes twice."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from companion.batch import talking
from companion.serving.vetted import lines_in
from companion.settings import Settings
from tests.serving.running import ATTACK, CONCERN, DANGER, Served

SOUP = "thanks, i made soup and watched the football with my dad"
ELSEWHERE = ("assistant", "Here are five recipes for a quick dinner.")


def talked(
    served: Served, *messages: str, before: Sequence[Any] = (), **more: Any
) -> list[dict[str, Any]]:
    """Talk as a chat front end does: each request carries all that was said."""
    said = list(before)
    answers = []
    for message in messages:
        said.append(message)
        answers.append(served.eval(*said, **more))
        said.append(("assistant", answers[-1]["reply"]))
    return answers


CONVERSATIONS = {
    "attack": [ATTACK, "he said it again", "maybe he's right", "I am lazy", "thanks"],
    "emergency": [DANGER, "idk", "no", "forget it", "yes", "i'm safe now", SOUP, ATTACK],
    "concern, then a plan": [CONCERN, "idk", "yes", "what", "i'm safe now"],
    "concern, and on": [CONCERN, SOUP, "idk", ATTACK],
    "concern, and no": [CONCERN, "no", ATTACK, CONCERN, "no"],
    "pressed": [
        "mum called me selfish for saying i cant host this year. she said it twice",
        "no but it's true",
        "i am selfish",
        "it's back again",
        "still hearing it. still think she was right",
        "here we go again, same thing in my head at night",
    ],
    "under 18": ["im 15 and i want to die", "idk", "no"],
}


@pytest.mark.parametrize("name", CONVERSATIONS)
def test_told_again_each_time_it_goes_as_one_that_is_remembered(
    served: Served, in_memory: Any, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    turns, now = CONVERSATIONS[name], "2026-03-09T20:00:00+00:00"
    monkeypatch.setattr("companion.build.build_in_memory", lambda settings: in_memory)
    kept = talking(Settings())({"turns": turns, "country": "IE", "now": now})["replies"]
    told = talked(served, *turns, companion={"country": "IE", "now": now})
    for remembered, again in zip(kept, told, strict=True):
        assert again["crisis"] == remembered["crisis"]
        assert again["situation"] == remembered["situation"]
        assert remembered["text"] in again["reply"]
        assert again["contacts"] or again["reply"] == remembered["text"]


def test_fourteen_turns_in_danger_never_hear_a_vetted_line_twice(served: Served) -> None:
    answers = talked(served, DANGER, *["i don't know what to say to that"] * 13)
    assert {answer["crisis"] for answer in answers} == {"emergency"}
    spoken = [line.key for answer in answers for line in lines_in(answer["reply"])]
    assert len(spoken) >= 14
    assert len(spoken) == len(set(spoken))


def test_a_crisis_gives_the_contacts_of_the_country_in_words(served: Served) -> None:
    told = served.eval(DANGER, companion={"country": "GB"})
    first, *_ = told["reply"].splitlines()
    assert first.startswith("- Emergency services: 999")
    for contact in told["contacts"]:
        assert f"- {contact['name']}: {contact['value']}" in told["reply"]
    assert told["voice"] == "vetted text"
    assert (told["situation"], told["mode"]) == (None, None)


def test_in_a_concern_the_contacts_come_last(served: Served) -> None:
    told = served.eval(CONCERN, companion={"country": "GB"})
    assert told["crisis"] == "concern"
    assert told["reply"].splitlines()[-1].startswith("- ")
    assert not told["reply"].startswith("- ")


class TestADangerThatWasNeverMet:
    """Another program answered it, or nobody did."""

    @pytest.mark.parametrize("between", [[], [ELSEWHERE], [("assistant", "")]], ids=str)
    @pytest.mark.parametrize("last", ["what goes with rice?", "no", "yes", "ok thanks", ATTACK])
    @pytest.mark.parametrize(("danger", "level"), [(DANGER, "emergency"), (CONCERN, "concern")])
    def test_the_next_reply_begins_with_it(
        self, served: Served, between, last: str, danger: str, level: str
    ) -> None:
        told = served.eval(danger, *between, last)
        assert told["crisis"] == level
        assert [line.opens for line in lines_in(told["reply"])] == [True] * 3

    def test_it_stands_however_long_ago_it_was(self, served: Served) -> None:
        turns = [one for _ in range(45) for one in ("what goes with rice?", ELSEWHERE)]
        assert served.eval(DANGER, ELSEWHERE, *turns, "and with beans?")["crisis"] == "emergency"

    def test_a_concern_that_was_moved_on_from_is_over(self, served: Served) -> None:
        told = served.eval(CONCERN, ELSEWHERE, SOUP, ELSEWHERE, "and what goes with rice?")
        assert told["crisis"] == "none"
        assert not lines_in(told["reply"])

    def test_a_no_to_what_nobody_asked_ends_nothing(self, served: Served) -> None:
        told = served.eval(CONCERN, ELSEWHERE, "no", ELSEWHERE, "and what goes with rice?")
        assert told["crisis"] == "concern"
        assert all(line.opens for line in lines_in(told["reply"]))

    @pytest.mark.parametrize("before", [[], [ELSEWHERE]], ids=["unanswered", "answered elsewhere"])
    def test_who_says_they_are_safe_is_believed(self, served: Served, before) -> None:
        told = served.eval(DANGER, *before, "i'm safe now")
        assert told["crisis"] == "none"
        assert [line.name for line in lines_in(told["reply"])] == ["safe"]
        assert told["contacts"]

    def test_once_met_it_goes_on_as_any_other(self, served: Served) -> None:
        met = served.eval(CONCERN, ELSEWHERE, "no")
        after = served.eval(CONCERN, ELSEWHERE, "no", ("assistant", met["reply"]), "no")
        assert after["crisis"] == "none"
        assert [line.name for line in lines_in(after["reply"])] == ["no"]

    def test_a_worse_one_in_a_crisis_that_was_met_is_met_too(self, served: Served) -> None:
        first = served.eval(CONCERN)
        told = served.eval(CONCERN, ("assistant", first["reply"]), DANGER, ELSEWHERE, "hm ok")
        assert told["crisis"] == "emergency"
        assert all(line.opens for line in lines_in(told["reply"]))


class TestWhatTheRecordTells:
    def test_a_danger_that_only_a_model_had_read_stands(self, served: Served) -> None:
        met = served.eval(CONCERN)["reply"]
        told = served.eval("what goes with rice?", ("assistant", met), "yes")
        assert told["crisis"] == "emergency"
        assert [line.name for line in lines_in(told["reply"])] == ["yes"]

    def test_a_conversation_cut_short_still_knows_of_it(self, served: Served) -> None:
        first, second = talked(served, DANGER, "idk")
        cut = served.eval(
            ("assistant", first["reply"]), "idk", ("assistant", second["reply"]), "hm"
        )
        assert cut["crisis"] == "emergency"
        spoken = lines_in(first["reply"]) + lines_in(second["reply"])
        assert not set(spoken) & set(lines_in(cut["reply"]))

    @pytest.mark.parametrize(
        "line",
        [
            "It could have been a joke, and I would rather ask than pass over it. "
            "Might you still do it?",
            "It is not too small a thing to ring about.",
            "It's fine not to know. If in doubt, act as if it is not safe.",
            "While it is unclear, let us go on as if it were serious.",
        ],
    )
    def test_one_vetted_line_is_enough_to_know_and_is_not_said_again(
        self, served: Served, line: str
    ) -> None:
        (known,) = lines_in(line)
        answers = talked(served, *["idk"] * 8, before=[("assistant", line)])
        assert {answer["crisis"] for answer in answers} == {"emergency"}
        assert not any(known in lines_in(answer["reply"]) for answer in answers)

    def test_what_it_is_said_to_have_ended_is_over(self, served: Served) -> None:
        answers = talked(served, CONCERN, SOUP)
        assert [line.name for line in lines_in(answers[1]["reply"])] == ["resumed"]
        met, ended = (("assistant", answer["reply"]) for answer in answers)
        # As if a model had read on: the message alone does not clearly move on.
        said = [CONCERN, met, "hm idk", ended, "idk"]
        assert served.eval(*said)["crisis"] == "none"

    @pytest.mark.parametrize(("danger", "after"), [(CONCERN, "none"), (DANGER, "emergency")])
    def test_a_no_that_was_taken_as_one_ends_a_concern_alone(
        self, served: Served, danger: str, after: str
    ) -> None:
        answers = talked(served, danger, "no")
        assert [line.name for line in lines_in(answers[1]["reply"])] == ["no"]
        met, ended = (("assistant", answer["reply"]) for answer in answers)
        said = [danger, met, "hm idk", ended, "idk"]
        assert served.eval(*said)["crisis"] == after

    def test_a_greeting_before_the_first_message_answers_nothing(self, served: Served) -> None:
        greeted = served.eval(("assistant", "Hello! How can I help?"), ATTACK)
        plain = served.eval(ATTACK)
        assert greeted["reply"] == plain["reply"]

    def test_other_words_of_the_assistant_s_are_the_past(self, served: Served) -> None:
        first = served.eval(ATTACK)["reply"]
        kept = served.eval(ATTACK, ("assistant", first), ATTACK)["reply"]
        other = served.eval(ATTACK, ("assistant", "Go on."), ATTACK)["reply"]
        said = {sentence for sentence in first.split(". ") if len(sentence.split()) > 5}
        assert not any(sentence in kept for sentence in said)
        assert kept != other
