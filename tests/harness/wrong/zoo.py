"""Implementations that are wrong on purpose: what each gets wrong, where it was seen, and the rules that must be named."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

import attrs

from fsm.events import datetime_of, format_instant, parse_instant
from fsm.harness import Adapter, Skip
from fsm.harness.conform.adapters.reference import Reference
from fsm.rules.tables import Rulebook
from tests.harness.wrong.afternoon import AFTERNOON
from tests.harness.wrong.base import Case, Event, Result, Spoilt, Wrong, also, every, positional, right_answer, wrong

WINDOW: Final = "customer_service_window"
ENTRY: Final = "free_entry_point"
CONVERSATIONS: Final = ("marketing", "utility", "authentication", "service", "marketing_lite")
PERMISSION: Final = ("permission",)
THREADS: Final = ("permission", "windows", "conversations", "charges")
MONEY: Final = ("charges",)
NOW: Final = ("pmp-2025-07",)
BY_CATEGORY: Final = ("cbp-2023-06", "cbp-2024-11")
SECOND: Final = timedelta(seconds=1)
HOUR: Final = timedelta(hours=1)
MOMENT: Final = timedelta(microseconds=1)
DELIVERIES: Final = ("message_delivered", "message_read", "message_played")


# --- small changes ------------------------------------------------------------------------------
def _later(event: Event, by: timedelta) -> Event:
    return {**event, "at": format_instant(parse_instant(event["at"]) + by // timedelta(microseconds=1))}


def _wrote(event: Event, place: int) -> dict[str, Any]:
    """A message of the customer that never was, a moment after what is taken for one."""
    thread = {name: event[name] for name in ("business", "customer")}
    return {**_later({"at": event["at"]}, MOMENT), "event": "customer_message", "id": f"made-up-{place}", **thread}


def _day(event: Event) -> date:
    return datetime_of(parse_instant(event["at"])).date()


def _sending(event: Event, case: Case) -> Event:
    """The record of the sending that a status is about."""
    return _sendings(case["id"], case["events"]).get(event.get("id"), {"content": "", "category": ""})


_SENDINGS: dict[str, Mapping[str | None, Event]] = {}


def _sendings(case: str, events: Sequence[Event]) -> Mapping[str | None, Event]:
    """The sendings of a case by id; kept, since some cases have thousands."""
    if case not in _SENDINGS:
        _SENDINGS[case] = {event["id"]: event for event in events if event["event"] == "message_sent"}
    return _SENDINGS[case]


def _delivered(event: Event, result: Result) -> bool:
    return event["event"] in DELIVERIES and (result["charge"] or result["why"]) is not None


def _charged(result: Result, line: str | None, why: str) -> Result:
    return {**result, "charge": line, "why": why}


def _lasting(lane: str, state: str, length: timedelta) -> Callable[[Rulebook], Rulebook]:
    """The law with another length for a clock."""

    def law(book: Rulebook) -> Rulebook:
        lanes = tuple(
            attrs.evolve(
                each,
                states=tuple(
                    attrs.evolve(one, lasts=length) if state in (one.name, "") and one.lasts is not None else one
                    for one in each.states
                ),
            )
            if each.name == lane or (lane == "conversations" and each.conversation)
            else each
            for each in book.lanes
        )
        return attrs.evolve(book, lanes=lanes)

    return law


def _read(**members: Any) -> Callable[[Rulebook], Rulebook]:
    """The law with another list of what counts."""

    def law(book: Rulebook) -> Rulebook:
        given = {name: value(getattr(book.readings, name)) for name, value in members.items()}
        return attrs.evolve(book, readings=attrs.evolve(book.readings, **given))

    return law


def _begins(since: str, by: timedelta) -> Callable[[Rulebook, int], int]:
    """The law with one edition that begins at another time."""
    return lambda book, at: at + (by // timedelta(microseconds=1) if book.since.isoformat() == since else 0)


def _allowance(**members: Any) -> Callable[[Rulebook], Rulebook]:
    def law(book: Rulebook) -> Rulebook:
        if book.allowance is None:
            return book
        return attrs.evolve(book, allowance=attrs.evolve(book.allowance, **members))

    return law


def _kind(kind: str, becomes: str) -> Callable[[Event], Event | None]:
    def change(event: Event) -> Event | None:
        is_it = event["event"] == "customer_message" and event.get("kind", "text") == kind
        return {**event, "kind": becomes} if is_it else event

    return change


def _without(*names: str) -> Callable[[Event], Event | None]:
    return lambda event: None if event["event"] in names else event


# --- results ------------------------------------------------------------------------------------
def _verdict(when: Callable[[Event, Result], bool], verdict: str, error: int | None = None) -> Any:
    def result(event: Event, found: Result, case: Case) -> Result:
        if event["event"] == "message_sent" and when(event, found):
            return {**found, "verdict": verdict, "error": error}
        return found

    return result


def _free_form_costs(wanted: Callable[[date], tuple[str | None, str] | None]) -> Any:
    def result(event: Event, found: Result, case: Case) -> Result:
        sent = _sending(event, case)
        cost = wanted(_day(event)) if _delivered(event, found) and sent["content"] == "free_form" else None
        return (
            found
            if cost is None or found["charge"] == "general_purpose_ai" or found["why"] == ENTRY
            else _charged(found, *cost)
        )

    return result


def _template_costs(wanted: Callable[[Event, Event, Result], tuple[str | None, str] | None]) -> Any:
    def result(event: Event, found: Result, case: Case) -> Result:
        sent = _sending(event, case)
        cost = wanted(event, sent, found) if _delivered(event, found) and sent["content"] == "template" else None
        return found if cost is None else _charged(found, *cost)

    return result


def _told_again(case: Case, results: list[Result]) -> list[Result]:
    """Every status that comes again does what it did the first time."""
    first: dict[tuple[str, str], Result] = {}
    for place, event in enumerate(case["events"]):
        if event.get("id"):
            results[place] = {**first.setdefault((event["event"], event["id"]), results[place])}
    return results


def _templates_open(case: Case) -> list[tuple[int, Event]]:
    """Whoever got a template may be written to, as if they had answered."""
    told = list(enumerate(case["events"]))
    made_up = [
        (place, _wrote(event, place))
        for place, event in told
        if event["event"] in DELIVERIES and _sending(event, case)["content"] == "template"
    ]
    return [*told, *made_up]


def _at_sending(case: Case) -> list[tuple[int, Event]]:
    """Deliveries are taken to happen when the message is sent."""
    sent = {event["id"]: event["at"] for event in case["events"] if event["event"] == "message_sent"}
    return [
        (place, {**event, "at": sent.get(event["id"], event["at"])} if event["event"] in DELIVERIES else event)
        for place, event in enumerate(case["events"])
    ]


def _service_from_inbound(event: Event, found: Result, case: Case) -> Result:
    if event["event"] == "customer_message" and date(2022, 2, 1) <= _day(event) < date(2025, 7, 1):
        opened = "service" if _day(event) >= date(2023, 6, 1) else "user_initiated"
        return {**found, "opens": [*found["opens"], opened]} if WINDOW in found["opens"] else found
    return found


def _joins_service(event: Event, found: Result, case: Case) -> Result:
    opened = [name for name in found["opens"] if name in ("marketing", "utility", "authentication")]
    if opened and "service" in found["deadlines"]:
        return {**found, "opens": [], "joins": "service", "charge": None, "why": "attached"}
    return found


def _always_opens(event: Event, found: Result, case: Case) -> Result:
    if found["joins"] in CONVERSATIONS and _sending(event, case)["content"] == "template":
        own = _sending(event, case).get("category")
        return {**found, "opens": [found["joins"]], "joins": None, "charge": own, "why": "regular"}
    return found


def _opens_service_always(event: Event, found: Result, case: Case) -> Result:
    if found["joins"] in CONVERSATIONS and _sending(event, case)["content"] == "free_form":
        return {**found, "opens": ["service"], "joins": None}
    return found


def _renews_conversations(event: Event, found: Result, case: Case) -> Result:
    return {**found, "refreshes": [*found["refreshes"], found["joins"]]} if found["joins"] in CONVERSATIONS else found


def _refuse_after(case: Case, results: list[Result], since: str, until: str, error: int) -> list[Result]:
    stopped: set[str] = set()
    for place, event in enumerate(case["events"]):
        if event["event"] == since:
            stopped.add(event["customer"])
        elif event["event"] == until:
            stopped.discard(event["customer"])
        elif event["event"] == "message_sent" and event["customer"] in stopped:
            results[place] = {**results[place], "verdict": "refused", "error": error}
    return results


def _stopped_stops_all(case: Case, results: list[Result]) -> list[Result]:
    return _refuse_after(case, results, "marketing_stopped", "marketing_resumed", 131050)


def _opted_out_stops_all(case: Case, results: list[Result]) -> list[Result]:
    return _refuse_after(case, results, "opted_out", "opted_in", 131050)


def _refused_never_arrives(case: Case) -> list[tuple[int, Event]]:
    refused = {
        event["id"]
        for event, result in zip(case["events"], right_answer(case)["results"], strict=True)
        if event["event"] == "message_sent" and result["verdict"] == "refused"
    }
    return [
        (place, event)
        for place, event in enumerate(case["events"])
        if event["event"] not in DELIVERIES or event["id"] not in refused
    ]


def _failed_is_final(case: Case) -> list[tuple[int, Event]]:
    told: list[tuple[int, Event]] = []
    failed: set[str] = set()
    for place, event in enumerate(case["events"]):
        if event["event"] == "message_failed":
            failed.add(event["id"])
        if event["event"] not in DELIVERIES or event["id"] not in failed:
            told.append((place, event))
    return told


def _joins_any(event: Event, found: Result, case: Case) -> Result:
    """A template joins whatever conversation is open, of any category but its own or service."""
    opened = [name for name in found["opens"] if name in ("marketing", "utility", "authentication")]
    others = [name for name in ("marketing", "utility", "authentication") if name in found["deadlines"]]
    if len(opened) == 1 and len(others) > 1:
        other = next(name for name in others if name not in opened)
        return {**found, "opens": [], "joins": other, "charge": None, "why": "attached"}
    return found


class _TierForUtility(Spoilt):
    """Counts utility templates as service messages when it counts what is free."""

    def run(self, case: Case) -> Mapping[str, Any]:
        counted = sum(
            event["event"] == "message_sent" and event.get("category") == "utility" for event in case["events"]
        )
        left = case["account"].get("allowances", {}).get("free_left")
        if left and counted:
            spoilt = {**case["account"], "allowances": {"free_left": max(left - counted, 0)}}
            return positional(Reference().run({**case, "account": spoilt}))
        return super().run(case)


def _closes_nothing(event: Event, found: Result, case: Case) -> Result:
    return {**found, "closes": []}


def _row(change: Callable[[dict[str, Any]], dict[str, Any] | None]) -> Any:
    def answer(question: Mapping[str, Any], found: dict[str, Any]) -> dict[str, Any]:
        if question["question"] != "ledger":
            return found
        rows = [change(dict(row)) for row in found["rows"]]
        return {**found, "rows": [row for row in rows if row is not None]}

    return answer


def _label(**members: Any) -> Any:
    def answer(question: Mapping[str, Any], found: dict[str, Any]) -> dict[str, Any]:
        return {**found, **members} if question["question"] == "labels" and found["webhook"] else found

    return answer


# --- naive ones: what one writes in an afternoon ----------------------------------------------------
class Naive(Adapter):
    """Remembers when the customer wrote last, and compares."""

    name = "naive"
    can_answer = PERMISSION
    rulebooks = ("pmp-2025-07",)

    def begin(self, case: Case) -> None:
        """Forget; and decline what it knows nothing of, so that it is wrong in one thing only."""
        if set(case["account"]) - {"time_zone", "allowances"}:
            raise Skip("it reads nothing but the time zone")
        for event in case["events"]:
            if event.get("kind") in ("reaction", "edit", "revoke", "system") or event["event"].startswith("marketing_"):
                raise Skip("it knows neither reactions nor preferences")
            if event.get("template_status", "APPROVED") != "APPROVED" or event.get("content") == "direct_send":
                raise Skip("it knows neither states of templates nor Direct Send")
            if event.get("content") == "template" and event.get("category") not in ("utility", "authentication"):
                raise Skip("it knows no other categories")
        self.wrote: dict[str, datetime] = {}
        self.zone = ZoneInfo(case["account"].get("time_zone", "UTC").replace("Z", "UTC")) if self._named(case) else UTC

    def _named(self, case: Case) -> bool:
        return "/" in case["account"].get("time_zone", "")

    def key(self, event: Event) -> str:
        """Whose window it is."""
        return f"{event['business']} {event['customer']}"

    def counts(self, event: Event) -> bool:
        """Whether an event opens the window."""
        if event["event"] in ("customer_call", "call_accepted"):
            return parse_instant(event["at"]) >= parse_instant("2025-07-15T00:00:00Z")
        return event["event"] in ("customer_message", "welcome_requested")

    def open(self, wrote: datetime | None, now: datetime) -> bool:
        """Whether the window is open."""
        return wrote is not None and now - wrote < timedelta(hours=24)

    def event(self, event: Event) -> Mapping[str, Any] | None:
        """Take an event."""
        now = datetime_of(parse_instant(event["at"]))
        if self.counts(event):
            self.wrote[self.key(event)] = now
        if event["event"] != "message_sent":
            return None
        if event["content"] in ("template", "app") or self.open(self.wrote.get(self.key(event)), now):
            return {"verdict": "allowed", "error": None}
        return {"verdict": "refused", "error": 131047}


class SameForAll(Naive):
    """Keeps windows by customer, whichever number they wrote to."""

    def key(self, event: Event) -> str:
        return str(event["customer"])


class FirstMessage(Naive):
    """Counts from the first message, not from the last."""

    def event(self, event: Event) -> Mapping[str, Any] | None:
        if self.counts(event) and self.key(event) in self.wrote:
            return None
        return super().event(event)


class SameDay(Naive):
    """Open until midnight."""

    def open(self, wrote: datetime | None, now: datetime) -> bool:
        return wrote is not None and wrote.date() == now.date()


class WallClock(Naive):
    """Adds a day on the wall clock of the account: wrong twice a year."""

    def open(self, wrote: datetime | None, now: datetime) -> bool:
        if wrote is None:
            return False
        local = wrote.astimezone(self.zone)
        until = (local.replace(tzinfo=None) + timedelta(days=1)).replace(tzinfo=self.zone)
        return now < until.astimezone(UTC)


class Seconds(Naive):
    """`timedelta.seconds` forgets the days."""

    def open(self, wrote: datetime | None, now: datetime) -> bool:
        return wrote is not None and (now - wrote).seconds < 24 * 3600


class Hours(Naive):
    """Rounds down to whole hours, and is generous."""

    def open(self, wrote: datetime | None, now: datetime) -> bool:
        return wrote is not None and (now - wrote) // HOUR <= 24


class Minutes(Naive):
    """Counts whole minutes, and takes the last one in."""

    def open(self, wrote: datetime | None, now: datetime) -> bool:
        return wrote is not None and (now - wrote) // timedelta(minutes=1) <= 24 * 60


class AtTheEdge(Naive):
    """Open in the very second in which the 24 hours end: right or wrong, nobody can say."""

    def open(self, wrote: datetime | None, now: datetime) -> bool:
        return wrote is not None and now - wrote <= timedelta(hours=24)


class NeverForgets(Naive):
    """Who has written once may be written to for ever."""

    def open(self, wrote: datetime | None, now: datetime) -> bool:
        return wrote is not None


class OpenByDefault(Naive):
    """Nothing known means allowed."""

    def open(self, wrote: datetime | None, now: datetime) -> bool:
        return wrote is None or super().open(wrote, now)


class Cached(Naive):
    """Stores whether the window is open when the customer writes, and looks there."""

    def event(self, event: Event) -> Mapping[str, Any] | None:
        found = super().event(event)
        key = self.key(event)
        if found is not None and event["content"] not in ("template", "app"):
            seen = self.__dict__.setdefault("seen", {})
            return dict(seen.setdefault(key, found))
        return found

    def begin(self, case: Case) -> None:
        super().begin(case)
        self.__dict__["seen"] = {}


class TemplatesToo(Naive):
    """Refuses templates outside the window as well."""

    def event(self, event: Event) -> Mapping[str, Any] | None:
        return super().event({**event, "content": "free_form"} if event.get("content") == "template" else event)


class NoErrorCode(Naive):
    """Says no without saying which no."""

    def event(self, event: Event) -> Mapping[str, Any] | None:
        found = super().event(event)
        return None if found is None else {**found, "error": None}


class TextOnly(Naive):
    """Knows texts only."""

    def counts(self, event: Event) -> bool:
        return event["event"] == "customer_message" and event.get("kind", "text") == "text"


class MessagesOnly(Naive):
    """Knows no calls and no first visits."""

    def counts(self, event: Event) -> bool:
        return event["event"] == "customer_message"


class AnyMessage(Naive):
    """Whoever wrote last, the window runs from there."""

    def counts(self, event: Event) -> bool:
        return super().counts(event) or event["event"] == "message_delivered"


class ByArrival(Naive):
    """Takes the time of the newest thing it has heard of for now, and for the time of whatever arrives."""

    def event(self, event: Event) -> Mapping[str, Any] | None:
        self.clock = max(self.clock, event["at"]) if "clock" in self.__dict__ else event["at"]
        return super().event({**event, "at": self.clock} if self.counts(event) else event)

    def begin(self, case: Case) -> None:
        super().begin(case)
        self.__dict__.pop("clock", None)


class LastArrived(Naive):
    """Judges each message after everything has been told, by the customer's message that was told last."""

    def run(self, case: Case) -> Mapping[str, Any]:
        self.begin(case)
        for event in case["events"]:
            if self.counts(event):
                self.event(event)
        sent = [None if self.counts(event) else self.event(event) for event in case["events"]]
        return {"results": sent, "answers": []}


