"""Offer: a sentence of the person's own that may be worth keeping; rather none than a wrong one."""

from __future__ import annotations

import pytest

from companion.domain import ReflectionKind
from companion.steps.offer import Offerer


@pytest.fixture(scope="module")
def offerer(in_memory) -> Offerer:
    return in_memory.workflow.use.offerer


@pytest.mark.parametrize(
    ("message", "kept", "kind"),
    [
        (
            "Work was long. I told him no and I didn't explain myself. Anyway, night.",
            "I told him no and I didn't explain myself.",
            ReflectionKind.AUTHORSHIP,
        ),
        (
            "It rained. My sister drove two hours just to sit with me.",
            "My sister drove two hours just to sit with me.",
            ReflectionKind.CONNECTION,
        ),
    ],
)
def test_a_moment_worth_keeping_is_offered_in_the_person_s_words(
    offerer, message: str, kept: str, kind: ReflectionKind
) -> None:
    offer = offerer.offer(message)
    assert (offer.text, offer.kind) == (kept, kind)


@pytest.mark.parametrize(
    "message",
    [
        "I am disgusting and everyone can see it.",
        "He called me a waste of space in front of everyone.",
        "What should I have for dinner tonight?",
        "ok",
        "...",
        "",
        "🙃🙃🙃",
    ],
)
def test_shame_and_small_talk_are_not_offered_for_keeping(offerer, message: str) -> None:
    assert offerer.offer(message).text is None


def test_a_question_is_not_offered(offerer) -> None:
    assert offerer.offer("Did I tell him no and not explain myself?").text is None


def test_what_is_offered_stands_in_the_message(offerer) -> None:
    message = (
        "first thing “today”: I hung up when he started shouting, first time in thirty years! yes"
    )
    offer = offerer.offer(message)
    assert offer.text
    assert offer.text in message


def test_a_very_long_sentence_is_too_long_to_keep(offerer) -> None:
    message = "I told him no and I did not explain myself " + "and then on and on " * 10
    assert offerer.offer(message).text is None
