"""
Written from nothing, in the shape people write such things: a row per customer, a dictionary of conversations with
their ends, a table of prices, a status column. Each knows one law, declines what it has never heard of, and has one
mistake that was thought to be right.
"""

from __future__ import annotations

import sqlite3
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar, Final
from zoneinfo import ZoneInfo

from fsm.harness import Skip
from tests.harness.wrong.base import Wrong, wrong

Event = Mapping[str, Any]
Case = Mapping[str, Any]
DAY: Final = timedelta(hours=24)
KNOWN: Final = frozenset({"customer_message", "message_sent", "message_delivered", "message_read", "message_failed"})


def when(event: Event) -> datetime:
    """The instant of an event."""
    return datetime.fromisoformat(event["at"])


class Afternoon:
    """What they share: which cases they decline, and that they go through the events one by one."""

    can_answer: ClassVar[Sequence[str]] = ("permission",)
    rulebooks: ClassVar[Sequence[str]] = ("pmp-2025-07",)
    categories: ClassVar[Sequence[str]] = ("marketing", "utility", "authentication")
    entries: ClassVar[bool] = False
    account: ClassVar[frozenset[str]] = frozenset({"allowances"})

    def begin(self, case: Case) -> None:
        """Start with an empty store, or decline."""
        if set(case["account"]) - self.account:
            raise Skip("it reads nothing of the account")
        for event in case["events"]:
            if event["event"] not in KNOWN or event.get("kind", "text") not in ("text", "media", "button"):
                raise Skip(f"it has never heard of {event['event']} {event.get('kind', '')}")
            if not self.entries and ("entry" in event or "entry_point_ends_at" in event):
                raise Skip("it knows no entry points")
            if event["event"] == "message_sent" and (
                event["content"] not in ("free_form", "template")
                or event.get("template_status", "APPROVED") != "APPROVED"
                or (event["content"] == "template" and event.get("category") not in self.categories)
                or event["customer"].lstrip("+").startswith("1")
            ):
                raise Skip("it sends free-form messages and approved templates")
            if event["event"] in ("message_delivered", "message_read") and "content" in event:
                raise Skip("it reads its own records only")
        self.new()

    def new(self) -> None:
        """An empty store."""

    def event(self, event: Event) -> Mapping[str, Any] | None:
        """What the event does."""
        found: Mapping[str, Any] | None = getattr(self, f"on_{event['event']}", lambda event: None)(event)
        return found

    def question(self, question: Mapping[str, Any]) -> None:
        """It is asked for nothing else."""


# --- permission ---------------------------------------------------------------------------------
class ContactRow(Afternoon):
    """A row per contact with the time of the last message, whoever wrote it."""

    def new(self) -> None:
        self.db = sqlite3.connect(":memory:")
        self.db.execute(
            "create table contacts (phone text, number text, last_message_at real, primary key (phone, number))"
        )

    def on_customer_message(self, event: Event) -> None:
        self.db.execute(
            "insert or replace into contacts values (?, ?, ?)",
            (event["customer"], event["business"], when(event).timestamp()),
        )

    def on_message_delivered(self, event: Event) -> None:
        self.db.execute(
            "update contacts set last_message_at = ? where phone = ? and number = ?",
            (when(event).timestamp(), event["customer"], event["business"]),
        )

    def on_message_sent(self, event: Event) -> Mapping[str, Any]:
        row = self.db.execute(
            "select last_message_at from contacts where phone = ? and number = ?",
            (event["customer"], event["business"]),
        ).fetchone()
        fresh = row is not None and when(event).timestamp() - row[0] < 24 * 60 * 60
        if event["content"] == "template" or fresh:
            return {"verdict": "allowed", "error": None}
        return {"verdict": "refused", "error": 131047}


class SessionExpiry(Afternoon):
    """A session per customer with its end; a template starts one like everything else."""

    def new(self) -> None:
        self.sessions: dict[tuple[str, str], datetime] = {}

    def touch(self, event: Event) -> None:
        self.sessions[event["business"], event["customer"]] = when(event) + DAY

    def on_customer_message(self, event: Event) -> None:
        self.touch(event)

    def on_message_sent(self, event: Event) -> Mapping[str, Any]:
        active = when(event) < self.sessions.get(
            (event["business"], event["customer"]), datetime.min.replace(tzinfo=UTC)
        )
        if event["content"] == "template":
            self.touch(event)
        elif not active:
            return {"verdict": "refused", "error": 131047}
        return {"verdict": "allowed", "error": None}


