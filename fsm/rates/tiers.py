"""Volume tiers: the bands of a month's messages and the rate of each, from Meta's file or our own layout."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Final

import attrs

from fsm.errors import BadAmount, BadRates, UnknownMarket
from fsm.rates.card import OWN, PRICED, Provenance
from fsm.rates.layouts import agreed, cell_of
from fsm.rates.money import parse_amount
from fsm.rates.names import MARKETS, currency_code, line_of, market_name
from fsm.rates.sheet import Rows, Table, day_of, effective_day, joined, table_of

LIST_RATE: Final = "0%"
"""The discount of the first band: it is the card's own rate."""

_DISCOUNT: Final = re.compile(r"-?[0-9]{1,2}(?:\.[0-9]+)?%", re.ASCII)
_COUNT: Final = re.compile(r"[0-9]{1,15}", re.ASCII)
_GROUP: Final = ("from", "to", "rate type", "rate", "vs. list rate")
_SAYS_TIERS: Final = "volume tier"
_OPEN_END: Final = "--"
_NONE: Final = "n/a"


@attrs.frozen(kw_only=True, slots=True)
class Band:
    """
    One band of a volume tier, ends included.

    Attributes:
        first: its first message of the month, counted from 1. The first band of a file may begin at 0, which is the same.
        last: its last message; None: no end.
        rate: of each message inside it. Taken from the file, never worked out from the discount.
        discount: against the list rate, as printed.
    """

    first: int
    last: int | None
    rate: Decimal
    discount: str


@attrs.frozen(kw_only=True)
class TierTable:
    """
    The volume tiers of one currency from one day on.

    Attributes:
        name: of the file.
        effective_from: the first day, in the account's time zone.
        currency: ISO 4217.
        bands: by market and rate line, ascending and without gaps.
        without: where the file says `n/a`: no tiers, so the list rate holds.
        sha256: of the file's bytes.
        origin: `shipped` or `own`.
        read_on: the day on which somebody read the figures; known for shipped tables.
        notes: the lines above the table.
    """

    name: str
    effective_from: date
    currency: str
    bands: Mapping[tuple[str, str], tuple[Band, ...]] = attrs.field(repr=False)
    without: frozenset[tuple[str, str]] = attrs.field(default=frozenset(), repr=False)
    sha256: str
    origin: str = OWN
    read_on: date | None = None
    notes: tuple[str, ...] = ()

    def provenance(self) -> Provenance:
        """Which file the bands come from."""
        return Provenance(name=self.name, effective_from=self.effective_from, sha256=self.sha256, origin=self.origin)


def band_at(bands: Sequence[Band], position: int) -> Band | None:
    """
    The band of the month's so-many-th charged message; None if the bands end before it.

    Args:
        bands: of one market and line, ascending.
        position: counted from 1.

    Raises:
        BadRates: the position is below 1.

    Rule: PMP-08

    >>> cheap = (Band(first=0, last=100_000, rate=Decimal("0.0040"), discount="0%"),
    ...          Band(first=100_001, last=None, rate=Decimal("0.0038"), discount="-5%"))
    >>> band_at(cheap, 100_000).discount, band_at(cheap, 100_001).discount
    ('0%', '-5%')
    """
    if position < 1:
        raise BadRates(f"Position {position} is no message: the first of a month is number 1.")
    return next(
        (band for band in bands if band.first <= position and (band.last is None or position <= band.last)), None
    )


def read_band_text(text: str) -> tuple[int, int | None]:
    """
    A band as analytics and webhooks write it: its first and last message, None for no end.

    Raises:
        BadRates: it is written otherwise, or ends before it begins.

    Source: `pricing_analytics` and the tier webhook.

    >>> read_band_text("25000001:50000000"), read_band_text("0:MAX")
    ((25000001, 50000000), (0, None))
    """
    first, colon, last = text.partition(":")
    if colon and _COUNT.fullmatch(first):
        if last == "MAX":
            return int(first), None
        if _COUNT.fullmatch(last) and int(first) <= int(last):
            return int(first), int(last)
    raise BadRates(f"{text!r} is not a band of messages. Expected for example 25000001:50000000 or 0:MAX.")


def is_tier_file(rows: Rows) -> bool:
    """
    Whether a file holds volume tiers: it says so in its first line, or has our columns for them.

    >>> is_tier_file([["Volume tiers in USD"]]), is_tier_file([["Market", "Currency", "Marketing"]])
    (True, False)
    """
    cells = [[joined(cell).casefold() for cell in row] for row in rows[:10]]
    first = next((row for row in cells if any(row)), [])
    return any(_SAYS_TIERS in cell.replace("-", " ") for cell in first) or any(
        {"tier_from", "tier_to"} <= set(row) for row in cells
    )


