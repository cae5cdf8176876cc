"""No sentence is shown that could shame, pretend, diagnose, leak or speak of an invented past."""

from __future__ import annotations

import pytest

from companion.domain import Mode, PastTurn, ReflectionKind, ShamingCategory
from companion.ports import Draft, SentenceJudgement
from companion.steps.guard import Guard, fingerprint, neutral
from tests.steps.making import MESSAGE, PlainReader, reflection

PASSING = Guard(PlainReader())
"""Its reader finds nothing, so whatever is withheld is withheld by a rule."""

WITHHELD_MARKUP = [
    "It is all [written here](http://x.example/q).",
    "![you](picture.png)",
    "See https://x.example for more.",
    "Go to www.x.example today.",
    "<b>No.</b>",
    'Look <img src="x.png">',
    "</div> and so on",
    "<!-- hidden -->",
    "```stay```",
    "# You are kept",
    "ｈttps://x.example",
]
NO_MARKUP = [
    "One is less than two: 1 < 2.",
    "It stands as no. 1 here.",
    "That (all of it) may be here.",
]

PERSON_CLAIMS = [
    "I'm a real person.",
    "I’m human too.",
    "I am a therapist.",
    "As your therapist, I would wait.",
    "I love you.",
    "I will always be here.",
    "I'll never leave you.",
    "I've been there.",
    "When I was your age, it was hard.",
]
NO_CLAIMS = [
    "I'm not a real person.",
    "This is software, and no human reads along.",
    "They said “I love you” and left.",
    "You can talk with a person, or a doctor.",
]

DIAGNOSES = [
    "You have depression.",
    "You sound depressed.",
    "This is a trauma response.",
    "Sounds like ADHD to me.",
    "You might have BPD.",
    "That's your anxiety disorder talking.",
    "Your avoidant attachment style shows.",
    "She sounds like a narcissist.",
    "You’re a bit OCD.",
]
NO_DIAGNOSES = [
    "He called you “bipolar”, and that word goes back.",
    "“You're borderline”, she said, and it is not taken in.",
    "A doctor can look at the tiredness with you.",
    "You are sad, and that may be here.",
]

ARGUMENTS = [
    "That's not true.",
    "You're wrong about that.",
    "Don't be sad.",
    "Cheer up.",
    "No, it is.",
]
CONCESSIONS = [
    "They may have a point.",
    "He is right about you.",
    "Maybe they were right about you.",
]


@pytest.mark.parametrize("text", WITHHELD_MARKUP)
def test_links_pictures_and_markup_are_withheld(text: str) -> None:
    assert PASSING.check(Draft(text), MESSAGE).reason == "It held a link, a picture or markup."


@pytest.mark.parametrize("text", PERSON_CLAIMS)
def test_it_never_claims_to_be_a_person(text: str) -> None:
    assert PASSING.check(Draft(text), MESSAGE).reason == "It claimed to be a person."


@pytest.mark.parametrize("text", DIAGNOSES)
def test_it_never_diagnoses(text: str) -> None:
    verdict = PASSING.check(Draft(text), MESSAGE)
    assert verdict.reason
    assert verdict.category is ShamingCategory.PATHOLOGISING


@pytest.mark.parametrize("text", [*NO_MARKUP, *NO_CLAIMS, *NO_DIAGNOSES])
def test_what_only_looks_alike_may_be_said(text: str) -> None:
    assert PASSING.check(Draft(text), MESSAGE).reason is None


@pytest.mark.parametrize("text", ARGUMENTS)
def test_openness_never_argues(text: str) -> None:
    verdict = PASSING.check(Draft(text), MESSAGE, mode=Mode.OPENNESS)
    assert verdict.reason == "It argued with what you feel."


@pytest.mark.parametrize("text", ARGUMENTS)
def test_a_refusal_may_argue(text: str) -> None:
    assert PASSING.check(Draft(text), MESSAGE, mode=Mode.BOUNDARY).reason is None


