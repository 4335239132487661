"""
Replay on Spark from the command line: `python -m fsm.spark`, or this file given to `spark-submit`.

Exit codes: 0 fine, 1 `redecide --check` found something to correct, 2 bad usage or input that cannot be read, 130
interrupted.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Sequence
from typing import Any

from fsm.errors import FsmError
from fsm.events import Account, format_instant, parse_instant
from fsm.machine import Law
from fsm.rules.words import counted
from fsm.service.account_files import account_of
from fsm.spark import extra


def main(arguments: Sequence[str] | None = None) -> int:
    """Do what the arguments say."""
    given = _options().parse_args(arguments)
    try:
        extra.require()
        account = account_of(given.account)
        done: int = given.run(given, account)
    except FsmError as problem:
        sys.stderr.write(f"fsm.spark: {problem}\n")
        return 2
    except KeyboardInterrupt:
        sys.stderr.write("fsm.spark: interrupted\n")
        return 130
    return done


def _options() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m fsm.spark", description="Replay logs on Apache Spark.")
    common = argparse.ArgumentParser(add_help=False)
    common.add_argument("--account", metavar="FILE", help="account file (TOML); without one: UTC, business, defaults")
    common.add_argument("--rulebook", default="auto", metavar="NAME", help="one rulebook whatever the date")
    common.add_argument(
        "--local", type=int, metavar="CORES", help="run on this machine; otherwise where spark-submit says"
    )
    verbs = parser.add_subparsers(required=True, metavar="VERB")

    replay = verbs.add_parser("replay", parents=[common], help="a log in Parquet to results or a ledger in Parquet")
    replay.add_argument("source", nargs="+", help="Parquet files or folders of `fsm columns` or `fsm generate`")
    replay.add_argument("--out", required=True, metavar="FOLDER", help="where the results go")
    replay.add_argument("--write", choices=("results", "ledger"), default="results")
    replay.add_argument("--partitions", type=int, metavar="N", help="parts that the threads are spread over")
    replay.add_argument("--mode", choices=("errorifexists", "overwrite", "append", "ignore"), default="errorifexists")
    replay.set_defaults(run=_replay)

    live = verbs.add_parser("live", parents=[common], help="log lines as they come, to provisional and final answers")
    live.add_argument("source", help="folder into which files of log lines (JSON Lines) are put")
    live.add_argument("--out", required=True, metavar="FOLDER", help="where the rows go")
    live.add_argument("--checkpoint", required=True, metavar="FOLDER", help="where the state and the progress are kept")
    live.add_argument("--bound", default="1 hour", help="how much later than others an event may come (1 hour)")
    live.add_argument("--every", default="10 seconds", metavar="TIME", help="how often to look for files (10 seconds)")
    live.add_argument("--once", action="store_true", help="stop when all files there are have been read")
    live.set_defaults(run=_live)

    again = verbs.add_parser("redecide", parents=[common], help="what late events change, as JSON Lines")
    again.add_argument("log", help="folder of all log lines")
    again.add_argument("--rows", required=True, metavar="FOLDER", help="what `live` wrote")
    again.add_argument("--through", required=True, metavar="T", help="watermark up to which answers were final")
    again.add_argument("--check", action="store_true", help="exit with 1 if something must be corrected")
    again.set_defaults(run=_redecide)
    return parser


def _session(given: argparse.Namespace) -> Any:
    if given.local:
        from fsm.spark.sessions import local_session

        session = local_session(given.local)
        session.sparkContext.setLogLevel("ERROR")
        return session
    from pyspark.sql import SparkSession

    return SparkSession.builder.appName("fsm").getOrCreate()


def _replay(given: argparse.Namespace, account: Account) -> int:
    from fsm.spark.batch import replay_on_spark

    session = _session(given)
    began = time.monotonic()
    done = replay_on_spark(
        session,
        given.source,
        account,
        given.out,
        rulebook=given.rulebook,
        write=given.write,
        partitions=given.partitions,
        mode=given.mode,
    )
    seconds = time.monotonic() - began
    session.stop()
    if not done.passes:
        sys.stdout.write(f"{done.target} exists already: nothing was done\n")
        return 0
    sys.stdout.write(
        f"{given.write} in {done.target}; the log was gone through "
        f"{'once' if done.passes == 1 else 'twice'}, {counted(done.counters, 'month')} of an allowance counted; "
        f"{seconds:.1f} s\n"
    )
    return 0


def _live(given: argparse.Namespace, account: Account) -> int:
    from fsm.spark.stream import answers_on_spark, through

    session = _session(given)
    lines = session.readStream.format("text").load(given.source)
    rows = answers_on_spark(lines, account, rulebook=given.rulebook, bound=given.bound)
    writer = (
        rows.writeStream.format("parquet")
        .option("path", given.out)
        .option("checkpointLocation", given.checkpoint)
        .outputMode("append")
    )
    query = writer.trigger(**({"availableNow": True} if given.once else {"processingTime": given.every})).start()
    query.awaitTermination()
    sys.stdout.write(f"rows in {given.out}; the watermark is {through(query)}\n")
    session.stop()
    return 0


def _redecide(given: argparse.Namespace, account: Account) -> int:
    from fsm.spark import live
    from fsm.spark.stream import answers_in, events_of, touched_in

    session = _session(given)
    rows = [row.asDict() for row in session.read.parquet(given.rows).where("touched or stage = 'late'").collect()]
    touched = touched_in(rows)
    finals = [
        answer
        for answer in answers_in(
            row.asDict() for row in session.read.parquet(given.rows).where("stage = 'final'").collect()
        )
        if answer.event.thread in touched
    ]
    law = Law(account, rulebook=given.rulebook, engine="table")
    log = [event for event in events_of(session, given.log) if event.thread in touched]
    corrections = live.redecide(law, log, finals, parse_instant(given.through))
    for correction in corrections:
        event = correction.event
        told = {
            "id": event.id or None,
            "event": event.event,
            "at": format_instant(event.at),
            "business": event.business,
            "customer": event.customer,
            "was": None if correction.was is None else json.loads(live.write_answer(correction.was)),
            "now": None if correction.now is None else json.loads(live.write_answer(correction.now)),
        }
        sys.stdout.write(json.dumps(told) + "\n")
    session.stop()
    return 1 if corrections and given.check else 0


if __name__ == "__main__":
    sys.exit(main())
