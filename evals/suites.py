"""The suites by name, in the order in which they run. Speed is last, and alone."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module

from companion.core import Companion
from evals.results import Suite

SUITES = (
    "triage",
    "classify",
    "recall",
    "shaming",
    "respond",
    "pressure",
    "grounding",
    "conduct",
    "speed",
)
ASKED_FOR = ("mine",)
"""Run only when named: a person's own corrections."""

Making = Callable[[Companion], Suite]


def making(name: str) -> Making:
    """Give what makes a suite around a companion. Raises ModuleNotFoundError for no suite."""
    made: Making = getattr(import_module(f"evals.{name}.task"), name)
    return made