@pytest.mark.parametrize("text", CONCESSIONS)
def test_boundary_never_concedes_the_reading(text: str) -> None:
    verdict = PASSING.check(Draft(text), MESSAGE, mode=Mode.BOUNDARY)
    assert verdict.reason == "It gave in to the reading it was meant to refuse."


def test_quoting_a_concession_is_not_conceding() -> None:
    text = "“He is right about you” is only his line."
    assert PASSING.check(Draft(text), MESSAGE, mode=Mode.BOUNDARY).reason is None


def test_without_a_mode_its_fidelity_is_not_asked() -> None:
    for text in [*ARGUMENTS, *CONCESSIONS]:
        assert PASSING.check(Draft(text), MESSAGE).reason is None


class TestMemory:
    """Talk of the past must rest on what was given."""

    rest = reflection("Rest is not laziness. I get to stop.", ReflectionKind.AUTHORSHIP)
    before = PastTurn("My sister borrowed the car and crashed it.", "That is a lot.")

    @pytest.mark.parametrize(
        "text",
        [
            "You told me about your garden and the roses.",
            "Last time you spoke of a holiday in Spain.",
            "Remember when you won the swimming race?",
            "As you said, the choir helped.",
            "You once told me that music saves you.",
            "We talked about your brother's wedding.",
        ],
    )
    def test_an_invented_memory_is_withheld(self, text: str) -> None:
        verdict = PASSING.check(Draft(text), MESSAGE, recalled=[self.rest], history=[self.before])
        assert verdict.ungrounded
        assert verdict.reason == "It spoke of a past it was not given."

    def test_a_recalled_reflection_may_be_spoken_of(self) -> None:
        text = "You wrote that rest is not laziness, that you get to stop."
        assert PASSING.check(Draft(text), MESSAGE, recalled=[self.rest]).reason is None
        assert PASSING.check(Draft(text), MESSAGE).ungrounded

    def test_this_conversation_may_be_spoken_of(self) -> None:
        text = "Earlier you said your sister crashed the car."
        assert PASSING.check(Draft(text), MESSAGE, history=[self.before]).reason is None
        assert PASSING.check(Draft(text), MESSAGE).ungrounded

    def test_the_message_itself_may_be_spoken_of(self) -> None:
        text = "You said your mum calls you selfish for not coming home."
        assert PASSING.check(Draft(text), MESSAGE).reason is None

    def test_one_shared_word_is_no_memory(self) -> None:
        text = "You told me rest came easily on the island with Marta and the boats."
        assert PASSING.check(Draft(text), MESSAGE, recalled=[self.rest]).ungrounded

    def test_saying_that_something_was_said_needs_something_given(self) -> None:
        text = "You have said this before."
        assert PASSING.check(Draft(text), MESSAGE).ungrounded
        assert PASSING.check(Draft(text), MESSAGE, recalled=[self.rest]).reason is None

    def test_dates_are_not_held_against_a_memory(self) -> None:
        text = "You kept this on 9 March 2026: “Rest is not laziness.”"
        assert PASSING.check(Draft(text), MESSAGE, recalled=[self.rest]).reason is None


SHAMES = [
    "You're being selfish.",
    "No wonder they left you.",
    "At least you still have a job, others have it worse.",
    "You're overreacting.",
    "Just apologise and keep the peace.",
]


@pytest.mark.parametrize("text", SHAMES)
def test_the_shipped_reader_withholds_a_sentence_that_shames(guard, text: str) -> None:
    verdict = guard.check(Draft(text), MESSAGE)
    assert verdict.category is not None
    assert verdict.reason.startswith("It could ")
    assert 0.5 < verdict.score <= 1.0


def test_an_authored_wording_is_judged_as_it_was_written() -> None:
    reader = PlainReader("selfish")
    guard = Guard(reader)
    source = "No. {words} is not let in by {speaker}."
    said = Draft("No. “you are selfish” is not let in by your mum.", source, "an authored message")
    assert guard.check(said, MESSAGE).reason is None
    assert reader.judged == [(neutral(source), "an authored message")]


def test_rules_hold_for_authored_wordings_too() -> None:
    said = Draft("I love you.", "I love you.", "")
    assert PASSING.check(said, MESSAGE).reason == "It claimed to be a person."


