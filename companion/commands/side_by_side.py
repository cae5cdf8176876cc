"""What several voices said to the same messages, as text, as a Markdown page and as rows."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from textwrap import fill
from typing import Any

from companion.commands.comparing import Answered
from companion.commands.totals import Totals, figures, said_cost, said_seconds, totals
from companion.domain import CrisisLevel
from companion.text import clean_message
from companion.usage import Usage

LABEL = 26
"""Characters of the first column of the table at the end."""
COLUMN = 18

_MARKUP = re.compile(r"([\\`*_\[\]<>|#])")


def as_rows(answers: Iterable[Answered]) -> Iterator[dict[str, Any]]:
    """Yield plain JSON values, one object for each message and voice."""
    for answer in answers:
        done = answer.finished
        usage, cost = done.usage, done.cost
        yield {
            "message": answer.number,
            "text": answer.message,
            "voice": answer.label,
            "spoke": done.voice or None,
            "host": done.host,
            "reply": " ".join(answer.sentences),
            "situation": answer.situation,
            "mode": answer.mode,
            "crisis": answer.crisis,
            "first_seconds": _rounded(answer.first_seconds),
            "seconds": _rounded(answer.seconds),
            "usage": {
                "prompt": usage.prompt,
                "completion": usage.completion,
                "cached": usage.cached,
                "told": usage.told,
            }
            if usage.requests
            else None,
            "cost": {"amount": str(cost.amount), "currency": cost.currency, "exact": cost.exact}
            if cost
            else None,
            "withheld": [{"text": one.text, "reason": one.reason} for one in answer.withheld],
            "taken_over": answer.taken_over,
            "error": answer.failed,
        }


def as_text(answers: Sequence[Answered], width: int) -> str:
    """Give the comparison for a terminal of this width."""
    parts = [
        fill(f"{one.label} was left out: {one.failed}", width)
        for one in totals(answers)
        if one.failed
    ]
    for message, replies in _by_message(answers):
        number = replies[0].number
        parts.append(fill(f"{number}. “{_line(message)}”", width, subsequent_indent="   "))
        for answer in replies:
            said = [f"  {answer.label}"]
            said.append(_indented(_line(" ".join(answer.sentences)) or "(no reply)", width))
            said += [_indented(f"– {line}", width, "      ") for line in _details(answer)]
            parts.append("\n".join(said))
    return "\n\n".join([*parts, *_tables(totals(answers), width)]) + "\n"


def as_markdown(answers: Sequence[Answered]) -> str:
    """Give the comparison as a page, the table first."""
    counted = totals(answers)
    header = ["", *(_escaped(one.label) for one in counted)]
    parts = [
        "# Voices side by side",
        "The same authored messages through each voice, each the first of a conversation of its "
        "own. They are for looking, not for measuring. Written by `companion models compare`.",
        "\n".join(
            [_row(header), _row(["---"] * len(header)), *(_row(line) for line in figures(counted))]
        ),
    ]
    for one in counted:
        if one.failed:
            parts.append(f"**{_escaped(one.label)}** was left out: {_escaped(one.failed)}")
    for message, replies in _by_message(answers):
        parts.append(f"## Message {replies[0].number}\n\n> {_escaped(message)}")
        for answer in replies:
            reply = _escaped(" ".join(answer.sentences)) or "(no reply)"
            details = "\n".join(f"- {_escaped(line)}" for line in _details(answer))
            parts.append(f"**{_escaped(answer.label)}**\n\n{reply}\n\n{details}")
    return "\n\n".join(parts) + "\n"


def _by_message(answers: Sequence[Answered]) -> Iterator[tuple[str, list[Answered]]]:
    good: dict[int, list[Answered]] = {}
    for answer in answers:
        if answer.failed is None:
            good.setdefault(answer.number, []).append(answer)
    for number in sorted(good):
        yield good[number][0].message, good[number]


def _details(answer: Answered) -> Iterator[str]:
    done = answer.finished
    yield f"{_reading(answer)}; first sentence {said_seconds(answer.first_seconds)}, " + (
        f"whole reply {said_seconds(answer.seconds)}"
    )
    if done.usage.requests:
        cost = f"; {said_cost(done.cost)}" if done.cost else ""
        yield f"{_tokens(done.usage)}{cost}"
    for one in answer.withheld:
        yield f"withheld: “{_line(one.text)}” {one.reason}"
    if answer.taken_over:
        yield f"the embedded voice took over: {answer.taken_over}"


def _reading(answer: Answered) -> str:
    if answer.situation and answer.mode:
        return f"{answer.situation.value.replace('_', ' ')}, {answer.mode.value}"
    if answer.crisis is CrisisLevel.NONE:
        return "not read"
    return f"danger ({answer.crisis.value}), so vetted text and no voice"


def _tokens(usage: Usage) -> str:
    cached = f", {usage.cached:,} of them cached" if usage.cached else ""
    told = "told by the server" if usage.told else "partly estimated"
    return f"tokens: {usage.prompt:,} read{cached}, {usage.completion:,} written; {told}"


def _rounded(seconds: float | None) -> float | None:
    return None if seconds is None else round(seconds, 4)


def _tables(counted: Sequence[Totals], width: int) -> Iterator[str]:
    fit = max(1, (width - LABEL) // (COLUMN + 1))
    for start in range(0, len(counted), fit):
        some = counted[start : start + fit]
        rows = [["", *(_cut(one.label) for one in some)], *figures(some)]
        yield "\n".join(
            f"{name:<{LABEL}}{''.join(f' {cell:>{COLUMN}}' for cell in cells)}".rstrip()
            for name, *cells in rows
        )


def _cut(label: str) -> str:
    return label if len(label) <= COLUMN else f"{label[: COLUMN - 1]}…"


def _line(text: str) -> str:
    # A model's withheld words were not guarded: an escape sequence must not reach a terminal.
    return " ".join(clean_message(text).split())


def _indented(text: str, width: int, indent: str = "    ") -> str:
    return fill(text, width, initial_indent="    ", subsequent_indent=indent)


def _row(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _escaped(text: str) -> str:
    return _MARKUP.sub(r"\\\1", _line(text))
