"""Ledgers of one traffic side by side: totals, what changed, which rules did it, and what a customer's day became."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Final, TypeVar

from fsm.errors import BadComparison
from fsm.ledger import Row
from fsm.ledger.rows import CONVERSATION, MESSAGE
from fsm.rates import total
from fsm.rules.words import counted
from fsm.whatif.sides import (
    ABSENT,
    BECAME_CHARGED,
    BECAME_FREE,
    CHANGES,
    CHARGED,
    FREE,
    NOTHING,
    NOWHERE,
    OTHER_LINE,
    OTHER_RATE,
    UNDECIDED,
    About,
    Side,
    Which,
    causes_of,
    change_of,
    minus,
    sides_of,
)
from fsm.whatif.values import (
    Cause,
    Change,
    Comparison,
    Delivery,
    Group,
    Pattern,
    Priced,
    Rise,
    Split,
    Step,
    Total,
)

_Key = TypeVar("_Key", bound=Hashable)


def compare(
    ledgers: Sequence[tuple[str, Sequence[Row]]], *, currency: str, sentences: Mapping[tuple[str, str], str]
) -> Comparison:
    """
    Lay ledgers of the same traffic side by side.

    Args:
        ledgers: the name of each rulebook and the rows under it; the first is the base.
        currency: of every row that has an amount.
        sentences: what each rule says, by edition and id.

    Raises:
        BadComparison: fewer than two rulebooks, one twice, rows in another currency, or corrections among them.

    Source: the conventions stand in the charter of this room.

    >>> compare([("pmp-2025-07", ()), ("pmp-2026-10", ())], currency="USD", sentences={}).steps[0].difference
    Decimal('0')
    """
    check_names([name for name, _ in ledgers])
    _check_currency(ledgers, currency)
    found = [(name, *sides_of(rows)) for name, rows in ledgers]
    about: dict[Which, About] = {}
    for _, _, told in found:
        about = {**told, **about}
    order = sorted(about, key=lambda which: (about[which].day, which))
    columns = [{which: sides.get(which, NOWHERE) for which in order} for _, sides, _ in found]
    (base, *_), (first, *others) = [name for name, _ in ledgers], columns
    return Comparison(
        currency=currency,
        rulebooks=tuple(
            Priced(name=name, total=total_of(column.values()), charges=_charges(column.values()))
            for (name, _), column in zip(ledgers, columns, strict=True)
        ),
        splits={
            "business number": _split(columns, lambda which, _: which.business),
            "market": _split(columns, lambda _, side: side.market or "unknown market"),
            "line": _split(columns, lambda _, side: line_words(side)),
            "month": _split(columns, lambda which, _: about[which].period),
        },
        groups=_groups(columns, about),
        steps=tuple(
            _step(base, name, [_delivery(about[which], first[which], column[which]) for which in order], sentences)
            for (name, _), column in zip(ledgers[1:], others, strict=True)
        ),
    )


def check_names(names: Sequence[str]) -> None:
    """
    Refuse a question that compares nothing.

    Raises:
        BadComparison: fewer than two rulebooks, or one of them twice.
    """
    if len(names) < 2:
        listed = f"only {names[0]!r} is" if names else "none is"
        raise BadComparison(
            f"a comparison needs two rulebooks or more, and {listed} named. "
            "Name the one to compare with first, for example --rulebook pmp-2025-07 --rulebook pmp-2026-10."
        )
    twice = [name for name, count in Counter(names).items() if count > 1]
    if twice:
        raise BadComparison(f"{twice[0]!r} is named twice; it would be compared with itself. Name each rulebook once.")


def _check_currency(ledgers: Sequence[tuple[str, Sequence[Row]]], currency: str) -> None:
    other = {row.currency for _, rows in ledgers for row in rows if row.amount is not None} - {currency, ""}
    if other:
        raise BadComparison(
            f"the ledgers hold amounts in {min(other)} and in {currency}, which cannot be added. Use one currency."
        )


# --- totals -----------------------------------------------------------------
def total_of(sides: Iterable[Side]) -> Total:
    """
    The total of some deliveries; those the rulebook's ledger does not have are none of them.

    >>> total_of([Side(state="free", amount=Decimal(0)), NOWHERE]).deliveries
    1
    """
    listed = [side for side in sides if side.state != ABSENT]
    states = Counter(side.state for side in listed)
    return Total(
        deliveries=len(listed),
        charged=states[CHARGED],
        free=states[FREE],
        undecided=states[UNDECIDED],
        amount=total(side.known for side in listed),
        unknown=sum(side.amount is None for side in listed),
    )


def _charges(sides: Iterable[Side]) -> tuple[tuple[str, str, int], ...]:
    counts = Counter((side.kind, str(side.line)) for side in sides if side.state == CHARGED)
    return tuple((kind, line, count) for (kind, line), count in sorted(counts.items(), key=lambda p: (-p[1], p[0])))


def line_words(side: Side) -> str:
    """
    What a delivery is charged as, or why it is not.

    >>> line_words(Side(state="charged", kind="message", line="service")), line_words(Side(state="free", why="attached"))
    ('service', 'free: attached')
    """
    if side.state == CHARGED:
        return str(side.line).replace("_", " ")
    return f"free: {str(side.why).replace('_', ' ')}" if side.state == FREE else "no rule says"


def _split(columns: Sequence[Mapping[Which, Side]], key: Callable[[Which, Side], str]) -> tuple[Split, ...]:
    parts: list[dict[str, list[Side]]] = []
    for column in columns:
        mine: dict[str, list[Side]] = {}
        for which, side in column.items():
            if side.state != ABSENT:
                mine.setdefault(key(which, side), []).append(side)
        parts.append(mine)
    names = sorted({name for mine in parts for name in mine})
    return tuple(Split(name=name, totals=tuple(total_of(mine.get(name, ())) for mine in parts)) for name in names)


_SHARES: Final = ((1, "costliest 1 %"), (10, "costliest 10 %"))


def _groups(columns: Sequence[Mapping[Which, Side]], about: Mapping[Which, About]) -> tuple[Group, ...]:
    customers = sorted({told.customer for told in about.values()})
    if not customers:
        return ()
    ranked: list[list[tuple[Decimal, int]]] = []
    for column in columns:
        by_customer = _grouped(column, lambda which: about[which].customer)
        cost = {name: total_of(column[which] for which in mine) for name, mine in by_customer.items()}
        order = sorted(cost, key=lambda name: (cost[name].amount.copy_negate(), name))
        ranked.append([(cost[name].amount, cost[name].unknown) for name in order])
    groups = []
    for share, name in _SHARES:
        count = -(-len(customers) * share // 100)
        groups.append(_group(name, [mine[:count] for mine in ranked]))
    middle = len(customers) // 2
    groups.append(_group("customer in the middle", [mine[middle : middle + 1] for mine in ranked]))
    groups.append(_group("all", ranked))
    return tuple(groups)


def _group(name: str, chosen: Sequence[Sequence[tuple[Decimal, int]]]) -> Group:
    return Group(
        name=name,
        customers=len(chosen[0]),
        amounts=tuple(total(amount for amount, _ in mine) for mine in chosen),
        unknown=tuple(sum(unknown for _, unknown in mine) for mine in chosen),
    )


def _grouped(items: Iterable[Which], key: Callable[[Which], _Key]) -> dict[_Key, list[Which]]:
    grouped: dict[_Key, list[Which]] = {}
    for item in items:
        grouped.setdefault(key(item), []).append(item)
    return grouped


# --- from one rulebook to another -------------------------------------------
def _delivery(about: About, before: Side, after: Side) -> Delivery:
    change = change_of(before, after)
    changed = change in (BECAME_CHARGED, BECAME_FREE, OTHER_LINE, OTHER_RATE)
    causes = causes_of(before, after) if changed else ()
    told = {"about": about, "before": before, "after": after, "change": change, "causes": causes}
    if before.amount is None or after.amount is None:
        return Delivery(**told, one_sided=minus(after.known, before.known), unknown=True)  # type: ignore[arg-type]
    difference = minus(after.amount, before.amount)
    rates = difference if change == OTHER_RATE else NOTHING
    return Delivery(**told, rules=minus(difference, rates), rates=rates)  # type: ignore[arg-type]


def _step(before: str, after: str, deliveries: Sequence[Delivery], sentences: Mapping[tuple[str, str], str]) -> Step:
    return Step(
        before=before,
        after=after,
        rules=total(one.rules for one in deliveries),
        rates=total(one.rates for one in deliveries),
        one_sided=total(one.one_sided for one in deliveries),
        unknown=sum(one.unknown for one in deliveries),
        changes=tuple(_change(name, [one for one in deliveries if one.change == name]) for name in CHANGES),
        causes=_causes(deliveries, sentences),
        patterns=_patterns(deliveries),
        rises=_rises(deliveries),
        deliveries=tuple(deliveries),
    )


def difference_of(deliveries: Iterable[Delivery]) -> Decimal:
    """The difference in money of deliveries, without those that have an unknown amount."""
    return total(part for one in deliveries for part in (one.rules, one.rates))


def _change(name: str, deliveries: Sequence[Delivery]) -> Change:
    unknown = sum(one.unknown for one in deliveries)
    return Change(name=name, count=len(deliveries), difference=difference_of(deliveries), unknown=unknown)


def _causes(deliveries: Iterable[Delivery], sentences: Mapping[tuple[str, str], str]) -> tuple[Cause, ...]:
    grouped: dict[tuple[str, ...], list[Delivery]] = {}
    for one in deliveries:
        # A change of rates alone has no rule behind it; its part of the difference is `rates`.
        if one.change in (BECAME_CHARGED, BECAME_FREE, OTHER_LINE):
            grouped.setdefault(one.causes, []).append(one)
    causes = []
    for rules, mine in grouped.items():
        names = Counter(one.change for one in mine)
        editions = sorted({one.after.edition for one in mine})
        causes.append(
            Cause(
                rules=rules,
                says=tuple(_sentence(rule, editions, sentences) for rule in rules),
                instead_of=tuple(sorted({r for one in mine for r in one.before.because if r not in one.after.because})),
                count=len(mine),
                changes=tuple((name, names[name]) for name in CHANGES if names[name]),
                difference=difference_of(mine),
                unknown=sum(one.unknown for one in mine),
            )
        )
    return tuple(sorted(causes, key=lambda c: (c.difference.copy_abs().copy_negate(), -c.count, c.rules)))


def _sentence(rule: str, editions: Sequence[str], sentences: Mapping[tuple[str, str], str]) -> str:
    return next((sentences[edition, rule] for edition in reversed(editions) if (edition, rule) in sentences), "")


def _patterns(deliveries: Iterable[Delivery]) -> tuple[Pattern, ...]:
    days: dict[tuple[str, str, str], list[Delivery]] = {}
    for one in deliveries:
        days.setdefault((one.about.which.business, one.about.customer, one.about.day), []).append(one)
    grouped: dict[tuple[tuple[tuple[int, str, str], ...], ...], list[list[Delivery]]] = {}
    for mine in days.values():
        key = (_counted(one.before for one in mine), _counted(one.after for one in mine))
        if key[0] != key[1] or difference_of(mine) != NOTHING:
            grouped.setdefault(key, []).append(mine)
    patterns = [
        Pattern(
            before=before,
            after=after,
            days=len(same),
            difference=difference_of(one for mine in same for one in mine),
            unknown=sum(one.unknown for mine in same for one in mine),
        )
        for (before, after), same in grouped.items()
    ]
    return tuple(sorted(patterns, key=lambda p: (p.difference.copy_abs().copy_negate(), -p.days, p.before, p.after)))


def _counted(sides: Iterable[Side]) -> tuple[tuple[int, str, str], ...]:
    counts = Counter(thing for side in sides if (thing := _thing(side)) is not None)
    return tuple((count, kind, line) for (kind, line), count in sorted(counts.items()))


def _thing(side: Side) -> tuple[str, str] | None:
    """What counts of a delivery when a customer's day is told: a charge, a free conversation, or that nobody knows."""
    if side.state == CHARGED:
        return (side.kind, str(side.line))
    if side.state in _NOT_TOLD:
        return (side.state, "")
    return (_FREE_CONVERSATION, side.opens) if side.opens else None


