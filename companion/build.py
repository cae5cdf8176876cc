"""The composition root: from Settings to a Companion. The only place that knows every adapter."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cache

from companion.connection import Connection
from companion.contacts import Contacts
from companion.core import Companion
from companion.domain import Reflection
from companion.embedder import MiniLM
from companion.finding import Finding, Mark
from companion.language import other_language
from companion.memory.in_memory import InMemoryIndex, InMemoryJournal
from companion.memory.index import ChromaIndex
from companion.memory.journal import open_journal
from companion.memory.recollection import Recollection
from companion.models import chat_model, open_model
from companion.models.keyring import keep_key, key_for
from companion.models.nearby import nearby
from companion.models.prices import price_of
from companion.models.reading import Proof
from companion.ports import ChatModel, Clock, Draft, Journal, Memory, Reader, SpeakingBrief, Voice
from companion.reader import EmbeddedReader
from companion.reader.merged import MergedReader
from companion.settings import Settings
from companion.staying import KeptHome
from companion.steps.guard import Guard
from companion.steps.offer import Offerer
from companion.steps.triage import Triager
from companion.usage import Price
from companion.voice.embedded import EmbeddedVoice
from companion.voice.trial import Trial, TriedVoice
from companion.workflow import Dependencies, Workflow

__all__ = [
    "build",
    "build_in_memory",
    "keep_key",
    "key_for",
    "nearby",
    "speaking_through",
    "tried",
    "warm",
]


def local_now() -> datetime:
    """Give the present moment in this computer's time zone."""
    return datetime.now().astimezone()


@cache
def shared_embedder() -> MiniLM:
    """Give the process's one encoder; it holds nothing of anybody's."""
    return MiniLM()


@cache
def shared_reader() -> EmbeddedReader:
    """Give the process's one reader; it holds nothing of anybody's."""
    return EmbeddedReader()


def build(
    settings: Settings, connection: Connection | None = None, *, clock: Clock = local_now
) -> Companion:
    """Give the Companion of this computer's person, speaking through a connection.

    By default it is the environment's. Raises SettingsError for one that cannot be used, and
    JournalError and IndexUnavailable.
    """
    models = _models(settings, connection)
    journal = open_journal(settings.data, settings.keys)
    index = ChromaIndex(settings.data / "index")
    return _assemble(models, journal, Recollection(journal, index, models.embedder), clock)


def speaking_through(companion: Companion, settings: Settings, connection: Connection) -> Companion:
    """Give the same Companion, its journal and memory, with another voice.

    The one before still works, and is to be retired by who lets it go. Raises SettingsError.
    """
    models = _models(settings, connection)
    clock = companion.workflow.use.clock
    return _assemble(models, companion.journal, companion.memory, clock)


def build_in_memory(
    settings: Settings, connection: Connection | None = None, *, clock: Clock = local_now
) -> Companion:
    """Give a Companion that writes nothing: for batch commands and evals. Raises SettingsError."""
    models = _models(settings, connection)

    def fresh(now: Clock) -> Companion:
        journal = InMemoryJournal()
        memory = Recollection(journal, InMemoryIndex(), models.embedder)
        return replace(_assemble(models, journal, memory, now), fresh=fresh)

    return fresh(clock)


def tried(
    settings: Settings, connection: Connection, key: str | None = None, *, reads: bool = True
) -> Iterator[Finding]:
    """Yield what works over a connection, trying it. Raises SettingsError when it cannot be made.

    Nothing a person wrote is sent.
    """
    model = open_model(settings, connection, key)
    if model is None:
        yield Finding("fine", "voice", "The voice that comes with Companion is always there.")
        return
    from companion.models.check import examine
    from companion.voice.llm import LanguageModelVoice

    try:
        for finding in examine(model, reads=reads):
            yield finding
            if (finding.about, finding.mark) == ("answers", "wrong"):
                return
        if not settings.model_trial:
            return
        trial = _trial(connection, Guard(shared_reader()))
        if reads:
            trial.hold(LanguageModelVoice(model, _shared_voice()))
        if outcome := trial.outcome:
            mark: Mark = "fine" if outcome.passed else "wrong"
            yield Finding(mark, "speaks", outcome.said(model.name))
    finally:
        model.close()


