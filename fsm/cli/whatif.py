"""`fsm whatif`: the same traffic under several rulebooks: what each costs, why they differ, what would avoid it."""

from __future__ import annotations

import argparse
import json
import re
import sys
import textwrap
from argparse import Namespace
from collections.abc import Iterator, Sequence
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Final, TextIO

from fsm.cli.codes import BAD_INPUT, FINE
from fsm.cli.inputs import add_log, add_prices, read_inputs
from fsm.cli.logs import report
from fsm.cli.tables import shown, text_table, write_csv
from fsm.cli.terminal import paint_for
from fsm.errors import FsmError
from fsm.rates import total
from fsm.replay.story import Paint
from fsm.rules.words import counted
from fsm.whatif import (
    NOT_LOOKED_AT,
    Answer,
    Assumptions,
    Comparison,
    Step,
    comparison_picture,
    delivery_cells,
    what_if,
    write_answer,
)
from fsm.whatif.compare import pattern_words
from fsm.whatif.sides import NOTHING
from fsm.whatif.values import Total
from fsm.whatif.written import DELIVERY_COLUMNS

_MOST: Final = 6
_WIDTH: Final = 110
_LENGTH: Final = re.compile(r"[0-9]{1,7}", re.ASCII)


def add(parser: argparse.ArgumentParser) -> None:
    """Add the options of the command."""
    parser.epilog = (
        "examples:\n"
        "  fsm whatif log.jsonl --rulebook pmp-2025-07 --rulebook pmp-2026-10\n"
        "  fsm whatif webhooks/ --rulebook auto --rulebook pmp-2026-10 --svg whatif.svg\n"
        "  fsm whatif log.jsonl --rulebook cbp-2024-11 --rulebook pmp-2026-10 --format json\n"
        "  fsm whatif log.jsonl --rulebook pmp-2025-07 --rulebook pmp-2026-10 --format csv > messages.csv\n"
    )
    add_log(parser)
    add_prices(parser)
    parser.add_argument(
        "--rulebook",
        action="append",
        default=[],
        metavar="NAME",
        help="a rulebook, or auto (the law of each instant); give two or more, the first is the one to compare with",
    )
    parser.add_argument(
        "--format",
        choices=("table", "json", "csv"),
        default="table",
        help="a report for people, everything for programs, or every message for a spreadsheet",
    )
    parser.add_argument("--out", metavar="FILE", help="write there instead of standard output")
    parser.add_argument("--svg", metavar="FILE", help="draw the comparison there")
    parser.add_argument(
        "--no-suggestions", action="store_true", help="do not look for what would cost less (it replays the log often)"
    )
    defaults = Assumptions()
    for name, default, says in (
        (
            "--bubble-seconds",
            defaults.bubble,
            "messages sent within this time of one another are one answer in bubbles",
        ),
        ("--late-seconds", defaults.late, "utility delivered within this time after the window closed came too late"),
        ("--answer-seconds", defaults.answer, "after how long an unanswered entry point would have been answered"),
    ):
        seconds = int(default.total_seconds())
        parser.add_argument(name, type=_seconds, default=default, metavar="N", help=f"{says}; default: {seconds}")


def _seconds(text: str) -> timedelta:
    if not _LENGTH.fullmatch(text) or int(text) == 0:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number of seconds, 1 or more")
    return timedelta(seconds=int(text))


def run(options: Namespace) -> int:
    """Print what was asked for."""
    inputs = read_inputs(options)
    answer = what_if(
        inputs.log,
        inputs.accounts,
        inputs.prices,
        inputs.markets,
        options.rulebook,
        assumptions=Assumptions(
            bubble=options.bubble_seconds, late=options.late_seconds, answer=options.answer_seconds
        ),
        suggest=not options.no_suggestions,
    )
    if options.svg:
        _write(options.svg, comparison_picture(answer.comparison).svg)
    if options.out:
        with _opened(options.out) as stream:
            _show(options, answer, stream)
    else:
        _show(options, answer, sys.stdout)
    inputs.log.problems.extend(answer.problems)
    report(inputs.log)
    return BAD_INPUT if inputs.log.problems else FINE


def _opened(path: str) -> TextIO:
    try:
        return Path(path).open("w", encoding="utf-8", newline="")
    except OSError as bad:
        raise FsmError(f"{path} cannot be written: {bad.strerror}. Name another file.") from None


def _write(path: str, text: str) -> None:
    with _opened(path) as stream:
        stream.write(text)


