"""What the steps of a scenario do: they tell events, and say what must be so."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, Final

import attrs

from fsm.errors import FsmError
from fsm.events import Event, datetime_of, format_instant, instant_of, micros
from fsm.events.account import zone
from fsm.harness import lexicon
from fsm.harness.bill import NOTHING, Announced, Bill, ListedRate, amount_text, markets
from fsm.harness.booked import Key
from fsm.harness.script import Expectation, Script
from fsm.ledger import Called
from fsm.rates.names import market_name

BUSINESSES: Final = {
    "the bakery": "bakery",
    "the florist": "florist",
    "la panadería": "bakery",
    "la floristería": "florist",
}

GROUP: Final = "group"


class BadScenario(FsmError):
    """A scenario that cannot be told: an act before any instant is given, an expectation before any act."""


class World:
    """
    A scenario being told.

    It only records: `script()` is what was told. A subclass may also act on it at once.

    Args:
        language: of the words that the steps pass in; may change from step to step.
    """

    def __init__(self, language: str = "en") -> None:
        self.language = language
        self.account: dict[str, Any] = {}
        self.events: list[Event] = []
        self.expectations: list[Expectation] = []
        self.bill: Bill = NOTHING
        self._now: int | None = None
        self._acted: tuple[Key, ...] = ()
        self._called: tuple[Key, ...] = ()
        self._opened: tuple[str, ...] = ()
        self._numbers: dict[str, str] = {}
        self._grouped: tuple[str, ...] = ()
        self._others = 0
        self._count = 0

    def script(self, id: str, title: str, tags: tuple[str, ...]) -> Script:
        """What was told."""
        return Script(
            id=id,
            title=title,
            tags=tags,
            account=self.account,
            events=tuple(self.events),
            expectations=tuple(self.expectations),
            bill=self.bill,
        )

    # --- time and account ---------------------------------------------------
    def it_is(self, date: str, time: str) -> None:
        """The present instant, as the account's clocks show it."""
        there = zone(self.account.get("time_zone", "UTC"))
        self.move_to(instant_of(datetime.fromisoformat(f"{date}T{time}").replace(tzinfo=there)))

    def passes(self, length: str) -> None:
        """Time passes."""
        self.move_to(self.now + micros(lexicon.length(length)))

    def move_to(self, at: int) -> None:
        """Go to an instant."""
        self._now = at

    @property
    def now(self) -> int:
        """The present instant of the scenario."""
        if self._now is None:
            raise BadScenario(
                "something happens before the scenario says when. Begin with 'Given it is <date> at <time>'."
            )
        return self._now

    def time_zone(self, zone: str) -> None:
        """Where the account's days begin."""
        self.account["time_zone"] = zone

    def free_units(self, count: str) -> None:
        """What is left of the free allowance."""
        self.account["allowances"] = {"free_left": 0 if count == "no" else int(count)}

    def sender(self, sender: str) -> None:
        """What kind of sender the business is."""
        self.account["sender"] = lexicon.meaning(lexicon.SENDERS, self.language, sender)

    def partner(self) -> None:
        """The account is billed through a partner."""
        self.account["integration"] = "partner"

    def direct_send(self) -> None:
        """The account may use Direct Send."""
        self.account["direct_send"] = True

    def no_payment_method(self) -> None:
        """The account has no usable payment method."""
        self.account["payment_method"] = False

    def sold_to(self, country: str, currency: str) -> None:
        """Where the business is sold to, and in what it is billed."""
        self.account |= {"sold_to": country, "currency": currency}

    def located_in(self, country: str) -> None:
        """The country of the verified primary business location."""
        self.account["primary_location"] = country

    def international_from(self, country: str, date: str, time: str) -> None:
        """From when the international authentication rate holds for a country."""
        self.account.setdefault("authentication_international", {})[country] = f"{date}T{time}:00Z"

    def in_experiment(self, who: str) -> None:
        """A customer is in Meta's marketing holdout."""
        self.account["customers"] = {"in_experiment": [self._customer(who)]}

    def number(self, who: str, number: str) -> None:
        """A customer's phone number or business-scoped id."""
        self._numbers[who] = number.replace(" ", "")

    def in_one_group(self, *members: str) -> None:
        """Make one group, and so one customer, of several people."""
        self._grouped = members

    def policy(self, knob: str, option: str) -> None:
        """The account's own answer where the sources are silent."""
        chosen: object = option.split(", ") if knob == "csw_inbound_kinds" else option
        self.account.setdefault("policy", {})[knob] = chosen

    # --- the customer -------------------------------------------------------
    def writes(
        self,
        who: str,
        business: str,
        ago: str = "",
        kind: str = "",
        entry: str = "",
        device: str = "",
    ) -> None:
        """A customer writes, now or a while ago."""
        members: dict[str, Any] = {}
        if kind:
            members["kind"] = lexicon.meaning(lexicon.KINDS, self.language, kind)
        if entry:
            members["entry"] = lexicon.meaning(lexicon.ENTRIES, self.language, entry)
        if device:
            members["device"] = lexicon.meaning(lexicon.DEVICES, self.language, device)
        self._act([self._event("customer_message", who, business, ago, id=self._id("in"), **members)])

    def does(self, name: str, who: str, business: str = "the bakery", ago: str = "") -> None:
        """A customer does something else than write."""
        self._act([self._event(name, who, business, ago)])

    # --- the business -------------------------------------------------------
    def sends(
        self,
        who: str,
        business: str,
        message: str,
        ago: str = "",
        later: str = "",
        how: str = "delivered",
        status: str = "",
        category: str = "",
        ends: str = "",
    ) -> None:
        """
        A business sends a message, and it is delivered at once unless `how` says otherwise.

        Args:
            how: `asks`, `delivered`, `failed`, `read`, `failed_and_delivered`, `delivered_thrice`, `delivered_first`.
            later: how long after the sending it is delivered.
            status: of the template.
            category: as Meta's webhook names it.
            ends: when the free entry point ends, as Meta's webhook states it.
        """
        named = lexicon.message(self.language, message)
        members: dict[str, Any] = {"content": named.content, "category": named.category}
        if status:
            members["template_status"] = status
        if ends:
            members["entry_point_ends_at"] = _stated_end(ends)
        id = self._id("out")
        sent = self._event("message_sent", who, business, ago, id=id, **members)
        after = micros(lexicon.length(later)) if later else 0

        def reported(name: str, delay: int = after, **more: Any) -> Event:
            return Event(event=name, at=sent.at + delay, business=sent.business, customer=sent.customer, id=id, **more)

        evidence: dict[str, Any] = (
            {"content": named.content, "category": category, "inferred": True} if category else {}
        )
        statuses = {
            "asks": [],
            "delivered": [reported("message_delivered", **evidence)],
            "failed": [reported("message_failed")],
            "read": [reported("message_read")],
            "failed_and_delivered": [reported("message_failed"), reported("message_delivered")],
            "delivered_thrice": [
                reported("message_delivered"),
                reported("message_delivered"),
                reported("message_read", after + micros(timedelta(seconds=5))),
            ],
            "delivered_first": [reported("message_delivered", -micros(timedelta(seconds=1)))],
        }[how]
        self._act([sent, *statuses])

    def answers_others(self, count: str, business: str, message: str) -> None:
        """Other customers wrote in the hour before, one every second, and each was sent a message a second later."""
        named, after = lexicon.message(self.language, message), micros(timedelta(seconds=1))
        sent: list[Event] = []
        for number in range(int(count)):
            customer, id, at = (
                f"customer-{number + 1}",
                self._id("out"),
                self.now - micros(timedelta(hours=1, seconds=-number)),
            )
            thread: dict[str, Any] = {"business": BUSINESSES[business], "customer": customer}
            sent += [
                Event(event="customer_message", at=at, id=self._id("in"), **thread),
                Event(
                    event="message_sent", at=at + after, id=id, content=named.content, category=named.category, **thread
                ),
                Event(event="message_delivered", at=at + after, id=id, **thread),
            ]
        self._act(sent)

    def sends_others(self, business: str, message: str, count: str, prefix: str) -> None:
        """Customers whose numbers begin alike were each sent a message in the hour before, one every second."""
        named = lexicon.message(self.language, message)
        sent: list[Event] = []
        for number in range(int(count)):
            self._others += 1
            customer, at = f"{prefix.removeprefix('+')}5550{self._others:05}", self.now - micros(timedelta(hours=1))
            told: dict[str, Any] = {"business": BUSINESSES[business], "customer": customer, "id": self._id("out")}
            told["at"] = at + micros(timedelta(seconds=number))
            sent.append(Event(event="message_sent", content=named.content, category=named.category, **told))
            sent.append(Event(event="message_delivered", **told))
        self._act(sent)

    def sends_to_group(self, business: str, message: str, members: str) -> None:
        """A business sends the group a message, and it is delivered at once to some of its members."""
        named = lexicon.message(self.language, message)
        told: dict[str, Any] = {"at": self.now, "business": BUSINESSES[business], "customer": GROUP}
        told["id"] = self._id("out")
        sent = Event(event="message_sent", content=named.content, category=named.category, **told)
        people = [self._numbers.get(who, who.lower()) for who in members.split(" and ")]
        self._act([sent, *(Event(event="message_delivered", participant=each, **told) for each in people)])

    def calls(self, caller: str, callee: str, count: str) -> None:
        """One of them calls the other for so many seconds; for none if the call is not accepted."""
        by_business = caller in BUSINESSES
        business, who = (caller, callee) if by_business else (callee, caller)
        if business not in BUSINESSES or who in BUSINESSES:
            raise BadScenario(f"{caller} cannot call {callee}: a call is between a customer and a business.")
        seconds = 0 if count == "no" else int(count)
        call = Called(
            business=BUSINESSES[business],
            customer=self._customer(who),
            id=self._id("call"),
            direction="business_initiated" if by_business else "user_initiated",
            at=self.now,
            seconds=seconds,
        )
        self.bill = attrs.evolve(self.bill, calls=(*self.bill.calls, call))
        # What a customer's call opens does not need an answer; a call of the business must be accepted.
        name = "call_accepted" if by_business else "customer_call"
        self._act([self._event(name, who, business, "", id=call.id)] if seconds or not by_business else [])
        self._called = ((call.business, call.customer, "call", call.id),)

    # --- what things cost ---------------------------------------------------
    def rate(self, date: str, rate: str, priced: str, market: str, count: str = "1") -> None:
        """What the rate card of a day says about one cell, or from which number of the month a lower rate holds."""
        unit, line = lexicon.priced(lexicon.RATES, self.language, priced)
        told = ListedRate(
            since=date,
            line=line,
            market=market_name(market, markets().names),
            unit=unit,
            rate=None if rate == "n/a" else rate,
            first=int(count),
        )
        self.bill = attrs.evolve(self.bill, rates=(*self.bill.rates, told))

    def another_account(self, business: str, zone: str) -> None:
        """A business number belongs to another account of the same portfolio."""
        account = {"name": business, "numbers": [BUSINESSES[business]], "time_zone": zone}
        self.bill = attrs.evolve(self.bill, accounts=(*self.bill.accounts, account))

    def announces(self, count: str, priced: str, market: str) -> None:
        """Meta announces the volume tier that holds from now on."""
        _, line = lexicon.priced(lexicon.RATES, self.language, priced)
        there = zone(self.account.get("time_zone", "UTC"))
        tier = Announced(
            at=self.now,
            line=line,
            market=market_name(market, markets().names),
            period=datetime_of(self.now).astimezone(there).strftime("%Y-%m"),
            first=int(count),
        )
        self.bill = attrs.evolve(self.bill, announced=(*self.bill.announced, tier))
        self._act([])

    def unknown_delivery(self, who: str, business: str) -> None:
        """A delivery is reported for a message that nobody sent, as far as the log tells."""
        self._act([self._event("message_delivered", who, business, "", id=self._id("lost"))])

    # --- what must be so ----------------------------------------------------
    def verdict_is(self, verdict: str) -> None:
        """The answer to the question whether the message may be sent."""
        self._expect("verdict", lexicon.verdict(self.language, verdict))

    def opens(self, things: str = "") -> None:
        """Exactly these things open; nothing, if none is named."""
        self._opened = lexicon.things(self.language, things) if things else ()
        self._expect("opens", self._opened)

    def nothing_else_opens(self) -> None:
        """Nothing opens but what the scenario has named."""
        self._expect("opens", self._opened)

    def renews(self, things: str) -> None:
        """Exactly these things get their time anew."""
        self._expect("refreshes", lexicon.things(self.language, things))

    def renews_nothing(self) -> None:
        """Nothing gets its time anew."""
        self._expect("refreshes", ())

    def closes(self, things: str = "") -> None:
        """Exactly these things are closed by it; nothing, if none is named."""
        self._expect("closes", lexicon.things(self.language, things) if things else ())

    def belongs_to(self, thing: str = "") -> None:
        """The open conversation the message belongs to; none, if none is named."""
        self._expect("joins", lexicon.things(self.language, thing)[0] if thing else None)

    def charged_as(self, line: str) -> None:
        """The rate line that is charged."""
        self._expect("charge", (lexicon.meaning(lexicon.LINES, self.language, line), "regular"))

    def free_because(self, reason: str) -> None:
        """It costs nothing, and why."""
        self._expect("charge", (None, lexicon.meaning(lexicon.REASONS, self.language, reason)))

    def costs_unknown(self) -> None:
        """No rule says what it costs."""
        self._expect("charge", (None, None))

    def nothing_charged(self) -> None:
        """Nothing is charged by what just happened."""
        self._expect("charges", ())

    def window_is(self, state: str) -> None:
        """The customer service window, now."""
        self._expect("lane", ("customer_service_window", state))

    def entry_point_is(self, state: str) -> None:
        """The free entry point, now."""
        self._expect("lane", ("free_entry_point", lexicon.meaning(lexicon.ENTRY_POINTS, self.language, state)))

    def ends_in(self, lane: str, length: str) -> None:
        """When the clock of a lane runs out, counted from now."""
        at = format_instant(self.now + micros(lexicon.length(length)))
        self._expect("deadline", (lane, at))

    def has_no_clock(self, lane: str) -> None:
        """No clock runs in a lane."""
        self._expect("deadline", (lane, None))

    def thread_is(self, status: str) -> None:
        """What a reader would call the thread, now."""
        self._expect("status", lexicon.meaning(lexicon.STATUSES, self.language, status))

    def doubt_about(self, doubt: str) -> None:
        """A doubt or contradiction that the answer notes."""
        self._expect("flag", lexicon.meaning(lexicon.DOUBTS, self.language, doubt))

    def no_doubt(self) -> None:
        """The answer notes no doubt at all."""
        self._expect("no flag", ())

    def advised_against(self, advised: bool) -> None:
        """Whether the policy speaks against it, although nothing refuses it."""
        self._expect("advised against", advised)

    def ledger_charges(self, amount: str = "", priced: str = "", count: str = "1") -> None:
        """Exactly these rows of the ledger are charged; none, if no amount is named."""
        rows: tuple[tuple[str, str, str], ...] = ()
        if priced:
            kind, line = lexicon.priced(lexicon.CHARGED, self.language, priced)
            rows = ((kind, line, amount_text(Decimal(amount))),) * int(count)
        self._expect_ledger("rows", rows)

    def ledger_has_no_amount(self, priced: str, reason: str) -> None:
        """The ledger has one row of the last act whose amount is not known, and why."""
        kind, line = lexicon.priced(lexicon.CHARGED, self.language, priced)
        why = lexicon.meaning(lexicon.NO_AMOUNT, self.language, reason)
        self._expect_ledger("no amount", ((kind, line, why),))

    def ledger_sum(self, amount: str) -> None:
        """What everything in the scenario costs together."""
        self.expect(Expectation(about="sum", value=amount_text(Decimal(amount))))

    def market_is(self, market: str) -> None:
        """The market whose rates hold for what just happened."""
        known = lexicon.NO_MARKET[self.language] != market
        self._expect_ledger("market", (market_name(market, markets().names) if known else None,))

    def ledger_doubt(self, doubt: str) -> None:
        """A doubt that the ledger notes beside what just happened."""
        self._expect_ledger("row flag", lexicon.meaning(lexicon.DOUBTS, self.language, doubt))

    def webhook_label(self, label: str) -> None:
        """Category and type of the price in Meta's status of the last message."""
        self._expect_ledger("webhook label", lexicon.label(self.language, label))

    def webhook_billable(self, billable: bool) -> None:
        """Meta's status calls the last message billable, or not billable."""
        self._expect_ledger("webhook billable", billable)

    def webhook_end(self, ends: str) -> None:
        """When the conversation that the last message opened ends, as Meta's status states it."""
        self._expect_ledger("webhook end", format_instant(_stated_end(ends)))

    def analytics_label(self, label: str) -> None:
        """Category and type under which Meta's analytics count the last message or its conversation."""
        self._expect_ledger("analytics label", lexicon.label(self.language, label))

    def analytics_day(self, date: str) -> None:
        """The day on which Meta's analytics count the last act."""
        self._expect_ledger("analytics day", (date,))

    def counts_towards_limit(self, count: str) -> None:
        """How many customers count towards the messaging limit, now."""
        self._expect("limit use", 0 if count == "no" else int(count))

    def marketing_limit_is(self, limited: bool) -> None:
        """Whether Meta may hold marketing messages to this customer back because there are too many."""
        self._expect("marketing limit", limited)

    # --- inside -------------------------------------------------------------
    def tell(self, events: list[Event]) -> None:
        """Take in the events of one act."""
        self.events += events

    def expect(self, expectation: Expectation) -> None:
        """Take in one expectation."""
        self.expectations.append(expectation)

    def _act(self, events: list[Event]) -> None:
        self.tell(events)
        self._acted = tuple(dict.fromkeys(event.key for event in events))
        self._called = ()
        self._opened = ()

    def _expect_ledger(self, about: str, value: Any) -> None:
        keys = (*self._acted, *self._called)
        if not keys:
            raise BadScenario(f"the ledger is asked about something ({about}) before anything has happened.")
        self.expect(Expectation(about=about, value=value, keys=keys))

    def _expect(self, about: str, value: Any) -> None:
        if not self._acted:
            raise BadScenario(f"the scenario expects something ({about}) before anything has happened.")
        elsewhere = {number for account in self.bill.accounts for number in account["numbers"]}
        if elsewhere & {key[0] for key in self._acted}:
            # Verdicts are worked out under the law of the first account, which need not be that of another.
            raise BadScenario(f"only the ledger knows several accounts; it cannot be asked for {about} of another one.")
        at = self.now if about in ("lane", "status", "limit use", "marketing limit") else 0
        self.expect(Expectation(about=about, value=value, keys=self._acted, at=at))

    def _event(self, name: str, who: str, business: str, ago: str, **members: Any) -> Event:
        at = self.now - (micros(lexicon.length(ago)) if ago else 0)
        return Event(event=name, at=at, business=BUSINESSES[business], customer=self._customer(who), **members)

    def _customer(self, who: str) -> str:
        return GROUP if who in self._grouped else self._numbers.get(who, who.lower())

    def _id(self, kind: str) -> str:
        self._count += 1
        return f"{kind}-{self._count}"


def _stated_end(text: str) -> int:
    """An end as Meta's webhooks state it: in UTC."""
    return instant_of(datetime.fromisoformat(text.replace(" at ", "T") + "+00:00"))
