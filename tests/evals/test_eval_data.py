"""The cases of every suite: whole, labelled as the domain allows, read twice, and nobody's copy."""

import json
import re
from collections import Counter, defaultdict
from datetime import date
from pathlib import Path

import pytest
import yaml

from companion.contacts import Contacts
from companion.domain import (
    CrisisKind,
    CrisisLevel,
    OldRule,
    ReflectionKind,
    ShamingCategory,
    Situation,
)
from companion.text import words
from evals.conduct.task import KINDS
from evals.respond.task import LENGTHS
from evals.rows import read_rows
from evals.suites import SUITES
from evals.triage.task import STRATA

ROOT = Path(__file__).parents[2]
EVALS = ROOT / "evals"
WITH_DATA = [name for name in SUITES if name != "speed"]
SITUATIONS = {one.value for one in Situation}
RULES = {None, *(one.value for one in OldRule)}
LEVELS = {one.value for one in CrisisLevel}
DANGERS = {one.value for one in CrisisKind}
COUNTRIES = set(Contacts().countries())
PUSHES = (
    "anger logic authority silence humour just_say_it bargaining flattery testing pity"
).split()
TURNS = "opens pushes third_time silent asks softens new_topic stops corrects thanks".split()
TRAPS = (
    "false_memory asks_what_i_said asks_about_kept never_said other_person blends_two wrong_date"
).split()
ASKS = {None, "advice", "information", "opinion", "checking", "is_it_true"}


def rows(name):
    suite, _, file = name.partition("/")
    return read_rows(EVALS / suite / "data" / f"{file}.jsonl")


def files(suite):
    """The data of a suite by file, without what its readers said."""
    found = (EVALS / suite / "data").glob("*.jsonl")
    return {path.stem: read_rows(path) for path in sorted(found) if path.stem != "readings"}


DATA = {suite: files(suite) for suite in WITH_DATA}
PEOPLE = DATA["recall"]["people"]
MESSAGES = [message for person in PEOPLE for message in person["messages"]]


class TestIds:
    def test_no_two_cases_of_any_suite_have_the_same(self):
        ids = [row["id"] for suite in DATA.values() for rows in suite.values() for row in rows]
        ids += [message["id"] for message in MESSAGES]
        assert [id for id, count in Counter(ids).items() if count > 1] == []

    def test_no_two_reflections_of_a_person_or_a_case_have_the_same(self):
        kept = [
            row.get("reflections", ())
            for suite in DATA.values()
            for r in suite.values()
            for row in r
        ]
        for reflections in kept:
            ids = [one["id"] for one in reflections]
            assert len(set(ids)) == len(ids)


class TestFields:
    """Of each file the fields that every row has, and those that it may have."""

    @pytest.mark.parametrize(
        ("name", "always", "perhaps"),
        [
            ("triage/messages", "id stratum message level why", "kind country"),
            ("triage/threads", "id turns country why", ""),
            (
                "classify/messages",
                "id message situation also old_rule words why",
                "also_open rule_open",
            ),
            ("classify/threads", "id history message situation also why", "also_open"),
            ("recall/people", "id about reflections messages", ""),
            ("shaming/replies", "id brief message reply category pair", ""),
            (
                "respond/cases",
                "id message situation details asks advice_wanted under_18 why lengths",
                "asks_also",
            ),
            ("pressure/cases", "id situation belief push turns turns_about why", ""),
            ("grounding/conversations", "id reflections turns traps true why", ""),
            (
                "conduct/cases",
                "id kind turns must must_not why level says_software",
                "forbidden_words reflections",
            ),
            ("conduct/disclosure", "id kind minutes now reminded_before why", ""),
        ],
    )
    def test_every_row_has_them_and_no_other(self, name, always, perhaps):
        for row in rows(name):
            assert set(always.split()) <= set(row), row["id"]
            assert set(row) <= {*always.split(), *perhaps.split()}, row["id"]

    def test_no_file_was_forgotten_here(self):
        there = {f"{suite}/{file}" for suite, files in DATA.items() for file in files}
        told = {case[0] for case in self.test_every_row_has_them_and_no_other.pytestmark[0].args[1]}
        assert there == told

    def test_every_text_says_something(self):
        for suite in DATA.values():
            for text in (text for rows in suite.values() for row in rows for text in texts(row)):
                assert text.strip()

    def test_reflections_have_a_kind_and_a_day(self):
        for suite in ("recall", "grounding", "conduct"):
            for row in (row for rows in DATA[suite].values() for row in rows):
                for one in row.get("reflections", ()):
                    assert set(one) == {"id", "kind", "text", "date"}
                    assert one["kind"] in {kind.value for kind in ReflectionKind}
                    assert date.fromisoformat(one["date"]) <= date(2026, 3, 9), row["id"]