class Milliseconds(Afternoon):
    """Milliseconds against a constant in seconds."""

    WINDOW = 24 * 60 * 60

    def new(self) -> None:
        self.inbound: dict[str, int] = {}

    def on_customer_message(self, event: Event) -> None:
        self.inbound[event["business"] + event["customer"]] = int(when(event).timestamp() * 1000)

    def on_message_sent(self, event: Event) -> Mapping[str, Any]:
        last = self.inbound.get(event["business"] + event["customer"], 0)
        if event["content"] == "template" or int(when(event).timestamp() * 1000) - last < self.WINDOW:
            return {"verdict": "allowed", "error": None}
        return {"verdict": "refused", "error": 131047}


class EntryPointSession(Afternoon):
    """An advertisement opens a session of 72 hours, in which one may write."""

    entries = True

    def new(self) -> None:
        self.until: dict[tuple[str, str], datetime] = {}

    def on_customer_message(self, event: Event) -> None:
        thread = (event["business"], event["customer"])
        length = timedelta(hours=72) if event.get("entry") else DAY
        self.until[thread] = max(self.until.get(thread, when(event)), when(event) + length)

    def on_message_sent(self, event: Event) -> Mapping[str, Any]:
        until = self.until.get((event["business"], event["customer"]))
        if event["content"] == "template" or (until is not None and when(event) < until):
            return {"verdict": "allowed", "error": None}
        return {"verdict": "refused", "error": 131047}


# --- conversations --------------------------------------------------------------------------------
class Conversations(Afternoon):
    """A dictionary of conversations by category, with their ends; this much of it is right."""

    can_answer = ("conversations",)
    rulebooks = ("cbp-2023-06", "cbp-2024-11")

    def new(self) -> None:
        self.conversations: dict[tuple[str, str], dict[str, datetime]] = defaultdict(dict)
        self.messages: dict[str, Event] = {}
        self.counted: set[str] = set()
        self.early: dict[str, Event] = {}

    def on_message_sent(self, event: Event) -> Mapping[str, Any]:
        self.messages[event["id"]] = event
        early = self.early.pop(event["id"], None)
        return self.nothing(event) if early is None else self.on_message_delivered(early)

    def on_customer_message(self, event: Event) -> Mapping[str, Any]:
        return self.nothing(event)

    on_message_failed = on_customer_message

    def on_message_delivered(self, event: Event) -> Mapping[str, Any]:
        if event["id"] not in self.messages:
            self.early.setdefault(event["id"], event)
            return self.nothing(event)
        if event["id"] in self.counted:
            return self.nothing(event)
        self.counted.add(event["id"])
        return self.counts(event, self.messages[event["id"]])

    on_message_read = on_message_delivered

    def open(self, event: Event) -> list[str]:
        """The categories with a conversation that is open."""
        ends = self.conversations[event["business"], event["customer"]]
        return [name for name, end in ends.items() if when(event) < end]

    def nothing(self, event: Event, opens: Sequence[str] = (), joins: str | None = None) -> Mapping[str, Any]:
        ends = self.conversations[event["business"], event["customer"]]
        told = {name: end.isoformat() for name, end in ends.items() if when(event) < end}
        return {"opens": list(opens), "refreshes": [], "closes": [], "joins": joins, "deadlines": told}

    def start(self, event: Event, name: str, at: datetime) -> Mapping[str, Any]:
        self.conversations[event["business"], event["customer"]][name] = at + DAY
        return self.nothing(event, opens=[name])

    def joined(self, event: Event, open: list[str]) -> Mapping[str, Any]:
        return self.nothing(event, joins=open[0] if len(open) == 1 else "unspecified")

    def counts(self, event: Event, sent: Event) -> Mapping[str, Any]:
        """What a delivery does."""
        open = self.open(event)
        if sent["content"] == "free_form":
            return self.joined(event, open) if open else self.start(event, "service", when(event))
        if sent["category"] in open:
            return self.nothing(event, joins=sent["category"])
        return self.start(event, sent["category"], when(event))


class OneConversation(Conversations):
    """Whatever is open, everything belongs to it."""

    def counts(self, event: Event, sent: Event) -> Mapping[str, Any]:
        open = self.open(event)
        if open:
            return self.nothing(event, joins=open[0])
        return super().counts(event, sent)


class ServiceBeside(Conversations):
    """A free-form message belongs to a service conversation, also beside another one."""

    def counts(self, event: Event, sent: Event) -> Mapping[str, Any]:
        if sent["content"] == "free_form":
            if "service" in self.open(event):
                return self.nothing(event, joins="service")
            return self.start(event, "service", when(event))
        return super().counts(event, sent)


