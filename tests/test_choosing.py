"""Which voice may speak: what was chosen, and what was agreed to."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from companion.choosing import (
    REMEMBERED,
    agreed,
    agreeing,
    choosing,
    chosen,
    speaking,
    used_before,
)
from companion.connection import EMBEDDED, Connection, VoiceKind
from companion.ports import Person

NOBODY = Person("somebody")
LOCAL = Connection(VoiceKind.ADDRESS, "http://127.0.0.1:11434/v1", "small")
HOSTED = Connection(VoiceKind.ADDRESS, "https://models.example/v1", "large")
OTHER = Connection(VoiceKind.ADDRESS, "https://other.example/v1", "large")
FILE = Connection(VoiceKind.FILE, path=Path("/models/small.gguf"))


def test_who_chose_nothing_has_what_the_environment_says() -> None:
    assert chosen(NOBODY, LOCAL) == LOCAL
    assert speaking(NOBODY, LOCAL) == LOCAL


@pytest.mark.parametrize("connection", [EMBEDDED, LOCAL, HOSTED, FILE])
def test_a_choice_goes_before_the_environment_and_comes_back_the_same(
    connection: Connection,
) -> None:
    assert chosen(choosing(NOBODY, connection), OTHER) == connection


def test_going_by_the_environment_again_forgets_the_choice_alone() -> None:
    person = choosing(agreeing(choosing(NOBODY, HOSTED), HOSTED), None)
    assert chosen(person, LOCAL) == LOCAL
    assert used_before(person) == (HOSTED,)
    assert agreed(person, HOSTED)


@pytest.mark.parametrize("configured", [EMBEDDED, HOSTED])
def test_words_leave_only_once_the_person_agreed(configured: Connection) -> None:
    person = NOBODY if configured == HOSTED else choosing(NOBODY, HOSTED)
    assert speaking(person, configured) == EMBEDDED
    assert speaking(agreeing(person, HOSTED), configured) == HOSTED


def test_to_agree_to_one_host_is_not_to_agree_to_another() -> None:
    person = agreeing(choosing(NOBODY, HOSTED), HOSTED)
    assert speaking(choosing(person, OTHER), EMBEDDED) == EMBEDDED
    assert speaking(choosing(person, replace(HOSTED, model="larger")), EMBEDDED).leaves


def test_a_model_passed_on_from_this_computer_is_asked_about_too() -> None:
    relayed = replace(LOCAL, model="large:120b-cloud")
    assert speaking(choosing(NOBODY, relayed), EMBEDDED) == EMBEDDED


def test_voices_used_before_come_latest_first_each_once_and_not_for_ever() -> None:
    person = NOBODY
    names = [f"model-{number}" for number in range(REMEMBERED + 2)]
    for name in [*names, names[-2]]:
        person = choosing(person, replace(LOCAL, model=name))
    used = [one.model for one in used_before(person)]
    assert used[:2] == [names[-2], names[-1]]
    assert len(used) == len(set(used)) == REMEMBERED


def test_the_embedded_voice_is_not_listed_as_used() -> None:
    assert used_before(choosing(NOBODY, EMBEDDED)) == ()


@pytest.mark.parametrize("written", [{"kind": "telepathy"}, "a name", {}])
def test_what_another_version_wrote_counts_as_no_choice(written: object) -> None:
    person = replace(NOBODY, settings={"voice": written, "voices_used": [written]})
    assert chosen(person, LOCAL) == LOCAL
    assert used_before(person) == ()