def _show(options: Namespace, answer: Answer, stream: TextIO) -> None:
    if options.format == "json":
        print(json.dumps(write_answer(answer), ensure_ascii=False, indent=1), file=stream)
    elif options.format == "csv":
        write_csv(stream, DELIVERY_COLUMNS, delivery_cells(answer.comparison))
    else:
        for line in story(answer, paint_for(stream)):
            print(line, file=stream)


# --- for people ---------------------------------------------------------------
def story(answer: Answer, paint: Paint) -> Iterator[str]:
    """The answer in one screen: the totals, why they differ, and what would avoid it."""
    comparison = answer.comparison
    if not any(priced.total.deliveries for priced in comparison.rulebooks):
        yield "Nothing was delivered and nobody was called, so every rulebook costs nothing."
        return
    for step in comparison.steps:
        yield from _wrapped(_headline(comparison, step), paint)
    yield ""
    yield from text_table(
        ["rulebook", "deliveries", "charged", "free", "no rule says", comparison.currency, "amount unknown"],
        [[priced.name, *_total_cells(priced.total)] for priced in comparison.rulebooks],
    )
    for step in comparison.steps:
        yield ""
        yield paint(f"From {step.before} to {step.after}", "strong")
        yield from _step_lines(comparison, step)
    for name in ("line", "business number", "market", "month"):
        yield ""
        yield from _split_lines(comparison, name)
    yield ""
    yield from text_table(
        ["customers (ranked under each rulebook)", "how many", *(priced.name for priced in comparison.rulebooks)],
        [
            [group.name, group.customers, *map(_amount_cell, group.amounts, group.unknown)]
            for group in comparison.groups
        ],
    )
    if answer.suggested_under:
        yield ""
        yield from _suggestion_lines(answer, paint)
    yield ""
    yield from _doubts(answer)


def _headline(comparison: Comparison, step: Step) -> str:
    before = next(priced.total for priced in comparison.rulebooks if priced.name == step.before)
    after = next(priced.total for priced in comparison.rulebooks if priced.name == step.after)
    both = total((step.rules, step.rates))
    more = "the same" if both == NOTHING else f"{_money(both.copy_abs())} {'more' if both > NOTHING else 'less'}"
    parts = f"{_signed(step.rules)} by rules and {_signed(step.rates)} by rates"
    said = f"{step.before}: {_known(before, comparison.currency)}. {step.after}: {_known(after, comparison.currency)}"
    if not step.unknown:
        return f"{said}: {more}, of which {parts}."
    missing = f"{counted(step.unknown, 'message')} lack{'s' if step.unknown == 1 else ''} an amount on one side or both"
    one_sided = f"; the known sides add {_signed(step.one_sided)} to the difference" if step.one_sided else ""
    return f"{said}. Where both amounts are known: {more}, of which {parts}; {missing}{one_sided}."


def _known(sum_of: Total, currency: str) -> str:
    said = f"{_money(sum_of.amount)} {currency}"
    if sum_of.unknown:
        said += f" plus {counted(sum_of.unknown, 'message')} without a known rate"
    return said


def _total_cells(total: Total) -> list[object]:
    return [total.deliveries, total.charged, total.free, total.undecided, total.amount, total.unknown]


def _step_lines(comparison: Comparison, step: Step) -> Iterator[str]:
    yield from text_table(
        ["what became of them", "how many", comparison.currency, "amount unknown"],
        [
            [change.name, change.count, _signed(change.difference), change.unknown]
            for change in step.changes
            if change.count
        ],
        indent="  ",
    )
    if step.causes:
        yield "  By rule:"
        for cause in step.causes[:_MOST]:
            how = ", ".join(f"{count:,} {name}" for name, count in cause.changes)
            unknown = f", plus {counted(cause.unknown, 'message')} without a known rate" if cause.unknown else ""
            instead = f"; no longer {', '.join(cause.instead_of)}" if cause.instead_of else ""
            yield from textwrap.wrap(
                f"{_signed(cause.difference)} {comparison.currency}{unknown}: {', '.join(cause.rules)}: {how}{instead}. "
                + " ".join(cause.says),
                _WIDTH,
                initial_indent="    ",
                subsequent_indent="      ",
            )
        yield from _left_over(len(step.causes), "sets of rules", "    ")
    if step.patterns:
        yield "  A customer's day:"
        for pattern in step.patterns[:_MOST]:
            unknown = f", plus {counted(pattern.unknown, 'message')} without a known rate" if pattern.unknown else ""
            yield from textwrap.wrap(
                f"{counted(pattern.days, 'time')}: {pattern_words(pattern.before)} became "
                f"{pattern_words(pattern.after)}: {_signed(pattern.difference)} {comparison.currency}{unknown}",
                _WIDTH,
                initial_indent="    ",
                subsequent_indent="      ",
            )
        yield from _left_over(len(step.patterns), "kinds of days", "    ")


