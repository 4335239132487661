"""
Two months of invented traffic in Meta's shapes, written to `tests/data/reconcile`.

What Meta says is written down here by hand, message by message, and not asked from the kit: the files are the other
side of a reconciliation. `PLANTED` names what was made wrong on purpose. Run this file to write them again.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

from fsm.service.rate_files import shipped_prices

FOLDER = Path(__file__).parent / "data" / "reconcile"
ZONE = ZoneInfo("America/Sao_Paulo")
BUSINESS, NUMBER, ACCOUNT = "100000000000001", "15550100001", "200000000000001"
MARKETS = {"BR": ("Brazil", "55119000000"), "IN": ("India", "91980000000"), "DE": ("Germany", "4915100000")}
FREE_LEFT = 20
DAY = timedelta(days=1)

PLANTED = {
    "utility-as-before": "utility in the window labelled free_customer_service, as until September",
    "service-beyond-the-tier": "a free service message labelled as if the free tier were used up",
    "max-price": "a marketing message at a lower price than the card's",
    "no-price": "a charged message none of whose statuses has a price",
    "failed": "a failed message with a price, which costs nothing",
    "counted-as-service": "a charged utility message that analytics count as free service",
    "counted-a-day-later": "a marketing message of the last minute of a day that analytics count on the next",
    "before-the-log": "a data point of the day before the log begins",
    "wrong-rate": "an invoice line at another rate than the card's",
    "unknown-fee": "an invoice line in a category nobody knows",
    "not-invoiced": "authentication messages to Brazil, missing from the invoice",
    "late-end": "a conversation whose stated end is an hour late",
    "reopened": "a second marketing message that Meta says opens a conversation of its own",
    "not-attached": "utility inside a conversation of June labelled PMP in July",
    "one-conversation-more": "conversation analytics that count one utility conversation too many",
}


class Month:
    """A log of webhook bodies, and beside it what Meta's analytics count."""

    def __init__(self, begins: date) -> None:
        self.begins = begins
        self.bodies: list[dict[str, Any]] = []
        self.counted: dict[tuple[str, ...], list[Any]] = {}
        self.messages = 0

    def at(self, day: int, hour: int, minute: int = 0, second: int = 0) -> datetime:
        """An instant of the month, by the account's clock."""
        local = datetime(self.begins.year, self.begins.month, 1, hour, minute, second, tzinfo=ZONE)
        return local + (day - 1) * DAY

    def wrote(self, at: datetime, customer: str) -> None:
        """The customer wrote."""
        self.messages += 1
        message = {"from": customer, "id": f"wamid.IN{self.messages:04}", "timestamp": _seconds(at), "type": "text"}
        contact = {"profile": {"name": "Test Customer"}, "wa_id": customer}
        self._add({"contacts": [contact], "messages": [{**message, "text": {"body": "hello"}}]})

    def sent(
        self,
        at: datetime,
        customer: str,
        pricing: dict[str, Any] | None,
        conversation: dict[str, Any] | None = None,
        *,
        name: str = "",
        fails: bool = False,
        delay: int = 3,
    ) -> None:
        """A message was sent and, if it does not fail, delivered; both statuses state the price, the first the end."""
        self.messages += 1
        id = f"wamid.{name or f'OUT{self.messages:04}'}"
        later = at + timedelta(seconds=delay)
        lasting = {key: value for key, value in (conversation or {}).items() if key != "expiration_timestamp"}
        self._status(at, id, customer, "sent", pricing, conversation)
        self._status(later, id, customer, "failed" if fails else "delivered", pricing, lasting or None)

    def count(self, at: datetime, labels: tuple[str, ...], cost: Decimal, volume: int = 1) -> None:
        """Analytics count this on the day of `at`."""
        day = at.astimezone(ZONE).date().isoformat()
        point = self.counted.setdefault((day, *labels), [0, Decimal(0)])
        point[0] += volume
        point[1] += cost

    def points(self, names: tuple[str, ...], volume: str) -> Iterator[dict[str, Any]]:
        """What was counted, as data points."""
        for (day, *labels), (number, cost) in sorted(self.counted.items()):
            begins = datetime.combine(date.fromisoformat(day), datetime.min.time(), tzinfo=ZONE)
            said = {name: label for name, label in zip(names, labels, strict=True) if label}
            times = {"start": int(begins.timestamp()), "end": int((begins + DAY).timestamp())}
            yield {**times, "phone_number": NUMBER, **said, volume: number, "cost": float(cost)}

    def _status(self, at: datetime, id: str, customer: str, status: str, pricing: Any, conversation: Any) -> None:
        said = {"id": id, "status": status, "timestamp": _seconds(at), "recipient_id": customer}
        said |= {"conversation": conversation} if conversation else {}
        said |= {"pricing": pricing} if pricing else {}
        self._add({"statuses": [said]})

    def _add(self, items: dict[str, Any]) -> None:
        metadata = {"display_phone_number": NUMBER, "phone_number_id": BUSINESS}
        value = {"messaging_product": "whatsapp", "metadata": metadata, **items}
        changes = [{"field": "messages", "value": value}]
        self.bodies.append({"object": "whatsapp_business_account", "entry": [{"id": ACCOUNT, "changes": changes}]})


