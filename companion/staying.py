"""What never leaves this computer: reflections so marked, kept out of every request that would.

Two layers, so that one mistake is not enough. `outgoing` takes them out of what a voice elsewhere
is told, with the turns that quoted them; `KeptHome` stands before the model itself and lets no
request through that holds one. A reflection is told apart by its id, and by its words: all of
them, or `RUN` in a row. Not covered: a reply that said the same in other words before that.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping, Sequence
from dataclasses import replace
from functools import lru_cache
from typing import Any

from companion.domain import PastTurn, Reflection
from companion.errors import StaysHere
from companion.ports import ChatMessage, ChatModel, Ended, SpeakingBrief
from companion.text import words

RUN = 6
"""Words in a row of a reflection that count as quoting it."""
LEAST = 4
"""Words. A shorter reflection ("Mum was right") is told apart by its id alone: its words are
anybody's, and stand in half of all messages."""
HELD_BACK = (
    "This touches a reflection that never leaves this computer, so nothing of it was sent and "
    "the voice that comes with Companion answered."
)


def holds(text: str, staying: Sequence[Reflection]) -> bool:
    """Say whether a text quotes one of these reflections."""
    if not staying:
        return False
    said = words(text)
    runs = {length: _runs(said, length) for length in range(LEAST, RUN + 1)}
    return any(
        not quotable.isdisjoint(runs[length])
        for length, quotable in map(_quotable, (one.text for one in staying))
        if length
    )


def _runs(said: Sequence[str], length: int) -> frozenset[tuple[str, ...]]:
    return frozenset(tuple(said[i : i + length]) for i in range(len(said) - length + 1))


@lru_cache(maxsize=4096)
def _quotable(text: str) -> tuple[int, frozenset[tuple[str, ...]]]:
    """Give the runs of words that are quotations of a reflection, and their length; 0 for none."""
    said = words(text)
    length = min(RUN, len(said))
    return (length, _runs(said, length)) if length >= LEAST else (0, frozenset())


def outgoing(brief: SpeakingBrief) -> SpeakingBrief:
    """Give the brief as a voice elsewhere may know it. Raises StaysHere for a message that quotes.

    The turns left out are those that were given such a reflection and those that quote one.
    """
    if holds(brief.message, brief.staying):
        raise StaysHere(HELD_BACK)
    own = frozenset(one.id for one in brief.staying)

    def may_leave(turn: PastTurn) -> bool:
        quoted = holds(f"{turn.message}\n{turn.reply}", brief.staying)
        return not quoted and own.isdisjoint(turn.recalled)

    return replace(
        brief,
        recalled=tuple(one for one in brief.recalled if not one.stays and one.id not in own),
        history=tuple(filter(may_leave, brief.history)),
        staying=(),
    )


class KeptHome:
    """Implements `ports.ChatModel` over another, and refuses what must not leave with StaysHere.

    `staying` gives the reflections so marked, as they are now. A model on this computer is let be.
    """

    def __init__(self, model: ChatModel, staying: Callable[[], Sequence[Reflection]]) -> None:
        self._model, self._staying = model, staying

    @property
    def name(self) -> str:
        return self._model.name

    @property
    def host(self) -> str | None:
        return self._model.host

    @property
    def context(self) -> int:
        return self._model.context

    @property
    def counted_by(self) -> str:
        return self._model.counted_by

    def stream(
        self,
        messages: Sequence[ChatMessage],
        *,
        max_tokens: int,
        schema: Mapping[str, Any] | None = None,
    ) -> Generator[str, None, Ended]:
        self._look(messages)
        return (yield from self._model.stream(messages, max_tokens=max_tokens, schema=schema))

    def count(self, messages: Sequence[ChatMessage]) -> int:
        # Counting can be a request too.
        self._look(messages)
        return self._model.count(messages)

    def close(self) -> None:
        self._model.close()

    def _look(self, messages: Sequence[ChatMessage]) -> None:
        if self.host is None:
            return
        staying = self._staying()
        if staying and any(holds(message.content, staying) for message in messages):
            raise StaysHere(HELD_BACK)
