"""The library: what suits a message is near it, says a detail of it, or is said of any."""

from __future__ import annotations

import numpy as np
import pytest

from companion.domain import Move, OldRule, Situation
from companion.ports import Vectors
from companion.voice.details import cue
from companion.voice.exchanges import AuthoredExchange, Option
from companion.voice.library import Library
from tests.steps.making import brief

ATTACKED = Situation.MEANING_ATTACKED


class Topics:
    """An embedder that knows three topics and nothing else."""

    name = "topics"

    def embed(self, texts) -> Vectors:
        rows = [
            [0.2 + ("work" in t), 0.2 + ("family" in t), 0.2 + ("body" in t)]
            for t in (text.casefold() for text in texts)
        ]
        vectors = np.array(rows, dtype=np.float32).reshape(-1, 3)
        return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


@pytest.fixture(autouse=True)
def _no_cache(tmp_path, monkeypatch) -> None:
    monkeypatch.setenv("COMPANION_CACHE", str(tmp_path))


def exchange(key: str, message: str, *said: Option, **more) -> AuthoredExchange:
    given = {
        "situation": ATTACKED,
        "topic": "work",
        "relation": None,
        "old_rule": None,
        "moves": {Move.CLOSE: said or (Option(f"No to this, {key}."),)},
        "advice": (),
    }
    return AuthoredExchange(id=key, message=message, **given | more)


def offered(exchanges, message: str, **more) -> list[str]:
    library = Library(Topics(), exchanges)
    given = brief(message=message, **more)
    offers = library.offers(ATTACKED, Move.CLOSE, library.moment(given))
    return [one.option.say for one in offers]


def test_the_nearer_exchange_comes_first() -> None:
    exchanges = [exchange("family", "about family"), exchange("work", "about work")]
    assert offered(exchanges, "something at work")[0] == "No to this, work."


def test_what_is_far_is_not_offered_at_all() -> None:
    body = exchange("body", "about the body", Option("No, body."))
    assert offered([body], "something at work") == []


def test_a_wording_that_names_a_detail_goes_before_one_that_does_not() -> None:
    cued = Option("No, and not at work over a mug.", frozenset({cue("mug")}))
    both = exchange("work", "about work", Option("No, not at work."), cued)
    assert offered([both], "work again, he threw my mug out")[0] == cued.say
    assert cued.say not in offered([both], "work again, he threw my cup out")


def test_what_fits_any_message_comes_last() -> None:
    anyway = exchange("any", "anything", Option("No."), fits_any=True)
    near = exchange("work", "about work", Option("No, not at work."))
    assert offered([anyway, near], "at work") == ["No, not at work.", "No."]
    assert offered([anyway, near], "about my body") == ["No."]


def test_a_shared_person_brings_an_exchange_nearer() -> None:
    exchanges = [exchange("one", "about work"), exchange("other", "about work", relation="boss")]
    assert offered(exchanges, "my boss at work")[0] == "No to this, other."


def test_a_shared_old_rule_brings_an_exchange_nearer() -> None:
    rule = OldRule.LOVE_CAN_BE_REVOKED
    exchanges = [exchange("one", "about work"), exchange("other", "about work", old_rule=rule)]
    assert offered(exchanges, "at work", old_rule=rule)[0] == "No to this, other."


def test_pushes_are_no_part_of_it(embedded_voice) -> None:
    for situation in Situation:
        given = brief(situation, message="you're just saying that")
        assert not any(one.pressed for one in embedded_voice.examples(given, 400))