def _seconds(at: datetime) -> str:
    return str(int(at.timestamp()))


def _pmp(type: str, category: str, **more: object) -> dict[str, Any]:
    return {"billable": type == "regular", "pricing_model": "PMP", "type": type, "category": category, **more}


def _rate(line: str, country: str, on: date) -> Decimal:
    found = shipped_prices().rate(line, MARKETS[country][0], on, unit="message").rate
    assert found is not None
    return found


def october() -> tuple[Month, dict[str, Any], list[list[str]]]:
    """October 2026: log, pricing analytics, and invoice."""
    random, month = Random(202610), Month(date(2026, 10, 1))
    left = FREE_LEFT
    invoiced: dict[tuple[str, str], int] = {}

    def charged(at: datetime, country: str, category: str, name: str, tier: str = "") -> Decimal:
        rate = _rate("utility" if category == "service" else category, country, month.begins)
        wrong = {"counted-as-service": ("FREE_CUSTOMER_SERVICE", "SERVICE", "")}.get(name)
        counted_at = at + DAY if name == "counted-a-day-later" else at
        month.count(
            counted_at, (country, *(wrong or ("REGULAR", category.upper(), tier))), Decimal(0) if wrong else rate
        )
        invoiced[country, category] = invoiced.get((country, category), 0) + 1
        return rate

    def customer(country: str) -> str:
        return f"{MARKETS[country][1]}{random.randrange(10, 99)}"

    for day in range(1, 32):
        country = random.choice(list(MARKETS))
        begins = month.at(day, random.randrange(8, 18), random.randrange(60), random.randrange(60))
        match day % 5:
            case 0:
                name = {5: "max-price", 10: "no-price", 15: "counted-a-day-later"}.get(day, "")
                at = month.at(day, 23, 59, 10) if name == "counted-a-day-later" else begins
                pricing: dict[str, Any] | None = _pmp("regular", "marketing")
                if name == "max-price":
                    assert pricing is not None
                    pricing["cost"] = {"amount": 0.0042, "currency": "USD"}
                # Without a price nothing tells what it was: the log needs a record of the sending.
                month.sent(at, customer(country), None if name == "no-price" else pricing, name=name)
                if name == "no-price":
                    month.bodies.append(
                        {
                            "event": "message_sent",
                            "at": int(at.timestamp()),
                            "business": BUSINESS,
                            "customer": month.bodies[-1]["entry"][0]["changes"][0]["value"]["statuses"][0][
                                "recipient_id"
                            ],
                            "id": "wamid.no-price",
                            "content": "template",
                            "category": "marketing",
                        }
                    )
                charged(at + timedelta(seconds=3), country, "marketing", name, "0:MAX")
            case 1 | 2:
                to = customer(country)
                month.wrote(begins, to)
                for reply in range(random.randrange(1, 4)):
                    at = begins + timedelta(minutes=2 * reply + 1)
                    free, left = left > 0, left - 1
                    name = "service-beyond-the-tier" if left == 11 else ""
                    stated = _pmp("regular" if name or not free else "free_customer_service", "service")
                    month.sent(at, to, stated, name=name)
                    if free:
                        month.count(at, (country, "FREE_CUSTOMER_SERVICE", "SERVICE", ""), Decimal(0))
                    else:
                        charged(at, country, "service", "")
            case 3:
                to = customer(country)
                name = {3: "utility-as-before", 8: "counted-as-service"}.get(day, "")
                month.wrote(begins, to)
                at = begins + timedelta(minutes=1)
                month.sent(at, to, _pmp("free_customer_service" if day == 3 else "regular", "utility"), name=name)
                charged(at, country, "utility", name, "0:MAX" if country == "IN" else "")
            case _:
                country = "BR" if day in (9, 19) else "IN"
                category = "authentication" if day % 2 else "utility"
                month.sent(begins, customer(country), _pmp("regular", category))
                charged(begins, country, category, "", "0:MAX" if country == "IN" else "")
    month.sent(month.at(20, 9), customer("DE"), _pmp("regular", "utility"), name="failed", fails=True)
    month.count(month.at(1, 12) - DAY, ("IN", "REGULAR", "UTILITY", "0:MAX"), Decimal("0.0014"))
    names = ("country", "pricing_type", "pricing_category", "tier")
    analytics = {"pricing_analytics": {"data": [{"data_points": list(month.points(names, "volume"))}]}, "id": ACCOUNT}
    lines = [["Month", "Market", "Category", "Quantity", "Rate", "Amount", "Currency", "Reference"]]
    for number, ((country, category), volume) in enumerate(sorted(invoiced.items()), 1):
        if (country, category) == ("BR", "authentication"):
            continue
        rate = _rate("utility" if category == "service" else category, country, month.begins)
        if (country, category) == ("IN", "utility"):
            rate *= 2
        amount = format(rate * volume, "f")
        lines.append(
            ["2026-10", MARKETS[country][0], category.title(), str(volume), str(rate), amount, "USD", f"R{number}"]
        )
    lines.append(["2026-10", "Germany", "Platform Fee", "1", "25.00", "25.00", "USD", "R99"])
    return month, analytics, lines


