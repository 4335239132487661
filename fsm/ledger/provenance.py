"""What a ledger was made with: the law, the calendar and the prices, each with a fingerprint."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from enum import Enum
from functools import lru_cache
from hashlib import sha256
from json import dumps

import attrs

from fsm.ledger.rows import Row
from fsm.machine import Law
from fsm.rulebooks import timeline
from fsm.rules.tables import Rulebook


@lru_cache(maxsize=256)
def rulebook_fingerprint(book: Rulebook) -> str:
    """
    A fingerprint of an edition: it changes with any rule, row, clock or list.

    >>> from fsm.rulebooks import editions
    >>> len({rulebook_fingerprint(book) for book in editions()}) == len(editions())
    True
    """
    written = {field.name: _plain(getattr(book, field.name)) for field in attrs.fields(Rulebook)}
    return sha256(dumps(written, sort_keys=True).encode()).hexdigest()


def _plain(value: object) -> object:
    if attrs.has(cls := type(value)):
        return {f.name: _plain(getattr(value, f.name)) for f in attrs.fields(cls) if f.eq}
    if isinstance(value, Mapping):
        return {str(key): _plain(held) for key, held in value.items()}
    if isinstance(value, frozenset | set):
        return sorted(str(each) for each in value)
    if isinstance(value, list | tuple):
        return [_plain(each) for each in value]
    if isinstance(value, date | timedelta | Enum):
        return str(value)
    return value


def calendar_fingerprint(law: Law) -> str:
    """
    A fingerprint of the time-zone data that matters: when each month and each edition of the law begins.

    Two machines whose zone data disagree about any of these give different fingerprints.
    """
    first, last = law.editions[0].book.since.year, law.editions[-1].book.since.year
    months = [date(year, month, 1) for year in range(first, last + 2) for month in range(1, 13)]
    begins = [timeline.midnight(day, law.account.time_zone) for day in months]
    return sha256(dumps([begins, [edition.begins for edition in law.editions]]).encode()).hexdigest()


def provenance(rows: Iterable[Row], laws: Mapping[str, Law], cards: Mapping[str, str]) -> dict[str, object]:
    """
    What the rows were made with.

    Args:
        rows: the ledger.
        laws: the law of each account, by its name.
        cards: fingerprint of every rate card and tier table, by name.
    """
    listed = list(rows)
    made_with: dict[str, dict[str, str]] = {}
    for account, edition in sorted({(row.account, row.edition) for row in listed if row.account in laws}):
        made_with.setdefault(edition, {})[account] = rulebook_fingerprint(laws[account].edition_named(edition).book)
    used = sorted({row.card for row in listed if row.card})
    return {
        # Accounts with other answers of their own have other editions under the same name.
        "rulebooks": {
            name if len(set(prints.values())) == 1 else f"{name}, account {account}": print_
            for name, prints in made_with.items()
            for account, print_ in prints.items()
        },
        "calendars": {
            name: {"time_zone": str(law.account.time_zone), "fingerprint": calendar_fingerprint(law)}
            for name, law in sorted(laws.items())
        },
        "cards": {name: cards.get(name, "") for name in used},
        "policy": {name: {knob: str(option) for knob, option in law.account.policy} for name, law in laws.items()},
    }
