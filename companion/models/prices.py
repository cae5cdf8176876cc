"""Prices that the person configured: a TOML file, a table for each model.

["gpt-4.1-mini"]
currency = "USD"        # per million tokens
prompt = 0.40
cached = 0.10           # optional
completion = 1.60
"""

from __future__ import annotations

import tomllib
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

from companion.errors import SettingsError
from companion.usage import Price


def price_of(model: str | None, file: Path | None) -> Price | None:
    """Give the price of a model, or None when there is no table or the model is not in it.

    Raises SettingsError for a table that cannot be read.
    """
    if file is None or model is None:
        return None
    try:
        table = tomllib.loads(file.read_text(encoding="utf-8"), parse_float=Decimal)
    except (OSError, ValueError) as error:
        raise SettingsError(
            f"COMPANION_PRICES names {file}, which cannot be read as TOML; see docs/models.md."
        ) from error
    row = table.get(model)
    return None if row is None else _price(row, model)


def _price(row: Any, model: str) -> Price:
    try:
        cached = None if row.get("cached") is None else Decimal(row["cached"])
        price = Price(
            str(row["currency"]), Decimal(row["prompt"]), Decimal(row["completion"]), cached
        )
    except (AttributeError, KeyError, TypeError, InvalidOperation) as error:
        raise SettingsError(
            f"The price of “{model}” in COMPANION_PRICES needs currency, prompt and completion; "
            "see docs/models.md."
        ) from error
    if min(price.prompt, price.completion, price.cached or price.prompt) < 0:
        raise SettingsError(f"The price of “{model}” in COMPANION_PRICES is below zero; mend it.")
    return price
