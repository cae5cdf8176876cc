"""Asks a judge about a run, and says first whether it may be believed. It gates nothing."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import closing, nullcontext
from pathlib import Path

from companion.commands.configured import voice_named
from companion.errors import CompanionError, ModelError, SettingsError
from companion.models import open_model
from companion.models.openai_chat import OpenAIChat
from companion.settings import load_settings
from evals.judging.judge import Judged, judge
from evals.judging.labels import read_labels
from evals.judging.points import JUDGED, Point, points
from evals.judging.telling import report
from evals.judging.written import judged_line
from evals.progress import Progress
from evals.results import SuiteResult

NOT_ASKED = "## The judge was not asked"


def judged_report(
    results: Sequence[SuiteResult],
    voice: str,
    labels: Path | None = None,
    out: Path | None = None,
) -> str:
    """Have the model that `voice` names judge a run; give the Markdown, and never raise for it.

    Writes each answer to `judged.jsonl` in `out` as it comes. What keeps the judge from being
    asked, or ends it early, is said in the Markdown: a judge must not change how a run ends.
    """
    try:
        known = read_labels(labels) if labels else ()
        wanted = [point for result in results for point in points(result)]
        if not wanted:
            raise ValueError(f"It judges only what was said in {', '.join(JUDGED)}.")
        model = _opened(voice)
    except (CompanionError, ValueError) as error:
        return f"{NOT_ASKED}\n\n{error}"
    answered: list[Judged] = []
    ended = ""
    where = f"at {model.host}" if model.host else "on this computer"
    with closing(model):
        try:
            _ask(wanted, model, out, answered)
        except ModelError as error:
            ended = str(error)
        except OSError as error:
            ended = f"judged.jsonl could not be written to {out} ({error.strerror})."
    notes = [
        f"Asked was {model.name}, {where}, by `evals/judging/rubric.md`. "
        f"Questions: {len(wanted)}, put to it: {len(answered)}. No floor is held on what it says."
    ]
    if ended:
        notes.append(f"It ended early: {ended}")
    return report(answered, known, notes)


def _opened(voice: str) -> OpenAIChat:
    """Give the model of a voice. Raises SettingsError, and JournalError."""
    settings = load_settings()
    model = open_model(settings, voice_named(voice, settings))
    if model is None:
        raise SettingsError(
            "The embedded voice says only what was written for it and cannot judge; "
            "name a language model."
        )
    return model


def _ask(
    wanted: Sequence[Point], model: OpenAIChat, out: Path | None, answered: list[Judged]
) -> None:
    """Add each answer to those `answered`. Raises ModelError and OSError."""
    if out:
        out.mkdir(parents=True, exist_ok=True)
    opened = (out / "judged.jsonl").open("w", encoding="utf-8") if out else nullcontext(None)
    with opened as file, Progress("judge", len(wanted)) as progress:
        for one in judge(wanted, model):
            answered.append(one)
            if file:
                file.write(judged_line(one))
                file.flush()
            progress.tick()
