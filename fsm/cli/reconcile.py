"""`fsm reconcile`: our ledger beside Meta's own statuses, its analytics, and an invoice."""

from __future__ import annotations

import argparse
import json
import sys
from argparse import Namespace
from collections.abc import Iterator
from pathlib import Path

from fsm.cli.codes import ANSWER_IS_NO, BAD_INPUT, FINE
from fsm.cli.inputs import add_log, add_prices, read_inputs
from fsm.cli.logs import report
from fsm.cli.tables import write_csv
from fsm.errors import BadExport
from fsm.reconcile import (
    Export,
    Reconciliation,
    against_export,
    against_webhook,
    countries_by,
    is_analytics,
    read_analytics,
    read_invoice,
)
from fsm.reconcile.report import COLUMNS, record_of, report_lines, write_reconciliation
from fsm.service.accounting import ledger_of

WEBHOOK = "webhook"


def add(parser: argparse.ArgumentParser) -> None:
    """Add the options of the command."""
    parser.epilog = (
        "examples:\n"
        "  fsm reconcile webhooks/ --account account.toml                     with Meta's own statuses\n"
        "  fsm reconcile log.jsonl --against pricing.json --against invoice.csv\n"
        "  fsm reconcile log.jsonl --format csv > lines.csv                   every line, for a spreadsheet\n"
        "  fsm reconcile log.jsonl --check                                    exit with 1 if anything differs\n"
    )
    add_log(parser)
    add_prices(parser)
    parser.add_argument(
        "--against",
        metavar="FILE",
        action="append",
        default=[],
        help="webhook (the default), an answer of the Graph API with pricing_analytics or conversation_analytics (JSON), "
        "or an invoice (CSV); give as many as you have",
    )
    parser.add_argument(
        "--phone",
        metavar="ID=NUMBER",
        action="append",
        default=[],
        help="phone number of a business phone number id, where the file names numbers",
    )
    parser.add_argument("--rulebook", default="auto", metavar="NAME", help="auto, or one rulebook's name")
    parser.add_argument(
        "--examples", type=int, default=5, metavar="N", help="of each kind in the text, at most (default: 5)"
    )
    parser.add_argument("--format", choices=("text", "json", "csv"), default="text", help="for people, or for programs")
    parser.add_argument("--check", action="store_true", help="exit with 1 if anything differs that should not")


def run(options: Namespace) -> int:
    """`fsm reconcile`"""
    exports = [export for path in options.against if path != WEBHOOK for export in _exports(path)]
    phones = dict(_phone(text) for text in options.phone)
    inputs = read_inputs(options)
    ledger = ledger_of(inputs.log, inputs.accounts, inputs.prices, inputs.markets, rulebook=options.rulebook)
    zones = {account.name: account.time_zone for account in inputs.accounts}
    results: list[Reconciliation] = []
    if WEBHOOK in options.against or not options.against:
        results.append(against_webhook(ledger.rows, ledger.undelivered, zones))
    results += [
        against_export(ledger.rows, export, zones=zones, phones=phones, countries=countries_by(inputs.markets))
        for export in exports
    ]
    _print(results, options)
    inputs.log.problems.extend(ledger.problems)
    report(inputs.log)
    if inputs.log.problems:
        return BAD_INPUT
    return ANSWER_IS_NO if options.check and not all(result.agrees for result in results) else FINE


def _print(results: list[Reconciliation], options: Namespace) -> None:
    if options.format == "json":
        print(json.dumps([write_reconciliation(result) for result in results], ensure_ascii=False, indent=2))
    elif options.format == "csv":
        write_csv(sys.stdout, COLUMNS, (record_of(result, line) for result in results for line in result.lines))
    else:
        for place, result in enumerate(results):
            if place:
                print("\n" + "-" * 80 + "\n")
            for line in report_lines(result, examples=options.examples):
                print(line)


def _exports(path: str) -> Iterator[Export]:
    """What a file states; its first character says whether it is JSON or a table."""
    try:
        text = Path(path).read_text(encoding="utf-8-sig")
    except OSError as bad:
        raise BadExport(f"{path} cannot be read: {bad.strerror}.") from None
    except UnicodeDecodeError:
        raise BadExport(f"{path} is not UTF-8. Save it as UTF-8; nothing of it was read.") from None
    name = Path(path).name
    if is_analytics(text):
        yield from read_analytics(text, name)
    else:
        yield read_invoice(text, name)


def _phone(text: str) -> tuple[str, str]:
    business, found, number = text.partition("=")
    if not (business and found and number):
        raise BadExport(
            f"--phone {text!r} links nothing. Write the id, an equals sign and the number: 1000001=15550100001."
        )
    return business, number
