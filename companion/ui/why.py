"""*Why this reply*: what the journal's trace of a turn says, in plain words."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from companion.domain import MODE_QUESTION, Mode, OldRule, Reflection, Situation, Span
from companion.ports import Turn
from companion.ui import spent
from companion.ui.plain import day, inline, quoted
from companion.ui.words import OLD_RULES, READERS, STEPS, VOICES, WHAT_HAPPENED, WHAT_THE_REPLY_DOES

Lookup = Callable[[], Mapping[str, Reflection]]
"""Gives the reflections there are now, by id; called only when a trace names one."""

_NOT_GIVEN = (
    "<br>Marked “never leaves this computer”: the model was not given it, unless it was marked "
    "only afterwards."
)


def explained(turn: Turn, reflections: Lookup) -> str:
    """Give the whole explanation as a description list."""
    rows = "".join(f"<dt>{title}</dt><dd>{said}</dd>" for title, said in _rows(turn, reflections))
    return f'<div class="why"><dl>{rows}</dl></div>'


def _rows(turn: Turn, reflections: Lookup) -> Iterator[tuple[str, str]]:
    trace = turn.trace
    if "contacts" in trace:
        yield "What came first", "Someone’s safety. No mode applies, and no model writes here."
    if reading := trace.get("reading"):
        yield from _reading(turn.message, reading)
    if "recalled" in trace:
        host = trace.get("host")
        yield "Your reflections it was given", _recalled(trace["recalled"], reflections, host)
    if withheld := trace.get("replaced"):
        yield "Withheld before you saw it", _withheld(withheld)
    if voice := trace.get("voice"):
        spoke = (VOICES.get(one, one) for one in voice.split(", then "))
        yield "Who spoke", inline(", then ".join(spoke))
    if reason := trace.get("taken_over"):
        yield "Why the voice changed", inline(reason)
    if "usage" in trace:
        yield from spent.rows(trace)
    if seconds := trace.get("seconds"):
        yield "How long it took", _seconds(seconds)


def _reading(message: str, reading: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    mode = Mode(reading["mode"])
    yield "What seemed to be happening", inline(WHAT_HAPPENED[Situation(reading["situation"])])
    question = quoted(MODE_QUESTION[mode])
    yield WHAT_THE_REPLY_DOES[mode], f"It stands beside the question {question}"
    words = [Span(*pair).of(message) for pair in reading["words"]]
    if any(words):
        yield "Words it rests on", ", ".join(quoted(stretch) for stretch in words if stretch)
    if len(readers := reading.get("readers", ())) > 1:
        yield "Who read it", " and ".join(inline(READERS.get(one, one)) for one in readers)
    if also := reading.get("also"):
        yield "Also there", inline(WHAT_HAPPENED[Situation(also)])
    if rule := reading.get("old_rule"):
        yield "An old rule it may run on", quoted(OLD_RULES[OldRule(rule)])


def _recalled(ids: list[str], reflections: Lookup, host: str | None) -> str:
    if not ids:
        return "None. Nothing you kept was close enough to this."
    known = reflections()
    items = [
        f"{quoted(known[id].text)} ({day(known[id].kept_at)})"
        f"{_NOT_GIVEN if host and known[id].stays else ''}"
        if id in known
        else "One you have forgotten since; its text is gone."
        for id in ids
    ]
    return f"<ul>{''.join(f'<li>{item}</li>' for item in items)}</ul>"


def _withheld(replaced: list[Mapping[str, str]]) -> str:
    """Say why; the withheld sentence itself is not shown, because it is what must not be said."""
    counted = Counter(one["reason"] for one in replaced)
    items = "".join(
        f"<li>{inline(reason)}{f' ({count} sentences)' if count > 1 else ''}</li>"
        for reason, count in counted.items()
    )
    return f"<ul>{items}</ul>"


def _seconds(seconds: Mapping[str, float]) -> str:
    rows = "".join(
        f'<tr><th scope="row">{title}</th><td>{seconds[step]:.2f} s</td></tr>'
        for step, title in STEPS.items()
        if step in seconds
    )
    return f"<table>{rows}</table>"
