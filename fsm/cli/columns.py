"""`fsm columns`: logs into columns and back, and what the columns hold."""

from __future__ import annotations

import argparse
import sys
import time
from argparse import Namespace
from typing import Any

from fsm.cli.codes import BAD_INPUT, FINE
from fsm.cli.logs import report
from fsm.cli.outputs import PROFILES, format_for, is_folder, profile_for
from fsm.cli.tables import text_table
from fsm.errors import BadColumns
from fsm.rules.words import counted
from fsm.service.folders import check_apart

_FORMATS = ("parquet", "ipc", "csv", "jsonl")


def add(parser: argparse.ArgumentParser) -> None:
    """Add the verbs and options of the command."""
    parser.epilog = (
        "examples:\n"
        "  fsm columns convert log.jsonl log.parquet               codes: small, and what a bulk replay reads\n"
        "  fsm columns convert hooks/ log.parquet --profile readable   words, for other tools\n"
        "  fsm columns convert log.jsonl.zst parts --by business   a folder, with one for each business in it\n"
        "  fsm columns convert log.parquet - | fsm replay -\n"
        "  fsm columns schema                                      what the columns of a log hold\n"
    )
    verbs = parser.add_subparsers(dest="verb", metavar="verb", required=True)
    convert = verbs.add_parser("convert", help="read logs of any format and write one file or folder of another")
    convert.add_argument(
        "log",
        nargs="+",
        metavar="IN",
        help="Parquet, Arrow, CSV or JSON Lines (events or webhook bodies, also .gz and .zst), folders of them, or -",
    )
    convert.add_argument("output", metavar="OUT", help="a file, a folder, or - for standard output")
    convert.add_argument(
        "--from", dest="format_in", choices=_FORMATS, help="what IN is (ipc: Arrow); default: by its ending"
    )
    convert.add_argument(
        "--format", choices=_FORMATS, help="what OUT is (ipc: Arrow); default: by its ending, parquet in folders"
    )
    convert.add_argument(
        "--profile",
        choices=PROFILES,
        help="columns with words, with codes (default), or packed: the fastest, but ids become hashes, with no way back",
    )
    convert.add_argument("--by", metavar="NAME,...", help="a folder for each business, event or day (UTC)")
    convert.add_argument("--keep-going", action="store_true", help="pass over what cannot be read")
    schema = verbs.add_parser("schema", help="say what the columns hold")
    schema.add_argument("--profile", choices=PROFILES, default="coded")
    schema.add_argument("--results", action="store_true", help="the columns of results instead of those of a log")


def run(options: Namespace) -> int:
    """
    `fsm columns`

    Raises:
        MissingExtra: the libraries for columns are not installed.
        BadLog: something cannot be read, and nobody asked to go on.
        BadColumns: it cannot be written as asked.
    """
    return _schema(options) if options.verb == "schema" else _convert(options)


def _convert(options: Namespace) -> int:
    from fsm.columns import EventReader, EventWriter, FolderWriter

    reader = EventReader(options.log, format=options.format_in, keep_going=options.keep_going)
    if options.output == "-" and options.by:
        raise BadColumns("--by makes folders, and standard output is none. Name a folder.")
    if options.output != "-":
        check_apart(options.log, options.output)
    folder = bool(options.by) or is_folder(options.output)
    format = format_for(options.output, options.format, folder=folder)
    profile = profile_for(options.output, format, options.profile)
    by = tuple(name.strip() for name in options.by.split(",")) if options.by else ()
    writer: EventWriter | FolderWriter
    if folder:
        writer = FolderWriter(options.output, by=by, format=format, profile=profile)
    else:
        writer = EventWriter(options.output, format=format, profile=profile)
    began, shows = time.monotonic(), sys.stderr.isatty()
    with writer:
        for batch in reader:
            writer.write(batch)
            if shows:
                rate = writer.rows / max(time.monotonic() - began, 1e-9)
                print(f"\r{writer.rows:,} events, {rate:,.0f} a second", end="", file=sys.stderr, flush=True)
    if shows:
        print("\r" + " " * 60 + "\r", end="", file=sys.stderr)
    files = f" in {counted(writer.files, 'file')}" if isinstance(writer, FolderWriter) else ""
    print(f"{counted(writer.rows, 'event')}{files}", file=sys.stderr)
    report(reader.log)
    left = reader.log.left
    if left.total():
        print(
            f"Columns hold events: {counted(left['evidence'], 'price')} that Meta states and "
            f"{counted(left['calls'], 'report')} of calls stay behind. `fsm ledger` reads them from the webhooks themselves.",
            file=sys.stderr,
        )
    return BAD_INPUT if reader.problems else FINE


def _schema(options: Namespace) -> int:
    from fsm.columns import event_schema, names_of, result_schema
    from fsm.columns.profiles import readable_schema
    from fsm.columns.schema import DEADLINE, EVENT_COLUMNS, RESULT_COLUMNS

    if options.results:
        schema, says = result_schema(), RESULT_COLUMNS
    elif options.profile == "readable":
        schema, says = readable_schema(), EVENT_COLUMNS
    elif options.profile == "packed":
        schema, says = event_schema(customer="number", ids="hash"), EVENT_COLUMNS
    else:
        schema, says = event_schema(), EVENT_COLUMNS
    rows = [
        (
            field.name,
            _type(field.type),
            says.get(field.name)
            or f"when the clock of {field.name.removeprefix(DEADLINE)} runs out; null if none runs",
        )
        for field in schema
    ]
    for line in text_table(("column", "type", "holds"), rows):
        print(line)
    if options.results or options.profile != "readable":
        print()
        for column, words in names_of(schema).words.items():
            print(f"{column}: {', '.join(f'{code} {word}' for code, word in enumerate(words))}")
    return FINE


def _type(type: Any) -> str:
    text = str(type)
    if text.startswith("dictionary"):
        return "words" if "int8" in text else "dictionary of text"
    return text
