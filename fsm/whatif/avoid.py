"""What would avoid a cost: changed traffic, replayed and priced again. Nothing here is an estimate."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import timedelta
from decimal import Decimal
from typing import Final, TypeAlias

import attrs

from fsm import terms
from fsm.events import Event, micros
from fsm.ledger import Row
from fsm.rates import total
from fsm.rules import acts
from fsm.rules.tables import Rulebook
from fsm.rules.words import counted
from fsm.whatif.sides import CHARGED, NOTHING, NOWHERE, Side, Which, minus, sides_of
from fsm.whatif.spare import moves_to_spare_units

PriceAgain: TypeAlias = Callable[[Sequence[Event]], tuple[Row, ...]]
Message: TypeAlias = tuple[str, str]
"""A business number and the id of a message."""

_SECOND: Final = micros(timedelta(seconds=1))
_ROUNDS: Final = 8
_EXAMPLES: Final = 5
_ADDED_ANSWER: Final = "what-if answer to "

NOT_LOOKED_AT: Final = (
    "calls",
    "authentication templates",
    "messages that need not be sent at all",
    "moving traffic to another account or portfolio",
    "contract rates and volume commitments",
    "whether customers would have written the same",
)
"""What no suggestion is about."""


@attrs.frozen(kw_only=True)
class Assumptions:
    """
    What the suggestions assume; parameters of a question, not rules.

    Attributes:
        bubble: free-form messages sent at most this long after one another are one answer in bubbles.
        late: utility delivered at most this long after the window closed came too late.
        answer: after how long an entry point would have been answered.
    """

    bubble: timedelta = timedelta(seconds=60)
    late: timedelta = timedelta(hours=24)
    answer: timedelta = timedelta(seconds=60)


@attrs.frozen(kw_only=True)
class Suggestion:
    """
    A change of the traffic, and what it was shown to save.

    Attributes:
        name: short and stable.
        says: what would be done otherwise, in one sentence.
        found: how many occasions the traffic has.
        changed: on how many of them the change holds.
        taken_back: how many the rerun showed to be refused, or to be without their point.
        saving: in money, of deliveries whose amounts are known before and after; negative if it costs more.
        unknown: how many deliveries that the change concerns have no known amount before or after.
        rules: ids of the rules that decided about the deliveries whose cost changes.
        conditions: what must hold for it, which no log tells.
        examples: ids of the first messages it concerns.
    """

    name: str
    says: str
    found: int
    changed: int
    taken_back: int
    saving: Decimal
    unknown: int
    rules: tuple[str, ...]
    conditions: tuple[str, ...]
    examples: tuple[str, ...]


def suggestions(
    events: Sequence[Event],
    price_again: PriceAgain,
    books: Mapping[str, Rulebook],
    assumptions: Assumptions = Assumptions(),
) -> tuple[Suggestion, ...]:
    """
    What would have cost less, each verified by replaying and pricing the changed traffic; the greatest saving first.

    Suggestions that save nothing are among them, so that a report can say what was looked at.

    Args:
        events: the distinct events, each customer under one name.
        price_again: replays events and prices them, always under the same law, account and cards.
        books: the editions of the law, by name.
        assumptions: what counts as an answer in bubbles, and so on.

    Rules: P26-01, P26-02, P26-08, PMP-03, PMP-05, FEP-01 (as the rulebook has them; the rerun decides)

    >>> [suggestion.changed for suggestion in suggestions((), lambda events: (), {})]
    [0, 0, 0, 0, 0, 0]
    """
    traffic = _Traffic(events, price_again, books, assumptions)
    found = (
        traffic.bubbles(),
        traffic.late_utility(),
        traffic.free_form_instead("utility"),
        traffic.free_form_instead("marketing"),
        traffic.other_numbers(),
        traffic.entry_points(),
    )
    return tuple(sorted(found, key=lambda one: one.saving.copy_negate()))


@attrs.frozen(kw_only=True)
class _Edit:
    """A change to one message; `adds` are events that are new."""

    message: Message
    drop: bool = False
    earlier: int = 0
    free_form: bool = False
    adds: tuple[Event, ...] = ()


@attrs.frozen(kw_only=True)
class _Sent:
    """One message that was sent and delivered."""

    event: Event
    delivered_at: int
    customer_at: int | None
    """When the customer last did something that may open the window, before it was sent."""

    @property
    def message(self) -> Message:
        return (self.event.business, self.event.id)

    @property
    def category(self) -> str | None:
        return acts.normal_category(self.event.category)


class _Traffic:
    """The traffic as it was, and the ledger of it."""

    def __init__(
        self,
        events: Sequence[Event],
        price_again: PriceAgain,
        books: Mapping[str, Rulebook],
        assumptions: Assumptions,
    ) -> None:
        self._events = sorted(events, key=lambda event: event.order)
        self._price_again, self._books, self._assumptions = price_again, books, assumptions
        self._rows = price_again(self._events)
        self._sides, _ = sides_of(self._rows)
        self._threads: dict[tuple[str, str], list[Event]] = {}
        for event in self._events:
            self._threads.setdefault(event.thread, []).append(event)
        self._delivered: dict[Message, int] = {}
        self._lines: dict[Message, str] = {}
        self._editions: dict[Message, str] = {}
        for row in self._rows:
            message = (row.business, row.id)
            self._delivered.setdefault(message, row.at)
            self._editions.setdefault(message, row.edition)
            if row.line is not None:
                self._lines[message] = row.line

    # --- what the traffic offers ---------------------------------------------
    def bubbles(self) -> Suggestion:
        """Several free-form messages in a row that could be one."""
        within, edits, answers = micros(self._assumptions.bubble), [], 0
        for events in self._threads.values():
            previous: Event | None = None
            follows = False
            for event in events:
                if event.event in terms.CUSTOMER_EVENTS:
                    previous, follows = None, False
                elif event.event == "message_sent" and (event.business, event.id) in self._delivered:
                    if event.content != "free_form":
                        previous, follows = None, False
                        continue
                    if previous is not None and event.at - previous.at <= within:
                        edits.append(_Edit(message=(event.business, event.id), drop=True))
                        answers += not follows
                        follows = True
                    else:
                        follows = False
                    previous = event
        return self._tried(
            "bubbles",
            f"Send one message instead of several in a row: {counted(len(edits), 'further free-form message')} in "
            f"{counted(answers, 'answer')} came at most {_length(self._assumptions.bubble)} after the one before, with "
            "nothing from the customer between.",
            edits,
            conditions=(
                "What they said fits into one message. The log does not hold what was said: media, lists and buttons "
                "may need messages of their own.",
            ),
        )

    def late_utility(self) -> Suggestion:
        """Utility that came a little after the window had closed."""
        edits = []
        for sent in self._sent("template"):
            closes = self._closes(sent)
            if sent.category != "utility" or self._lines.get(sent.message) != "utility" or closes is None:
                continue
            overdue = sent.delivered_at - closes
            if 0 <= overdue < micros(self._assumptions.late):
                earlier = overdue + _SECOND
                if sent.customer_at is not None and sent.event.at - earlier > sent.customer_at:
                    edits.append(_Edit(message=sent.message, earlier=earlier))
        return self._tried(
            "utility-in-time",
            f"Send utility before the window closes: {counted(len(edits), 'utility template')} came less than "
            f"{_length(self._assumptions.late)} after it had closed.",
            edits,
            holds=lambda message, after: after[message].state != CHARGED,
            conditions=("What the template says was known before the window closed.",),
        )

    def free_form_instead(self, category: str) -> Suggestion:
        """Templates sent while free-form was allowed."""
        names = (category, f"{category}_lite")
        edits = []
        for sent in self._sent("template"):
            closes = self._closes(sent)
            is_charged = sent.category in names and sent.message in self._lines
            if is_charged and closes is not None and max(sent.delivered_at, sent.event.at) < closes:
                edits.append(_Edit(message=sent.message, free_form=True))
        before = _by_message(self._sides)
        return self._tried(
            f"free-form-for-{category}",
            f"Write free-form while the window is open: {counted(len(edits), f'{category} template')} went out inside it.",
            edits,
            holds=lambda message, after: _is_cheaper(before[message], after[message]),
            conditions=(
                "A free-form message can say the same: some templates have buttons or forms that free-form does not.",
                "An open window is no consent: what the customer agreed to receive still holds.",
            ),
        )

    def other_numbers(self) -> Suggestion:
        """Numbers beyond their free units, beside numbers with units to spare."""
        moves, found = moves_to_spare_units(self._rows, self._books, self._threads)
        moved = [
            attrs.evolve(event, business=moves[event.thread]) if event.thread in moves else event
            for event in self._events
        ]
        after = self._price_again(moved) if moves else self._rows
        back = {(number, customer): thread[0] for thread in moves for number, customer in [(moves[thread], thread[1])]}
        home = [attrs.evolve(row, business=back.get((row.business, row.customer), row.business)) for row in after]
        saving, unknown, rules = self._saved(sides_of(home)[0])
        return Suggestion(
            name="spare-free-units",
            says=f"Spread customers over the numbers of an account: {counted(found, 'number')} used up the free units of a "
            f"month while others had units to spare; {counted(len(moves), 'customer')} would write to another number.",
            found=found,
            changed=len(moves),
            taken_back=0,
            saving=saving,
            unknown=unknown,
            rules=rules,
            conditions=(
                "The customers write to the other number from their first message on; a number cannot hand a customer over.",
                "Both numbers may serve them: same brand, same staff, same templates.",
            ),
            examples=tuple(f"{business} {customer}" for business, customer in sorted(moves)[:_EXAMPLES]),
        )

    def entry_points(self) -> Suggestion:
        """Customers who came through an ad and were not answered in time."""
        opened: dict[tuple[str, str], list[Row]] = {}
        for row in self._rows:
            if row.category == terms.FREE_ENTRY_POINT:
                opened.setdefault((row.business, row.customer), []).append(row)
        edits, after_entry = [], micros(self._assumptions.answer)
        for thread, events in self._threads.items():
            came = [event for event in events if event.event == "customer_message" and event.entry is not None]
            for place, event in enumerate(came):
                until = came[place + 1].at if place + 1 < len(came) else None
                mine = opened.get(thread, [])
                answered = any(event.at <= row.at and (until is None or row.at < until) for row in mine)
                running = any(row.at <= event.at < (row.ends_at or row.at) for row in mine)
                if not answered and not running:
                    edits.append(_Edit(message=(event.business, event.id), adds=_answer(event, after_entry)))
        answers = {edit.message: (edit.message[0], edit.adds[0].id) for edit in edits}

        def holds(message: Message, after: Mapping[Message, Side]) -> bool:
            return after[answers[message]].why == terms.FREE_ENTRY_POINT

        return self._tried(
            "entry-points",
            f"Answer everybody who comes through an ad or a page button: {counted(len(edits), 'such message')} opened no free "
            f"entry point; each would get a free-form answer after {_length(self._assumptions.answer)}.",
            edits,
            holds=holds,
            conditions=(
                "The ad or button qualifies; a referral in the webhook does not show that.",
                "Everything else would have been sent as it was.",
            ),
        )

    # --- trying it -----------------------------------------------------------
    def _tried(
        self,
        name: str,
        says: str,
        edits: Sequence[_Edit],
        *,
        conditions: tuple[str, ...],
        holds: Callable[[Message, Mapping[Message, Side]], bool] | None = None,
    ) -> Suggestion:
        """Replay and price the changed traffic, without the changes that turn out not to hold."""
        kept = list(edits)
        after = self._sides
        for _ in range(_ROUNDS):
            if not kept:
                after = self._sides
                break
            rows = self._price_again(edited(self._events, kept))
            after, _ = sides_of(rows)
            refused = {(row.business, row.id) for row in rows if "delivered_though_refused" in row.flags}
            refused -= self._refused()
            sides = _Known(_by_message(after))
            fails = {
                edit.message
                for edit in kept
                if {edit.message, *_added(edit)} & refused or (holds is not None and not holds(edit.message, sides))
            }
            if not fails:
                break
            kept = [edit for edit in kept if edit.message not in fails]
        else:
            # Each round took some back, and what was left still did not hold: nothing is claimed.
            kept, after = [], self._sides
        saving, unknown, rules = self._saved(after)
        return Suggestion(
            name=name,
            says=says,
            found=len(edits),
            changed=len(kept),
            taken_back=len(edits) - len(kept),
            saving=saving,
            unknown=unknown,
            rules=rules,
            conditions=conditions,
            examples=tuple(edit.message[1] for edit in kept[:_EXAMPLES]),
        )

    def _saved(self, after: Mapping[Which, Side]) -> tuple[Decimal, int, tuple[str, ...]]:
        """What the changed traffic saves, how many deliveries it cannot be told of, and the rules that decided."""
        saved: list[Decimal] = []
        unknown = 0
        rules: Counter[str] = Counter()
        for which in {**self._sides, **after}:
            old, new = self._sides.get(which, NOWHERE), after.get(which, NOWHERE)
            if old == new:
                continue
            # What is not sent costs nothing: here an absent delivery is known to be free.
            before = NOTHING if old is NOWHERE else old.amount
            now = NOTHING if new is NOWHERE else new.amount
            if before is None or now is None:
                unknown += before != now or old.line != new.line
            elif before != now:
                saved.append(minus(before, now))
                rules.update({*old.because, *new.because})
        return total(saved), unknown, tuple(rule for rule, _ in sorted(rules.items(), key=lambda p: (-p[1], p[0])))

    def _refused(self) -> set[Message]:
        return {(row.business, row.id) for row in self._rows if "delivered_though_refused" in row.flags}

    # --- what the traffic was --------------------------------------------------
    def _sent(self, content: str) -> Iterable[_Sent]:
        for events in self._threads.values():
            wrote: list[Event] = []
            for event in events:
                if event.event in terms.CUSTOMER_EVENTS:
                    wrote.append(event)
                elif event.event == "message_sent" and event.content == content:
                    delivered_at = self._delivered.get((event.business, event.id))
                    if delivered_at is not None:
                        customer_at = self._opened_by(wrote, (event.business, event.id))
                        yield _Sent(event=event, delivered_at=delivered_at, customer_at=customer_at)

    def _opened_by(self, wrote: Sequence[Event], message: Message) -> int | None:
        """When the customer last did something that may have opened the window, by the law of a message."""
        book = self._books.get(self._editions.get(message, ""))
        if book is None:
            return None
        # A kind of which no text says that it opens the window is not built upon.
        counting = book.readings.opens_window
        return next(
            (one.at for one in reversed(wrote) if one.event != "customer_message" or one.kind in counting), None
        )

    def _closes(self, sent: _Sent) -> int | None:
        """When the window closes that the customer's last message opened; the rerun decides whether it did open one."""
        book = self._books.get(self._editions.get(sent.message, ""))
        if book is None or sent.customer_at is None:
            return None
        lasts = [state.lasts for state in book.lane(terms.CUSTOMER_SERVICE_WINDOW).states if state.open and state.lasts]
        return sent.customer_at + micros(lasts[0]) if lasts else None


