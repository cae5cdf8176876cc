"""What surface cues alone reach on the test set: `python -m training.baselines`.

If a handful of words, or counts of words, did nearly as well as the reader, the rows would give
their labels away. Three stand beside the reader: ten telling words a label, TF-IDF with a linear
head, and the frozen embedder with a linear head, which is what the reader was before.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from sklearn.feature_extraction.text import CountVectorizer, TfidfVectorizer
from sklearn.feature_selection import SelectKBest, chi2
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline

from companion.embedder import MiniLM
from training import data, report

MARKS = "<!-- baselines: written by make train -->", "<!-- end of baselines -->"
WORDS_A_LABEL = 10
TASKS = {
    "messages": "situation, macro-F1",
    "crisis": "danger, F1",
    "replies": "shaming, F1",
}


def _texts(rows: Sequence[data.Row]) -> tuple[list[str], list[str]]:
    texts = [row.sentence if isinstance(row, data.ReplyRow) else row.text for row in rows]
    labels = [data.label(row) for row in rows]
    if not isinstance(rows[0], data.MessageRow):
        labels = ["none" if name == "none" else "danger" for name in labels]
    return texts, labels


def _score(truth: list[str], said: NDArray[np.str_]) -> float:
    if "danger" in truth:
        return report.found([t == "danger" for t in truth], [s == "danger" for s in said]).f1
    return report.macro_f1(truth, list(said), sorted(set(truth)))


def _linear() -> LogisticRegression:
    return LogisticRegression(C=1.0, class_weight="balanced", max_iter=2000)


def scores() -> dict[str, dict[str, float]]:
    """Give each baseline's score on each task, trained on the rows and tested on the test set."""
    embedder = MiniLM()
    found: dict[str, dict[str, float]] = {}
    for name in TASKS:
        texts, labels = _texts(data.TABLES[name](data.DATA))
        tested, truth = _texts(data.TABLES[name](data.TEST))
        telling = SelectKBest(chi2, k=WORDS_A_LABEL * len(set(labels)))
        models = {
            "ten words a label": make_pipeline(CountVectorizer(binary=True), telling, _linear()),
            "TF-IDF": make_pipeline(
                TfidfVectorizer(ngram_range=(1, 2), min_df=2, sublinear_tf=True), _linear()
            ),
        }
        for title, model in models.items():
            model.fit(texts, labels)
            found.setdefault(title, {})[name] = _score(truth, model.predict(tested))
        frozen = _linear().fit(embedder.embed(texts), labels)
        said = frozen.predict(embedder.embed(tested))
        found.setdefault("frozen embedder", {})[name] = _score(truth, said)
    return found


def table() -> str:
    lines = [f"| | {' | '.join(TASKS.values())} |", "|---|---|---|---|"]
    for title, by_task in scores().items():
        lines.append(f"| {title} | {' | '.join(f'{by_task[name]:.2f}' for name in TASKS)} |")
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--document", type=Path, help="Markdown file to write the table into")
    given = parser.parse_args()
    found = table()
    print(found)
    if given.document:
        report.write_between(given.document, *MARKS, found)


if __name__ == "__main__":
    main()
