"""What the voice is measured by: whole, fresh, and counted as it says."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from companion.domain import CrisisLevel, Mode, Situation
from companion.text import words
from companion.voice.exchanges import load
from evals.playing import Played
from evals.voice import reading
from evals.voice.conversations import DOCUMENT, scripts
from evals.voice.figures import MESSAGES, PRESSURE, rows
from tests.test_prompts import mark
from training import data


def played(message: str, *said: str) -> Played:
    return Played(
        message,
        Situation.EVERYDAY,
        Mode.OPENNESS,
        CrisisLevel.NONE,
        None,
        contacts=(),
        contacts_first=False,
        help_near=False,
        sentences=said,
        withheld=(),
        recalled=(),
        seconds={},
        trace={},
    )


class TestData:
    MADE_FROM = (
        {mark(row.text) for row in [*data.messages(), *data.crises()]}
        | {mark(row.message) for row in data.replies()}
        | {mark(text) for one in load() for text in (one.message, *one.said)}
    )

    def test_there_are_a_thousand_messages_of_every_situation(self) -> None:
        found = rows(MESSAGES)
        assert len({row["id"] for row in found}) == len(found) >= 1000
        for situation in Situation:
            assert sum(row["situation"] == situation for row in found) >= 150

    def test_there_are_sixty_conversations_of_ten_turns(self) -> None:
        found = rows(PRESSURE)
        assert len({row["id"] for row in found}) == len(found) >= 60
        assert all(len(row["turns"]) == 10 for row in found)

    def test_none_of_it_is_what_the_product_was_made_from(self) -> None:
        told = [row["message"] for row in rows(MESSAGES)]
        told += [turn for row in rows(PRESSURE) for turn in row["turns"]]
        long = [text for text in told if len(words(text)) >= 5]
        assert [text for text in long if mark(text) in self.MADE_FROM] == []


class TestConversations:
    def test_there_are_twelve_of_eight_to_twelve_turns(self) -> None:
        assert len(scripts()) == 12
        assert all(8 <= len(script["turns"]) <= 12 for script in scripts())

    def test_the_document_holds_them_all(self) -> None:
        text = DOCUMENT.read_text(encoding="utf-8")
        for script in scripts():
            assert f"## {script['title']}\n" in text
            assert all(f"> {turn}" in text for turn in script["turns"])


class TestCounting:
    @pytest.mark.parametrize(
        "said",
        ["The soup was a good idea.", "“cried in the car” can stay said.", "Soups keep."],
    )
    def test_a_word_or_a_quotation_of_the_message_is_a_detail(self, said: str) -> None:
        assert played("made soup and cried in the car", said).echoes

    @pytest.mark.parametrize("said", ["You can be kind to yourself.", "“something else” stays."])
    def test_what_fits_anybody_is_none(self, said: str) -> None:
        assert not played("made soup and cried in the car", said).detailed

    def test_a_sentence_tied_to_what_the_message_tells_is_a_detail(self) -> None:
        one = next(one for one in load() if {"dad", "my dad"} & one.told)
        said = max(next(iter(one.moves.values()))[0].sentences, key=len)
        assert played("my dad again", said).detailed
        assert not played("the bus again", said).detailed


class TestReadings:
    @pytest.fixture
    def folder(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
        monkeypatch.setattr(reading, "FOLDER", tmp_path)
        key = {"a": "A", "b": "B", "c": "A"}
        (tmp_path / "sheet.key.json").write_text(json.dumps(key), encoding="utf-8")
        return tmp_path

    def test_what_was_chosen_is_counted_by_the_key(self, folder: Path) -> None:
        (folder / "sheet.reader-1.txt").write_text("a A kinder\nb A\nc =\n", encoding="utf-8")
        found = reading.counted("sheet")
        assert (found["won"], found["lost"], found["equal"], found["readers"]) == (1, 1, 1, 1)

    @pytest.mark.parametrize("chose", ["a A\nb B\n", "a A\nb B\nc C\n"])
    def test_a_sheet_half_read_is_an_error(self, folder: Path, chose: str) -> None:
        (folder / "sheet.reader-1.txt").write_text(chose, encoding="utf-8")
        with pytest.raises(ValueError, match="every pair"):
            reading.counted("sheet")

    def test_a_sheet_hides_which_is_ours(self, folder: Path, tmp_path: Path) -> None:
        paths = {}
        for name, text in (("ours", "Ours."), ("theirs", "Theirs.")):
            paths[name] = tmp_path / f"{name}.jsonl"
            lines = [json.dumps({"id": str(i), "replies": [{"text": text}]}) for i in range(40)]
            paths[name].write_text("\n".join(lines), encoding="utf-8")
        messages = tmp_path / "messages.jsonl"
        told = [json.dumps({"id": str(i), "message": "hello"}) for i in range(40)]
        messages.write_text("\n".join(told), encoding="utf-8")
        reading.pair(messages, paths["ours"], paths["theirs"], "both", 30)
        key = json.loads((folder / "both.key.json").read_text("utf-8"))
        assert len(key) == 30
        assert 5 <= sum(ours == "A" for ours in key.values()) <= 25
        assert "ours" not in (folder / "both.txt").read_text("utf-8").casefold().replace(
            "a: ours.", ""
        ).replace("b: ours.", "")
