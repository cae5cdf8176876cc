"""*Why this reply*: where words went, tokens, and money."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from companion.domain import Reflection, ReflectionKind
from companion.ports import Turn
from companion.ui.spent import money, tokens
from companion.ui.why import explained

AT = datetime(2025, 11, 4, tzinfo=UTC)
USAGE = {
    "prompt": 812,
    "completion": 96,
    "cached": 600,
    "requests": 2,
    "told": True,
    "counted_by": "tiktoken",
    "turns_left_out": 0,
}


def why(trace: dict[str, Any], *known: Reflection) -> str:
    turn = Turn("t", "c", "hello", AT, trace=trace)
    return explained(turn, lambda: {one.id: one for one in known})


def test_tokens_are_said_in_plain_words() -> None:
    assert tokens(USAGE) == (
        "812 read, 600 of them from before; 96 written. The server’s own count. "
        "What fits was counted by tiktoken."
    )


def test_an_estimate_is_called_one_and_what_did_not_fit_is_said() -> None:
    said = tokens(USAGE | {"told": False, "counted_by": "an estimate", "turns_left_out": 3})
    assert "Estimated here. What fits was estimated. The 3 oldest messages" in said
    assert "server" not in said
    assert "The oldest message and its reply" in tokens(USAGE | {"turns_left_out": 1})


@pytest.mark.parametrize(
    ("amount", "exact", "said"),
    [
        ("0.00021", True, "less than 0.01 USD"),
        ("0.00021", False, "less than about 0.01 USD"),
        ("0.0251", True, "0.03 USD"),
        ("1234.5", False, "about 1,234.50 USD"),
        ("0", True, "0.00 USD"),
        ("a lot", True, "Not known."),
    ],
)
def test_money_is_written_as_people_write_it(amount: str, exact: bool, said: str) -> None:
    assert money({"amount": amount, "currency": "USD", "exact": exact}) == said


def test_where_words_went_is_named() -> None:
    said = why({"usage": USAGE, "host": "models.example"})
    assert "<dt>Where your words went</dt><dd>models.example</dd>" in said
    assert "<dt>Cost" not in said
    assert "Nowhere; the model runs on this computer." in why({"usage": USAGE, "host": None})


def test_a_turn_without_a_model_says_nothing_of_it() -> None:
    assert "Tokens" not in why({"voice": "embedded"})
    assert "Tokens" not in why({"voice": "old", "tokens": {"prompt": 3}})


@pytest.mark.parametrize(
    ("host", "stays", "said"),
    [("models.example", True, True), (None, True, False), ("models.example", False, False)],
)
def test_a_reflection_that_stayed_is_said_to_have(host: str, stays: bool, said: bool) -> None:
    kept = Reflection("r", ReflectionKind.MOMENT, "Sam drove two hours", AT, stays)
    seen = why({"recalled": ["r"], "usage": USAGE, "host": host}, kept)
    assert "Sam drove two hours" in seen
    assert ("the model was not given it" in seen) is said


def test_both_voices_of_a_reply_are_named() -> None:
    said = why({"voice": "large, then embedded"})
    assert "<dd>large, then the voice that comes with Companion, on this computer</dd>" in said
