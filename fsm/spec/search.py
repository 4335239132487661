"""
The shortest way to make a row act, found by searching the compiled table breadth first.

What can happen are the symbols of the table, each in a phrase of the vocabulary; waiting is the next clock that
runs out, or the next edition that begins. The search goes on from one thread to the next by the same step that
everything else uses, so that what it finds is timed as it can really be.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from heapq import heappop, heappush
from itertools import combinations, product
from typing import Final

import attrs

from fsm import terms
from fsm.events import datetime_of, read_account
from fsm.harness import lexicon
from fsm.harness.booked import Key
from fsm.harness.vocabulary import Phrase, find
from fsm.harness.world import World
from fsm.machine import Law, Thread, advance
from fsm.machine.lanes import CLOCK as RUNS_OUT
from fsm.machine.table import Symbol, symbols_of
from fsm.replay import Fold
from fsm.rulebooks import numbers
from fsm.rules import acts, facts
from fsm.rules.tables import Charge, Permission, Row, Rulebook, State
from fsm.spec.lines import CHARGES, CLAUSE, Line
from fsm.spec.watch import Watch

BUSINESS: Final = "bakery"
_SECOND: Final = 1_000_000
_MINUTE: Final = 60 * _SECOND
_HOUR: Final = 60 * _MINUTE
_EFFORTS: Final = ((4, 1_000), (6, 2_000))
"""How many acts a way may have, and how many threads are gone through; the second only where the first finds none."""
_HOW_BAD: Final = (terms.ALLOWED, terms.UNSPECIFIED, terms.REFUSED)
_LATER: Final = "1 day"


@attrs.frozen
class Act:
    """
    Something that can happen, in the words of the vocabulary.

    Attributes:
        now: the phrase for its happening now.
        ago: the same for its having happened `{ago}` ago; empty where the vocabulary has none.
        about: the act or message it is about.
        asks: it only asks; nothing happens.
        preference: it is about opting in or out, or stopping marketing.
    """

    now: str
    ago: str
    about: str
    asks: bool = False
    preference: bool = False


@attrs.frozen(kw_only=True)
class Way:
    """
    A way to make a row act.

    Attributes:
        givens: what is said about the account and the customer.
        acts: what happens, each with its instant; the last one makes the row act.
        edition: place of the edition under which the row acts.
        ends_at: the instant of the end; later than the last act where a clock must run out.
    """

    givens: tuple[str, ...]
    acts: tuple[tuple[int, Act], ...]
    edition: int
    ends_at: int


@attrs.frozen
class _Node:
    thread: Thread
    at: int
    acts: tuple[tuple[int, Act], ...]
    waits: int = 0


# --- what can happen ----------------------------------------------------------
@lru_cache(maxsize=1)
def words_of_messages() -> Mapping[str, str]:
    """For every message of the tables, its first name in the lexicon."""
    found: dict[str, str] = {}
    for word, message in lexicon.MESSAGES["en"].items():
        found.setdefault(acts.message_of(message.content, message.category), word)
    return found


@lru_cache(maxsize=64)
def acts_of(book: Rulebook) -> tuple[Act, ...]:
    """What can happen under an edition: every symbol of its table that a phrase can say, deliveries as sendings."""
    found: dict[str, Act] = {}
    for symbol in symbols_of(book):
        act = _act(book, symbol)
        if act is not None:
            found.setdefault(act.now, act)
    for message in acts.MESSAGES:
        act = sending(message)
        if act is not None:
            found.setdefault(act.now, act)
    return tuple(found.values())


_PLAIN: Final = {
    "customer_call": Act("Ana calls the bakery", "Ana called the bakery {ago} ago", "customer_call"),
    "call_accepted": Act("Ana accepts a call of the bakery", "", "call_accepted"),
    "welcome_requested": Act("Ana opens the chat with the bakery for the first time", "", "welcome_requested"),
    "opted_in": Act("Ana opts in", "", "opted_in", preference=True),
    "opted_out": Act("Ana opts out", "", "opted_out", preference=True),
    "marketing_stopped": Act("Ana stops marketing messages", "", "marketing_stopped", preference=True),
    "marketing_resumed": Act("Ana resumes marketing messages", "", "marketing_resumed", preference=True),
}


def _act(book: Rulebook, symbol: Symbol) -> Act | None:
    if symbol.act in _PLAIN:
        return _PLAIN[symbol.act]
    if symbol.act != "customer_message" or symbol.act == RUNS_OUT:
        return None
    readings, name = book.readings, symbol.act
    if facts.THROUGH_ENTRY in symbol.true:
        for word, entry in lexicon.ENTRIES["en"].items():
            if entry in readings.entries:
                through = f"the bakery through {word}"
                return Act(f"Ana writes to {through}", f"Ana wrote to {through} {{ago}} ago", name)
        return None
    if facts.COUNTS in symbol.true:
        return Act("Ana writes to the bakery", "Ana wrote to the bakery {ago} ago", name)
    may = facts.MAY_COUNT in symbol.true
    for word, kind in lexicon.KINDS["en"].items():
        counts, doubtful = kind in readings.opens_window, kind in readings.may_open_window
        if doubtful == may and (may or not counts):
            return Act(f"Ana sends the bakery {word}", f"Ana sent the bakery {word} {{ago}} ago", name)
    return None


def sending(message: str) -> Act | None:
    """A message that is sent and delivered; None if the lexicon has no name for it."""
    word = words_of_messages().get(message)
    if word is None:
        return None
    return Act(f"the bakery sends Ana {word}", f"the bakery sent Ana {word} {{ago}} ago", message)


def askings(message: str, states: Iterable[str]) -> Iterator[Act]:
    """The questions whether a message may be sent: with an approved template, and with one in each state."""
    word = words_of_messages().get(message)
    if word is None:
        return
    yield Act(f"the bakery asks to send Ana {word}", "", message, asks=True)
    if message in acts.TEMPLATES:
        for state in states:
            yield Act(f"the bakery asks to send Ana {word} in state {state}", "", message, asks=True)


# --- what is said about the account --------------------------------------------
def givens_of(book: Rulebook, begins: int) -> dict[str, tuple[str, ...]]:
    """For every fact about the account or the customer's number, the phrases that make it true."""
    readings = book.readings
    found: dict[str, tuple[str, ...]] = {
        facts.AI_PROVIDER: ("the bakery is an AI provider",),
        facts.EXEMPT_SENDER: ("the bakery is a government",),
        facts.DIRECT_SEND_ENABLED: ("Direct Send is enabled",),
        facts.BILLED_THROUGH_PARTNER: ("the account is billed through a partner",),
        facts.NO_PAYMENT_METHOD: ("the account has no payment method",),
        facts.IN_EXPERIMENT: ("Ana is in Meta's marketing holdout",),
        _USED_UP: ("the free allowance is used up",),
    }
    for wanted, number in ((facts.US_AREA_CODE, "+1 212 555 0123"), (facts.US_AREA_CODE_IN_DOUBT, "+1 787 555 0123")):
        found[wanted] = (f"Ana's number is {number}",)
    for country in sorted(readings.ai_markets)[:1]:
        found[facts.AI_MARKET] = ("the bakery is an AI provider", _number_in(country))
    for country in sorted(readings.international_markets)[:1]:
        since = f"{datetime_of(begins):%Y-%m-%d} at {datetime_of(begins):%H:%M}"
        starts = f"the international authentication rate for {country} starts on {since}"
        found[facts.INTERNATIONAL_RATE] = (_number_in(country), starts)
    for country, currency in sorted(readings.billing_currencies.items())[:1]:
        other = "USD" if currency != "USD" else "EUR"
        found[facts.CURRENCY_REFUSED] = (f"the account is sold to in {country} and billed in {other}",)
    return found


