"""What a turn is compared with: its steps without the graph, and the graph without its steps."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from langgraph.graph import END, START, StateGraph

from companion.domain import POLICY
from companion.events import Recalled, Resumed
from companion.language import other_language
from companion.ports import SpeakingBrief
from companion.steps.classify import classify, grounds
from companion.steps.recall import recall
from companion.steps.respond import respond
from companion.text import sounds_under_18
from companion.workflow import Dependencies, State


class Plain:
    """Stands where the graph stands in a Workflow: its steps as plain calls, one after another."""

    def stream(self, given: Mapping[str, Any], *, context: Dependencies, **_: Any) -> Iterator[Any]:
        turn, use = given["turn"], context
        spoken = [past for past in turn.history if past.situation is not None]
        read = use.reader.read(turn.message, spoken)
        written = [turn.message, *(past.message for past in turn.history)]
        under_18 = any(map(sounds_under_18, written))
        said = use.triager.triage(turn.message, read, turn.crisis, turn.country, under_18)
        yield read.usage
        if said.crisis:
            yield said.crisis
            return
        if said.lead:
            yield Resumed(said.lead, said.state)

        elsewhere = other_language(turn.message) is not None
        reading = classify(read, turn.correction, elsewhere, turn.message, turn.history)
        yield reading

        candidates = use.memory.candidates(turn.person, turn.message)
        recalled = Recalled(recall(turn.message, reading.situation, reading.mode, candidates))
        yield recalled

        brief = SpeakingBrief(
            message=turn.message,
            situation=reading.situation,
            mode=reading.mode,
            variant=reading.variant,
            moves=POLICY[reading.situation].moves,
            words=grounds(read, reading),
            also=reading.also,
            old_rule=reading.old_rule,
            recalled=recalled.reflections,
            history=turn.history,
            now=use.clock(),
            staying=turn.staying,
        )
        voice = use.embedded if other_language(turn.message) else use.voice
        yield from respond(brief, voice, use.embedded, use.guard)
        yield voice.usage()
        yield ("voice", voice.name)

        yield use.offerer.offer(turn.message)


def bare_graph() -> Any:
    """Compile a graph of the same nodes and edges in which no step does anything."""
    graph = StateGraph(State, context_schema=Dependencies)
    names = ["triage", "classify", "recall", "respond", "offer"]
    for name in names:
        graph.add_node(name, lambda state: {})
    graph.add_edge(START, names[0])
    graph.add_conditional_edges(names[0], lambda state: names[1], [names[1], END])
    for before, after in zip(names[1:], [*names[2:], END]):
        graph.add_edge(before, after)
    return graph.compile()
