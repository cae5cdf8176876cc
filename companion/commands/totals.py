"""What each voice of a comparison comes to over all messages, and how it is said."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from statistics import median

from companion.commands.comparing import Answered
from companion.usage import Cost, Usage


@dataclass(frozen=True)
class Totals:
    """One voice over all messages: medians of the seconds, sums of everything else."""

    label: str
    answered: int
    first_seconds: float | None
    seconds: float | None
    usage: Usage
    cost: Cost | None
    shown: int
    withheld: int
    taken_over: int
    failed: str | None


def totals(answers: Iterable[Answered]) -> tuple[Totals, ...]:
    """Give medians and sums of each voice, in the order in which they answered."""
    by_label: dict[str, list[Answered]] = {}
    for answer in answers:
        by_label.setdefault(answer.label, []).append(answer)
    return tuple(_total(label, of) for label, of in by_label.items())


def _total(label: str, answers: Sequence[Answered]) -> Totals:
    good = [answer for answer in answers if answer.failed is None]
    return Totals(
        label=label,
        answered=len(good),
        first_seconds=_median(answer.first_seconds for answer in good),
        seconds=_median(answer.seconds for answer in good),
        usage=sum((answer.finished.usage for answer in good), Usage()),
        cost=_sum([answer.finished.cost for answer in good if answer.finished.cost]),
        shown=sum(len(answer.sentences) for answer in good if not answer.crisis.rank),
        withheld=sum(len(answer.withheld) for answer in good),
        taken_over=sum(answer.taken_over is not None for answer in good),
        failed=next((answer.failed for answer in answers if answer.failed), None),
    )


def _median(seconds: Iterable[float | None]) -> float | None:
    known = [each for each in seconds if each is not None]
    return median(known) if known else None


def _sum(costs: Sequence[Cost]) -> Cost | None:
    if not costs:
        return None
    amount = sum((cost.amount for cost in costs[1:]), costs[0].amount)
    return Cost(amount, costs[0].currency, all(cost.exact for cost in costs))


def figures(counted: Sequence[Totals]) -> list[list[str]]:
    """Give the rows of a table with a column for each voice, each row with its label first."""

    def tokens(one: Totals, count: int) -> str:
        return f"{count:,}" if one.usage.requests else "–"

    rows = [
        ["messages answered", *(str(one.answered) for one in counted)],
        ["first sentence, median", *(said_seconds(one.first_seconds) for one in counted)],
        ["whole reply, median", *(said_seconds(one.seconds) for one in counted)],
        ["tokens read", *(tokens(one, one.usage.prompt) for one in counted)],
        ["… of them cached", *(tokens(one, one.usage.cached) for one in counted)],
        ["tokens written", *(tokens(one, one.usage.completion) for one in counted)],
        ["cost", *(said_cost(one.cost) for one in counted)],
        ["sentences shown", *(str(one.shown) for one in counted)],
        ["sentences withheld", *(str(one.withheld) for one in counted)],
        ["replies taken over", *(str(one.taken_over) for one in counted)],
    ]
    return [row for row in rows if row[0] != "cost" or any(one.cost for one in counted)]


def said_cost(cost: Cost | None) -> str:
    """Say a cost, “about” where tokens were estimated."""
    if cost is None:
        return "–"
    return f"{'' if cost.exact else 'about '}{cost.amount:.5f} {cost.currency}"


def said_seconds(seconds: float | None) -> str:
    """Say how long something took."""
    return "–" if seconds is None else f"{seconds:.2f} s"