class TestTriage:
    def test_every_stratum_has_thirty_cases_or_more(self):
        counts = Counter(row["stratum"] for row in DATA["triage"]["messages"])
        assert set(counts) == set(STRATA)
        assert min(counts.values()) >= 30

    def test_danger_has_a_kind_and_what_is_none_has_none(self):
        for row in DATA["triage"]["messages"]:
            assert row["level"] in LEVELS, row["id"]
            assert (row["level"] == "none") == (row.get("kind") is None), row["id"]
            assert row.get("kind") in {None, *DANGERS}, row["id"]

    def test_some_live_where_we_have_contacts_some_elsewhere_and_some_do_not_say(self):
        countries = {row.get("country") for rows in DATA["triage"].values() for row in rows}
        assert all(one is None or re.fullmatch("[A-Z]{2}", one) for one in countries)
        assert None in countries
        assert len(countries & COUNTRIES) >= 10
        assert countries - COUNTRIES - {None}

    def test_idioms_and_ordinary_talk_hold_no_danger_and_the_explicit_mostly_does(self):
        for row in DATA["triage"]["messages"]:
            if row["stratum"] in {"idiom", "ordinary"}:
                assert row["level"] == "none", row["id"]
        explicit = [r for r in DATA["triage"]["messages"] if r["stratum"] == "explicit"]
        assert sum(row["level"] != "none" for row in explicit) >= 30

    def test_every_turn_of_a_conversation_has_a_level_and_most_conversations_hold_danger(self):
        threads = [[turn["level"] for turn in row["turns"]] for row in DATA["triage"]["threads"]]
        assert all(len(levels) >= 2 for levels in threads)
        assert all(set(levels) <= LEVELS for levels in threads)
        assert sum(set(levels) != {"none"} for levels in threads) >= 40


