"""The vetted crisis text in what a client says was answered, and where that leaves a crisis.

No sentence stands twice in `prompts/crisis.yaml`, so a line tells which crisis it was said in.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

from companion.domain import CrisisKind, CrisisLevel, CrisisState
from companion.prompts import document
from companion.steps.triage import line_key
from companion.text import plain

ENDS = frozenset({"safe", "misread", "resumed"})
BESIDE = "under_18"
ANY = "any"


@dataclass(frozen=True)
class Line:
    """`key` is as `CrisisState.said` holds it; `opens` for the first words of a crisis.

    `name` is which answer it was a reply to; `kind` and `level` are None where it fits any.
    """

    key: str
    opens: bool
    name: str
    kind: CrisisKind | None
    level: CrisisLevel | None


def lines_in(text: str) -> tuple[Line, ...]:
    """Give the vetted lines that a reply holds, in the order of the file."""
    said = _even(text)
    return tuple(line for words, line in _known().items() if words in said) if said else ()


def recorded(before: CrisisState, told: Sequence[Line]) -> CrisisState:
    """Give where a crisis stands after a reply that said these lines.

    What a line does not tell is taken from before; where nothing tells it, as in a conversation
    that was cut short, the danger counts as near.
    """
    said = tuple(dict.fromkeys((*before.said, *(line.key for line in told))))
    line = next((line for line in told if line.name != BESIDE), told[0])
    if line.name in ENDS:
        return over(replace(before, said=said)) if before.active else before
    known = before.level if before.active else CrisisLevel.EMERGENCY
    level = CrisisLevel.EMERGENCY if line.name == "yes" else line.level or known
    state = replace(before, level=level, kind=line.kind or before.kind, said=said)
    if line.name == "no" and document("crisis")["asks"][state.kind.value][level]["no"] == "clear":
        return over(state)
    return state


def over(state: CrisisState) -> CrisisState:
    return replace(state, level=CrisisLevel.NONE, cleared=True)


@cache
def _known() -> Mapping[str, Line]:
    texts = document("crisis")
    found: dict[str, Line] = {}
    for (kind, level, _), line in _walk(texts["kinds"]):
        found[_even(line)] = Line(line_key(line), True, "", CrisisKind(kind), CrisisLevel(level))
    for (name, kind, level), line in _walk(texts["answers"]):
        found[_even(line)] = Line(
            line_key(line),
            False,
            name,
            None if kind == ANY else CrisisKind(kind),
            None if level == ANY else CrisisLevel(level),
        )
    return found


def _walk(node: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], str]]:
    if isinstance(node, Mapping):
        for key, below in node.items():
            yield from _walk(below, (*path, key))
    else:
        yield from ((path, line) for line in node)


def _even(text: str) -> str:
    return " ".join(plain(text).split())