_USED_UP: Final = f"not {facts.ALLOWANCE_LEFT}"


def _number_in(country: str) -> str:
    return f"Ana's number is +{numbers.CALLING_CODES[country]} 600 123 456"


def setups(line: Line, book: Rulebook, begins: int) -> Iterator[tuple[str, ...]]:
    """What may be said about the account so that a row acts, the least first."""
    row = line.row
    known = givens_of(book, begins)
    if isinstance(row, Row | State):
        yield ()
        return
    needed = [fact for fact in known if fact in row.needs]
    if facts.ALLOWANCE_LEFT in row.unless:
        needed.append(_USED_UP)
    asked = _asked(line, book)
    free = [fact for fact in known if fact.removeprefix("not ") in asked]
    barred = {*row.unless, *([_USED_UP] if facts.ALLOWANCE_LEFT in row.needs else [])}
    free = [fact for fact in free if fact not in needed and fact not in barred]
    told: set[tuple[str, ...]] = set()
    for count in range(min(len(free), 2) + 1):
        for more in combinations(free, count):
            givens = tuple(dict.fromkeys(phrase for fact in (*needed, *more) for phrase in known[fact]))
            if sum(given.startswith("Ana's number") for given in givens) <= 1 and givens not in told:
                told.add(givens)
                yield givens


