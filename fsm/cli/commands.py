"""The commands: gather, call the kit, write down."""

from __future__ import annotations

import json
import sys
from argparse import Namespace

from fsm import terms
from fsm.cli.codes import ANSWER_IS_NO, BAD_INPUT, FINE
from fsm.cli.logs import covered, read_logs, report
from fsm.cli.terminal import Progress, paint_for
from fsm.errors import BadLog, FsmError
from fsm.events import format_instant, parse_instant
from fsm.machine import Law
from fsm.replay import Result, write_result
from fsm.replay import replay as replay_events
from fsm.replay.story import story
from fsm.rules.words import counted
from fsm.service import clock
from fsm.service.account_files import account_of, check_claimed
from fsm.service.customer_thread import CustomerThread
from fsm.service.reading import Log


def replay(options: Namespace) -> int:
    """`fsm replay`"""
    from fsm.cli import engines

    account = account_of(options.account)
    if options.out:
        return engines.to_folder(options, account)
    if any(given is not None for given in (options.volumes, options.memory, options.write)):
        raise FsmError(
            "--write, --volumes and --memory belong to --out FOLDER, which writes Parquet. Add it, or leave them out."
        )
    lines = options.format == "jsonl"
    if options.engine == "bulk" and not lines:
        raise FsmError("--engine bulk tells no story. Add --format jsonl or --out FOLDER, or leave --engine out.")
    log = read_logs(options.log, keep_going=options.keep_going)
    law = Law(account, rulebook=options.rulebook, engine="machine" if options.engine == "reference" else "table")
    events = covered(law, log)
    check_claimed(account, (event.business for event in log.events))
    refused = 0
    progress = Progress("events")
    results: list[Result] = []
    if lines and engines.chosen(options.engine, len(events)) == "bulk":
        must = options.engine == "bulk"
        for written in engines.bulk_results(law, events, log, must=must, keep_going=options.keep_going):
            progress.step()
            refused += written["verdict"] == terms.REFUSED
            print(json.dumps(written, ensure_ascii=False))
    else:
        for result in replay_events(law, events):
            progress.step()
            refused += result.outcome.verdict == terms.REFUSED
            if lines:
                print(json.dumps(write_result(result), ensure_ascii=False))
            else:
                results.append(result)
    progress.done()
    if results:
        for line in story(results, account.time_zone, paint_for(sys.stdout)):
            print(line)
    _tell_of_names(log)
    report(log)
    if log.problems:
        return BAD_INPUT
    return ANSWER_IS_NO if options.check and refused else FINE


def judge(options: Namespace) -> int:
    """`fsm judge`"""
    account = account_of(options.account)
    log = read_logs(options.log, keep_going=options.keep_going)
    events = covered(Law(account, rulebook=options.rulebook, engine="table"), log)
    if log.problems and not options.keep_going:
        report(log)
        return BAD_INPUT
    at = (
        clock.now() if options.at == "now" else parse_instant(int(options.at) if options.at.isdecimal() else options.at)
    )
    business, customer = _thread(options, log)
    check_claimed(account, [business])
    thread = CustomerThread(business, customer, account, rulebook=options.rulebook)
    for event in sorted(events, key=lambda event: event.order):
        if event.thread == (business, customer):
            thread.record(event)
    verdict = thread.may_send(
        options.content, options.category, template_status=options.template_status, at=format_instant(at)
    )
    if options.format == "json":
        written = {
            "verdict": verdict.verdict,
            "error": verdict.error,
            "because": list(verdict.because),
            "assume": verdict.assume or None,
            "opens": list(verdict.opens),
            "closes": list(verdict.closes),
            "joins": verdict.joins,
            "charge": verdict.charge,
            "why": verdict.why,
            "follows_from": list(verdict.follows_from),
            "rulebook": verdict.rulebook,
            "decided_at": format_instant(verdict.decided_at),
            "valid_until": None if verdict.valid_until is None else format_instant(verdict.valid_until),
            "way_out": verdict.way_out or None,
            "advice": list(verdict.advice),
            "flags": list(verdict.flags),
        }
        print(json.dumps(written, ensure_ascii=False))
    else:
        from fsm.cli.verdicts import verdict_lines

        for line in verdict_lines(verdict, thread, paint_for(sys.stdout)):
            print(line)
    _tell_of_names(log)
    report(log)
    if log.problems:
        return BAD_INPUT
    return ANSWER_IS_NO if options.check and not verdict.allowed else FINE


def _tell_of_names(log: Log) -> None:
    """Tell of what makes one customer several threads here, and several accounts one: the ledger knows them apart."""
    from fsm.service.accounting import aliases_of

    aliases = aliases_of(log)
    names: dict[tuple[str, str], set[str]] = {}
    for business, customer in sorted({event.thread for event in log.events}):
        names.setdefault((business, aliases.of(business, customer)), set()).add(customer)
    split = [sorted(each) for each in names.values() if len(each) > 1]
    if split:
        print(
            f"{counted(len(split), 'customer')} under several names, such as {' and '.join(split[0][:2])}: each name is a "
            "thread of its own here. `fsm ledger` joins them.",
            file=sys.stderr,
        )
    entries = sorted({entry for _, entry in log.accounts if entry})
    if len(entries) > 1:
        print(
            f"The webhooks are of {len(entries)} accounts, such as {' and '.join(entries[:2])}, and are replayed as those of "
            "one. `fsm ledger` keeps them apart.",
            file=sys.stderr,
        )


def _thread(options: Namespace, log: Log) -> tuple[str, str]:
    threads = sorted({event.thread for event in log.events})
    wanted = [
        (business, customer)
        for business, customer in threads
        if options.business in (None, business) and options.customer in (None, customer)
    ]
    if len(wanted) == 1:
        return wanted[0]
    if not threads:
        raise BadLog(", ".join(options.log), "it holds no event of any thread, so there is nothing to judge.")
    listed = "; ".join(f"--business {business} --customer {customer}" for business, customer in threads[:5])
    more = f" and {len(threads) - 5} more" if len(threads) > 5 else ""
    raise BadLog(", ".join(options.log), f"it holds {len(threads)} threads; say which one: {listed}{more}.")
