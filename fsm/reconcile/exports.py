"""Analytics of the Graph API, read: `pricing_analytics` and `conversation_analytics` as Meta answers them."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Final

from fsm.errors import BadBody, BadExport, UnreadableInstant
from fsm.events import parse_instant
from fsm.rates import written
from fsm.reconcile.entries import Entry, Export
from fsm.reconcile.lines import CONVERSATION_ANALYTICS, PRICING_ANALYTICS
from fsm.rulebooks.labels import one_spelling
from fsm.webhooks.decode import decode

_LABELS: Final[Mapping[str, Mapping[str, str]]] = {
    PRICING_ANALYTICS: {
        "phone": "phone",
        "phone_number": "phone",
        "country": "country",
        "tier": "tier",
        "pricing_type": "type",
        "pricing_category": "category",
    },
    CONVERSATION_ANALYTICS: {
        "phone": "phone",
        "phone_number": "phone",
        "country": "country",
        "conversation_type": "type",
        "conversation_category": "category",
        "conversation_direction": "direction",
    },
}
"""Members of a data point, and the dimension each names. The two pages of Meta's spell the phone number differently."""

_VOLUME: Final = {PRICING_ANALYTICS: "volume", CONVERSATION_ANALYTICS: "conversation"}
_MEASURES: Final = ("start", "end", "cost")
_WORDS: Final = ("type", "category", "direction")


def is_analytics(text: str) -> bool:
    """
    Whether a text looks like an answer of the Graph API rather than a table.

    >>> is_analytics('{"pricing_analytics": {}}'), is_analytics("date,category,amount")
    (True, False)
    """
    return text.lstrip("\ufeff \t\r\n").startswith(("{", "["))


def read_analytics(text: str, name: str) -> tuple[Export, ...]:
    """
    The analytics that a text holds, one for each kind in it.

    Args:
        text: the JSON answer of the Graph API, or a list of such answers (the pages of one).
        name: the file, for messages.

    Raises:
        BadExport: it is not strict JSON, holds no analytics, or a data point cannot be read.

    Source: M-ANA. Members that nobody knows are kept; amounts are read as decimals, never as binary fractions.

    >>> answer = '''{"pricing_analytics": {"data": [{"data_points": [{"start": 1790812800, "end": 1790899200,
    ...     "country": "IN", "pricing_type": "REGULAR", "pricing_category": "MARKETING", "volume": 2, "cost": 0.0236}]}]}}'''
    >>> entry = read_analytics(answer, "october.json")[0].entries[0]
    >>> entry.labels["category"], entry.volume, entry.amount
    ('marketing', 2, Decimal('0.0236'))
    """
    try:
        decode(text.lstrip("\ufeff"), name)
    except BadBody as bad:
        raise BadExport(str(bad)) from None
    # Strictness was checked above; this reads the same text again with exact amounts.
    value = json.loads(text.lstrip("\ufeff"), parse_float=Decimal)
    found: dict[str, list[Entry]] = {}
    for page, answer in enumerate(value if isinstance(value, list) else [value]):
        where = f"{name}, page {page + 1}" if isinstance(value, list) else name
        for kind, analytics in _analytics_of(answer):
            found.setdefault(kind, []).extend(_points(analytics, kind, f"{where}: {kind}"))
    if not found:
        raise BadExport(
            f"{name} holds neither {' nor '.join(_LABELS)}. Ask the Graph API for them as a field of the account and save "
            "its answer as it is."
        )
    return tuple(Export(name=name, kind=kind, entries=tuple(entries)) for kind, entries in found.items())


def _analytics_of(answer: object) -> Iterator[tuple[str, object]]:
    if not isinstance(answer, Mapping):
        return
    for kind in _LABELS:
        if kind in answer:
            yield kind, answer[kind]
    if not any(kind in answer for kind in _LABELS) and "data" in answer:
        # An answer to /{account}/pricing_analytics does not name itself; its points do.
        points = json.dumps(answer["data"], default=str)
        yield (PRICING_ANALYTICS if '"pricing_' in points or '"volume"' in points else CONVERSATION_ANALYTICS), answer


def _points(analytics: object, kind: str, where: str) -> Iterator[Entry]:
    data = analytics.get("data") if isinstance(analytics, Mapping) else None
    if not isinstance(data, list):
        raise BadExport(f"{where} has no list 'data'. Save the answer of the Graph API as it is.")
    for place, part in enumerate(data):
        points = part.get("data_points") if isinstance(part, Mapping) else None
        if not isinstance(points, list):
            raise BadExport(
                f"{where}.data[{place}] has no list 'data_points'. Save the answer of the Graph API as it is."
            )
        for number, point in enumerate(points):
            yield _point(point, kind, f"{where}.data[{place}].data_points[{number}]")


def _point(point: object, kind: str, where: str) -> Entry:
    if not isinstance(point, Mapping):
        raise BadExport(f"{where} is no object, so it counts nothing.")
    names, volume = _LABELS[kind], _VOLUME[kind]
    said = {names[member]: _text(value) for member, value in point.items() if member in names and value is not None}
    labels = {name: one_spelling(text) if name in _WORDS else text.strip() for name, text in said.items()}
    known = {*names, volume, *_MEASURES}
    return Entry(
        place=where,
        begins=_instant(point.get("start"), f"{where}.start"),
        ends=_instant(point.get("end"), f"{where}.end"),
        labels=labels,
        said=said,
        volume=_count(point.get(volume), f"{where}.{volume}"),
        amount=_amount(point.get("cost"), f"{where}.cost"),
        extra={str(member): _text(value) for member, value in point.items() if member not in known},
    )


def _instant(value: object, where: str) -> int:
    try:
        return parse_instant(value)
    except UnreadableInstant as bad:
        raise BadExport(f"{where}: {bad}") from None


def _count(value: object, where: str) -> int | None:
    if value is None:
        return None
    if isinstance(value, int) and not isinstance(value, bool) and value >= 0:
        return value
    raise BadExport(f"{where} is {value!r}, which counts nothing. It must be a whole number, or absent.")


def _amount(value: object, where: str) -> Decimal | None:
    if value is None:
        return None
    if isinstance(value, int | Decimal) and not isinstance(value, bool):
        return Decimal(value)
    raise BadExport(f"{where} is {value!r}, which is no amount. It must be a number, or absent where cost is withheld.")


def _text(value: object) -> str:
    return written(value) if isinstance(value, Decimal) else str(value)
