"""What was corrected in the app is listed, and exported for the person alone."""

from __future__ import annotations

import json
import logging
import os
import stat
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from companion.cli import main
from companion.commands.corrections import cases_file
from companion.domain import Situation
from companion.errors import IndexUnavailable
from companion.memory.index import ChromaIndex
from companion.memory.journal import SqlJournal, open_journal
from companion.settings import load_settings
from companion.turns import Turns

EVENING = datetime(2026, 3, 9, 20, tzinfo=UTC)
SECRET = "She called me lazy at the seventh lighthouse."
POSIX = pytest.mark.skipif(os.name != "posix", reason="file modes are POSIX's")


@pytest.fixture
def journal() -> Iterator[SqlJournal]:
    """The journal of this computer, open as the app has it."""
    settings = load_settings()
    made = open_journal(settings.data, settings.keys)
    yield made
    made.close()


@pytest.fixture
def conversation(journal: SqlJournal) -> str:
    return journal.start_conversation(journal.person().id, EVENING)


@pytest.fixture
def file() -> Path:
    return cases_file(load_settings().data)


def run(*words: str) -> Result:
    return CliRunner().invoke(main, ["corrections", *words])


def rows(text: str) -> list[dict]:
    return [json.loads(line) for line in text.splitlines()]


def said(
    journal: SqlJournal,
    conversation: str,
    message: str = SECRET,
    read_as: Situation | None = Situation.EVERYDAY,
    correction: Situation | None = None,
    reply: str = "It stays out.",
) -> str:
    """Write a turn, and its correction where there is one; gives the turn's id."""
    journal.ask(conversation, message, EVENING)
    turn = journal.turns(conversation)[-1]
    journal.answer(replace(turn, reply=reply, situation=read_as))
    if correction:
        journal.correct(turn.id, correction, EVENING)
    return turn.id


def test_a_correction_is_exported_with_the_exchange_it_was_read_after(
    journal, conversation, file
) -> None:
    said(journal, conversation, "hello")
    said(journal, conversation, "rough day", Situation.SAFETY_MISSING, reply="What was in it?")
    key = said(journal, conversation, correction=Situation.MEANING_ATTACKED)
    result = run("export")
    assert result.exit_code == 0
    assert rows(file.read_text("utf-8")) == [
        {
            "id": key,
            "message": SECRET,
            "history": [
                {"role": "user", "text": "rough day"},
                {"role": "companion", "text": "What was in it?", "situation": "safety_missing"},
            ],
            "situation": "meaning_attacked",
            "read_as": "everyday",
            "noted_on": "2026-03-09",
        }
    ]
    assert f"Written to {file}: 1 case." in result.output
    assert "whoever can open it can read it. Nothing was sent anywhere." in result.output
    assert "what you forget in the app stays in it until you export again" in result.output


def test_what_was_said_in_a_crisis_is_not_exported(journal, conversation, file) -> None:
    said(journal, conversation, "rough day", Situation.SAFETY_MISSING)
    said(journal, conversation, "and then there was danger", None, reply="Are you safe?")
    said(journal, conversation, correction=Situation.LOVE_REVOKED)
    run("export")
    (row,) = rows(file.read_text("utf-8"))
    assert [item["text"] for item in row["history"]] == ["rough day", "It stays out."]
    # After a crisis the thread before it is not held any more.
    assert row["history"][-1]["situation"] is None


@POSIX
def test_only_the_owner_may_look_also_where_others_could_before(
    journal, conversation, file
) -> None:
    said(journal, conversation, correction=Situation.LOVE_REVOKED)
    file.parent.mkdir(mode=0o755)
    file.touch(mode=0o644)
    before = os.umask(0)
    try:
        assert run("export").exit_code == 0
    finally:
        os.umask(before)
    assert stat.S_IMODE(file.parent.stat().st_mode) == 0o700
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


@POSIX
def test_another_file_is_closed_to_others_and_its_folder_left_alone(
    journal, conversation, tmp_path
) -> None:
    said(journal, conversation, correction=Situation.LOVE_REVOKED)
    tmp_path.chmod(0o755)
    assert run("export", str(tmp_path / "mine.jsonl")).exit_code == 0
    assert len(rows((tmp_path / "mine.jsonl").read_text("utf-8"))) == 1
    assert stat.S_IMODE((tmp_path / "mine.jsonl").stat().st_mode) == 0o600
    assert stat.S_IMODE(tmp_path.stat().st_mode) == 0o755


def test_a_dash_is_stdout_and_writes_no_file(journal, conversation, file) -> None:
    said(journal, conversation, correction=Situation.LOVE_REVOKED)
    result = run("export", "-")
    assert [row["message"] for row in rows(result.stdout)] == [SECRET]
    assert "Written to stdout: 1 case." in result.stderr
    assert not file.parent.exists()


@pytest.mark.parametrize("words", [("list",), ("export",), ("export", "-")], ids=" ".join)
def test_without_corrections_one_sentence_says_so(journal, conversation, file, words) -> None:
    said(journal, conversation)
    result = run(*words)
    assert result.exit_code == 0
    assert result.output.startswith("There are no corrections")
    assert result.output.count("\n") == 1
    assert not file.parent.exists()


@pytest.mark.parametrize("words", [("list",), ("export",)], ids=" ".join)
def test_without_a_journal_none_is_made(words) -> None:
    assert run(*words).exit_code == 0
    assert not load_settings().data.exists()
    assert not load_settings().keys.exists()


