"""A person's first evenings with the app, in a real browser, with the real companion."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import datetime
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from browser.running import Running, app, held_model

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = [pytest.mark.xdist_group("browser"), pytest.mark.timeout(900)]

Open = Callable[..., "Page"]
Shoot = Callable[["Page", str], None]

ATTACK = (
    "My sister told everyone at dinner that I'm selfish because I said no to lending her money."
)
KEPT = "I told her no and I did not explain myself."
AGAIN = "She keeps asking me to explain myself. I told her no and she wants me to explain it again."
DANGER = "I want to kill myself tonight, I have the pills here"
LABELLED = """() => [...document.querySelectorAll('input, textarea, select, button, a')]
  .filter((one) => one.offsetParent !== null || one.id === 'leave-quickly')
  .filter((one) => !(one.getAttribute('aria-label') || one.title || one.labels?.length
    || one.textContent.trim()))
  .map((one) => one.outerHTML.slice(0, 200))"""
LEVELS = (
    "() => [...document.querySelectorAll('h1,h2,h3,h4,h5,h6')].map((h) => Number(h.tagName[1]))"
)


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("home")


@pytest.fixture(scope="module")
def running(home: Path) -> Iterator[Running]:
    with app(home) as running:
        yield running


def write(page: Page, text: str) -> None:
    box = page.get_by_placeholder("Write what happened")
    box.fill(text)
    box.press("Enter")


def replies(page: Page, count: int) -> None:
    page.wait_for_function(
        f"document.querySelectorAll('.said.reply:not(.quiet) h3').length >= {count}"
    )


def sound(page: Page) -> None:
    """Everything has a name, headings go down one step at a time, nothing scrolls sideways."""
    assert page.evaluate(LABELLED) == []
    levels = page.evaluate(LEVELS)
    main = levels[levels.index(1) :]
    assert main.count(1) == 1
    assert all(after - before <= 1 for before, after in pairwise(main))
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


def test_the_first_evenings(
    running: Running, open_page: Open, shoot: Shoot, hosts: set[str]
) -> None:
    page = open_page(running.address)
    page.get_by_text("Stays on this computer", exact=True).wait_for()
    page.get_by_text("Which country are you in?").first.wait_for()
    assert page.get_by_text("software").first.is_visible()
    shoot(page, "01-opening")
    sound(page)

    page.get_by_role("button", name="Save").click()
    page.get_by_text("Which country are you in?").first.wait_for(state="detached")

    write(page, ATTACK)
    replies(page, 1)
    page.get_by_text("Why this reply").wait_for()
    page.wait_for_function("document.getElementById('read-aloud').textContent.length > 0")
    shoot(page, "02-reply")
    page.get_by_text("Why this reply").click()
    page.get_by_text("Who gets to define me right now?").wait_for()
    page.get_by_text("How long it took").scroll_into_view_if_needed()
    shoot(page, "03-why")
    sound(page)

    page.reload()
    replies(page, 1)
    assert page.get_by_text(ATTACK).first.is_visible()
    assert page.get_by_text("Which country are you in?").count() == 0

    write(page, KEPT)
    replies(page, 2)
    offer = page.get_by_label(re.compile("Worth keeping"))
    fold = page.get_by_text("Keep something from this").nth(1)
    offer.or_(fold).wait_for()
    if not offer.count():
        fold.click()
    form = page.get_by_test_id("stForm").last
    form.get_by_role("textbox").fill("I told her no. I did not explain myself.")
    shoot(page, "04-keep")
    form.get_by_role("button", name="Keep", exact=True).click()
    page.get_by_text("Kept. It is with your reflections").wait_for()

    page.get_by_role("button", name="New conversation").click()
    page.get_by_text(ATTACK).first.wait_for(state="detached")
    write(page, AGAIN)
    replies(page, 1)
    page.get_by_text("Why this reply").click()
    given = page.locator(".why li", has_text="I told her no. I did not explain myself.")
    given.wait_for()
    assert f"({_today()})" in given.inner_text()
    shoot(page, "05-remembered")

    page.get_by_role("link", name="Reflections").click()
    page.get_by_role("heading", name="Reflections").wait_for()
    page.get_by_text("Change", exact=True).click()
    page.get_by_label("Wording").fill("My no needs no reasons.")
    shoot(page, "06-reflections")
    sound(page)
    page.get_by_role("button", name="Save").click()
    page.get_by_text("My no needs no reasons.").first.wait_for()
    page.get_by_text("Forget", exact=True).click()
    page.get_by_role("button", name="Yes, forget it").click()
    page.get_by_text("Nothing is kept here yet").wait_for()

    page.get_by_role("link", name="Settings").click()
    page.get_by_role("heading", name="Settings").wait_for()
    shoot(page, "07-settings")
    sound(page)
    page.get_by_role("link", name="People you can reach").first.click()
    page.get_by_text("Call 116 123").wait_for()
    shoot(page, "08-people")
    sound(page)
    assert hosts == {f"127.0.0.1:{running.port}"}


def _today() -> str:
    today = datetime.now().astimezone()
    return f"{today.day} {today:%B %Y}"


def test_a_text_too_long_is_refused_and_kept(
    running: Running, open_page: Open, shoot: Shoot
) -> None:
    page = open_page(f"{running.address}/?c=new")
    long = "word " * 10_000
    write(page, long)
    page.get_by_text("one message can hold 8,000").wait_for()
    kept = page.get_by_label("Not sent yet")
    length = (
        f"document.querySelector('[aria-label=\"Not sent yet\"]')?.value?.length === {len(long)}"
    )
    page.wait_for_function(length)
    shoot(page, "09-too-long")
    kept.fill("This is shorter.")
    page.get_by_role("button", name="Send", exact=True).click()
    replies(page, 1)
    assert page.locator(".said.you", has_text="This is shorter.").count() == 1


def test_danger_gets_people_to_reach_first(
    running: Running, open_page: Open, shoot: Shoot, hosts: set[str]
) -> None:
    page = open_page(f"{running.address}/?c=new", width=390, height=844, dark=True)
    write(page, DANGER)
    card = page.locator(".people.first")
    card.wait_for()
    replies(page, 1)
    page.wait_for_function(
        "() => { const b = document.querySelector('.people a').getBoundingClientRect();"
        " return b.top > 60 && b.bottom < window.innerHeight - 100; }"
    )
    assert card.locator("a[href^='tel:']").first.is_visible()
    assert page.locator(".pinned a[href^='tel:']").is_visible()
    shoot(page, "10-danger-phone-dark")
    sound(page)
    assert hosts == {f"127.0.0.1:{running.port}"}


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_the_phone(running: Running, open_page: Open, shoot: Shoot, dark: bool) -> None:
    scheme = "dark" if dark else "light"
    page = open_page(f"{running.address}/?c=new", width=390, height=844, dark=dark)
    write(page, ATTACK)
    replies(page, 1)
    page.get_by_text("Why this reply").wait_for()
    shoot(page, f"11-phone-{scheme}")
    sound(page)
    page.get_by_test_id("stExpandSidebarButton").click()
    page.get_by_role("button", name="New conversation").wait_for()
    shoot(page, f"12-phone-menu-{scheme}")
    page.get_by_test_id("stSidebarCollapseButton").get_by_role("button").click()
    page.get_by_test_id("stExpandSidebarButton").wait_for()
    page.goto(f"{running.address}/reflections")
    page.get_by_role("heading", name="Reflections").wait_for()
    shoot(page, f"13-phone-reflections-{scheme}")
    sound(page)


@pytest.mark.parametrize("path", ["", "reflections", "settings", "people"])
def test_leave_quickly_is_the_first_stop_of_the_keyboard(
    running: Running, open_page: Open, path: str
) -> None:
    page = open_page(f"{running.address}/{path}")
    page.get_by_role("button", name="Leave quickly").wait_for()
    page.evaluate("document.activeElement.blur()")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.id") == "leave-quickly"
    page.keyboard.press("Enter")
    page.wait_for_url("about:blank")
    assert page.evaluate("document.body.innerText") == ""


def test_escape_twice_leaves(running: Running, open_page: Open) -> None:
    page = open_page(running.address)
    page.get_by_role("button", name="Leave quickly").wait_for()
    page.keyboard.press("Escape")
    page.keyboard.press("Escape")
    page.wait_for_url("about:blank")


def test_two_messages_at_once_and_leaving_while_a_reply_arrives(
    tmp_path: Path, open_page: Open, shoot: Shoot
) -> None:
    slow = {f"{wait}_seconds": "200" for wait in ("first_token", "between_tokens", "total")}
    with held_model() as held:
        address = f"http://127.0.0.1:{held.port}/v1"
        with app(tmp_path, base_url=address, model="held", **slow) as running:
            page = open_page(running.address)
            write(page, ATTACK)
            page.get_by_text("Reading what you wrote…").first.wait_for()
            assert held.asked.wait(120)
            write(page, "And then she laughed.")
            page.locator(".said.you", has_text="And then she laughed.").wait_for()
            assert page.locator(".said.you").count() == 2
            shoot(page, "14-two-at-once")

            page.get_by_role("link", name="Settings").click()
            page.get_by_role("heading", name="Settings").wait_for()
            page.get_by_role("link", name="Conversation").click()
            page.get_by_text("Reading what you wrote…").first.wait_for()
            page.get_by_role("button", name="Leave quickly").click()
            page.wait_for_url("about:blank")

            held.release.set()
            back = open_page(running.address)
            replies(back, 2)
            assert back.locator(".said.you").count() == 2
            assert back.locator(".said.reply").count() == 2
