"""The command line: every command explains itself, and an error is one sentence."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import click
import pytest
from click.testing import CliRunner, Result

from companion import build as composition
from companion import terminal
from companion.cli import main
from companion.contacts import Contacts
from companion.doctor import examine
from companion.errors import JournalError
from companion.settings import Settings

ATTACK = "My boss told everyone I'm lazy because I left at five o'clock again."


def commands(group: click.Group, *before: str) -> Iterator[tuple[str, ...]]:
    for name, command in group.commands.items():
        yield (*before, name)
        if isinstance(command, click.Group):
            yield from commands(command, *before, name)


@pytest.fixture
def run(monkeypatch, tmp_path) -> Callable[..., Result]:
    """Gives a function that runs `companion` with its data in a folder of the test."""
    monkeypatch.setenv("COMPANION_DATA", str(tmp_path / "data"))
    monkeypatch.setenv("COMPANION_KEYS", str(tmp_path / "keys"))
    return lambda *words, given="": CliRunner().invoke(main, list(words), input=given)


@pytest.fixture
def own(monkeypatch, in_memory) -> Any:
    """This computer's Companion, in memory, whoever asks for it."""
    made = in_memory.alone(lambda: datetime(2026, 3, 9, 20, tzinfo=UTC))
    for module in (composition, terminal):
        monkeypatch.setattr(module, "build", lambda settings, **more: made)
    return made


@pytest.fixture
def ready(monkeypatch, in_memory) -> None:
    """The batch forms with models that are already read."""
    monkeypatch.setattr("companion.build.build_in_memory", lambda settings: in_memory)


@pytest.mark.parametrize("words", [(), *commands(main)], ids=" ".join)
def test_every_command_explains_itself(run, words: tuple[str, ...]) -> None:
    result = run(*words, "--help")
    assert result.exit_code == 0
    assert "usage:" in result.output.casefold()
    assert len(result.output.splitlines()) > 4


def test_what_design_names_is_there() -> None:
    found = {" ".join(words) for words in commands(main)}
    assert {"app", "talk", "read", "check", "eval", "doctor", "reflections"} <= found
    assert {
        f"reflections {name}" for name in ("list", "keep", "forget", "export", "import")
    } <= found


def test_the_version_is_said(run) -> None:
    assert run("--version").output.startswith("companion, version ")


@pytest.mark.parametrize(
    "words", [("nonsense",), ("read", "--nonsense"), ("reflections", "forget")]
)
def test_a_wrong_command_ends_with_2(run, words) -> None:
    assert run(*words).exit_code == 2


class TestRead:
    def test_a_text_is_read(self, run) -> None:
        result = run("read", ATTACK)
        assert result.exit_code == 0
        assert json.loads(result.output)["situation"] == "meaning_attacked"

    def test_lines_are_read_and_all_good_ends_with_0(self, run) -> None:
        result = run("read", given='{"id": 1, "text": "hi"}\n{"id": 2, "text": "thanks"}\n')
        assert result.exit_code == 0
        assert [json.loads(line)["id"] for line in result.output.splitlines()] == [1, 2]

    def test_a_bad_line_ends_with_1_after_all_are_read(self, run) -> None:
        result = run("read", given='{\n{"id": 2, "text": "thanks"}\n')
        assert result.exit_code == 1
        first, second = map(json.loads, result.output.splitlines())
        assert "error" in first
        assert second["id"] == 2

    def test_nothing_written_is_one_sentence(self, run) -> None:
        result = run("read", "   ")
        assert result.exit_code == 1
        assert result.output.count("\n") == 1


class TestCheck:
    @pytest.mark.parametrize(
        ("reply", "code"), [("That word doesn't get to stay.", 0), ("You owe them forgiveness.", 1)]
    )
    def test_the_exit_code_says_whether_it_shames(self, run, reply: str, code: int) -> None:
        result = run("check", reply, "--user", "My mum wants me to say sorry.")
        assert result.exit_code == code
        assert json.loads(result.output)["shames"] is bool(code)

    def test_lines_are_checked(self, run) -> None:
        result = run("check", given='{"id": 1, "reply": "You owe them forgiveness."}\n')
        assert result.exit_code == 0
        assert json.loads(result.output)["shames"] is True


