"""Ten messages from ten different lives, typed as a new user would: see docs/ten-lives.md."""

from __future__ import annotations

import pytest

from tests.browser.running import app
from tests.browser.test_walk import write

LIVES = {
    "brother-in-law": "my brother in law made his joke about me being the family charity case "
    "again. at christmas lunch. my kids heard",
    "redundant": "52 and redundant. The lads at the job centre were nice enough. I'm on the scrap "
    "heap though aren't I, that's what I am now",
    "new-flat": "first night in the new flat in leeds. dont know one person here. the lift makes a "
    "noise like breathing",
    "debt": "If I tell my husband about the debt he will look at me different forever. "
    "i dont deserve him",
    "keys": "we got the keys!!! 11 years of saving. currently eating crisps on the floor",
    "homework": "shouted at my lad over homework and he went all quiet. i want to put it "
    "right, how",
    "diary": "my wife read my diary while i was on nights and quoted it back at me",
    "counting": "every time someone is kind to me i start counting what i owe",
    "shift": "i said no to covering the shift. first time ever. feel sick",
    "canteen": "idk why im writing here. everyone at uni has friends by now. i eat in the "
    "toilets lol",
}


@pytest.mark.timeout(600)
def test_ten_lives_each_get_a_reply_of_their_own(tmp_path_factory, open_page, shoot) -> None:
    replies = []
    with app(tmp_path_factory.mktemp("lives")) as running:
        page = open_page(running.address, height=760)
        page.get_by_text("Which country are you in?").first.wait_for()
        page.get_by_role("button", name="Save").click()
        page.get_by_text("Which country are you in?").first.wait_for(state="detached")
        for number, (name, message) in enumerate(LIVES.items()):
            if number:
                page.get_by_role("button", name="New conversation").click()
                page.locator(".said").first.wait_for(state="detached")
            write(page, message)
            page.get_by_text("Why this reply").wait_for()
            page.wait_for_timeout(500)
            replies.append(page.locator(".said").nth(1).inner_text())
            assert page.locator(".people").count() == 0, f"{name} was taken for danger"
            shoot(page, f"life-{name}")
    assert len(set(replies)) == len(LIVES)
    assert all(len(reply.split()) > 6 for reply in replies)
