"""`companion models`: which voices there are, whether one works, how they compare."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime

import pytest
from click.testing import CliRunner, Result

from companion.cli import main
from companion.commands.comparing import messages
from companion.connection import Connection, VoiceKind
from companion.domain import Reflection, ReflectionKind
from companion.memory.journal import open_journal
from companion.prompts import document
from companion.settings import load_settings
from tests.models.local import smollm2
from tests.models.server import Log, says, serving, status
from tests.test_configured import FILE, HERE, THERE, choose

OURS = "That word doesn't get to stay."
KEPT = "Heather on the hill was mine to name."


@pytest.fixture
def run() -> Callable[..., Result]:
    """Gives a function that runs `companion models`."""
    return lambda *words, given="": CliRunner().invoke(main, ["models", *words], input=given)


@pytest.fixture
def server() -> Iterator[tuple[str, Log]]:
    told = {"/v1/models": {"data": [{"id": "m", "max_model_len": 8192}]}}
    with serving(says(OURS, usage=(700, 8)), told=told) as (address, log):
        yield address, log


@pytest.fixture
def elsewhere(monkeypatch) -> None:
    """No address is this computer's."""
    monkeypatch.setattr("companion.connection.is_loopback", lambda host: False)


@pytest.fixture
def written() -> None:
    """A journal with a message and a reflection."""
    settings = load_settings()
    journal = open_journal(settings.data, settings.keys)
    person = journal.person().id
    now = datetime(2026, 3, 9, tzinfo=UTC)
    journal.ask(journal.start_conversation(person, now), KEPT, now)
    journal.keep(person, Reflection("r", ReflectionKind.MOMENT, KEPT, now))
    journal.close()


class TestList:
    def test_a_new_computer_has_the_embedded_voice_and_nothing_is_made(self, run) -> None:
        result = run("list")
        assert result.exit_code == 0
        assert result.output.startswith("*  embedded  built in  stays on this computer\n")
        assert not load_settings().data.exists()

    def test_every_voice_is_one_line_and_one_is_marked(self, run, monkeypatch) -> None:
        choose(FILE, HERE)
        monkeypatch.setenv("COMPANION_BASE_URL", str(THERE.base_url))
        monkeypatch.setenv("COMPANION_MODEL", str(THERE.model))
        lines = run("list").output.splitlines()
        assert [line.split()[0] for line in lines] == ["embedded", "large", "*", "small"]
        assert "words go to models.example" in lines[1]
        assert "stays on this computer" in lines[2]
        assert lines[2].endswith("  http://127.0.0.1:11434/v1#llama3.2")
        assert lines[3].endswith("/models/small.gguf")

    def test_it_works_while_the_app_is_open(self, run) -> None:
        choose(HERE)
        settings = load_settings()
        journal = open_journal(settings.data, settings.keys)
        assert "*  llama3.2" in run("list").output
        journal.close()

    def test_a_voice_that_waits_for_a_yes_is_said(self, run) -> None:
        choose(THERE)
        output = run("list").output
        assert output.startswith("*  embedded")
        assert "large speaks in the app once you agree there that words go to models.exa" in output

    def test_nearby_servers_are_looked_for_when_asked(self, run, monkeypatch) -> None:
        found = [HERE]
        monkeypatch.setattr("companion.build.nearby", lambda: tuple(found))
        assert "llama3.2" not in run("list").output
        assert "llama3.2" in run("list", "--nearby").output
        found.clear()
        assert "No other model server was found" in run("list", "--nearby").output

    def test_a_broken_journal_is_one_sentence(self, run) -> None:
        choose(HERE)
        (load_settings().data / "journal.db").write_bytes(b"x" * 100)
        result = run("list")
        assert result.exit_code == 1
        assert result.output.count("\n") == 1


