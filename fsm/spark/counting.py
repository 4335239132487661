"""
The month's free allowance, counted over all threads of a cluster.

A worker sees only its own threads. So it first tells which of their events could use a unit (`uses_of`); all of those,
put in the order of deliveries, say of each counter when the last unit went and to whom (a `Counter`); and with that
every worker decides its own rows (`settle`). Nothing here knows Spark.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

import attrs
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from fsm.bulk.bucket import Answers
from fsm.bulk.encode import Encoded
from fsm.bulk.layout import BITS, CONTESTED, LEFT, NONE, USES, USES_NONE
from fsm.bulk.program import Program
from fsm.bulk.results import TIE, Settled, customer_texts, id_texts
from fsm.bulk.settle import Months
from fsm.events.event import RANK

Order = tuple[int, int, str, str, str, str, str]
"""A place in the canonical order of a log."""
Key = tuple[str, int, str]
"""A counter: id of its rule, month (months since year 0), business; empty for the whole account."""

IF_LEFT, IF_NONE, FIRST = 1, 2, 4
"""Bits of `kind`: a unit is used if one is left; if none is; the row only tells of the first instant of some threads."""

ORDER_COLUMNS: Final = ("at", "rank", "id", "event", "business", "customer", "participant")
"""The columns that put uses in the order of deliveries."""
KEY_COLUMNS: Final = ("rule", "month", "scope")

USES_SCHEMA: Final = pa.schema(
    [
        pa.field("rule", pa.string(), nullable=False),
        pa.field("month", pa.int32(), nullable=False),
        pa.field("scope", pa.string(), nullable=False),
        pa.field("units", pa.int32(), nullable=False),
        pa.field("kind", pa.int8(), nullable=False),
        pa.field("at", pa.int64(), nullable=False),
        pa.field("rank", pa.int8(), nullable=False),
        pa.field("id", pa.string(), nullable=False),
        pa.field("event", pa.string(), nullable=False),
        pa.field("business", pa.string(), nullable=False),
        pa.field("customer", pa.string(), nullable=False),
        pa.field("participant", pa.string(), nullable=False),
        pa.field("refusals", pa.bool_(), nullable=False),
    ]
)
"""
What a worker tells: of each event that could use a unit its counter, how many units the rule gives and its place in
the order. `refusals` says whether a refusal hangs on the allowance.
"""


@attrs.frozen(kw_only=True)
class Counter:
    """
    What became of one month's allowance.

    Attributes:
        given: units that the month began with, as far as this log is concerned.
        whole: units that the rule gives.
        times: instants at which units were used, ascending; milliseconds since 1970 (UTC). More than `given` of them
            only where something uses a unit though none is left.
        last: the place of the last free use in the order of deliveries, if all units went; None if some are left.
        shared: of instants with more than one use the places of them all, ascending.
        tied: instants in which one got a unit and another did not, by order alone.
    """

    given: int
    whole: int
    times: tuple[int, ...] = ()
    last: Order | None = None
    shared: Mapping[int, tuple[Order, ...]] = attrs.field(factory=dict)
    tied: frozenset[int] = frozenset()

    def unit(self, order: Order) -> int:
        """Which unit of the month was used by whom."""
        used = bisect_left(self.times, order[0]) + bisect_left(self.shared.get(order[0], ()), order)
        return used + 1 + max(self.whole - self.given, 0)


@attrs.frozen(kw_only=True)
class Counts:
    """
    All counters of one account.

    Attributes:
        counters: by key; a counter that is missing was never used.
        first_month: the month of the log's first event: `free_left` of the account holds in it.
        refusals: a refusal hangs on the allowance, and flags of later rows on the refusal.
    """

    counters: Mapping[Key, Counter] = attrs.field(factory=dict)
    first_month: int | None = None
    refusals: bool = False


class Meter:
    """The counters that rows belong to, for one program."""

    def __init__(self, program: Program) -> None:
        self.program = program
        self.months = Months(program)
        allowances = [edition.book.allowance for edition in program.editions]
        self.units = np.array([0 if each is None else each.units for each in allowances], np.int64)
        self._rules = list(dict.fromkeys("" if each is None else each.rule for each in allowances))
        self._rule_of = np.array(
            [self._rules.index("" if each is None else each.rule) for each in allowances], np.int64
        )
        self._shared = np.array([each is not None and each.per != "business" for each in allowances], bool)

    def concerned(self, answers: Answers) -> Any:
        """Places of the answers that the allowance may decide."""
        bits = self.program.tables.cells[answers.cells, BITS]
        contested = np.flatnonzero(bits & (CONTESTED | USES | USES_NONE))
        ties = answers.ties
        # As `fsm.bulk.results.settled`: a tie that is one whatever is left hangs on nothing.
        varies = np.flatnonzero(
            (self.units[answers.editions] > 0) & np.asarray(ties != 0, bool) & np.asarray(ties != 0xFFFF, bool)
        )
        return np.union1d(contested, varies)

    def keys(self, encoded: Encoded, rows: Any, editions: Any) -> tuple[list[Key], Any]:
        """
        The counters of some rows.

        Returns:
            Distinct counters, and of every row the place of its own among them.
        """
        months = self.months.of(encoded.at[rows])
        business = np.where(self._shared[editions], len(encoded.businesses), encoded.business_of(rows))
        packed = (self._rule_of[editions] << 48) | (months << 32) | business
        values, places = np.unique(packed, return_inverse=True)
        scopes = [*encoded.businesses, ""]
        distinct = [
            (self._rules[value >> 48], (value >> 32) & 0xFFFF, scopes[value & 0xFFFF_FFFF]) for value in values.tolist()
        ]
        return distinct, places

    def given(self, key: Key, units: int, first_month: int | None) -> int:
        """
        How many units a month begins with. What the account says is left holds for the month of its first event.
        """
        free_left = self.program.law.account.free_left
        return free_left if free_left is not None and key[1] == first_month else units


class Uses:
    """
    What one worker tells, chunk by chunk.

    Of a counter that gives n units only the first n uses of a worker, and what ties with the last of them, can be
    among the first n of all; the rest is not told. Where something uses a unit though none is left, all is told.
    """

    def __init__(self, meter: Meter) -> None:
        self._meter = meter
        self._first: dict[Key, Any] = {}

    def of(self, answers: Answers) -> Any:
        """A record batch of `USES_SCHEMA`."""
        meter, program = self._meter, self._meter.program
        encoded = answers.encoded
        bits = program.tables.cells[answers.cells, BITS]
        using = np.flatnonzero(bits & (USES | USES_NONE))
        rows, editions = answers.rows[using], answers.editions[using]
        keys, which = meter.keys(encoded, rows, editions)
        units = meter.units[editions]
        kinds = np.where(bits[using] & USES, IF_LEFT, 0) + np.where(bits[using] & USES_NONE, IF_NONE, 0)
        if not program.uses_anyway:
            told = self._told(keys, which, encoded.at[rows], units)
            rows, which, units, kinds = rows[told], which[told], units[told], kinds[told]
        names = [program.meanings[symbol].event for symbol in encoded.symbols_of(rows).tolist()]
        columns = {
            **{name: [keys[place][number] for place in which.tolist()] for number, name in enumerate(KEY_COLUMNS)},
            "units": units,
            "kind": kinds,
            "at": encoded.at[rows],
            "rank": [RANK[name] for name in names],
            "id": pc.fill_null(id_texts(encoded, rows), ""),
            "event": names,
            "business": [encoded.businesses[number] for number in encoded.business_of(rows).tolist()],
            "customer": customer_texts(encoded, rows),
            "participant": [encoded.odd.get(row, ("", ""))[0] for row in rows.tolist()],
            "refusals": [program.contested_refusals] * len(rows),
        }
        table = pa.record_batch(
            [pa.array(columns[field.name], type=field.type) for field in USES_SCHEMA], schema=USES_SCHEMA
        )
        first = {"kind": FIRST, "at": int(encoded.at.min()), "refusals": program.contested_refusals}
        marker = pa.RecordBatch.from_pylist([{**blank(), **first}], schema=USES_SCHEMA)
        return pa.Table.from_batches([table, marker]).combine_chunks().to_batches()[0]

    def _told(self, keys: list[Key], which: Any, at: Any, units: Any) -> Any:
        free_left = self._meter.program.law.account.free_left or 0
        keep = np.zeros(len(which), bool)
        for key, mine in zip(keys, _groups(which, len(keys)), strict=True):
            most = max(int(units[mine[0]]), free_left)
            times = np.sort(np.concatenate([self._first.get(key, np.zeros(0, np.int64)), at[mine]]))
            self._first[key] = times[:most]
            if most:
                keep[mine] = at[mine] <= times[min(most, len(times)) - 1]
        return np.flatnonzero(keep)


def _groups(which: Any, count: int) -> list[Any]:
    """The places of each value of an array of small numbers."""
    order = np.argsort(which, kind="stable")
    return np.split(order, np.searchsorted(which[order], np.arange(1, count))) if count else []


def blank() -> dict[str, object]:
    """A row of `USES_SCHEMA` that says nothing."""
    return {
        field.name: False if field.type == pa.bool_() else "" if field.type == pa.string() else 0
        for field in USES_SCHEMA
    }


def count(uses: Iterable[Mapping[str, Any]], meter: Meter) -> Counts:
    """
    The counters that some uses make, one by one: the plain way, for few of them and to hold every faster one to.

    Args:
        uses: rows of `USES_SCHEMA` of all threads, in any order.
    """
    every = list(uses)
    firsts = [use["at"] for use in every if use["kind"] & FIRST]
    first_month = meter.months.number(min(firsts)) if firsts else None
    by_key: dict[Key, list[tuple[Order, int, int]]] = {}
    for use in every:
        if not use["kind"] & FIRST:
            order: Order = tuple(use[name] for name in ORDER_COLUMNS)
            by_key.setdefault(tuple(use[name] for name in KEY_COLUMNS), []).append((order, use["kind"], use["units"]))
    counters = {}
    for key, mine in by_key.items():
        whole = mine[0][2]
        given = meter.given(key, whole, first_month)
        free = 0
        last: Order | None = None
        used: dict[int, list[Order]] = {}
        losers: set[int] = set()
        for order, kind, _ in sorted(mine):
            is_left = free < given
            if is_left and kind & IF_LEFT:
                free, last = free + 1, order
            if kind & (IF_LEFT if is_left else IF_NONE):
                used.setdefault(order[0], []).append(order)
            elif kind & IF_LEFT:
                losers.add(order[0])
        counters[key] = Counter(
            given=given,
            whole=whole,
            times=tuple(at for at, orders in used.items() for _ in orders),
            last=last if free == given else None,
            shared={at: tuple(orders) for at, orders in used.items() if len(orders) > 1},
            tied=frozenset(used.keys() & losers),
        )
    return Counts(counters=counters, first_month=first_month, refusals=any(use["refusals"] for use in every))


class Known:
    """What is known of the allowance, for `Runner.answers` and for settling."""

    def __init__(self, counts: Counts, meter: Meter) -> None:
        self._counts, self._meter = counts, meter
        self._times: dict[Key, Any] = {}

    def at(self, encoded: Encoded, rows: Any, editions: Any) -> Iterator[tuple[Counter, Any, Any, Any]]:
        """
        What is known of some rows, counter by counter.

        Returns:
            The counter, the places of its rows among the given ones, how many units were left before the instant of
            each, and whether one was left when it happened.
        """
        keys, which = self._meter.keys(encoded, rows, editions)
        for key, mine in zip(keys, _groups(which, len(keys)), strict=True):
            counter = self._counts.counters.get(key)
            if counter is None:
                whole = int(self._meter.units[editions[mine[0]]])
                counter = Counter(given=self._meter.given(key, whole, self._counts.first_month), whole=whole)
            if key not in self._times:
                self._times[key] = np.array(counter.times, np.int64)
            at = encoded.at[rows[mine]]
            units = np.maximum(counter.given - np.searchsorted(self._times[key], at), 0)
            left = units > 0
            if counter.last is not None:
                for place in np.flatnonzero(at == counter.last[0]).tolist():
                    left[place] = _order(encoded, int(rows[mine[place]])) <= counter.last
            yield counter, mine, units, left

    def __call__(self, encoded: Encoded, rows: Any) -> tuple[Any, Any]:
        """Whether a unit was left at some rows, and how many before their instants."""
        tables = self._meter.program.tables
        editions = tables.era_edition[np.searchsorted(tables.era_begins, encoded.at[rows], side="right") - 1]
        left, units = np.zeros(len(rows), bool), np.zeros(len(rows), np.int64)
        metered = np.flatnonzero(self._meter.units[editions] > 0)
        for _, mine, before, found in self.at(encoded, rows[metered], editions[metered]):
            units[metered[mine]], left[metered[mine]] = before, found
        return left, units


def _order(encoded: Encoded, row: int) -> Order:
    """A row's place in the order of deliveries, in milliseconds."""
    return (int(encoded.at[row]), *encoded.order(row)[1:])