def _split_lines(comparison: Comparison, name: str) -> Iterator[str]:
    parts = comparison.splits[name]
    # The parts with the most money; without money, those with the most messages.
    ranked = sorted(
        parts,
        key=lambda part: (
            max(total.amount for total in part.totals).copy_negate(),
            -max(total.deliveries for total in part.totals),
            part.name,
        ),
    )
    listed = ranked[: 2 * _MOST]
    yield from text_table(
        [f"{name} (deliveries: amount)", *(priced.name for priced in comparison.rulebooks)],
        [[part.name, *map(_split_cell, part.totals)] for part in listed],
    )
    yield from _left_over(len(parts), "more", "", 2 * _MOST)


def _split_cell(total: Total) -> str:
    if not total.deliveries:
        return "-"
    return f"{total.deliveries:,}: {_amount_cell(total.amount, total.unknown)}"


def _amount_cell(amount: Decimal, unknown: int) -> str:
    return _money(amount) + (f" + {unknown:,} unknown" if unknown else "")


def _left_over(count: int, noun: str, indent: str, most: int = _MOST) -> Iterator[str]:
    if count > most:
        yield f"{indent}and {count - most:,} {noun}: see --format json"


def _suggestion_lines(answer: Answer, paint: Paint) -> Iterator[str]:
    currency = answer.comparison.currency
    saving = [one for one in answer.suggestions if one.changed and one.saving > NOTHING]
    yield paint(f"What would cost less under {answer.suggested_under}", "strong") + (
        ", each replayed and priced again by itself (savings do not add up):" if saving else ": nothing that was tried."
    )
    for one in saving:
        unknown = f", plus {counted(one.unknown, 'message')} without a known rate" if one.unknown else ""
        back = f" {one.taken_back:,} of them did not hold when replayed and are left out." if one.taken_back else ""
        yield from textwrap.wrap(
            f"Saves {_money(one.saving)} {currency}{unknown}. {one.says}{back} Rules: {', '.join(one.rules)}.",
            _WIDTH,
            initial_indent="  ",
            subsequent_indent="    ",
        )
        for condition in one.conditions:
            yield from textwrap.wrap(f"If: {condition}", _WIDTH, initial_indent="    ", subsequent_indent="        ")
    others = [one for one in answer.suggestions if one not in saving]
    for one in others:
        costs = f"; it would cost {_money(one.saving.copy_abs())} {currency} more" if one.saving < NOTHING else ""
        unknown = f"; {counted(one.unknown, 'message')} without a known rate" if one.unknown else ""
        yield f"  Tried without a saving: {one.name} ({one.found:,} found, {one.changed:,} held{costs}{unknown})."
    yield from textwrap.wrap(
        f"Not looked at: {'; '.join(NOT_LOOKED_AT)}.", _WIDTH, initial_indent="  ", subsequent_indent="    "
    )


def _doubts(answer: Answer) -> Iterator[str]:
    """What keeps the amounts from being certain."""
    names = [priced.name for priced in answer.comparison.rulebooks]
    for counts, what in (
        (answer.derived, "Priced with derived cells"),
        (answer.upper_bound, "Upper bound at list price, no volume tiers loaded"),
    ):
        if any(counts):
            listed = ", ".join(f"{name} {count:,}" for name, count in zip(names, counts, strict=True) if count)
            yield f"{what} (rows): {listed}."
    yield "Every rulebook is priced from rate cards alone, at the rates of the nearest day on which it holds."


def _wrapped(text: str, paint: Paint) -> Iterator[str]:
    for line in textwrap.wrap(text, _WIDTH):
        yield paint(line, "strong")


def _money(amount: Decimal) -> str:
    return shown(NOTHING if amount == NOTHING else amount)


def _signed(amount: Decimal) -> str:
    return f"+{_money(amount)}" if amount > NOTHING else _money(amount)


__all__: Sequence[str] = ["add", "run", "story"]
