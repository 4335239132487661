"""What the commands about money take in: logs, accounts, prices; the same options everywhere."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

import attrs

from fsm.cli.help import LOGS
from fsm.cli.logs import read_logs
from fsm.cli.terminal import Progress
from fsm.errors import BadAccount, BadLog
from fsm.events import Account
from fsm.ledger import Row
from fsm.rates import Markets, Prices
from fsm.service.account_files import account_of
from fsm.service.facts import read_facts, write_facts
from fsm.service.files import whole_file
from fsm.service.rate_files import load_prices, shipped_markets
from fsm.service.reading import Log


def add_log(parser: argparse.ArgumentParser) -> None:
    """The logs and accounts."""
    parser.add_argument(
        "log",
        nargs="+",
        metavar="LOG",
        help=LOGS,
    )
    parser.add_argument(
        "--account",
        metavar="FILE",
        action="append",
        default=[],
        help="account file (TOML); give one for each account of a portfolio",
    )
    parser.add_argument("--keep-going", action="store_true", help="pass over lines that cannot be read")


def add_prices(parser: argparse.ArgumentParser) -> None:
    """The rate cards."""
    parser.add_argument(
        "--prices",
        metavar="FILE",
        action="append",
        default=[],
        help="rate card, volume tiers or contract rates (Meta's download, .csv or .xlsx); give as many as you have",
    )
    parser.add_argument(
        "--currency", metavar="CODE", help="of the cards (ISO 4217); default: that of the first one, or USD"
    )
    parser.add_argument("--no-shipped", action="store_true", help="use none of the cards that come with this kit")


@attrs.frozen(kw_only=True)
class Inputs:
    """Everything a ledger is made from."""

    log: Log
    accounts: tuple[Account, ...]
    prices: Prices
    markets: Markets


def read_inputs(options: argparse.Namespace) -> Inputs:
    """
    Read what the options name.

    Raises:
        FsmError: a file cannot be read; with `--keep-going`, lines that cannot be read are in `log.problems` instead.
    """
    prices = load_prices(options.prices, shipped=not options.no_shipped, currency=options.currency)
    return Inputs(
        log=read_log(options.log, keep_going=options.keep_going, facts=getattr(options, "facts", None)),
        accounts=accounts_of(options.account),
        prices=prices,
        markets=shipped_markets(),
    )


def read_log(paths: Sequence[str], *, keep_going: bool, facts: str | None = None) -> Log:
    """
    Read logs, and the facts kept from earlier runs.

    Raises:
        BadLog: a line cannot be read, and nobody asked to go on.
    """
    log = Log()
    if facts is not None and Path(facts).exists():
        name = facts
        read_facts(log, name, Path(facts).read_text(encoding="utf-8").splitlines())
    progress = Progress("lines read")
    read_logs(paths, keep_going=keep_going, log=log, tick=progress.step)
    if log.problems and not keep_going:
        raise log.problems[0]
    progress.done()
    return log


def keep_facts(log: Log, path: str) -> None:
    """Write the facts of a log beside the old file, then put it in its place: a crash leaves one of the two whole."""
    try:
        with whole_file(path) as new:
            new.write_text("".join(f"{line}\n" for line in write_facts(log)), encoding="utf-8")
    except OSError as bad:
        raise BadLog(path, f"the facts cannot be kept: {bad.strerror}.") from None


def accounts_of(paths: Sequence[str]) -> tuple[Account, ...]:
    """
    The accounts of the files; without one, an ordinary business in UTC.

    Raises:
        BadAccount: a file cannot be read, or two of them have one name.
    """
    accounts = tuple(account_of(path) for path in paths) or (account_of(None),)
    if len({account.name for account in accounts}) != len(accounts):
        raise BadAccount('several accounts need a name each: write name = "..." into every account file.')
    return accounts


def by_month(rows: Sequence[Row], month: str | None) -> tuple[Row, ...]:
    """The rows of one month; all of them, if none is named."""
    return tuple(row for row in rows if month in (None, row.period))
