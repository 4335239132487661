"""Our rows beside what Meta's own statuses state about the same messages and conversations."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, tzinfo
from decimal import Decimal
from typing import Final

import attrs

from fsm.events import datetime_of, format_instant
from fsm.ledger import Recipient, Row, Stated
from fsm.ledger.rows import CALL, CONVERSATION, CORRECTION, MESSAGE
from fsm.rates import times, written
from fsm.reconcile.lines import (
    DIFFERS,
    MATCHED,
    ONLY_OURS,
    ONLY_THEIRS,
    WEBHOOK,
    Difference,
    Line,
    Reconciliation,
    left_out,
    once,
)
from fsm.reconcile.naming import book_of, is_possible, known_words, label_of, law_at, stated_meaning
from fsm.rulebooks.labels import one_spelling
from fsm.rules import acts
from fsm.rules.tables import Label, Rulebook
from fsm.rules.words import REASONS, counted
from fsm.terms import FREE_ENTRY_POINT
from fsm.webhooks import Evidence, implied_opening

IMPOSSIBLE: Final = "evidence_impossible_for_era"
FLAGS: Final = {
    IMPOSSIBLE: "Meta states a price that no delivery of that time can have; a changed clock, or a misread one",
    "unknown_word": "Meta states a word that no law has; it is kept as it is",
    "stated_before_the_switch": "the price was stated before the law changed, and the message delivered after",
}
"""Doubts about a statement that only a comparison can have."""

_MINUTE: Final = 60_000_000
_OPENING: Final = ("CBP1-01", "CBP1-03", "CBP2-01", "CBP2-02", "CBP2-03", "CBP2-04", "CBP2-13")
_UNDELIVERED: Final = ("PMP-12", "CBP2-19", "CBP1-12")
"""The rule on messages that are not delivered, newest law first."""


def against_webhook(
    rows: Iterable[Row],
    undelivered: Mapping[Recipient, Stated] | None = None,
    zones: Mapping[str, tzinfo] | None = None,
) -> Reconciliation:
    """
    Our rows beside Meta's own statuses: model, type, category, cost, conversation, and its end to the minute.

    Args:
        rows: of a ledger; each message with what Meta states about it.
        undelivered: statements about messages that have no row.
        zones: time zone of each account, by its name; UTC where none is given.

    Rules: LBL-01, LBL-02, LBL-04, LBL-06, GRP-03, PMP-11, PMP-12, P26-13

    >>> against_webhook([]).agrees
    True
    """
    comparison = _Comparison(list(rows), undelivered or {}, zones or {})
    return Reconciliation(
        against=WEBHOOK,
        kind=WEBHOOK,
        currency=next((row.currency for row in comparison.rows), ""),
        lines=(*comparison.messages(), *comparison.conversations()),
        left_out=left_out(
            (row, why, row.because) for row in comparison.rows if (why := _SILENT.get(row.kind)) is not None
        ),
        notes=comparison.notes(),
    )


_SILENT: Final = {
    CALL: "webhooks state no price for calls",
    CORRECTION: "corrections of settled months stand in no webhook",
}


class _Comparison:
    """One ledger and its statements, indexed for comparing."""

    def __init__(self, rows: list[Row], undelivered: Mapping[Recipient, Stated], zones: Mapping[str, tzinfo]) -> None:
        self.rows = rows
        self._undelivered, self._zones = undelivered, zones
        self._account_of = {row.business: row.account for row in rows}
        self._messages = {_recipient(row): row for row in rows if row.kind == MESSAGE}
        self._ours = [row for row in rows if row.kind == CONVERSATION]
        self._by_opener: dict[tuple[str, str], list[Row]] = {}
        for row in self._ours:
            self._by_opener.setdefault((row.business, row.id), []).append(row)
        self._members: dict[str, list[Row]] = {}
        for row in rows:
            opened = self._opened(row) if row.kind == MESSAGE else None
            if opened is not None:
                self._members.setdefault(opened.key, []).append(row)
        self._theirs = self._stated_conversations()
        self._partner = self._paired()
        self._claimed_by = {id: key for key, id in self._partner.items()}

    def notes(self) -> tuple[str, ...]:
        """What makes the comparison weaker than it looks."""
        inferred = sum(row.kind == MESSAGE and "inferred" in row.flags and row.stated is not None for row in self.rows)
        if not inferred:
            return ()
        return (
            f"Of {counted(inferred, 'message')} the log does not record the sending: what was sent is inferred from the "
            "very statuses it is compared with, so the category can hardly differ.",
        )

    # --- which conversation --------------------------------------------------
    def _opened(self, row: Row) -> Row | None:
        """The conversation that a message belongs to, by our reckoning."""
        found = self._by_opener.get((row.business, row.conversation), []) if row.conversation else []
        wanted = [each for each in found if (each.category == FREE_ENTRY_POINT) == (row.why == FREE_ENTRY_POINT)]
        return next(iter(wanted or found), None)

    def _stated_conversations(self) -> dict[tuple[str, str], list[tuple[Recipient, Stated]]]:
        """What Meta counts as one conversation: business number and id, with the statements that name it."""
        found: dict[tuple[str, str], list[tuple[Recipient, Stated]]] = {}
        said = [(which, row.stated) for which, row in self._messages.items() if row.stated is not None]
        for which, stated in (*said, *self._undelivered.items()):
            if _names_a_conversation(stated):
                found.setdefault((which.business, stated.conversation), []).append((which, stated))
        return found

    def _paired(self) -> dict[str, tuple[str, str]]:
        """Which of their conversations each of ours is: that of its opening message, else of the earliest that says."""
        partner: dict[str, tuple[str, str]] = {}
        taken: set[tuple[str, str]] = set()
        for row in sorted(self._ours, key=lambda row: row.order):
            members = sorted(self._members.get(row.key, ()), key=lambda member: (member.id != row.id, member.order))
            named = [
                (row.business, member.stated.conversation)
                for member in members
                if member.stated is not None and _names_a_conversation(member.stated)
            ]
            free = next((id for id in named[:1] if id not in taken), None)
            if free is not None:
                partner[row.key] = free
                taken.add(free)
        return partner

    # --- messages ------------------------------------------------------------
    def messages(self) -> Iterator[Line]:
        """A line for each delivered message, then one for each statement about a message without a delivery."""
        for row in self.rows:
            if row.kind == MESSAGE:
                yield self._message(row)
        for which, stated in self._undelivered.items():
            yield self._undelivered_line(which, stated)

    def _message(self, row: Row) -> Line:
        opened, stated = self._opened(row), row.stated
        label = label_of(row, opened)
        ours = _our_side(row, f"message {row.id}", label)
        says = f"{label.means if label else 'no label is known'} ({_reason(row)})"
        if stated is None or not _states_something(stated):
            why = (
                "typed in the app, whose statuses state no price"
                if row.content == acts.APP
                else "no status states a price"
            )
            # A charge without evidence deserves a look; that nothing is said about what is free does not.
            return attrs.evolve(ours, outcome=ONLY_OURS, says=f"{says}; {why}", normal=row.line is None)
        book = book_of(opened) if opened is not None and row.why == "attached" else book_of(row)
        flags = set(row.flags)
        differences = [*_priced(row, label, stated), *self._belongs(row, opened, label, stated)]
        if not is_possible(stated, book):
            earlier = self._law_at(row.account, stated.at)
            before = earlier is not None and earlier.edition != book.edition and is_possible(stated, earlier)
            unknown = {one_spelling(stated.type), one_spelling(stated.category)} - known_words()
            flags.add("unknown_word" if unknown else "stated_before_the_switch" if before else IMPOSSIBLE)
            if not differences:
                differences.append(_difference("pricing", says, _said(stated), _behind(label) or row.because))
        if "category_drift" in row.flags:
            differences.append(
                _difference("category of our own record", "another category", stated.category, ("PMP-11",))
            )
        return attrs.evolve(
            ours,
            outcome=DIFFERS if differences else MATCHED,
            theirs=(_place(_recipient(row), stated),),
            differences=tuple(differences),
            says=says,
            states=stated_meaning(stated, book),
            their_volume=1,
            their_amount=_their_cost(row, stated),
            flags=tuple(sorted(flags)),
        )

    def _belongs(self, row: Row, opened: Row | None, label: Label | None, stated: Stated) -> Iterator[Difference]:
        """Whether the message opens or joins, and which conversation, on both sides."""
        if row.why == FREE_ENTRY_POINT or (label is not None and label.model == "cbp"):
            origin = one_spelling(stated.origin)
            if origin and label is not None and label.categories and origin not in label.categories:
                yield _difference("origin", label.categories[0], stated.origin, _behind(label))
        if opened is None:
            return
        behind = (id for id in (*row.because, *opened.because) if id in _OPENING)
        rules = once((*behind, *_behind(label), "LBL-02"))
        opening = implied_opening(as_evidence(row.business, row.customer, row.id, stated))
        if opening is not None and opening != (opened.id == row.id):
            words = {True: "opens a conversation", False: "joins one that is open"}
            yield _difference("opening", words[not opening], f"{words[opening]}, by its end", rules)
        if _names_a_conversation(stated):
            mine, named = self._partner.get(opened.key), (row.business, stated.conversation)
            if mine is not None and mine != named:
                yield _difference("conversation", f"the one that {opened.id} opened", stated.conversation, rules)

    def _undelivered_line(self, which: Recipient, stated: Stated) -> Line:
        account = self._account_of.get(which.business, "")
        book = self._law_at(account, stated.at)
        rules = next(((id,) for id in _UNDELIVERED if book is not None and id in book.rules), ())
        never = {
            "failed": "it failed and was never delivered, so it costs nothing",
            "sent": "the log holds no delivery of it, so it costs nothing",
        }.get(stated.status, "its delivery lies outside every rulebook, or could not be placed")
        return Line(
            outcome=ONLY_THEIRS,
            about=MESSAGE,
            name=f"message {which.id}",
            day=self._day(account, stated.at),
            theirs=(_place(which, stated),),
            because=rules,
            says=never,
            states=_said(stated) if book is None else stated_meaning(stated, book),
            their_volume=1,
            their_amount=stated.cost,
            normal=stated.status in ("failed", "sent"),
        )

    def _law_at(self, account: str, at: int) -> Rulebook | None:
        return law_at(at, self._zones.get(account, UTC))

    def _day(self, account: str, at: int) -> str:
        return datetime_of(at).astimezone(self._zones.get(account, UTC)).date().isoformat()

    # --- conversations ---------------------------------------------------------
    def conversations(self) -> Iterator[Line]:
        """A line for each conversation of ours, then one for each of theirs that is none of ours."""
        for row in self._ours:
            yield self._conversation(row)
        for id, named in self._theirs.items():
            if id not in self._claimed_by:
                yield self._only_theirs(id, named)

    def _conversation(self, row: Row) -> Line:
        label = label_of(row)
        ours = _our_side(row, f"conversation opened by {row.id}", label)
        says = f"{acts.words(row.category)} conversation ({_reason(row)})"
        partner = self._partner.get(row.key)
        if partner is None:
            others = {
                member.stated.conversation
                for member in self._members.get(row.key, ())
                if member.stated is not None and _names_a_conversation(member.stated)
            }
            why = (
                f"Meta counts its messages to another conversation, {', '.join(sorted(others))}"
                if others
                else "no status of its messages names a conversation"
            )
            normal = row.line is None and not others
            return attrs.evolve(ours, outcome=ONLY_OURS, says=f"{says}; {why}", normal=normal)
        stated = [said for _, said in self._theirs[partner]]
        differences = [*_category(label, stated, row), *self._end(row, stated)]
        return attrs.evolve(
            ours,
            outcome=DIFFERS if differences else MATCHED,
            theirs=(" conversation ".join(partner),),
            differences=tuple(differences),
            says=says,
            states=_said_of_conversation(stated),
            their_volume=1,
        )

    def _end(self, row: Row, stated: Sequence[Stated]) -> Iterator[Difference]:
        """The end, to the minute: Meta rounds it up, and counts it from the sending where we count from the delivery."""
        ends = {said.expires_at for said in stated if said.expires_at is not None and said.expires_at > said.at}
        if not ends or row.ends_at is None:
            return
        sent_at = self._sent_at(row)
        latest = rounded_up_to_the_minute(row.ends_at)
        earliest = None if sent_at is None else rounded_up_to_the_minute(row.ends_at - max(row.at - sent_at, 0))
        allowed = {row.ends_at, latest, earliest}
        wrong = sorted(end for end in ends if end not in allowed and not (earliest is None and end < latest))
        if wrong:
            expected = sorted({latest} if earliest is None else {earliest, latest})
            yield _difference(
                "end",
                " to ".join(format_instant(end) for end in expected),
                ", ".join(format_instant(end) for end in wrong),
                once((*(id for id in row.because if id in _OPENING or id.startswith(("FEP", "PMP"))), "LBL-02")),
            )

    def _sent_at(self, row: Row) -> int | None:
        """When the opening message was sent: by its own status, else by our record."""
        opener = next((member for member in self._members.get(row.key, ()) if member.id == row.id), None)
        if opener is not None and opener.stated is not None and opener.stated.status == "sent":
            return opener.stated.at
        return next((at for name, at in row.facts if name == "message_sent"), None)

    def _only_theirs(self, id: tuple[str, str], named: Sequence[tuple[Recipient, Stated]]) -> Line:
        ours = [self._messages[which] for which, _ in named if which in self._messages]
        joined = sorted({row.conversation for row in ours if row.conversation})
        if not ours:
            says = "its messages were never delivered, so it never opened"
        elif joined:
            says = f"we count its messages to the conversation that {', '.join(joined)} opened"
        else:
            says = "we know of no conversation that its messages could belong to"
        account = self._account_of.get(id[0], "")
        book = book_of(ours[0]) if ours else self._law_at(account, named[0][1].at)
        undelivered = tuple(id for id in _UNDELIVERED if book is not None and id in book.rules)[:1]
        return Line(
            outcome=ONLY_THEIRS,
            about=CONVERSATION,
            name=f"conversation {id[1]}",
            day=ours[0].day if ours else self._day(account, named[0][1].at),
            theirs=(" conversation ".join(id),),
            because=once((*(rule for row in ours for rule in row.because), "LBL-02")) if ours else undelivered,
            says=says,
            states=_said_of_conversation([stated for _, stated in named]),
            their_volume=1,
            normal=not ours,
        )


def _behind(label: Label | None) -> tuple[str, ...]:
    """The rules behind a label, as far as webhooks are concerned."""
    return (*label.rules, *label.stated_by) if label else ()


def _our_side(row: Row, name: str, label: Label | None) -> Line:
    return Line(
        outcome=MATCHED,
        about=row.kind,
        name=name,
        day=row.day,
        ours=(row.key,),
        because=once((*row.because, *_behind(label))),
        our_volume=1,
        our_amount=row.amount,
        our_unknown=int(row.amount is None),
        flags=row.flags,
    )


def _recipient(row: Row) -> Recipient:
    return Recipient(row.business, row.id, row.participant)


def _place(which: Recipient, stated: Stated) -> str:
    return " ".join(word for word in (which.business, which.id, which.participant, stated.status) if word)


# --- one message ---------------------------------------------------------------
def _priced(row: Row, label: Label | None, stated: Stated) -> Iterator[Difference]:
    """Model, type, category, subtype and billable, each as far as Meta states it and the law has a word for it."""
    if label is not None:
        rules = once((*row.because, *_behind(label)))
        type_, category = one_spelling(stated.type), one_spelling(stated.category)
        if label.model and stated.model and one_spelling(stated.model) != label.model:
            yield _difference("model", label.model.upper(), stated.model, rules)
        if label.types and type_ and type_ not in label.types:
            yield _difference("type", label.types[0] or "none", stated.type, rules)
        if label.categories and category and category not in label.categories:
            yield _difference("category", label.categories[0], stated.category, rules)
        if label.model and one_spelling(stated.subtype) != label.subtype:
            yield _difference("subtype", label.subtype or "none", stated.subtype or "none", rules)
        # Beside a type, `billable` follows from it or contradicts it: a second difference only if it contradicts.
        expected = type_ == "regular" if type_ else label.billable
        if expected is not None and stated.billable is not None and stated.billable != expected:
            yield _difference("billable", _yes(expected), _yes(stated.billable), ("LBL-06",))
    if stated.cost is not None:
        yield from _cost(row, label, stated, stated.cost)
    if label is None:
        # Without a word of ours nothing can agree, however possible theirs may be.
        yield _difference("label", "no rule says", _said(stated), row.because)
    if stated.differs:
        yield _difference("statuses", "one price", "several, of which the first is shown", row.because)


def _cost(row: Row, label: Label | None, stated: Stated, cost: Decimal) -> Iterator[Difference]:
    if row.line is None:
        if row.why is not None and cost:
            yield _difference("cost", "0", f"{written(cost)} {stated.currency}", row.because)
    elif stated.currency != row.currency:
        rules = once((*row.because, *_behind(label)))
        yield _difference("currency of the cost", row.currency, stated.currency, rules)
    elif row.rate is not None and times(row.rate, row.units) != cost:
        ours = f"{written(times(row.rate, row.units))} {row.currency} ({row.card})"
        yield _difference("cost", ours, f"{written(cost)} {stated.currency}", row.because)


def _category(label: Label | None, stated: Sequence[Stated], row: Row) -> Iterator[Difference]:
    if label is None or not label.categories:
        return
    said = once(said.origin or said.category for said in stated if said.origin or said.category)
    wrong = [word for word in said if one_spelling(word) not in label.categories]
    if wrong:
        yield _difference("category", label.categories[0], ", ".join(wrong), once((*row.because, *_behind(label))))


def as_evidence(business: str, customer: str, id: str, stated: Stated) -> Evidence:
    """What Meta states, as the evidence it was read from: for the questions that only evidence answers."""
    conversation: dict[str, object] = {"id": stated.conversation}
    if stated.origin:
        conversation["origin"] = {"type": stated.origin}
    if stated.expires_at is not None:
        conversation["expiration_timestamp"] = stated.expires_at // 1_000_000
    return Evidence(
        business=business,
        customer=customer,
        id=id,
        status=stated.status,
        at=stated.at,
        pricing={"pricing_model": stated.model, "type": stated.type or None, "category": stated.category or None},
        conversation=conversation,
    )


def rounded_up_to_the_minute(at: int) -> int:
    """
    The end of the minute that an instant lies in, as Meta states ends.

    Rule: LBL-02

    >>> rounded_up_to_the_minute(61_000_000), rounded_up_to_the_minute(60_000_000)
    (120000000, 60000000)
    """
    return -(-at // _MINUTE) * _MINUTE


def _names_a_conversation(stated: Stated) -> bool:
    # Between July 2025 and Graph v24 every message has a conversation id of its own, which means nothing;
    # inside a free entry point it still means the entry point.
    free_entry = "referral_conversion" in (one_spelling(stated.origin), one_spelling(stated.category))
    return bool(stated.conversation) and (one_spelling(stated.model) == "cbp" or free_entry)


def _states_something(stated: Stated) -> bool:
    return bool(stated.model or stated.type or stated.category or stated.conversation or stated.cost is not None)


def _their_cost(row: Row, stated: Stated) -> Decimal | None:
    return stated.cost if stated.currency == row.currency else None


def _reason(row: Row) -> str:
    return "no rule says what it costs" if row.why is None else REASONS.get(row.why, row.why)


def _said(stated: Stated) -> str:
    return (
        " + ".join(word for word in (stated.model, stated.type, stated.category, stated.subtype) if word) or "no price"
    )


def _said_of_conversation(stated: Sequence[Stated]) -> str:
    origins = once(said.origin or said.category for said in stated if said.origin or said.category)
    ends = once(format_instant(said.expires_at) for said in stated if said.expires_at is not None)
    return ", ".join([*origins, *(f"until {end}" for end in ends)]) or "a conversation without a category"


def _yes(value: bool) -> str:
    return "true" if value else "false"


def _difference(member: str, ours: str, theirs: str, rules: Iterable[str]) -> Difference:
    return Difference(member=member, ours=ours, theirs=theirs, rules=once(rules))