class FromSending(Conversations):
    """The 24 hours run from the sending."""

    def start(self, event: Event, name: str, at: datetime) -> Mapping[str, Any]:
        return super().start(event, name, when(self.messages[event["id"]]))


class Sliding(Conversations):
    """Every message moves the end of its conversation."""

    def nothing(self, event: Event, opens: Sequence[str] = (), joins: str | None = None) -> Mapping[str, Any]:
        ends = self.conversations[event["business"], event["customer"]]
        if joins in ends:
            ends[joins] = when(event) + DAY
        return super().nothing(event, opens, joins)


class DeliveredOnly(Conversations):
    """Nobody told it that some messages are reported as read and never as delivered."""

    on_message_read = Conversations.on_customer_message


class StatusBeforeMessage(Conversations):
    """A status of a message that is not stored yet is dropped."""

    def on_message_sent(self, event: Event) -> Mapping[str, Any]:
        self.early.clear()
        return super().on_message_sent(event)


# --- charges ------------------------------------------------------------------------------------
class Prices(Afternoon):
    """A status column and a table of prices; this much of it is right, for July 2025 to July 2026."""

    can_answer = ("charges",)

    def new(self) -> None:
        self.messages: dict[str, Event] = {}
        self.charged: set[str] = set()
        self.early: dict[str, Event] = {}
        self.wrote: dict[tuple[str, str], datetime] = {}

    def on_customer_message(self, event: Event) -> Mapping[str, Any]:
        self.wrote[event["business"], event["customer"]] = when(event)
        return {"charge": None, "why": None}

    def on_message_sent(self, event: Event) -> Mapping[str, Any]:
        self.messages[event["id"]] = event
        early = self.early.pop(event["id"], None)
        return {"charge": None, "why": None} if early is None else self.on_message_delivered(early)

    def on_message_failed(self, event: Event) -> Mapping[str, Any]:
        return {"charge": None, "why": None}

    def on_message_delivered(self, event: Event) -> Mapping[str, Any]:
        if event["id"] not in self.messages:
            self.early.setdefault(event["id"], event)
            return {"charge": None, "why": None}
        if event["id"] in self.charged:
            return {"charge": None, "why": None}
        self.charged.add(event["id"])
        line, why = self.price(self.messages[event["id"]], event, self.in_window(event))
        return {"charge": line, "why": why}

    on_message_read = on_message_delivered

    def in_window(self, event: Event) -> bool:
        """Whether the window is open at the delivery."""
        wrote = self.wrote.get((event["business"], event["customer"]))
        return wrote is not None and when(event) - wrote < DAY

    def price(self, sent: Event, event: Event, in_window: bool) -> tuple[str | None, str]:
        """The line of the price list, and why."""
        if sent["content"] == "free_form" or (sent["category"] == "utility" and in_window):
            return None, "free_customer_service"
        return sent["category"], "regular"


class AllTemplates(Prices):
    """Every template has its price."""

    def price(self, sent: Event, event: Event, in_window: bool) -> tuple[str | None, str]:
        return super().price(sent, event, False)


class FreeInside(Prices):
    """Inside the window everything is free."""

    def price(self, sent: Event, event: Event, in_window: bool) -> tuple[str | None, str]:
        return (None, "free_customer_service") if in_window else super().price(sent, event, in_window)


class WindowAtSending(Prices):
    """The price is fixed when the message is sent."""

    def in_window(self, event: Event) -> bool:
        return super().in_window({**event, "at": self.messages[event["id"]]["at"]})


class Ladder(Prices):
    """A status only ever rises, and failed is the highest: nothing comes after it."""

    def on_message_failed(self, event: Event) -> Mapping[str, Any]:
        self.charged.add(event["id"])
        return super().on_message_failed(event)


class EveryStatus(Prices):
    """Every status that comes with a price is a line of the bill."""

    def on_message_delivered(self, event: Event) -> Mapping[str, Any]:
        self.charged.discard(event["id"])
        return super().on_message_delivered(event)

    on_message_read = on_message_delivered


