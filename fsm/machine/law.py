"""The law as it applies to one account: its editions, when each begins there, and what runs them."""

from __future__ import annotations

from bisect import bisect_right
from datetime import date, timedelta
from functools import lru_cache
from typing import Final, Literal

import attrs

from fsm.errors import BadRulebook
from fsm.events import Account, datetime_of
from fsm.machine.lanes import Machines
from fsm.machine.table import Table
from fsm.machine.thread import Thread, new_thread
from fsm.rulebooks import timeline
from fsm.rulebooks.knobs import policy_of
from fsm.rules import acts, facts
from fsm.rules.tables import Charge, Permission, Rulebook

AUTO: Final = "auto"
_MINUTE: Final = 60_000_000
_MOST_DAYS: Final = 100_000
Engine = Literal["machine", "table"]


class Prepared:
    """
    A rulebook, indexed for running. It depends on no account, so all of them share it.

    Attributes:
        book: its tables.
        engine: what moves the lanes: the machines, or their compiled twin.
        rank: place of every rule in the order in which they are documented, by id.
        places: place of every lane, by name.
        remembers_opening: lanes of which it matters when they became open: their clocks have a longest time.
        nothing: a thread's clocks while none runs; one tuple for all of them.
        charges, permissions: the lines that concern a message, by message; permissions clause by clause.
    """

    def __init__(self, book: Rulebook, kind: Engine) -> None:
        machines = Machines(book)
        self.book: Final = book
        self.engine: Final[Machines | Table] = machines if kind == "machine" else Table(machines)
        self._facts: dict[tuple[str, ...], frozenset[str]] = {}
        self._in_order: dict[tuple[str, ...], tuple[str, ...]] = {}
        self._charges: dict[tuple[str, frozenset[str]], Charge] = {}
        self._lines: dict[tuple[str, frozenset[str]], tuple[Permission, ...]] = {}
        self.rank: Final = {id: place for place, id in enumerate(book.rules)}
        self.places: Final = {lane.name: place for place, lane in enumerate(book.lanes)}
        self.remembers_opening: Final = frozenset(
            place
            for place, lane in enumerate(book.lanes)
            if any(state.at_most is not None or state.counted_from == "opening" for state in lane.states)
        )
        self.nothing: Final = (None,) * len(book.lanes)
        self.charges: Final = {
            message: tuple(line for line in book.charges if message in line.messages) for message in acts.MESSAGES
        }
        self.permissions: Final = {
            message: tuple(
                tuple(line for line in clause.rows if message in line.messages)
                for clause in book.clauses
                if message in clause.messages
            )
            for message in acts.MESSAGES
        }

    def in_order(self, ids: tuple[str, ...]) -> tuple[str, ...]:
        """Ids of rules, each once, in the order in which they are documented."""
        found = self._in_order.get(ids)
        if found is None:
            found = self._in_order[ids] = tuple(sorted(set(ids), key=self.rank.__getitem__))
        return found

    def charge(self, message: str, facts: frozenset[str]) -> Charge:
        """The line of the table of charges that holds. The valuations are few, so each is looked up once."""
        found = self._charges.get((message, facts))
        if found is None:
            found = next(line for line in self.charges[message] if line.holds(facts))
            self._charges[message, facts] = found
        return found

    def lines(self, message: str, facts: frozenset[str]) -> tuple[Permission, ...]:
        """Of every clause that the message must pass, the line that holds."""
        found = self._lines.get((message, facts))
        if found is None:
            clauses = self.permissions.get(message, ())
            found = tuple(next(line for line in lines if line.holds(facts)) for lines in clauses)
            self._lines[message, facts] = found
        return found

    def facts(self, states: tuple[str, ...]) -> frozenset[str]:
        """The facts about a configuration that are true."""
        true = self._facts.get(states)
        if true is None:
            true = self._facts[states] = facts.facts_of(self.book, states)
        return true


_prepared = lru_cache(maxsize=512)(Prepared)


class Edition:
    """
    One edition of the law, as it holds for one account.

    Attributes:
        begins, ends: instants between which it is in force; None where it has no end.
        book, engine, facts, in_order, charge, lines, rank, places, remembers_opening, nothing: see `Prepared`.
    """

    def __init__(self, prepared: Prepared, begins: int, ends: int | None) -> None:
        self.begins = begins
        self.ends = ends
        self.book = prepared.book
        self.in_order = prepared.in_order
        self.engine = prepared.engine
        self.facts = prepared.facts
        self.charge = prepared.charge
        self.lines = prepared.lines
        self.rank = prepared.rank
        self.places = prepared.places
        self.remembers_opening = prepared.remembers_opening
        self.nothing = prepared.nothing