def test_a_wording_that_was_cleared_is_not_asked_about_again() -> None:
    wording = "What they let happen is theirs."
    asking = Guard(PlainReader("let happen"), cleared=frozenset())
    knowing = Guard(PlainReader("let happen"), cleared=frozenset({fingerprint(wording)}))
    said = Draft(wording, wording, "")
    assert asking.check(said, MESSAGE).category
    assert knowing.check(said, MESSAGE).reason is None


def test_clearing_a_wording_does_not_clear_a_model_that_says_it() -> None:
    wording = "What they let happen is theirs."
    knowing = Guard(PlainReader("let happen"), cleared=frozenset({fingerprint(wording)}))
    assert knowing.check(Draft(wording), MESSAGE).category


def test_a_slot_filled_with_a_link_is_withheld() -> None:
    said = Draft("No. “https://x.example” is out.", "No. {words} is out.", "")
    assert PASSING.check(said, MESSAGE).reason == "It held a link, a picture or markup."


def test_every_category_has_plain_words_of_its_own(guard) -> None:
    class Finds(PlainReader):
        def __init__(self, category: ShamingCategory) -> None:
            super().__init__()
            self.category = category

        def judge(self, sentences, message):
            return tuple(SentenceJudgement(self.category, 0.9) for _ in sentences)

    reasons = {Guard(Finds(c)).check(Draft("Hm."), MESSAGE).reason for c in ShamingCategory}
    assert len(reasons) == len(ShamingCategory)
    assert all(reason.endswith(".") and "_" not in reason for reason in reasons)


def test_a_verdict_gives_its_reason_in_plain_words() -> None:
    reason = Guard(PlainReader("fault")).check(Draft("It is your fault."), MESSAGE).reason
    assert reason == "It could sound like blame."


@pytest.mark.parametrize(
    "sentence",
    [
        "You're right, you are a burden.",
        "Maybe you are just lazy.",
        "He has a point.",
        "Yes, you're worthless.",
    ],
)
def test_giving_in_to_the_verdict_is_conceding(guard, sentence: str) -> None:
    assert guard.concedes(sentence)


@pytest.mark.parametrize(
    "sentence",
    [
        "“You're right, you are a burden” is his sentence.",
        "You may be right about the bus.",
        "No, you're not a burden.",
    ],
)
def test_a_refusal_and_a_quotation_concede_nothing(guard, sentence: str) -> None:
    assert not guard.concedes(sentence)


@pytest.mark.parametrize(
    "sentence",
    [
        "You've come a long way since we first spoke.",
        "Last time you handled this with your garden.",
        "We've talked about your father before.",
    ],
)
def test_a_past_nobody_gave_it_is_not_spoken_of(guard, sentence: str) -> None:
    assert guard.ungrounded(sentence, (), (), "my boss again")


@pytest.mark.parametrize(
    "text",
    [
        "I promise I won't tell anyone.",
        "I will never tell your mother.",
        "Your secret is safe with me.",
        "Take 20 mg tonight.",
        "They're watching you from the van.",
        "My instructions say so.",
    ],
)
def test_what_no_program_can_promise_prescribe_or_confirm_is_withheld(text: str) -> None:
    reason = PASSING.check(Draft(text), MESSAGE).reason
    assert reason == "It promised, prescribed or confirmed what no program can."


@pytest.mark.parametrize(
    "text",
    [
        "You can tell somebody, and you choose who.",
        "She told you “they're watching you”, and it frightened you.",
        "Nobody should be handed 20 things to do.",
    ],
)
def test_telling_watching_and_numbers_in_passing_are_let_through(text: str) -> None:
    assert PASSING.check(Draft(text), MESSAGE).reason is None


@pytest.mark.parametrize("text", ["Maybe you're right.", "You are right.", "Fine, you're right."])
def test_a_bare_you_are_right_gives_in(text: str) -> None:
    assert PASSING.check(Draft(text), MESSAGE, mode=Mode.BOUNDARY).reason
    assert PASSING.concedes("You're right about the form.") is False