def _naive(adapter: type[Naive]) -> Callable[[], Any]:
    return adapter


def _spoilt(**spoils: Any) -> Callable[[], Any]:
    return lambda: Spoilt(**spoils)


ZOO: Final[Sequence[Wrong]] = (
    *AFTERNOON,
    # --- the window, written in an afternoon
    wrong("one window for all numbers of the business", "CSW-01 CSW-02 CSW-03", _naive(SameForAll), "PB-08"),
    wrong("24 hours from the first message", "CSW-02", _naive(FirstMessage)),
    wrong("open until midnight", "CSW-01 CSW-12 CSW-03", _naive(SameDay)),
    wrong("a day on the wall clock", "CSW-01 CSW-12", _naive(WallClock), "RB-18"),
    wrong("timedelta.seconds", "CSW-01 CSW-12 CSW-03", _naive(Seconds)),
    wrong("whole hours", "CSW-12 CSW-01", _naive(Hours)),
    wrong("open for ever", "CSW-01 CSW-03 CSW-12", _naive(NeverForgets)),
    wrong("open to those who never wrote", "CSW-01 CSW-03", _naive(OpenByDefault), "PB-04"),
    wrong("a stored flag that goes stale", "CSW-01 CSW-02 CSW-03", _naive(Cached), "PB-15"),
    wrong("templates are refused outside the window", "CSW-03 CSW-10", _naive(TemplatesToo)),
    wrong("refusals without an error code", "CSW-03", _naive(NoErrorCode)),
    wrong("only texts open the window", "CSW-05 CSW-04", _naive(TextOnly), "PB-16"),
    wrong("calls open no window", "CSW-04 CSW-05b", _naive(MessagesOnly)),
    wrong("our own delivery renews the window", "CSW-02 CSW-01 CSW-03 CSW-11", _naive(AnyMessage), "PB-02"),
    wrong(
        "a read message opens the window",
        "CSW-01 CSW-02 CSW-06",
        _spoilt(
            told=also(lambda event, place: [_wrote(event, place)] if event["event"] == "message_read" else []),
            levels=("windows",),
        ),
        "PB-16",
    ),
    # --- the window, spoilt
    wrong(
        "a window of 25 hours",
        "CSW-12 CSW-01",
        _spoilt(law=_lasting(WINDOW, "open", timedelta(hours=25)), levels=("windows", "permission")),
    ),
    wrong(
        "a window of 23 hours",
        "CSW-12 CSW-01",
        _spoilt(law=_lasting(WINDOW, "open", timedelta(hours=23)), levels=PERMISSION),
    ),
    wrong("whole minutes, so that 24 h and some seconds are open", "CSW-12 CSW-01", _naive(Minutes), "PB-05"),
    wrong(
        "a delivered template opens the window",
        "CSW-01 CSW-02 CSW-03 CSW-10",
        _spoilt(told=_templates_open, levels=PERMISSION),
        "PB-03",
    ),
    wrong(
        "what we send renews the window",
        "CSW-02 CSW-01 CSW-03 CSW-10",
        _spoilt(
            told=also(lambda event, place: [_wrote(event, place)] if event["event"] == "message_sent" else []),
            levels=PERMISSION,
        ),
        "RB-19",
    ),
    wrong(
        "echoes of the Business app open the window",
        "CSW-08",
        _spoilt(
            told=also(lambda event, place: [_wrote(event, place)] if event.get("content") == "app" else []),
            levels=("windows", "permission"),
        ),
        "PB-17",
    ),
    wrong(
        "the time of receipt counts, and the queue is ten minutes behind",
        "CSW-11 CSW-01 CSW-12",
        _spoilt(
            told=every(
                lambda event: _later(event, timedelta(minutes=10)) if event["event"] == "customer_message" else event
            ),
            levels=PERMISSION,
        ),
        "PB-01",
    ),
    wrong(
        "what arrives late counts from its arrival",
        "CSW-11 CSW-01 CSW-02",
        _naive(ByArrival),
        "RB-05",
        out_of_order=True,
    ),
    wrong(
        "what arrives last is the customer's last message",
        "CSW-11 CSW-01 CSW-02",
        _naive(LastArrived),
        "RB-06",
        out_of_order=True,
    ),
    wrong(
        "pictures open no window",
        "CSW-05",
        _spoilt(told=every(_kind("media", "system")), levels=("windows", "permission")),
        "PB-16",
    ),
    wrong(
        "orders open no window",
        "CSW-05",
        _spoilt(told=every(_kind("order", "system")), levels=("windows", "permission")),
        "PB-16",
    ),
    wrong(
        "button replies open no window",
        "CSW-05",
        _spoilt(told=every(_kind("button", "system")), levels=("windows",)),
        "PB-16",
    ),
    wrong(
        "an accepted call opens no window",
        "CSW-04",
        _spoilt(told=every(_without("call_accepted")), levels=("windows", "permission")),
        "PB-16",
    ),
    wrong(
        "calls opened windows before July 2025 too",
        "CSW-04",
        _spoilt(
            told=every(
                lambda event: (
                    {**event, "event": "customer_message", "id": "call"} if event["event"] == "customer_call" else event
                )
            ),
            levels=("windows",),
        ),
    ),
    wrong(
        "a first visit opens no window",
        "CSW-05b",
        _spoilt(told=every(_without("welcome_requested")), levels=("windows", "permission")),
    ),
    # --- who may be sent what
    wrong(
        "paused templates go out",
        "TPL-01 TPL-02",
        _spoilt(result=_verdict(lambda event, found: found["error"] == 132015, "allowed")),
    ),
    wrong(
        "the error of a disabled template is that of a paused one",
        "TPL-01 TPL-02",
        _spoilt(result=_verdict(lambda event, found: found["error"] == 132016, "refused", 132015), levels=PERMISSION),
    ),
    wrong(
        "who stopped marketing still gets it",
        "OPT-04",
        _spoilt(told=every(_without("marketing_stopped")), levels=PERMISSION),
    ),
    wrong(
        "a missing opt-in is a refusal",
        "OPT-05 OPT-01 OPT-02 OPT-03",
        _spoilt(
            result=_verdict(
                lambda event, found: event["content"] == "template" and found["verdict"] == "allowed", "refused", 131050
            ),
            levels=PERMISSION,
        ),
    ),
    wrong(
        "marketing to the US goes out",
        "MKT-04",
        _spoilt(result=_verdict(lambda event, found: found["error"] == 131049, "allowed"), levels=PERMISSION),
    ),
    wrong(
        "every +1 is the US",
        "MKT-04",
        _spoilt(
            result=_verdict(
                lambda event, found: (
                    event.get("category") == "marketing"
                    and event["customer"].lstrip("+").startswith("1")
                    and _day(event) >= date(2025, 4, 1)
                ),
                "refused",
                131049,
            ),
            levels=PERMISSION,
        ),
        "PB-48",
    ),
    wrong(
        "the holdout is not known",
        "MKT-05",
        _spoilt(
            account=lambda account: {name: value for name, value in account.items() if name != "customers"},
            levels=PERMISSION,
        ),
    ),
    wrong(
        "nobody asks for a payment method",
        "PAY-01 P26-09",
        _spoilt(
            account=lambda account: {name: value for name, value in account.items() if name != "payment_method"},
            levels=PERMISSION,
        ),
    ),
    wrong(
        "Direct Send is for everybody",
        "DS-01",
        _spoilt(account=lambda account: {**account, "direct_send": True}, levels=PERMISSION),
    ),
    # --- conversations
    wrong(
        "the customer's message opens the conversation",
        "CBP2-04 CBP1-06",
        _spoilt(result=_service_from_inbound),
        "PB-30",
    ),
    wrong("a template joins the open service conversation", "CBP2-06 CBP2-05", _spoilt(result=_joins_service), "PB-31"),
    wrong(
        "conversations open at the sending",
        "CBP2-19 CBP2-01 CBP1-12 CBP1-01 CBP2-04",
        _spoilt(told=_at_sending, levels=("conversations",), rulebooks=BY_CATEGORY),
        "PB-34",
    ),
    wrong("every template opens a conversation", "CBP2-02", _spoilt(result=_always_opens)),
    wrong("every free-form message opens a service conversation", "CBP2-03", _spoilt(result=_opens_service_always)),
    wrong("a message renews its conversation", "CBP2-08 CBP2-02 CBP2-03", _spoilt(result=_renews_conversations)),
    wrong(
        "conversations of 25 hours",
        "CBP2-01 CBP2-07 CBP1-01 CBP2-04",
        _spoilt(
            law=_lasting("conversations", "", timedelta(hours=25)), levels=("conversations",), rulebooks=BY_CATEGORY
        ),
    ),
    wrong(
        "a status that comes again acts again", "CBP2-01 PMP-13 CBP2-19 PMP-12", _spoilt(results=_told_again), "PB-11"
    ),
    wrong(
        "acceptance counts as delivery",
        "PMP-12 CBP2-19 CBP1-12",
        _spoilt(
            told=also(
                lambda event, place: (
                    [
                        {name: value for name, value in event.items() if name in ("at", "business", "customer", "id")}
                        | {"event": "message_delivered"}
                    ]
                    if event["event"] == "message_sent"
                    else []
                )
            ),
            levels=("conversations",),
        ),
        "RB-08",
    ),
    wrong(
        "read without delivered is no delivery",
        "PMP-13",
        _spoilt(told=every(_without("message_read", "message_played"))),
        "RB-16",
    ),
    wrong(
        "a failure undoes the delivery",
        "PMP-12 PMP-13",
        _spoilt(
            told=lambda case: [
                (place, event)
                for place, event in enumerate(case["events"])
                if event["event"] not in DELIVERIES
                or not any(
                    other["event"] == "message_failed" and other["id"] == event["id"] for other in case["events"]
                )
            ]
        ),
        "RB-17",
    ),
    # --- free entry points
    wrong(
        "an entry point without an answer",
        "CBP2-12 CBP1-10 PMP-05 CBP2-15",
        _spoilt(
            result=lambda event, found, case: (
                {**found, "opens": [*found["opens"], ENTRY]}
                if event.get("entry") and ENTRY not in found["opens"]
                else found
            ),
            levels=("windows",),
        ),
        "PB-45",
    ),
    wrong(
        "an entry point of 24 hours",
        "FEP-01 FEP-02 CBP1-10 CBP2-12 PMP-05",
        _spoilt(law=_lasting(ENTRY, "open", timedelta(hours=24)), levels=("windows",), rulebooks=NOW),
        "PB-45",
    ),
    wrong(
        "an answer may come within 48 hours",
        "CBP2-15 CBP2-12 CBP1-10 PMP-05 FEP-01",
        _spoilt(law=_lasting(ENTRY, "eligible", timedelta(hours=48)), levels=("windows",), rulebooks=BY_CATEGORY),
    ),
    wrong(
        "desktop counts for entry points",
        "CBP2-12 CBP1-10 PMP-05",
        _spoilt(told=every(lambda event: {**event, "device": "ios"} if event.get("device") == "desktop" else event)),
    ),
    wrong(
        "page buttons are no entry points",
        "CBP2-12 CBP1-10 PMP-05",
        _spoilt(
            told=every(
                lambda event: {name: value for name, value in event.items() if name != "entry" or value != "page_cta"}
            )
        ),
    ),
    wrong("an entry point closes nothing", "CBP2-13", _spoilt(result=_closes_nothing)),
    wrong(
        "a template joins a conversation of another category",
        "CBP2-07 CBP2-01 CBP2-02",
        _spoilt(result=_joins_any, levels=("conversations", "charges")),
    ),
    wrong(
        "a utility template uses a unit of the free tier",
        "P26-03 P26-02",
        lambda: _TierForUtility(levels=MONEY, rulebooks=("pmp-2026-10",)),
    ),
    wrong(
        "a window of one second more",
        "CSW-01 CSW-12",
        _spoilt(law=_lasting(WINDOW, "open", timedelta(hours=24, seconds=1)), levels=THREADS),
    ),
    wrong(
        "Meta's stated end of an entry point is not read",
        "FEP-02 FEP-03 CBP2-12 PMP-05",
        _spoilt(
            told=every(lambda event: {name: value for name, value in event.items() if name != "entry_point_ends_at"})
        ),
        "PB-45",
    ),
    # --- what it costs
    wrong(
        "service is still charged in 2025",
        "CBP2-11 PMP-01",
        _spoilt(
            result=_free_form_costs(
                lambda day: ("service", "regular") if date(2024, 11, 1) <= day < date(2026, 10, 1) else None
            ),
            levels=MONEY,
        ),
        "PB-42",
    ),
    wrong(
        "service stays free",
        "P26-01 P26-02",
        _spoilt(
            result=_free_form_costs(lambda day: (None, "free_customer_service") if day >= date(2026, 10, 1) else None),
            levels=MONEY,
        ),
        "PB-42",
    ),
    wrong(
        "utility in the window is charged in 2025",
        "PMP-03",
        _spoilt(
            result=_template_costs(
                lambda event, sent, found: ("utility", "regular") if found["why"] == "free_customer_service" else None
            ),
            levels=MONEY,
        ),
        "PB-41",
    ),
    wrong(
        "utility in the window stays free",
        "P26-03",
        _spoilt(
            result=_template_costs(
                lambda event, sent, found: (
                    (None, "free_customer_service")
                    if sent.get("category") == "utility"
                    and _day(event) >= date(2026, 10, 1)
                    and WINDOW in found["deadlines"]
                    else None
                )
            ),
            levels=MONEY,
        ),
        "PB-41",
    ),
    wrong(
        "marketing in the window is free",
        "PMP-01 PMP-02 PMP-04",
        _spoilt(
            result=_template_costs(
                lambda event, sent, found: (
                    (None, "free_customer_service")
                    if sent.get("category") == "marketing"
                    and _day(event) >= date(2025, 7, 1)
                    and WINDOW in found["deadlines"]
                    else None
                )
            ),
            levels=MONEY,
        ),
    ),
    wrong(
        "messages inside an entry point are charged",
        "PMP-05 P26-05 CBP2-13 CBP1-10",
        _spoilt(
            result=_template_costs(
                lambda event, sent, found: (
                    (sent["category"], "regular")
                    if found["why"] == ENTRY and sent.get("category") in CONVERSATIONS
                    else None
                )
            ),
            levels=MONEY,
        ),
    ),
    wrong(
        "the free tier is pooled over numbers",
        "P26-02",
        _spoilt(law=_allowance(per="account"), levels=MONEY),
        "PB-43",
        many=True,
    ),
    wrong(
        "the free tier is counted per number",
        "CBP1-08 CBP2-11",
        _spoilt(law=_allowance(per="business"), levels=MONEY, rulebooks=BY_CATEGORY[:1]),
    ),
    wrong("a free tier of 999", "P26-02 CBP1-08 CBP2-11", _spoilt(law=_allowance(units=999), levels=MONEY), many=True),
    wrong(
        "days begin at midnight in UTC",
        "CBP2-11 P26-02 CBP1-08 CBP2-17 PMP-07 PMP-01",
        _spoilt(
            account=lambda account: {name: value for name, value in account.items() if name != "time_zone"},
            levels=MONEY,
        ),
        "PB-43",
    ),
    wrong(
        "our own record of the category counts",
        "PMP-11 CBP2-10",
        _spoilt(
            told=every(
                lambda event: (
                    {name: value for name, value in event.items() if name not in ("category", "content", "inferred")}
                    if event["event"] in DELIVERIES
                    else event
                )
            ),
            levels=MONEY,
        ),
        "PB-44",
    ),
    wrong(
        "per-message pricing a day late",
        "PMP-01 PMP-07",
        _spoilt(
            starts=_begins("2025-07-01", timedelta(days=1)),
            levels=("conversations", "charges"),
            rulebooks=("cbp-2024-11", *NOW),
        ),
        "RB-12",
    ),
    wrong(
        "the law of October 2026 a second early",
        "P26-01 P26-03 P26-02",
        _spoilt(starts=_begins("2026-10-01", -SECOND), levels=MONEY),
    ),
    wrong(
        "reactions are charged",
        "P26-04",
        _spoilt(
            result=lambda event, found, case: (
                _charged(found, "service", "regular")
                if found["why"] == "not_billable" and _sending(event, case)["content"] == "reaction"
                else found
            ),
            levels=MONEY,
        ),
    ),
    wrong(
        "AI providers pay nowhere",
        "PMP-14",
        _spoilt(
            account=lambda account: {name: value for name, value in account.items() if name != "sender"}, levels=MONEY
        ),
    ),
    wrong(
        "one answer in several bubbles is charged once",
        "P26-01",
        _spoilt(
            results=lambda case, results: [
                _charged(each, None, "attached")
                if each["charge"] == "service" and any(other["charge"] == "service" for other in results[:place])
                else each
                for place, each in enumerate(results)
            ],
            levels=MONEY,
        ),
        "PB-51",
    ),
    # --- what it amounts to
    wrong(
        "a message to a group is charged once",
        "GRP-01 GRP-03",
        _spoilt(
            answer=lambda question, found: (
                {**found, "rows": list({(row["kind"], row["id"]): row for row in found["rows"]}.values())}
                if question["question"] == "ledger"
                else found
            ),
            levels=("ledger",),
        ),
    ),
    wrong(
        "amounts are rounded to cents",
        "CBP1-07 PMP-02 CBP2-10 CALL-01 PMP-08 PMP-10 GEO-01",
        _spoilt(
            answer=_row(lambda row: {**row, "amount": row["amount"] and f"{float(row['amount']):.2f}"}),
            levels=("ledger",),
        ),
    ),
    wrong(
        "what is not known costs nothing",
        "GEO-01 CBP2-10 PMP-02 INTL-01 PMP-01",
        _spoilt(answer=_row(lambda row: {**row, "amount": row["amount"] or "0"}), levels=("ledger",)),
    ),
    wrong(
        "Kazakhstan is Russia",
        "P26-14 GEO-01",
        _spoilt(
            answer=_row(lambda row: {**row, "market": "Russia"} if row["market"] == "Kazakhstan" else row),
            levels=("ledger",),
        ),
        "PB-48",
    ),
    wrong(
        "calls of the customer are charged",
        "CALL-01",
        _spoilt(
            answer=_row(
                lambda row: (
                    {**row, "line": "calling", "amount": "1"} if row["kind"] == "call" and row["line"] is None else row
                )
            ),
            levels=("ledger",),
        ),
    ),
    wrong(
        "no volume tiers",
        "PMP-08 PMP-09 PMP-10 TIER-01 TIER-02",
        _spoilt(
            bill=lambda bill: {**bill, "rates": [rate for rate in bill["rates"] if rate["first"] == 1]},
            levels=("ledger",),
        ),
    ),
    wrong(
        "everything is called regular",
        "LBL-04 LBL-05 LBL-03 LBL-01 LBL-02 LBL-06",
        _spoilt(answer=_label(webhook={"category": "utility", "type": "regular"}), levels=("labels",)),
        "PB-38",
    ),
    # --- dates and lists, each a little off
    wrong(
        "calls open windows from the start of July 2025",
        "CSW-04",
        _spoilt(starts=_begins("2025-07-15", timedelta(days=-13)), levels=("windows",), rulebooks=NOW),
    ),
    wrong(
        "categories began a month earlier",
        "CBP2-01 CBP2-17 CBP1-01 CBP1-02 CBP2-04",
        _spoilt(
            starts=_begins("2023-06-01", timedelta(days=-31)),
            levels=("conversations",),
            rulebooks=("cbp-2023-04", "cbp-2023-06"),
        ),
    ),
    wrong(
        "service was free a day later",
        "CBP2-11",
        _spoilt(starts=_begins("2024-11-01", timedelta(days=1)), levels=MONEY, rulebooks=BY_CATEGORY),
    ),
    wrong(
        "marketing to the US still went out in April 2025",
        "MKT-04",
        _spoilt(starts=_begins("2025-04-01", timedelta(days=30)), levels=PERMISSION, rulebooks=("cbp-2024-11", *NOW)),
    ),
    wrong(
        "entry points keep their 72 hours",
        "FEP-02 FEP-01 FEP-03",
        _spoilt(
            starts=_begins("2026-09-28", timedelta(days=2)),
            levels=("windows",),
            rulebooks=("pmp-2026-08", "pmp-2026-10"),
        ),
        "PB-45",
    ),
    wrong(
        "Meta's own agent costs nothing",
        "PMP-15 PMP-06",
        _spoilt(
            result=lambda event, found, case: (
                _charged(found, None, "free_customer_service")
                if _delivered(event, found) and _sending(event, case)["content"] == "business_agent"
                else found
            ),
            levels=MONEY,
        ),
    ),
    wrong(
        "the code of the on-premises API",
        "CSW-03",
        _spoilt(result=_verdict(lambda event, found: found["error"] == 131047, "refused", 470), levels=PERMISSION),
    ),
    wrong(
        "who stopped marketing gets no receipts either",
        "OPT-04",
        _spoilt(results=_stopped_stops_all, levels=PERMISSION),
    ),
    wrong(
        "who withdrew the opt-in may not be answered",
        "OPT-01 OPT-02 OPT-03 OPT-05",
        _spoilt(results=_opted_out_stops_all, levels=PERMISSION),
    ),
    wrong(
        "a stop of marketing is for ever",
        "OPT-04",
        _spoilt(told=every(_without("marketing_resumed")), levels=PERMISSION),
    ),
    wrong(
        "the stop of marketing has the code of the limit",
        "OPT-04",
        _spoilt(result=_verdict(lambda event, found: found["error"] == 131050, "refused", 131049), levels=PERMISSION),
    ),
    wrong(
        "a refused message is thought not to arrive",
        "CSW-03 CSW-13 CBP2-04",
        _spoilt(told=_refused_never_arrives, levels=("conversations",)),
    ),
    wrong(
        "what failed once stays failed, whatever comes later",
        "PMP-12 PMP-13",
        _spoilt(told=_failed_is_final, levels=MONEY),
        "RB-17",
    ),
    wrong(
        "everything is billable in webhooks",
        "LBL-01 LBL-02 LBL-03 LBL-04 LBL-05 LBL-06",
        _spoilt(answer=_label(billable=True), levels=("labels",)),
        "PB-39",
    ),
    wrong(
        "the country code is the market",
        "GEO-01 P26-14",
        _spoilt(
            answer=_row(
                lambda row: {**row, "market": "North America"} if row["market"] == "Rest of Latin America" else row
            ),
            levels=("ledger",),
        ),
        "PB-48",
    ),
)