def read_tiers(
    rows: Rows,
    *,
    name: str,
    sha256: str,
    effective_on: date | None = None,
    currency: str | None = None,
    markets: Collection[str] = MARKETS,
    origin: str = OWN,
    read_on: date | None = None,
) -> TierTable:
    """
    Read a volume-tier file: Meta's, with its three groups side by side, or our own layout.

    Args:
        rows: the file as rows of cells.
        name: of the file, for messages and reports.
        sha256: of its bytes.
        effective_on: the first day, if the file does not say it; if it does, both must agree.
        currency: ISO 4217, likewise.
        markets: the names that exist.
        origin: `own`, or `shipped` with this package.
        read_on: when a shipped table was read.

    Raises:
        BadRates: it contradicts itself or the caller, bands leave a gap or overlap, or a cell cannot be understood.

    Rule: PMP-08

    >>> rows = [["effective_from", "market", "currency", "category", "tier_from", "tier_to", "rate", "discount"],
    ...         ["2026-10-01", "India", "USD", "utility", "0", "", "0.0014", "list"]]
    >>> read_tiers(rows, name="tiers.csv", sha256="").bands["India", "utility"][0].discount
    '0%'
    """
    ours = any("tier_from" in {joined(cell).casefold() for cell in row} for row in rows)
    builder = _Builder(name=name, markets=markets, currency=currency)
    if ours:
        table = table_of(rows, name, first=("effective_from", "market", "currency", "category", "tier_from", "tier_to"))
        day = _add_ours(builder, table)
    else:
        table = table_of(rows, name, first=("from", "to", "rate", "currency"))
        day = _add_metas(builder, table, rows)
    agreed("effective date", day, effective_on, name)
    effective_from = day or effective_on
    if effective_from is None:
        raise BadRates(f"{name}: it does not say its effective date, and a guess would misprice. Pass effective_on.")
    if builder.currency is None:
        raise BadRates(f"{name}: there are no bands under the header. Use the download as it is.")
    return TierTable(
        name=name,
        effective_from=effective_from,
        currency=builder.currency,
        bands={key: tuple(bands) for key, bands in builder.bands.items()},
        without=frozenset(builder.without),
        sha256=sha256,
        origin=origin,
        read_on=read_on,
        notes=table.preamble if ours else table.preamble[:2],
    )


@attrs.define(kw_only=True)
class _Builder:
    """What has been read of a file so far; lives for one call of `read_tiers`."""

    name: str
    markets: Collection[str]
    currency: str | None
    bands: dict[tuple[str, str], list[Band]] = attrs.field(factory=dict)
    without: set[tuple[str, str]] = attrs.field(factory=set)

    def market(self, text: str, where: str) -> str:
        try:
            return market_name(text, self.markets)
        except UnknownMarket as unknown:
            raise UnknownMarket(f"{where}: {unknown}") from unknown

    def paid_in(self, token: str, where: str) -> None:
        code = currency_code(token)
        agreed("currency", code, self.currency, where)
        self.currency = code

    def has_none(self, market: str, line: str, where: str) -> None:
        if (market, line) in self.bands:
            raise BadRates(f"{where}: {market} has tiers for {line} and n/a as well. Use the download as it is.")
        self.without.add((market, line))

    def add(self, market: str, line: str, cells: Sequence[str], where: str) -> None:
        """Add a band from the cells first, last, rate and discount; it must continue the one before."""
        band = _band(cells, line, where)
        if (market, line) in self.without:
            raise BadRates(f"{where}: {market} has tiers for {line} and n/a as well. Use the download as it is.")
        before = self.bands.setdefault((market, line), [])
        if not before and band.first not in (0, 1):
            raise BadRates(f"{where}: the first band of {market}, {line} begins at {band.first}; what comes before it?")
        if before and (before[-1].last is None or band.first != before[-1].last + 1):
            ends = "has no end" if before[-1].last is None else f"ends at {before[-1].last}"
            raise BadRates(
                f"{where}: the band before {ends} and this one begins at {band.first}: a message would have "
                "no rate or two. Use the download as it is."
            )
        before.append(band)


def _band(cells: Sequence[str], line: str, where: str) -> Band:
    first, last, rate, discount = cells
    amount = cell_of(rate, line, OWN, where)
    if amount.state != PRICED or amount.rate is None:
        raise BadRates(f"{where}: the band has no rate ({rate!r}), and one is never worked out from the discount.")
    begins, ends = _count(first, where), None if last in ("", _OPEN_END) else _count(last, where)
    if ends is not None and ends < begins:
        raise BadRates(f"{where}: the band ends at {ends}, before it begins at {begins}. Use the download as it is.")
    off = LIST_RATE if discount.casefold() == "list" else discount
    if not _DISCOUNT.fullmatch(off):
        raise BadRates(f"{where}: {discount!r} is no discount. Expected for example 0%, -5% or list.")
    return Band(first=begins, last=ends, rate=amount.rate, discount=off)


