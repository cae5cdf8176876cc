"""Real services by country, each with its official source: see docs/safety.md."""

from __future__ import annotations

from datetime import date
from typing import Any

from companion.domain import Contact, CrisisKind
from companion.prompts import document

STALE_AFTER_DAYS = 365


class Contacts:
    """Reads `prompts/contacts.yaml` once."""

    def __init__(self) -> None:
        self._data: dict[str, Any] = document("contacts")

    def countries(self) -> dict[str, str]:
        """Give names by ISO 3166 alpha-2 code, sorted by name."""
        named = {code: about["name"] for code, about in self._data["countries"].items()}
        return dict(sorted(named.items(), key=lambda item: item[1]))

    def of(
        self, country: str | None, kind: CrisisKind, *, under_18: bool = False
    ) -> tuple[Contact, ...]:
        """Give the emergency number, the country's services for this kind, and the directory."""
        about = self._data["countries"].get(country or "")
        international = tuple(map(self._contact, self._data["international"]))
        if about is None:
            return international
        wanted = {kind.value, *({"child"} if under_18 else set())}
        services = [self._contact(entry) for entry in about["contacts"]]
        fitting = [contact for contact in services if wanted & set(contact.kinds)]
        others = [contact for contact in services if "self" in contact.kinds and not fitting]
        emergency = self._contact(
            {"name": "Emergency services", "how": "phone", **about["emergency"]}
        )
        return (emergency, *fitting, *others, *international[:1])

    def oldest(self) -> date:
        """Give the date of the oldest source named."""
        return min(self._dates())

    def stale(self, today: date) -> int:
        """Count the entries whose source is older than a year."""
        return sum((today - day).days > STALE_AFTER_DAYS for day in self._dates())

    def _dates(self) -> list[date]:
        found = []
        entries = list(self._data["international"])
        for about in self._data["countries"].values():
            entries += [about["emergency"], *about["contacts"]]
        for entry in entries:
            parts = [int(part) for part in str(entry["source_date"]).split("-")]
            found.append(date(*[*parts, 1, 1][:3]))
        return found

    @staticmethod
    def _contact(entry: dict[str, Any]) -> Contact:
        return Contact(
            name=entry["name"],
            how=entry["how"],
            value=str(entry["value"]),
            kinds=tuple(entry.get("for", ())),
            hours=entry.get("hours", ""),
            source=entry["source"],
            source_date=str(entry["source_date"]),
            note=entry.get("note", ""),
        )
