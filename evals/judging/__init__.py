"""The optional judge: a model reads what no rule can, holds no floor, and is checked by people."""

from evals.judging.report import judged_report

__all__ = ["judged_report"]
