"""What every Voice does: the embedded one, and a language model's over a scripted model."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from companion.domain import PastTurn, ReflectionKind, Situation
from companion.models.budget import estimated
from companion.ports import Draft, Ended, Voice
from companion.text import sentences
from companion.voice.llm import LanguageModelVoice
from tests.steps.making import brief, reflection


class Model:
    """A ChatModel that says three sentences in small pieces."""

    name, host, context, counted_by = "a model", None, 8192, "an estimate"

    def stream(self, messages: Any, *, max_tokens: int, schema: Any = None) -> Any:
        yield from ["No. That wo", "rd is not let", " in. What you did", " is yours to name."]
        return Ended("stop", 40, 12)

    def count(self, messages: Any) -> int:
        return estimated(messages)


@pytest.fixture(params=["embedded", "model"])
def voice(request: pytest.FixtureRequest, embedded_voice: Any) -> Voice:
    if request.param == "embedded":
        return embedded_voice
    return LanguageModelVoice(Model(), embedded_voice)


@pytest.fixture
def speak(voice: Voice) -> Callable[..., list[Draft]]:
    return lambda *situation, **changes: list(voice.speak(brief(*situation, **changes)))


def test_it_has_a_name_to_show(voice: Voice) -> None:
    assert voice.name


@pytest.mark.parametrize("situation", list(Situation))
def test_it_says_whole_sentences_in_every_situation(speak: Any, situation: Situation) -> None:
    drafts = speak(situation)
    assert drafts
    for draft in drafts:
        assert draft.text == draft.text.strip()
        assert sentences(draft.text) == [draft.text]


def test_it_speaks_with_all_that_it_may_be_given(speak: Any) -> None:
    kept = reflection("Rest is not laziness.", ReflectionKind.AUTHORSHIP)
    past = PastTurn("I am tired.", "That may be here.", Situation.SAFETY_MISSING)
    assert speak(recalled=(kept,), history=(past,) * 40, already=("No.",))


def test_it_can_be_left_in_the_middle_and_asked_again(voice: Voice) -> None:
    drafts = voice.speak(brief())
    first = next(drafts)
    drafts.close()  # type: ignore[attr-defined]
    assert next(voice.speak(brief())) == first


def test_it_speaks_to_two_at_once(voice: Voice) -> None:
    one, other = voice.speak(brief()), voice.speak(brief(Situation.SAFETY_MISSING))
    assert next(one)
    assert next(other)
    assert list(one)
    assert list(other)


def test_it_amends_with_a_whole_sentence_or_not_at_all(voice: Voice) -> None:
    amended = voice.amend(brief(), "You let this happen.", "It could sound like blame.")
    assert amended is None or sentences(amended.text) == [amended.text]


def test_it_says_what_it_used(voice: Voice, speak: Any) -> None:
    speak()
    usage = voice.usage()
    assert (usage.requests == 0) is (voice.name == "embedded")
    assert usage.cached <= usage.prompt
    assert (usage.prompt > 0) is (usage.completion > 0) is (usage.requests > 0)


def test_its_own_words_claim_no_author_and_authored_words_name_their_wording(
    voice: Voice, speak: Any
) -> None:
    authored = voice.name == "embedded"
    assert all((draft.source is not None) is authored for draft in speak())
