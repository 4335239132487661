"""`fsm ledger`: what a log cost, row by row, and why."""

from __future__ import annotations

import argparse
import json
import re
import sys
import textwrap
from argparse import Namespace
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from decimal import Decimal
from pathlib import Path
from typing import Final, TextIO

import attrs

from fsm import __version__, terms
from fsm.cli.codes import ANSWER_IS_NO, BAD_INPUT, FINE
from fsm.cli.inputs import Inputs, add_log, add_prices, by_month, keep_facts, read_inputs
from fsm.cli.logs import report
from fsm.cli.tables import text_table, write_csv, write_parquet
from fsm.cli.terminal import Progress, paint_for
from fsm.errors import BadSettlement, FsmError
from fsm.events import datetime_of, format_instant
from fsm.identity import SUSPICIONS, Suspicion
from fsm.ledger import LEDGER_FLAGS, Row, Sum, ledger_hash, settle, sum_of, sums_by, write_row
from fsm.ledger.book import period_of
from fsm.ledger.rows import CORRECTION, PRICED_BY, SETTLED
from fsm.ledger.saved import read_rows
from fsm.rates import Prices, written
from fsm.replay.story import Paint
from fsm.rules.words import RATE_LINES, REASONS, counted
from fsm.service import folders
from fsm.service.accounting import Ledger, ledger_of
from fsm.service.files import whole_file

VERSION: Final = "fsm-ledger/1"
_MONTH: Final = re.compile(r"[0-9]{4}-(0[1-9]|1[0-2])")
_COLUMNS: Final = tuple(field.name for field in attrs.fields(Row))


def add(parser: argparse.ArgumentParser) -> None:
    """Add the options of the command."""
    parser.epilog = (
        "examples:\n"
        "  fsm ledger webhooks/ --account account.toml              a summary by month\n"
        "  fsm ledger log.jsonl --prices card.xlsx --format csv     every row, for a spreadsheet\n"
        "  fsm ledger log.jsonl --explain wamid.A                   one message, from fact to amount\n"
        "  fsm ledger log.jsonl --settle 2026-10 --format json > october.json\n"
        "  fsm ledger log.jsonl --settled october.json              what came late becomes corrections\n"
    )
    add_log(parser)
    add_prices(parser)
    parser.add_argument(
        "--rulebook", default="auto", metavar="NAME", help="auto (the law of each instant), or one rulebook's name"
    )
    parser.add_argument("--month", metavar="YYYY-MM", help="show the rows of one month only; all are counted")
    parser.add_argument(
        "--format",
        choices=("table", "json", "jsonl", "csv", "parquet"),
        default="table",
        help="a summary for people, or every row for programs",
    )
    parser.add_argument("--out", metavar="FILE", help="write there instead of standard output (needed for parquet)")
    parser.add_argument("--explain", metavar="ID", help="tell everything about one message or call")
    parser.add_argument("--settle", metavar="YYYY-MM", help="mark this month and those before it as settled")
    parser.add_argument(
        "--settled", metavar="FILE", help="a ledger settled before (JSON): differences become corrections"
    )
    parser.add_argument("--facts", metavar="FILE", help="keep what was read there, and go on from it next time")
    parser.add_argument("--check", action="store_true", help="exit with 1 if an amount or a line is not known")


def run(options: Namespace) -> int:
    """Print what was asked for."""
    for month in (options.month, options.settle):
        if month is not None and not _MONTH.fullmatch(month):
            raise FsmError(f"{month!r} is not a month. Write it like 2026-10.")
    if options.settle and options.month:
        raise FsmError(
            "--settle writes every month, and --month would leave some out: settle first, look at a month after."
        )
    if options.format == "parquet" and not options.out:
        raise FsmError("parquet is not for a terminal. Say where to write it: --out ledger.parquet.")
    for target in (options.out, options.facts):
        if target:
            folders.check_apart(options.log, target)
    inputs = read_inputs(options)
    progress = Progress("events run")
    ledger = ledger_of(
        inputs.log,
        inputs.accounts,
        inputs.prices,
        inputs.markets,
        rulebook=options.rulebook,
        settled=_settled(options.settled),
        tick=progress.step,
    )
    progress.done()
    if options.facts:
        keep_facts(inputs.log, options.facts)
    if options.settle:
        ledger = attrs.evolve(ledger, rows=_settle(ledger, inputs, options.settle))
    rows = by_month(ledger.rows, options.month)
    if options.explain:
        _explain(rows, options.explain)
    else:
        _show(options, ledger, rows, inputs.prices)
    inputs.log.problems.extend(ledger.problems)
    report(inputs.log)
    if inputs.log.problems:
        return BAD_INPUT
    unsure = bool(inputs.log.unread) or any(row.amount is None for row in rows)
    return ANSWER_IS_NO if options.check and unsure else FINE


