"""Who writes to whom: customers with numbers that are nobody's, businesses, and the hours they keep."""

from __future__ import annotations

from typing import Any, Final

import numpy as np

from fsm.generate.chance import Array, below, chosen, draw
from fsm.rulebooks.us_area_codes import US_STATES

COUNTRIES: Final = (
    # Code, weight, country calling code and the digits that open an unassigned block, digits of its number, hours from UTC.
    ("IN", 20, "9110", 8, 5.5),
    ("BR", 16, "5510", 9, -3),
    ("US", 12, "1", 0, -6),
    ("ID", 10, "6210", 9, 7),
    ("MX", 10, "521", 9, -6),
    ("NG", 4, "2341", 9, 1),
    ("EG", 3, "202", 9, 2),
    ("KE", 3, "2543", 8, 3),
    ("SA", 3, "9662", 8, 3),
    ("AE", 2, "9711", 8, 4),
    ("TR", 3, "901", 9, 3),
    ("IT", 3, "392", 9, 1),
    ("ES", 3, "341", 8, 1),
    ("DE", 2, "4910", 9, 1),
    ("GB", 2, "444", 9, 0),
    ("MY", 2, "602", 8, 8),
    ("CO", 2, "571", 9, -5),
    ("AR", 2, "541", 10, -3),
    ("PE", 1, "511", 8, -5),
    ("IL", 1, "9721", 8, 2),
)
"""
Where customers live. The lengths are those of real numbers and the blocks are assigned to nobody, so no generated
number can be somebody's. Offsets are those of the standard time; the traffic keeps no summer time.
"""

MOST_THREADS: Final = 100_000_000
"""More would give two threads one number."""

_BUSINESS: Final = 100_000_000_000_000
_SCATTER: Final = 2_654_435_761
"""A prime: multiplying by it modulo anything that it does not divide is a permutation."""

_HOURS: Final = (1, 1, 1, 1, 1, 2, 6, 16, 30, 44, 50, 52, 48, 44, 44, 46, 48, 52, 56, 58, 52, 38, 20, 7)
"""How much people write in each hour of their day."""
_OFFICE: Final = (0, 0, 0, 0, 0, 0, 0, 1, 6, 20, 24, 20, 14, 10, 14, 16, 18, 16, 10, 6, 3, 1, 0, 0)
"""When businesses send what they send of their own accord, in the customer's day."""


def business_ids(count: int) -> list[str]:
    """
    Ids of business phone numbers.

    >>> business_ids(2)
    ['100000000000000', '100000000000001']
    """
    return [str(_BUSINESS + number) for number in range(count)]


def businesses(seed: int, thread: Array, count: int) -> Array:
    """Whose customer each thread is: a few businesses have most of the traffic; int32."""
    weights = [1_000_000 // (1 + place) for place in range(count)]
    return chosen(draw(seed, "business", thread), weights).astype(np.int32)


def countries(seed: int, thread: Array) -> Array:
    """The place in `COUNTRIES` of each thread's customer."""
    return chosen(draw(seed, "country", thread), [weight for _, weight, _, _, _ in COUNTRIES])


def numbers(thread: Array, country: Array) -> Array:
    """
    The phone number of each thread's customer as uint64; no two threads share one.

    >>> numbers(np.array([1, 2]), np.array([0, 2])).tolist()
    [911054435761, 19561787942]
    """
    found = np.zeros(len(thread), dtype=np.uint64)
    states = np.array(sorted(int(code) for code in US_STATES), dtype=np.int64)
    for place, (code, _, opening, digits, _) in enumerate(COUNTRIES):
        mine = country == place
        if not mine.any():
            continue
        if code == "US":
            # An exchange never begins with 1, so these belong to nobody in any area.
            scattered = _scattered(thread[mine], len(states) * 1_000_000)
            area, line = states[scattered % len(states)], scattered // len(states)
            found[mine] = (10_000_000_000 + area * 10_000_000 + 1_000_000 + line).astype(np.uint64)
        else:
            found[mine] = (int(opening) * 10**digits + _scattered(thread[mine], 10**digits)).astype(np.uint64)
    return found


def _scattered(thread: Array, size: int) -> Array:
    return (thread.astype(np.int64) % size) * (_SCATTER % size) % size


def seconds_from_utc(country: Array) -> Array:
    """How far local clocks are ahead of UTC, in seconds; int64."""
    return np.array([int(hours * 3600) for *_, hours in COUNTRIES], dtype=np.int64)[country]


def second_of_day(bits: Array, by_business: Any) -> Array:
    """A second of the local day: when people write, or (where `by_business`) when businesses do; int64."""
    hour = np.where(by_business, chosen(bits, _OFFICE), chosen(bits, _HOURS))
    return hour * 3600 + below(bits, 3600)
