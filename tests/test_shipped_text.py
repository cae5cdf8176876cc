"""Every sentence that ships passes the guard, or was read by a person and cleared by its hash."""

from __future__ import annotations

from dataclasses import replace

import pytest

from companion.domain import ReflectionKind
from companion.ports import Draft
from companion.prompts import document, lines
from companion.shipped import Shipped, shipped
from companion.steps.guard import Guard, fingerprint
from tests.steps.making import reflection
from training.audit import audited_by, weights


def hash_of(one: Shipped) -> str:
    return fingerprint(one.sentence, one.context)


KEPT = reflection("Rest is not laziness.", ReflectionKind.MOMENT)
"""Stands for the reflection that a recall line was given."""


@pytest.fixture(scope="module")
def everything() -> list[Shipped]:
    return list(shipped())


def test_all_of_it_is_there(everything) -> None:
    places = {one.place.split(".")[0] for one in everything}
    assert {"lines", "crisis", "identity"} <= places
    assert {"lines.recall", "lines.least", "crisis.kinds", "crisis.answers"} <= {
        one.place for one in everything
    }
    assert len(everything) > 2500


ONE_IN = 12
"""Of all sentences, one in so many is judged anew here; the audit judged every one."""


def test_every_sentence_was_audited_by_the_reader_that_ships(everything) -> None:
    assert audited_by() == weights(), "run `make audit`"
    known = lines("audited")
    missing = [one.place for one in everything if hash_of(one) not in known]
    assert missing == [], "run `make audit`"
    assert known == {hash_of(one) for one in everything}, "what no longer ships is known"


def test_no_shipped_sentence_is_withheld(everything, reader) -> None:
    guard, withheld = Guard(reader, audited=frozenset()), []
    for one in everything:
        if int(hash_of(one), 16) % ONE_IN:
            continue
        draft, recalled = one.draft, []
        if one.place == "lines.recall":
            draft = replace(draft, text=draft.text.replace("“…”", f"“{KEPT.text}”"))
            recalled = [KEPT]
        verdict = guard.check(draft, one.context, mode=one.mode, recalled=recalled)
        if verdict.ungrounded and one.place.startswith("crisis"):
            # Vetted text speaks of the message before it, which only a turn can give.
            verdict = guard.check(replace(draft, text="…"), one.context, mode=one.mode)
        if verdict.reason:
            withheld.append(f"{one.place}: {one.sentence}  [{verdict.reason} {verdict.score:.2f}]")
    assert not withheld, f"{len(withheld)} sentences\n" + "\n".join(withheld)


def test_every_clearing_is_of_a_sentence_that_ships(everything) -> None:
    known = {fingerprint(one.sentence) for one in everything}
    stale = [key for key in document("cleared") or () if key not in known]
    assert stale == [], "these sentences were changed or taken out; take their hashes out too"


def test_every_clearing_is_needed_once(everything) -> None:
    cleared = list(document("cleared") or ())
    assert len(cleared) == len(set(cleared))


def test_a_changed_sentence_is_no_longer_cleared() -> None:
    assert fingerprint("That word is hers.") != fingerprint("That word is hers!")
    assert fingerprint(" That word is hers. ") == fingerprint("That word is hers.")


def test_what_is_cleared_is_judged_as_authored_text_only(everything) -> None:
    draft = everything[0].draft
    assert draft.source == everything[0].sentence
    assert "{" not in draft.text
    assert isinstance(draft, Draft)