class TestTalk:
    def test_lines_are_conversations(self, run, ready) -> None:
        result = run("talk", "--jsonl", given='{"id": 1, "turns": ["hi"]}\n[]\n')
        assert result.exit_code == 1
        first, second = map(json.loads, result.output.splitlines())
        assert first["replies"][0]["text"]
        assert "error" in second

    def test_it_talks_until_an_empty_line(self, run, own) -> None:
        result = run("talk", given=f"{ATTACK}\n\n")
        assert result.exit_code == 0
        assert "software, not a person" in result.output
        person = own.journal.person().id
        ((conversation, _),) = own.journal.conversations(person)
        (turn,) = own.journal.turns(conversation)
        assert turn.message == ATTACK
        assert turn.reply.split(". ")[0] in result.output

    def test_it_ends_at_the_end_of_its_input(self, run, own) -> None:
        assert run("talk", given="hi").exit_code == 0

    def test_a_crisis_shows_numbers_first(self, run, own) -> None:
        result = run("talk", given="I'm going to kill myself tonight\n\n")
        assert "findahelpline.com" in result.output
        said = result.output.index("Find A Helpline")
        assert said < result.output.index("Please call the emergency number first")

    def test_a_message_too_long_is_one_sentence_and_the_talk_goes_on(self, run, own) -> None:
        result = run("talk", given="a" * 9000 + "\nhi\n\n")
        assert result.exit_code == 0
        assert "one message can hold 8,000" in result.output


class TestReflections:
    def test_kept_listed_exported_forgotten_imported(self, run, own) -> None:
        assert run("reflections", "list").output == ""
        kept = run("reflections", "keep", "Rest is not laziness.", "--kind", "authorship").output
        key = kept.removeprefix("Kept as ").strip(".\n")
        assert (
            f"{key}  2026-03-09  authorship  Rest is not laziness."
            in run("reflections", "list").output
        )
        exported = run("reflections", "export").output
        assert json.loads(exported) == {
            "id": key,
            "kind": "authorship",
            "text": "Rest is not laziness.",
            "date": "2026-03-09T20:00:00+00:00",
            "stays": False,
        }
        assert run("reflections", "forget", key).output == "Forgotten: 1.\n"
        assert run("reflections", "list").output == ""
        assert run("reflections", "import", given=exported).output == "Imported: 1.\n"
        assert run("reflections", "import", given=exported).output == "Imported: 0.\n"
        assert run("reflections", "export").output == exported

    def test_what_stays_is_kept_marked_exported_and_imported_so(self, run, own) -> None:
        key = run("reflections", "keep", "Rest.", "--stays").output.removeprefix("Kept as ")
        assert "Rest.  (never leaves this computer)" in run("reflections", "list").output
        exported = run("reflections", "export").output
        assert json.loads(exported)["stays"] is True
        run("reflections", "forget", key.strip(".\n"))
        assert run("reflections", "import", given=exported).output == "Imported: 1.\n"
        assert own.journal.reflections(own.journal.person().id)[0].stays is True

    def test_an_older_export_has_nothing_that_stays(self, run, own) -> None:
        line = '{"id": "a", "kind": "moment", "text": "Rest.", "date": "2026-01-01"}\n'
        assert run("reflections", "import", given=line).output == "Imported: 1.\n"
        assert own.journal.reflections(own.journal.person().id)[0].stays is False

    def test_an_unknown_id_is_one_sentence_and_forgets_nothing(self, run, own) -> None:
        key = run("reflections", "keep", "Rest.").output.removeprefix("Kept as ").strip(".\n")
        result = run("reflections", "forget", key, "nowhere")
        assert result.exit_code == 1
        assert result.output == "There is no nowhere; `companion reflections list` shows them.\n"
        assert key in run("reflections", "list").output

    @pytest.mark.parametrize(
        "line",
        [
            "{",
            "[]",
            "{}",
            '{"id": 1, "kind": "x", "text": "", "date": 3}',
            '{"id": 1, "kind": "moment", "text": "", "date": "2026-01-01", "stays": "no"}',
        ],
    )
    def test_a_bad_line_says_which(self, run, own, line: str) -> None:
        good = '{"id": "a", "kind": "moment", "text": "Rest.", "date": "2026-01-01"}'
        result = run("reflections", "import", given=f"{good}\n{line}\n")
        assert result.exit_code == 1
        assert result.output.startswith("Line 2 is not a reflection")
        assert "1 were imported before it." in result.output

    @pytest.mark.parametrize("text", ["", "  ", "a" * 9000])
    def test_nothing_or_too_much_is_not_kept(self, run, own, text: str) -> None:
        result = run("reflections", "keep", text)
        assert result.exit_code == 1
        assert result.output.count("\n") == 1
        assert run("reflections", "list").output == ""