def _asked(line: Line, book: Rulebook) -> set[str]:
    """The facts that decide which row of its table holds, and for permissions whether there would be a charge."""
    row = line.row
    assert isinstance(row, Permission | Charge)
    rows: list[Permission | Charge] = [*book.charges]
    rows += [other for clause in book.clauses if clause.name == line.table for other in clause.rows]
    if line.kind == CLAUSE and facts.WOULD_BE_CHARGED not in (*row.needs, *row.unless):
        rows = [each for each in rows if isinstance(each, Permission)]
    if line.kind == CHARGES:
        rows = [each for each in rows if isinstance(each, Charge)]
    mine = [each for each in rows if not set(each.messages).isdisjoint(row.messages)]
    return {fact for each in mine for fact in (*each.needs, *each.unless)}


# --- the search ----------------------------------------------------------------
@lru_cache(maxsize=4096)
def _understood(text: str) -> tuple[Phrase, tuple[tuple[str, str], ...]]:
    phrase, words = find("en", text)
    return phrase, tuple(words.items())


class Telling(World):
    """
    A world that takes up a story where another left it.

    Args:
        givens: what is said about the account and the customer.
        at: the present instant.
        told: how many acts came before, so that no message has the id of an earlier one.
    """

    def __init__(self, givens: Sequence[str], at: int, told: int) -> None:
        super().__init__()
        for given in givens:
            self.say(given)
        self.move_to(at)
        self._count = told * 10

    def say(self, text: str) -> None:
        """Do what a step says."""
        phrase, words = _understood(text)
        phrase.does(self, **dict(words))

    @property
    def customer(self) -> str:
        """The name under which the customer of the story is known to the log."""
        return self._customer("Ana")

    @property
    def acted(self) -> tuple[Key, ...]:
        """The events of the last act."""
        return self._acted


class Search:
    """
    Searches under one edition, for one account.

    Args:
        number: place of the edition under which rows are to act.
        givens: what is said about the account and the customer.
        begins_at: the instant at which the story begins; under an earlier edition, if rows are about what that left.
    """

    def __init__(self, number: int, givens: tuple[str, ...], begins_at: int) -> None:
        self.number = number
        self.givens = givens
        self.begins_at = begins_at
        telling = Telling(givens, begins_at, 0)
        self.watch = Watch(Law(read_account(telling.account), engine="table"))
        self.customer = telling.customer
        self.edition = self.watch.law.editions[number]

    def find(self, line: Line, *, worst: str, late: bool, deepest: int, widest: int) -> Way | None:
        """
        The shortest way to make a row act, if there is one here.

        Args:
            worst: the worst verdict under which a message may still be delivered on the way.
            late: the last message may be delivered a day after its sending.
            deepest: how many acts it may have.
            widest: how many threads are gone through.
        """
        wanted = (self.edition.book.edition, line.key)
        start = _Node(self.watch.law.new_thread(BUSINESS, self.customer, self.begins_at), self.begins_at, ())
        # The fewest acts first, and of as many the fewest waits: a wait is hardly a step, but it is one to read.
        queue, seen, count = [(0, 0, 0, start)], set[object](), 0
        while queue and len(seen) < widest:
            *_, node = heappop(queue)
            shape = self._shape(node)
            if shape in seen:
                continue
            seen.add(shape)
            following: list[_Node] = []
            edition = self.watch.law.edition_of(node.thread)
            if edition is self.edition:
                for act in self._last_acts(line, late):
                    after = self._after(node, act, worst=terms.REFUSED if act.asks else worst)
                    if after is not None and wanted in self.watch.record.acted:
                        return self._way(after, after.at)
            for waited in self._waits(node):
                if wanted in self.watch.record.acted:
                    return self._way(waited, waited.at)
                following.append(waited)
            if len(node.acts) < deepest:
                for act in acts_of(edition.book):
                    if act.preference and not _is_about_preferences(line):
                        continue
                    after = self._after(node, act, worst=worst)
                    if after is not None:
                        following.append(after)
            for each in following:
                if self.edition.ends is None or each.at < self.edition.ends:
                    count += 1
                    heappush(queue, (len(each.acts), each.waits, count, each))
        return None

    def _way(self, node: _Node, ends_at: int) -> Way:
        return Way(givens=self.givens, acts=node.acts, edition=self.number, ends_at=ends_at)

    def _shape(self, node: _Node) -> object:
        """What of a node matters to what can follow: the edition, the states, and in which order clocks run out."""
        deadlines = node.thread.deadlines
        order = sorted({deadline for deadline in deadlines if deadline is not None})
        ranks = tuple(None if deadline is None else order.index(deadline) for deadline in deadlines)
        return (node.thread.edition, node.thread.states, ranks)

    def _last_acts(self, line: Line, late: bool) -> Iterator[Act]:
        row = line.row
        if isinstance(row, Permission):
            states = (*self.edition.book.readings.template_states, "UNKNOWN")
            for message in row.messages:
                yield from askings(message, states)
        elif isinstance(row, Charge):
            found = [act for message in row.messages if (act := sending(message)) is not None]
            yield from found
            if late:
                yield from (attrs.evolve(act, now=f"{act.now}, delivered {_LATER} later", ago="") for act in found)
        elif isinstance(row, Row):
            wanted = {act.removesuffix("_delivered") for act in row.on}
            found = [act for act in acts_of(self.edition.book) if act.about in wanted]
            yield from found
            if late:
                yield from (
                    attrs.evolve(act, now=f"{act.now}, delivered {_LATER} later", ago="")
                    for act in found
                    if act.about in acts.MESSAGES
                )

    def _after(self, node: _Node, act: Act, *, worst: str) -> _Node | None:
        """The thread after an act; None if a message gets a worse verdict than will do."""
        at = node.at + _MINUTE if node.acts and node.acts[-1][0] == node.at else node.at
        telling = Telling(self.givens, at, len(node.acts) + 1)
        telling.say(act.now)
        fold = Fold(self.watch.law, [node.thread])
        self.watch.record.acted.clear()
        results = self.watch.take(fold, telling.events)
        verdicts = [result.outcome.verdict for result in results if result.event.event == "message_sent"]
        if any(_HOW_BAD.index(verdict or worst) > _HOW_BAD.index(worst) for verdict in verdicts):
            return None
        thread = fold.threads[BUSINESS, self.customer]
        return _Node(attrs.evolve(thread, messages=()), at, (*node.acts, (at, act)), node.waits)

    def _waits(self, node: _Node) -> Iterator[_Node]:
        """The thread when its next clock runs out, and when the edition that is asked about has begun."""
        due = [deadline for deadline in node.thread.deadlines if deadline is not None]
        instants = [min(due)] if due else []
        if self.edition.begins > node.at:
            instants.append(self.edition.begins + _HOUR)
        for at in instants:
            self.watch.record.acted.clear()
            yield attrs.evolve(node, thread=advance(self.watch.law, node.thread, at), at=at, waits=node.waits + 1)


