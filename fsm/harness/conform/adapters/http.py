"""A server as an implementation: the same messages, one POST each."""

from __future__ import annotations

import contextlib
import http.client
import json
import time
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from itertools import islice
from threading import local
from typing import Any, Final
from urllib.parse import urlsplit

import attrs

from fsm import __version__
from fsm.harness.conform.adapters.base import Answered, CannotStart, Claims, read_claims
from fsm.harness.conform.adapters.command import OUTPUT_LIMIT
from fsm.harness.conform.adapters.python import TIME_LIMIT
from fsm.harness.conform.adapters.stepwise import answered_by, stepwise
from fsm.harness.conform.case import PROTOCOL, case_of
from fsm.harness.conform.vectors import Vector

AT_ONCE: Final = 4
"""How many cases are asked at the same time."""

_now = time.perf_counter


class NoReply(Exception):
    """The server did not answer, or not with a JSON object; the message says which."""


class HttpDriver:
    """
    Asks a server.

    Args:
        url: its base, for example `http://127.0.0.1:8080`; messages are posted to `/start`, `/run` and so on below it.
        time_limit: seconds that one answer may take.
        output_limit: bytes that one answer may have.
    """

    def __init__(self, url: str, time_limit: float = TIME_LIMIT, output_limit: int = OUTPUT_LIMIT) -> None:
        self._url = urlsplit(url)
        self._time_limit = time_limit
        self._output_limit = output_limit
        self._claims: Claims | None = None
        self._mine = local()
        self._kept: list[http.client.HTTPConnection] = []

    def start(self) -> Claims:
        """
        Ask what it claims.

        Raises:
            CannotStart: nobody answers there, or with nonsense.
        """
        if self._url.scheme not in ("http", "https") or not self._url.hostname:
            raise CannotStart(f"{self._url.geturl()!r} is no address. Write it like http://127.0.0.1:8080.")
        try:
            greeting = self._ask({"do": "start", "protocol": PROTOCOL, "suite": __version__})
        except NoReply as why:
            raise CannotStart(f"{self._url.geturl()} did not answer the start message: {why}.") from None
        self._claims = read_claims(greeting)
        if self._claims.clock not in ("events", "set_clock"):
            raise CannotStart(f"a server cannot go by the clock {self._claims.clock!r}; use 'events' or 'set_clock'.")
        return self._claims

    def run(self, vectors: Iterable[Vector]) -> Iterator[tuple[Vector, Answered]]:
        """One answer per vector; a few are asked at once, unless they share a clock."""
        assert self._claims is not None, "start() comes first"
        if self._claims.clock != "events":
            for vector in vectors:
                yield vector, self._one(vector)
            return
        left = iter(vectors)
        with ThreadPoolExecutor(AT_ONCE) as pool:
            while some := list(islice(left, 16 * AT_ONCE)):
                yield from zip(some, pool.map(self._one, some), strict=True)

    def stop(self) -> None:
        """Say so. The server may go on for others."""
        if self._claims is not None:
            self._claims = None
            # It may take the word literally and be gone before it answers.
            with contextlib.suppress(NoReply):
                self._ask({"do": "stop"})
        while self._kept:
            self._kept.pop().close()

    def _one(self, vector: Vector) -> Answered:
        began = _now()
        assert self._claims is not None
        try:
            if self._claims.clock == "events":
                answered = answered_by(self._ask({"do": "run", "case": case_of(vector)}))
            else:
                answered = stepwise(vector, self._ask, None)
        except NoReply as why:
            answered = Answered(errored=str(why))
        return attrs.evolve(answered, seconds=_now() - began)

    def _ask(self, message: Mapping[str, Any]) -> Mapping[str, Any]:
        body = json.dumps(message).encode()
        path = f"{self._url.path.rstrip('/')}/{message['do']}"
        for attempt in range(2):
            connection, is_new = self._connection()
            try:
                connection.request("POST", path, body, {"Content-Type": "application/json"})
                response = connection.getresponse()
                raw = response.read(self._output_limit + 1)
            except TimeoutError:
                self._forget()
                raise NoReply(f"hung: no answer within {self._time_limit:g} s") from None
            except (OSError, http.client.HTTPException) as bad:
                self._forget()
                if is_new or attempt:
                    raise NoReply(f"crashed: no answer ({str(bad) or type(bad).__name__})") from None
                continue  # a connection that was kept may have been closed meanwhile
            return self._read(response.status, raw)
        raise AssertionError("a second attempt has a new connection")

    def _read(self, status: int, raw: bytes) -> Mapping[str, Any]:
        if len(raw) > self._output_limit:
            self._forget()
            raise NoReply(f"malformed: an answer of more than {self._output_limit} bytes")
        if status != http.client.OK:
            raise NoReply(f"crashed: HTTP status {status}: {raw[:200].decode(errors='replace')!r}")
        try:
            reply = json.loads(raw)
        except (ValueError, RecursionError) as bad:
            raise NoReply(f"malformed: an answer that is not JSON ({bad}): {raw[:80]!r}") from None
        if not isinstance(reply, dict):
            raise NoReply(f"malformed: an answer that is no JSON object: {raw[:80]!r}")
        return reply

    def _connection(self) -> tuple[http.client.HTTPConnection, bool]:
        """The connection of this thread, and whether it is new."""
        kept: http.client.HTTPConnection | None = getattr(self._mine, "connection", None)
        if kept is not None:
            return kept, False
        make = http.client.HTTPSConnection if self._url.scheme == "https" else http.client.HTTPConnection
        assert self._url.hostname is not None
        self._mine.connection = make(self._url.hostname, self._url.port, timeout=self._time_limit)
        self._kept.append(self._mine.connection)
        return self._mine.connection, True

    def _forget(self) -> None:
        self._mine.connection.close()
        self._mine.connection = None


def http_driver(url: str, time_limit: float = TIME_LIMIT, output_limit: int = OUTPUT_LIMIT) -> HttpDriver:
    """The driver of a server; see `HttpDriver`."""
    return HttpDriver(url, time_limit, output_limit)
