"""What a turn cost: tokens, and money where the person configured prices. Standard library only."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

_MILLION = Decimal(1_000_000)


@dataclass(frozen=True)
class Usage:
    """Tokens of one or more requests to a language model.

    `cached` is the part of `prompt` that the server had read before. `told` is true while every
    number is the server's own, false once one had to be counted or estimated here. `counted_by`
    says who counted what fits: "tiktoken", "the server" or "an estimate". `turns_left_out` is how
    many of the oldest turns did not fit.
    """

    prompt: int = 0
    completion: int = 0
    cached: int = 0
    requests: int = 0
    told: bool = True
    counted_by: str | None = None
    turns_left_out: int = 0

    def __add__(self, other: Usage) -> Usage:
        return Usage(
            prompt=self.prompt + other.prompt,
            completion=self.completion + other.completion,
            cached=self.cached + other.cached,
            requests=self.requests + other.requests,
            told=self.told and other.told,
            counted_by=other.counted_by or self.counted_by,
            turns_left_out=max(self.turns_left_out, other.turns_left_out),
        )


NOTHING_SPENT = Usage()


@dataclass(frozen=True)
class Cost:
    """`amount` is in `currency`, an ISO 4217 code. `exact` is false where tokens were estimated."""

    amount: Decimal
    currency: str
    exact: bool = True


@dataclass(frozen=True)
class Price:
    """What a million tokens cost in `currency`. Tokens from the server's cache may cost less."""

    currency: str
    prompt: Decimal
    completion: Decimal
    cached: Decimal | None = None

    def of(self, usage: Usage) -> Cost:
        """Give what this usage cost."""
        cached = self.prompt if self.cached is None else self.cached
        fresh = max(usage.prompt - usage.cached, 0)
        amount = fresh * self.prompt + usage.cached * cached + usage.completion * self.completion
        return Cost(amount / _MILLION, self.currency, usage.told)
