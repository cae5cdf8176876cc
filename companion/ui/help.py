"""People to reach, by country. Opens even when the journal does not: it may be needed then."""

from __future__ import annotations

import streamlit as st

from companion.domain import Contact, CrisisKind
from companion.errors import CompanionError
from companion.ports import Person
from companion.ui import country, frame, session
from companion.ui.reach import item

_FOR = {
    CrisisKind.SELF: "When it is hard to stay alive, or you need someone to talk to",
    CrisisKind.DANGER_FROM: "When somebody is hurting you or you are afraid of them",
}
_UNDER_18 = "When you are under 18"


def page() -> None:
    frame.heading("People you can reach")
    try:
        person = session.person()
    except CompanionError as error:
        frame.problem(str(error))
        _listed(country.choose("", "people-country"))
        return
    chosen = country.choose(country.now_of(person), "people-country")
    if chosen != (person.country or "") or not country.asked(person):
        _save(person, chosen)
    _listed(chosen)


def _save(person: Person, chosen: str) -> None:
    if st.button("Remember this country"):
        country.save(person, chosen)
        st.rerun()


def _listed(code: str) -> None:
    """List the emergency number first, then everyone once, under what they are for."""
    contacts, shown = country.contacts(), set[Contact]()
    groups = [(title, contacts.of(code or None, kind)) for kind, title in _FOR.items()]
    groups.append((_UNDER_18, contacts.of(code or None, CrisisKind.SELF, under_18=True)))
    emergency, *_ = groups[0][1]
    _group("If life is in danger now", [emergency])
    shown.add(emergency)
    for title, found in groups:
        fresh = [contact for contact in found if contact not in shown and contact.kinds]
        _group(title, fresh)
        shown.update(fresh)
    everyone = dict.fromkeys(contact for _, found in groups for contact in found)
    _group("Anywhere", [contact for contact in everyone if contact not in shown])
    frame.quiet(
        "Numbers change. Each is shown with the page it was read in and that page’s date; "
        "if one does not answer, try the next."
    )


def _group(title: str, contacts: list[Contact]) -> None:
    if contacts:
        items = "".join(item(contact, source=True) for contact in contacts)
        st.html(f'<h2>{title}</h2><ul class="listed">{items}</ul>')


if __name__ == "__main__":
    page()
