"""What was written for people keeps its rules: contacts, crisis text, exchanges and lines."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterator
from datetime import date
from hashlib import sha256
from typing import Any
from urllib.parse import urlsplit

import pytest

from companion.contacts import Contacts
from companion.domain import POLICY, CrisisKind, CrisisLevel, Mode, ReflectionKind, Situation
from companion.prompts import document, folder, load_yaml
from companion.text import sentences, words
from companion.voice.details import LONGEST_PHRASE, cue
from companion.voice.exchanges import SLOT, AuthoredExchange, Push, load, options
from companion.voice.intents import ONLY_AFTER_A_REPLY, SENSITIVE
from training import data

EXCHANGES = load()
LINES = document("lines")
CRISIS = document("crisis")
CONTACTS = document("contacts")

OF_ITS_OWN = 8
"""Words. A shorter sentence ("No to that.") may stand in more than one place."""

# Said of the person these are verdicts, promises or clichés, whichever message they answer.
FORBIDDEN = (
    "proud of you",
    "you must not",
    "you need to love",
    "it could be worse",
    "everything happens for a reason",
    "bright side",
    "i understand how you feel",
    "i know how you feel",
    "you're not alone",
    "you are not alone",
    "i'm here for you",
    "i am here for you",
    "i'll always",
    "i love you",
    "as an ai",
    "seek professional help",
    "stay strong",
    "stay positive",
    "calm down",
    "get over it",
    "forgive them",
    "i hear you",
    "sounds really hard",
    "sounds so hard",
    "that must be",
    "it's okay to",
    "it is okay to",
    "be gentle with yourself",
    "you've got this",
    "you are enough",
    "makes sense that",
    "take a deep breath",
    "your feelings are valid",
    "safe space",
    "hold space",
    "sit with it",
    "lean into",
    "unpack",
    "inner child",
    "self-care",
    "healing",
    "trauma",
    "triggered",
    "toxic",
    "boundaries",
    "journey",
    "reach out",
)


def texts(node: Any) -> Iterator[str]:
    if isinstance(node, str):
        yield node
    elif isinstance(node, dict):
        for inner in node.values():
            yield from texts(inner)
    elif isinstance(node, list | tuple):
        for inner in node:
            yield from texts(inner)


def spoken(exchange: AuthoredExchange) -> Iterator[str]:
    for offered in [*exchange.moves.values(), exchange.advice]:
        for option in offered:
            yield from sentences(option.say)


def repeated(found: list[str]) -> list[str]:
    counts = Counter(" ".join(words(text)) for text in found)
    return [text for text, count in counts.items() if count > 1]


def mark(text: str) -> str:
    """Give the hash of a text without case, accents, punctuation or spacing."""
    bare = unicodedata.normalize("NFKD", text).casefold()
    return sha256("".join(c for c in bare if c.isalnum()).encode()).hexdigest()


class TestContacts:
    ENTRIES = [
        (code, entry)
        for code, about in CONTACTS["countries"].items()
        for entry in [about["emergency"], *about["contacts"]]
    ] + [("international", entry) for entry in CONTACTS["international"]]

    def test_there_are_enough_countries(self) -> None:
        assert len(CONTACTS["countries"]) >= 25
        assert list(Contacts().countries().values()) == sorted(Contacts().countries().values())

    def test_countries_are_named_by_their_code(self) -> None:
        for code, about in CONTACTS["countries"].items():
            # Bare `NO` is a boolean to YAML 1.1, so Norway's code must be quoted.
            assert isinstance(code, str)
            assert re.fullmatch("[A-Z]{2}", code)
            assert about["name"]

    @pytest.mark.parametrize(("country", "entry"), ENTRIES)
    def test_an_entry_has_its_fields(self, country: str, entry: dict[str, Any]) -> None:
        assert isinstance(entry["value"], str), "an unquoted number loses its zeros"
        assert entry["value"].strip()
        assert urlsplit(entry["source"]).scheme in {"https", "http"}
        assert urlsplit(entry["source"]).hostname
        assert isinstance(entry["note"], str) or "note" not in entry
        if "name" in entry:
            assert entry["how"] in {"phone", "text", "chat", "web"}

    @pytest.mark.parametrize(("country", "entry"), ENTRIES)
    def test_a_source_has_an_iso_date(self, country: str, entry: dict[str, Any]) -> None:
        said = entry["source_date"]
        assert isinstance(said, str)
        assert re.fullmatch(r"\d{4}(-\d\d(-\d\d)?)?", said)
        parts = [int(part) for part in said.split("-")]
        assert date(2005, 1, 1) < date(*[*parts, 1, 1][:3]) < date(2030, 1, 1)

    def test_services_say_what_they_are_for_and_when(self) -> None:
        known = {kind.value for kind in CrisisKind} | {"child"}
        for about in CONTACTS["countries"].values():
            for entry in about["contacts"]:
                assert entry["for"]
                assert set(entry["for"]) <= known
                assert entry["hours"]

    def test_every_country_has_someone_for_a_person_in_danger_from_themselves(self) -> None:
        for code in CONTACTS["countries"]:
            assert any("self" in c.kinds for c in Contacts().of(code, CrisisKind.SELF)), code

    def test_a_value_stands_once_for_a_service_in_a_country(self) -> None:
        for code, about in CONTACTS["countries"].items():
            values = [(entry["how"], entry["value"]) for entry in about["contacts"]]
            assert len(values) == len(set(values)), code
            names = [entry["name"] for entry in about["contacts"]]
            assert len(names) == len(set(names)), code

    def test_no_one_is_told_that_a_number_was_looked_at_when_it_was_not(self) -> None:
        for _, entry in self.ENTRIES:
            assert not re.search(r"\b(?:checked|verified)\b", str(entry), re.IGNORECASE)


class TestCrisis:
    PARTS = ("heard", "question", "contacts")
    LEVELS = {CrisisLevel.CONCERN.value, CrisisLevel.EMERGENCY.value}

    def test_every_kind_and_level_has_its_parts(self) -> None:
        assert set(CRISIS["kinds"]) == {kind.value for kind in CrisisKind}
        for levels in CRISIS["kinds"].values():
            assert set(levels) == self.LEVELS
            for parts in levels.values():
                assert set(parts) == set(self.PARTS)
                assert all(len(variants) >= 3 for variants in parts.values())

    def test_a_question_is_one_question(self) -> None:
        for levels in CRISIS["kinds"].values():
            for parts in levels.values():
                for question in parts["question"]:
                    assert question.count("?") == 1, question

    def test_every_question_says_what_a_yes_and_a_no_mean(self) -> None:
        assert set(CRISIS["asks"]) == {kind.value for kind in CrisisKind}
        for levels in CRISIS["asks"].values():
            assert set(levels) == self.LEVELS
            for level, asked in levels.items():
                assert set(asked) == {"question_means", "yes", "no"}
                assert asked["yes"] == "emergency"
                assert asked["no"] == ("clear" if level == "concern" else "keep")

    def test_every_answer_that_is_recognised_is_answered(self) -> None:
        assert set(CRISIS["said"]) <= set(CRISIS["answers"])
        assert {"continues", "resumed", "under_18", "unclear"} <= set(CRISIS["answers"])
        assert all(isinstance(name, str) for name in [*CRISIS["said"], *CRISIS["answers"]])

    @pytest.mark.parametrize("kind", [kind.value for kind in CrisisKind])
    @pytest.mark.parametrize("level", sorted(LEVELS))
    def test_every_answer_has_lines_for_every_kind_and_level(self, kind: str, level: str) -> None:
        for answer, node in CRISIS["answers"].items():
            found = node
            for choice in (kind, level):
                if isinstance(found, dict):
                    found = found.get(choice, found.get("any"))
            if answer == "cannot_speak" and found is None:
                continue
            assert found, (answer, kind, level)

    def test_no_vetted_sentence_stands_twice(self) -> None:
        found = [
            sentence
            for part in ("kinds", "answers")
            for line in texts(CRISIS[part])
            for sentence in sentences(line)
        ]
        assert len(found) > 300
        assert repeated(found) == []

    def test_an_example_means_one_thing(self) -> None:
        said = [" ".join(words(text)) or text for text in texts(CRISIS["said"])]
        assert [text for text, count in Counter(said).items() if count > 1] == []

    def test_nothing_shouts_promises_or_holds_a_slot(self) -> None:
        for part in ("kinds", "answers"):
            for line in texts(CRISIS[part]):
                assert "!" not in line
                assert "{" not in line
                assert not re.search(r"\b(?:promise you|will be (?:fine|ok)|i love you)\b", line)


class TestExchanges:
    def test_there_are_enough_in_every_situation(self) -> None:
        counts = Counter(exchange.situation for exchange in EXCHANGES)
        assert len(EXCHANGES) >= 900
        assert all(counts[situation] >= 150 for situation in Situation), counts
        assert sum(bool(exchange.pressed) for exchange in EXCHANGES) >= 120

    def test_every_file_is_read(self) -> None:
        written = sum(len(load_yaml(p) or ()) for p in (folder() / "exchanges").rglob("*.yaml"))
        assert len(EXCHANGES) == written

    @pytest.mark.parametrize("exchange", EXCHANGES, ids=lambda exchange: exchange.id)
    def test_an_exchange_keeps_the_rules(self, exchange: AuthoredExchange) -> None:
        assert tuple(exchange.moves) == POLICY[exchange.situation].moves
        assert words(exchange.message) or exchange.pressed is Push.GOES_SILENT
        for move, offered in exchange.moves.items():
            last = offered[-1]
            assert not last.cues, f"the last option of {move} fits any message"
            assert not last.slots, f"the last option of {move} needs nothing filled in"
        for offered in [*exchange.moves.values(), exchange.advice]:
            for option in offered:
                rest = SLOT.sub("", option.say)
                assert not re.search(r"[{}]", rest), "only known slots"
                assert "memory" not in option.slots
                assert "when" not in option.slots
                assert "earlier" not in option.slots or exchange.pressed
                assert all(option.cues), "a cue is words"
                assert all(len(words(cue)) <= LONGEST_PHRASE for cue in option.cues), option.cues
                assert option.say.count("?") <= 1
        asking = [m for m, offered in exchange.moves.items() if any("?" in o.say for o in offered)]
        assert len(asking) <= 1, "a reply asks one question at most"

    @pytest.mark.parametrize(
        "exchange", [e for e in EXCHANGES if e.pressed], ids=lambda exchange: exchange.id
    )
    def test_a_push_is_told_with_what_came_before_and_in_other_words(
        self, exchange: AuthoredExchange
    ) -> None:
        assert exchange.after
        assert len(set(exchange.said)) >= 4
        assert exchange.situation is not Situation.EVERYDAY

    def test_ids_are_unique(self) -> None:
        ids = [exchange.id for exchange in EXCHANGES]
        assert [key for key, count in Counter(ids).items() if count > 1] == []

    def test_no_sentence_and_no_message_stands_twice(self) -> None:
        said = [s for e in EXCHANGES for s in spoken(e) if len(words(s)) >= OF_ITS_OWN]
        assert repeated(said) == []
        told = [e.message for e in EXCHANGES if len(words(e.message)) >= OF_ITS_OWN]
        assert repeated(told) == []

    @pytest.mark.parametrize("phrase", FORBIDDEN)
    def test_a_forbidden_phrase_is_never_said(self, phrase: str) -> None:
        found = [
            sentence
            for exchange in EXCHANGES
            for sentence in spoken(exchange)
            if re.search(rf"\b{re.escape(phrase)}\b", sentence.replace("’", "'"), re.IGNORECASE)
        ]
        assert found == []

    def test_nobody_is_told_what_they_should_do(self) -> None:
        told = re.compile(
            r"(?:^|[,;:] )you (?:really )?should\b(?!n't| (?:be|know|feel|have))", re.I
        )
        assert [s for e in EXCHANGES for s in spoken(e) if told.search(s)] == []

    def test_nothing_is_exclaimed(self) -> None:
        assert [s for e in EXCHANGES for s in spoken(e) if "!" in s] == []

    def test_an_option_reads_a_text_or_a_mapping(self) -> None:
        plain, cued = options(["No. ", {"say": " It stays. ", "if": ["Boss", 5]}])
        assert plain.say.strip() == "No."
        assert (cued.say, cued.cues) == ("It stays.", {cue("boss"), "5"})


class TestLines:
    def test_every_intent_is_recognised_or_called_by_name(self) -> None:
        by_name = {"least", "under_18", "recall"} | {f"advice_{s.value}" for s in Situation}
        for name, about in LINES.items():
            if name not in by_name:
                assert len(about["said"]) >= 8, name
                assert about["replies"], name
        assert by_name <= set(LINES)
        assert SENSITIVE | ONLY_AFTER_A_REPLY | {"silence", "other_language"} <= set(LINES)

    def test_replies_are_by_mode_or_for_both(self) -> None:
        for name, about in LINES.items():
            replies = about.get("replies")
            if isinstance(replies, dict):
                assert set(replies) == {mode.value for mode in Mode}, name
            if name != "recall":
                assert len(list(texts(replies))) >= 4, name

    def test_recall_lines_hold_the_memory_and_its_date(self) -> None:
        assert set(LINES["recall"]) == {kind.value for kind in ReflectionKind}
        for line in texts(LINES["recall"]):
            assert set(SLOT.findall(line)) == {"memory", "when"}

    def test_other_lines_hold_no_memory(self) -> None:
        for name, about in LINES.items():
            if name != "recall":
                for line in texts(about.get("replies")):
                    assert set(SLOT.findall(line)) <= {"words", "speaker", "speakers"}, line
                    assert not re.search(r"[{}]", SLOT.sub("", line)), line

    def test_lines_that_must_always_be_sayable_hold_no_slot(self) -> None:
        for name in ("least", "under_18"):
            assert not any(SLOT.search(line) for line in texts(LINES[name]["replies"]))

    def test_no_line_stands_twice(self) -> None:
        found = [
            sentence
            for about in LINES.values()
            for line in texts(about.get("replies", about))
            for sentence in sentences(line)
            if len(words(sentence)) >= 3 and about.get("replies")
        ]
        assert repeated(found) == []

    def test_no_line_stands_in_an_exchange_too(self) -> None:
        lines = {
            " ".join(words(sentence))
            for about in LINES.values()
            for line in texts(about.get("replies"))
            for sentence in sentences(line)
            if len(words(sentence)) >= OF_ITS_OWN
        }
        assert not lines & {" ".join(words(s)) for e in EXCHANGES for s in spoken(e)}

    def test_nothing_is_exclaimed(self) -> None:
        found = [line for about in LINES.values() for line in texts(about.get("replies"))]
        assert [line for line in found if "!" in line] == []


class TestIdentity:
    def test_it_says_what_it_is(self) -> None:
        opening = document("identity")["opening"]
        for word in ("software", "not a person", "not a therapist", "helplines"):
            assert word in opening
        assert len(document("identity")["reminder"]) >= 3


class TestKeptApart:
    """What the reader is trained on is not what it is shown to judge, and the voice is not both."""

    TRAINED = (
        {mark(row.text) for row in [*data.messages(), *data.crises()]}
        | {mark(row.message) for row in data.replies()}
        | {mark(row.sentence) for row in data.replies()}
    )

    def test_the_mark_sees_through_case_and_punctuation(self) -> None:
        assert mark("No. That’s it!") == mark("no thats  it")
        assert mark("No") != mark("Not")

    def test_no_message_of_an_exchange_is_a_row_as_well(self) -> None:
        told = [e for e in EXCHANGES if len(words(e.message)) >= OF_ITS_OWN]
        assert [e.id for e in told if mark(e.message) in self.TRAINED] == []

    def test_no_sentence_of_an_exchange_is_a_row_as_well(self) -> None:
        said = [s for e in EXCHANGES for s in spoken(e) if len(words(s)) >= OF_ITS_OWN]
        assert [sentence for sentence in said if mark(sentence) in self.TRAINED] == []


def test_a_document_is_read_once() -> None:
    assert document("lines") is document("lines")