class Metered(Prices):
    """Service messages of October 2026 with a counter of what is free; this much of it is right."""

    rulebooks = ("pmp-2026-10",)
    account = frozenset({"allowances", "time_zone"})
    free = 1000

    def begin(self, case: Case) -> None:
        super().begin(case)
        zone = case["account"].get("time_zone", "UTC")
        if "/" not in zone and zone != "UTC":
            raise Skip("it knows zones by their names")
        self.zone = ZoneInfo(zone)
        left = case["account"].get("allowances", {}).get("free_left")
        self.left, self.first = left, self.month(case["events"][0])
        self.used: Counter[tuple[str, ...]] = Counter()

    def month(self, event: Event) -> str:
        return f"{when(event).astimezone(self.zone):%Y-%m}"

    def scope(self, event: Event) -> str:
        """What the free messages are counted for."""
        return str(event["business"])

    def price(self, sent: Event, event: Event, in_window: bool) -> tuple[str | None, str]:
        if sent["content"] != "free_form":
            return sent["category"], "regular"
        key = (self.month(event), self.scope(event))
        free = self.left if self.left is not None and self.month(event) == self.first else self.free
        self.used[key] += 1
        return (None, "free_tier") if self.used[key] <= free else ("service", "regular")


class PerAccount(Metered):
    """One counter for the whole account."""

    def scope(self, event: Event) -> str:
        return "the account"


class UtcMonth(Metered):
    """The month of the server."""

    def month(self, event: Event) -> str:
        return f"{when(event).astimezone(UTC):%Y-%m}"


class NeverReset(Metered):
    """The counter is never set back."""

    def month(self, event: Event) -> str:
        return "ever"


class OneTooMany(Metered):
    """Compares before it counts."""

    def price(self, sent: Event, event: Event, in_window: bool) -> tuple[str | None, str]:
        key = (self.month(event), self.scope(event))
        free = self.left if self.left is not None and self.month(event) == self.first else self.free
        line = super().price(sent, event, in_window)
        if sent["content"] == "free_form" and self.used[key] == free + 1:
            return None, "free_tier"
        return line


class UtilityUsesIt(Metered):
    """Utility in the window is customer service too, so it is free as long as anything is."""

    def price(self, sent: Event, event: Event, in_window: bool) -> tuple[str | None, str]:
        if sent["content"] == "template" and sent["category"] == "utility" and in_window:
            return super().price({**sent, "content": "free_form"}, event, in_window)
        return super().price(sent, event, in_window)


RIGHT_PARTS: Final = (Conversations, Prices, Metered)
"""What the wrong ones build on; on its own each is right in what it claims."""

AFTERNOON: Final[Sequence[Wrong]] = (
    wrong("a contact's last message, whoever wrote it", "CSW-02 CSW-01 CSW-03", ContactRow, "PB-02"),
    wrong("a template starts a session", "CSW-03 CSW-10 CSW-01 CSW-02", SessionExpiry, "PB-03"),
    wrong("milliseconds against seconds", "CSW-01 CSW-03 CSW-12", Milliseconds, "PB-06"),
    wrong("an advertisement permits writing for 72 hours", "CSW-10 FEP-04 CSW-01", EntryPointSession),
    wrong("one conversation for everything", "CBP2-05 CBP2-06 CBP2-07 CBP2-01", OneConversation, "PB-31"),
    wrong("service beside other conversations", "CBP2-03 CBP2-04", ServiceBeside),
    wrong("conversations run from the sending", "CBP2-01 CBP2-04 CBP2-19", FromSending, "PB-34"),
    wrong("conversations that slide", "CBP2-02 CBP2-03 CBP2-08", Sliding),
    wrong("a status of a message not stored yet is dropped", "CBP2-01 CBP2-19", StatusBeforeMessage, "RB-07"),
    wrong("delivered is the only delivery", "PMP-13 CBP2-01", DeliveredOnly, "RB-16"),
    wrong("every template has its price", "PMP-03", AllTemplates, "PB-41"),
    wrong("inside the window everything is free", "PMP-01 PMP-02 PMP-04", FreeInside),
    wrong("the price of the sending", "CSW-13 PMP-03", WindowAtSending),
    wrong("statuses are a ladder that ends in failed", "PMP-12 PMP-13", Ladder, "PB-36"),
    wrong("every status is a line of the bill", "PMP-12 PMP-13", EveryStatus, "RB-08"),
    wrong("a free tier for the whole account", "P26-02", PerAccount, "PB-43"),
    wrong("the month of the server", "P26-02", UtcMonth, "PB-43"),
    wrong("a free tier that is never reset", "P26-02", NeverReset),
    wrong("a free tier of one more", "P26-02 P26-01", OneTooMany),
    wrong("utility uses the free tier", "P26-03 P26-02", UtilityUsesIt, "PB-41"),
)