def _settle(ledger: Ledger, inputs: Inputs, through: str) -> tuple[Row, ...]:
    reached = {row.period for row in ledger.rows}
    if inputs.log.events:
        last = datetime_of(max(event.at for event in inputs.log.events))
        # The month is over for the portfolio once it is over for the account whose day ends last.
        reached.add(min(period_of(last.astimezone(account.time_zone).date()) for account in inputs.accounts))
    if max(reached, default="") <= through:
        raise BadSettlement(
            f"nothing in the log lies behind {through}, so that month may still go on. "
            "Settle it once the log reaches into the next."
        )
    return settle(ledger.rows, through)


def _settled(path: str | None) -> tuple[Row, ...]:
    if path is None:
        return ()
    try:
        text = Path(path).read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as bad:
        raise BadSettlement(f"{path} cannot be read: {bad}.") from None
    rows = tuple(row for row in read_rows(text, path) if row.status == SETTLED)
    if not rows:
        raise BadSettlement(f"{path} holds no settled row. Make it with `fsm ledger ... --settle MONTH --format json`.")
    return rows


# --- for programs -----------------------------------------------------------
def ledger_json(ledger: Ledger, rows: Sequence[Row]) -> dict[str, object]:
    """A ledger as one JSON object: version, provenance, totals, rows."""
    everything = sum_of(rows)
    return {
        "version": VERSION,
        "kit": __version__,
        "currency": ledger.currency,
        "hash": ledger_hash(rows),
        "totals": {
            "rows": everything.rows,
            "charged": everything.charged,
            "units": everything.units,
            "amount": written(everything.amount),
            "unknown": everything.unknown,
        },
        "messages": dict(ledger.fates),
        "names_in_doubt": [
            {"business": found.business, "names": list(found.names), "why": found.why, "joined": found.joined}
            for found in ledger.suspicions
        ],
        "tier_webhooks_not_used": list(ledger.unused),
        "provenance": dict(ledger.provenance),
        "rows": [write_row(row) for row in rows],
    }


def _show(options: Namespace, ledger: Ledger, rows: Sequence[Row], prices: Prices) -> None:
    if options.format == "parquet":
        count = write_parquet(options.out, _COLUMNS, map(_cells, rows))
        print(f"{count:,} rows in {options.out}", file=sys.stderr)
        return
    with ExitStack() as last:
        stream: TextIO = sys.stdout
        if options.out:
            stream = last.enter_context(
                last.enter_context(whole_file(options.out)).open("w", encoding="utf-8", newline="")
            )
        match options.format:
            case "json":
                print(json.dumps(ledger_json(ledger, rows), ensure_ascii=False, indent=1), file=stream)
            case "jsonl":
                for row in rows:
                    print(json.dumps(write_row(row), ensure_ascii=False), file=stream)
            case "csv":
                write_csv(stream, _COLUMNS, map(_cells, rows))
            case _:
                for line in summary(ledger, rows, prices, paint_for(stream)):
                    print(line, file=stream)


def _cells(row: Row) -> list[object]:
    """A row as cells: amounts stay decimals, instants become text."""
    plain = write_row(row)
    return [getattr(row, name) if isinstance(getattr(row, name), Decimal) else plain[name] for name in _COLUMNS]


