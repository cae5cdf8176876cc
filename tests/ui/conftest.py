"""The app run without a browser: every page file, a scripted companion, a clock the test turns."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from companion import build as composition
from companion.connection import Connection
from companion.core import Companion
from companion.settings import Settings
from ui.scripted import Clock, ScriptedWorkflow, scripted

SCRIPT = Path(__file__).parents[2] / "streamlit_app.py"


@dataclass
class App:
    """One browser tab, and what is behind it."""

    companion: Companion
    clock: Clock
    tab: AppTest

    @property
    def workflow(self) -> ScriptedWorkflow:
        workflow = self.companion.workflow
        assert isinstance(workflow, ScriptedWorkflow)
        return workflow

    @property
    def person(self) -> str:
        return self.companion.journal.person().id

    def page(self, name: str) -> AppTest:
        return self.tab.switch_page(f"companion/ui/{name}.py").run()

    def write(self, text: str) -> AppTest:
        return self.tab.chat_input[0].set_value(text).run()

    def press(self, label: str) -> AppTest:
        return next(button for button in self.tab.button if button.label == label).click().run()

    def labels(self) -> list[str]:
        return [button.label for button in self.tab.button]

    def seen(self) -> str:
        """Give all the HTML on the page, but for the style and the script."""
        bodies = [element.proto.body for element in self.tab.get("html")]
        return "\n".join(body for body in bodies if not body.startswith(("<style", "<script")))

    def reopen(self) -> None:
        """Close the tab and open another, as a reload does."""
        self.tab = AppTest.from_file(str(SCRIPT), default_timeout=30).run()


@pytest.fixture
def opening(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Callable[[], App]]:
    """Gives a function that opens the app; to be called once a test has set its scene."""
    for name in ("DATA", "KEYS"):
        monkeypatch.setenv(f"COMPANION_{name}", str(tmp_path / name.lower()))
    clock = Clock()
    companion = scripted(clock)

    def build(settings: Settings, connection: Connection | None = None) -> Companion:
        return companion

    monkeypatch.setattr(composition, "build", build)
    st.cache_resource.clear()

    def open_app() -> App:
        tab = AppTest.from_file(str(SCRIPT), default_timeout=30).run()
        return App(companion, clock, tab)

    yield open_app
    st.cache_resource.clear()


@pytest.fixture
def app(opening: Callable[[], App]) -> App:
    return opening()
