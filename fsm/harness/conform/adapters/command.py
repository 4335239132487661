"""A program as an implementation: JSON lines on its standard input and output, whatever language it is written in."""

from __future__ import annotations

import contextlib
import json
import os
import queue
import shlex
import signal
import subprocess
import threading
import time
from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from typing import IO, Any, Final

import attrs

from fsm import __version__
from fsm.harness.conform.adapters.base import Answered, CannotStart, Claims, read_claims
from fsm.harness.conform.adapters.faketime import FakeClock
from fsm.harness.conform.adapters.python import TIME_LIMIT
from fsm.harness.conform.adapters.stepwise import answered_by, stepwise
from fsm.harness.conform.case import PROTOCOL, case_of
from fsm.harness.conform.vectors import Vector

OUTPUT_LIMIT: Final = 16 * 1024 * 1024
"""Bytes that one line of an answer may have."""

ON_THE_WAY: Final = 64
"""How many cases are sent ahead of their answers."""

RESTARTS: Final = 10
"""How often a program may crash or hang before the rest is given up."""

_CHATTER: Final = 4096
"""Bytes of standard error that are kept, to be quoted."""

_now = time.perf_counter


class Died(Exception):
    """The program is gone, hangs, or speaks nonsense; the message says which."""


class CommandDriver:
    """
    Runs a program and talks to it.

    Args:
        command: as on a command line; no shell is involved.
        time_limit: seconds without any answer after which it counts as hung.
        output_limit: bytes that one line may have.

    A program that crashes or hangs is started again. The cases that were on their way are then asked one at a time, so
    that the one which does it is found and the others are answered.
    """

    def __init__(self, command: str, time_limit: float = TIME_LIMIT, output_limit: int = OUTPUT_LIMIT) -> None:
        self._command = shlex.split(command)
        self._time_limit = time_limit
        self._output_limit = output_limit
        self._program: _Program | None = None
        self._clock: FakeClock | None = None
        self._claims: Claims | None = None
        self._restarts = 0
        self._seq = 0

    def start(self) -> Claims:
        """
        Run the program and hear what it claims.

        Raises:
            CannotStart: there is no such program, or its greeting makes no sense.
        """
        if not self._command:
            raise CannotStart("the command is empty. Write it as on a command line, for example 'node my_impl.js'.")
        claims = self._greet()
        if claims.clock == "freezegun":
            self._end()
            raise CannotStart("a program cannot go by the clock 'freezegun'; use 'events', 'set_clock' or 'faketime'.")
        if claims.clock == "faketime" and self._clock is None:
            # It reads the machine's clock: start it again under one that we can move.
            self._end()
            self._clock = FakeClock()
            claims = self._greet()
        self._claims = claims
        return claims

    def run(self, vectors: Iterable[Vector]) -> Iterator[tuple[Vector, Answered]]:
        """One answer for every vector; a crash or a hang costs one vector, not the run."""
        assert self._claims is not None, "start() comes first"
        waiting = deque(vectors)
        if self._claims.clock != "events":
            while waiting:
                yield from self._alone([waiting.popleft()], self._stepwise)
            return
        while waiting:
            if self._restarts > RESTARTS:
                # It is given up: the rest is told so, and nothing more is asked.
                yield from self._alone(waiting, self._batch)
                return
            on_the_way: dict[int, tuple[Vector, float]] = {}
            try:
                yield from self._pipelined(waiting, on_the_way)
            except Died as why:
                left = [vector for vector, _ in on_the_way.values()]
                self._end()
                if len(left) <= 1:
                    self._restarts += 1
                if len(left) == 1:
                    yield left[0], Answered(errored=str(why))
                    left = []
                yield from self._alone(left, self._batch)

    def stop(self) -> None:
        """Ask the program to stop; if it does not, make it."""
        if self._program is not None:
            with contextlib.suppress(Died):
                self._program.send({"do": "stop", "seq": self._next()})
        self._end()
        if self._clock is not None:
            self._clock.close()
            self._clock = None

    # --- talking ------------------------------------------------------------------
    def _greet(self) -> Claims:
        self._program = _Program(self._command, self._output_limit, self._clock)
        seq = self._next()
        try:
            self._program.send({"do": "start", "seq": seq, "protocol": PROTOCOL, "suite": __version__})
            greeting = self._program.receive(self._time_limit)
            if greeting.get("seq") != seq:
                raise Died(f"its first line answers seq {greeting.get('seq')!r} instead of {seq}")
            return read_claims(greeting)
        except Died as why:
            self._end()
            raise CannotStart(
                f"{shlex.join(self._command)!r} did not answer the start message: {why}. It must read one JSON object "
                "per line from standard input, write one per line to standard output, and flush."
            ) from None
        except CannotStart:
            self._end()
            raise

    def _pipelined(
        self, waiting: deque[Vector], on_the_way: dict[int, tuple[Vector, float]]
    ) -> Iterator[tuple[Vector, Answered]]:
        program = self._running()
        while waiting or on_the_way:
            while waiting and len(on_the_way) < ON_THE_WAY:
                vector, seq = waiting.popleft(), self._next()
                on_the_way[seq] = (vector, _now())
                program.send({"do": "run", "seq": seq, "case": case_of(vector)})
            reply = program.receive(self._time_limit)
            answers = reply.get("seq")
            if not isinstance(answers, int) or answers not in on_the_way:
                raise Died(f"malformed: it answers seq {answers!r}, which was not asked or has been answered")
            vector, sent_at = on_the_way.pop(answers)
            yield vector, attrs.evolve(answered_by(reply), seconds=_now() - sent_at)

    def _alone(self, vectors: Iterable[Vector], ask: Any) -> Iterator[tuple[Vector, Answered]]:
        for vector in vectors:
            if self._restarts > RESTARTS:
                yield vector, Answered(errored=f"not asked: the program crashed or hung {self._restarts} times")
                continue
            began = _now()
            try:
                answered = ask(self._running(), vector)
            except Died as why:
                self._restarts += 1
                self._end()
                answered = Answered(errored=str(why))
            yield vector, attrs.evolve(answered, seconds=_now() - began)

    def _batch(self, program: _Program, vector: Vector) -> Answered:
        return answered_by(self._ask(program, {"do": "run", "case": case_of(vector)}))

    def _stepwise(self, program: _Program, vector: Vector) -> Answered:
        def exchange(message: Mapping[str, Any]) -> Mapping[str, Any]:
            return self._ask(program, message)

        return stepwise(vector, exchange, self._clock.set if self._clock is not None else None)

    def _ask(self, program: _Program, message: Mapping[str, Any]) -> Mapping[str, Any]:
        seq = self._next()
        program.send({**message, "seq": seq})
        reply = program.receive(self._time_limit)
        if reply.get("seq") != seq:
            raise Died(f"malformed: it answers seq {reply.get('seq')!r} instead of {seq}")
        return reply

    def _running(self) -> _Program:
        if self._restarts > RESTARTS:
            raise Died(f"not asked: the program crashed or hung {self._restarts} times")
        if self._program is None:
            try:
                self._greet()
            except CannotStart as why:
                raise Died(f"it could not be started again: {why}") from None
        assert self._program is not None
        return self._program

    def _next(self) -> int:
        self._seq += 1
        return self._seq

    def _end(self) -> None:
        program, self._program = self._program, None
        if program is not None:
            program.end()


