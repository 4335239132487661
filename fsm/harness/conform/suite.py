"""The suite for pytest users: two lines, one test per vector."""

from __future__ import annotations

import atexit
import inspect
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Any, Final, Literal

from fsm.errors import FsmError
from fsm.harness.conform.adapters.base import CannotStart, Claims, Driver
from fsm.harness.conform.adapters.python import TIME_LIMIT, Adapter, PythonDriver
from fsm.harness.conform.grade import check_gaps, graded, names_gap, smoke_test, why_not_asked
from fsm.harness.conform.outcomes import Grade
from fsm.harness.conform.vectors import Vector, all_vectors, select
from fsm.harness.conform.words import difference_lines, difference_text, scenario_text

_SMOKE: Final = "smoke"
_Missing = Literal["missing"]


def driver_of(adapter: Any, time_limit: float = TIME_LIMIT) -> Driver:
    """
    What reaches an adapter.

    Args:
        adapter: a driver, an object or class with the adapter's methods, or a text: `command: node my_impl.js`,
            `http://127.0.0.1:8080`, `python: my_bot.adapter:MyAdapter`, `transcript: answers.jsonl`.
        time_limit: seconds per case.

    Raises:
        TypeError: there is no adapter, or the text names none.
    """
    if adapter is None or (isinstance(adapter, str) and not adapter.strip()):
        raise TypeError(
            "no adapter is given, so there is nothing to grade: conformance_suite(MyAdapter). To see what a full pass "
            "looks like, name the reference: fsm.harness.conform.adapters.reference.Reference."
        )
    if isinstance(adapter, str):
        kind, _, rest = adapter.partition(":")
        match kind:
            case "command":
                from fsm.harness.conform.adapters.command import command_driver

                return command_driver(rest.strip(), time_limit)
            case "http" | "https":
                from fsm.harness.conform.adapters.http import http_driver

                return http_driver(adapter, time_limit)
            case "python":
                from fsm.harness.conform.adapters.python import python_driver

                return python_driver(rest.strip(), time_limit)
            case "transcript":
                from fsm.harness.conform.adapters.transcript import transcript_driver

                return transcript_driver(rest.strip())
        raise TypeError(
            f"{adapter!r} names no adapter. Write command: ..., python: module:Class, transcript: FILE or an http address."
        )
    if not inspect.isclass(adapter) and all(hasattr(adapter, name) for name in ("start", "run", "stop")):
        made: Driver = adapter
        return made
    return PythonDriver(adapter, time_limit)


def conformance_suite(
    adapter: Any = None,
    *,
    known_gaps: Mapping[str, str] | Sequence[str] | None = None,
    rules: Sequence[str] = (),
    rulebooks: Sequence[str] = (),
    concepts: Sequence[str] = (),
    on: date | None = None,
    ids: Sequence[str] = (),
    time_limit: float = TIME_LIMIT,
) -> Callable[..., None]:
    """
    A pytest test function that grades an implementation, one item per vector.

        from fsm.harness import conformance_suite
        test_mine = conformance_suite(MyAdapter, known_gaps={"CSW-04": "calls are not recorded yet"})

    A difference fails its item; what the implementation does not claim is skipped, and so is, with the word
    `review`, a difference where the sources disagree or are silent. A known gap is an expected failure, and an error
    once it passes: strike it. The first item is a smoke test, which says in one sentence what is mis-wired.

    Args:
        adapter: see `driver_of`; there is no default.
        known_gaps: ids of vectors or rules (or patterns) that may fail, with reasons.
        rules, rulebooks, concepts, on, ids: which vectors; see `select`.
        time_limit: seconds that one vector may take.

    Raises:
        TypeError: no adapter is given.
        UnknownVector: the selection or a known gap names nothing.
    """
    import pytest

    driver = driver_of(adapter, time_limit)
    gaps = dict(known_gaps) if isinstance(known_gaps, Mapping) else dict.fromkeys(known_gaps or (), "known gap")
    check_gaps(gaps)
    chosen = select(all_vectors(), rules=rules, rulebooks=rulebooks, concepts=concepts, on=on, ids=ids)
    many = [gap for gap in gaps if gap not in {vector.id for vector in chosen}]
    session = Session(driver)
    items: list[Any] = [
        pytest.param(_SMOKE, id=_SMOKE),
        *(pytest.param(vector, id=vector.id) for vector in chosen),
        # A gap that names a rule is closed when none of its vectors fails: that is asked at the end, and of all of them.
        *(pytest.param(gap, id=f"gap {gap}") for gap in many),
    ]

    @pytest.mark.parametrize("vector", items)
    def test(vector: Vector | str) -> None:
        if vector == _SMOKE:
            _smoke(session, chosen)
        elif isinstance(vector, str):
            _still_open(session, vector, [each for each in chosen if names_gap(vector, each)])
        else:
            _one(session, vector, gaps)

    test.__doc__ = "An implementation, graded by the documented scenarios."
    return test


