"""
A Python adapter behind the protocol: over standard input and output, or over HTTP.

    python -m fsm.harness.conform.serve my_bot.adapter:MyAdapter
    python -m fsm.harness.conform.serve my_bot.adapter:MyAdapter --http 8080
"""

from __future__ import annotations

import argparse
import contextlib
import json
import sys
import traceback
from collections.abc import Mapping, Sequence
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Lock
from typing import IO, Any, Final

from fsm.harness.conform.adapters.base import CannotStart, Claims
from fsm.harness.conform.adapters.command import OUTPUT_LIMIT
from fsm.harness.conform.adapters.python import Skip, python_driver
from fsm.harness.conform.case import PROTOCOL

_MEMBERS: Final = ("case", "event", "question", "at")
"""What some message must have."""


class Server:
    """
    Answers the messages of the protocol with a Python adapter.

    Args:
        adapter: the object that is called.
        claims: what it claims.

    An adapter with a method `set_clock` is told the time before every step. It is asked one thing at a time, whoever
    asks: an adapter that goes through a case step by step knows of one case only.
    """

    def __init__(self, adapter: Any, claims: Claims) -> None:
        self._adapter = adapter
        self._claims = claims
        self._one_at_a_time = Lock()

    def answer(self, message: Mapping[str, Any]) -> dict[str, Any]:
        """The reply to one message."""
        reply: dict[str, Any] = {"seq": message.get("seq")}
        try:
            with self._one_at_a_time:
                return {**reply, **self._answer(message)}
        except Skip as why:
            return {**reply, "skipped": str(why) or "the adapter declined it"}
        except KeyError as bad:
            if bad.args and bad.args[0] in _MEMBERS and bad.args[0] not in message:
                return {**reply, "errored": f"the message {message.get('do')!r} has no {bad.args[0]!r}"}
            traceback.print_exc(file=sys.stderr)
            return {**reply, "errored": f"KeyError: {bad}"}
        except Exception as bad:
            traceback.print_exc(file=sys.stderr)
            return {**reply, "errored": "".join(traceback.format_exception_only(bad)).strip()}

    def _answer(self, message: Mapping[str, Any]) -> Mapping[str, Any]:
        match message.get("do"):
            case "start":
                claims = self._claims
                return {
                    "protocol": PROTOCOL,
                    "implementation": {"name": claims.name, "version": claims.version, "language": claims.language},
                    "can_answer": list(claims.can_answer),
                    "rulebooks": list(claims.rulebooks),
                    "clock": "set_clock" if hasattr(self._adapter, "set_clock") else "events",
                }
            case "run":
                told: Mapping[str, Any] = self._adapter.run(message["case"])
                return told
            case "begin":
                self._adapter.begin(message["case"])
                return {}
            case "set_clock":
                self._adapter.set_clock(message["at"])
                return {}
            case "event":
                return {"result": self._adapter.event(message["event"])}
            case "question":
                return {"answer": self._adapter.question(message["question"])}
            case "stop":
                return {}
        return {"errored": f"no such message: {message.get('do')!r}"}


def serve(server: Server, requests: IO[str], replies: IO[str]) -> None:
    """Answer line by line until the input ends or `stop` comes."""
    for line in requests:
        message = json.loads(line)
        if message.get("do") == "stop":
            return
        replies.write(json.dumps(server.answer(message), ensure_ascii=False) + "\n")
        replies.flush()


def http_server(server: Server, port: int) -> ThreadingHTTPServer:
    """An HTTP server on this machine that answers POST /start, /run, /event ..."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True
        timeout = _PATIENCE

        def do_POST(self) -> None:
            length = self.headers.get("Content-Length", "")
            if not (length.isascii() and length.isdecimal()) or "Transfer-Encoding" in self.headers:
                self._refuse(411, "say how long the body is, in a Content-Length")
                return
            if len(length) > len(str(OUTPUT_LIMIT)) or int(length) > OUTPUT_LIMIT:
                self._refuse(413, f"the body is longer than {OUTPUT_LIMIT:,} bytes")
                return
            body = self.rfile.read(int(length))
            if len(body) < int(length):
                self._refuse(400, f"the body ends after {len(body):,} of {length} bytes")
                return
            try:
                message = json.loads(body or b"{}", parse_constant=_no_number)
                if not isinstance(message, dict):
                    raise ValueError("it is no JSON object")
            except (ValueError, RecursionError) as bad:
                self._reply(400, {"errored": f"the body cannot be read: {bad}"})
            else:
                self._reply(200, server.answer({"do": self.path.strip("/"), **message}))

        def _refuse(self, code: int, why: str) -> None:
            """Reply without having read the body: what follows on this connection cannot be told apart from it."""
            self.close_connection = True
            self._reply(code, {"errored": f"the body cannot be read: {why}"})

        def _reply(self, code: int, told: Mapping[str, Any]) -> None:
            reply = json.dumps(told).encode()
            self.send_response(code)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(reply)))
            if self.close_connection:
                self.send_header("Connection", "close")
            self.end_headers()
            self.wfile.write(reply)

        def handle(self) -> None:
            # Whoever asked and is gone wants no answer any more.
            with contextlib.suppress(ConnectionError):
                super().handle()

        def log_message(self, *_: Any) -> None:
            """Say nothing: the report is the log."""

    class Listener(ThreadingHTTPServer):
        request_queue_size = 128

    return Listener(("127.0.0.1", port), Handler)


_PATIENCE: Final = 60
"""Seconds that a request may take to arrive."""


def _no_number(word: str) -> object:
    raise ValueError(f"{word} is no number of JSON")


def main(arguments: Sequence[str] | None = None) -> int:
    """Serve the adapter that is named."""
    parser = argparse.ArgumentParser(
        prog="python -m fsm.harness.conform.serve",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("adapter", metavar="MODULE:CLASS")
    parser.add_argument("--http", type=int, metavar="PORT", help="serve HTTP on this port of this machine")
    options = parser.parse_args(arguments)
    sys.path.insert(0, "")
    driver = python_driver(options.adapter)
    try:
        claims = driver.start()
    except CannotStart as why:
        print(why, file=sys.stderr)  # noqa: T201
        return 2
    server = Server(driver.adapter, claims)
    if options.http is not None:
        with http_server(server, options.http) as listening:
            listening.serve_forever()
        return 0
    replies = sys.stdout
    # What the adapter prints must not come between the lines of the protocol.
    with contextlib.redirect_stdout(sys.stderr):
        serve(server, sys.stdin, replies)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