class TestCheck:
    def test_what_works_is_said_and_ends_with_0(self, run, server) -> None:
        result = run("check", f"{server[0]}#m", "--no-reading")
        assert result.exit_code == 0
        assert "fine  where words go: They stay on this computer.\n" in result.stdout
        assert "fine  answers: " in result.stdout
        assert "reads messages" not in result.stdout

    def test_reading_is_tried_too_unless_told_not_to(self, run, server) -> None:
        probe = document("probes")[0]["message"][:30]
        run("check", f"{server[0]}#m", "--no-reading")
        assert probe not in "".join(one.body for one in server[1].received)
        assert "reads messages" in run("check", f"{server[0]}#m").stdout
        assert probe in "".join(one.body for one in server[1].received)

    def test_nothing_a_person_wrote_is_sent(self, run, server, written) -> None:
        run("check", f"{server[0]}#m")
        assert server[1].chats
        assert "Heather" not in "".join(one.body for one in server[1].received)

    def test_a_name_the_server_does_not_know_is_wrong_and_the_names_are_said(self, run) -> None:
        told = {"/v1/models": {"data": [{"id": "one"}, {"id": "two"}]}}
        with serving(says(OURS), told=told) as (address, _):
            result = run("check", f"{address}#three", "--no-reading")
        assert result.exit_code == 1
        assert "wrong model: " in result.stdout
        assert "one, two" in result.stdout

    def test_by_default_it_is_the_environment_s_voice(self, run, server, monkeypatch) -> None:
        choose(HERE)
        monkeypatch.setenv("COMPANION_BASE_URL", server[0])
        monkeypatch.setenv("COMPANION_MODEL", "m")
        assert run("check", "--no-reading").exit_code == 0
        assert server[1].chats

    def test_without_one_it_is_the_app_s(self, run, server) -> None:
        choose(Connection(VoiceKind.ADDRESS, server[0], "m"))
        assert run("check", "--no-reading").exit_code == 0
        assert server[1].chats

    def test_the_embedded_voice_is_always_there(self, run) -> None:
        result = run("check")
        assert result.exit_code == 0
        assert "always there" in result.stdout

    @pytest.mark.parametrize("voice", ["nobody", "http://127.0.0.1:9/v1", "/nowhere/m.gguf"])
    def test_a_bad_voice_is_one_sentence_and_ends_with_2(self, run, voice: str) -> None:
        for command in ("check", "compare"):
            result = run(command, voice)
            assert result.exit_code == 2
            assert result.output.count("\n") == 1