def _cbp(month: Month, id: str, category: str, opened: datetime, **more: int) -> tuple[dict[str, Any], dict[str, Any]]:
    """Price and conversation under conversation-based pricing; the end lies a day later, rounded up to the minute."""
    end = -(-(int(opened.timestamp()) + 86_400) // 60) * 60 + more.get("late", 0)
    pricing = {"billable": True, "pricing_model": "CBP", "category": category}
    return pricing, {"id": f"c{id:0>31}", "expiration_timestamp": str(end), "origin": {"type": category}}


def june() -> tuple[Month, dict[str, Any]]:
    """The last days of June 2025 and the first of July: log, and conversation analytics."""
    month = Month(date(2025, 6, 1))
    costs = {"marketing": Decimal("0.0625"), "utility": Decimal("0.0080"), "service": Decimal(0)}

    def opens(at: datetime, category: str) -> None:
        direction = "USER_INITIATED" if category == "service" else "BUSINESS_INITIATED"
        month.count(at, ("BR", "REGULAR", direction, category.upper()), costs[category])

    for number, day in enumerate(range(10, 20)):
        to, at = f"{MARKETS['BR'][1]}{number + 10}", month.at(day, 9 + number % 6, 7 * number % 60, 11 * number % 60)
        match number % 3:
            case 0:
                late = 3600 if number == 3 else 0
                pricing, conversation = _cbp(month, f"a{number}", "marketing", at, late=late)
                month.sent(at, to, pricing, conversation, name="late-end" if late else "")
                opens(at, "marketing")
                again = at + timedelta(hours=5, seconds=30)
                if number == 6:
                    month.sent(again, to, *_cbp(month, "reopened", "marketing", again), name="reopened")
                else:
                    month.sent(again, to, pricing, conversation)
            case 1:
                month.wrote(at - timedelta(minutes=4), to)
                pricing, conversation = _cbp(month, f"b{number}", "service", at)
                month.sent(at, to, pricing, conversation)
                month.sent(at + timedelta(minutes=2), to, pricing, conversation)
                opens(at, "service")
            case _:
                month.sent(at, to, *_cbp(month, f"d{number}", "utility", at))
                opens(at, "utility")
    at = month.at(30, 18, 5, 9)
    for number, name in enumerate(("", "not-attached")):
        to = f"{MARKETS['BR'][1]}{number + 50}"
        pricing, conversation = _cbp(month, f"e{number}", "utility", at)
        month.sent(at, to, pricing, conversation)
        opens(at, "utility")
        later = at + timedelta(hours=12)
        if name:
            month.sent(later, to, _pmp("regular", "utility"), name=name)
        else:
            month.sent(later, to, {**pricing, "billable": False}, conversation, name="attached")
    month.count(month.at(12, 12), ("BR", "REGULAR", "BUSINESS_INITIATED", "UTILITY"), costs["utility"])
    names = ("country", "conversation_type", "conversation_direction", "conversation_category")
    points = list(month.points(names, "conversation"))
    return month, {"conversation_analytics": {"data": [{"data_points": points}]}, "id": ACCOUNT}


def files() -> dict[str, str]:
    """Every file by name, with its text."""
    october_log, pricing, invoice = october()
    june_log, conversations = june()
    return {
        "2026-10.jsonl": _lines(october_log),
        "2026-10-pricing.json": json.dumps(pricing, indent=1) + "\n",
        "2026-10-invoice.csv": "".join(",".join(line) + "\n" for line in invoice),
        "2025-06.jsonl": _lines(june_log),
        "2025-06-conversations.json": json.dumps(conversations, indent=1) + "\n",
        "account.toml": f'name = "{ACCOUNT}"\ntime_zone = "America/Sao_Paulo"\n\n[allowances]\nfree_left = {FREE_LEFT}\n',
    }


def _lines(month: Month) -> str:
    return "".join(json.dumps(body, separators=(",", ":")) + "\n" for body in month.bodies)


if __name__ == "__main__":
    for name, text in files().items():
        (FOLDER / name).write_text(text, encoding="utf-8")