class TestClassify:
    def test_labels_are_the_domains(self):
        for row in (row for rows in DATA["classify"].values() for row in rows):
            assert row["situation"] in SITUATIONS, row["id"]
            assert row["also"] in {None, *SITUATIONS} - {row["situation"]}, row["id"]
            assert row.get("old_rule") in RULES, row["id"]

    def test_no_situation_is_rare(self):
        for file, least in (("messages", 60), ("threads", 20)):
            counts = Counter(row["situation"] for row in DATA["classify"][file])
            assert set(counts) == SITUATIONS
            assert min(counts.values()) >= least

    def test_the_words_it_rests_on_are_in_the_message(self):
        for row in DATA["classify"]["messages"]:
            assert all(one in row["message"] for one in row["words"]), row["id"]

    def test_a_conversation_begins_with_the_person_and_ends_with_an_answer(self):
        for row in DATA["classify"]["threads"]:
            roles = [item["role"] for item in row["history"]]
            assert roles == ["user", "companion"] * (len(roles) // 2), row["id"]


class TestRecall:
    def test_forty_people_have_about_a_dozen_reflections(self):
        assert len(PEOPLE) >= 40
        assert all(len(person["reflections"]) >= 10 for person in PEOPLE)

    def test_what_should_may_and_must_not_come_back_is_there_and_in_one_list_only(self):
        for person in PEOPLE:
            own = {one["id"] for one in person["reflections"]}
            for message in person["messages"]:
                listed = [*message["should"], *message["may"], *message["must_not"]]
                assert set(listed) <= own, message["id"]
                assert len(set(listed)) == len(listed), message["id"]
                assert message["situation"] in SITUATIONS, message["id"]

    def test_something_nothing_and_what_would_wound_are_all_tried(self):
        assert sum(bool(message["should"]) for message in MESSAGES) >= 100
        assert sum(not message["should"] and not message["may"] for message in MESSAGES) >= 20
        assert sum(bool(message["must_not"]) for message in MESSAGES) >= 50


class TestRespond:
    def test_labels_are_allowed_and_every_situation_is_there(self):
        cases = DATA["respond"]["cases"]
        for row in cases:
            assert row["lengths"], row["id"]
            assert set(row["lengths"]) <= set(LENGTHS), row["id"]
            assert {row["asks"], row.get("asks_also")} <= ASKS, row["id"]
            assert isinstance(row["advice_wanted"], bool)
            assert isinstance(row["under_18"], bool)
            assert row["details"], row["id"]
        counts = Counter(row["situation"] for row in cases)
        assert set(counts) == SITUATIONS
        assert min(counts.values()) >= 30

    def test_some_ask_for_advice_and_some_are_young(self):
        cases = DATA["respond"]["cases"]
        assert sum(row["advice_wanted"] for row in cases) >= 20
        assert sum(row["under_18"] for row in cases) >= 20


class TestPressure:
    def test_there_are_sixty_conversations_of_ten_turns(self):
        cases = DATA["pressure"]["cases"]
        assert len(cases) >= 60
        for row in cases:
            assert len(row["turns"]) == len(row["turns_about"]) == 10, row["id"]
            assert set(row["turns_about"]) <= set(TURNS), row["id"]
            assert row["turns_about"][0] == "opens", row["id"]
            assert row["push"] in PUSHES, row["id"]

    def test_every_situation_but_everyday_is_pushed_in_many_ways(self):
        cases = DATA["pressure"]["cases"]
        counts = Counter(row["situation"] for row in cases)
        assert set(counts) == SITUATIONS - {"everyday"}
        assert min(counts.values()) >= 15
        assert {row["push"] for row in cases} == set(PUSHES)
        assert sum("stops" in row["turns_about"] for row in cases) >= 15


class TestGrounding:
    def test_every_turn_has_a_trap_or_none_and_what_is_true(self):
        for row in DATA["grounding"]["conversations"]:
            assert len(row["turns"]) == len(row["traps"]) == len(row["true"]), row["id"]

    def test_most_lay_a_trap_and_some_lay_none(self):
        laid = [any(row["traps"]) for row in DATA["grounding"]["conversations"]]
        assert 50 <= sum(laid) < len(laid)

    def test_every_kind_of_trap_is_laid(self):
        found = DATA["grounding"]["conversations"]
        assert len(found) >= 60
        assert {t["kind"] for row in found for t in row["traps"] if t} == set(TRAPS)


class TestConduct:
    def test_every_kind_has_about_fifteen_cases(self):
        counts = Counter(row["kind"] for row in DATA["conduct"]["cases"])
        assert set(counts) == set(KINDS)
        assert min(counts.values()) >= 14

    def test_a_case_says_what_must_and_must_not_be(self):
        for row in DATA["conduct"]["cases"]:
            assert row["must"], row["id"]
            assert row["must_not"], row["id"]
            assert row["level"] in LEVELS, row["id"]
            assert isinstance(row["says_software"], bool), row["id"]
            assert all(word == word.casefold() for word in row.get("forbidden_words", ()))

    def test_an_order_hidden_in_a_reflection_is_hidden_in_one(self):
        for row in DATA["conduct"]["cases"]:
            assert row["kind"] != "injection_reflection" or row["reflections"], row["id"]

    def test_a_sitting_goes_forward_and_is_reminded_where_there_is_a_place(self):
        for row in DATA["conduct"]["disclosure"]:
            assert row["minutes"] == sorted(row["minutes"]), row["id"]
            assert all(minute <= row["now"] for minute in row["minutes"]), row["id"]
            assert set(row["reminded_before"]) <= set(range(len(row["minutes"]) + 1)), row["id"]


class TestShaming:
    def test_labels_are_the_domains(self):
        allowed = {None, *(one.value for one in ShamingCategory)}
        assert {row["category"] for row in DATA["shaming"]["replies"]} == allowed


class TestReadings:
    """What each reader said of each case; labels on which both agreed are the labels."""

    @staticmethod
    def of(suite):
        found = {row["id"]: row for row in rows(f"{suite}/readings")}
        cases = [row for file in DATA[suite].values() for row in file]
        cases = MESSAGES if suite == "recall" else cases
        return [(case, found[case["id"]]) for case in cases if case.get("kind") != "disclosure"]

    @pytest.mark.parametrize("suite", WITH_DATA)
    def test_every_case_was_read_a_second_time(self, suite):
        pairs = self.of(suite)
        assert pairs
        assert all(reading["second"] for _, reading in pairs)

    @pytest.mark.parametrize(
        ("suite", "label"),
        [
            ("triage", "level"),
            ("classify", "situation"),
            ("respond", "situation"),
            ("shaming", "category"),
        ],
    )
    def test_where_both_readers_agree_that_is_the_label(self, suite, label):
        pairs = [(case, read) for case, read in self.of(suite) if label in read["first"]]
        agreed = [
            (case[label], read["first"][label])
            for case, read in pairs
            if read["first"][label] == read["second"][label]
        ]
        assert len(agreed) > 0.8 * len(pairs)
        assert all(one == other for one, other in agreed)

    def test_what_only_one_reader_saw_besides_is_left_open(self):
        for case, read in self.of("classify"):
            differ = read["first"]["also"] != read["second"]["also"]
            assert bool(case.get("also_open")) == differ, case["id"]

    def test_the_lengths_are_those_of_either_reader(self):
        for case, read in self.of("respond"):
            either = {read[which]["length"] for which in ("first", "second")}
            assert set(case["lengths"]) == either, case["id"]


LONG = 8
"""Words. Shorter texts ("why am I like this") are said by many, and are nobody's copy."""
RUN = 5
ALIKE = 0.4
"""Share of the runs of five words of both that two texts may have in common."""
STRETCH = 8
"""Runs in common that are a copied stretch, however long the rest."""
TEXTS = {"message", "text", "turns"}


def texts(value, key=None):
    """Every text that a person wrote or kept in a row."""
    if isinstance(value, str):
        if key in TEXTS:
            yield value
    elif isinstance(value, dict):
        for name, inside in value.items():
            if value.get("role") != "companion":
                yield from texts(inside, name)
    elif isinstance(value, list):
        for inside in value:
            yield from texts(inside, key)


def runs(text):
    said = words(text)
    return frozenset(tuple(said[i : i + RUN]) for i in range(len(said) - RUN + 1))


class Known:
    """Texts by their runs of words, each with where it stands."""

    def __init__(self, of):
        self.texts = [(where, text, runs(text)) for where, text in of if len(words(text)) >= LONG]
        self.holders = defaultdict(set)
        for place, (_, _, pieces) in enumerate(self.texts):
            for piece in pieces:
                self.holders[piece].add(place)

    def near(self, text, where):
        """Give the texts that stand elsewhere and are this one, or nearly."""
        own = runs(text)
        shared = Counter(place for piece in own for place in self.holders.get(piece, ()))
        found = []
        for place, count in shared.items():
            there, other, pieces = self.texts[place]
            alike = count / len(own | pieces) > ALIKE
            if there != where and len(words(text)) >= LONG and (alike or count >= STRETCH):
                found.append((where, text, there, other))
        return found


def strings(value):
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for inside in value.values():
            yield from strings(inside)
    elif isinstance(value, list):
        for inside in value:
            yield from strings(inside)


def made_from():
    """Every text of the training data, and of the prompts with their exchanges."""
    found = set()
    for path in (ROOT / "training" / "data").rglob("*.jsonl"):
        for line in path.read_text("utf-8").splitlines():
            found.update(strings(json.loads(line)) if line.strip() else ())
    for folder in (ROOT / "training" / "data", ROOT / "prompts"):
        for path in folder.rglob("*.yaml"):
            # The C loader: there are thousands of lines.
            found.update(strings(yaml.load(path.read_text("utf-8"), yaml.CSafeLoader)))
    return found


OTHER_DATA = {"voice": files("voice"), "models": files("models")}
"""What is played and counted without being a suite."""
OWN = [
    (name, text)
    for name, data in {**DATA, **OTHER_DATA}.items()
    for text in dict.fromkeys(text for rows in data.values() for row in rows for text in texts(row))
]


class TestCopies:
    @pytest.fixture(scope="class")
    def known(self):
        return Known(OWN)

    def test_no_case_of_a_suite_is_in_another(self, known):
        assert [found for name, text in OWN for found in known.near(text, name)] == []

    def test_no_case_is_in_what_the_product_was_made_from(self, known):
        theirs = made_from()
        assert len(theirs) > 5_000, "the training data or the prompts were not found"
        assert [found for text in theirs for found in known.near(text, "made from")] == []

    @pytest.mark.parametrize("suite", WITH_DATA)
    def test_no_text_of_some_length_stands_twice_in_a_suite(self, suite):
        said = [text for r in DATA[suite].values() for row in r for text in texts(row)]
        # There, two or three replies answer one message.
        answers = 2 * (suite == "shaming")
        counts = Counter(" ".join(words(text)) for text in said if len(words(text)) >= LONG)
        assert [text for text, count in counts.items() if count > 1 + answers] == []

    @pytest.mark.parametrize(
        "copy",
        [
            lambda said: " ".join(said).upper(),
            lambda said: " ".join([*said[:9], "cabbage", *said[10:]]),
            lambda said: "Hello. " + " ".join(said[2:]),
            lambda said: " ".join([*["something", "else"] * 40, *said[: STRETCH + RUN]]),
        ],
        ids=["in capitals", "a word changed", "another beginning", "a stretch within a long text"],
    )
    def test_a_copy_would_be_found(self, known, copy):
        name, text = max(OWN, key=lambda one: len(one[1]))
        said = words(text)[:40]
        near = Known([(name, " ".join(said))]).near(copy(said), "elsewhere")
        assert [found[2] for found in near] == [name]

    def test_what_many_say_is_no_copy(self, known):
        assert known.near("why am I like this", "elsewhere") == []
