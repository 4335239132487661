"""`fsm rules`: list the rules, show one with its source and its rows, tell what changed between two days."""

from __future__ import annotations

import json
import sys
import textwrap
from argparse import Namespace
from collections.abc import Iterator, Sequence
from datetime import date
from difflib import get_close_matches

from fsm.cli.main import FINE
from fsm.cli.terminal import paint_for
from fsm.errors import FsmError, UnknownRule, UnreadableInstant
from fsm.replay.story import Paint
from fsm.rulebooks.knobs import KNOBS
from fsm.rulebooks.sources import SOURCES
from fsm.rulebooks.timeline import editions, in_force
from fsm.rules.tables import Rule, Rulebook
from fsm.rules.wording import charge_sentence, lane_sentence, permission_sentence

_CONFIDENCE = {
    "A": "Meta's own text",
    "B": "two or more independent readers agree",
    "C": "one third party, or our inference",
    "?": "documented nowhere",
}


def run(options: Namespace) -> int:
    """Print what was asked for."""
    paint = paint_for(sys.stdout)
    if options.what[:1] == ["diff"]:
        if len(options.what) != 3:
            raise FsmError("diff takes two dates, for example: fsm rules diff 2025-06-30 2025-07-01.")
        for line in differences(_day(options.what[1]), _day(options.what[2]), paint):
            print(line)
        return FINE
    books = [in_force(_day(options.on))] if options.on else list(editions())
    known = {id: rule for book in books for id, rule in book.rules.items()}
    chosen = [_known(id.upper().replace("CSW-05B", "CSW-05b"), known) for id in options.what] or list(known.values())
    if options.format == "json":
        for rule in chosen:
            print(json.dumps(_as_json(rule, books), ensure_ascii=False))
    elif options.what:
        for rule in chosen:
            for line in _shown(rule, books, paint):
                print(line)
    else:
        for rule in chosen:
            print(f"{paint(rule.id.ljust(9), 'strong')} {rule.confidence}  {textwrap.shorten(rule.says, 86, placeholder='…')}")
        print(f"\n{len(chosen)} rules. `fsm rules {chosen[0].id}` shows one with its source.")
    return FINE


def in_force_between(id: str, books: Sequence[Rulebook]) -> tuple[date, date | None]:
    """The first day on which a rule is in force, and the day on which the last rulebook that cites it ends."""
    every = editions()
    citing = [place for place, book in enumerate(every) if id in cited(book)] or [
        place for place, book in enumerate(every) if id in book.rules
    ]
    last = citing[-1] + 1
    del books
    return every[citing[0]].since, every[last].since if last < len(every) else None


def cited(book: Rulebook) -> set[str]:
    """The ids of the rules that some row of a rulebook cites."""
    ids = {row.rule for lane in book.lanes for row in lane.rows}
    ids |= {state.rule for lane in book.lanes for state in lane.states if state.rule}
    ids |= {id for clause in book.clauses for line in clause.rows for id in line.rules}
    ids |= {id for line in book.charges for id in line.rules}
    return ids | ({book.allowance.rule} if book.allowance else set())


def _shown(rule: Rule, books: Sequence[Rulebook], paint: Paint) -> Iterator[str]:
    yield f"{paint(rule.id, 'strong')}  {rule.says}"
    since, until = in_force_between(rule.id, books)
    yield f"  In force    from {since}{f' until {until}' if until else ''}"
    for key in rule.sources:
        source = SOURCES[key]
        yield f"  Source      {source.title} ({key}), state of {source.state}, read {source.read_on}"
        yield paint(f"              {source.url}", "faint")
    yield f"  Confidence  {rule.confidence}: {_CONFIDENCE[rule.confidence]}"
    if rule.reading:
        yield from _wrapped("  Reading     ", rule.reading)
    if rule.knob:
        knob = KNOBS[rule.knob]
        default = knob.default if isinstance(knob.default, str) else ", ".join(knob.default)
        yield from _wrapped("  Knob        ", f"{knob.name}: {knob.asks} ({' | '.join(knob.options)}; default {default})")
    for book, sentences in _rows(rule, books):
        yield f"  Rows of {book.edition}"
        for sentence in sentences:
            yield from _wrapped("    - ", sentence)
    yield f"  Scenarios   grep -rn '@{rule.id}' features"


def _rows(rule: Rule, books: Sequence[Rulebook]) -> Iterator[tuple[Rulebook, list[str]]]:
    """The rows that cite a rule, in the first edition that has them and wherever they differ from the one before."""
    before: list[str] = []
    for book in books:
        rows = [
            *(lane_sentence(lane, row) for lane in book.lanes for row in lane.rows if row.rule == rule.id),
            *(
                permission_sentence(clause, line)
                for clause in book.clauses
                for line in clause.rows
                if rule.id in line.rules
            ),
            *(charge_sentence(line) for line in book.charges if rule.id in line.rules),
        ]
        if rows and rows != before:
            yield book, rows
        before = rows


def differences(one: date, other: date, paint: Paint) -> Iterator[str]:
    """What the law of one day says and that of another does not."""
    old, new = in_force(one), in_force(other)
    yield paint(f"From {old.edition} to {new.edition}", "strong")
    for book in editions():
        if min(old.since, new.since) < book.since <= max(old.since, new.since):
            yield f"  {book.since}  {book.changed}"
    said_old, said_new = _sentences(old), _sentences(new)
    for sign, meaning, mine, others in (("-", "bad", said_old, said_new), ("+", "good", said_new, said_old)):
        for sentence in mine:
            if sentence not in others:
                yield from (paint(line, meaning) for line in _wrapped(f"{sign} ", sentence))
    if said_old == said_new:
        yield "  Nothing changed."


def _sentences(book: Rulebook) -> list[str]:
    sentences = [lane_sentence(lane, row) for lane in book.lanes for row in lane.rows]
    for lane in book.lanes:
        for state in lane.states:
            if state.lasts is not None:
                sentences.append(f"{lane.name}: {state.name} lasts {state.lasts} ({state.rule})")
    sentences += [permission_sentence(clause, line) for clause in book.clauses for line in clause.rows]
    sentences += [charge_sentence(line) for line in book.charges]
    if book.allowance:
        allowance = book.allowance
        sentences.append(f"{allowance.units:,} {allowance.unit} a month are free per {allowance.per} ({allowance.rule})")
    return list(dict.fromkeys(sentences))


def _as_json(rule: Rule, books: Sequence[Rulebook]) -> dict[str, object]:
    since, until = in_force_between(rule.id, books)
    return {
        "id": rule.id,
        "says": rule.says,
        "confidence": rule.confidence,
        "reading": rule.reading or None,
        "knob": rule.knob or None,
        "since": since.isoformat(),
        "until": until.isoformat() if until else None,
        "sources": [
            {"key": key, "title": SOURCES[key].title, "url": SOURCES[key].url, "read_on": SOURCES[key].read_on.isoformat()}
            for key in rule.sources
        ],
    }


def _known(id: str, known: dict[str, Rule]) -> Rule:
    if id in known:
        return known[id]
    close = get_close_matches(id, known, 3)
    hint = f" Did you mean {', '.join(close)}?" if close else " `fsm rules` lists them all."
    raise UnknownRule(f"there is no rule {id!r} in force.{hint}")


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise UnreadableInstant(f"{text!r} is not a date. Write it like 2023-06-01.") from None


def _wrapped(head: str, text: str) -> Iterator[str]:
    yield from textwrap.wrap(text, 100, initial_indent=head, subsequent_indent=" " * len(head)) or [head.rstrip()]