# --- for people -------------------------------------------------------------
def summary(ledger: Ledger, rows: Sequence[Row], prices: Prices, paint: Paint) -> Iterator[str]:
    """A ledger in one screen: what was charged, what was free, what is in doubt."""
    if not rows:
        yield "Nothing was delivered, opened or called in what could be read."
        yield from _fates(ledger.fates)
        return
    yield paint(f"Ledger in {ledger.currency}: {_period_words(rows)}", "strong")
    yield ""
    charged = sums_by((row for row in rows if row.line is not None or row.kind == CORRECTION), _charged_key)
    if charged:
        body = [
            [month, line, market, s.units, "unknown" if s.unknown == s.rows else s.amount]
            for (month, line, market), s in _largest(charged)
        ]
        yield from text_table(["month", "charged", "market", "units", ledger.currency], body)
        left = len(charged) - len(body)
        if left > 0:
            yield f"and {left} more lines: see --format csv"
    else:
        yield "Nothing is known to be charged."
    everything = sum_of(rows)
    yield ""
    yield paint(f"Total {everything.amount:,} {ledger.currency}", "strong") + (
        f", without {counted(everything.unknown, 'row')} whose amount is not known" if everything.unknown else ""
    )
    free = Counter(row.why for row in rows if row.line is None and row.why is not None and row.kind != CORRECTION)
    if free:
        yield ""
        yield from text_table(
            ["free of charge because", "rows"],
            [
                [REASONS.get(str(why), str(why)), count]
                for why, count in sorted(free.items(), key=lambda p: (-p[1], str(p[0])))
            ],
        )
    yield ""
    yield from _fates(ledger.fates)
    yield from _doubts(rows, prices)
    yield from _about_names(ledger.suspicions)
    for odd in ledger.unused[:_MOST_EXAMPLES]:
        yield f"Tier webhook not used: {odd}."
    yield f"Status: {_statuses(rows)}. Fingerprint {ledger_hash(rows)[:16]}."


_MOST_EXAMPLES: Final = 3


def _about_names(suspicions: Sequence[Suspicion]) -> Iterator[str]:
    for found in suspicions[:_MOST_EXAMPLES]:
        joined = "taken as one customer" if found.joined else "not joined"
        yield f"Names in doubt, {joined}: {', '.join(found.names[:_MOST_EXAMPLES])}: {SUSPICIONS[found.why]}."
    if len(suspicions) > _MOST_EXAMPLES:
        yield f"Names in doubt: {len(suspicions) - _MOST_EXAMPLES} more cases, see --format json."


def _charged_key(row: Row) -> tuple[str, str, str]:
    line = "correction" if row.kind == CORRECTION else RATE_LINES.get(str(row.line), str(row.line))
    return (row.period, line, row.market or "unknown market")


_MOST_LINES: Final = 24


def _largest(sums: Mapping[tuple[str, str, str], Sum]) -> list[tuple[tuple[str, str, str], Sum]]:
    listed = list(sums.items())
    if len(listed) <= _MOST_LINES:
        return listed
    chosen = sorted(listed, key=lambda pair: (-abs(pair[1].amount), pair[0]))[:_MOST_LINES]
    return sorted(chosen, key=lambda pair: pair[0])


def _period_words(rows: Sequence[Row]) -> str:
    months = sorted({row.period for row in rows})
    when = months[0] if len(months) == 1 else f"{months[0]} to {months[-1]}"
    return f"{when}, {counted(len(rows), 'row')}, rulebooks {', '.join(dict.fromkeys(row.rulebook for row in rows))}"


def _fates(fates: Mapping[str, int]) -> Iterator[str]:
    if fates:
        yield "Messages: " + ", ".join(f"{count:,} {fate}" for fate, count in fates.items()) + "."


def _doubts(rows: Sequence[Row], prices: Prices) -> Iterator[str]:
    """Everything that keeps an amount from being certain, each with how many rows it concerns."""
    by_source = Counter(row.priced_by for row in rows if row.amount is None)
    for source, count in sorted(by_source.items()):
        why = _unpriced(rows) if source == "unpriced" else PRICED_BY[source]
        yield f"No amount: {counted(count, 'row')}: {why}."
    derived = sum("derived_rate" in row.flags for row in rows)
    if derived:
        yield (
            f"Priced with derived cells: {counted(derived, 'row')}; the others with cells that were read, or with your own "
            "card."
        )
    upper = Counter((str(row.line), row.market) for row in rows if "list_price" in row.flags)
    if upper:
        where = ", ".join(f"{line} in {market}" for line, market in sorted(upper, key=str)[:3])
        more = f" and {len(upper) - 3} more" if len(upper) > 3 else ""
        yield (
            f"Upper bound at list price: {counted(upper.total(), 'row')}; no volume tiers are loaded for {where}{more}. "
            "Load Meta's tier file with --prices."
        )
    shown = {"derived_rate", "list_price"}
    flags = Counter(flag for row in rows for flag in row.flags if flag not in shown)
    for flag, count in sorted(flags.items(), key=lambda pair: (-pair[1], pair[0])):
        yield f"Flag {flag}: {counted(count, 'row')}: {(terms.FLAGS | LEDGER_FLAGS).get(flag, flag)}."
    for warning in prices.warnings[:_MOST_EXAMPLES]:
        yield f"Rate files: {warning}"
    if len(prices.warnings) > _MOST_EXAMPLES:
        yield f"Rate files: and {len(prices.warnings) - _MOST_EXAMPLES} more remarks."


