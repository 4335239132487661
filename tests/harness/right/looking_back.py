"""
A right implementation that keeps nothing: every question is answered by looking back through the log.

No state, no clock that runs out, no table: whether a window or a conversation is open is whether something in the log
less than 24 hours ago opened it. It knows the laws from June 2023 to July 2026 one at a time, and says what it does not
know.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta, tzinfo
from functools import cached_property, lru_cache
from typing import Any, Final
from zoneinfo import ZoneInfo

from fsm.harness import Adapter, Skip

Event = Mapping[str, Any]
DAY: Final = timedelta(hours=24)
WINDOW: Final = "customer_service_window"
CATEGORIES: Final = ("marketing", "utility", "authentication", "marketing_lite")
KINDS: Final = ("text", "button", "interactive", "media", "order", "location", "contacts")
DELIVERIES: Final = ("message_delivered", "message_read", "message_played")
ORDER: Final = {
    "customer_message": 0,
    "customer_call": 0,
    "call_accepted": 0,
    "welcome_requested": 0,
    "opted_in": 1,
    "opted_out": 1,
    "marketing_stopped": 1,
    "marketing_resumed": 1,
    "message_sent": 2,
    "message_failed": 3,
    "message_delivered": 4,
    "message_read": 5,
    "message_played": 6,
}
NEW_LAW: Final = date(2025, 7, 1)
LITE: Final = date(2024, 10, 15)
NO_TEMPLATE: Final = {"PAUSED": 132015, "DISABLED": 132016}

DECLINES: Final = (
    "it follows one law at a time",
    "it knows no free entry points",
    "it knows neither groups nor what is inferred from statuses",
    "it cannot tell what opens a window where no source does",
    "it knows no account but a time zone and what is left for free",
    "it knows no Direct Send, no agents and no other categories",
    "it knows no other states of templates",
    "it does not know the pause of marketing to the United States",
)
"""Every reason for which a case is declined."""


@lru_cache(maxsize=8192)
def instant(text: str) -> datetime:
    """The instant that a text names."""
    return datetime.fromisoformat(text)


@lru_cache(maxsize=8192)
def local_day(text: str, zone: tzinfo) -> date:
    """The day of an instant in a zone."""
    return instant(text).astimezone(zone).date()


def declined(case: Mapping[str, Any]) -> str:
    """Why a case is declined; empty if it is not."""
    one_law, entries, groups, doubts, accounts, contents, states, pause = DECLINES
    if len(case["rulebooks"]) > 1:
        return one_law
    if set(case["account"]) - {"time_zone", "allowances"}:
        return accounts
    for event in case["events"]:
        if "entry" in event or "entry_point_ends_at" in event:
            return entries
        if "participant" in event or "inferred" in event or (event["event"] in DELIVERIES and "content" in event):
            return groups
        if event["event"] == "customer_message" and event.get("kind", "text") not in KINDS:
            return doubts
        if event["event"] != "message_sent":
            continue
        if event["content"] not in ("free_form", "reaction", "template", "app"):
            return contents
        if event["content"] == "template":
            if event.get("category") not in CATEGORIES:
                return contents
            if event.get("template_status", "APPROVED") not in ("APPROVED", *NO_TEMPLATE):
                return states
            if event["customer"].lstrip("+").startswith("1"):
                return pause
    return ""


class LookingBack(Adapter):
    """Answers from the log alone."""

    name = "looking back"
    can_answer = ("permission", "windows", "conversations", "charges")
    rulebooks = ("cbp-2023-06", "cbp-2024-11", "pmp-2025-07")

    def run(self, case: Mapping[str, Any]) -> Mapping[str, Any]:
        """The whole log at once."""
        why = declined(case)
        if why:
            raise Skip(why)
        log = Log(case["events"], case["account"])
        told: set[tuple[str, ...]] = set()
        results = []
        for event in case["events"]:
            place = log.place_of[log.name(event)]
            results.append(log.result(place, log.name(event) in told))
            told.add(log.name(event))
        return {"results": results, "answers": [log.answer(question) for question in case["questions"]]}


class Log:
    """Everything that happened, in order; everything else is a question to it."""

    def __init__(self, events: Sequence[Event], account: Mapping[str, Any]) -> None:
        first: dict[tuple[str, ...], Event] = {}
        for event in events:
            known = first.get(self.name(event))
            if known is None or self.when(event) < self.when(known):
                first[self.name(event)] = event
        self.events = sorted(
            first.values(), key=lambda each: (self.when(each), ORDER[each["event"]], each.get("id", ""))
        )
        self.place_of = {self.name(event): place for place, event in enumerate(self.events)}
        self.zone: tzinfo = UTC
        named = account.get("time_zone", "UTC")
        if "/" in named:
            self.zone = ZoneInfo(named)
        elif named != "UTC":
            self.zone = datetime.fromisoformat(f"2000-01-01T00:00{named}").tzinfo or UTC
        self.free_left = account.get("allowances", {}).get("free_left")

    @staticmethod
    def name(event: Event) -> tuple[str, ...]:
        """What makes two events one."""
        return (event["event"], event["business"], event["customer"], event.get("id") or str(event["at"]))

    @staticmethod
    def when(event: Event) -> datetime:
        """Its instant."""
        return instant(event["at"])

    def day(self, event: Event) -> date:
        """Its day, where the account is."""
        return local_day(event["at"], self.zone)

    def before(self, place: int) -> list[int]:
        """What happened before in the same thread, latest first."""
        mine = self.events[place]
        thread = self.threads[mine["business"], mine["customer"]]
        return thread[: thread.index(place)][::-1]

    @cached_property
    def threads(self) -> Mapping[tuple[str, str], list[int]]:
        """The places of each thread's events, in order."""
        found: dict[tuple[str, str], list[int]] = {}
        for place, event in enumerate(self.events):
            found.setdefault((event["business"], event["customer"]), []).append(place)
        return found

    # --- the window
    def counts(self, event: Event) -> bool:
        """Whether it starts 24 hours."""
        if event["event"] in ("customer_call", "call_accepted"):
            return self.day(event) >= date(2025, 7, 15)
        return event["event"] in ("customer_message", "welcome_requested")

    def window_ends(self, places: Sequence[int], at: datetime) -> datetime | None:
        """When the window ends that is open at an instant."""
        for place in places:
            if self.counts(self.events[place]):
                end = self.when(self.events[place]) + DAY
                return end if at < end else None
        return None

    # --- conversations
    @cached_property
    def sendings(self) -> Mapping[tuple[str, str], Event]:
        """What was sent, by its id; a status may come before it."""
        return {(event["business"], event["id"]): event for event in self.events if event["event"] == "message_sent"}

    def sending(self, place: int) -> Event | None:
        """What is delivered at this place for the first time."""
        event = self.events[place]
        if event["event"] not in DELIVERIES:
            return None
        for other in self.before(place):
            if self.events[other]["event"] in DELIVERIES and self.events[other]["id"] == event["id"]:
                return None
        return self.sendings.get((event["business"], event["id"]))

    @cached_property
    def opened(self) -> list[str]:
        """Which conversation each event opens: asked in order, since each asks about those before it."""
        found: list[str] = []
        for place, event in enumerate(self.events):
            sent = self.sending(place)
            opens = ""
            if sent is not None and sent["content"] != "app" and self.day(event) < NEW_LAW:
                open = self.open(self.before(place), self.when(event), found)
                if sent["content"] == "template":
                    new = self.known(sent, event) and sent["category"] not in open
                    opens = sent["category"] if new else ""
                elif not open:
                    opens = "service"
            found.append(opens)
        return found

    def known(self, sent: Event, event: Event) -> bool:
        """Whether the category of a template exists on the day of an event."""
        return sent["category"] != "marketing_lite" or self.day(event) >= LITE

    def open(self, places: Sequence[int], at: datetime, opened: Sequence[str] | None = None) -> dict[str, datetime]:
        """The conversations that are open at an instant, and their ends."""
        opened = self.opened if opened is None else opened
        ends = {opened[place]: self.when(self.events[place]) + DAY for place in reversed(places) if opened[place]}
        return {name: end for name, end in ends.items() if at < end}

    # --- one event
    def result(self, place: int, again: bool) -> dict[str, Any]:
        """What an event did; told again, it did nothing."""
        event, at = self.events[place], self.when(self.events[place])
        before = self.before(place)
        found: dict[str, Any] = {"opens": [], "refreshes": [], "closes": [], "joins": None, "charge": None, "why": None}
        ends = self.window_ends([place, *before], at)
        deadlines = self.open([place, *before], at) | ({} if ends is None else {WINDOW: ends})
        found["deadlines"] = {lane: end.isoformat() for lane, end in deadlines.items()}
        found |= {"verdict": None, "error": None}
        if again:
            return found
        if self.counts(event):
            found["opens" if self.window_ends(before, at) is None else "refreshes"] = [WINDOW]
        if event["event"] == "message_sent":
            error = self.refusal(event, before)
            unknown = event["content"] == "template" and not self.known(event, event)
            found |= {"verdict": "refused" if error else "unspecified" if unknown else "allowed", "error": error}
        sent = self.sending(place)
        if sent is not None and (sent["content"] != "template" or self.known(sent, event)):
            open = self.open(before, at)
            if self.opened[place]:
                found["opens"] = [self.opened[place]]
            elif self.day(event) < NEW_LAW and sent["content"] != "app":
                names = [sent["category"]] if sent["content"] == "template" else list(open)
                found["joins"] = names[0] if len(names) == 1 else "unspecified"
            found["charge"], found["why"] = self.price(place, sent, before)
        return found

    def refusal(self, event: Event, before: Sequence[int]) -> int | None:
        """The code with which a message is refused."""
        if event["content"] == "app":
            return None
        if event["content"] != "template":
            return None if self.window_ends(before, self.when(event)) else 131047
        state = event.get("template_status", "APPROVED")
        if state in NO_TEMPLATE:
            return NO_TEMPLATE[state]
        if event["category"] in ("marketing", "marketing_lite") and self.stopped(before):
            return 131050
        return None

    def stopped(self, places: Sequence[int]) -> bool:
        """Whether the customer's last word on marketing was to stop it."""
        words = [
            self.events[place]["event"]
            for place in places
            if self.events[place]["event"] in ("marketing_stopped", "marketing_resumed")
            and self.day(self.events[place]) >= date(2024, 11, 18)
        ]
        return words[:1] == ["marketing_stopped"]

    # --- money
    def price(self, place: int, sent: Event, before: Sequence[int]) -> tuple[str | None, str]:
        """The rate line of a delivery, and why."""
        event = self.events[place]
        if sent["content"] == "app":
            return None, "not_billable"
        if self.day(event) >= NEW_LAW:
            inside = self.window_ends(before, self.when(event)) is not None
            if sent["content"] != "template" or (sent["category"] == "utility" and inside):
                return None, "free_customer_service"
            return ("marketing" if sent["category"] == "marketing_lite" else sent["category"]), "regular"
        opens = self.opened[place]
        if not opens:
            return None, "attached"
        if opens != "service":
            return opens, "regular"
        if self.day(event) >= date(2024, 11, 1):
            return None, "service_free_era"
        return (None, "free_tier") if self.free(place) else ("service", "regular")

    def free(self, place: int) -> bool:
        """Whether one of the month's free conversations of the account is left."""
        month = self.day(self.events[place]).replace(day=1)
        used = sum(
            self.opened[other] == "service" and self.day(self.events[other]).replace(day=1) == month
            for other in range(place)
        )
        first = self.day(self.events[0]).replace(day=1)
        return used < (self.free_left if self.free_left is not None and month == first else 1000)

    # --- questions
    def answer(self, question: Mapping[str, Any]) -> dict[str, Any] | None:
        """The state of a thread at an instant."""
        if question["question"] != "state":
            return None
        at = self.when(question)
        places = [
            place
            for place in range(len(self.events) - 1, -1, -1)
            if self.when(self.events[place]) <= at
            and (self.events[place]["business"], self.events[place]["customer"])
            == (question["business"], question["customer"])
        ]
        open = self.open(places, at)
        states = dict.fromkeys((*CATEGORIES, "free_entry_point", "service"), "idle")
        states |= {name: "service_open" if name == "service" else "business_open" for name in open}
        states[WINDOW] = "open" if self.window_ends(places, at) else "closed"
        opt = [
            self.events[place]["event"] for place in places if self.events[place]["event"] in ("opted_in", "opted_out")
        ]
        states["opt_in"] = opt[0] if opt else "unknown"
        states["marketing_preference"] = "stopped" if self.stopped(places) else "receiving"
        return {"states": states}
