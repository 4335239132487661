"""Instants: integers on one UTC time line, and the texts they come from and go to."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Final

from fsm.errors import NaiveInstant, UnreadableInstant

SECOND: Final = 1_000_000
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_EARLIEST: Final = 0
LATEST: Final = 253_370_764_799 * SECOND  # 9998-12-31T23:59:59Z: every clock that starts then ends within the calendar
_RFC3339: Final = re.compile(
    r"(\d{4}-\d{2}-\d{2})[Tt ]([01]\d:\d{2}:\d{2}|2[0-3]:\d{2}:\d{2})(\.\d{1,6})?([Zz]|[+-]\d{2}:[0-5]\d)?", re.ASCII
)


def micros(length: timedelta) -> int:
    """
    The length in whole microseconds.

    >>> micros(timedelta(hours=24))
    86400000000
    """
    return length // timedelta(microseconds=1)


def instant_of(moment: datetime) -> int:
    """
    The instant of an aware datetime, in microseconds since 1970 (UTC).

    Raises:
        NaiveInstant: the datetime has no time zone.
        UnreadableInstant: it lies before 1970.

    >>> instant_of(datetime(2023, 6, 1, 10, tzinfo=UTC))
    1685613600000000
    """
    if moment.tzinfo is None or moment.utcoffset() is None:
        raise NaiveInstant(
            f"{moment.isoformat(' ')} has no time zone, so it names no instant and no window can be placed. "
            "Pass an aware datetime, for example datetime(2023, 6, 1, 10, tzinfo=UTC)."
        )
    return _within_range((moment - _EPOCH) // timedelta(microseconds=1), moment.isoformat())


def parse_instant(value: object) -> int:
    """
    The instant written in a log: RFC 3339 with an offset, or integer epoch seconds (UTC).

    Raises:
        NaiveInstant: an RFC 3339 text without an offset.
        UnreadableInstant: anything else that is not one of the two forms.

    >>> parse_instant("2023-06-01T12:00:00+02:00") == parse_instant(1685613600)
    True
    """
    if isinstance(value, bool) or not isinstance(value, int | str):
        raise UnreadableInstant(
            f"{value!r} is not a time. Write RFC 3339 with an offset (2023-06-01T10:00:00Z) "
            "or whole seconds since 1970 (1685613600)."
        )
    if isinstance(value, int):
        if value > LATEST // SECOND:
            raise UnreadableInstant(
                f"{value} seconds since 1970 is beyond the year 9998; this looks like milliseconds. "
                "Divide by 1,000, or write RFC 3339."
            )
        return _within_range(value * SECOND, str(value))
    match = _RFC3339.fullmatch(value)
    if match is None:
        raise UnreadableInstant(
            f"{value!r} is not RFC 3339. Write it like 2023-06-01T10:00:00Z or 2023-06-01T10:00:00.250+02:00."
        )
    if match[4] is None:
        raise NaiveInstant(
            f"{value!r} has no offset, so it names no instant. Add the zone: {value}Z for UTC, or {value}+02:00."
        )
    try:
        return instant_of(datetime.fromisoformat(value.upper()))
    except ValueError as impossible:
        raise UnreadableInstant(f"{value!r} is not a date and time that exists: {impossible}.") from None


def format_instant(at: int) -> str:
    """
    The instant in RFC 3339, UTC, without needless fractions.

    >>> format_instant(1685613600000000)
    '2023-06-01T10:00:00Z'
    """
    return datetime_of(at).isoformat().replace("+00:00", "Z")


def datetime_of(at: int) -> datetime:
    """
    The instant as an aware datetime in UTC.

    >>> datetime_of(0)
    datetime.datetime(1970, 1, 1, 0, 0, tzinfo=datetime.timezone.utc)
    """
    return _EPOCH + timedelta(microseconds=at)


def _within_range(at: int, written: str) -> int:
    if not _EARLIEST <= at <= LATEST:
        raise UnreadableInstant(f"{written} lies outside 1970 to 9998. Check the year and the unit.")
    return at