def edited(events: Iterable[Event], edits: Iterable[_Edit]) -> list[Event]:
    """The traffic with some messages changed, left out or added."""
    by_message = {edit.message: edit for edit in edits}
    changed: list[Event] = []
    for event in events:
        edit = by_message.get((event.business, event.id))
        if edit is None:
            changed.append(event)
        elif edit.adds:
            changed += [event, *edit.adds]
        elif not edit.drop:
            event = attrs.evolve(event, at=event.at - edit.earlier)
            if edit.free_form and event.content is not None:
                # It is a sending that we imagine, not one inferred: so it is judged, and refused where it may not be.
                event = attrs.evolve(event, content="free_form", category=None, inferred=False)
            changed.append(event)
    return changed


class _Known(dict[Message, Side]):
    """Sides by message; a message that is not there is nowhere."""

    def __missing__(self, message: Message) -> Side:
        return NOWHERE


def _by_message(sides: Mapping[Which, Side]) -> dict[Message, Side]:
    return {(which.business, which.id): side for which, side in sides.items() if not which.call}


def _is_cheaper(before: Side, after: Side) -> bool:
    if before.amount is None or after.amount is None:
        return after.state != CHARGED
    return after.amount < before.amount


def _added(edit: _Edit) -> set[Message]:
    return {(event.business, event.id) for event in edit.adds}


def _answer(event: Event, after: int) -> tuple[Event, ...]:
    named = f"{_ADDED_ANSWER}{event.id}"
    sent = Event(
        event="message_sent",
        at=event.at + after,
        business=event.business,
        customer=event.customer,
        id=named,
        content="free_form",
    )
    return (sent, attrs.evolve(sent, event="message_delivered", content=None))


def _length(length: timedelta) -> str:
    seconds = int(length.total_seconds())
    if seconds % 3600 == 0 and seconds:
        return f"{seconds // 3600} h"
    return f"{seconds // 60} min" if seconds % 60 == 0 and seconds else f"{seconds} s"