class Session:
    """A driver that is started when the first item runs, and let go when Python ends."""

    def __init__(self, driver: Driver) -> None:
        self._driver = driver
        self._claims: Claims | None = None
        self._problem = ""

    @property
    def claims(self) -> Claims:
        """What it claims; the same refusal again if it could not be started."""
        if self._problem:
            raise CannotStart(self._problem)
        if self._claims is None:
            try:
                self._claims = self._driver.start()
            except CannotStart as why:
                self._problem = str(why)
                raise
            atexit.register(self._driver.stop)
        return self._claims

    def smoke(self, vectors: Sequence[Vector]) -> str:
        """What the smoke test finds."""
        return smoke_test(self._driver, self.claims, vectors)

    def grade(self, vector: Vector) -> Grade:
        """The grade of one vector."""
        claims = self.claims
        reason = why_not_asked(vector, claims)
        if reason:
            return Grade(vector=vector, outcome="unsupported", reason=reason)
        ((_, answered),) = self._driver.run([vector])
        return graded(vector, answered, claims)


def _fail(text: str) -> None:
    import pytest

    pytest.fail(text, pytrace=False)


def _smoke(session: Session, chosen: Sequence[Vector]) -> None:
    try:
        told = session.smoke(chosen)
    except FsmError as why:
        told = str(why)
    if told:
        _fail(told)


def _one(session: Session, vector: Vector, gaps: Mapping[str, str]) -> None:
    import pytest

    try:
        found = session.grade(vector)
    except FsmError as why:
        _fail(f"not graded: {why}")
        raise AssertionError from None  # pytest.fail never returns
    mine = [gap for gap in gaps if names_gap(gap, vector)]
    match found.outcome:
        case "passed":
            if vector.id in mine:
                _fail(f"{vector.id} passes now: strike it from known_gaps ({gaps[vector.id]!r}).")
        case "unsupported":
            pytest.skip(found.reason or "the implementation does not claim what this asks")
        case "review":
            where, expected, got = next(difference_lines(found))
            pytest.skip(f"review: the sources are {vector.status} here. {where}: we read {expected}, got {got}")
        case _ if mine:
            pytest.xfail(f"known gap {mine[0]}: {gaps[mine[0]]}")
        case _:
            _fail(f"{scenario_text(vector)}\n\n{difference_text(found)}")


def _still_open(session: Session, gap: str, vectors: Sequence[Vector]) -> None:
    import pytest

    if not vectors:
        pytest.skip(f"no vector of this selection fits the known gap {gap!r}")
    found = [session.grade(vector) for vector in vectors]
    if all(each.outcome == "unsupported" for each in found):
        pytest.skip(f"the implementation claims nothing that the known gap {gap!r} is about")
    if not any(each.outcome in ("failed", "errored") for each in found):
        _fail(f"none of the {len(found)} vectors of {gap} fails any more: strike it from known_gaps.")


__all__ = ["Adapter", "conformance_suite", "driver_of"]