def _unpriced(rows: Sequence[Row]) -> str:
    unpriced = [row for row in rows if row.priced_by == "unpriced"]
    missing = Counter((str(row.line), row.market or "an unknown market", row.period) for row in unpriced)
    (line, market, month), _ = missing.most_common(1)[0]
    return f"no rate is known, for example for {line} in {market} in {month}"


def _statuses(rows: Sequence[Row]) -> str:
    counts = Counter(row.status for row in rows)
    return ", ".join(f"{counted(count, 'row')} {status}" for status, count in sorted(counts.items()))


def _explain(rows: Sequence[Row], wanted: str) -> None:
    """Everything about one message or call, from its facts to its amount."""
    found = [
        row for row in rows if wanted in (row.id, row.conversation) or row.corrects.startswith(f"message/{wanted}")
    ]
    if not found:
        raise FsmError(
            f"no row is about {wanted!r}. It may never have been delivered; `fsm replay` tells what happened."
        )
    for row in found:
        for line in explained(row):
            print(line)


def explained(row: Row) -> Iterator[str]:
    """
    One row in words.

    >>> row = Row(kind="message", business="b", customer="c", id="m", at=0, day="1970-01-01", period="1970-01",
    ...     rulebook="nbp", edition="nbp (1970)", why="attached", amount=Decimal(0), priced_by="free", currency="USD")
    >>> print(next(explained(row)))
    Message m to c, 1970-01-01T00:00:00Z
    """
    to = f"{row.customer}, member {row.participant}" if row.participant else row.customer
    yield f"{row.kind.capitalize()} {row.id} to {to}, {format_instant(row.at)}"
    rate = "" if row.rate is None else f"{written(row.rate)} {row.currency}"
    amount = "not known" if row.amount is None else f"{written(row.amount)} {row.currency}"
    said = json.dumps(write_row(row)["stated"]) if row.stated else ""
    flags = [f"{flag}: {(terms.FLAGS | LEDGER_FLAGS).get(flag, flag)}" for flag in row.flags]
    for head, text in (
        ("What", " ".join(word for word in (row.content, row.category) if word)),
        ("Counts for", f"{row.period} (its day is {row.day}), account {row.account}" if row.account else row.period),
        ("Law", row.edition),
        ("Rules", ", ".join(row.because)),
        ("Reason", "" if row.why is None else REASONS.get(row.why, row.why)),
        ("Charged", "" if row.line is None else RATE_LINES.get(row.line, row.line)),
        ("Belongs to", f"the conversation that {row.conversation} opened" if row.conversation else ""),
        ("Ends", "" if row.ends_at is None else format_instant(row.ends_at)),
        ("Allowance", row.allowance),
        ("Market", row.market or "not known"),
        ("Rate", rate),
        (
            "Volume",
            "" if row.volume is None else f"unit {row.volume:,} of its month{f', tier {row.tier}' if row.tier else ''}",
        ),
        ("Units", "" if row.units == 1 else f"{row.units:,}"),
        ("Amount", f"{amount}, by {PRICED_BY[row.priced_by]}{f' ({row.card})' if row.card else ''}"),
        ("Meta states", said),
        ("Facts", ", ".join(f"{event} {format_instant(at)}" for event, at in row.facts)),
        ("Doubts", "; ".join(flags)),
        ("Status", row.status),
        ("Corrects", row.corrects),
        ("Because", row.reason),
    ):
        if text:
            yield from textwrap.wrap(text, 100, initial_indent=f"  {head:<12}", subsequent_indent=" " * 14)
