"""One pass of the graph: its events in order, and nothing remembered or sent anywhere."""

from __future__ import annotations

import gc
import os
import subprocess
import sys
import weakref
from dataclasses import replace
from pathlib import Path

import pytest

from companion import diagram as drawing
from companion.domain import CrisisLevel, CrisisState, PastTurn, Situation, TurnInput
from companion.errors import ModelError
from companion.events import (
    Crisis,
    Finished,
    Offer,
    Reading,
    Recalled,
    Replaced,
    Sentence,
    TakenOver,
)
from companion.steps.guard import Guard
from companion.usage import Usage
from companion.workflow import STEPS, Workflow, build_graph, diagram
from tests.steps.making import PlainReader, ScriptedVoice

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs" / "architecture.md"
MESSAGE = "My boss told everyone I'm lazy because I left at five o'clock again."


def turn(message: str = MESSAGE, **more) -> TurnInput:
    return TurnInput("someone", "a conversation", message, **more)


def kinds(events) -> list[type]:
    return [type(event) for event in events]


@pytest.fixture
def workflow(companion) -> Workflow:
    # A guard that lets all but the rules' catches pass: which sentences shame is tested elsewhere.
    return Workflow(replace(companion.workflow.use, guard=Guard(PlainReader())))


def with_voice(workflow: Workflow, voice) -> Workflow:
    return Workflow(replace(workflow.use, voice=voice))


def test_events_come_in_their_order(workflow) -> None:
    found = kinds(workflow.run(turn()))
    assert found[:2] == [Reading, Recalled]
    assert set(found[2:-2]) == {Sentence}
    assert found[-2:] == [Offer, Finished]


def test_a_crisis_ends_the_turn(workflow) -> None:
    events = list(workflow.run(turn("I'm going to kill myself tonight")))
    assert kinds(events) == [Crisis, Finished]
    assert events[0].state.level is CrisisLevel.EMERGENCY
    assert events[-1].voice == "vetted text"
    assert set(events[-1].seconds) == {"triage", "first", "total"}


def test_no_model_is_asked_in_a_crisis(workflow) -> None:
    voice = ScriptedVoice("No.")
    list(with_voice(workflow, voice).run(turn("I'm going to kill myself tonight")))
    assert voice.briefs == []


def test_a_crisis_that_lasts_ends_the_next_turn_too(workflow) -> None:
    state = CrisisState(CrisisLevel.EMERGENCY)
    assert kinds(workflow.run(turn("the weather is grey today", crisis=state))) == [
        Crisis,
        Finished,
    ]


def test_what_is_over_lets_the_mode_speak_again(workflow) -> None:
    state = CrisisState(CrisisLevel.NONE, cleared=True)
    assert Reading in kinds(workflow.run(turn(crisis=state)))


@pytest.mark.parametrize("situation", list(Situation))
def test_a_correction_is_answered_as_what_it_was_said_to_be(workflow, situation) -> None:
    reading = next(iter(workflow.run(turn(correction=situation))))
    assert reading.situation is situation


def test_every_step_is_timed(workflow) -> None:
    finished = list(workflow.run(turn()))[-1]
    assert set(finished.seconds) == {*STEPS, "first", "total"}
    assert finished.seconds["total"] >= finished.seconds["first"] > 0


def test_a_voice_that_is_withheld_and_taken_over_says_so(workflow) -> None:
    voice = ScriptedVoice("I love you.", ModelError("It stopped."), name="a model")
    events = list(with_voice(workflow, voice).run(turn()))
    assert [type(e) for e in events if isinstance(e, Replaced | TakenOver)] == [Replaced, TakenOver]
    assert events[-1].voice == "a model, then embedded"
    assert events[-1].notes == ("It stopped.",)
    assert Sentence in kinds(events)


def test_the_tokens_of_the_voice_are_reported(workflow) -> None:
    events = list(with_voice(workflow, ScriptedVoice("It stays out.")).run(turn()))
    assert events[-1].usage == Usage(3, 5, requests=1)
    assert events[-1].cost is None
    assert events[-1].voice == "scripted"


def test_the_voice_is_told_of_one_mode_and_of_this_turn_only(workflow) -> None:
    voice = ScriptedVoice("It stays out.")
    past = PastTurn("The bus was late.", "Buses.", Situation.EVERYDAY)
    list(with_voice(workflow, voice).run(turn(history=(past,))))
    (brief,) = voice.briefs
    assert (brief.message, brief.history, brief.recalled) == (MESSAGE, (past,), ())
    assert brief.mode is not None


def test_the_graph_has_no_checkpointer_and_no_store() -> None:
    graph = build_graph()
    assert graph.checkpointer is None
    assert graph.store is None
    assert graph.cache is None


def test_the_turn_s_input_is_not_kept(workflow) -> None:
    class Held(str):
        __slots__ = ("__weakref__",)

    held = Held(MESSAGE)
    watched = weakref.ref(held)
    list(workflow.run(turn(held)))
    del held
    gc.collect()
    assert watched() is None


def test_one_turn_does_not_colour_the_next(workflow) -> None:
    def said() -> list:
        return [e for e in workflow.run(turn()) if not isinstance(e, Finished)]

    first = said()
    list(workflow.run(turn("Nobody has rung in weeks and the flat is so quiet.")))
    assert said() == first


def test_an_exception_in_a_step_is_not_swallowed(workflow) -> None:
    with pytest.raises(ZeroDivisionError):
        list(with_voice(workflow, ScriptedVoice(ZeroDivisionError())).run(turn()))


def test_tracing_is_off_even_when_the_environment_asks_for_it() -> None:
    names = [
        f"{maker}_{name}"
        for maker in ("LANGSMITH", "LANGCHAIN")
        for name in ("TRACING", "TRACING_V2")
    ]
    asked = dict.fromkeys(names, "true") | {"LANGSMITH_API_KEY": "x", "LANGCHAIN_API_KEY": "x"}
    code = (
        "import companion.workflow, os; from langsmith.utils import tracing_is_enabled as on; "
        f"print(on(), *[os.environ[name] for name in {names}])"
    )
    run = subprocess.run(
        [sys.executable, "-c", code],
        env=os.environ | asked,
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    assert run.stdout.split() == ["False"] + ["false"] * len(names)


def test_the_diagram_shows_the_steps_and_where_a_crisis_ends() -> None:
    text = diagram()
    for step in STEPS:
        assert f"{step}(" in text
    assert "triage -." in text
    assert text.count("__end__") >= 2


def test_the_drawing_replaces_what_is_between_its_markers_only() -> None:
    before = f"# Page\n\n{drawing.BEGIN}\nold\n{drawing.END}\n\nAfter.\n"
    after = drawing.drawn(before)
    assert after.startswith(f"# Page\n\n{drawing.BEGIN}")
    assert after.endswith(f"{drawing.END}\n\nAfter.\n")
    assert "old" not in after
    assert drawing.drawn(after) == after


@pytest.mark.skipif(not PAGE.is_file(), reason="docs/architecture.md is not there yet")
def test_the_page_shows_the_graph_as_it_is() -> None:
    text = PAGE.read_text(encoding="utf-8")
    assert drawing.drawn(text) == text, "run `make diagram`"