def _is_about_preferences(line: Line) -> bool:
    if line.table in (terms.OPT_IN, terms.MARKETING_PREFERENCE):
        return True
    asked = {facts.OPTED_IN, facts.OPTED_OUT, facts.MARKETING_STOPPED}
    return not isinstance(line.row, State) and not asked.isdisjoint(line.row.needs)


def ways(line: Line, books: Sequence[Rulebook], under: Iterable[int], starts: Sequence[int]) -> Iterator[Way]:
    """
    Ways to make a row act, the plainest first: at most one for every manner of telling.

    Args:
        books: the editions.
        under: places of the editions under which it is to act.
        starts: the instants at which the editions begin.
    """
    wanted = [number for number in under if number in line.editions]
    for effort in _EFFORTS:
        found = False
        # Far ways are looked for in the most patient manner only: it finds whatever the others would.
        for late, worst in product((False, True), _HOW_BAD if effort is _EFFORTS[0] else _HOW_BAD[-1:]):
            if late and isinstance(line.row, Permission | State):
                continue
            for number in wanted:
                for search in _searches(line, books[number], number, starts):
                    way = search.find(line, worst=worst, late=late, deepest=effort[0], widest=effort[1])
                    if way is not None:
                        found = True
                        yield way
                        break
        if found:
            return


def _searches(line: Line, book: Rulebook, number: int, starts: Sequence[int]) -> Iterator[Search]:
    for begins_at in _beginnings(line, book, number, starts):
        for givens in setups(line, book, starts[number]):
            yield Search(number, givens, begins_at)


def _beginnings(line: Line, book: Rulebook, number: int, starts: Sequence[int]) -> list[int]:
    """When a story may begin: at noon of the edition's first day, or the evening before, for what an earlier law left."""
    noon = starts[number] + 12 * _HOUR
    if not number:
        return [noon]
    evening = starts[number] - 6 * _HOUR
    left = {lane.name for lane in book.lanes if lane.runs_out}
    open_states = tuple(
        next((state.name for state in lane.states if state.open), lane.states[0].name)
        if lane.name in left
        else lane.states[0].name
        for lane in book.lanes
    )
    needs = () if isinstance(line.row, State) else line.row.needs
    about_what_was_left = line.table in left or not facts.facts_of(book, open_states).isdisjoint(needs)
    return [evening, noon] if left and about_what_was_left else [noon, evening]
