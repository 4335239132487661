"""Which market a customer is in: by calling code and day, as Meta's dated tables say."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Final

import attrs

from fsm.errors import BadRates
from fsm.events.numbers import digits_of, scoped_country_of
from fsm.rates.names import (
    COUNTRIES,
    COUNTRY_ALIASES,
    NORTH_AMERICA,
    SHARED_CALLING_CODES,
    US_TERRITORIES,
    folded,
    market_name,
)
from fsm.rates.sheet import Rows, day_of, table_of

TERRITORIES_ARE_OTHER: Final = "other"
TERRITORIES_ARE_NORTH_AMERICA: Final = "north_america"
TERRITORY_CHOICES: Final = (TERRITORIES_ARE_OTHER, TERRITORIES_ARE_NORTH_AMERICA)

DEFAULT_PREFIX: Final = ""


@attrs.frozen(kw_only=True)
class Market:
    """
    A market on a day, and how sure that is.

    Attributes:
        name: as the rate cards spell it.
        prefix: the calling code that decided; empty for the default row.
        iso: the countries of the row (ISO 3166), as the table writes them.
        confidence: of the row: A Meta's own text, B two readers, C one reader or an inference.
        note: what the table remarks.
    """

    name: str
    prefix: str
    iso: str
    confidence: str
    note: str


@attrs.frozen(kw_only=True)
class _Period:
    starts: date
    ends: date | None
    market: Market

    def holds(self, on: date) -> bool:
        return self.starts <= on and (self.ends is None or on <= self.ends)


@attrs.frozen(kw_only=True)
class Markets:
    """
    The market table: for each calling code the market, over time.

    Attributes:
        name: of the file.
        sha256: of its bytes.
        names: every market that occurs.
    """

    name: str
    sha256: str
    names: frozenset[str]
    _periods: Mapping[str, tuple[_Period, ...]] = attrs.field(alias="periods", repr=False)
    _of_country: Mapping[str, tuple[str, ...]] = attrs.field(alias="of_country", repr=False)
    _longest: int = attrs.field(alias="longest", repr=False)

    def market_of(self, customer: str, on: date, *, us_territories: str = TERRITORIES_ARE_OTHER) -> Market | None:
        """
        The market of a customer on a day.

        A phone number tells by the longest calling prefix; a business-scoped id by its country.

        Args:
            customer: a phone number in any spelling, or a business-scoped id.
            on: the day in the account's time zone.
            us_territories: `other`, as Meta's table reads literally, or `north_america`, as some bill it.

        Returns:
            None if the id is neither, or the day lies before the table: the market is unknown then, not Other.

        Raises:
            BadRates: `us_territories` is neither choice.

        Rule: GEO

        >>> from fsm.service.rate_files import shipped_markets
        >>> markets = shipped_markets()
        >>> [markets.market_of("+36 1 234 5678", date(2026, *day)).name for day in ((6, 30), (7, 1))]
        ['Rest of Central & Eastern Europe', 'Hungary']
        >>> markets.market_of("IN.ENT.12", date(2026, 7, 1)).name, markets.market_of("bakery", date(2026, 7, 1))
        ('India', None)
        """
        _check_choice(us_territories)
        digits = digits_of(customer)
        if digits is None:
            country = scoped_country_of(customer)
            return None if country is None else self.market_of_country(country, on, us_territories=us_territories)
        # No calling code begins with zero: this is a number as dialled at home, and could be anywhere.
        if digits.startswith("0"):
            return None
        for length in range(min(self._longest, len(digits)), 0, -1):
            found = self._on(digits[:length], on)
            if found is not None:
                return _or_north_america(found, us_territories)
        return self._on(DEFAULT_PREFIX, on)

    @property
    def longest_prefix(self) -> int:
        """How many leading digits of a number tell its market at most."""
        return self._longest

    @property
    def changes(self) -> tuple[date, ...]:
        """The days on which the market of some customers changes, oldest first."""
        days = {period.starts for periods in self._periods.values() for period in periods}
        ends = {period.ends for periods in self._periods.values() for period in periods if period.ends is not None}
        return tuple(sorted(days | {day + timedelta(days=1) for day in ends}))

    def market_of_country(
        self, country: str, on: date, *, us_territories: str = TERRITORIES_ARE_OTHER
    ) -> Market | None:
        """
        The market of a country (ISO 3166) on a day; None if there is no such country.

        A territory under another country's calling code is where that code is, because Meta's markets follow the code.

        Raises:
            BadRates: `us_territories` is neither choice.

        Rule: GEO

        >>> from fsm.service.rate_files import shipped_markets
        >>> shipped_markets().market_of_country("JE", date(2026, 7, 1)).name
        'United Kingdom'
        """
        _check_choice(us_territories)
        if country not in COUNTRIES:
            return None
        prefixes = self._of_country.get(country) or (SHARED_CALLING_CODES.get(country, DEFAULT_PREFIX),)
        found = next((market for prefix in prefixes if (market := self._on(prefix, on)) is not None), None)
        return None if found is None else _or_north_america(found, us_territories)

    def market_named(self, text: str, on: date) -> str:
        """
        The market that a report means by a name: of a market or of a country, in any spelling seen.

        Raises:
            UnknownMarket: it is neither.

        >>> from fsm.service.rate_files import shipped_markets
        >>> [shipped_markets().market_named(text, date(2026, 7, 1)) for text in ("INDIA", "Swaziland", "DE")]
        ['India', 'Rest of Africa', 'Germany']
        """
        country = text if text in COUNTRIES else COUNTRY_ALIASES.get(folded(text))
        found = self.market_of_country(country, on) if country else None
        return market_name(text, self.names) if found is None else found.name

    def names_on(self, on: date) -> frozenset[str]:
        """The markets that exist on a day."""
        return frozenset(market.name for prefix in self._periods if (market := self._on(prefix, on)) is not None)

    def came_from(self, name: str, on: date) -> frozenset[str]:
        """
        The markets in which the customers of a market were the day before: more than itself when it has just changed.

        >>> from fsm.service.rate_files import shipped_markets
        >>> shipped_markets().came_from("Poland", date(2026, 7, 1))
        frozenset({'Rest of Central & Eastern Europe'})
        """
        before = on - timedelta(days=1)
        return frozenset(
            old.name
            for prefix in self._periods
            if (new := self._on(prefix, on)) is not None
            and new.name == name
            and (old := self._on(prefix, before)) is not None
        )

    def _on(self, prefix: str, on: date) -> Market | None:
        return next((period.market for period in self._periods.get(prefix, ()) if period.holds(on)), None)


def _or_north_america(market: Market, us_territories: str) -> Market:
    if us_territories != TERRITORIES_ARE_NORTH_AMERICA or market.iso not in US_TERRITORIES:
        return market
    return attrs.evolve(market, name=NORTH_AMERICA)


def _check_choice(us_territories: str) -> None:
    if us_territories not in TERRITORY_CHOICES:
        raise BadRates(f"us_territories={us_territories!r} is no choice. Pass {' or '.join(TERRITORY_CHOICES)}.")


def read_markets(rows: Rows, *, name: str, sha256: str) -> Markets:
    """
    Read a market table: one row per calling prefix and period, in the layout of `data/markets.csv`.

    Raises:
        BadRates: a prefix is no number, a day no day, or two periods of one prefix overlap.

    >>> rows = [["effective_from", "effective_to", "calling_prefix", "iso_country", "market"],
    ...         ["2022-02-01", "", "91", "IN", "India"]]
    >>> read_markets(rows, name="markets.csv", sha256="").names
    frozenset({'India'})
    """
    table = table_of(rows, name, first=("effective_from", "calling_prefix", "iso_country", "market"))
    columns = table.columns()
    periods: dict[str, list[_Period]] = {}
    countries: dict[str, list[str]] = {}
    for number, row in table.body:
        where = table.where(number)
        said = {heading: row[place] for heading, place in columns.items()}
        prefix, market = said["calling_prefix"], said["market"]
        if not market or not (prefix == DEFAULT_PREFIX or (prefix.isascii() and prefix.isdigit() and prefix[0] != "0")):
            raise BadRates(f"{where}: it needs a market, and as calling prefix digits that do not begin with 0.")
        ends = said.get("effective_to") or ""
        period = _Period(
            starts=day_of(said["effective_from"], where),
            ends=day_of(ends, where) if ends else None,
            market=Market(
                name=market,
                prefix=prefix,
                iso=said["iso_country"],
                confidence=said.get("confidence", ""),
                note=said.get("note", ""),
            ),
        )
        for other in periods.get(prefix, ()):
            if _overlap(period, other):
                raise BadRates(
                    f"{where}: +{prefix} is in {other.market.name} and in {market} on the same day. "
                    "End the earlier period on the day before the later one starts."
                )
        periods.setdefault(prefix, []).append(period)
        for country in said["iso_country"].split("/"):
            if country and prefix not in countries.setdefault(country, []):
                countries[country].append(prefix)
    return Markets(
        name=name,
        sha256=sha256,
        names=frozenset(period.market.name for each in periods.values() for period in each),
        periods={prefix: tuple(sorted(each, key=lambda period: period.starts)) for prefix, each in periods.items()},
        of_country={country: tuple(prefixes) for country, prefixes in countries.items()},
        longest=max(map(len, periods), default=0),
    )


def _overlap(one: _Period, other: _Period) -> bool:
    return (one.ends is None or other.starts <= one.ends) and (other.ends is None or one.starts <= other.ends)
