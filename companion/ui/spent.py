"""What a reply took, from the journal's trace: where words went, tokens, and money."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

from companion.ui.plain import inline

_CENT = Decimal("0.01")
_COUNTED = {
    "an estimate": "What fits was estimated.",
    "the server": "The server counted what fits.",
}


def rows(trace: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield titles and what to say under them, for a turn that a model was asked about."""
    host = trace.get("host")
    where = inline(host) if host else "Nowhere; the model runs on this computer."
    yield "Where your words went", where
    yield "Tokens", inline(tokens(trace["usage"]))
    if cost := trace.get("cost"):
        yield "Cost", inline(money(cost))


def tokens(usage: Mapping[str, Any]) -> str:
    """Say what was read and written, who counted, and what did not fit."""
    cached = f", {usage['cached']:,} of them from before" if usage.get("cached") else ""
    said = [f"{usage.get('prompt', 0):,} read{cached}; {usage.get('completion', 0):,} written."]
    said.append("The server’s own count." if usage.get("told") else "Estimated here.")
    if counter := usage.get("counted_by"):
        said.append(_COUNTED.get(counter, f"What fits was counted by {counter}."))
    if left_out := usage.get("turns_left_out"):
        said.append(
            "The oldest message and its reply did not fit and were left out."
            if left_out == 1
            else f"The {left_out} oldest messages and their replies did not fit and were left out."
        )
    return " ".join(said)


def money(cost: Mapping[str, Any]) -> str:
    """Give an amount as people write it, to the hundredth."""
    currency, about = cost.get("currency", ""), "" if cost.get("exact") else "about "
    try:
        amount = Decimal(cost["amount"])
    except InvalidOperation:
        return "Not known."
    if 0 < amount < _CENT:
        return f"less than {about}{_CENT} {currency}"
    return f"{about}{amount.quantize(_CENT):,} {currency}"