_FREE_CONVERSATION: Final = "free conversation"
_NOT_TOLD: Final = {UNDECIDED: "that no rule decides", ABSENT: "that no rulebook covers"}


def pattern_words(charged: Sequence[tuple[int, str, str]]) -> str:
    """
    What was charged on a day, in words.

    >>> pattern_words([(1, "conversation", "service"), (3, "message", "utility")]), pattern_words([])
    ('1 service conversation, 3 utility messages', 'nothing charged')
    """
    if not charged:
        return "nothing charged"
    return ", ".join(_things(*thing) for thing in charged)


def _things(count: int, kind: str, line: str) -> str:
    if kind in _NOT_TOLD:
        return f"{counted(count, 'message')} {_NOT_TOLD[kind]}"
    return counted(count, _of_line(kind, line))


def _of_line(kind: str, line: str) -> str:
    if line in ("calling", "notification"):
        return {"calling": "call"}.get(line, line)
    plain = line.replace("_initiated", "-initiated").replace("_", " ")
    if kind == _FREE_CONVERSATION:
        return f"free {plain} conversation"
    return f"{plain} {kind}" if kind in (CONVERSATION, MESSAGE) else plain


def _rises(deliveries: Iterable[Delivery]) -> tuple[Rise, ...]:
    grouped: dict[str, list[Delivery]] = {}
    for one in deliveries:
        grouped.setdefault(one.about.customer, []).append(one)
    rises = [
        Rise(
            customer=customer,
            before=total(one.before.known for one in mine),
            after=total(one.after.known for one in mine),
            difference=difference_of(mine),
        )
        for customer, mine in grouped.items()
        if difference_of(mine) != NOTHING
    ]
    return tuple(sorted(rises, key=lambda rise: (rise.difference.copy_negate(), rise.customer)))
