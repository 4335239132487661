"""The live object to embed: one customer, events in, verdicts out."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from functools import wraps
from itertools import groupby
from threading import RLock
from typing import Concatenate, Final, ParamSpec, TypeVar

import attrs

from fsm.errors import BadAccount, BadEvent, TimeRunsBackwards, UnreadableSnapshot
from fsm.events import Account, Event, datetime_of, format_instant, instant_of, parse_instant, read_event, write_event
from fsm.events.account import read_account, write_account
from fsm.machine import Allowances, Intent, Law, Thread, Verdict, advance, judge
from fsm.machine.law import Engine
from fsm.machine.snapshot import read_thread, write_thread
from fsm.machine.thread import deadlines_by_lane, states_by_lane, status
from fsm.replay import Fact, Fold, Result, gather
from fsm.service import clock

Moment = datetime | str | int
"""An instant as callers have it: an aware datetime, an RFC 3339 text, or whole seconds since 1970."""

_Given = ParamSpec("_Given")
_Answer = TypeVar("_Answer")

SNAPSHOT: Final = "fsm-thread/1"
_MEMBERS: Final = {
    "version",
    "business",
    "customer",
    "rulebook",
    "account",
    "settled",
    "allowances",
    "given_ids",
    "events",
}


def _alone(
    method: Callable[Concatenate[CustomerThread, _Given], _Answer],
) -> Callable[Concatenate[CustomerThread, _Given], _Answer]:
    """One thread of the program at a time: what a call changes is changed in steps."""

    @wraps(method)
    def locked(self: CustomerThread, /, *given: _Given.args, **named: _Given.kwargs) -> _Answer:
        with self._lock:
            return method(self, *given, **named)

    return locked


class CustomerThread:
    """
    One customer with one of your business phone numbers.

    It knows this thread alone: of a free tier that all threads of the account share, it counts only its own part.

    Tell it what happens, in any order; ask it what may be sent. Every method takes the
    instant as `at`: an aware datetime, RFC 3339 text or epoch seconds. Left out, the
    clock is read. Threads of a program may share one object; objects that were loaded
    from one saved thread know nothing of each other.

    Args:
        business: id of the business phone number.
        customer: id of the customer; a phone number also tells market and area code.
        account: what is known of the account; by default UTC, an ordinary business, default policy.
        rulebook: `auto` for the law of each instant, or one rulebook's name.

    Raises:
        UnknownRulebook: there is no rulebook of that name.

    >>> ana = CustomerThread("the bakery", "ana")
    >>> ana.customer_message(at="2023-09-11T09:00:00Z").outcome.opens
    ('customer_service_window',)
    >>> ana.may_send("free_form", at="2023-09-12T08:59:59Z").verdict
    'allowed'
    >>> ana.may_send("free_form", at="2023-09-12T09:00:01Z").error
    131047
    """

    def __init__(
        self,
        business: str,
        customer: str,
        account: Account = Account(),  # noqa: B008 (a frozen value)
        *,
        rulebook: str = "auto",
        engine: Engine = "table",
    ) -> None:
        if not isinstance(account, Account):
            raise BadAccount(f"{account!r} is no Account. Make one with fsm.events.read_account(...) from its members.")
        _check_id("business", business)
        _check_id("customer", customer)
        self.business = business
        self.customer = customer
        self.account = account
        self._rulebook = rulebook
        self._law = Law(account, rulebook=rulebook, engine=engine)
        self._settled: Thread | None = None
        self._settled_allowances: dict[str, object] = {}
        self._events: dict[tuple[str, str, str, str], list[Event]] = {}
        self._count = 0
        self._fold = Fold(self._law)
        self._results: list[Result] = []
        self._lock = RLock()

    def __getstate__(self) -> dict[str, object]:
        with self._lock:
            return {name: value for name, value in self.__dict__.items() if name != "_lock"}

    def __setstate__(self, state: dict[str, object]) -> None:
        self.__dict__.update(state)
        self._lock = RLock()

    # --- what the customer does ---------------------------------------------
    def customer_message(
        self,
        kind: str = "text",
        *,
        entry: str | None = None,
        device: str = "android",
        id: str = "",
        at: Moment | None = None,
    ) -> Result:
        """The customer wrote: a text, a tap on a button, a picture, a reaction, ... (`terms.KINDS`)."""
        return self._tell("customer_message", at, id=id, kind=kind, entry=entry, device=device)

    def customer_call(self, *, at: Moment | None = None) -> Result:
        """The customer called, answered or not."""
        return self._tell("customer_call", at)

    def call_accepted(self, *, at: Moment | None = None) -> Result:
        """The customer accepted a call of the business."""
        return self._tell("call_accepted", at)

    def welcome_requested(self, *, at: Moment | None = None) -> Result:
        """The customer opened the chat for the first time, with welcome messages enabled."""
        return self._tell("welcome_requested", at)

    def opted_in(self, *, at: Moment | None = None) -> Result:
        """The customer agreed to hear from the business."""
        return self._tell("opted_in", at)

    def opted_out(self, *, at: Moment | None = None) -> Result:
        """The customer withdrew that consent."""
        return self._tell("opted_out", at)

    def marketing_stopped(self, *, at: Moment | None = None) -> Result:
        """The customer stopped marketing messages of this business."""
        return self._tell("marketing_stopped", at)

    def marketing_resumed(self, *, at: Moment | None = None) -> Result:
        """The customer takes marketing messages again."""
        return self._tell("marketing_resumed", at)

    # --- what the business does, and what becomes of it ---------------------
    def message_sent(
        self,
        content: str,
        category: str | None = None,
        *,
        id: str = "",
        template_status: str = "APPROVED",
        at: Moment | None = None,
    ) -> Result:
        """The business sent a message; its statuses are tied to it by `id`, which the result's event holds."""
        return self._tell(
            "message_sent", at, id=id, content=content, category=category, template_status=template_status
        )

    def message_delivered(self, id: str, *, at: Moment | None = None) -> Result:
        """A message was delivered: the moment at which conversations open and charges fall."""
        return self._tell("message_delivered", at, id=id)

    def message_read(self, id: str, *, at: Moment | None = None) -> Result:
        """A message was read, which proves its delivery."""
        return self._tell("message_read", at, id=id)

    def message_played(self, id: str, *, at: Moment | None = None) -> Result:
        """A voice message was played, which proves its delivery."""
        return self._tell("message_played", at, id=id)

    def message_failed(self, id: str, error: int | None = None, *, at: Moment | None = None) -> Result:
        """A message could not be delivered; `error` is Meta's code."""
        return self._tell("message_failed", at, id=id, error=error)

    @_alone
    def record(self, event: Event) -> Result:
        """
        Take in an event as it is, for example one read from a webhook.

        A duplicate changes nothing; an event that arrives late is put in its place, and
        what came after it is worked out again.
        """
        if not isinstance(event, Event):
            raise BadEvent(f"{event!r} is no Event. Make one with fsm.events.read_event or fsm.webhooks.read_body.")
        if event.thread != (self.business, self.customer):
            raise BadEvent(
                f"the event is about {event.customer!r} and business {event.business!r}; this thread is "
                f"{self.customer!r} with {self.business!r}. Keep one CustomerThread per pair."
            )
        if self._settled is not None and event.at <= self._settled.at:
            raise TimeRunsBackwards(
                f"the event is dated {format_instant(event.at)}, and everything up to "
                f"{format_instant(self._settled.at)} was settled. Replay the thread from its log to take it in."
            )
        self._law.edition_at(event.at)
        known = self._events.setdefault(event.key, [])
        if event in known:
            return next(result for result in reversed(self._results) if result.event.key == event.key)
        known.append(event)
        if len(known) == 1 and self._is_news(event):
            self._results += self._fold.take([Fact(event)])
        else:
            self._fold, self._results = self._folded(gather(self._told()))
        return next(result for result in reversed(self._results) if result.event.key == event.key)

    @_alone
    def settle(self, before: Moment) -> None:
        """
        Forget the events before an instant, and keep what they led to.

        The thread then stays small for ever; but an event older than that can no longer
        be taken in, and no question about that time can be answered.
        """
        moment = _instant(before)
        old = [fact for fact in gather(self._told()) if fact.event.at < moment]
        fold, _ = self._folded(old)
        thread = fold.threads.get((self.business, self.customer))
        if thread is None:
            return
        self._settled, self._settled_allowances = thread, fold.allowances.to_dict()
        forgotten = {fact.event.key for fact in old}
        self._events = {key: versions for key, versions in self._events.items() if key not in forgotten}
        self._fold, self._results = self._folded(gather(self._told()))

    # --- questions ----------------------------------------------------------
    @_alone
    def may_send(
        self,
        content: str,
        category: str | None = None,
        *,
        template_status: str = "APPROVED",
        at: Moment | None = None,
    ) -> Verdict:
        """
        Whether a message may be sent, why, what it would open and cost, and how long the answer holds.

        Asked about a past instant, it answers from what had happened by then. If the
        history holds later events, the verdict is flagged `future_dated`.
        """
        moment = _instant(at)
        thread, allowances = self._at(moment)
        intent = Intent(content=content, category=category, template_status=template_status)

        def left(at: int) -> bool:
            return allowances.left(self._law.edition_at(at), self.business, at) > 0

        verdict = judge(self._law, thread, intent, moment, allowance_left=left)
        if any(event.at > moment for versions in self._events.values() for event in versions):
            verdict = attrs.evolve(verdict, flags=tuple(sorted({*verdict.flags, "future_dated"})))
        return verdict

    @_alone
    def state(self, at: Moment | None = None) -> dict[str, str]:
        """The state of every lane at an instant: `{'customer_service_window': 'open', ...}`."""
        thread, _ = self._at(_instant(at))
        return states_by_lane(thread, self._law.edition_of(thread).book)

    def status(self, at: Moment | None = None) -> str:
        """What a reader would call the thread: `idle`, `service-open`, `business-open: marketing`, ..."""
        return status(self.state(at))

    @_alone
    def deadlines(self, at: Moment | None = None) -> dict[str, datetime]:
        """The clocks that run at an instant: lane to the moment at which they run out."""
        thread, _ = self._at(_instant(at))
        book = self._law.edition_of(thread).book
        return {lane: datetime_of(deadline) for lane, deadline in deadlines_by_lane(thread, book).items()}

    def next_deadline(self, at: Moment | None = None) -> datetime | None:
        """The next moment at which a clock runs out; None if none runs."""
        return min(self.deadlines(at).values(), default=None)

    @property
    def history(self) -> tuple[Result, ...]:
        """Every distinct event so far (or since it was last settled), in canonical order, with what it did."""
        with self._lock:
            return tuple(self._results)

    # --- saving and resuming ------------------------------------------------
    @_alone
    def to_dict(self) -> dict[str, object]:
        """
        Everything needed to go on elsewhere, as plain JSON values.

        >>> CustomerThread.from_dict(CustomerThread("b", "c").to_dict()).customer
        'c'
        """
        return {
            "version": SNAPSHOT,
            "business": self.business,
            "customer": self.customer,
            "rulebook": self._rulebook,
            "account": write_account(self.account),
            "settled": None if self._settled is None else write_thread(self._settled, self._law),
            "allowances": self._settled_allowances,
            "given_ids": self._count,
            "events": [write_event(event) for event in self._told()],
        }

    @classmethod
    def from_dict(cls, saved: Mapping[str, object]) -> CustomerThread:
        """
        The thread that was saved.

        Raises:
            UnreadableSnapshot: an unknown version, or a shape that `to_dict` does not write.
        """
        if not isinstance(saved, Mapping):
            raise UnreadableSnapshot(f"a saved thread is an object, and this is {type(saved).__name__}.")
        if saved.get("version") != SNAPSHOT:
            raise UnreadableSnapshot(
                f"this thread was saved as version {saved.get('version')!r}; only {SNAPSHOT!r} can be read. "
                "Nothing was loaded. Use the release that saved it, or replay its log."
            )
        if set(saved) != _MEMBERS:
            raise UnreadableSnapshot(f"a saved thread has other members than these: {', '.join(map(str, saved))}.")
        account, events, allowances = saved["account"], saved["events"], saved["allowances"]
        given = saved["given_ids"]
        if not (isinstance(account, Mapping) and isinstance(events, list) and isinstance(allowances, Mapping)):
            raise UnreadableSnapshot("'account' and 'allowances' of a saved thread must be objects, 'events' a list.")
        if isinstance(given, bool) or not isinstance(given, int) or given < 0:
            raise UnreadableSnapshot(f"'given_ids' of a saved thread is {given!r}; it must be a whole number.")
        thread = cls(
            str(saved["business"]), str(saved["customer"]), read_account(account), rulebook=str(saved["rulebook"])
        )
        if saved["settled"] is not None:
            thread._settled = read_thread(saved["settled"], thread._law)
            if (thread._settled.business, thread._settled.customer) != (thread.business, thread.customer):
                raise UnreadableSnapshot("the settled part of a saved thread is that of another customer or business.")
            thread._settled_allowances = Allowances.from_dict(thread._law, allowances).to_dict()
        for members in events:
            if not isinstance(members, Mapping):
                raise UnreadableSnapshot(f"an event of a saved thread is {members!r}, which is no object.")
            event, unknown = read_event(members)
            if unknown or event.thread != (thread.business, thread.customer):
                raise UnreadableSnapshot(
                    f"an event of a saved thread is not its own, or has unknown members: {members}."
                )
            if thread._settled is not None and event.at <= thread._settled.at:
                raise UnreadableSnapshot(f"an event of a saved thread is older than what was settled: {members}.")
            thread._events.setdefault(event.key, []).append(event)
        thread._count = given
        thread._fold, thread._results = thread._folded(gather(thread._told()))
        return thread

    # --- inside -------------------------------------------------------------
    @_alone
    def _tell(self, /, name: str, at: Moment | None, **members: object) -> Result:
        if name in ("customer_message", "message_sent") and members["id"] == "":
            self._count += 1
            members["id"] = f"{name}-{self._count}"
        written = {"event": name, "business": self.business, "customer": self.customer, "at": 0, **members}
        event, _ = read_event({member: value for member, value in written.items() if value is not None})
        return self.record(attrs.evolve(event, at=_instant(at)))

    def _told(self) -> list[Event]:
        return [event for versions in self._events.values() for event in versions]

    def _is_news(self, event: Event) -> bool:
        """Whether an event comes after all others, and tells nothing new about them."""
        if not self._results:
            return True
        told_late = event.event == "message_sent" and any(event.id == result.event.id for result in self._results)
        return event.at > self._results[-1].event.at and not told_late

    def _folded(self, facts: Sequence[Fact]) -> tuple[Fold, list[Result]]:
        settled = self._settled
        fold = Fold(
            self._law,
            () if settled is None else (settled,),
            None if settled is None else Allowances.from_dict(self._law, self._settled_allowances),
        )
        told = self._told()
        if told:
            fold.allowances.seen(min(event.at for event in told))
        results: list[Result] = []
        for _, together in groupby(facts, key=lambda fact: fact.event.at):
            results += fold.take(list(together))
        return fold, results

    def _at(self, moment: int) -> tuple[Thread, Allowances]:
        if self._results and moment < self._results[-1].event.at:
            fold, _ = self._folded([fact for fact in gather(self._told()) if fact.event.at <= moment])
        else:
            fold = self._fold
        key = (self.business, self.customer)
        thread = fold.threads.get(key) or self._law.new_thread(*key, moment)
        return advance(self._law, thread, moment), fold.allowances


def _instant(at: Moment | None) -> int:
    if at is None:
        return clock.now()
    return instant_of(at) if isinstance(at, datetime) else parse_instant(at)


def _check_id(name: str, id: object) -> None:
    if not isinstance(id, str) or not id:
        raise BadEvent(f"{name} is {id!r}; it must be text: the id of the {name}.")
