"""Counting what gets cheaper with volume: places in a month, in the order of delivery."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import attrs

from fsm.rates import Band, band_at
from fsm.rules.tables import Ladder, Tariff


@attrs.frozen(kw_only=True)
class TierSwitch:
    """
    A volume tier, as one of Meta's webhooks announces it.

    Attributes:
        market, ladder: of which volume.
        period: the month it holds for: `2026-10`.
        first, last: the tier's first and last unit; None if it is open.
        at: instant from which it holds.
    """

    market: str
    ladder: str
    period: str
    first: int
    last: int | None
    at: int


def official(switches: Iterable[TierSwitch]) -> tuple[TierSwitch, ...]:
    """
    Of several webhooks about one tier, the one with the smallest update time; in order of time.

    Rule: TIER-01

    >>> early = TierSwitch(market="India", ladder="utility", period="2026-10", first=101, last=None, at=3)
    >>> official([attrs.evolve(early, at=10), early]) == (early,)
    True
    """
    found: dict[tuple[str, str, str, int], TierSwitch] = {}
    for switch in switches:
        key = (switch.market, switch.ladder, switch.period, switch.first)
        known = found.get(key)
        if known is None or _place(switch) < _place(known):
            found[key] = switch
    return tuple(sorted(found.values(), key=lambda switch: (switch.at, switch.market, switch.ladder, switch.first)))


def _place(switch: TierSwitch) -> tuple[int, int]:
    return (switch.at, -1 if switch.last is None else switch.last)


class Volume:
    """
    The volume of a business portfolio, month by month.

    Counted per ladder, market and month; the month is that of the account that sends.

    Rules: PMP-08, PMP-09, PMP-10, TIER-01, TIER-02
    """

    def __init__(self, switches: Iterable[TierSwitch] = ()) -> None:
        self._counted: dict[tuple[str, str, str], int] = {}
        self._switches: dict[tuple[str, str, str], list[TierSwitch]] = {}
        for switch in official(switches):
            self._switches.setdefault((switch.ladder, switch.market, switch.period), []).append(switch)

    def add(self, ladder: Ladder, market: str, period: str, units: int = 1) -> int:
        """Count some units, and give the place of the last of them."""
        key = (ladder.name, market, period)
        self._counted[key] = self._counted.get(key, 0) + units
        return self._counted[key]

    def announced(self, ladder: Ladder, market: str, period: str, at: int) -> TierSwitch | None:
        """The tier that Meta's webhooks say holds at an instant; None if they are silent."""
        held = [switch for switch in self._switches.get((ladder.name, market, period), ()) if switch.at <= at]
        return max(held, key=lambda switch: switch.first) if held else None


def ladder_of(tariff: Tariff, line: str, *, to_group: bool) -> Ladder | None:
    """The ladder on which a rate line is counted; None if it has none, or if messages to groups take no part."""
    for ladder in tariff.ladders:
        if line in ladder.lines and (ladder.groups or not to_group):
            return ladder
    return None


def band_for(bands: Sequence[Band], place: int, announced: TierSwitch | None) -> tuple[Band | None, str]:
    """
    The tier of a unit, and the doubt if Meta's webhook moved it there: a name from `LEDGER_FLAGS`, or nothing.

    A webhook about a tier that the table does not have still says how far the volume is.

    >>> from decimal import Decimal
    >>> list_rate = Band(first=1, last=100, rate=Decimal("0.02"), discount="")
    >>> cheaper = Band(first=101, last=None, rate=Decimal("0.01"), discount="-50%")
    >>> [band_for((list_rate, cheaper), place, None)[0] == cheaper for place in (100, 101)]
    [False, True]
    """
    ours = band_at(bands, place)
    if announced is None:
        return ours, ""
    # The first tier is written as beginning at 0 and at 1.
    theirs = next((band for band in bands if max(band.first, 1) == max(announced.first, 1)), None)
    if theirs is None:
        return band_at(bands, max(announced.first, place, 1)), "tier_not_in_table"
    return theirs, "tier_from_webhook" if theirs != ours else ""
