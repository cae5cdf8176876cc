"""A real browser: Debian's Chromium under Playwright. Without one the tests skip and say so."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

OUTPUT = Path(__file__).parent / "output"
FLAGS = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking"]
PATIENCE = 120_000
"""Milliseconds. Nothing here measures time; a busy computer only has to get there."""


def _missing(what: str) -> NoReturn:
    if os.environ.get("CI") == "true":
        pytest.fail(f"{what}, and in CI the browser tests must run")
    pytest.skip(what)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    # Not for the whole session: Playwright's loop would run on under other tests of this worker.
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        _missing("playwright is not installed")
    chromium = shutil.which("chromium")
    if chromium is None:
        _missing("no chromium on this computer")
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=chromium, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def hosts() -> set[str]:
    """Collects every host that any page of a test asked anything of."""
    return set()


@pytest.fixture
def open_page(browser: Browser, hosts: set[str]) -> Iterator[Callable[..., Page]]:
    """Gives a function that opens a page of a given size and colour scheme."""
    contexts = []

    def opened(address: str, *, width: int = 1280, height: int = 860, dark: bool = False) -> Page:
        context = browser.new_context(
            viewport={"width": width, "height": height},
            color_scheme="dark" if dark else "light",
            locale="en-GB",
            reduced_motion="reduce",
        )
        context.set_default_timeout(PATIENCE)
        contexts.append(context)
        page = context.new_page()
        page.on("request", lambda request: hosts.add(_host(request.url)))
        page.on("websocket", lambda socket: hosts.add(_host(socket.url)))
        page.goto(address)
        return page

    yield opened
    for context in contexts:
        context.close()


def _host(url: str) -> str:
    scheme, _, rest = url.partition("://")
    return rest.partition("/")[0] if scheme in {"http", "https", "ws", "wss"} else "127.0.0.1"


@pytest.fixture
def shoot() -> Callable[[Page, str], None]:
    """Gives a function that writes a screenshot to `output`."""
    OUTPUT.mkdir(exist_ok=True)

    def shot(page: Page, name: str) -> None:
        page.wait_for_timeout(700)
        page.screenshot(path=OUTPUT / f"{name}.png")

    return shot