class TestCompare:
    def test_the_messages_go_to_each_voice_and_stand_side_by_side(self, run, server) -> None:
        result = run("compare", "--limit", "2", "embedded", f"{server[0]}#m")
        assert result.exit_code == 0
        assert OURS in result.stdout
        assert result.stdout.index("1. “") < result.stdout.index("2. “")
        assert "sentences withheld" in result.stdout
        assert "m: 2 of 2\n" in result.stderr
        sent = "".join(one.body for one in server[1].chats)
        for message in messages(2):
            assert json.dumps(message)[1:40] in sent
        assert json.dumps(messages()[2])[1:40] not in sent

    def test_each_message_is_a_conversation_of_its_own(self, run, server, monkeypatch) -> None:
        monkeypatch.setenv("COMPANION_MODEL_READS", "false")
        run("compare", "--limit", "2", f"{server[0]}#m")
        last = server[1].chats[-1].body
        assert json.dumps(messages()[1])[1:40] in last
        assert json.dumps(messages()[0])[1:40] not in last

    def test_by_default_every_configured_voice_the_embedded_first(self, run, server) -> None:
        choose(Connection(VoiceKind.ADDRESS, server[0], "m"))
        rows = self.rows(run("compare", "--limit", "1", "--jsonl"))
        assert [row["voice"] for row in rows] == ["embedded", "m"]

    def test_nothing_a_person_wrote_is_sent(self, run, server, written) -> None:
        run("compare", "--limit", "1", f"{server[0]}#m")
        assert server[1].chats
        assert "Heather" not in "".join(one.body for one in server[1].received)

    def rows(self, result: Result) -> list[dict[str, object]]:
        assert result.exit_code == 0
        return [json.loads(line) for line in result.stdout.splitlines()]

    @pytest.mark.parametrize("given", ["", "n\n", "\n"])
    def test_nothing_goes_to_a_host_without_a_yes(self, run, server, elsewhere, given: str) -> None:
        result = run(
            "compare", "--limit", "1", "--jsonl", f"{server[0]}#m", "embedded", given=given
        )
        there, here = self.rows(result)
        assert server[1].received == []
        assert "to 127.0.0.1? Nothing you wrote is sent." in result.stderr
        assert there["error"] == "Nothing was sent to 127.0.0.1, since you did not say yes."
        assert here["reply"]

    @pytest.mark.parametrize(("more", "given"), [(["--yes"], ""), ([], "y\n")])
    def test_with_a_yes_it_goes_there(
        self, run, server, elsewhere, more: list[str], given: str
    ) -> None:
        result = run("compare", "--limit", "1", "--jsonl", *more, f"{server[0]}#m", given=given)
        (row,) = self.rows(result)
        assert server[1].chats
        assert row["host"] == "127.0.0.1"
        assert ("Nothing you wrote" in result.stderr) is not bool(more)

    def test_one_yes_is_enough_for_all_models_of_a_host(self, run, server, elsewhere) -> None:
        voices = [f"{server[0]}#m", f"{server[0]}#n"]
        result = run("compare", "--limit", "1", "--jsonl", *voices, given="y\n")
        assert result.stderr.count("Nothing you wrote is sent.") == 1
        assert [row["error"] for row in self.rows(result)] == [None, None]

    def test_a_voice_that_cannot_be_used_is_reported_and_the_others_go_on(
        self, run, tmp_path
    ) -> None:
        pytest.importorskip("xllamacpp")
        (tmp_path / "m.gguf").write_text("not a model")
        result = run("compare", "--limit", "1", str(tmp_path / "m.gguf"), "embedded")
        assert result.exit_code == 0
        assert "m was left out: " in result.stdout
        assert "  embedded\n" in result.stdout

    def test_a_reply_that_was_taken_over_says_why(self, run) -> None:
        with serving(status(401)) as (address, _):
            (row,) = self.rows(run("compare", "--limit", "1", "--jsonl", f"{address}#m"))
        assert "did not accept the key" in str(row["taken_over"])
        assert row["reply"]

    def test_what_it_cost_is_said_where_there_are_prices(
        self, run, server, monkeypatch, tmp_path
    ) -> None:
        prices = tmp_path / "prices.toml"
        prices.write_text('[m]\ncurrency = "EUR"\nprompt = 1.0\ncompletion = 2.0\n')
        monkeypatch.setenv("COMPANION_PRICES", str(prices))
        monkeypatch.setenv("COMPANION_MODEL_READS", "false")
        (row,) = self.rows(run("compare", "--limit", "1", "--jsonl", f"{server[0]}#m"))
        assert row["usage"] == {"prompt": 700, "completion": 8, "cached": 0, "told": True}
        assert row["cost"] == {"amount": "0.000716", "currency": "EUR", "exact": True}

    def test_a_page_is_written(self, run, tmp_path) -> None:
        page = tmp_path / "page.md"
        result = run("compare", "--limit", "1", "--markdown", str(page), "embedded")
        assert result.exit_code == 0
        assert result.stdout == ""
        assert page.read_text(encoding="utf-8").startswith("# Voices side by side")

    def test_a_page_that_has_no_folder_is_said_before_anything_is_asked(
        self, run, server, tmp_path
    ) -> None:
        where = str(tmp_path / "none" / "page.md")
        result = run("compare", "--markdown", where, f"{server[0]}#m")
        assert result.exit_code == 2
        assert result.output.count("\n") == 1
        assert server[1].received == []


@pytest.mark.xdist_group("local_model")
def test_a_real_model_beside_the_embedded_voice(run, monkeypatch) -> None:
    # It is too small to be believed as a reader, and trying that takes as long as all the rest.
    monkeypatch.setenv("COMPANION_MODEL_READS", "false")
    result = run("compare", "--limit", "2", "--jsonl", "embedded", str(smollm2()))
    assert result.exit_code == 0
    found = [json.loads(line) for line in result.stdout.splitlines()]
    assert [row["message"] for row in found] == [1, 2, 1, 2]
    assert all(row["reply"] and row["error"] is None for row in found)
    assert all(row["usage"]["prompt"] > 500 for row in found[2:])
    assert found[0]["usage"] is None
