"""The workflow: one pass of a LangGraph graph for each turn.

    message → triage → classify → recall → respond (with guard) → offer
                 └ crisis: vetted text, and the turn ends

The graph remembers nothing between turns: its input is built from the journal and its result is
written there, so no checkpointer copies a person's words about. This is the only module that
imports LangGraph.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, TypedDict

from companion.domain import POLICY, CrisisState, TurnInput
from companion.events import (
    Crisis,
    Event,
    Finished,
    Reading,
    Recalled,
    Replaced,
    Resumed,
    Sentence,
    TakenOver,
)
from companion.language import other_language
from companion.ports import Clock, Memory, MessageReading, Reader, SpeakingBrief, Voice
from companion.steps.classify import classify, grounds
from companion.steps.guard import Guard
from companion.steps.offer import Offerer
from companion.steps.recall import recall
from companion.steps.respond import respond
from companion.steps.triage import Triager
from companion.text import sounds_under_18
from companion.usage import Price, Usage

# Tracing would send messages to a server, and switches on by environment alone.
for _name in ("TRACING", "TRACING_V2"):
    os.environ[f"LANGSMITH_{_name}"] = os.environ[f"LANGCHAIN_{_name}"] = "false"

from langgraph.config import get_stream_writer  # noqa: E402
from langgraph.graph import END, START, StateGraph  # noqa: E402
from langgraph.runtime import Runtime  # noqa: E402


@dataclass(frozen=True)
class Dependencies:
    """All that the steps use, and the clock. `voice` may be a model's; `embedded` always can.

    `price` is what the model's tokens cost, where the person configured it.
    """

    reader: Reader
    memory: Memory
    voice: Voice
    embedded: Voice
    triager: Triager
    guard: Guard
    offerer: Offerer
    clock: Clock
    price: Price | None = None


class State(TypedDict, total=False):
    """What the steps hand to one another within one turn."""

    turn: TurnInput
    read: MessageReading
    crisis: CrisisState
    ended: bool
    reading: Reading
    recalled: Recalled


def _triage(state: State, runtime: Runtime[Dependencies]) -> State:
    turn, use = state["turn"], runtime.context
    # A crisis turn has no situation. After one, "no" or "thanks" would be read as more danger; the
    # triager knows what was asked, so the reader reads past it.
    spoken = [past for past in turn.history if past.situation is not None]
    read = use.reader.read(turn.message, spoken)
    written = [turn.message, *(past.message for past in turn.history)]
    under_18 = any(map(sounds_under_18, written))
    said = use.triager.triage(turn.message, read, turn.crisis, turn.country, under_18)
    get_stream_writer()(read.usage)
    if said.crisis:
        get_stream_writer()(said.crisis)
    if said.lead:
        get_stream_writer()(Resumed(said.lead, said.state))
    return {"read": read, "crisis": said.state, "ended": said.crisis is not None}


def _classify(state: State, runtime: Runtime[Dependencies]) -> State:
    # What cannot be read cannot be cleared of danger either, so help is pointed out.
    turn = state["turn"]
    unread = other_language(turn.message) is not None
    reading = classify(state["read"], turn.correction, unread, turn.message, turn.history)
    get_stream_writer()(reading)
    return {"reading": reading}


def _recall(state: State, runtime: Runtime[Dependencies]) -> State:
    turn, reading = state["turn"], state["reading"]
    candidates = runtime.context.memory.candidates(turn.person, turn.message)
    recalled = Recalled(recall(turn.message, reading.situation, reading.mode, candidates))
    get_stream_writer()(recalled)
    return {"recalled": recalled}


def _respond(state: State, runtime: Runtime[Dependencies]) -> State:
    turn, reading, use = state["turn"], state["reading"], runtime.context
    brief = SpeakingBrief(
        message=turn.message,
        situation=reading.situation,
        mode=reading.mode,
        variant=reading.variant,
        moves=POLICY[reading.situation].moves,
        words=grounds(state["read"], reading),
        also=reading.also,
        old_rule=reading.old_rule,
        recalled=state["recalled"].reflections,
        history=turn.history,
        now=use.clock(),
        staying=turn.staying,
    )
    write = get_stream_writer()
    # The guard judges English only: a model is not let loose in a language it cannot follow.
    voice = use.embedded if other_language(turn.message) else use.voice
    for event in respond(brief, voice, use.embedded, use.guard):
        write(event)
    # Read here: a voice keeps its usage by thread, and the stream is drained in another one.
    write(voice.usage())
    write(("voice", voice.name))
    return {}


def _offer(state: State, runtime: Runtime[Dependencies]) -> State:
    get_stream_writer()(runtime.context.offerer.offer(state["turn"].message))
    return {}


def _after_triage(state: State) -> str:
    return END if state["ended"] else "classify"


def _timed(name: str, step: Any) -> Any:
    """Report how long a step took, as a custom event of its own."""

    def run(state: State, runtime: Runtime[Dependencies]) -> State:
        began = time.perf_counter()
        result: State = step(state, runtime)
        get_stream_writer()((name, time.perf_counter() - began))
        return result

    return run


def build_graph() -> Any:
    """Compile the graph. It holds no state and can be shared by every thread."""
    graph = StateGraph(State, context_schema=Dependencies)
    for name, step in STEPS.items():
        graph.add_node(name, _timed(name, step))
    graph.add_edge(START, "triage")
    graph.add_conditional_edges("triage", _after_triage, ["classify", END])
    graph.add_edge("classify", "recall")
    graph.add_edge("recall", "respond")
    graph.add_edge("respond", "offer")
    graph.add_edge("offer", END)
    return graph.compile()


STEPS = {
    "triage": _triage,
    "classify": _classify,
    "recall": _recall,
    "respond": _respond,
    "offer": _offer,
}


def diagram() -> str:
    """Give the graph as Mermaid text, drawn offline."""
    drawn: str = build_graph().get_graph().draw_mermaid()
    return drawn


@dataclass(frozen=True)
class Workflow:
    """Runs turns. `run` yields the events of one turn, ending with `Finished`."""

    use: Dependencies
    graph: Any = field(default_factory=build_graph)

    def run(self, turn: TurnInput) -> Iterator[Event]:
        began = time.perf_counter()
        seconds: dict[str, float] = {}
        spoke, usage, notes = self.use.voice.name, Usage(), []
        for item in self.graph.stream(
            {"turn": turn}, context=self.use, stream_mode="custom", config={"callbacks": []}
        ):
            if isinstance(item, tuple):
                name, value = item
                if name == "voice":
                    spoke = spoke if "then" in spoke else value
                else:
                    seconds[name] = value
                continue
            if isinstance(item, Usage):
                usage += item
                continue
            if isinstance(item, Crisis):
                spoke = "vetted text"
            if isinstance(item, TakenOver):
                spoke = f"{self.use.voice.name}, then {self.use.embedded.name}"
                notes.append(item.reason)
            if isinstance(item, Sentence | Crisis) and "first" not in seconds:
                seconds["first"] = time.perf_counter() - began
            yield item
        seconds["total"] = time.perf_counter() - began
        price = self.use.price
        cost = price.of(usage) if price and usage.requests else None
        host = self.use.voice.host if usage.requests else None
        yield Finished(spoke, seconds, usage, cost, host, tuple(notes))


__all__ = ["STEPS", "Dependencies", "Replaced", "Workflow", "build_graph", "diagram"]
