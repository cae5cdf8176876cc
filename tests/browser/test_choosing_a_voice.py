"""Choosing a voice in Settings: a model on this computer, one elsewhere, and back again."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from browser.running import Running, app
from browser.test_walk import ATTACK, replies, sound, write
from tests.models.server import Log, says, serving

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = [pytest.mark.xdist_group("browser"), pytest.mark.timeout(900)]

Open = Callable[..., "Page"]
Shoot = Callable[["Page", str], None]

SAID = "That word stays outside."
ELSEWHERE = "https://models.invalid/v1"
ASKED_IN_VIEW = """() => {
  const asked = document.querySelector('.asked')?.getBoundingClientRect();
  return asked && asked.top > 60 && asked.bottom < window.innerHeight - 100; }"""


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    with app(tmp_path_factory.mktemp("home")) as running:
        yield running


@pytest.fixture(scope="module")
def server() -> Iterator[tuple[str, Log]]:
    with serving(says(SAID)) as (address, log):
        yield address, log


def settings(page: Page) -> None:
    to(page, "Settings")
    page.get_by_role("heading", name="Voice").wait_for()


def choose(page: Page, voice: str) -> None:
    fold = page.locator(".st-key-voices details")
    if not fold.evaluate("fold => fold.open"):
        fold.locator("summary").click()
    # The circle itself lies under its label.
    page.locator(".st-key-voice label", has_text=voice).click()


def conversation(page: Page) -> None:
    to(page, "Conversation")
    page.get_by_placeholder("Write what happened").wait_for()


def to(page: Page, name: str) -> None:
    menu = page.get_by_test_id("stExpandSidebarButton")
    if menu.count():
        menu.click()
    page.get_by_role("link", name=name, exact=True).click()
    fold = page.get_by_test_id("stSidebarCollapseButton").get_by_role("button")
    narrow = page.viewport_size and page.viewport_size["width"] < 500
    if narrow and not menu.count():
        fold.click()


def in_sight(page: Page, badge: str) -> None:
    """The badge stands above the message box, within the window."""
    shown = page.get_by_text(badge, exact=True)
    shown.wait_for()
    box, field = shown.bounding_box(), page.get_by_test_id("stChatInput").bounding_box()
    assert box
    assert field
    assert page.viewport_size
    assert 0 < box["y"] < field["y"] < page.viewport_size["height"]


@pytest.mark.parametrize(
    ("width", "height", "dark"), [(1280, 860, False), (390, 844, True)], ids=["desktop", "phone"]
)
def test_a_model_on_this_computer_speaks_when_it_is_chosen(
    running: Running,
    server: tuple[str, Log],
    open_page: Open,
    shoot: Shoot,
    hosts: set[str],
    width: int,
    height: int,
    dark: bool,
) -> None:
    address, log = server
    name = "phone" if dark else "desktop"
    page = open_page(f"{running.address}/settings", width=width, height=height, dark=dark)
    page.get_by_role("heading", name="Voice").wait_for()
    page.get_by_text("Stays on this computer", exact=True).wait_for()
    choose(page, "A model on this computer")
    page.get_by_label("Address").first.fill(address)
    page.get_by_role("button", name="Use this").click()
    page.get_by_role("alert").get_by_text("name is missing").wait_for()
    assert page.get_by_label("Address").first.input_value() == address
    shoot(page, f"20-voice-missing-{name}")
    page.get_by_label("Name of the model").first.fill("scripted")
    page.get_by_role("button", name="Test this connection").click()
    page.locator(".found", has_text="Tested: it can").wait_for()
    page.locator(".found li", has_text="They stay on this computer").wait_for()
    aloud = page.locator("#read-aloud")
    assert "Tested" in aloud.inner_text()
    page.locator(".found", has_text="Tested: it can").scroll_into_view_if_needed()
    shoot(page, f"21-voice-tested-{name}")
    sound(page)
    assert not any(ATTACK in chat.body for chat in log.chats) or dark

    page.get_by_role("button", name="Use this").click()
    page.get_by_text("It speaks from now on.").wait_for()
    page.get_by_text("Replies are spoken by scripted").wait_for()
    shoot(page, f"22-voice-used-{name}")

    page.goto(f"{running.address}/?c=new")
    in_sight(page, "Stays on this computer")
    write(page, ATTACK)
    replies(page, 1)
    page.locator(".said.reply", has_text=SAID).wait_for()
    assert any(ATTACK in chat.body for chat in log.chats)
    page.get_by_text("Why this reply").click()
    page.get_by_text("Nowhere; the model runs on this computer.").wait_for()
    page.get_by_text("Tokens", exact=True).scroll_into_view_if_needed()
    in_sight(page, "Stays on this computer")
    shoot(page, f"23-voice-why-{name}")

    settings(page)
    choose(page, "The voice that comes with Companion")
    page.get_by_role("button", name="Use this").click()
    page.get_by_text("Replies are spoken by the voice that comes with Companion").wait_for()
    before = len(log.received)
    conversation(page)
    write(page, "And then she laughed.")
    replies(page, 2)
    assert len(log.received) == before
    assert hosts == {f"127.0.0.1:{running.port}"}


@pytest.mark.parametrize(
    ("width", "height", "dark"), [(1280, 860, True), (390, 844, False)], ids=["desktop", "phone"]
)
def test_a_model_elsewhere_is_asked_about_before_it_speaks(
    tmp_path: Path,
    open_page: Open,
    shoot: Shoot,
    hosts: set[str],
    width: int,
    height: int,
    dark: bool,
) -> None:
    name = "desktop" if dark else "phone"
    with app(tmp_path) as running:
        page = open_page(f"{running.address}/settings", width=width, height=height, dark=dark)
        choose(page, "A hosted model")
        page.get_by_label("Address").nth(1).fill(ELSEWHERE)
        page.get_by_label("Name of the model").nth(1).fill("a-large-one")
        page.get_by_label("Key", exact=True).fill("sk-of-nobody")
        shoot(page, f"24-hosted-typed-{name}")
        page.get_by_role("button", name="Use this").click()
        page.get_by_role("button", name="Yes, send them to models.invalid").wait_for()
        assert page.get_by_label("Key", exact=True).input_value() == ""
        page.wait_for_function(ASKED_IN_VIEW)
        shoot(page, f"25-hosted-asked-{name}")
        sound(page)

        conversation(page)
        in_sight(page, "Stays on this computer")
        # Streamlit scrolls to the end first; the question has to be what is seen once it rests.
        page.wait_for_timeout(3000)
        page.wait_for_function(ASKED_IN_VIEW)
        shoot(page, f"26-conversation-asked-{name}")
        sound(page)
        page.get_by_role("button", name="Yes, send them to models.invalid").click()
        in_sight(page, "Words go to models.invalid")
        shoot(page, f"27-conversation-leaves-{name}")
        sound(page)

        page.reload()
        in_sight(page, "Words go to models.invalid")
        assert page.get_by_text("Your words would go").count() == 0
        settings(page)
        page.get_by_text("Words go to models.invalid", exact=True).wait_for()
        choose(page, "The voice that comes with Companion")
        page.get_by_role("button", name="Forget the key for models.invalid").click()
        page.get_by_text("The key is forgotten.").wait_for()
        shoot(page, f"28-key-forgotten-{name}")
        page.get_by_role("button", name="Use this").click()
        page.get_by_text("Stays on this computer", exact=True).wait_for()
        assert hosts == {f"127.0.0.1:{running.port}"}


def test_the_line_under_a_reply_that_was_taken_over_opens_the_reason(
    tmp_path: Path, open_page: Open, shoot: Shoot
) -> None:
    with app(tmp_path, base_url="http://127.0.0.1:9/v1", model="not-there") as running:
        page = open_page(running.address, width=390, height=844, dark=True)
        write(page, ATTACK)
        replies(page, 1)
        page.get_by_role("button", name="Why?", exact=True).wait_for()
        shoot(page, "29-taken-over-phone")
        page.get_by_role("button", name="Why?", exact=True).press("Enter")
        reason = page.get_by_text("Why the voice changed")
        reason.wait_for()
        assert reason.is_visible()
        shoot(page, "30-taken-over-why-phone")
        sound(page)
