"""`fsm rules`: list the rules, show one with its source and its rows, tell what changed between two days."""

from __future__ import annotations

import json
import re
import sys
import textwrap
from argparse import Namespace
from collections.abc import Iterator, Sequence
from datetime import date
from difflib import get_close_matches
from pathlib import Path
from typing import Final

from fsm.cli.codes import FINE
from fsm.cli.terminal import paint_for
from fsm.errors import FsmError, UnknownRule, UnreadableInstant
from fsm.harness.places import features_folder
from fsm.replay.story import Paint
from fsm.rulebooks.knobs import KNOBS
from fsm.rulebooks.sources import SOURCES
from fsm.rulebooks.timeline import editions, in_force
from fsm.rules.tables import Rule, Rulebook
from fsm.rules.words import (
    charge_sentence,
    duration_words,
    label_sentence,
    lane_sentence,
    lane_words,
    permission_sentence,
    state_words,
    tariff_sentences,
)

_SCOPE = {"account": "account", "business": "business phone number"}
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
    known = {id: rule for book in books for id, rule in book.rules.items() if _holds(id, options.on)}
    chosen = [_known(id.upper().replace("CSW-05B", "CSW-05b"), known) for id in options.what] or list(known.values())
    if options.format == "json":
        for rule in chosen:
            print(json.dumps(_as_json(rule), ensure_ascii=False))
    elif options.what:
        for rule in chosen:
            for line in _shown(rule, books, paint):
                print(line)
    else:
        for rule in chosen:
            says = textwrap.shorten(rule.says, 86, placeholder="…") if sys.stdout.isatty() else rule.says
            print(f"{paint(rule.id.ljust(9), 'strong')} {rule.confidence}  {says}")
        print(f"\n{len(chosen)} rules. `fsm rules {chosen[0].id}` shows one with its source.")
    return FINE


def in_force_between(id: str) -> tuple[date, date | None]:
    """
    The first day on which a rule is in force, and the first on which it no longer is.

    A rule ends when an amendment retires its family, unless the last law still cites it.
    """
    every = editions()
    since = next(book.since for book in every if id in book.rules)
    if id in cited(every[-1]):
        return since, None
    family = id.partition("-")[0]
    return since, next((book.since for book in every if book.retired & {family, id}), None)


def _holds(id: str, on: str | None) -> bool:
    """Whether a rule is in force on a day; any day, if none is named."""
    if on is None:
        return True
    since, until = in_force_between(id)
    return since <= _day(on) and (until is None or _day(on) < until)


def cited(book: Rulebook) -> set[str]:
    """The ids of the rules that some row of a rulebook cites."""
    ids = {row.rule for lane in book.lanes for row in lane.rows}
    ids |= {state.rule for lane in book.lanes for state in lane.states if state.rule}
    ids |= {id for clause in book.clauses for line in clause.rows for id in line.rules}
    ids |= {id for line in book.charges for id in line.rules}
    calls = book.tariff.calls
    ids |= {id for ladder in book.tariff.ladders for id in ladder.rules}
    ids |= {*calls.rules, *calls.ladder.rules} if calls else set()
    ids |= {id for label in book.labels for id in (*label.rules, *label.stated_by, *label.counted_by)}
    return ids | ({book.allowance.rule} if book.allowance else set())


def _shown(rule: Rule, books: Sequence[Rulebook], paint: Paint) -> Iterator[str]:
    yield f"{paint(rule.id, 'strong')}  {rule.says}"
    since, until = in_force_between(rule.id)
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
        yield from _wrapped(
            "  Knob        ", f"{knob.name}: {knob.asks} ({' | '.join(knob.options)}; default {default})"
        )
    for book, sentences in _rows(rule, books):
        yield f"  Rows since {book.since} ({book.name})"
        for sentence in sentences:
            yield from _wrapped("    - ", sentence)
    for head, places in (
        ("Table", _places(rule.id)),
        ("Scenarios", _scenarios(rule.id)),
        ("Pictures", _pictures(rule.id)),
    ):
        for place in places:
            yield f"  {head.ljust(11)} {place}"


_PACKAGE: Final = Path(__file__).parent.parent


def _places(id: str) -> Iterator[str]:
    """Where a rule is written down: file and line."""
    for file in sorted((_PACKAGE / "rulebooks").glob("*.py")):
        for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), 1):
            if line.strip() == f'"{id}",' or f'rule("{id}",' in line:
                yield f"fsm/rulebooks/{file.name}, line {number}"


def _scenarios(id: str) -> Iterator[str]:
    """The feature files that carry a rule as a tag."""
    folder = features_folder()
    for file in sorted(folder.rglob("*.feature")):
        tagged = re.findall(rf"@{re.escape(id)}(?![\w-])", file.read_text(encoding="utf-8"))
        if tagged:
            yield f"features/{file.relative_to(folder).as_posix()}"


def _pictures(id: str) -> Iterator[str]:
    """The pictures of the lanes that a rule moves, in the last rulebook that has it."""
    for book in reversed(editions()):
        lanes = [
            lane.name
            for lane in book.lanes
            if id in {row.rule for row in lane.rows} | {state.rule for state in lane.states}
        ]
        if lanes:
            yield from (f"diagrams/{book.name}/{lane}.svg" for lane in lanes)
            return


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
            *(
                sentence
                for sentence in tariff_sentences(book.tariff)
                if re.search(rf"\b{re.escape(rule.id)}\b", sentence)
            ),
            *(
                label_sentence(label)
                for label in book.labels
                if rule.id in (*label.rules, *label.stated_by, *label.counted_by)
            ),
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
    changed = False
    for sign, meaning, mine, others in (("-", "bad", said_old, said_new), ("+", "good", said_new, said_old)):
        known = {_uncited(sentence) for sentence in others}
        for sentence in mine:
            if _uncited(sentence) not in known:
                changed = True
                yield from (paint(line, meaning) for line in _wrapped(f"{sign} ", sentence))
    if not changed:
        yield "  No answer changed."


def _uncited(sentence: str) -> str:
    """A sentence without the rules it cites: the same answer under another rule's name is no difference."""
    return sentence.rpartition(" (")[0]


def _sentences(book: Rulebook) -> list[str]:
    sentences = [lane_sentence(lane, row) for lane in book.lanes for row in lane.rows]
    for lane in book.lanes:
        for state in lane.states:
            if state.lasts is not None:
                sentences.append(
                    f"{lane_words(lane.name)}: {state_words(state.name)} lasts {duration_words(state.lasts)} ({state.rule})"
                )
    sentences += [permission_sentence(clause, line) for clause in book.clauses for line in clause.rows]
    sentences += [charge_sentence(line) for line in book.charges]
    sentences += tariff_sentences(book.tariff)
    sentences += map(label_sentence, book.labels)
    if book.allowance:
        allowance = book.allowance
        sentences.append(
            f"{allowance.units:,} {allowance.unit} a month are free per {_SCOPE[allowance.per]} ({allowance.rule})"
        )
    return list(dict.fromkeys(sentences))


def _as_json(rule: Rule) -> dict[str, object]:
    since, until = in_force_between(rule.id)
    return {
        "id": rule.id,
        "says": rule.says,
        "confidence": rule.confidence,
        "reading": rule.reading or None,
        "knob": rule.knob or None,
        "since": since.isoformat(),
        "until": until.isoformat() if until else None,
        "sources": [
            {
                "key": key,
                "title": SOURCES[key].title,
                "url": SOURCES[key].url,
                "read_on": SOURCES[key].read_on.isoformat(),
            }
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
