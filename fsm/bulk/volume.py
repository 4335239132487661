"""How many deliveries were charged, by month, market and rate line: what the tiers of volume count."""

from __future__ import annotations

from collections import Counter
from threading import Lock
from typing import Any, Final, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from fsm import terms
from fsm.bulk.layout import MICROS
from fsm.machine import Law
from fsm.rates.markets import Markets
from fsm.rulebooks.timeline import midnight

_POWERS: Final = np.array([10**power for power in range(20)], np.uint64)
_PREFIX_BITS, _DIGIT_BITS = 32, 24
_LINES: Final = len(terms.RATE_LINES)


class Charged(NamedTuple):
    """What is counted together: a month of the account's zone, a market (None if nobody knows), and a rate line."""

    month: str
    market: str | None
    line: str


class Volumes:
    """
    Counts charged deliveries. Threads may share one.

    Within a month and a market the tiers of a ladder are filled in the order of deliveries, so these counts say how many
    units fall into each: the first so many into the first tier, and so on.

    Args:
        law: of the account: its zone, its months and days.
        markets: tells the market of a customer.
    """

    def __init__(self, law: Law, markets: Markets) -> None:
        self._law, self._markets = law, markets
        zone = law.account.time_zone
        self._changes = np.array([midnight(day, zone) // MICROS for day in markets.changes], np.int64)
        self._counts: Counter[tuple[int, str, str]] = Counter()
        self._lock = Lock()

    def add(self, ledger: Any, months: Any) -> None:
        """
        Count the charged rows of a ledger.

        Args:
            ledger: a record batch, see `fsm.bulk.ledger`. What is delivered to a member of a group is charged by the
                member's market.
            months: int64, instants at which months begin, from that of the first row to that of the last; ascending.
        """
        charge = ledger.column("charge")
        rows = np.flatnonzero(charge.is_valid().to_numpy(zero_copy_only=False))
        if not len(rows):
            return
        # Within one of these spans neither the month nor anybody's market changes.
        spans = np.union1d(months, self._changes)
        at = ledger.column("at").to_numpy()[rows]
        span = np.maximum(np.searchsorted(spans, at, side="right") - 1, 0)
        line = charge.fill_null(0).to_numpy(zero_copy_only=False)[rows].astype(np.int64)
        found: Counter[tuple[int, str, str]] = Counter()
        member = ledger.column("participant")
        if member.null_count < len(member):
            apart = member.is_valid().to_numpy(zero_copy_only=False)[rows]
            for place in np.flatnonzero(apart).tolist():
                told = member[int(rows[place])].as_py()
                found[int(spans[span[place]]), told, terms.RATE_LINES[int(line[place])]] += 1
            rows, span, line = rows[~apart], span[~apart], line[~apart]
        prefixes, texts = self._prefixes(ledger.column("customer"), rows)
        packed = ((span * _LINES + line) << _PREFIX_BITS) | prefixes
        counted = pc.value_counts(pa.array(packed))
        for value, count in zip(counted.field(0).to_pylist(), counted.field(1).to_pylist(), strict=True):
            where, code = divmod(value >> _PREFIX_BITS, _LINES)
            prefix = value & ((1 << _PREFIX_BITS) - 1)
            customer = _number_like(prefix) if texts is None else texts[prefix]
            found[int(spans[where]), customer, terms.RATE_LINES[code]] += count
        with self._lock:
            self._counts.update(found)

    def _prefixes(self, customers: Any, rows: Any) -> tuple[Any, list[str] | None]:
        """What tells the market of some customers: length and first digits of numbers, or places in a list of texts."""
        if not pa.types.is_integer(customers.type):
            coded = customers.take(pa.array(rows)).dictionary_encode()
            return coded.indices.to_numpy(zero_copy_only=False).astype(np.int64), coded.dictionary.to_pylist()
        values = customers.to_numpy()[rows]
        lengths = np.maximum(np.searchsorted(_POWERS, values, side="right"), 1)
        first = (values // _POWERS[np.maximum(lengths - self._markets.longest_prefix, 0)]).astype(np.int64)
        return (lengths << _DIGIT_BITS) | first, None

    def counts(self) -> Counter[Charged]:
        """What was counted."""
        found: Counter[Charged] = Counter()
        known: dict[tuple[int, str], tuple[str, str | None]] = {}
        for (begins, customer, line), count in self._counts.items():
            told = known.get((begins, customer))
            if told is None:
                year, month = self._law.month_of(begins * MICROS)
                market = self._markets.market_of(customer, self._law.priced_on(begins * MICROS))
                told = known[begins, customer] = (f"{year:04}-{month:02}", None if market is None else market.name)
            found[Charged(*told, line)] += count
        return found

    def clear(self) -> None:
        """Forget what was counted."""
        self._counts.clear()


def _number_like(prefix: int) -> str:
    """A number with some length and first digits."""
    length, first = prefix >> _DIGIT_BITS, prefix & ((1 << _DIGIT_BITS) - 1)
    return str(first).ljust(length, "0")


__all__ = ["Charged", "Volumes"]
