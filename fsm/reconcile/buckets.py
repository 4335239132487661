"""Our rows beside entries that count several of them: analytics of the Graph API, and invoices."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, date, timedelta, tzinfo
from decimal import Decimal
from typing import Final

import attrs

from fsm.errors import BadExport
from fsm.events import datetime_of, format_instant
from fsm.ledger import Row
from fsm.ledger.rows import CALL, CONVERSATION, CORRECTION, MESSAGE
from fsm.rates import total, written
from fsm.reconcile.entries import Entry, Export
from fsm.reconcile.groups import (
    Group,
    is_free,
    labels_of,
    means,
    rates_that_differ,
    rules_of_cost,
    stated_words,
    words_of,
)
from fsm.reconcile.lines import (
    CONVERSATION_ANALYTICS,
    DIFFERS,
    INVOICE,
    MATCHED,
    ONLY_OURS,
    ONLY_THEIRS,
    PRICING_ANALYTICS,
    Difference,
    Line,
    Reconciliation,
    amount_of,
    flags_of,
    left_out,
    once,
)
from fsm.reconcile.naming import book_of, known_words, label_of, law_at
from fsm.reconcile.places import Countries, Places
from fsm.rulebooks import timeline
from fsm.rules.tables import Label, Rulebook
from fsm.rules.words import counted

BINARY_NOISE: Final = Decimal("0.000001")
"""Sums in JSON are binary fractions written down; below this a difference says nothing about messages."""

_ABOUT: Final = {
    PRICING_ANALYTICS: "data point",
    CONVERSATION_ANALYTICS: "data point",
    INVOICE: "invoice line",
}


def against_export(
    rows: Iterable[Row],
    export: Export,
    *,
    zones: Mapping[str, tzinfo] | None = None,
    phones: Mapping[str, str] | None = None,
    countries: Countries | None = None,
) -> Reconciliation:
    """
    Our rows beside an export: counted and added up by whatever its entries tell apart.

    Args:
        rows: of a ledger.
        export: data points, or the lines of an invoice.
        zones: time zone of each account, by its name; UTC where none is given.
        phones: phone number of each business phone number id.
        countries: which countries a row's recipient may be in.

    Raises:
        BadExport: the times of two data points overlap without being the same, or an amount is in another currency
            than the ledger.

    Rules: LBL-03, LBL-05, LBL-07, P26-13

    >>> against_export([], Export(name="empty.json", kind="pricing_analytics", entries=())).agrees
    True
    """
    listed = list(rows)
    comparison = _Comparison(listed, export, zones or {}, phones or {}, countries)
    lines = tuple(comparison.lines())
    return Reconciliation(
        against=export.name,
        kind=export.kind,
        currency=comparison.currency,
        lines=lines,
        left_out=left_out(comparison.outside),
        notes=comparison.notes(),
        missing=comparison.missing(),
    )


def _currency_of(rows: Iterable[Row], export: Export) -> str:
    """The one currency of both sides; what names none is taken to be in it."""
    ours = next((row.currency for row in rows if row.currency), "")
    currency = ours or next((entry.currency for entry in export.entries if entry.currency), "")
    for entry in export.entries:
        if entry.currency not in ("", currency):
            whose = "our ledger is" if ours else "lines before it are"
            raise BadExport(
                f"{entry.place}: its amount is in {entry.currency} and {whose} in {currency}: amounts of two currencies "
                f"can neither be compared nor added up. Price the ledger with cards in {entry.currency}, or give an "
                f"export in {currency} alone."
            )
    return currency


class _Comparison:
    """Rows and entries, brought together."""

    def __init__(
        self,
        rows: Sequence[Row],
        export: Export,
        zones: Mapping[str, tzinfo],
        phones: Mapping[str, str],
        countries: Countries | None,
    ) -> None:
        self._export, self._zones = export, zones
        self.currency = _currency_of(rows, export)
        self._rows = rows
        self._openers = {(row.business, row.id): row for row in rows if row.kind == CONVERSATION}
        self.outside: list[tuple[Row, str, tuple[str, ...]]] = []
        self._named: list[tuple[Row, Label | None]] = []
        for row in rows:
            opened = self._openers.get((row.business, row.conversation)) if row.conversation else None
            label = label_of(row, opened) if row.kind in (MESSAGE, CONVERSATION) else None
            why = self._silent(row, label)
            if why:
                self.outside.append((row, why, once((*row.because, *self._behind(label)))))
            else:
                self._named.append((row, label))
        self._places = Places(export, [row for row, _ in self._named], countries, phones)
        self._groups = self._grouped()
        self._accounts = sorted({row.account for row in rows})
        self._span = (min((row.at for row in rows), default=0), max((row.at for row in rows), default=0))
        self._days = (min((row.day for row in rows), default=""), max((row.day for row in rows), default=""))

    # --- what is compared ------------------------------------------------------
    def _silent(self, row: Row, label: Label | None) -> str:
        """Why the other side does not speak about a row at all; empty if it does."""
        if self._export.kind == INVOICE:
            types = any("type" in entry.labels for entry in self._export.entries)
            if row.why == "attached":
                return "belongs to a conversation, and that is what is charged"
            if row.kind == CONVERSATION and row.line is None and book_of(row).tariff.charged != "conversation":
                return "an entry point is not charged, its messages are rows of their own"
            if is_free(row) and not types:
                return "free of charge, and no column of the invoice tells what is free"
            return ""
        if row.kind == CALL:
            return "calls have analytics of their own"
        if row.kind == CORRECTION:
            return "corrections of settled months stand in no analytics"
        charged = book_of(row).tariff.charged
        if self._export.kind == CONVERSATION_ANALYTICS:
            if row.kind == MESSAGE:
                return "conversation analytics count conversations, not messages"
            return "" if charged == "conversation" else "entry points of per-message pricing are no conversations"
        if charged != "message" or row.kind == CONVERSATION:
            return "pricing analytics count messages that are priced one by one"
        if label is not None and not label.analytics_types:
            return f"{label.means}: how pricing analytics count it, no text says"
        return ""

    def _behind(self, label: Label | None) -> tuple[str, ...]:
        """The rules behind a label, as far as the other side is concerned: no text says how an invoice counts."""
        if label is None:
            return ()
        return label.rules if self._export.kind == INVOICE else (*label.rules, *label.counted_by)

    def _rules(self, group: Group) -> tuple[str, ...]:
        return once(id for row, label in group.rows for id in (*row.because, *self._behind(label)))

    def _grouped(self) -> list[Group]:
        """Entries with the rows that may be counted in them; what no row can tell apart is one group."""
        parent = list(range(len(self._export.entries)))

        def root(place: int) -> int:
            while parent[place] != place:
                parent[place] = parent[parent[place]]
                place = parent[place]
            return place

        placed: list[tuple[int, Row, Label | None]] = []
        homeless: dict[tuple[object, ...], Group] = {}
        for row, label in self._named:
            facet = self._places.facet(row, label)
            unnamed = label is None and row.line is None and row.kind != CORRECTION
            candidates = () if unnamed else self._places.candidates(row, facet)
            if candidates:
                first = root(candidates[0])
                for other in candidates[1:]:
                    parent[root(other)] = first
                placed.append((candidates[0], row, label))
            elif is_free(row) and self._export.kind == INVOICE:
                self.outside.append((row, "free of charge, and the invoice has no line for it", row.because))
            else:
                covered = self._places.covers(row)
                key = (self._time_of(row, covered), covered, facet, label.means if label else "")
                homeless.setdefault(key, Group(facet=facet, covered=covered)).rows.append((row, label))
        groups: dict[int, Group] = {}
        for place, entry in enumerate(self._export.entries):
            groups.setdefault(root(place), Group()).entries.append(entry)
        for place, row, label in placed:
            groups[root(place)].rows.append((row, label))
        return [*groups.values(), *homeless.values()]

    def _time_of(self, row: Row, covered: bool) -> str:
        """The time by which rows without an entry are gathered: that of the export's own entries, as far as they tell."""
        months = self._export.kind == INVOICE and not any(len(entry.when) > _MONTH for entry in self._export.entries)
        return row.day if covered and not months else row.period

    # --- lines -----------------------------------------------------------------
    def lines(self) -> Iterator[Line]:
        """One line for each group."""
        for group in self._groups:
            if not group.entries:
                yield self._only_ours(group)
            elif not group.rows:
                yield self._only_theirs(group)
            else:
                yield self._both(group)

    def _base(self, group: Group) -> Line:
        ours, entries = group.ours, group.entries
        amounts = [entry.amount for entry in entries if entry.amount is not None]
        return Line(
            outcome=MATCHED,
            about=_ABOUT[self._export.kind],
            name=self._title(group),
            day=self._day(group),
            ours=tuple(row.key for row in ours),
            theirs=tuple(entry.place for entry in entries),
            because=self._rules(group),
            our_volume=len(ours) if ours else None,
            their_volume=group.their_volume if entries else None,
            our_amount=amount_of(ours),
            their_amount=total(amounts) if amounts else None,
            our_unknown=sum(row.amount is None for row in ours),
            flags=flags_of(ours),
        )

    def _day(self, group: Group) -> str:
        if group.ours:
            first, last = group.days
            return first if first == last else ""
        entry = group.entries[0]
        if entry.when or entry.begins is None:
            return entry.when
        return datetime_of(entry.begins).astimezone(self._zone()).date().isoformat()

    def _zone(self) -> tzinfo:
        return self._zones.get(self._accounts[0], UTC) if self._accounts else UTC

    def _title(self, group: Group) -> str:
        if not group.entries:
            return words_of(group)
        return "; ".join(f"{self._when(entry)} {entry.words}".strip() for entry in group.entries)

    def _when(self, entry: Entry) -> str:
        """The time of an entry: a day of the account, if it is one."""
        if entry.when or entry.begins is None or entry.ends is None:
            return entry.when
        first, behind = (datetime_of(at).astimezone(self._zone()).date() for at in (entry.begins, entry.ends))
        if self._at_midnight(entry.begins) and self._at_midnight(entry.ends) and behind - first == timedelta(days=1):
            return first.isoformat()
        return f"{format_instant(entry.begins)} to {format_instant(entry.ends)}"

    def _only_ours(self, group: Group) -> Line:
        if not group.covered:
            why = "the file counts nothing of that time"
        elif all(label is None for _, label in group.rows):
            why = "no rule says what they are called"
        elif group.facet and not group.facet.countries and "country" not in self._places.dropped and self._by_country():
            why = "the recipient's country is not known, so it cannot be told in which entry they are"
        else:
            why = "the file has no entry for them"
        says = f"We count {means(group)}; {why}.{self._moved(group)}"
        # What is charged and stands in no file is never as expected: the file may be of another month, or empty.
        normal = not group.covered and all(is_free(row) for row in group.ours)
        return attrs.evolve(self._base(group), outcome=ONLY_OURS, says=says, normal=normal)

    def _by_country(self) -> bool:
        return any("country" in entry.labels for entry in self._export.entries)

    def _only_theirs(self, group: Group) -> Line:
        base = self._base(group)
        nothing = not base.their_volume and not base.their_amount
        states = stated_words(base)
        if nothing:
            return attrs.evolve(base, says="Nothing on either side.", states=states, normal=True)
        unknown = [word for entry in group.entries for word in self._unknown_words(entry)]
        rules: tuple[str, ...] = ()
        normal = False
        if all(self._outside_the_log(entry) for entry in group.entries):
            says, normal = "Outside the log: it holds no delivery of that time.", True
        elif unknown:
            says = f"Nobody knows the word {', '.join(once(unknown))}; it is kept as it is."
        elif impossible := [law for entry in group.entries if (law := self._impossible_under(entry)) is not None]:
            says = f"Under {impossible[0].name} no delivery is counted so."
            rules = tuple(id for id in ("LBL-05", "LBL-03", "P26-13") if id in impossible[0].rules)
        else:
            says = "We count none of these."
        others = self._counterparts(group)
        return attrs.evolve(
            base,
            outcome=ONLY_THEIRS,
            because=once((*rules, *(id for other in others for id in self._rules(other)))),
            says=says + self._moved(group),
            states=states,
            normal=normal,
        )

    def _both(self, group: Group) -> Line:
        base = self._base(group)
        rules = base.because
        others = self._counterparts(group)
        differences: list[Difference] = []
        remarks: list[str] = []
        if base.their_volume is not None and base.their_volume != base.our_volume:
            behind = once((*rules, *(id for other in others for id in self._rules(other))))
            differences.append(_difference("volume", str(base.our_volume), str(base.their_volume), behind))
        withheld = any(entry.amount is None for entry in group.entries)
        if withheld:
            remarks.append("Cost is withheld, so only the volume is compared (LBL-07).")
        elif base.our_unknown:
            remarks.append(f"{counted(base.our_unknown, 'row')} of ours have no known amount, so cost is not compared.")
        else:
            ours, theirs = base.our_amount or Decimal(0), base.their_amount or Decimal(0)
            noise = self._export.kind != INVOICE and abs(ours - theirs) < BINARY_NOISE
            if ours != theirs and not noise:
                # Where they count more or fewer, no rate needs to be explained.
                behind = rules if differences else once((*rules, *rules_of_cost(group.ours)))
                differences.append(_difference("cost", written(ours), written(theirs), behind))
            elif ours != theirs:
                remarks.append("The costs differ by less than a millionth.")
        differences += rates_that_differ(group, rules)
        if differences and any(self._outside_the_log(entry, partly=True) for entry in group.entries):
            remarks.append("The log begins or ends inside that time.")
        if differences and base.flags:
            doubts = Counter(flag for row in group.ours for flag in row.flags)
            remarks.append("Doubts: " + ", ".join(f"{flag} ({count})" for flag, count in sorted(doubts.items())) + ".")
        if differences and (homeless := self._without_country(group)):
            remarks.append(f"{counted(homeless, 'message')} of ours without a known country could belong here.")
        return attrs.evolve(
            base,
            outcome=DIFFERS if differences else MATCHED,
            differences=tuple(differences),
            says=" ".join([f"We count {means(group)}.", *remarks]) + self._moved(group),
            states=stated_words(base),
        )

    # --- why -------------------------------------------------------------------
    def _counterparts(self, group: Group) -> list[Group]:
        """Groups that miss what this one has too much, or the other way round: of its own time first, else of the next."""
        if not group.delta:
            return []
        opposite = [other for other in self._groups if other is not group and other.delta == -group.delta]
        same_time = [other for other in opposite if other.times & group.times or self._same_day(group, other)]
        return (same_time or [other for other in opposite if self._next_day(group, other)])[:1]

    def _same_day(self, one: Group, other: Group) -> bool:
        return bool(self._day(one)) and self._day(one) == self._day(other)

    def _next_day(self, one: Group, other: Group) -> bool:
        days = [self._day(one), self._day(other)]
        if not all(len(day) > _MONTH for day in days):
            return False
        first, second = sorted(date.fromisoformat(day) for day in days)
        return second - first == timedelta(days=1) and labels_of(one) == labels_of(other)

    def _moved(self, group: Group) -> str:
        for other in self._counterparts(group):
            side = "fewer" if group.delta > 0 else "more"
            # The message may be the same on both sides, judged or dated otherwise.
            return f" They count as many {side} under {self._title(other)}: perhaps the same messages, judged or dated otherwise."
        return ""

    def _without_country(self, group: Group) -> int:
        if "country" in self._places.dropped or not self._by_country():
            return 0
        homeless = [other for other in self._groups if not other.entries and other.covered]
        return sum(
            len(other.rows)
            for other in homeless
            if other.facet is not None and not other.facet.countries and (labels_of(other) & labels_of(group))
        )

    def _outside_the_log(self, entry: Entry, *, partly: bool = False) -> bool:
        if not self._rows:
            return True
        if entry.when:
            first, last = (day[: len(entry.when)] for day in self._days)
            return not first <= entry.when <= last
        first_at, last_at = self._span
        begins, ends = entry.begins or 0, entry.ends or 0
        if partly:
            return begins < first_at < ends or begins <= last_at < ends
        return ends <= first_at or begins > last_at

    def _unknown_words(self, entry: Entry) -> list[str]:
        words = known_words()
        return [entry.said[name] for name in ("type", "category") if entry.labels.get(name, "unknown") not in words]

    def _impossible_under(self, entry: Entry) -> Rulebook | None:
        if self._export.kind == INVOICE or entry.begins is None:
            return None
        book = law_at(entry.begins, self._zone())
        if book is None:
            return None
        type_, category = entry.labels.get("type"), entry.labels.get("category")
        admitted = any(
            (type_ is None or type_ in label.analytics_types)
            and (category is None or not label.analytics_categories or category in label.analytics_categories)
            for label in book.labels
            if label.analytics_types
        )
        return None if admitted else book

    def missing(self) -> tuple[str, ...]:
        """The months in which rows of ours are not free, and no entry counts anything."""
        # Rows that a file of this kind does not speak about are missed only where it spoke about none.
        spoken = [row for row, _ in self._named] or [row for row, _, _ in self.outside]
        months = {row.period for row in spoken if not is_free(row)}
        return tuple(
            sorted(month for month in months if not any(self._counts(entry, month) for entry in self._export.entries))
        )

    def _counts(self, entry: Entry, month: str) -> bool:
        """Whether an entry counts anything of a month of the account."""
        if entry.when or entry.begins is None or entry.ends is None:
            return entry.when[:_MONTH] == month
        days = (datetime_of(at).astimezone(self._zone()).date().isoformat() for at in (entry.begins, entry.ends - 1))
        first, last = (day[:_MONTH] for day in days)
        return first <= month <= last

    def notes(self) -> tuple[str, ...]:
        """What a reader must know before trusting the lines."""
        notes = list(self._places.notes)
        days = [
            entry
            for entry in self._export.entries
            if entry.begins is not None and entry.ends is not None and entry.ends - entry.begins >= _NEARLY_A_DAY
        ]
        if days and not any(self._at_midnight(entry.begins or 0) for entry in days):
            notes.append(
                f"No data point begins at midnight in the account's zone ({self._zone()}): check the zone of the account, "
                "or every day will differ (LBL-07)."
            )
        if len(self._accounts) > 1 and not any("account" in entry.labels for entry in self._export.entries):
            notes.append(f"The file names no account, and our rows are of {counted(len(self._accounts), 'account')}.")
        return tuple(notes)

    def _at_midnight(self, at: int) -> bool:
        return timeline.midnight(datetime_of(at).astimezone(self._zone()).date(), self._zone()) == at


_MONTH: Final = len("2026-10")
_NEARLY_A_DAY: Final = timedelta(hours=23) // timedelta(microseconds=1)


def _difference(member: str, ours: str, theirs: str, rules: tuple[str, ...]) -> Difference:
    return Difference(member=member, ours=ours, theirs=theirs, rules=rules)
