"""A Python object as an implementation: the tiny protocol, and what calls it."""

from __future__ import annotations

import json
import signal
import threading
import time
import traceback
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext
from importlib import import_module
from typing import Any, ClassVar, Final

from fsm.events import datetime_of, parse_instant
from fsm.harness.conform.adapters.base import Answered, CannotStart, Claims, read_claims
from fsm.harness.conform.case import PROTOCOL, case_of, steps_of
from fsm.harness.conform.vectors import Vector

_LONGEST: Final = 500
"""Characters of an exception that are quoted."""

TIME_LIMIT: Final = 10.0
"""Seconds that one case may take."""


class Adapter:
    """
    What the harness calls; derive from it, or write any object with the same members.

    An implementation that goes through events one by one overrides `begin`, `event` and, for levels beyond the
    results, `question`. One that works on a whole log overrides `run` instead.

    Attributes:
        name, version, language: for reports; the name defaults to that of the class.
        can_answer: the levels it claims: `permission`, `windows`, `conversations`, `charges` ...
        rulebooks: names of the rulebooks it follows; None means all of them.
        clock: `events` if the time comes with each event; `freezegun` if it reads Python's clock, which the harness
            then moves before each event.
    """

    name: ClassVar[str] = ""
    version: ClassVar[str] = ""
    language: ClassVar[str] = "Python"
    can_answer: ClassVar[Sequence[str]] = ()
    rulebooks: ClassVar[Sequence[str] | None] = None
    clock: ClassVar[str] = "events"

    def begin(self, case: Mapping[str, Any]) -> None:
        """Forget everything and begin a case; its `account` says what no event does."""

    def event(self, event: Mapping[str, Any]) -> Mapping[str, Any] | None:
        """Take in one event and say what it did: a result object with the members of the levels claimed."""
        raise NotImplementedError(f"{type(self).__name__} has neither 'event' nor 'run'.")

    def question(self, question: Mapping[str, Any]) -> Mapping[str, Any] | None:
        """Answer a question beyond the results, for example about the state at an instant."""
        return None

    def run(self, case: Mapping[str, Any]) -> Mapping[str, Any]:
        """The whole case: a `results` list with one entry per event, and an `answers` list with one per question."""
        return run_stepwise(self, case, None)


class Skip(Exception):
    """Raise it in an adapter to decline a case; the reason is reported, and the case counts as unsupported."""


def run_stepwise(adapter: Any, case: Mapping[str, Any], set_clock: Callable[[str], None] | None) -> dict[str, Any]:
    """
    A case, event by event and question by question, in the order of time.

    Args:
        set_clock: moves the clock that the implementation reads, if it reads one.
    """
    results: list[Any] = [None] * len(case["events"])
    answers: list[Any] = [None] * len(case["questions"])
    if hasattr(adapter, "begin"):
        adapter.begin(case)
    for what, place, at, message in steps_of(case):
        if set_clock is not None:
            set_clock(at)
        if what == "event":
            results[place] = adapter.event(message)
        elif hasattr(adapter, "question"):
            answers[place] = adapter.question(message)
    return {"results": results, "answers": answers}


class PythonDriver:
    """
    Calls a Python object in this process.

    Args:
        adapter: an object, or a class or function without arguments that makes one.
        time_limit: seconds per case. It needs signals, so it holds in the main thread on Unix only.

    An endless loop written in C cannot be interrupted; put such an implementation behind `--command`.
    """

    def __init__(self, adapter: Any, time_limit: float = TIME_LIMIT) -> None:
        self._made = adapter
        self._limit = time_limit
        self._adapter: Any = None
        self._clock = "events"

    @property
    def adapter(self) -> Any:
        """The object that is called; None before it is made."""
        return self._adapter

    def start(self) -> Claims:
        """
        Make the object and read what it claims.

        Raises:
            CannotStart: it cannot be made, or has none of the members that are called.
        """
        try:
            self._adapter = self._made() if callable(self._made) and not hasattr(self._made, "__self__") else self._made
        except Exception as bad:
            raise CannotStart(f"{_named(self._made)} cannot be made: {_last_line(bad)}") from bad
        adapter = self._adapter
        if not hasattr(adapter, "run") and not hasattr(adapter, "event"):
            raise CannotStart(
                f"{_named(adapter)} has neither a method 'event' nor a method 'run'. See fsm.harness.Adapter."
            )
        greeting: dict[str, Any] = {
            "protocol": PROTOCOL,
            "implementation": {
                "name": getattr(adapter, "name", "") or type(adapter).__name__,
                "version": getattr(adapter, "version", ""),
                "language": getattr(adapter, "language", "Python"),
            },
            "can_answer": list(getattr(adapter, "can_answer", ())),
            "clock": getattr(adapter, "clock", "events"),
        }
        if getattr(adapter, "rulebooks", None) is not None:
            greeting["rulebooks"] = list(adapter.rulebooks)
        claims = read_claims(greeting)
        if claims.clock not in ("events", "freezegun"):
            raise CannotStart(f"a Python object cannot go by the clock {claims.clock!r}; use 'events' or 'freezegun'.")
        self._clock = claims.clock
        return claims

    def run(self, vectors: Iterable[Vector]) -> Iterator[tuple[Vector, Answered]]:
        """One answer per vector, in order."""
        with _frozen() if self._clock == "freezegun" else nullcontext() as frozen:
            for vector in vectors:
                began = _now()
                answered = self._one(vector, None if frozen is None else frozen)
                yield (
                    vector,
                    Answered(
                        message=answered.message,
                        skipped=answered.skipped,
                        errored=answered.errored,
                        seconds=_now() - began,
                    ),
                )

    def stop(self) -> None:
        """Call the object's own `stop`, if it has one."""
        adapter, self._adapter = self._adapter, None
        if adapter is not None and hasattr(adapter, "stop"):
            adapter.stop()

    def _one(self, vector: Vector, set_clock: Callable[[str], None] | None) -> Answered:
        case = case_of(vector)
        try:
            with _limited(self._limit) as clock:
                if set_clock is None and hasattr(self._adapter, "run"):
                    message = self._adapter.run(case)
                else:
                    message = run_stepwise(self._adapter, case, set_clock)
                told = plain_json(message)
            if clock.rang:  # the implementation caught the interruption and went on
                raise _TookTooLong
        except _NotJson as bad:
            return Answered(errored=f"malformed: {bad}")
        except Skip as why:
            return Answered(skipped=str(why) or "the adapter declined it")
        except _TookTooLong:
            return Answered(errored=f"hung: no answer within {self._limit:g} s")
        except KeyboardInterrupt:
            raise
        except BaseException as bad:  # an implementation may also call sys.exit
            return Answered(errored=f"crashed: {_last_line(bad)}{_raised_in(bad)}")
        if not isinstance(told, dict):
            return Answered(
                errored=f"malformed: 'run' gave {type(message).__name__}; it must give an object with 'results'"
            )
        return Answered(message=told)


