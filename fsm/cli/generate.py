"""`fsm generate`: realistic traffic, the same for the same seed."""

from __future__ import annotations

import argparse
import os
import sys
import time
from argparse import Namespace
from datetime import date
from typing import Any

from fsm.cli.codes import FINE
from fsm.cli.outputs import PROFILES, check_plain, format_for, is_folder, profile_for
from fsm.errors import BadTraffic
from fsm.events import format_instant
from fsm.rules.words import counted

_FORMATS = ("jsonl", "csv", "parquet", "ipc", "webhook")
_DEFAULTS: dict[str, int] = {
    "seed": 0,
    "days": 30,
    "threads": 1_000,
    "businesses": 3,
    "activity": 100,
    "failures": 20_000,
    "duplicates": 8_000,
    "late": 3_000,
}
_HELP = {
    "seed": "another number, other traffic",
    "days": "on how many days stories begin",
    "threads": "pairs of a business and a customer",
    "businesses": "business phone numbers; the first has most of the traffic",
    "activity": "how much happens in a thread, per hundred of the usual",
    "failures": "messages that fail, per million",
    "duplicates": "events that are told twice, per million",
    "late": "events that arrive hours or days late, per million",
}


def add(parser: argparse.ArgumentParser) -> None:
    """Add the options of the command."""
    parser.epilog = (
        "How people behave is invented, and so are the phone numbers: they belong to nobody. Without -o the\n"
        "log goes to standard output as JSON Lines; a folder gets one file for each part of the threads.\n\n"
        "examples:\n"
        "  fsm generate --days 30 --threads 1000 --seed 7 > log.jsonl\n"
        "  fsm generate --from 2023-05-25 --days 14 -o log.parquet      across a change of the law\n"
        "  fsm generate --mix campaign=9,chat=1 --late 50000            mostly campaigns, much of it late\n"
        "  fsm generate --threads 30000000 --jobs 2 -o folder           a billion events in Parquet\n"
    )
    for name, value in _DEFAULTS.items():
        parser.add_argument(f"--{name}", type=int, default=value, metavar="N", help=f"{_HELP[name]} (default: {value})")
    parser.add_argument("--from", dest="first_day", metavar="DATE", default="2026-10-01", help="the first day (UTC)")
    parser.add_argument(
        "--mix",
        metavar="STORY=N,...",
        help="weights of the stories chat, ad, campaign, notice, password, call, preference; those left out do not occur",
    )
    parser.add_argument(
        "--in-order", action="store_true", help="in the order in which it happened, not in that in which it arrives"
    )
    parser.add_argument("-o", "--output", metavar="OUT", default="-", help="a file, or a folder for parts")
    parser.add_argument("--format", choices=_FORMATS, help="default: by the ending of the output, else jsonl")
    parser.add_argument(
        "--profile",
        choices=PROFILES,
        help="of Parquet and Arrow: columns with words, with codes (the default), or with numbers for ids",
    )
    parser.add_argument("--jobs", type=int, default=1, metavar="N", help="worker processes; 0 for one each processor")
    parser.add_argument("--part", type=int, metavar="N", help="threads made at once, and in one file of a folder")


def run(options: Namespace) -> int:
    """
    `fsm generate`

    Raises:
        MissingExtra: the libraries for columns are not installed.
        BadTraffic: an option that cannot be met.
        BadColumns: the output cannot be written as asked.
    """
    from fsm.generate import STORIES, Traffic
    from fsm.generate.bodies import write_bodies
    from fsm.generate.output import PART, write_log, write_parts

    mix = {name: weight for name, (weight, _) in STORIES.items()} if options.mix is None else _mix(options.mix)
    traffic = Traffic(
        first_day=_day(options.first_day),
        mix=mix,
        disorder=not options.in_order,
        **{name: getattr(options, name) for name in _DEFAULTS},
    )
    if options.jobs < 0 or (options.part is not None and options.part < 1):
        raise BadTraffic("--jobs is 0 (one for each processor) or more, and --part is 1 or more.")
    webhooks = options.format == "webhook"
    if webhooks:
        check_plain(options.output, options.format)
    folder = is_folder(options.output) and not webhooks
    format = format_for(options.output, options.format, folder=folder)
    profile = profile_for(options.output, format, options.profile)
    began = time.monotonic()
    shared: dict[str, Any] = {
        "jobs": options.jobs or os.cpu_count() or 1,
        "part": options.part or PART,
        "tick": _tick(began),
    }
    if webhooks:
        statistics = write_bodies(traffic, options.output, **shared)
    else:
        write = write_parts if folder else write_log
        statistics = write(traffic, options.output, format=format, profile=profile, **shared)
    if sys.stderr.isatty():
        print("\r" + " " * 60 + "\r", end="", file=sys.stderr)
    for line in told(statistics):
        print(line, file=sys.stderr)
    return FINE


def told(statistics: Any) -> list[str]:
    """What was made, in lines for people; nothing in them depends on the machine."""
    kinds = ", ".join(f"{kind} {count:,}" for kind, count in statistics.kinds.items())
    span = (
        f" from {format_instant(statistics.first_at * 1000)} to {format_instant(statistics.last_at * 1000)}"
        if statistics.first_at is not None
        else ""
    )
    lines = [f"{counted(statistics.events, 'event')} in {counted(statistics.threads, 'thread')}{span}", kinds]
    lines.append(f"{statistics.repeated:,} of them are told a second time")
    if statistics.files > 1:
        lines.append(f"{statistics.files:,} files")
    return lines


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise BadTraffic(f"--from {text!r} is not a date. Write it like 2026-10-01.") from None


def _mix(text: str) -> dict[str, int]:
    mix: dict[str, int] = {}
    for piece in text.split(","):
        story, _, weight = piece.strip().partition("=")
        if not weight.isdecimal() or story in mix:
            raise BadTraffic(f"--mix: {piece!r} is no weight of a story. Write it like chat=3,campaign=1.")
        mix[story] = int(weight)
    return mix


def _tick(began: float) -> Any:
    if not sys.stderr.isatty():
        return None

    def show(events: int) -> None:
        rate = events / max(time.monotonic() - began, 1e-9)
        print(f"\r{events:,} events, {rate:,.0f} a second", end="", file=sys.stderr, flush=True)

    return show
