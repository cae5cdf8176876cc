"""A person's own corrections are read again, here and nowhere else."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner

from companion.cli import main
from companion.commands.corrections import cases_file
from companion.domain import CrisisLevel, Situation
from companion.memory.journal import open_journal
from companion.settings import load_settings
from companion.workflow import Workflow
from evals.metrics import confusion
from evals.mine.task import CasesError, mine, rows_of
from evals.results import Confusion, judged
from tests.steps.making import PlainReader, ScriptedVoice, read

ATTACK = "My boss told everyone I'm lazy because I left at five o'clock."
DANGER = "I don't want to be here any more."
CONVERSATIONS = {
    "a thread that is held": (
        ATTACK,
        "She said it in front of the whole team, and they laughed.",
        "prove it then",
    ),
    "a crisis between": (ATTACK, DANGER, "No, I have no plan.", "prove it then"),
    "a crisis first": (DANGER, "My sister is coming on Saturday and we are going to bake."),
}


def row(key: str = "one", **more) -> dict:
    given = {
        "id": key,
        "message": "She said I am selfish.",
        "history": [],
        "situation": "meaning_attacked",
        "read_as": "everyday",
        "noted_on": "2026-03-09",
    }
    return given | more


def write(*rows: dict | str) -> Path:
    """Write the file that an export would have written, and give its path."""
    path = cases_file(load_settings().data)
    path.parent.mkdir(parents=True, exist_ok=True)
    lines = [line if isinstance(line, str) else json.dumps(line) for line in rows]
    path.write_text("".join(f"{line}\n" for line in lines), "utf-8")
    return path


def reading(companion, reader):
    use = replace(companion.workflow.use, reader=reader)
    return replace(companion, workflow=Workflow(use))


class Scripted(PlainReader):
    """Reads each message as it was told to, and keeps what it was given before it."""

    def __init__(self, **readings) -> None:
        self.readings, self.given = readings, []

    def read(self, message, history=()):
        self.given.append(history)
        return self.readings[message]


@pytest.mark.parametrize("texts", CONVERSATIONS.values(), ids=CONVERSATIONS)
def test_a_message_is_read_again_as_the_app_read_it(companion, texts) -> None:
    settings = load_settings()
    journal = open_journal(settings.data, settings.keys)
    ours = replace(companion, journal=journal)
    person = journal.person().id
    conversation = journal.start_conversation(person, ours.workflow.use.clock())
    for text in texts:
        list(ours.reply(person, conversation, text))
    corrected = [turn for turn in journal.turns(conversation) if "reading" in turn.trace]
    assert corrected[-1].message == texts[-1]
    for turn in corrected:
        journal.correct(turn.id, Situation.LOVE_REVOKED, ours.workflow.use.clock())
    journal.close()
    assert CliRunner().invoke(main, ["corrections", "export"]).exit_code == 0
    cases = judged(mine(companion))
    assert [case.id for case in cases] == [turn.id for turn in corrected]
    for case, turn in zip(cases, corrected):
        again = {name: round(share, 4) for name, share in case.trace["probabilities"].items()}
        assert again == turn.trace["reading"]["probabilities"]
        assert case.got == turn.situation.value == case.trace["read_as"]


def test_what_is_read_as_corrected_is_right_and_the_mode_is_counted_apart(companion) -> None:
    write(
        row("right", message="a", situation="meaning_attacked"),
        row("mode", message="b", situation="identity_shamed"),
        row("wrong", message="b", situation="love_revoked"),
    )
    attacked = read(Situation.MEANING_ATTACKED)
    suite = mine(reading(companion, Scripted(a=attacked, b=attacked)))
    cases = judged(suite)
    assert [case.right for case in cases] == [True, False, False]
    assert cases[2].facts == {
        "expected": "love_revoked",
        "got": "meaning_attacked",
        "mode_expected": "openness",
        "mode_got": "boundary",
    }
    measured = {name: one.value for name, one in suite.measures(cases).items()}
    assert measured == {"accuracy": pytest.approx(1 / 3), "mode_accuracy": pytest.approx(2 / 3)}
    (figure,) = suite.figures(cases)
    assert isinstance(figure, Confusion)
    place = figure.names.index
    assert figure.counts[place("love_revoked")][place("meaning_attacked")] == 1
    assert sum(map(sum, figure.counts)) == 3
    assert figure.counts == confusion([(c.expected, c.got) for c in cases], figure.names)


def test_what_is_read_as_danger_has_no_mode(companion) -> None:
    write(row(message="a"))
    reader = Scripted(a=read(Situation.MEANING_ATTACKED, CrisisLevel.CONCERN))
    (case,) = judged(mine(reading(companion, reader)))
    assert (case.got, case.facts["mode_got"]) == ("meaning_attacked", None)


def test_a_message_is_read_after_what_came_before_it(companion) -> None:
    before = [
        {"role": "user", "text": "rough day"},
        {"role": "companion", "text": "What was in it?", "situation": "safety_missing"},
    ]
    bare = [{"role": item["role"], "text": item["text"]} for item in before]
    write(row("held", message="a", history=before), row("free", message="a", history=bare))
    reader = Scripted(a=read(Situation.EVERYDAY, situations=dict.fromkeys(Situation, 0.2)))
    held, free = judged(mine(reading(companion, reader)))
    assert [turn.reply for (turn,) in reader.given] == ["What was in it?"] * 2
    assert held.trace["probabilities"]["safety_missing"] > 0.2
    assert free.trace["probabilities"]["safety_missing"] == 0.2
    assert held.shown == "user: rough day\ncompanion: What was in it?\na"


@pytest.mark.parametrize("made", [False, True], ids=["missing", "empty"])
def test_without_cases_one_sentence_names_the_command(companion, made: bool) -> None:
    if made:
        write()
    with pytest.raises(CasesError, match="`companion corrections export` writes them") as refused:
        mine(companion)
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize(
    "line",
    [
        "{",
        "[]",
        json.dumps({"id": "two"}),
        json.dumps(row("one")),
        json.dumps(row("two", situation="sad")),
        json.dumps(row("two", message=3)),
        json.dumps(row("two", history=[{"role": "user"}])),
        json.dumps(row("two", history=["hello"])),
    ],
)
def test_a_file_that_was_changed_is_one_sentence_without_a_word_of_it(line: str) -> None:
    path = write(row("one"), line)
    with pytest.raises(CasesError, match="cannot be read as cases") as refused:
        rows_of(load_settings().data)
    assert str(path) in str(refused.value)
    assert "selfish" not in str(refused.value)


def test_no_case_is_read_where_words_leave_this_computer(companion) -> None:
    write(row())
    elsewhere = ScriptedVoice("Hello.", name="large")
    elsewhere.host = "models.example"
    use = replace(companion.workflow.use, voice=elsewhere)
    with pytest.raises(CasesError, match=r"large would send them to models\.example"):
        mine(replace(companion, workflow=Workflow(use)))
