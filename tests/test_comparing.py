"""Voices side by side: each answers alone, a voice that fails leaves the others, all are freed."""

from __future__ import annotations

import json
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from companion.commands.comparing import Answered, Contender, compare, messages
from companion.commands.side_by_side import as_markdown, as_rows, as_text
from companion.commands.totals import totals
from companion.connection import EMBEDDED, Connection, VoiceKind
from companion.domain import CrisisLevel, Mode, Situation
from companion.errors import SettingsError
from companion.events import Finished, Replaced
from companion.usage import Cost, Usage

OTHER = Connection(VoiceKind.ADDRESS, "http://127.0.0.1:9/v1", "other")
SPENT = Usage(prompt=700, completion=40, cached=600, requests=1, told=True)


def answered(number: int = 1, label: str = "m", **more: Any) -> Answered:
    given: dict[str, Any] = {
        "situation": Situation.IDENTITY_SHAMED,
        "mode": Mode.BOUNDARY,
        "sentences": ("One.", "Two."),
        "finished": Finished("m", {"first": 0.5 * number, "total": 2.0}, SPENT),
    }
    return Answered(number, f"Message {number}.", label, **(given | more))


class TestComparing:
    def test_there_are_twelve_messages(self) -> None:
        assert len(messages()) == 12
        assert messages(2) == messages()[:2]

    def test_every_voice_answers_every_message_for_itself(self, in_memory) -> None:
        asked = (messages()[0],) * 2
        both = [Contender("one", EMBEDDED), Contender("two", OTHER)]
        found = list(compare(both, asked, lambda connection: in_memory))
        assert [(one.label, one.number) for one in found] == [
            ("one", 1),
            ("one", 2),
            ("two", 1),
            ("two", 2),
        ]
        # A second conversation knows nothing of the first, so the same is said again.
        assert found[0].sentences == found[1].sentences != ()
        assert found[0].situation is Situation.MEANING_ATTACKED
        assert found[0].seconds is not None

    def test_danger_is_answered_with_vetted_text(self, in_memory) -> None:
        asked = ["I'm going to kill myself tonight"]
        (found,) = compare([Contender("m", EMBEDDED)], asked, lambda connection: in_memory)
        assert found.crisis is CrisisLevel.EMERGENCY
        assert found.sentences
        assert totals([found])[0].shown == 0

    def test_a_voice_that_cannot_be_used_leaves_the_others(self, in_memory) -> None:
        def make(connection: Connection) -> Any:
            if connection == OTHER:
                raise SettingsError("It cannot be used; choose another.")
            return in_memory

        both = [Contender("other", OTHER), Contender("embedded", EMBEDDED)]
        found = list(compare(both, messages(2), make))
        assert [one.failed is None for one in found] == [False, False, True, True]
        assert found[0].failed == "It cannot be used; choose another."

    def test_a_voice_that_was_refused_is_never_made(self) -> None:
        def make(connection: Connection) -> Any:
            raise AssertionError

        (found,) = compare([Contender("m", OTHER, "You did not say yes.")], messages(1), make)
        assert found.failed == "You did not say yes."

    def test_each_is_freed_before_the_next_is_made(self, in_memory) -> None:
        done: list[str] = []

        def make(connection: Connection) -> Any:
            done.append(f"made {connection.name}")
            return replace(in_memory, retire=lambda: done.append(f"freed {connection.name}"))

        both = [Contender("embedded", EMBEDDED), Contender("other", OTHER)]
        list(compare(both, messages(1), make))
        assert done == ["made embedded", "freed embedded", "made other", "freed other"]

    def test_it_is_freed_when_nobody_reads_on(self, in_memory) -> None:
        done: list[str] = []
        given = replace(in_memory, retire=lambda: done.append("freed"))
        answers = compare([Contender("m", EMBEDDED)], messages(2), lambda connection: given)
        next(answers)
        answers.close()  # type: ignore[attr-defined]
        assert done == ["freed"]


