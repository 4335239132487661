"""From what was read to a ledger: one name per customer, one law per account, one order, one price."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Container, Iterable, Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Final

import attrs

from fsm import terms
from fsm.errors import BadAccount, BadAmount, BadLog, BadRates, NoRulebookInForce, UnreadableInstant
from fsm.events import Account, Event, parse_instant
from fsm.identity import Aliases, Link, Suspicion, addressees, links_of, unify, unify_account
from fsm.ledger import Called, Paying, Recipient, Row, Stated, TierSwitch, corrected, first_stated, rows_of
from fsm.ledger.provenance import provenance
from fsm.machine import Law
from fsm.rates import Markets, Prices, parse_amount
from fsm.replay import Result, replay
from fsm.service.reading import Log
from fsm.webhooks import Call, Evidence, Notice


@attrs.frozen(kw_only=True)
class Ledger:
    """
    A ledger, and what it was made from.

    Attributes:
        rows: in order.
        currency: of every amount.
        undelivered: what Meta states about messages that were never delivered, by delivery.
        fates: how many messages were delivered, failed, or wait for a status.
        suspicions: names that may or may not be one customer.
        unused: tier webhooks that say too little to be used, each with its place and the reason.
        problems: events that no rulebook covers, each with its place.
        provenance: fingerprints of rulebooks, calendars and cards.
    """

    rows: tuple[Row, ...]
    currency: str
    undelivered: Mapping[Recipient, Stated]
    fates: Mapping[str, int]
    suspicions: tuple[Suspicion, ...]
    unused: tuple[str, ...]
    problems: tuple[BadLog, ...]
    provenance: Mapping[str, object]


def ledger_of(
    log: Log,
    accounts: Sequence[Account],
    prices: Prices,
    markets: Markets,
    *,
    rulebook: str = "auto",
    partial: bool = False,
    settled: Sequence[Row] = (),
    tick: Callable[[], object] | None = None,
) -> Ledger:
    """
    The ledger of everything that was read. The same facts give the same ledger in any order and any packing.

    Args:
        log: what was read.
        accounts: one, or all of a business portfolio; several say by `numbers` (or, in webhooks, by the account's id as
            `name`) which business phone numbers are theirs.
        prices: rate cards and tier tables.
        markets: which market a number belongs to.
        rulebook: `auto`, or one rulebook's name to hold whatever the date.
        partial: also use shipped cards that are known in part, as what-if questions do.
        settled: rows of months that were settled before; what changed since becomes corrections.
        tick: called for each event that has run, for whoever shows how far it is.

    Raises:
        BadAccount: a business number belongs to two accounts or to none.
        UnknownRulebook: there is no rulebook of that name.
    """
    accounts = _one_each(log, accounts)
    aliases = aliases_of(log)
    names = {
        (business, id): spelled
        for (business, id), spelled in addressees(log.events).items()
        # In a log whose ids repeat, one id stands for messages to several customers: none of them has the others' names.
        if len(spelled) == 1 or len({aliases.of(business, name) for name in spelled}) == 1
    }
    places = dict(zip(map(id, log.events), log.places, strict=True))
    owners = _owners(log, accounts)
    stated = stated_of(log.evidence, aliases)
    calls = _calls(log.calls, aliases)
    by_account: dict[int, list[Event]] = {}
    problems: list[BadLog] = []
    laws = [Law(unify_account(account, aliases), rulebook=rulebook, engine="table") for account in accounts]
    for event in log.events:
        mine = owners[event.business]
        try:
            laws[mine].edition_at(event.at)
        except NoRulebookInForce as uncovered:
            problems.append(BadLog(places[id(event)], str(uncovered)))
        else:
            by_account.setdefault(mine, []).append(event)
    covered: list[Called] = []
    for call in calls:
        try:
            laws[owners[call.business]].edition_at(call.at)
        except NoRulebookInForce as uncovered:
            problems.append(BadLog(f"call {call.id}", str(uncovered)))
        else:
            covered.append(call)
    fates = _Fates(tick)
    paying = [
        Paying(
            name=account.name,
            law=laws[mine],
            movements=fates.watch(replay(laws[mine], unify(by_account.get(mine, ()), aliases, names), verdicts=False)),
            calls=[call for call in covered if owners[call.business] == mine],
            stated=stated,
            names=names,
        )
        for mine, account in enumerate(accounts)
    ]
    switches, odd = _switches(log.notices, markets, _ladders(laws))
    rows = rows_of(paying, prices, markets, switches, partial=partial)
    # A `sent` to a group names no member: it is about every delivery of its message.
    delivered = {Recipient(row.business, row.id, to) for row in rows for to in (row.participant, "")}
    return Ledger(
        rows=corrected(rows, settled),
        currency=prices.currency,
        undelivered={which: said for which, said in sorted(stated.items()) if which not in delivered},
        fates=fates.counted(),
        suspicions=aliases.suspicious(),
        unused=tuple(odd),
        problems=tuple(problems),
        provenance={
            **provenance(
                rows, {account.name: law for account, law in zip(accounts, laws, strict=True)}, _cards(prices)
            ),
            "markets": {markets.name: markets.sha256},
        },
    )


def aliases_of(log: Log) -> Aliases:
    """Which names stand for one customer, by all that a log tells of them."""
    return Aliases([*log.aliases, *links_of(log.events), *_callers(log.calls)])


def _cards(prices: Prices) -> dict[str, str]:
    cards = {card.name: card.sha256 for card in prices.cards}
    return cards | {table.name: table.sha256 for table in prices.tiers}


def _one_each(log: Log, accounts: Sequence[Account]) -> Sequence[Account]:
    """
    One account for each that the webhooks name, where a single account was given that says nothing of numbers.

    The free tier of many years belongs to the account, so two of them must not share it because nobody told them apart.
    """
    entries = sorted({entry for _, entry in log.accounts if entry})
    if len(accounts) != 1 or accounts[0].numbers or len(entries) < _SEVERAL:
        return accounts
    (account,) = accounts
    if account.name:
        raise BadAccount(
            f"the webhooks come from the accounts {', '.join(entries[:_FEW])}, and one account file was given. "
            "Give one file for each with its id as 'name', or list the 'numbers' that this one is about."
        )
    # A number that moved from one account to another ties the two: which of them pays on a day, no webhook tells.
    joined: list[tuple[set[str], set[str]]] = []
    for entry in entries:
        numbers = {business for business, named in log.accounts if named == entry}
        tied = [group for group in joined if not numbers.isdisjoint(group[1])]
        ids = {entry}.union(*(group[0] for group in tied))
        joined = [group for group in joined if group not in tied]
        joined.append((ids, numbers.union(*(group[1] for group in tied))))
    rest = set(_numbers(log)).difference(*(numbers for _, numbers in joined))
    told = [(" and ".join(sorted(ids)), numbers) for ids, numbers in joined] + ([("", rest)] if rest else [])
    return [attrs.evolve(account, name=name, numbers=frozenset(numbers)) for name, numbers in sorted(told)]


_SEVERAL: Final = 2
_FEW: Final = 4


def _numbers(log: Log) -> list[str]:
    return sorted({event.business for event in log.events} | {call.business for call in log.calls})


# --- who pays ---------------------------------------------------------------
def _owners(log: Log, accounts: Sequence[Account]) -> dict[str, int]:
    """The account of every business phone number that occurs, as its place among the accounts."""
    named = [account.name for account in accounts]
    if not accounts or len(set(named)) != len(named):
        raise BadAccount('every account of a portfolio needs a name of its own. Write name = "..." into each file.')
    claims: dict[str, int] = {}
    for place, account in enumerate(accounts):
        from_webhooks = {business for business, entry in log.accounts if entry and entry == account.name}
        for number in sorted(account.numbers | from_webhooks):
            if claims.setdefault(number, place) != place:
                raise BadAccount(
                    f"the number {number!r} belongs to {named[claims[number]]!r} and to {account.name!r}. "
                    "Leave it in one account's 'numbers'."
                )
    rest = [place for place, account in enumerate(accounts) if not account.numbers]
    owners: dict[str, int] = {}
    for number in _numbers(log):
        if number in claims:
            owners[number] = claims[number]
        elif len(rest) == 1:
            owners[number] = rest[0]
        else:
            raise BadAccount(
                f"no account claims the business number {number!r}. Add it to the 'numbers' of one of the account files."
            )
    return owners


# --- what Meta states -------------------------------------------------------
def stated_of(evidence: Iterable[Evidence], aliases: Aliases) -> dict[Recipient, Stated]:
    found: dict[Recipient, list[Evidence]] = {}
    for each in evidence:
        if each.pricing is not None or each.conversation is not None:
            participant = aliases.of(each.business, each.participant) if each.participant else ""
            found.setdefault(Recipient(each.business, each.id, participant), []).append(each)
    return {which: _first(statements) for which, statements in found.items()}


def _first(statements: list[Evidence]) -> Stated:
    """Of several statuses that state one and the same price, only the earliest needs to be read if it tells all."""
    earliest = min(statements, key=lambda each: each.at)
    told = earliest.conversation or {}
    tells_all = all(told.get(member) for member in ("id", "origin", "expiration_timestamp"))
    if len(statements) == 1 or all(
        each.at > earliest.at and each.pricing == earliest.pricing and (tells_all or each.conversation is None)
        for each in statements
        if each is not earliest
    ):
        return stated_by(earliest)
    first = first_stated(map(stated_by, statements))
    assert first is not None
    return first


def stated_by(evidence: Evidence) -> Stated:
    """
    What one status states about its message.

    Words are kept as Meta writes them; what is not text, or no amount, is left out here and stays in the evidence.

    >>> stated_by(Evidence(business="b", customer="c", id="m", status="sent", at=0, pricing={"category": "utility"})).category
    'utility'
    """
    pricing, conversation = evidence.pricing or {}, evidence.conversation or {}
    origin, cost = conversation.get("origin"), pricing.get("cost")
    billable = pricing.get("billable")
    amount, currency, odd = _cost(cost)
    return Stated(
        model=_text(pricing.get("pricing_model")),
        type=_text(pricing.get("type")),
        category=_text(pricing.get("category")),
        subtype=_text(pricing.get("subtype")),
        billable=billable if isinstance(billable, bool) else None,
        cost=amount,
        currency=currency,
        odd=odd,
        conversation=_text(conversation.get("id")),
        origin=_text(origin.get("type")) if isinstance(origin, Mapping) else "",
        expires_at=_expiry(conversation.get("expiration_timestamp")),
        status=evidence.status,
        at=evidence.at,
    )


def _cost(cost: object) -> tuple[Decimal | None, str, bool]:
    """The amount and currency of a stated cost, and whether there is one that cannot be read."""
    if cost is None:
        return None, "", False
    if not isinstance(cost, Mapping):
        return None, "", True
    written = cost.get("amount")
    if isinstance(written, int | float) and not isinstance(written, bool):
        # A small number is read from JSON with an exponent; what Meta wrote had none.
        written = format(Decimal(repr(written)), "f")
    try:
        amount = parse_amount(written) if isinstance(written, str) else None
    except BadAmount:
        amount = None
    return amount, _text(cost.get("currency")), amount is None


def _expiry(stated: object) -> int | None:
    if isinstance(stated, str) and stated.isascii() and stated.isdecimal():
        stated = int(stated) if len(stated) <= _LONGEST else None
    try:
        return parse_instant(stated) if isinstance(stated, int) else None
    except UnreadableInstant:
        return None


_LONGEST: Final = 15
"""More digits than any second has; Python itself refuses to read thousands of them."""


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _callers(calls: Iterable[Call]) -> Iterator[Link]:
    """One call has one customer, under however many names its webhooks give."""
    names: dict[tuple[str, str], set[str]] = {}
    for call in calls:
        if call.customer:
            names.setdefault((call.business, call.id), set()).add(call.customer)
    for (business, _), ids in names.items():
        yield Link(business=business, ids=tuple(sorted(ids)), why="call")


def _calls(calls: Iterable[Call], aliases: Aliases) -> list[Called]:
    """One per call, joined from all webhooks about it; the answer does not depend on their order."""
    found: dict[tuple[str, str], list[Call]] = {}
    for call in calls:
        found.setdefault((call.business, call.id), []).append(call)
    joined = []
    for (business, call_id), about in sorted(found.items()):
        names = sorted({call.customer for call in about if call.customer})
        directions = sorted({call.direction for call in about if call.direction})
        starts = [call.started_at for call in about if call.started_at is not None]
        joined.append(
            Called(
                business=business,
                # Webhooks of a call may leave out who took part, or who began it: the row then says that.
                customer=aliases.of(business, names[0]) if names else "",
                id=call_id,
                direction=directions[0] if len(directions) == 1 else "",
                # Ringing is no talking: where a webhook says when the call began, that is its instant.
                at=min(starts) if starts else min(call.at for call in about),
                seconds=_lasted(about),
                names=tuple(names),
            )
        )
    return joined


def _lasted(about: Sequence[Call]) -> int | None:
    """How long a call lasted: as told, else from its beginning to its end; None if no webhook tells either."""
    told = [call.seconds for call in about if call.seconds is not None]
    if told:
        return max(told)
    starts = [call.started_at for call in about if call.started_at is not None]
    ends = [call.ended_at for call in about if call.ended_at is not None]
    if starts and ends and max(ends) >= min(starts):
        return (max(ends) - min(starts)) // 1_000_000
    # A call that was over without ever being taken lasted no time.
    taken = any(call.status in ("ACCEPTED", "COMPLETED") for call in about)
    over = any(call.event == "terminate" or call.status == "REJECTED" for call in about)
    return 0 if over and not taken else None


def _ladders(laws: Iterable[Law]) -> set[str]:
    """What gets cheaper with volume, under any edition."""
    tariffs = [edition.book.tariff for law in laws for edition in law.editions]
    names = {ladder.name for tariff in tariffs for ladder in tariff.ladders}
    return names | {tariff.calls.ladder.name for tariff in tariffs if tariff.calls is not None}


def _switches(
    notices: Iterable[Notice], markets: Markets, ladders: Container[str]
) -> tuple[list[TierSwitch], list[str]]:
    """The volume tiers that Meta's webhooks announce; and where those stand whose market, month or tier cannot be told."""
    switches: list[TierSwitch] = []
    odd: list[str] = []
    for notice in notices:
        if notice.kind != "tier":
            continue
        said = notice.members
        region, tier, period = (said.get(name) for name in ("region", "tier", "effective_month"))
        at, category = said.get("updated_at", notice.at), _text(said.get("category"))
        try:
            # Out of a file of facts the two ends of a tier come as a list.
            if not (isinstance(tier, tuple | list) and len(tier) == _ENDS):
                raise BadRates("its tier has no two ends")
            first, last = tier
            if not (
                isinstance(region, str) and isinstance(period, str) and isinstance(first, int) and isinstance(at, int)
            ):
                raise BadRates("its region, month, first unit or time is missing")
            ladder = _LADDERS.get(category, category)
            if ladder not in ladders:
                raise BadRates(f"no rulebook says that {category or 'what it is about'} gets cheaper with volume")
            market = markets.market_named(region, date(int(period[:4]), int(period[5:]), 1))
        except (BadRates, ValueError) as why:
            odd.append(f"{notice.where or 'a tier webhook'}: {why}")
            continue
        switches.append(
            TierSwitch(
                market=market,
                ladder=ladder,
                period=period,
                first=first,
                last=last if isinstance(last, int) else None,
                at=at,
            )
        )
    return switches, sorted(odd)


_ENDS: Final = 2
_LADDERS: Final = {terms.AUTHENTICATION_INTERNATIONAL: "authentication"}


# --- what became of the messages --------------------------------------------
class _Fates:
    """Counts what became of each message while the results of a replay pass by."""

    def __init__(self, tick: Callable[[], object] | None) -> None:
        self._fate: dict[tuple[str, str, str], str] = {}
        self._tick = tick

    def watch(self, results: Iterable[Result]) -> Iterator[Result]:
        """The same results."""
        for result in results:
            if self._tick is not None:
                self._tick()
            event = result.event
            if event.event in terms.MESSAGE_EVENTS:
                key = (*event.thread, event.id)
                if event.event in terms.DELIVERY_EVENTS:
                    self._fate[key] = "delivered"
                elif event.event == "message_failed" and self._fate.get(key) != "delivered":
                    self._fate[key] = "failed"
                else:
                    self._fate.setdefault(key, "waiting for a status")
            yield result

    def counted(self) -> dict[str, int]:
        """How many messages met each fate."""
        return dict(sorted(Counter(self._fate.values()).items()))