def _count(text: str, where: str) -> int:
    try:
        count = parse_amount(text)
    except BadAmount as bad:
        raise BadRates(f"{where}: {bad}") from bad
    if count != int(count) or count < 0:
        raise BadRates(f"{where}: {text} is no number of messages.")
    return int(count)


def _add_ours(builder: _Builder, table: Table) -> date | None:
    columns = table.columns()
    missing = {"rate", "discount"} - set(columns)
    if missing:
        raise BadRates(
            f"{table.name}: the columns {', '.join(sorted(missing))} are missing. See NOTICE.md for the layout."
        )
    days = set()
    for number, row in table.body:
        where = table.where(number)
        said = {heading: row[place] for heading, place in columns.items()}
        days.add(day_of(said["effective_from"], where))
        builder.paid_in(said["currency"], where)
        line = line_of(said["category"])
        if line is None:
            raise BadRates(f"{where}: {said['category']!r} is no rate line.")
        cells = (said["tier_from"], said["tier_to"], said["rate"], said["discount"])
        builder.add(builder.market(said["market"], where), line, cells, where)
    if len(days) > 1:
        raise BadRates(f"{table.name}: effective_from differs between rows. Use one file per table.")
    return next(iter(days), None)


# --- Meta's file: 17 columns, the groups side by side, the market only on the first row of its block -------------


def _add_metas(builder: _Builder, table: Table, rows: Rows) -> date | None:
    header = [heading.casefold() for heading in table.header]
    groups = _groups(table, header, rows)
    market_at = next((place for place, heading in enumerate(header) if heading.startswith("market")), None)
    if market_at is None:
        raise BadRates(f"{table.name}: no column is called Market. Use the download as it is.")
    market = token = ""
    for number, row in table.body:
        where = table.where(number)
        if row[market_at]:
            market = builder.market(row[market_at], where)
            if any(name == market for name, _ in (*builder.bands, *builder.without)):
                raise BadRates(f"{where}: {market} has two blocks, so either could be meant. Remove one.")
        token = row[header.index("currency")] or token
        if not market:
            raise BadRates(f"{where}: it belongs to no market: no row above names one. Use the download as it is.")
        builder.paid_in(token, where)
        for line, place in groups:
            _add_group(builder, market, line, row[place : place + len(_GROUP)], f"{where}, {line}")
    titles = [line for line in table.preamble if _SAYS_TIERS in line.casefold().replace("-", " ")] or list(
        table.preamble
    )
    days = {day for line in titles if (day := effective_day(line)) is not None}
    if len(days) > 1:
        raise BadRates(f"{table.name}: the lines above the table name several dates. Use one table per file.")
    return next(iter(days), None)


def _add_group(builder: _Builder, market: str, line: str, cells: Sequence[str], where: str) -> None:
    first, last, kind, rate, discount = cells
    if all(cell.casefold() == _NONE for cell in cells):
        builder.has_none(market, line, where)
        return
    if "list" not in kind.casefold() and "tier" not in kind.casefold():
        raise BadRates(f"{where}: the rate type {kind!r} is neither List nor Tier, so its rate cannot be placed.")
    builder.add(market, line, (first, last, rate, discount), where)


def _groups(table: Table, header: Sequence[str], rows: Rows) -> list[tuple[str, int]]:
    """Each group's rate line and first column. Its name stands above, in the nearest cell at or before that column."""
    places = [place for place, heading in enumerate(header) if heading == _GROUP[0]]
    for place in places:
        if tuple(header[place : place + len(_GROUP)]) != _GROUP:
            raise BadRates(
                f"{table.name}: the columns from {table.header[place]!r} on are {', '.join(header[place : place + 5])}, "
                f"not {', '.join(_GROUP)}. The layout is new, and is not guessed at."
            )
    above = [[joined(cell) for cell in row] for row in rows[: len(rows) - len(table.body)]]
    for row in above:
        named = [(line, place) for place, cell in enumerate(row) if (line := line_of(cell)) is not None]
        if len(named) == len(places):
            return _paired(table, named, places)
    raise BadRates(
        f"{table.name}: no row above the header names its {len(places)} groups, so their rates have no line."
    )


def _paired(table: Table, named: Sequence[tuple[str, int]], places: Sequence[int]) -> list[tuple[str, int]]:
    ends = [*places[1:], len(table.header)]
    for (line, at), start, end in zip(named, places, ends, strict=True):
        if not start <= at < end:
            raise BadRates(f"{table.name}: the name {line} stands above no group of columns. The layout is new.")
    if len({line for line, _ in named}) != len(named):
        raise BadRates(f"{table.name}: two groups have the same name, so either could be meant.")
    return [(line, start) for (line, _), start in zip(named, places, strict=True)]