def test_what_was_forgotten_in_the_app_is_gone_from_the_next_export(
    journal, conversation, file
) -> None:
    said(journal, conversation, correction=Situation.LOVE_REVOKED)
    other = journal.start_conversation(journal.person().id, EVENING)
    said(journal, other, "The other one.", correction=Situation.EVERYDAY)
    run("export")
    assert len(rows(file.read_text("utf-8"))) == 2
    journal.forget_conversation(journal.person().id, conversation)
    run("export")
    assert [row["message"] for row in rows(file.read_text("utf-8"))] == ["The other one."]
    journal.forget_conversation(journal.person().id, other)
    result = run("export")
    assert (result.exit_code, file.exists()) == (0, False)
    assert result.output == f"There are no corrections any more, so {file} was removed.\n"


def test_a_case_keeps_its_id_when_it_is_corrected_and_exported_again(
    journal, conversation, file
) -> None:
    key = said(journal, conversation, correction=Situation.LOVE_REVOKED)
    run("export")
    journal.correct(key, Situation.IDENTITY_SHAMED, EVENING + timedelta(days=1))
    run("export")
    (row,) = rows(file.read_text("utf-8"))
    assert (row["id"], row["situation"], row["noted_on"]) == (key, "identity_shamed", "2026-03-10")


def test_it_works_while_the_app_holds_the_index(journal, conversation, file) -> None:
    said(journal, conversation, correction=Situation.LOVE_REVOKED)
    held = ChromaIndex(load_settings().data / "index")
    held.ids("anyone")
    try:
        with pytest.raises(IndexUnavailable):
            ChromaIndex(load_settings().data / "index").ids("anyone")
        assert run("export").exit_code == 0
        assert run("list").exit_code == 0
    finally:
        held.close()
    assert len(rows(file.read_text("utf-8"))) == 1


def test_an_export_that_fails_leaves_the_file_as_it_was(
    journal, conversation, file, monkeypatch
) -> None:
    said(journal, conversation, correction=Situation.LOVE_REVOKED)
    run("export")
    before = file.read_bytes()
    said(journal, conversation, "more", correction=Situation.LOVE_REVOKED)

    def full(handle: int) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(os, "fsync", full)
        result = run("export")
    assert result.exit_code == 1
    assert result.output.startswith(f"{file} cannot be written (No space left on device)")
    assert result.output.count("\n") == 1
    assert file.read_bytes() == before
    assert list(file.parent.iterdir()) == [file]


def test_what_an_interrupted_export_left_is_gone_after_the_next(
    journal, conversation, file
) -> None:
    file.parent.mkdir()
    left = file.with_name(f".{file.name}.new")
    for correction in (None, Situation.LOVE_REVOKED):
        left.write_text(SECRET)
        said(journal, conversation, correction=correction)
        run("export")
        assert not left.exists()


def test_a_folder_that_is_not_there_is_one_sentence(journal, conversation, tmp_path) -> None:
    said(journal, conversation, correction=Situation.LOVE_REVOKED)
    result = run("export", str(tmp_path / "nowhere" / "mine.jsonl"))
    assert result.exit_code == 1
    assert "cannot be written" in result.output
    assert result.output.count("\n") == 1


def test_a_folder_is_no_file_to_write(journal, conversation, tmp_path) -> None:
    said(journal, conversation, correction=Situation.LOVE_REVOKED)
    assert run("export", str(tmp_path)).exit_code == 2


def test_a_row_is_one_line_whatever_was_written(journal, conversation, file) -> None:
    message = "one\ntwo\u2028three\u2029four\x85five “six” é \\u2028"
    said(journal, conversation, message, Situation.EVERYDAY, reply="half \ud83d")
    said(journal, conversation, message, correction=Situation.LOVE_REVOKED)
    assert run("export").exit_code == 0
    text = file.read_text("utf-8")
    (row,) = rows(text)
    assert row["message"] == message
    assert row["history"][1]["text"] == "half \ud83d"
    assert "“six” é" in text


def test_the_list_shows_what_became_what_and_the_first_words(journal, conversation) -> None:
    said(journal, conversation, "one\n  two " + "three " * 40, correction=Situation.LOVE_REVOKED)
    journal.correct(journal.ask(conversation, "never read", EVENING), Situation.EVERYDAY, EVENING)
    first, second = run("list").output.splitlines()
    assert first.startswith("2026-03-09  everyday → love_revoked ")
    assert "  one two three three" in first
    assert first.endswith("…")
    assert len(first) < 120
    assert second.startswith("2026-03-09  ? → everyday ")
    assert second.endswith("  never read")


def test_no_word_is_logged(journal, conversation, caplog) -> None:
    caplog.set_level(logging.DEBUG)
    said(journal, conversation, correction=Situation.LOVE_REVOKED)
    run("export")
    run("list")
    assert "lighthouse" not in caplog.text


def test_the_help_says_that_the_file_is_a_copy(journal) -> None:
    text = " ".join(run("export", "--help").output.split())
    assert "what you forget in the app stays in it until you run this again" in text
    assert "not encrypted" in text


def test_a_correction_made_in_the_app_is_a_case(companion, journal, conversation, file) -> None:
    turns = Turns(replace(companion, journal=journal))
    person = journal.person().id
    turns.send(person, conversation, "My boss told everyone I'm lazy again.").wait()
    (turn,) = journal.turns(conversation)
    turns.correct(person, turn, Situation.LOVE_REVOKED).wait()
    assert journal.turns(conversation)[0].situation is Situation.LOVE_REVOKED
    run("export")
    (row,) = rows(file.read_text("utf-8"))
    assert (row["id"], row["read_as"]) == (turn.id, turn.situation.value)
    assert row["situation"] == "love_revoked"
