"""Two readers as one: danger is the union, the situation is weighed, sentences stay ours."""

from __future__ import annotations

from dataclasses import replace

import pytest

from companion.domain import CrisisKind, CrisisLevel, Situation
from companion.ports import SecondReading
from companion.reader.merged import MergedReader, merged
from companion.usage import Usage
from tests.steps.making import PlainReader, read

NONE, CONCERN, EMERGENCY = CrisisLevel.NONE, CrisisLevel.CONCERN, CrisisLevel.EMERGENCY
ATTACKED, LACK = Situation.MEANING_ATTACKED, Situation.SAFETY_MISSING


def second(
    situation: Situation = ATTACKED,
    crisis: CrisisLevel = NONE,
    kind: CrisisKind = CrisisKind.SELF,
    also: Situation | None = None,
) -> SecondReading:
    return SecondReading(situation, also, crisis, kind)


class Scripted:
    name = "scripted"

    def __init__(self, reading: SecondReading | None) -> None:
        self.reading = reading

    def read(self, message, history=()):
        return self.reading, Usage(40, 9, requests=1)


@pytest.mark.parametrize("ours", [NONE, CONCERN, EMERGENCY])
@pytest.mark.parametrize("theirs", [NONE, CONCERN, EMERGENCY])
def test_the_higher_danger_stands_whoever_read_it(ours, theirs) -> None:
    both = merged(read(crisis=ours), second(crisis=theirs))
    assert both.crisis is max(ours, theirs, key=lambda level: level.rank)


def test_whose_danger_it_is_comes_from_who_read_the_higher_one() -> None:
    ours = read(crisis=CONCERN, kind=CrisisKind.SELF)
    worse = second(crisis=EMERGENCY, kind=CrisisKind.DANGER_FROM)
    assert merged(ours, worse).crisis_kind is CrisisKind.DANGER_FROM
    same = second(crisis=CONCERN, kind=CrisisKind.MEDICAL)
    assert merged(ours, same).crisis_kind is CrisisKind.SELF


def test_the_model_decides_where_the_reader_is_unsure() -> None:
    unsure = replace(read(ATTACKED), situations={**read(ATTACKED).situations})
    assert merged(unsure, second(LACK)).situation is LACK


def test_a_sure_reader_is_not_overruled_and_the_other_is_kept_as_also() -> None:
    sure = replace(
        read(ATTACKED),
        situations={one: 0.96 if one is ATTACKED else 0.01 for one in Situation},
    )
    both = merged(sure, second(LACK))
    assert both.situation is ATTACKED
    assert both.also is LACK


def test_shares_still_sum_to_one() -> None:
    assert sum(merged(read(), second()).situations.values()) == pytest.approx(1.0)


def test_readings_that_agree_have_no_other() -> None:
    assert merged(read(ATTACKED), second(ATTACKED)).also is None


def test_without_a_second_reading_the_first_stands_alone() -> None:
    reader = MergedReader(PlainReader(), Scripted(None))
    alone = replace(PlainReader().read("hello"), usage=Usage(40, 9, requests=1))
    assert reader.read("hello") == alone
    assert reader.read("hello").readers == ("embedded",)


def test_in_an_emergency_no_model_is_asked() -> None:
    class Loud:
        name = "loud"

        def read(self, message, history=()):
            raise AssertionError("it was asked")

    class Alarmed(PlainReader):
        def read(self, message, history=()):
            return read(crisis=EMERGENCY)

    assert MergedReader(Alarmed(), Loud()).read("hello").crisis is EMERGENCY


def test_the_reading_says_who_read() -> None:
    reader = MergedReader(PlainReader(), Scripted(second()))
    assert reader.read("hello").readers == ("embedded", "scripted")
    assert reader.read("hello").usage.prompt == 40


def test_a_model_never_judges_sentences() -> None:
    inner = PlainReader("lazy")
    judged = MergedReader(inner, Scripted(second())).judge(["You are lazy."], "hello")
    assert judged[0].category is not None
    assert inner.judged == [("You are lazy.", "hello")]
