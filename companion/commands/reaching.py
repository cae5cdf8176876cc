"""Can the voices that a person configured be used? For `companion doctor`, each in bounded time."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from queue import Empty, SimpleQueue
from urllib.parse import urlsplit

from companion.commands.configured import Configured, goes
from companion.connection import EMBEDDED, Connection, VoiceKind
from companion.errors import CompanionError
from companion.finding import Finding, Mark
from companion.settings import Settings

SECONDS = 60.0
"""For trying one voice; some servers load a model first."""
FILE_SECONDS = 180.0
"""For trying a model file, whose first loading is also measured."""


def voices(settings: Settings, mine: Configured, *, offline: bool = False) -> Iterator[Finding]:
    """Yield what is wrong with the voices of a person, or that they speak.

    Those that may speak are tried unless `offline`, and nothing the person wrote is sent.
    """
    yield _environment(mine.environment)
    if mine.wanted != mine.environment:
        yield _in_the_app(mine)
    elif mine.wanted != mine.speaking and _unusable(mine.wanted) is None:
        yield _unagreed(mine.wanted)
    yield from _prices(settings, mine)
    # One the person has not agreed to was not told where words may go, so it is not asked.
    for voice in dict.fromkeys((mine.environment, mine.speaking)):
        if voice == EMBEDDED or _unusable(voice):
            continue
        key = _key(settings, voice)
        if key:
            yield key
        if not offline and not (key and key.mark == "wrong"):
            yield from _tried(settings, voice)


def _environment(voice: Connection) -> Finding:
    if trouble := _unusable(voice):
        name = "COMPANION_GGUF" if voice.kind is VoiceKind.FILE else "COMPANION_BASE_URL"
        return Finding("wrong", "voice", f"{name} cannot be used: {trouble}")
    return Finding("fine", "voice", f"{_name(voice)}; {goes(voice)}")


def _in_the_app(mine: Configured) -> Finding:
    if mine.wanted != mine.speaking:
        return _unagreed(mine.wanted)
    if trouble := _unusable(mine.wanted):
        said = f"{trouble} Choose another in the app; until then the embedded voice speaks there."
        return Finding("wrong", "voice in the app", said)
    said = f"{_name(mine.wanted)}, chosen there; {goes(mine.wanted)}"
    return Finding("fine", "voice in the app", said)


def _unagreed(wanted: Connection) -> Finding:
    said = (
        f"{_name(wanted)} waits until you agree in the app that words go to {wanted.host}, and "
        "the embedded voice speaks there until then."
    )
    return Finding("note", "voice in the app", said)


def _name(voice: Connection) -> str:
    return voice.path.name if voice.path else voice.name


def _unusable(voice: Connection) -> str | None:
    if voice.kind is VoiceKind.FILE and not (voice.path and voice.path.is_file()):
        return f"there is no file {voice.path}."
    if voice.kind is VoiceKind.ADDRESS and not voice.model:
        return "it names no model; set COMPANION_MODEL."
    return None


def _prices(settings: Settings, mine: Configured) -> Iterator[Finding]:
    if settings.prices is None:
        return
    from companion.models.prices import price_of

    names = {voice.model for voice in mine.voices if voice.model}
    try:
        known = [name for name in sorted(names) if price_of(name, settings.prices)]
        price_of("", settings.prices)
    except CompanionError as error:
        yield Finding("wrong", "prices", str(error))
        return
    if names and not known:
        said = f"{settings.prices} has no table for {' or '.join(sorted(names))}; add one."
        yield Finding("note", "prices", said)
    else:
        yield Finding("fine", "prices", f"readable; used for {', '.join(known) or 'no model yet'}")


def _key(settings: Settings, voice: Connection) -> Finding | None:
    # A model that Ollama passes on is asked on this computer, and Ollama holds its key.
    if voice.host is None or voice.host != urlsplit(voice.base_url or "").hostname:
        return None
    from companion.models.keyring import key_for

    try:
        key = key_for(settings, voice)
    except CompanionError as error:
        return Finding("wrong", f"key for {voice.host}", str(error))
    if key:
        return Finding("fine", f"key for {voice.host}", "there is one")
    said = "none; if the host wants one, enter it in the app or set COMPANION_API_KEY."
    return Finding("note", f"key for {voice.host}", said)


def _tried(settings: Settings, voice: Connection) -> Iterator[Finding]:
    """Yield what is not fine about a voice, and one finding that is when it answers."""
    about, marks = _name(voice), set[Mark]()
    seconds = FILE_SECONDS if voice.kind is VoiceKind.FILE else SECONDS
    answers = None
    for finding in _bounded(settings, voice, seconds):
        if finding.about == "answers" and finding.mark == "fine":
            answers = finding
        elif finding.mark != "fine" and (finding.about, finding.mark) != ("where words go", "note"):
            marks.add(finding.mark)
            part = f"{about}, {finding.about}" if finding.about != "use" else about
            yield Finding(finding.mark, part, finding.said)
    if answers and "wrong" not in marks:
        yield Finding("fine", about, f"It answers. {answers.said}")


def _bounded(settings: Settings, voice: Connection, seconds: float) -> Iterator[Finding]:
    told: SimpleQueue[Finding | None] = SimpleQueue()

    def work() -> None:
        try:
            # Here, so that a library that cannot be imported does not end the examination.
            from companion import build

            for finding in build.tried(settings, voice, reads=False):
                told.put(finding)
        except CompanionError as error:
            told.put(Finding("wrong", "use", str(error)))
        except Exception as error:
            said = f"It could not be tried ({type(error).__name__}); install Companion again."
            told.put(Finding("wrong", "use", said))
        finally:
            told.put(None)

    threading.Thread(target=work, name="companion-doctor", daemon=True).start()
    until = time.monotonic() + seconds
    try:
        while finding := told.get(timeout=max(until - time.monotonic(), 0.0)):
            yield finding
    except Empty:
        said = f"Not all was tried in {seconds:g} s; `companion models check` takes its time."
        yield Finding("note", "use", said)
