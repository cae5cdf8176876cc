"""Pressure: recognised only against something held, met in its mode, never answered twice alike."""

from __future__ import annotations

import pytest

from companion.domain import PastTurn, Situation
from companion.text import sentences, words
from companion.voice.exchanges import Push, load
from companion.voice.pressure import LONGEST, Pressure, held
from tests.steps.making import brief

HELD = {
    Situation.MEANING_ATTACKED: PastTurn(
        "my boss told everyone I'm lazy", "No. That word stays out.", Situation.MEANING_ATTACKED
    ),
    Situation.IDENTITY_SHAMED: PastTurn(
        "i'm a failure", "No. That isn't a name for you.", Situation.IDENTITY_SHAMED
    ),
    Situation.SAFETY_MISSING: PastTurn(
        "nobody has rung in weeks",
        "The phone is quiet.",
        Situation.SAFETY_MISSING,
    ),
    Situation.LOVE_REVOKED: PastTurn(
        "if they knew they'd all leave",
        "A fear to carry.",
        Situation.LOVE_REVOKED,
    ),
}
PUSHES = {
    Push.PUSHES_BACK: "no it IS true, stop being nice",
    Push.ASKS_FOR_PROOF: "prove it then",
    Push.MOCKS: "lol ok robot",
    Push.WITHDRAWS: "whatever. forget it",
    Push.GOES_SILENT: "...",
    Push.CHECKS: "are you sure?",
}


@pytest.fixture(scope="module")
def pressure(embedder) -> Pressure:
    return Pressure(embedder, load())


def reply_to(voice, message: str, history, situation=Situation.EVERYDAY) -> list[str]:
    given = brief(situation, message=message, history=tuple(history))
    return [draft.text for draft in voice.speak(given)]


@pytest.mark.parametrize("push", PUSHES)
@pytest.mark.parametrize("situation", HELD)
def test_a_push_is_known_for_what_it_is(pressure, push: Push, situation: Situation) -> None:
    found = pressure.of(PUSHES[push], [HELD[situation]])
    assert found is not None
    assert found[0] is push


@pytest.mark.parametrize("message", PUSHES.values())
def test_nothing_is_a_push_before_anything_was_held(pressure, message: str) -> None:
    assert pressure.of(message, []) is None
    assert pressure.of(message, [PastTurn("hi", "Hello.", Situation.EVERYDAY)]) is None


@pytest.mark.parametrize(
    "message",
    [
        "my sister rang, she wants me to come for christmas",
        "anyway i made soup and it came out all right for once",
        "he said prove it, and then he took my phone, and i've been up since four with the baby "
        "and i don't know what to say to him when he comes home tonight",
    ],
)
def test_something_new_is_no_push(pressure, message: str) -> None:
    assert pressure.of(message, list(HELD.values())) is None


def test_the_third_time_round_it_has_come_back(pressure) -> None:
    history = [HELD[Situation.IDENTITY_SHAMED]]
    for _ in range(2):
        history.append(PastTurn("no, i am a failure", "Still no.", Situation.IDENTITY_SHAMED))
    found = pressure.of("i am a failure, it's true", history)
    assert found is not None
    assert found[0] is Push.COMES_BACK


@pytest.mark.parametrize("situation", HELD)
@pytest.mark.parametrize("push", Push)
def test_it_is_met_in_the_mode_that_was_held(embedded_voice, situation, push: Push) -> None:
    authored = {
        sentence
        for one in load()
        if one.pressed and one.situation is situation
        for offered in one.moves.values()
        for option in offered
        for sentence in option.sentences
    }
    short = (one.message for one in load() if one.pressed is push)
    message = next(text for text in short if len(words(text)) <= LONGEST)
    given = brief(Situation.EVERYDAY, message=message, history=(HELD[situation],))
    drafts = list(embedded_voice.speak(given))
    assert drafts
    if push not in {Push.AGREES_TOO_FAST, Push.WITHDRAWS}:
        assert {draft.source for draft in drafts} <= authored


@pytest.mark.parametrize("situation", HELD)
def test_ten_pushes_are_met_without_saying_anything_twice(embedded_voice, guard, situation) -> None:
    history = [HELD[situation]]
    said: list[str] = []
    more = ["you're just saying that", "it IS true", "say it", "admit it"]
    for message in [*PUSHES.values(), *more]:
        reply = reply_to(embedded_voice, message, history)
        assert reply, message
        said += [one for one in reply if len(words(one)) >= 3]
        assert not any(guard.concedes(one) for one in reply), reply
        history.append(PastTurn(message, " ".join(reply), situation))
    assert len(said) == len(set(said))


def test_what_was_held_is_forgotten_after_small_talk() -> None:
    small = PastTurn("made soup", "Soup is good.", Situation.EVERYDAY)
    assert held([HELD[Situation.LOVE_REVOKED], small]) is Situation.LOVE_REVOKED
    assert held([HELD[Situation.LOVE_REVOKED], small, small, small]) is None


def test_every_situation_has_an_answer_to_every_push() -> None:
    there = {(one.situation, one.pressed) for one in load() if one.pressed}
    assert there == {(situation, push) for situation in HELD for push in Push}
    assert sum(bool(one.pressed) for one in load()) >= 120


def test_replies_to_pushes_are_short() -> None:
    for one in load():
        if one.pressed:
            for offered in one.moves.values():
                assert all(len(sentences(option.say)) <= 2 for option in offered), one.id
