"""Which entries of an export a row of ours could be counted in."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from itertools import pairwise
from typing import Final

import attrs

from fsm.errors import BadExport
from fsm.events.numbers import digits_of, scoped_country_of
from fsm.ledger import Row
from fsm.rates import Markets
from fsm.rates.names import folded
from fsm.reconcile.entries import Entry, Export
from fsm.reconcile.lines import INVOICE, once
from fsm.rules.tables import Label
from fsm.terms import RATE_LINES

Countries = Callable[[Row], frozenset[str]]
"""The countries (ISO 3166) a row's recipient may be in; empty if nothing tells."""


@attrs.frozen
class Facet:
    """
    What decides where a row is counted, its instant and volume aside. Of several words the usual one comes first.

    Attributes:
        types, categories, directions: words of its label; none at all if no text tells.
        countries, phones, accounts: words under which entries may know them.
    """

    types: tuple[str, ...]
    categories: tuple[str, ...]
    directions: tuple[str, ...]
    countries: frozenset[str]
    phones: frozenset[str]
    accounts: frozenset[str]


def countries_by(markets: Markets) -> Countries:
    """
    The countries of a row's recipient: that of a business-scoped id, else those that share the number's calling code.

    Args:
        markets: the table whose rows name the countries of a calling code.

    Rule: GEO-01
    """

    def countries(row: Row) -> frozenset[str]:
        scoped = scoped_country_of(row.participant or row.customer)
        if scoped is not None:
            return frozenset({scoped})
        market = markets.market_of(row.participant or row.customer, date.fromisoformat(row.day))
        return frozenset(country for country in (market.iso if market else "").split("/") if country)

    return countries