def python_driver(spec: str, time_limit: float = TIME_LIMIT) -> PythonDriver:
    """
    The driver of `module:Class`.

    Raises:
        CannotStart: there is no such module or class.
    """
    module, colon, name = spec.partition(":")
    if not colon or not name:
        raise CannotStart(f"{spec!r} names no class. Write module:Class, for example my_bot.adapter:MyAdapter.")
    try:
        found: Any = import_module(module)
        for part in name.split("."):
            found = getattr(found, part)
    except ImportError as bad:
        raise CannotStart(f"{module!r} cannot be imported: {bad}. Run from the folder that holds it.") from bad
    except AttributeError:
        raise CannotStart(f"{module!r} has no {name!r}.") from None
    except Exception as bad:
        raise CannotStart(f"{module!r} fails while it is imported: {_last_line(bad)}") from bad
    return PythonDriver(found, time_limit)


_now = time.perf_counter
"""Taken before anything freezes the clock."""


class _NotJson(Exception):
    """A reply that is not made of JSON values."""


def plain_json(reply: Any) -> Any:
    """
    A reply as plain values of our own, as if it had come over a wire.

    So no object of the implementation takes part in a comparison, and none reaches a report.

    >>> plain_json({"results": ({"error": None},)})
    {'results': [{'error': None}]}
    """
    try:
        return json.loads(json.dumps(reply, allow_nan=False, default=_as_dict))
    except (TypeError, ValueError, RecursionError) as bad:
        raise _NotJson(f"the reply is not made of JSON values ({_last_line(bad)[:200]})") from None


def _as_dict(value: object) -> dict[Any, Any]:
    if isinstance(value, Mapping):
        return dict(value)
    raise TypeError(f"{type(value).__name__} is no JSON value")


class _TookTooLong(BaseException):
    """Not an `Exception`: an implementation that catches those must not swallow it."""


class _Alarm:
    """Whether the time was up."""

    rang = False


@contextmanager
def _limited(seconds: float) -> Iterator[_Alarm]:
    alarm = _Alarm()
    if threading.current_thread() is not threading.main_thread() or not hasattr(signal, "setitimer"):
        yield alarm
        return

    def ring(*_: object) -> None:
        alarm.rang = True
        raise _TookTooLong

    before = signal.signal(signal.SIGALRM, ring)
    # Again and again: an implementation that catches the first interruption may not catch the next.
    signal.setitimer(signal.ITIMER_REAL, seconds, max(seconds, 1.0))
    try:
        yield alarm
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


@contextmanager
def _frozen() -> Iterator[Callable[[str], None]]:
    """Python's clock, standing still; gives what moves it. Frozen once for all cases: freezing takes milliseconds."""
    try:
        import freezegun
    except ImportError:
        raise CannotStart(
            "the adapter reads Python's clock, and freezegun, which moves it, is not installed. "
            "Install whatsapp-conversation-fsm[freezegun]."
        ) from None
    freezegun.configure(extend_ignore_list=["_pytest.timing"])
    with freezegun.freeze_time("2022-01-01T00:00:00Z") as frozen:
        yield lambda at: frozen.move_to(datetime_of(parse_instant(at)))


def _named(thing: object) -> str:
    return getattr(thing, "__qualname__", None) or type(thing).__name__


def _last_line(bad: BaseException) -> str:
    told = "".join(traceback.format_exception_only(bad)).strip().splitlines() or [type(bad).__name__]
    return told[-1][:_LONGEST]


def _raised_in(bad: BaseException) -> str:
    frames = traceback.extract_tb(bad.__traceback__)
    return f" ({frames[-1].filename}, line {frames[-1].lineno})" if frames else ""