def warm(companion: Companion) -> None:
    """Load what the first turn would wait for: languages, the index, a model here. Never raises.

    A model elsewhere is asked nothing before the person writes.
    """
    with suppress(Exception):
        other_language("this loads the language model before anybody needs it")
        # Not the turn's own reader: with it a model elsewhere would be asked at once.
        shared_reader().read("hello")
        companion.memory.candidates(companion.journal.person().id, "hello")
        if companion.settle and companion.workflow.use.voice.host is None:
            companion.settle()


@dataclass(frozen=True)
class _Models:
    """What is read from disk once and holds nothing of anybody's.

    `reader` judges for the guard and reads messages; `model` may speak, and with `proof` read too.
    """

    embedder: MiniLM
    reader: Reader
    embedded: EmbeddedVoice
    triager: Triager
    guard: Guard
    offerer: Offerer
    model: ChatModel | None
    proof: Proof | None
    trial: Trial | None
    price: Price | None


@cache
def _shared_voice() -> EmbeddedVoice:
    return EmbeddedVoice(shared_embedder())


def _models(settings: Settings, connection: Connection | None) -> _Models:
    chosen = settings.connection if connection is None else connection
    embedder, reader = shared_embedder(), shared_reader()
    model, guard = chat_model(settings, chosen), Guard(reader)
    trial = _trial(chosen, guard) if model and settings.model_trial else None
    return _Models(
        embedder=embedder,
        reader=reader,
        embedded=_shared_voice(),
        triager=Triager(embedder, Contacts()),
        guard=guard,
        offerer=Offerer(embedder, reader),
        model=model,
        proof=Proof() if model and settings.model_reads else None,
        trial=trial,
        price=price_of(chosen.model, settings.prices),
    )


def _trial(connection: Connection, guard: Guard) -> Trial:
    def unfit(draft: Draft, brief: SpeakingBrief) -> str | None:
        return guard.check(draft, brief.message, mode=brief.mode).reason

    size = connection.path.stat().st_size if connection.path else ""
    model = f"{connection.base_url} {connection.model} {connection.path} {size}"
    return Trial(model, unfit, shared_embedder())


def _assemble(models: _Models, journal: Journal, memory: Memory, clock: Clock) -> Companion:
    reader: Reader = models.reader
    voice: Voice = models.embedded
    settle: Callable[[], str | None] | None = None
    retire: Callable[[], None] | None = None
    if models.model:
        # Imported only when a model is configured: a bare start does not pay for it.
        from companion.models.reading import LanguageModelReader
        from companion.voice.llm import LanguageModelVoice

        def staying() -> tuple[Reflection, ...]:
            return tuple(one for one in memory.reflections(journal.person().id) if one.stays)

        # Whatever is asked of the model goes through this one door.
        model = KeptHome(models.model, staying)
        speaking = LanguageModelVoice(model, models.embedded)
        second = LanguageModelReader(model, proof=models.proof) if models.proof else None
        if second:
            reader = MergedReader(reader, second)

        retire = model.close
        tried = TriedVoice(speaking, models.trial) if models.trial else None
        voice = tried or speaking

        def settle() -> str | None:
            speaking.prepare()
            outcome = tried.hold_trial() if tried else None
            if second:
                second.settle()
            return outcome.said(speaking.name) if outcome and not outcome.passed else None

    use = Dependencies(
        reader=reader,
        memory=memory,
        voice=voice,
        embedded=models.embedded,
        triager=models.triager,
        guard=models.guard,
        offerer=models.offerer,
        clock=clock,
        price=models.price,
    )
    return Companion(Workflow(use), journal, memory, settle=settle, retire=retire)
