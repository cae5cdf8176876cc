"""Writes docs/performance.md from what a run measured; no number in it is typed by hand."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from string import Template
from typing import Any

from evals.bench import beside, tables
from evals.bench.results import Results
from evals.said import table

DOCUMENT = Path(__file__).parents[2] / "docs" / "performance.md"

PAGE = Template("""\
# Performance

`make bench` writes this page; nothing in it is typed by hand, and it is true of one machine on one
run. Run it on yours.

Where two things are compared, they alternate in one process and on the same input, the order turned
round from pair to pair, so that a machine that slows down for a while slows both. *Times* is the
median of the pairs' ratios with its 95% bootstrap interval, and holds better than any time; of a
handful of pairs the interval is little more than their range.

## A turn of the embedded voice, with $kept kept reflections

$steps

Milliseconds, over $turns turns: $messages distinct messages, each answered $rounds times, in
conversations of several messages, after a warm-up. Journal (SQLite, sealed, every write on the
disk) and index (Chroma) are the real ones, in a temporary folder. The reflections are short
sentences put together for volume, so how *well* recall chooses is not measured here. $crises turns
were read as a crisis; they get vetted text, skip most steps and are left out.

## The turn beside a bare LangGraph

$engine

The same messages and reflections, the journal included. *Without the graph* the same step functions
are called one after another; *the graph without its steps* has the same nodes and edges, and no
node does anything. Every message is new to the encoder, and to both sides alike.

## Recall beside bare Chroma

$searches

Recall asks the journal whether anything changed, Chroma for the 1,000 nearest, scores their words,
and puts both together. Bare Chroma opens a copy of the same files and is given the same vector. It
is asked *for the same 1,000*, or fewer where there are fewer, and *for 20* as a program would that
takes Chroma as it comes (it then looks at 100 nodes, ours at 1,000). The vector of a message is
given to both; making one takes $embedding.

$changes

*Opened anew* is the files opened and a first recall, for which every text is unsealed and its words
are counted; for bare Chroma, its files and a first query of 1,000. *Recall after it* is the first
one after one more reflection was kept.

$making

What making these memories took, once, without embedding: all texts sealed and written in one
transaction, since keeping them one by one is made safe on the disk each time; then the index.

The messages are those of the turns. The texts are put together from parts, and their vectors are
drawn from a seed around $topics topics, because embedding 100,000 texts says nothing about
searching them. Texts of real people have more different words.

## The first sentence beside the bare `openai` client

$sentences

Both ask one server on this machine that always takes the same time, with the same prompt. Companion
reads the message, looks for danger, recalls, and holds each sentence until it is whole and judged;
*first sentence* is a whole one for both. Docs on [language models](models.md) have more of this.

## Start and memory beside a hello-world chat page

$start

## The reader alone

$reader

In a process of its own that loads nothing but the reader, over the same messages, one at a time. *A
batch* goes through `companion read` as JSON lines.

## Start and memory without a page

$process

*Import and build* begins in a fresh Python process that has not yet imported Companion. Peak memory
is that process's own, at its end.

## The machine

$machine
""")
BROWSER = """\
From starting `companion app` until its message box takes a letter, in Chromium $version; the other
is six lines of Streamlit (`evals/bench/hello.py`) with the same flags, started the same way. A new
process each time, with files the system has read before and a journal that exists. Memory is the
resident memory of the server and all its children, without the browser, $settled seconds after the
page was open and then once one message was answered. Memory that processes share counts in each."""


PARTS: dict[str, tuple[Callable[[Any], str], ...]] = {
    "turns": (tables.steps, tables.process),
    "reader": (tables.reader,),
    "engine": (beside.engine,),
    "recall": (beside.searches, beside.changes, beside.making),
    "sentence": (beside.sentences,),
    "start": (beside.start,),
}
"""The tables of each part, as they are printed."""


def page(results: Results, about: Mapping[str, str]) -> str:
    """Give the whole page; `about` describes the machine."""
    from evals.bench.filling import TOPICS
    from evals.bench.start import SETTLED_SECONDS

    turns, start = results.turns, beside.start(results.start)
    if not results.start.missing:
        about_it = {"version": results.start.browser, "settled": f"{SETTLED_SECONDS:.0f}"}
        start = f"{start}\n\n{Template(BROWSER).substitute(about_it)}"
    return PAGE.substitute(
        kept=f"{turns.kept:,}",
        steps=tables.steps(turns),
        turns=len(turns.steps["turn"]),
        messages=turns.messages,
        rounds=turns.rounds,
        crises=turns.crises or "No",
        engine=beside.engine(results.engine),
        searches=beside.searches(results.recall),
        embedding=f"{1000 * results.recall.embedding:.1f} ms",
        changes=beside.changes(results.recall),
        making=beside.making(results.recall),
        topics=TOPICS,
        sentences=beside.sentences(results.sentence),
        start=start,
        reader=tables.reader(results.reader),
        process=tables.process(turns),
        machine=table(("", ""), list(about.items())),
    )