class TestTotals:
    def test_medians_and_sums(self) -> None:
        cost = Cost(Decimal("0.001"), "USD")
        some = [
            answered(n, finished=replace(answered(n).finished, cost=cost), withheld=withheld)
            for n, withheld in enumerate([(), (Replaced("x", "y"),), ()], 1)
        ]
        (one,) = totals(some)
        assert (one.answered, one.first_seconds, one.seconds) == (3, 1.0, 2.0)
        assert (one.usage.prompt, one.usage.cached, one.usage.completion) == (2100, 1800, 120)
        assert one.cost == Cost(Decimal("0.003"), "USD")
        assert (one.shown, one.withheld, one.taken_over) == (6, 1, 0)

    def test_a_cost_that_rests_on_estimates_says_so(self) -> None:
        costs = [Cost(Decimal(1), "USD"), Cost(Decimal(1), "USD", exact=False)]
        some = [answered(finished=Finished("m", {}, SPENT, cost)) for cost in costs]
        assert totals(some)[0].cost == Cost(Decimal(2), "USD", exact=False)

    def test_of_what_failed_only_the_reason(self) -> None:
        (one,) = totals([Answered(1, "Hi.", "m", failed="It cannot be used.")])
        assert (one.answered, one.first_seconds, one.failed) == (0, None, "It cannot be used.")


FULL = answered(
    withheld=(Replaced("You <b>must</b>\x1b[31m go.", "It could sound like blame."),),
    taken_over="The server fell silent.",
)


class TestShowing:
    def test_text_says_all_there_is_to_say(self) -> None:
        said = as_text([FULL, Answered(1, "Hi.", "gone", failed="It is gone.")], 100)
        for part in (
            "gone was left out: It is gone.",
            "1. “Message 1.”",
            "One. Two.",
            "identity shamed, boundary; first sentence 0.50 s, whole reply 2.00 s",
            "tokens: 700 read, 600 of them cached, 40 written; told by the server",
            "withheld: “You <b>must</b>",
            "It could sound like blame.",
            "the embedded voice took over: The server fell silent.",
            "first sentence, median",
        ):
            assert part in said

    def test_what_was_withheld_cannot_steer_a_terminal(self) -> None:
        assert "\x1b" not in as_text([FULL], 100)

    @pytest.mark.parametrize("width", [48, 60, 80, 200])
    @pytest.mark.parametrize("voices", [1, 3, 8])
    def test_no_line_is_wider_than_the_terminal(self, width: int, voices: int) -> None:
        some = [replace(FULL, label=f"a model with a long name {n}") for n in range(voices)]
        said = as_text(some, width)
        assert max(map(len, said.splitlines())) <= width
        assert said.count("a model with a ") >= 2 * voices

    def test_what_cost_nothing_known_has_no_row_of_cost(self) -> None:
        assert "cost" not in as_text([FULL], 80)
        cost = Cost(Decimal("0.00123"), "EUR", exact=False)
        paid = replace(FULL, finished=replace(FULL.finished, cost=cost))
        assert "about 0.00123 EUR" in as_text([paid], 80)

    def test_a_page_shows_what_was_said_and_no_markup_of_it(self) -> None:
        page = as_markdown([replace(FULL, sentences=("*One* | [two](x).",))])
        assert "\\*One\\* \\| \\[two\\](x)." in page
        assert "<b>" not in page.replace("\\<b\\>", "")
        assert page.startswith("# Voices side by side\n")
        assert "> Message 1." in page

    def test_rows_are_plain_values(self) -> None:
        (row,) = as_rows([FULL])
        row = json.loads(json.dumps(row))
        assert row["voice"] == "m"
        assert (row["situation"], row["mode"], row["crisis"]) == (
            "identity_shamed",
            "boundary",
            "none",
        )
        assert row["usage"] == {"prompt": 700, "completion": 40, "cached": 600, "told": True}
        assert row["withheld"][0]["reason"] == "It could sound like blame."
        assert row["taken_over"] == "The server fell silent."
        assert row["error"] is None

    def test_a_row_without_a_model_has_no_usage(self) -> None:
        (row,) = as_rows([Answered(1, "Hi.", "m", failed="It is gone.")])
        assert (row["usage"], row["cost"], row["spoke"]) == (None, None, None)
        assert row["error"] == "It is gone."
