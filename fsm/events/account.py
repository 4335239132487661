"""The account: what the rules ask about and no event says."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, timedelta, timezone, tzinfo
from difflib import get_close_matches
from typing import Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import attrs

from fsm import terms
from fsm.errors import BadAccount
from fsm.events.instants import format_instant, parse_instant

_OFFSET: Final = re.compile(r"([+-])(\d{2}):([0-5]\d)", re.ASCII)


@attrs.frozen(kw_only=True)
class Account:
    """
    What is known of a WhatsApp Business Account outside its events.

    Attributes:
        name: of the account; empty if it is the only one.
        numbers: ids of its business phone numbers; empty means every number that no other account claims.
        time_zone: dates of rulebooks and months of allowances are counted in it.
        sender: `business`, `ai_provider`, `government` or `nonprofit`.
        integration: `direct`, or `partner` if billed through a partner's credit line.
        direct_send: the account may use Direct Send.
        payment_method: a usable payment method is on file.
        sold_to, currency: country (ISO 3166) and currency (ISO 4217) of billing; empty if unknown.
        free_left: units left of the free allowance in the month of the first event; None means all of it.
        primary_location: country (ISO 3166) of the verified primary business location; empty if there is none.
        international_from: country (ISO 3166) to the instant from which its authentication messages have the
            international rate, as Meta tells the business.
        in_experiment: ids of customers who are in Meta's marketing holdout.
        policy: answers of this account where the sources are silent; the knobs stand in `fsm.rulebooks.knobs`.
    """

    name: str = ""
    numbers: frozenset[str] = frozenset()
    time_zone: tzinfo = UTC
    sender: str = "business"
    integration: str = "direct"
    direct_send: bool = False
    payment_method: bool = True
    sold_to: str = ""
    currency: str = ""
    free_left: int | None = None
    primary_location: str = ""
    international_from: tuple[tuple[str, int], ...] = ()
    in_experiment: frozenset[str] = frozenset()
    policy: tuple[tuple[str, object], ...] = ()


def read_account(members: Mapping[str, object]) -> Account:
    """
    The account that a parsed account file describes.

    Raises:
        BadAccount: an unknown key, or a value that cannot be used.

    >>> read_account({"time_zone": "+03:00", "allowances": {"free_left": 5}}).free_left
    5
    """
    values: dict[str, object] = {}
    for key, value in members.items():
        match key:
            case "time_zone":
                values[key] = zone(value)
            case "name":
                values[key] = _typed(key, value, str, "text in quotes")
            case "numbers":
                values[key] = _ids(key, value, "phone number ids")
            case "sender":
                values[key] = _one_of(key, value, terms.SENDERS)
            case "integration":
                values[key] = _one_of(key, value, terms.INTEGRATIONS)
            case "direct_send" | "payment_method":
                values[key] = _typed(key, value, bool, "true or false")
            case "sold_to" | "primary_location":
                values[key] = _code(key, value, 2, "IN")
            case "currency":
                values[key] = _code(key, value, 3, "INR")
            case "authentication_international":
                starts = _table(key, value, None)
                values["international_from"] = tuple(
                    sorted(
                        (_code(f"{key}: country", country, 2, "IN"), parse_instant(at))
                        for country, at in starts.items()
                    )
                )
            case "allowances":
                values["free_left"] = _free_left(_table(key, value, ("free_left",)))
            case "customers":
                values["in_experiment"] = _customers(_table(key, value, ("in_experiment",)))
            case "policy":
                table = _table(key, value, None)
                values[key] = tuple(sorted((k, tuple(v) if isinstance(v, list) else v) for k, v in table.items()))
            case _:
                _unknown(key, _KEYS, "the account")
    return Account(**values)  # type: ignore[arg-type]


def write_account(account: Account) -> dict[str, object]:
    """
    The account as the members that `read_account` reads back; what is default is left out.

    Raises:
        BadAccount: its time zone has neither a name nor a fixed offset.

    >>> write_account(Account(sender="nonprofit"))
    {'sender': 'nonprofit'}
    """
    written: dict[str, object] = {}
    plain = ("sender", "integration", "direct_send", "payment_method", "sold_to", "currency", "primary_location")
    if account.name:
        written["name"] = account.name
    if account.numbers:
        written["numbers"] = sorted(account.numbers)
    if account.time_zone is not UTC:
        written["time_zone"] = _zone_name(account.time_zone)
    for field in attrs.fields(Account):
        value = getattr(account, field.name)
        if field.name in plain and value != field.default:
            written[field.name] = value
    if account.international_from:
        written["authentication_international"] = {
            country: format_instant(at) for country, at in account.international_from
        }
    if account.free_left is not None:
        written["allowances"] = {"free_left": account.free_left}
    if account.in_experiment:
        written["customers"] = {"in_experiment": sorted(account.in_experiment)}
    if account.policy:
        written["policy"] = {name: list(value) if isinstance(value, tuple) else value for name, value in account.policy}
    return written


def _zone_name(time_zone: tzinfo) -> str:
    if isinstance(time_zone, ZoneInfo) and time_zone.key is not None:
        return time_zone.key
    offset = time_zone.utcoffset(None)
    if offset is None or offset % timedelta(minutes=1):
        raise BadAccount(
            f"time_zone {time_zone!r} has neither a name nor a fixed offset in whole minutes. Use zoneinfo.ZoneInfo."
        )
    minutes = offset // timedelta(minutes=1)
    return f"{'-' if minutes < 0 else '+'}{abs(minutes) // 60:02}:{abs(minutes) % 60:02}"


def zone(name: object) -> tzinfo:
    """
    The time zone of that name, or of that fixed offset.

    Raises:
        BadAccount: there is no such zone on this machine.

    >>> zone("+03:00").utcoffset(None)
    datetime.timedelta(seconds=10800)
    """
    text = _typed("time_zone", name, str, "text, for example 'America/Mexico_City'")
    assert isinstance(text, str)
    if text.upper() in ("UTC", "Z"):
        return UTC
    fixed = _OFFSET.fullmatch(text)
    if fixed:
        offset = timedelta(hours=int(fixed[2]), minutes=int(fixed[3]))
        if offset >= timedelta(hours=24):
            raise BadAccount(f"time_zone {text!r} is a day or more away from UTC. Check the offset.")
        return timezone(-offset if fixed[1] == "-" else offset)
    try:
        return ZoneInfo(text)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise BadAccount(
            f"time_zone {text!r} is not known on this machine. Use a name such as 'Europe/Madrid' or an offset such "
            "as '+02:00'; if the name is right, the machine has no time zone data: install the package 'tzdata'."
        ) from None


_KEYS: Final = (
    "name",
    "numbers",
    "time_zone",
    "sender",
    "integration",
    "direct_send",
    "payment_method",
    "sold_to",
    "currency",
    "primary_location",
    "authentication_international",
    "allowances",
    "customers",
    "policy",
)


def _free_left(table: Mapping[str, object]) -> int | None:
    left = table.get("free_left")
    if left is None:
        return None
    if isinstance(left, bool) or not isinstance(left, int) or left < 0:
        raise BadAccount(f"allowances.free_left is {left!r}; it must be a whole number, 0 or more.")
    return left


def _customers(table: Mapping[str, object]) -> frozenset[str]:
    return _ids("customers.in_experiment", table.get("in_experiment", []), "customer ids")


def _ids(key: str, listed: object, what: str) -> frozenset[str]:
    if not isinstance(listed, list) or not all(isinstance(id, str) for id in listed):
        raise BadAccount(f"{key} is {listed!r}; it must be a list of {what} in quotes.")
    return frozenset(listed)


def _table(key: str, value: object, known: tuple[str, ...] | None) -> Mapping[str, object]:
    if not isinstance(value, Mapping):
        raise BadAccount(f"'{key}' is {value!r}; it must be a table: write [{key}] and its keys below it.")
    if known is not None:
        for name in value:
            if name not in known:
                _unknown(str(name), known, f"[{key}]")
    return value


def _one_of(key: str, value: object, words: tuple[str, ...]) -> str:
    if not isinstance(value, str) or value not in words:
        raise BadAccount(f"'{key}' is {value!r}, which is none of {', '.join(words)}.")
    return value


def _code(key: str, value: object, length: int, example: str) -> str:
    if not isinstance(value, str) or not re.fullmatch(f"[A-Z]{{{length}}}", value):
        raise BadAccount(f"'{key}' is {value!r}; it must be {length} capital letters, for example {example!r}.")
    return value


def _typed(key: str, value: object, kind: type, wanted: str) -> object:
    if not isinstance(value, kind):
        raise BadAccount(f"'{key}' is {value!r}; it must be {wanted}.")
    return value


def _unknown(key: str, known: tuple[str, ...], where: str) -> None:
    close = get_close_matches(key, known, 1)
    hint = f" Did you mean {close[0]!r}?" if close else ""
    raise BadAccount(f"{where} has no key {key!r}; known are {', '.join(known)}.{hint}")
