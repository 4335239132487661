"""What a world is: an account, an edge in its time zone, and items around it."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import attrs

ACCOUNT_ID = "200000000000001"
CLOSE = 5
"""Seconds: what happens this close to a midnight is told apart by nothing but the midnight."""


@attrs.frozen(kw_only=True)
class Item:
    """
    One thing that arrives whole: an element of a webhook value, or a line of the business's own log.

    Attributes:
        field, part: the change's field and the value's list; no list where the change is the item, and
            neither for a line of the log.
        business: the business phone number id; empty where the item is about the account.
        at: its instant, in seconds since 1970.
        raw: the element, or the line.
        contacts: what stands beside the element in its value.
        who: whom the element is about, so that two elements about one person share a value
            only if the same contact stands beside both; 0 where it names nobody.
    """

    field: str
    part: str
    business: str
    raw: Mapping[str, object]
    at: int
    contacts: tuple[Mapping[str, object], ...] = ()
    who: int = 0

    @property
    def is_delivery(self) -> bool:
        """Whether it says that a message reached a customer."""
        return self.raw.get("status") in ("delivered", "read")


@attrs.frozen(kw_only=True)
class World:
    """
    An account and all that happened to it.

    Attributes:
        seed: makes it again.
        account: the members of its account file.
        day: the day at whose beginning, in the account's zone, the world is densest.
        midnight: when that day begins, in seconds since 1970.
        items: in the order of making.
    """

    seed: int
    account: Mapping[str, object]
    day: date
    midnight: int
    items: tuple[Item, ...]


def first_second(day: date, zone: ZoneInfo) -> int:
    """The first second of a day in a zone, found by looking at the local date of every candidate: no arithmetic of ours."""
    noon = int(datetime(day.year, day.month, day.day, 12, tzinfo=UTC).timestamp())
    candidates = range(noon - 2 * 86_400, noon + 2 * 86_400)
    return candidates[
        bisect_left(candidates, day, key=lambda at: datetime.fromtimestamp(at, UTC).astimezone(zone).date())
    ]


def straddles(world: World) -> bool:
    """Whether deliveries lie within seconds of the midnight, on both sides of it, by the local date."""
    zone = ZoneInfo(str(world.account["time_zone"]))
    days = {
        datetime.fromtimestamp(item.at, UTC).astimezone(zone).date()
        for item in world.items
        if item.is_delivery and abs(item.at - world.midnight) <= CLOSE
    }
    return {world.day - timedelta(days=1), world.day} <= days
