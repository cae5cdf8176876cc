"""Recall: which of the person's own reflections bear on this message. Often none, rightly."""

from __future__ import annotations

import re
from collections.abc import Sequence

from companion.domain import RECALLED_FIRST, Mode, Reflection, ReflectionKind, Situation
from companion.people import RELATIONS
from companion.ports import Candidate
from companion.text import plain, words

FLOOR = 0.30
"""Cosine below which a reflection of the mode's own kind does not bear on a message."""
FLOOR_OF_OTHERS = 0.46
"""The same for the other kinds. Both were chosen on `training/data/recall.jsonl`, apart from the
evaluation's cases: `python -m training.recall` shows what other floors would give."""
PREFERRED = 0.35
"""What the mode's own kind adds to a fused score."""
MOST = 2

_NAME = re.compile(r"(?<![.!?]\s)(?<!^)\b[A-Z][a-z]+\b")
_NOT_NAMES = frozenset("i monday tuesday wednesday thursday friday saturday sunday".split())
_OPENING_NAME = re.compile(
    r"([A-Z][a-z]+) (?:came|sat|drove|rang|called|stayed|held|said|brought|made|was|is|hugged|told"
    r"|texted|listened)\b"
)


def recall(
    message: str, situation: Situation, mode: Mode, candidates: Sequence[Candidate]
) -> tuple[Reflection, ...]:
    """Give at most two reflections, the mode's own kind first, best first."""
    return ranked(message, situation, mode, candidates)[:MOST]


def ranked(
    message: str, situation: Situation, mode: Mode, candidates: Sequence[Candidate]
) -> tuple[Reflection, ...]:
    """Give all that bear on the message, best first; none on an everyday one."""
    if situation is Situation.EVERYDAY:
        return ()
    scored = []
    for candidate in candidates:
        own = candidate.reflection.kind is RECALLED_FIRST[mode]
        floor = FLOOR if own else FLOOR_OF_OTHERS
        if candidate.similarity < floor or _would_wound(message, candidate.reflection):
            continue
        scored.append((candidate.score + PREFERRED * own, candidate.reflection))
    scored.sort(key=lambda item: -item[0])
    return tuple(reflection for _, reflection in scored)


def people_in(text: str) -> frozenset[str]:
    """Give the relations and the names a text mentions, lower case."""
    said = set(words(text))
    names = {name.casefold() for name in _NAME.findall(plain(text))} - _NOT_NAMES
    # A capital that opens the text is a name when what a person does follows it.
    first = _OPENING_NAME.match(text)
    if first:
        names.add(first.group(1).casefold())
    return frozenset((said & RELATIONS) | names)


def _would_wound(message: str, reflection: Reflection) -> bool:
    """Say whether comfort would come from someone this message speaks of.

    Who hurt them, left or died must never be brought back as comfort; and since telling that from
    fondness is not certain, a person the message is about is left out altogether.
    """
    if reflection.kind is ReflectionKind.AUTHORSHIP:
        return False
    in_message = set(words(message))
    return bool(people_in(reflection.text) & in_message)
