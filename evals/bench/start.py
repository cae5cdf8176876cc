"""The app beside a hello-world chat page: until its box can be typed in, and the memory held.

Cold means a new process; the files it reads are known to the system from the start before. Both
are started the same way, in turns, and looked at by the same headless Chromium.
"""

from __future__ import annotations

import shutil
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from evals.bench.pairs import alternate, part
from evals.bench.results import Start, messages
from evals.bench.serving import held_megabytes, serving

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

ROUNDS, QUICK = 3, 1
SETTLED_SECONDS = 5.0
"""Waited before memory is read: the app loads what the first turn needs beside the open page."""
PATIENCE = 120_000
"""Milliseconds until the browser gives up."""
FLAGS = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking"]
ANSWERS = {
    "companion": "document.querySelectorAll('.said.reply:not(.quiet) h3').length",
    "hello": "Math.floor(document.querySelectorAll('[data-testid=stChatMessage]').length / 2)",
}
"""How many replies a page shows, in the page's own words."""


def measure(folder: Path, quick: bool = False) -> Start:
    """Measure in homes below `folder`; say what is missing where there is no Chromium."""
    try:
        from playwright.sync_api import Error, sync_playwright
    except ImportError:
        return _not_measured("no Playwright")
    with sync_playwright() as driver:
        found = shutil.which("chromium") or shutil.which("chromium-browser")
        try:
            browser = driver.chromium.launch(executable_path=found, args=FLAGS)
        except Error:
            return _not_measured("no Chromium")
        sides = {name: _starting(name, folder / name, browser) for name in ("companion", "hello")}
        said = messages()
        # Once unmeasured: files are read from the disk, a journal and caches are made.
        alternate(sides, said[:1])
        measured = alternate(sides, said[1 : 1 + (QUICK if quick else ROUNDS)])
        version = browser.version
        browser.close()
    return Start("", version, part(measured, 0), part(measured, 1), part(measured, 2))


def _not_measured(missing: str) -> Start:
    return Start(missing, "", {}, {}, {})


def _starting(
    name: str, home: Path, browser: Browser
) -> Callable[[str], tuple[float, float, float]]:
    """Give what measures a start: seconds, megabytes with the page up, megabytes after a reply."""

    def measured(message: str) -> tuple[float, float, float]:
        print(f"starting {name} …", file=sys.stderr, flush=True)
        context: Any = browser.new_context(viewport={"width": 1280, "height": 860})
        context.set_default_timeout(PATIENCE)
        page = context.new_page()
        began = time.perf_counter()
        try:
            with serving(name, home) as server:
                page.goto(server.address, wait_until="commit")
                box = page.get_by_test_id("stChatInputTextArea")
                # Waits until the box is there, in sight and not switched off.
                box.fill("a")
                seconds = time.perf_counter() - began
                page.wait_for_timeout(SETTLED_SECONDS * 1000)
                opened = held_megabytes(server)
                _answered(page, name, message)
                return seconds, opened, held_megabytes(server)
        finally:
            context.close()

    return measured


def _answered(page: Page, name: str, message: str) -> None:
    before = page.evaluate(ANSWERS[name])
    box = page.get_by_test_id("stChatInputTextArea")
    box.fill(message)
    box.press("Enter")
    page.wait_for_function(f"{ANSWERS[name]} > {before}")