def settle(answers: Answers, meter: Meter, counts: Counts) -> Settled:
    """Give every answer its outcome, now that all counters are known."""
    program = meter.program
    tables = program.tables
    bits = tables.cells[answers.cells, BITS]
    outcomes = tables.cells[answers.cells, NONE].copy()
    ties = answers.ties
    tied = np.asarray(ties != 0, bool)
    unit, whole = np.zeros(len(outcomes), np.int64), np.zeros(len(outcomes), np.int64)
    concerned = meter.concerned(answers)
    encoded, rows = answers.encoded, answers.rows[concerned]
    for counter, mine, units, left in Known(counts, meter).at(encoded, rows, answers.editions[concerned]):
        places = concerned[mine]
        outcomes[places] = np.where(left, tables.cells[answers.cells[places], LEFT], outcomes[places])
        units = np.minimum(units, answers.most[places])
        hangs = np.flatnonzero(np.asarray(ties[places] != 0, bool))
        tied[places] = False
        tied[places[hangs]] = [
            bool(int(bit) >> int(n) & 1) for bit, n in zip(ties[places[hangs]], units[hangs], strict=True)
        ]
        used = (bits[places] & np.where(left, USES, USES_NONE)) != 0
        for place in np.flatnonzero(used).tolist():
            unit[places[place]] = counter.unit(_order(encoded, int(rows[mine[place]])))
            whole[places[place]] = counter.whole
        if counter.tied:
            # Meta does not say which of several in one second is the free one.
            among = np.isin(encoded.at[rows[mine]], list(counter.tied))
            tied[places[among & (used | ((bits[places] & USES) != 0))]] = True
    return Settled(
        answers=answers,
        outcomes=outcomes,
        flags=tables.flags[outcomes] | answers.raised | np.where(tied, TIE, 0),
        open=np.zeros(0, np.int64),
        pending=None,
        place=unit,
        whole=whole,
    )