class TestErrors:
    @pytest.mark.parametrize(
        ("name", "value"),
        [
            ("PORT", "80"),
            ("PORT", "many"),
            ("BASE_URL", "localhost:11434"),
            ("CONTEXT", "12"),
            ("TOTAL_SECONDS", "0"),
        ],
    )
    def test_an_unusable_setting_is_one_sentence_and_ends_with_2(
        self, run, monkeypatch, name: str, value: str
    ) -> None:
        monkeypatch.setenv(f"COMPANION_{name}", value)
        result = run("doctor")
        assert result.exit_code == 2
        assert result.output.startswith(f"COMPANION_{name} cannot be used: ")
        assert result.output.count("\n") == 1

    def test_a_journal_that_cannot_be_read_is_one_sentence_and_ends_with_1(
        self, run, monkeypatch
    ) -> None:
        def broken(settings: Settings) -> None:
            raise JournalError("The journal cannot be read; restore it from a copy.")

        monkeypatch.setattr(composition, "build", broken)
        result = run("reflections", "list")
        assert result.exit_code == 1
        assert result.output == "The journal cannot be read; restore it from a copy.\n"

    def test_evaluations_that_are_not_there_are_said_so(self, run, monkeypatch) -> None:
        monkeypatch.setattr("companion.cli.entry_points", lambda group: [])
        result = run("eval")
        assert result.exit_code == 2
        assert result.output.count("\n") == 1

    def test_what_evaluates_gets_its_options_and_gives_the_exit_code(
        self, run, monkeypatch
    ) -> None:
        asked: list[list[str]] = []

        class Entry:
            def load(self) -> Callable[[list[str]], int]:
                return lambda options: asked.append(options) or 3

        monkeypatch.setattr("companion.cli.entry_points", lambda group: [Entry()])
        assert run("eval", "shaming", "--limit", "5").exit_code == 3
        assert asked == [["shaming", "--limit", "5"]]


class TestDoctor:
    TODAY = date(2026, 12, 1)

    def found(self, tmp_path: Path, today: date = TODAY, **more: Any) -> dict[str, tuple[str, str]]:
        settings = Settings(data=tmp_path / "data", keys=tmp_path / "keys", **more)
        found = examine(settings, lambda: today, offline=True)
        return {one.about: (one.mark, one.said) for one in found}

    def test_a_new_computer_is_fine(self, tmp_path) -> None:
        found = self.found(tmp_path)
        assert found["data folder"][0] == found["key folder"][0] == "fine"
        assert found["journal"] == ("fine", "not begun yet")
        assert found["weights"] == ("fine", "all checksums match")
        assert found["voice"] == ("fine", "embedded; stays on this computer")

    def test_looking_writes_nothing(self, tmp_path) -> None:
        self.found(tmp_path)
        assert list(tmp_path.iterdir()) == []

    def test_stale_contacts_are_warned_of_from_a_given_day(self, tmp_path) -> None:
        oldest = Contacts().oldest()
        mark, said = self.found(tmp_path, oldest.replace(year=oldest.year + 2))["contacts"]
        assert mark == "note"
        assert str(oldest) in said
        assert "verify" in said
        assert str(oldest) not in self.found(tmp_path, oldest)["contacts"][1]

    def test_more_contacts_are_stale_as_years_go_by(self) -> None:
        counts = [Contacts().stale(date(year, 1, 1)) for year in (2010, 2022, 2026, 2035)]
        assert counts == sorted(counts)
        assert counts[0] == 0
        assert counts[-1] > 50

    def test_a_readable_data_folder_is_noted(self, tmp_path) -> None:
        (tmp_path / "data").mkdir(mode=0o755)
        mark, said = self.found(tmp_path)["data folder"]
        assert mark == "note"
        assert "chmod 700" in said

    def test_words_that_leave_this_computer_are_said(self, tmp_path) -> None:
        here = self.found(tmp_path, base_url="http://127.0.0.1:11434/v1", model="m")
        away = self.found(tmp_path, base_url="https://models.example/v1", model="m")
        assert "stays on this computer" in here["voice"][1]
        assert "models.example" in away["voice"][1]

    @pytest.mark.parametrize(
        "more", [{"gguf": "/nowhere/m.gguf"}, {"base_url": "https://models.example/v1"}], ids=str
    )
    def test_a_voice_that_cannot_speak_is_wrong(self, tmp_path, more: dict[str, str]) -> None:
        assert self.found(tmp_path, **more)["voice"][0] == "wrong"

    def test_a_port_in_use_is_noted(self, tmp_path) -> None:
        import socket

        with socket.socket() as busy:
            busy.bind(("127.0.0.1", 0))
            busy.listen()
            port = busy.getsockname()[1]
            mark, said = self.found(tmp_path, port=port)["port"]
        assert mark == "note"
        assert f"COMPANION_PORT={port + 1}" in said

    def test_the_command_prints_every_finding_and_ends_with_1_when_something_is_wrong(
        self, run, monkeypatch
    ) -> None:
        result = run("doctor")
        assert result.exit_code == 0
        assert len(result.output.splitlines()) >= 8
        monkeypatch.setenv("COMPANION_GGUF", "/nowhere/m.gguf")
        assert run("doctor").exit_code == 1
