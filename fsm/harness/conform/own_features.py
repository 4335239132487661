"""Features of a team's own, in our phrases, run against the team's own implementation."""

from __future__ import annotations

import sys
from collections.abc import Callable
from itertools import count
from typing import Any, Final

import attrs

from fsm.errors import FsmError
from fsm.harness.conform.adapters.python import TIME_LIMIT
from fsm.harness.conform.suite import Session, driver_of
from fsm.harness.conform.words import difference_text, harmless
from fsm.harness.publish import vector_of
from fsm.harness.script import Expectation
from fsm.harness.world import World

_NUMBERS: Final = count(1)
"""Every question is a case of its own to the implementation, so each has an id of its own."""


class GradedWorld(World):
    """
    A scenario whose every `Then` is asked of an implementation.

    Each time it is told what has happened so far, from the beginning, and answers that one question.

    Args:
        session: the implementation, started once for all scenarios.
    """

    def __init__(self, session: Session) -> None:
        super().__init__()
        self._session = session
        self._right = 0
        self._not_asked: list[str] = []

    def expect(self, expectation: Expectation) -> None:
        """Ask the implementation; the test fails if its answer differs, or if it has no usable one."""
        import pytest

        super().expect(expectation)
        script = attrs.evolve(self.script("", "", ()), expectations=(expectation,))
        vector = attrs.evolve(vector_of("", script, {"en": {"title": "", "steps": []}}), id=f"own-{next(_NUMBERS)}")
        try:
            grade = self._session.grade(vector)
        except FsmError as why:
            pytest.fail(f"not asked: {why}", pytrace=False)
        if grade.outcome == "unsupported":
            levels = ", ".join(sorted({check.level for check in grade.checks}))
            self._not_asked.append(grade.reason or f"it does not claim {levels}")
        elif grade.outcome != "passed":
            pytest.fail(difference_text(grade), pytrace=False)
        else:
            self._right += 1

    def finish(self) -> None:
        """
        End the scenario: it is skipped if the implementation claims nothing that it asks.

        A scenario that asks several things passes on those that are claimed, as a vector does.
        """
        import pytest

        if self._not_asked and not self._right:
            pytest.skip(harmless("; ".join(dict.fromkeys(self._not_asked))))


def world_of(adapter: Any = None, *, time_limit: float = TIME_LIMIT) -> Callable[[], GradedWorld]:
    """
    The fixture `world` of a `conftest.py`: scenarios written in our phrases are asked of an implementation.

        from fsm.harness import world_of
        from fsm.harness.steps import *

        world = world_of(MyAdapter)

    Args:
        adapter: see `fsm.harness.conform.suite.driver_of`; there is no default.
        time_limit: seconds that one question may take.

    Raises:
        TypeError: no adapter is given.
    """
    import pytest

    session = Session(driver_of(adapter, time_limit))

    @pytest.fixture(name="world")
    def world() -> GradedWorld:
        return GradedWorld(session)

    return world


def scenario_ends(world: object) -> None:
    """What the steps do behind the last step, unless one of them has failed."""
    if isinstance(world, GradedWorld) and sys.exc_info()[0] is None:
        world.finish()