def command_driver(command: str, time_limit: float = TIME_LIMIT, output_limit: int = OUTPUT_LIMIT) -> CommandDriver:
    """The driver of a program; see `CommandDriver`."""
    return CommandDriver(command, time_limit, output_limit)


class _Program:
    """One running program, and the threads that listen to it."""

    def __init__(self, command: list[str], output_limit: int, clock: FakeClock | None) -> None:
        environment = {**os.environ, **(clock.environment if clock is not None else {})}
        try:
            self._process = subprocess.Popen(  # noqa: S603 (running it is what was asked for)
                command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                env=environment,
                start_new_session=True,
            )
        except OSError as bad:
            raise CannotStart(
                f"{command[0]!r} cannot be run: {bad.strerror}. Check the spelling and the folder you are in."
            ) from None
        self._limit = output_limit
        self._lines: queue.Queue[Mapping[str, Any] | str] = queue.Queue()
        self._chatter: deque[bytes] = deque(maxlen=16)
        self._to_send: queue.SimpleQueue[bytes | None] = queue.SimpleQueue()
        for listen in (self._read, self._overhear, self._write):
            threading.Thread(target=listen, daemon=True).start()

    def send(self, message: Mapping[str, Any]) -> None:
        """Send one line; it is written by a thread of its own, so that a program which does not read blocks nobody."""
        self._to_send.put(json.dumps(message, ensure_ascii=False, separators=(",", ":")).encode() + b"\n")

    def receive(self, seconds: float) -> Mapping[str, Any]:
        """The next line, as an object."""
        try:
            line = self._lines.get(timeout=seconds)
        except queue.Empty:
            if self._process.poll() is not None:
                raise Died(f"crashed: it ended{self._code()}, and something it started keeps its output open") from None
            raise Died(f"hung: no answer within {seconds:g} s{self._quoted()}") from None
        if isinstance(line, str):
            raise Died(f"{line}{self._quoted()}")
        return line

    def end(self) -> None:
        """Close its input, wait a moment, then end it and whatever it has started."""
        self._to_send.put(None)
        try:
            self._process.wait(0.5)
        except subprocess.TimeoutExpired:
            self._signal(signal.SIGTERM)
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._process.wait(0.5)
        self._signal(signal.SIGKILL)
        self._process.wait()

    def _signal(self, number: int) -> None:
        with contextlib.suppress(OSError):
            os.killpg(self._process.pid, number)

    # --- threads --------------------------------------------------------------------
    def _write(self) -> None:
        assert self._process.stdin is not None
        with contextlib.suppress(OSError, ValueError), self._process.stdin as stream:
            while (line := self._to_send.get()) is not None:
                stream.write(line)
                if self._to_send.empty():
                    stream.flush()

    def _overhear(self) -> None:
        assert self._process.stderr is not None
        with contextlib.suppress(OSError, ValueError), self._process.stderr as stream:
            while part := stream.read1(_CHATTER):  # type: ignore[attr-defined]
                self._chatter.append(part[-_CHATTER:])

    def _read(self) -> None:
        assert self._process.stdout is not None
        with contextlib.suppress(OSError, ValueError), self._process.stdout as stream:
            while True:
                line = stream.readline(self._limit + 1)
                if not line:
                    break
                told = _read_line(line, self._limit)
                self._lines.put(told)
                if isinstance(told, str):
                    self._drain(stream)
                    return
        self._lines.put(f"crashed: it ended{self._code()} without an answer")

    def _drain(self, stream: IO[bytes]) -> None:
        """Read on until it ends, so that it does not block on a full pipe; what it says is no longer of interest."""
        while stream.read(65536):
            pass

    def _code(self) -> str:
        try:
            code = self._process.wait(0.5)
        except subprocess.TimeoutExpired:
            return " its output but still runs"
        return f" by signal {-code}" if code < 0 else f" with exit code {code}"

    def _quoted(self) -> str:
        time.sleep(0.02)  # what it said last may still be on its way
        said = b"".join(self._chatter)[-_CHATTER:].decode(errors="replace").strip().splitlines()
        # The cause may stand above a trace, or above a last line that only names the version of a runtime.
        if not said:
            return ""
        error = next((line for line in reversed(said) if "error" in line.lower()), said[-1])
        quoted = dict.fromkeys(line.strip()[:200] for line in (error, said[-1]))
        return f"; it said: {' ... '.join(quoted)}"


def _read_line(line: bytes, limit: int) -> Mapping[str, Any] | str:
    """The object that a line holds, or what is wrong with it."""
    if len(line) > limit:
        return f"malformed: a line of more than {limit} bytes"
    try:
        message = json.loads(line.decode("utf-8"), parse_constant=_no_number)
    except UnicodeDecodeError as bad:
        return f"malformed: a line that is not UTF-8 (byte {bad.start})"
    except (ValueError, RecursionError) as bad:
        return f"malformed: a line that is not JSON ({bad}): {line[:80]!r}"
    if not isinstance(message, dict):
        return f"malformed: a line that is no JSON object: {line[:80]!r}"
    return message


def _no_number(word: str) -> None:
    raise ValueError(f"{word} is no JSON number")
