"""The colours can be read: contrast by the WCAG formula, for both themes."""

from __future__ import annotations

import tomllib
from itertools import product
from typing import Any

import pytest

from ui.conftest import SCRIPT

CONFIG: dict[str, Any] = tomllib.loads(
    (SCRIPT.parent / ".streamlit" / "config.toml").read_text(encoding="utf-8")
)


def _luminance(colour: str) -> float:
    channels = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return sum(w * c for w, c in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


def contrast(one: str, other: str) -> float:
    light, dark = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_text_and_links_reach_aa_on_every_ground(theme: str) -> None:
    colours = CONFIG["theme"][theme]
    grounds = [
        colours["backgroundColor"],
        colours["secondaryBackgroundColor"],
        colours["sidebar"]["backgroundColor"],
    ]
    texts = [colours["textColor"], colours["linkColor"], colours["grayTextColor"]]
    for text, ground in product(texts, grounds):
        assert contrast(text, ground) >= 4.5, (text, ground)


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_borders_of_inputs_and_the_main_colour_stand_out(theme: str) -> None:
    colours = CONFIG["theme"][theme]
    for name in ("borderColor", "primaryColor"):
        assert contrast(colours[name], colours["backgroundColor"]) >= 3, name


def test_the_file_opens_nothing() -> None:
    assert CONFIG["server"]["address"] == "127.0.0.1"
    assert CONFIG["browser"]["gatherUsageStats"] is False
    assert CONFIG["client"]["showErrorDetails"] == "none"
    assert "http" not in str(CONFIG["theme"])