class Places:
    """
    The entries of an export, indexed by what they count.

    Attributes:
        notes: which dimensions of the entries cannot be compared, and why.

    Raises:
        BadExport: the times of two data points overlap without being the same.
    """

    def __init__(
        self, export: Export, rows: Sequence[Row], countries: Countries | None, phones: Mapping[str, str]
    ) -> None:
        self._export, self._countries, self._phones = export, countries, phones
        self._by_time: dict[object, list[int]] = {}
        for place, entry in enumerate(export.entries):
            self._by_time.setdefault(entry.time, []).append(place)
        self._spans = sorted({(entry.begins or 0, entry.ends or 0) for entry in export.entries if not entry.when})
        self._months = sorted({entry.when[:7] for entry in export.entries if entry.when})
        self._begins = [begins for begins, _ in self._spans]
        for (one, ends), (other, _) in pairwise(self._spans):
            if other < ends or one == other:
                raise BadExport(
                    f"{export.name}: data points of different lengths of time overlap, so messages would be counted twice. "
                    "Export days and months into files of their own."
                )
        self._found: dict[tuple[object, Facet], tuple[int, ...]] = {}
        self.dropped: set[str] = set()
        self.notes = tuple(self._drop(rows))

    def facet(self, row: Row, label: Label | None) -> Facet:
        """What decides where a row is counted."""
        types, categories = (label.analytics_types, label.analytics_categories) if label else ((), ())
        if self._export.kind == INVOICE:
            # Nobody documents an invoice: it may use the words of the rate card, of webhooks or of analytics.
            line = (row.line,) if row.line in RATE_LINES else ()
            said = label.categories if label else ()
            categories = once((*line, *said, *categories))
            types = types or (("regular",) if row.line is not None else ())
        return Facet(
            types=types,
            categories=categories,
            directions=label.directions if label else (),
            countries=frozenset() if "country" in self.dropped else self.countries_of(row),
            phones=frozenset() if "phone" in self.dropped else self._phones_of(row),
            accounts=frozenset() if "account" in self.dropped else frozenset({row.account}),
        )

    def candidates(self, row: Row, facet: Facet) -> tuple[int, ...]:
        """The places of the entries that may count a row; several where nothing tells them apart."""
        for time in self._times(row):
            key = (time, facet)
            if key not in self._found:
                self._found[key] = self._search(self._by_time.get(time, ()), facet)
            if self._found[key]:
                return self._by_tier(row, self._found[key])
        return ()

    def covers(self, row: Row) -> bool:
        """
        Whether a row lies between the first and the last time that the export counts.

        A day without any entry in between is covered: analytics leave out what they count nothing of.
        """
        instants = bool(self._spans) and self._spans[0][0] <= row.at < self._spans[-1][1]
        return instants or (bool(self._months) and self._months[0] <= row.period <= self._months[-1])

    def countries_of(self, row: Row) -> frozenset[str]:
        """The words under which entries may know the recipient's country."""
        words = {folded(country) for country in self._countries(row)} if self._countries else set()
        if self._export.kind == INVOICE and row.market:
            words.add(folded(row.market))
        return frozenset(words)

    def _times(self, row: Row) -> tuple[object, ...]:
        place = bisect_right(self._begins, row.at) - 1
        spans = [self._spans[place]] if place >= 0 and row.at < self._spans[place][1] else []
        return (*((*span, "") for span in spans), (0, 0, row.day), (0, 0, row.period))

    def _search(self, places: Sequence[int], facet: Facet) -> tuple[int, ...]:
        fitting = [place for place in places if self._fits(self._export.entries[place], facet)]
        for name, words in (("category", facet.categories), ("type", facet.types), ("direction", facet.directions)):
            if not words:
                continue
            for word in words:
                named = [place for place in fitting if self._export.entries[place].labels.get(name, word) == word]
                if named:
                    fitting = named
                    break
            else:
                return ()
        return tuple(fitting)

    def _fits(self, entry: Entry, facet: Facet) -> bool:
        labels = entry.labels
        return (
            ("country" in self.dropped or "country" not in labels or folded(labels["country"]) in facet.countries)
            and ("phone" in self.dropped or "phone" not in labels or _digits(labels["phone"]) in facet.phones)
            and ("account" in self.dropped or "account" not in labels or labels["account"] in facet.accounts)
            # One spelling may stand for several words of a label: they are tried in turn, by `_search`.
            and (not facet.types or labels.get("type") in (None, *facet.types))
        )

    def _by_tier(self, row: Row, places: tuple[int, ...]) -> tuple[int, ...]:
        if len(places) < 2 or row.volume is None:
            return places
        within = tuple(
            place for place in places if _holds(self._export.entries[place].labels.get("tier", ""), row.volume)
        )
        return within or places

    def _phones_of(self, row: Row) -> frozenset[str]:
        return frozenset({_digits(row.business), _digits(self._phones.get(row.business, row.business))})

    def _drop(self, rows: Sequence[Row]) -> list[str]:
        """Dimensions of which no row and no entry have a word in common tell nothing: they are not compared."""
        notes = []
        known: Mapping[str, Callable[[Row], frozenset[str]]] = {
            "country": self.countries_of,
            "phone": self._phones_of,
            "account": lambda row: frozenset({row.account}),
        }
        spelled: Mapping[str, Callable[[str], str]] = {"country": folded, "phone": _digits, "account": str}
        for name, words_of in known.items():
            theirs = {spelled[name](entry.labels[name]) for entry in self._export.entries if name in entry.labels}
            ours: set[str] = set().union(*(words_of(row) for row in rows)) if theirs else set()
            if theirs and rows and not ours & theirs:
                self.dropped.add(name)
                notes.append(_DROPPED[name])
        return notes


_DROPPED: Final = {
    "country": "No country of the file is one that our rows can be placed in, so countries are not compared.",
    "phone": "The file names business phone numbers, the log their ids, and nothing links them, so numbers are not "
    "compared.",
    "account": "No account of the file has the name of one of ours, so accounts are not compared.",
}


def _digits(text: str) -> str:
    return digits_of(text) or text


def _holds(tier: str, volume: int) -> bool:
    """Whether a tier, written as `0:MAX` or `100001:1000000`, holds a place in the month's volume."""
    first, _, last = tier.partition(":")
    if not first.isdecimal():
        return False
    return int(first) <= volume and (not last.isdecimal() or volume <= int(last))
