"""Turns run outside the page: a click, a reload or a second message never cuts one off.

A worker thread per busy conversation drains the workflow and the journal gets the reply; a page
attaches to the events and may leave at any moment. One turn at a time in a conversation, the next
one waits.
"""

from __future__ import annotations

import logging
import threading
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

from companion.core import Companion
from companion.domain import Situation
from companion.errors import CompanionError
from companion.events import Event
from companion.ports import Turn

log = logging.getLogger(__name__)

UNEXPECTED = (
    "Something went wrong while answering. Your message is kept; reload the page to try again."
)


@dataclass
class LiveTurn:
    """A turn that waits, runs or has just ended. `error` is one sentence for the person."""

    person: str
    turn: Turn
    correction: Situation | None = None
    events: list[Event] = field(default_factory=list)
    error: str | None = None
    done: bool = False
    _changed: threading.Condition = field(default_factory=threading.Condition)

    def add(self, event: Event) -> None:
        with self._changed:
            self.events.append(event)
            self._changed.notify_all()

    def end(self, error: str | None = None) -> None:
        with self._changed:
            self.error, self.done = error, True
            self._changed.notify_all()

    def wait(self) -> None:
        """Return once the turn is done."""
        with self._changed:
            self._changed.wait_for(lambda: self.done)

    def follow(self, timeout: float = 300.0) -> Iterator[Event]:
        """Yield every event from the first, then each new one, until the turn is done."""
        seen = 0
        while True:
            with self._changed:
                while not self.done and len(self.events) == seen:
                    if not self._changed.wait(timeout):
                        return
                fresh, finished = self.events[seen:], self.done
            yield from fresh
            seen += len(fresh)
            if finished and seen == len(self.events):
                return


def _retire(retire: Callable[[], None], running: Sequence[LiveTurn]) -> None:
    for live in running:
        live.wait()
    retire()


class Turns:
    """Runs the turns of every conversation of this process."""

    def __init__(self, companion: Companion) -> None:
        self.companion = companion
        self._lock = threading.Lock()
        self._waiting: dict[str, deque[LiveTurn]] = {}

    def speak_through(self, companion: Companion) -> None:
        """Answer with this Companion from the next turn on; the one before is retired when idle."""
        with self._lock:
            before, self.companion = self.companion, companion
            running = [waiting[0] for waiting in self._waiting.values() if waiting]
        if before.retire:
            threading.Thread(target=_retire, args=(before.retire, running), daemon=True).start()

    def send(self, person: str, conversation: str, text: str) -> LiveTurn:
        """Write the message to the journal, then start or queue its turn. Raises CompanionError."""
        return self._queue(LiveTurn(person, self.companion.ask(conversation, text)))

    def correct(self, person: str, turn: Turn, situation: Situation) -> LiveTurn:
        """Note that this was another kind of moment and answer the message again as that."""
        clock = self.companion.workflow.use.clock
        self.companion.journal.correct(turn.id, situation, clock())
        return self._queue(LiveTurn(person, turn, situation))

    def resume(self, person: str, conversation: str) -> None:
        """Queue what a stopped process left unanswered."""
        live = {item.turn.id for item in self.live(conversation)}
        for turn in self.companion.unanswered(conversation):
            if turn.id not in live:
                self._queue(LiveTurn(person, turn))

    def live(self, conversation: str) -> tuple[LiveTurn, ...]:
        """Give the turns not yet done, the running one first."""
        with self._lock:
            return tuple(self._waiting.get(conversation, ()))

    def _queue(self, live: LiveTurn) -> LiveTurn:
        conversation = live.turn.conversation
        with self._lock:
            waiting = self._waiting.setdefault(conversation, deque())
            again = next((item for item in waiting if item.turn.id == live.turn.id), None)
            if again and live.correction is None:
                # Two tabs opened the same conversation: the turn is answered once.
                return again
            waiting.append(live)
            idle = len(waiting) == 1
        if idle:
            threading.Thread(target=self._run, args=(conversation,), daemon=True).start()
        return live

    def _run(self, conversation: str) -> None:
        while True:
            with self._lock:
                waiting = self._waiting[conversation]
                if not waiting:
                    del self._waiting[conversation]
                    return
                live = waiting[0]
            error = self._answer(live)
            with self._lock:
                waiting.popleft()
                last = not waiting
                if last:
                    del self._waiting[conversation]
            live.end(error)
            if last:
                return

    def _answer(self, live: LiveTurn) -> str | None:
        try:
            for event in self.companion.answer(live.person, live.turn, live.correction):
                live.add(event)
        except CompanionError as error:
            return str(error)
        except Exception as error:
            # The type only: an exception's text may hold the person's words.
            log.error("A turn failed: %s", type(error).__name__)
            return UNEXPECTED
        return None
