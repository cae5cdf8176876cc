"""The composition root: from Settings to a Companion. The only place that knows every adapter."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cache

from companion.contacts import Contacts
from companion.core import Companion
from companion.embedder import MiniLM
from companion.language import other_language
from companion.memory.in_memory import InMemoryIndex, InMemoryJournal
from companion.memory.index import ChromaIndex
from companion.memory.journal import open_journal
from companion.memory.recollection import Recollection
from companion.models import chat_model
from companion.ports import ChatModel, Clock, Index, Journal, Reader, Voice
from companion.reader import EmbeddedReader
from companion.reader.merged import MergedReader
from companion.settings import Settings
from companion.steps.guard import Guard
from companion.steps.offer import Offerer
from companion.steps.triage import Triager
from companion.voice.embedded import EmbeddedVoice
from companion.workflow import Dependencies, Workflow


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


def build(settings: Settings, *, clock: Clock = local_now) -> Companion:
    """Give the Companion of this computer's person. Raises JournalError and IndexUnavailable."""
    journal = open_journal(settings.data, settings.keys)
    index = ChromaIndex(settings.data / "index")
    return _assemble(_models(settings), journal, index, clock)


def build_in_memory(settings: Settings, *, clock: Clock = local_now) -> Companion:
    """Give a Companion that writes nothing: for batch commands and evals."""
    models = _models(settings)

    def fresh(now: Clock) -> Companion:
        made = _assemble(models, InMemoryJournal(), InMemoryIndex(), now)
        return replace(made, fresh=fresh)

    return fresh(clock)


def warm(companion: Companion) -> None:
    """Load what the first turn would wait for: languages, and the index. Never raises."""
    with suppress(Exception):
        other_language("this loads the language model before anybody needs it")
        companion.workflow.use.reader.read("hello")
        companion.memory.candidates(companion.journal.person().id, "hello")


@dataclass(frozen=True)
class _Models:
    """What is read from disk once and holds nothing of anybody's.

    `reader` reads messages, and a language model may read with it; the guard's is embedded alone.
    """

    embedder: MiniLM
    reader: Reader
    voice: Voice
    embedded: Voice
    triager: Triager
    guard: Guard
    offerer: Offerer


def _models(settings: Settings) -> _Models:
    embedder = shared_embedder()
    reader = shared_reader()
    embedded = EmbeddedVoice(embedder)
    model = chat_model(settings)
    return _Models(
        embedder=embedder,
        reader=_reader(settings, reader, model),
        voice=_voice(model, embedded),
        embedded=embedded,
        triager=Triager(embedder, Contacts()),
        guard=Guard(reader),
        offerer=Offerer(embedder, reader),
    )


def _assemble(models: _Models, journal: Journal, index: Index, clock: Clock) -> Companion:
    memory = Recollection(journal, index, models.embedder)
    use = Dependencies(
        reader=models.reader,
        memory=memory,
        voice=models.voice,
        embedded=models.embedded,
        triager=models.triager,
        guard=models.guard,
        offerer=models.offerer,
        clock=clock,
    )
    return Companion(Workflow(use), journal, memory)


def _reader(settings: Settings, embedded: Reader, model: ChatModel | None) -> Reader:
    if model is None or not settings.model_reads:
        return embedded
    from companion.models.reading import LanguageModelReader

    return MergedReader(embedded, LanguageModelReader(model))


def _voice(model: ChatModel | None, embedded: EmbeddedVoice) -> Voice:
    if model is None:
        return embedded
    # Imported only when a model is configured: a bare start does not pay for it.
    from companion.voice.llm import LanguageModelVoice

    return LanguageModelVoice(model, embedded)
