"""A model speaks to nobody before its replies to authored messages belonged to them."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from companion.errors import ModelError, PoorReply
from companion.ports import Draft, SpeakingBrief
from companion.prompts import document
from companion.usage import NOTHING_SPENT, Usage
from companion.voice.trial import FOLLOWED, WITHHELD, Outcome, Trial, TriedVoice
from tests.steps.making import brief

BELONGING = {
    "choir": "No, the choir leader does not get to say why you sing alto the way you do.",
    "landlady": "Burning a pan and lying about it are things you did, and the pan can be replaced.",
    "library": "Eating your sandwiches in the library toilets at a new school is a lonely lunch.",
    "gala": "You missed the swimming gala after night shifts, and your daughter said it's okay.",
    "tomatoes": "Eleven red tomatoes on the balcony, and soup for the neighbours tonight.",
    "motorbike": "The motorbike is yours, whatever your cousin wrote in the family chat.",
    "storm": "A storm, no power, and every creak of the farmhouse with only the dog for company.",
    "tea bags": "Bringing your own tea bags for four days at your mother-in-law's is not rude.",
}
Say = Callable[[SpeakingBrief], Iterator[str]]


class Scripted:
    """A voice that says what a function of the brief gives."""

    name, host = "scripted", None

    def __init__(self, say: Say) -> None:
        self.say = say
        self.asked = 0

    def speak(self, brief: SpeakingBrief) -> Iterator[Draft]:
        self.asked += 1
        for text in self.say(brief):
            yield Draft(text)

    def amend(self, brief: SpeakingBrief, withheld: str, reason: str) -> Draft | None:
        return None

    def usage(self) -> Usage:
        return Usage(7, 3, requests=1)


def rightly(brief: SpeakingBrief) -> Iterator[str]:
    yield next(said for told, said in BELONGING.items() if told in brief.message)


def nothing_much(brief: SpeakingBrief) -> Iterator[str]:
    yield "You can do the thing that is there, and then it is there for you."


def of_instructions(brief: SpeakingBrief) -> Iterator[str]:
    yield from rightly(brief)
    yield "You have been asked to write a reply to this."


def failing(brief: SpeakingBrief) -> Iterator[str]:
    raise ModelError("It is not there.")
    yield ""


def endless(brief: SpeakingBrief) -> Iterator[str]:
    yield from rightly(brief)
    raise PoorReply("It wrote on without an end.")


def unfit(guard: Any) -> Callable[[Draft, SpeakingBrief], str | None]:
    return lambda draft, brief: guard.check(draft, brief.message, mode=brief.mode).reason


@pytest.fixture
def trial(monkeypatch: pytest.MonkeyPatch, tmp_path: Any, guard: Any, embedder: Any) -> Trial:
    monkeypatch.setenv("COMPANION_CACHE", str(tmp_path))
    return Trial("scripted", unfit(guard), embedder)


def test_one_whose_replies_belong_to_their_messages_passes(trial: Trial) -> None:
    outcome = trial.hold(Scripted(rightly))
    assert outcome == Outcome(8, 0)
    assert outcome.passed


@pytest.mark.parametrize("say", [nothing_much, of_instructions, endless])
def test_one_that_says_nothing_or_cannot_stop_does_not(trial: Trial, say: Say) -> None:
    outcome = trial.hold(Scripted(say))
    assert outcome is not None
    assert not outcome.passed
    assert "A larger model may do better." in outcome.said("scripted")


def test_one_that_cannot_be_reached_is_neither_and_tried_again(trial: Trial) -> None:
    assert trial.hold(Scripted(failing)) is None
    outcome = trial.hold(Scripted(rightly))
    assert outcome is not None
    assert outcome.passed


def test_the_outcome_is_remembered_for_this_model_alone(
    trial: Trial, guard: Any, embedder: Any
) -> None:
    trial.hold(Scripted(rightly))
    assert Trial("scripted", unfit(guard), embedder).outcome == Outcome(8, 0)
    assert Trial("another", unfit(guard), embedder).outcome is None


@pytest.mark.parametrize(
    ("followed", "withheld", "passed"),
    [(FOLLOWED, WITHHELD, True), (FOLLOWED - 1, 0, False), (8, WITHHELD + 1, False)],
)
def test_both_are_needed(followed: int, withheld: int, passed: bool) -> None:
    assert Outcome(followed, withheld).passed is passed


def waiting(trial: Trial) -> None:
    for thread in threading.enumerate():
        if thread.name == "companion-trial":
            thread.join(20)


def test_until_then_it_does_not_speak_and_the_first_turn_begins_the_trial(trial: Trial) -> None:
    voice = TriedVoice(Scripted(rightly), trial)
    with pytest.raises(ModelError, match="still being tried"):
        next(iter(voice.speak(brief())))
    assert voice.usage() == NOTHING_SPENT
    waiting(trial)
    asked = brief(message=document("trial")[0]["message"])
    assert [draft.text for draft in voice.speak(asked)] == [BELONGING["choir"]]
    assert voice.usage().requests == 1


def test_one_that_did_not_pass_says_so_and_is_not_asked_again(trial: Trial) -> None:
    scripted = Scripted(nothing_much)
    voice = TriedVoice(scripted, trial)
    voice.hold_trial()
    for _ in range(3):
        with pytest.raises(ModelError, match="does not speak here"):
            next(iter(voice.speak(brief())))
    assert scripted.asked == len(document("trial"))


def test_one_that_was_down_is_tried_with_the_next_turn(trial: Trial) -> None:
    scripted = Scripted(failing)
    voice = TriedVoice(scripted, trial)
    for _ in range(2):
        with pytest.raises(ModelError, match="still being tried"):
            next(iter(voice.speak(brief())))
        waiting(trial)
    assert scripted.asked == 2