class Law:
    """
    The law for one account.

    Args:
        account: its zone sets the instants at which editions begin, its policy answers what sources leave open.
        rulebook: `auto` for the law of each instant, or the name of one rulebook to hold whatever the date.
        engine: `machine` for the reference, `table` for its compiled twin; both give the same answers.
        books: the editions; by default those of `fsm.rulebooks` under the account's policy.
        starts: the instants at which they begin; by default the local midnights of their dates.

    Raises:
        UnknownRulebook: there is no rulebook of that name.
        BadAccount: the account's policy has an unknown knob or option.
    """

    def __init__(
        self,
        account: Account = Account(),  # noqa: B008 (a frozen value)
        *,
        rulebook: str = AUTO,
        engine: Engine = "machine",
        books: tuple[Rulebook, ...] | None = None,
        starts: tuple[int, ...] | None = None,
    ) -> None:
        self.account = account
        self.rulebook = rulebook
        self.policy = policy_of(account.policy)
        books = timeline.editions(self.policy) if books is None else books
        starts = timeline.starts(books, account.time_zone) if starts is None else starts
        first, last = (0, len(books) - 1) if rulebook == AUTO else timeline.named(books, rulebook)
        self._clamped = rulebook != AUTO
        self._starts = starts[first : last + 1]
        ends: list[int | None] = [*starts[first + 1 : last + 1], None]
        self.editions = tuple(
            Edition(_prepared(book, engine), begins, end)
            for book, begins, end in zip(books[first : last + 1], self._starts, ends, strict=True)
        )
        following = books[last + 1 : last + 2]
        self._days: dict[int, date] = {}
        self._last_day = following[0].since - timedelta(days=1) if following else None
        self._by_name = {edition.book.edition: edition for edition in self.editions}
        self._facts_under: dict[str, frozenset[str]] = {}
        self._account_facts = frozenset(
            fact
            for fact, true in (
                (facts.AI_PROVIDER, account.sender == "ai_provider"),
                (facts.EXEMPT_SENDER, account.sender in ("government", "nonprofit")),
                (facts.DIRECT_SEND_ENABLED, account.direct_send),
                (facts.BILLED_THROUGH_PARTNER, account.integration == "partner"),
                (facts.NO_PAYMENT_METHOD, not account.payment_method),
            )
            if true
        )

    def edition_at(self, at: int) -> Edition:
        """
        The edition in force at an instant.

        Raises:
            NoRulebookInForce: none is.
        """
        if self._clamped:
            return self.editions[max(bisect_right(self._starts, at) - 1, 0)]
        return self.editions[timeline.place(self._starts, at)]

    def edition_of(self, thread: Thread) -> Edition:
        """The edition whose lanes a thread has."""
        return self._by_name[thread.edition]

    def edition_named(self, name: str) -> Edition:
        """The edition of that name; KeyError if this law has none."""
        return self._by_name[name]

    def after(self, edition: Edition) -> Edition | None:
        """The edition that follows, if there is one."""
        place = self.editions.index(edition) + 1
        return self.editions[place] if place < len(self.editions) else None

    def new_thread(self, business: str, customer: str, at: int) -> Thread:
        """
        A thread to which nothing has happened yet.

        Raises:
            NoRulebookInForce: no rulebook covers the instant.
        """
        edition = self.edition_at(at)
        return new_thread(business, customer, at, edition.book, edition.nothing)

    def account_facts(self, edition: Edition, customer: str) -> frozenset[str]:
        """The facts about the account, and about the customer, that are true under an edition."""
        true = self._facts_under.get(edition.book.edition)
        if true is None:
            wanted = edition.book.readings.billing_currencies.get(self.account.sold_to)
            refused = wanted is not None and self.account.currency not in ("", wanted)
            true = self._account_facts | {facts.CURRENCY_REFUSED} if refused else self._account_facts
            self._facts_under[edition.book.edition] = true
        return true | {facts.IN_EXPERIMENT} if customer in self.account.in_experiment else true

    def month_of(self, at: int) -> tuple[int, int]:
        """The calendar month of an instant, in the account's time zone: year and month."""
        local = self.day_of(at)
        return (local.year, local.month)

    def day_of(self, at: int) -> date:
        """The calendar day of an instant, in the account's time zone."""
        minute = at // _MINUTE
        day = self._days.get(minute)
        if day is None:
            local = datetime_of(at).astimezone(self.account.time_zone)
            day = local.date()
            offset = local.utcoffset()
            if offset is not None and not offset % timedelta(minutes=1):
                # A day begins on a whole minute of UTC, so all of this minute lies in it.
                if len(self._days) >= _MOST_DAYS:
                    self._days.clear()
                self._days[minute] = day
        return day

    def priced_on(self, at: int) -> date:
        """
        The day whose rates and markets hold for an instant: its own.

        Under one rulebook whatever the date, it is the nearest day on which that rulebook is in force: traffic of
        another time is then priced as it would be under that law.
        """
        day = self.day_of(at)
        if self._clamped:
            day = max(day, self.editions[0].book.since)
            day = day if self._last_day is None else min(day, self._last_day)
        return day

    def next_month(self, at: int) -> int:
        """The instant at which the next calendar month begins, in the account's time zone."""
        year, month = self.month_of(at)
        following = date(year + month // 12, month % 12 + 1, 1)
        return timeline.midnight(following, self.account.time_zone)


def carried_over(thread: Thread, old: Rulebook, new: Rulebook, at: int) -> Thread:
    """
    The thread under the next edition of the law: lanes that go on keep state and clock.

    Raises:
        BadRulebook: the new edition drops a lane that is still open; it must let it run out first.
    """
    before = dict(
        zip(
            (lane.name for lane in old.lanes),
            zip(thread.states, thread.deadlines, thread.opened, strict=True),
            strict=True,
        )
    )
    states: list[str] = []
    deadlines: list[int | None] = []
    opened: list[int | None] = []
    for lane in new.lanes:
        state, deadline, since = before.pop(lane.name, (lane.states[0].name, None, None))
        states.append(state)
        deadlines.append(deadline)
        opened.append(since)
    for name, (state, _, _) in before.items():
        if old.lane(name).state(state).open:
            raise BadRulebook(
                f"{new.edition} drops the lane {name!r} while it is {state!r}. Keep it until nothing can be open in it."
            )
    return attrs.evolve(
        thread,
        at=at,
        edition=new.edition,
        states=tuple(states),
        deadlines=tuple(deadlines),
        opened=tuple(opened),
    )


__all__ = ["AUTO", "Edition", "Engine", "Law", "carried_over"]
