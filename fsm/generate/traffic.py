"""What traffic to make: how much of which stories, and how people and networks behave."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Final

import attrs

from fsm.errors import BadTraffic
from fsm.generate.chance import waits
from fsm.generate.people import MOST_THREADS

SECOND, MINUTE, HOUR, DAY = 1, 60, 3_600, 86_400

STORIES: Final[Mapping[str, tuple[int, str]]] = {
    "chat": (34, "a customer writes, the business answers, and so on"),
    "ad": (7, "a chat that begins with a click on an ad or a page's button"),
    "campaign": (26, "one marketing template to many customers within half an hour; a few answer or stop it"),
    "notice": (17, "a row of utility templates: confirmed, sent, delivered"),
    "password": (10, "one-time passwords; some are asked for again"),
    "call": (3, "a call by the customer, or one of the business's that is accepted; often a chat follows"),
    "preference": (3, "opting in and out, stopping and resuming marketing, opening the chat for the first time"),
}
"""The stories, their weight in the default mix, and what they are."""

# Everything below is invented: it is how people might behave, and no rule of WhatsApp's. Each row of a table of waits
# says what share (per thousand) takes at most so many seconds.
ANSWERS: Final = {
    "customer answers": waits(
        ((0, 3), (300, 40), (600, 5 * MINUTE), (800, HOUR), (930, 9 * HOUR), (985, 30 * HOUR), (1000, 5 * DAY))
    ),
    "business answers": waits(
        ((0, 2), (350, 30), (600, 6 * MINUTE), (800, 50 * MINUTE), (930, 8 * HOUR), (980, 22 * HOUR), (1000, 4 * DAY))
    ),
    "goes on": waits(((0, 1), (700, 20), (950, 4 * MINUTE), (1000, 2 * HOUR))),
    "next notice": waits(((0, 30 * MINUTE), (300, 5 * HOUR), (700, 26 * HOUR), (1000, 4 * DAY))),
    "password again": waits(((0, 25), (700, 90), (1000, 8 * MINUTE))),
    "changes their mind": waits(((0, MINUTE), (300, 2 * DAY), (1000, 20 * DAY))),
}
"""How long after the last turn of a story the next one comes."""

STATUSES: Final = {
    "delivered": waits(((0, 0), (500, 1), (900, 4), (965, MINUTE), (985, HOUR), (996, 12 * HOUR), (1000, 6 * DAY))),
    "read": waits(((0, 0), (250, 5), (500, 2 * MINUTE), (750, 40 * MINUTE), (930, 9 * HOUR), (1000, 3 * DAY))),
    "played": waits(((0, 2), (800, 3 * MINUTE), (1000, 2 * DAY))),
    "failed": waits(((0, 0), (900, 3), (1000, 2 * MINUTE))),
}
"""How long after sending it is delivered or fails, after delivery read, after reading played."""

ARRIVES_AFTER_MS: Final = waits(((0, 80), (900, 1_500), (985, 20_000), (998, 30 * 60_000), (1000, 4 * 3_600_000)))
"""How long after it happened a webhook arrives, in milliseconds."""
LATE_MS: Final = waits(((0, 20 * 60_000), (700, 9 * 3_600_000), (1000, 3 * 86_400_000)))
"""The same of a webhook that comes late."""
AGAIN_MS: Final = waits(((0, 300), (600, 60_000), (900, 3_600_000), (1000, 2 * 86_400_000)))
"""How long after its first arrival a webhook is repeated."""

STORIES_A_MONTH: Final = waits(((0, 1), (450, 2), (750, 5), (930, 12), (993, 40), (1000, 140)))
"""How many stories a thread has in thirty days."""
MONTH: Final = 30
TURNS: Final = {
    "chat": waits(((0, 1), (150, 2), (500, 5), (850, 10), (1000, 30))),
    "ad": waits(((0, 1), (200, 2), (600, 6), (1000, 24))),
    "campaign": waits(((0, 1), (900, 2), (960, 4), (1000, 10))),
    "notice": waits(((0, 1), (300, 2), (800, 4), (1000, 6))),
    "password": waits(((0, 1), (850, 2), (1000, 5))),
    "call": waits(((0, 1), (500, 2), (1000, 7))),
    "preference": waits(((0, 1), (600, 2), (1000, 3))),
}
"""How many turns a story has; fractions are cut off."""


@attrs.frozen(kw_only=True)
class Traffic:
    """
    What to make. The same values give the same events, on any machine, in any chunks, by any number of workers.

    Attributes:
        seed: another number, other traffic.
        first_day: the first day (UTC).
        days: how many days stories begin on; answers and statuses may come later.
        threads: pairs of a business and a customer.
        businesses: business phone numbers; the first has most of the traffic.
        mix: weight of each story of `STORIES`; those left out have none.
        activity: how much happens in a thread, per hundred of the usual.
        failures: messages that fail, per million; templates that are not approved fail always.
        duplicates: events that are told twice, per million.
        late: events that arrive hours or days late, per million.
        disorder: whether events stand in the order in which they arrive; if not, in that in which they happened.

    Raises:
        BadTraffic: a value that cannot be used.

    >>> Traffic(threads=0)
    Traceback (most recent call last):
    ...
    fsm.errors.BadTraffic: threads is 0; it must be a whole number from 1 to 100,000,000.
    """

    seed: int = 0
    first_day: date = date(2026, 10, 1)
    days: int = 30
    threads: int = 1_000
    businesses: int = 3
    mix: Mapping[str, int] = attrs.field(factory=lambda: {name: weight for name, (weight, _) in STORIES.items()})
    activity: int = 100
    failures: int = 20_000
    duplicates: int = 8_000
    late: int = 3_000
    disorder: bool = True

    def __attrs_post_init__(self) -> None:
        for name, least, most in (
            ("seed", 0, 2**63 - 1),
            ("days", 1, 3_660),
            ("threads", 1, MOST_THREADS),
            ("businesses", 1, 100_000),
            ("activity", 1, 10_000),
            ("failures", 0, 1_000_000),
            ("duplicates", 0, 1_000_000),
            ("late", 0, 1_000_000),
        ):
            value = getattr(self, name)
            if not _is_whole(value) or not least <= value <= most:
                raise BadTraffic(f"{name} is {value!r}; it must be a whole number from {least:,} to {most:,}.")
        for story, weight in self.mix.items():
            if story not in STORIES:
                raise BadTraffic(f"there is no story {story!r}; there are {', '.join(STORIES)}.")
            if not _is_whole(weight) or not 0 <= weight <= 1_000_000:
                raise BadTraffic(f"the weight of {story} is {weight!r}; it must be a whole number from 0 to 1,000,000.")
        if not any(self.mix.values()):
            raise BadTraffic("no story has a weight, so there is nothing to tell. Give one, for example chat=1.")


def _is_whole(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)
