"""The authored rows: labels of the domain, unique ids, briefs described, no row nearly twice."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import pytest
import yaml

from companion.domain import CrisisKind, CrisisLevel, OldRule, ShamingCategory, Situation
from training import data
from training.duplicates import families, near_duplicates, said

MESSAGES, CRISES, REPLIES = data.messages(), data.crises(), data.replies()
BRIEFS = {
    name: about
    for path in sorted((data.DATA / "briefs").glob("*.yaml"))
    for name, about in yaml.safe_load(path.read_text(encoding="utf-8")).items()
}

TESTS = {name: table(data.TEST) for name, table in data.TABLES.items()}


def whole(row: data.MessageRow | data.CrisisRow) -> str:
    """A short answer may be given twice, after different things."""
    return " ".join([*(f"{turn.message} {turn.reply}" for turn in row.history), row.text])


def test_there_is_enough_of_each() -> None:
    assert len(MESSAGES) >= 4000
    assert len(CRISES) >= 2000
    assert len(REPLIES) >= 4000
    assert all(len(rows) >= 400 for rows in TESTS.values())


def test_at_least_half_is_not_what_is_looked_for_and_much_of_it_looks_like_it() -> None:
    assert 0.48 <= sum(row.level is CrisisLevel.NONE for row in CRISES) / len(CRISES) <= 0.6
    clean = [row for row in REPLIES if row.category is None]
    assert 0.45 <= len(clean) / len(REPLIES) <= 0.62
    assert sum(row.hard is not None for row in clean) >= len(clean) / 2
    hard = [row for row in MESSAGES if row.also or row.hard not in {None, "follow_up"}]
    assert len(hard) >= 0.15 * len(MESSAGES)


def test_what_is_tested_on_was_never_trained_on() -> None:
    learned = {row.brief for row in [*MESSAGES, *CRISES, *REPLIES]}
    assert not learned & {row.brief for rows in TESTS.values() for row in rows}
    texts = {whole(row) for row in [*MESSAGES, *CRISES]}
    tested = {whole(row) for name in ("messages", "crisis") for row in TESTS[name]}
    assert not [pair for pair in near_duplicates([*texts, *tested]) if tested & set(pair)]
    sentences = {row.sentence for row in REPLIES}
    judged = {row.sentence for row in TESTS["replies"]}
    assert not [pair for pair in near_duplicates([*sentences, *judged]) if judged & set(pair)]


def test_no_label_is_missing() -> None:
    assert {row.situation for row in MESSAGES} == set(Situation)
    assert {row.old_rule for row in MESSAGES} == {*OldRule, None}
    assert {row.level for row in CRISES} == set(CrisisLevel)
    assert {row.kind for row in CRISES} == {*CrisisKind, None}
    assert {row.category for row in REPLIES} == {*ShamingCategory, None}


def test_every_label_has_rows_to_learn_from() -> None:
    for labels, fewest in [
        ([row.situation for row in MESSAGES], 100),
        ([row.level for row in CRISES], 100),
        ([row.category for row in REPLIES], 40),
        ([row.old_rule for row in MESSAGES], 20),
        ([row.kind for row in CRISES if row.kind], 20),
    ]:
        counts = Counter(labels)
        assert min(counts.values()) >= fewest, counts


@pytest.mark.parametrize("rows", [MESSAGES, CRISES, REPLIES], ids=["messages", "crises", "replies"])
def test_ids_are_unique_and_begin_with_their_brief(rows: list) -> None:
    counts = Counter(row.id for row in rows)
    assert [key for key, count in counts.items() if count > 1] == []
    assert [row.id for row in rows if not row.id.startswith(row.brief)] == []


@pytest.mark.parametrize(
    ("folder", "rows"),
    [("messages", MESSAGES), ("crisis", CRISES), ("replies", REPLIES)],
    ids=["messages", "crises", "replies"],
)
def test_every_brief_is_described_and_has_its_own_file(folder: str, rows: list) -> None:
    for path in sorted((data.DATA / folder).glob("*.jsonl")):
        assert path.stem in BRIEFS, path.name
        assert BRIEFS[path.stem]["kind"] == folder
        assert len(BRIEFS[path.stem]["about"]) > 40
    assert {row.brief for row in rows} == {p.stem for p in (data.DATA / folder).glob("*.jsonl")}


def test_no_brief_is_described_without_rows() -> None:
    written = {path.stem for folder in data.TABLES for path in (data.DATA / folder).glob("*.jsonl")}
    assert set(BRIEFS) <= written


def test_many_writers_were_imagined() -> None:
    for rows in (MESSAGES, CRISES, REPLIES):
        counts = Counter(row.brief for row in rows)
        assert len(counts) >= 12
        assert max(counts.values()) < 0.15 * len(rows)


def test_labels_do_not_contradict_each_other() -> None:
    assert [row.id for row in MESSAGES if row.also is row.situation] == []
    assert [row.id for row in CRISES if (row.kind is None) != (row.level is CrisisLevel.NONE)] == []


def test_texts_are_not_empty_and_fit_the_reader() -> None:
    for text in [
        *(row.text for row in [*MESSAGES, *CRISES]),
        *(row.message for row in REPLIES),
        *(row.sentence for row in REPLIES),
    ]:
        assert text == text.strip()
        assert 0 < len(text) <= 2500


def test_what_is_nearly_the_same_is_found() -> None:
    one = "my sister told everyone at the wedding that i was the lazy one"
    other = "My sister told everyone at the wedding, that I was the lazy one!"
    assert near_duplicates([one, other, "the bus was late again this morning"]) == [(one, other)]
    assert near_duplicates([one, "my sister drove two hours to sit with me"]) == []


@pytest.mark.parametrize("rows", [MESSAGES, CRISES, REPLIES], ids=["messages", "crises", "replies"])
def test_no_row_is_nearly_another_of_its_label(rows: list) -> None:
    # Pairs that differ in a few words and in what they mean are written on purpose.
    for name in sorted({data.label(row) for row in rows}):
        texts = [
            row.sentence if isinstance(row, data.ReplyRow) else whole(row)
            for row in rows
            if data.label(row) == name
        ]
        assert near_duplicates(texts) == []


def test_a_template_leaves_a_family_behind() -> None:
    filled = [
        f"i told my {one} that i was {two} and he laughed"
        for one, two in [("dad", "tired"), ("boss", "ill"), ("coach", "late")]
    ]
    assert families([*filled, "she came in and sat with us for a while then"]) == [filled]


def test_no_template_was_filled() -> None:
    assert families([whole(row) for row in [*MESSAGES, *CRISES]]) == []
    assert families([row.sentence for row in REPLIES], least=4) == []


def test_no_text_stands_twice_in_its_table() -> None:
    for texts in (
        [whole(row) for row in [*MESSAGES, *CRISES]],
        [row.sentence for row in REPLIES],
    ):
        counts = Counter(" ".join(said(text)) for text in texts)
        # "Yes." may be said to two people; a longer text that stands twice was copied.
        repeated = [text for text, count in counts.items() if count > 1]
        assert [text for text in repeated if len(text.split()) > 3] == []


def test_a_label_that_is_not_the_domain_s_is_refused(tmp_path: Path) -> None:
    folder = tmp_path / "messages"
    folder.mkdir()
    row = {"id": "a-1", "brief": "a", "text": "x", "situation": "sad", "also": None}
    (folder / "a.jsonl").write_text(json.dumps(row | {"old_rule": None}), encoding="utf-8")
    with pytest.raises(ValueError):
        data.messages(tmp_path)


def test_a_line_that_is_not_json_says_where(tmp_path: Path) -> None:
    folder = tmp_path / "crisis"
    folder.mkdir()
    (folder / "a.jsonl").write_text("\n{\n", encoding="utf-8")
    with pytest.raises(ValueError, match=r"a\.jsonl:2"):
        data.crises(tmp_path)
