"""Triage: is anyone in danger? Comes before any mode, and speaks only vetted text.

A crisis lasts the conversation. What the person answers is read against the question that was
asked; what is unclear keeps the level; no vetted line is spoken twice.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from companion.contacts import Contacts
from companion.domain import CrisisLevel, CrisisState
from companion.events import Crisis
from companion.examples import Examples
from companion.ports import Embedder, MessageReading
from companion.prompts import document
from companion.text import words

UNMISTAKABLE = 0.60
"""Cosine from which a message counts as one of the authored answers."""
UNMISTAKABLE_AFTER_YES_OR_NO = 0.75
"""The same for a message that begins with a yes or a no, which may be all it says."""
WORD_FOR_WORD = 0.999
SHORT_ANSWER = 12
"""Words. A longer message is not a bare answer."""
ENDING = frozenset({"safe", "misread", "no"})
"""Answers that can end a crisis, and so count only where nothing else speaks of danger."""
_YES = frozenset("yes yeah yep yea yup y ya aye".split())
_NO = frozenset(
    "no nope nah n not never isn't isnt don't dont can't cant won't wont aren't wasn't".split()
)
_SAYS_NO = frozenset("no nope nah n".split())
_QUALIFIES = frozenset("but though although except if unless maybe yet".split())
MOVED_ON = 0.90
"""Probability of no crisis from which a message clearly moves on from a concern."""


@dataclass(frozen=True)
class Triage:
    """`crisis` is what to say before all else, or None; `lead` is said before an ordinary reply."""

    state: CrisisState
    crisis: Crisis | None = None
    lead: str | None = None


class Triager:
    """Holds the vetted text and the contacts; everything else comes with the turn."""

    def __init__(self, embedder: Embedder, contacts: Contacts) -> None:
        self._texts: Mapping[str, Any] = document("crisis")
        self._contacts = contacts
        self._answers = Examples(embedder, self._texts["said"])

    def triage(
        self,
        message: str,
        reading: MessageReading,
        before: CrisisState,
        country: str | None,
        under_18: bool = False,
    ) -> Triage:
        """Give the state after this message and, while a crisis is active, what is said."""
        if not before.active:
            if reading.crisis is CrisisLevel.NONE:
                return Triage(before)
            state = replace(before, level=reading.crisis, kind=reading.crisis_kind)
            return self._speak(state, self._opening(state), country, under_18)

        answer = self._answer(message)
        # "He's gone, police took him" is read as danger; as an answer it was vetted word for word.
        calm = reading.crisis is CrisisLevel.NONE or self._word_for_word(message)
        if answer in ENDING and not calm:
            # "No plan, but I want to die": the words of danger weigh more than the no before them.
            answer = None
        if answer in {"safe", "misread"}:
            return self._end(before, answer, country)
        if answer == "no" and self._asked(before)["no"] == "clear":
            return self._end(before, answer, country)
        if answer == "yes":
            before = replace(before, level=CrisisLevel(self._asked(before)["yes"]))
        if answer is None and self._moves_on(message, reading, before):
            line, state = self._line(("resumed",), before)
            return Triage(_over(state), lead=line)
        if reading.crisis.rank > before.level.rank and answer != "forget_it":
            state = replace(before, level=reading.crisis, kind=reading.crisis_kind)
            return self._speak(state, self._opening(state), country, under_18)
        return self._speak(before, [(answer or "continues",)], country, under_18)

    def _asked(self, state: CrisisState) -> Mapping[str, str]:
        asked: Mapping[str, str] = self._texts["asks"][state.kind.value][state.level.value]
        return asked

    def _answer(self, message: str) -> str | None:
        """Give which authored answer a short message is, or None.

        Nearness in meaning does not see a "not", so yes, no and safe also need their own words.
        """
        said = words(message)
        if not said:
            return "unclear"
        if len(said) > SHORT_ANSWER:
            return None
        match = self._answers.nearest(message)
        if match.similarity >= WORD_FOR_WORD:
            return match.name
        spoken = frozenset(said)
        agrees, denies = bool(spoken & _YES), bool(spoken & _NO)
        qualified = bool(spoken & _QUALIFIES)
        if spoken & {"safe", "unsafe"}:
            return None if denies or qualified or "unsafe" in spoken else "safe"
        polar = _polarity(said[0], agrees, denies, qualified)
        if match.name not in {"yes", "no", "safe"}:
            near = UNMISTAKABLE_AFTER_YES_OR_NO if polar else UNMISTAKABLE
            return match.name if match.similarity >= near else polar
        if polar or match.similarity < UNMISTAKABLE or qualified:
            return polar
        # "I think so", "I don't think so", "it's over now": said without a yes or a no.
        return match.name if denies == (match.name == "no") else None

    def _word_for_word(self, message: str) -> bool:
        return self._answers.nearest(message).similarity >= WORD_FOR_WORD

    def _moves_on(self, message: str, reading: MessageReading, state: CrisisState) -> bool:
        return (
            state.level is CrisisLevel.CONCERN
            and reading.crisis is CrisisLevel.NONE
            and reading.crisis_probabilities[CrisisLevel.NONE] >= MOVED_ON
            and len(words(message)) >= 4
        )

    def _opening(self, state: CrisisState) -> list[tuple[str, ...]]:
        parts = ("contacts", "heard", "question")
        if state.level is CrisisLevel.CONCERN:
            parts = ("heard", "question", "contacts")
        return [("kinds", state.kind.value, state.level.value, part) for part in parts]

    def _end(self, state: CrisisState, answer: str, country: str | None) -> Triage:
        """The crisis is over for now: a last vetted line, and contacts stay one tap away."""
        line, state = self._line((answer,), state)
        contacts = self._contacts.of(country, state.kind)
        ended = _over(state)
        return Triage(ended, Crisis(ended, line, contacts, contacts_first=False))

    def _speak(
        self,
        state: CrisisState,
        pools: Sequence[tuple[str, ...]],
        country: str | None,
        under_18: bool,
    ) -> Triage:
        spoken = []
        for pool in [*pools, *([("under_18",)] if under_18 else [])]:
            line, state = self._line(pool, state)
            spoken.append(line)
        contacts = self._contacts.of(country, state.kind, under_18=under_18)
        first = state.level is CrisisLevel.EMERGENCY
        return Triage(state, Crisis(state, "\n\n".join(spoken), contacts, contacts_first=first))

    def _pool(self, path: tuple[str, ...], state: CrisisState) -> list[str]:
        """Give the lines at a path; an answer's are split by kind, then by level, or `any`."""
        node: Any = self._texts
        if path[0] == "kinds":
            for key in path:
                node = node[key]
            return list(node)
        node = node["answers"][path[0]]
        for choice in (state.kind.value, state.level.value):
            if isinstance(node, Mapping):
                node = node.get(choice, node.get("any"))
        return list(node)

    def _line(self, path: tuple[str, ...], state: CrisisState) -> tuple[str, CrisisState]:
        """Give the first line not spoken yet. `said` remembers lines by their fingerprint."""
        for pool in (path, ("continues",), ("unclear",)):
            for line in self._pool(pool, state):
                spoken = line_key(line)
                if spoken not in state.said:
                    return line, replace(state, said=(*state.said, spoken))
        # Everything was said once: the contacts stay on the page, and no line is repeated.
        return "", state


def line_key(line: str) -> str:
    """Give the fingerprint by which `CrisisState.said` remembers a vetted line."""
    return hashlib.sha256(line.encode()).hexdigest()[:12]


def _polarity(first: str, agrees: bool, denies: bool, qualified: bool) -> str | None:
    """Give yes or no when a message begins with it, unclear when it takes it back."""
    if (agrees and denies) or (qualified and (first in _YES or first in _SAYS_NO)):
        return "unclear"
    return "yes" if first in _YES else "no" if first in _SAYS_NO else None


def _over(state: CrisisState) -> CrisisState:
    return replace(state, level=CrisisLevel.NONE, cleared=True)
