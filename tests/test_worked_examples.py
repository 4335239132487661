"""Every worked example gives the documented outcome, on the machine and on the table."""

from __future__ import annotations

from collections import Counter

import pytest

from fsm.machine import Law
from fsm.machine.law import Engine
from fsm.replay import Result, replay
from tests.worked_examples import NAMES, Timeline, timelines

ALL = list(timelines())

BELIEVED_WRONG = {
    ("cbp2-service-plus-utility", 3): (
        "two conversations are open, and the example's own note says that the source does not tell which one the "
        "message joins: we answer 'unspecified'"
    ),
}
"""Steps whose expected `joins` we do not share, with the reason; everything else about them is checked."""


def _named(name: str | None) -> str | None:
    return None if name in (None, "none") else NAMES.get(name, name)


@pytest.mark.parametrize("engine", ["machine", "table"])
@pytest.mark.parametrize("timeline", ALL, ids=lambda timeline: f"{timeline.id}-{timeline.rulebook}")
def test_a_worked_timeline_gives_the_documented_outcome(timeline: Timeline, engine: Engine) -> None:
    law = Law(timeline.account, engine=engine)
    results = {result.event.key: result for result in replay(law, timeline.events)}
    charges: Counter[str] = Counter()
    opened: Counter[str] = Counter()
    for step in timeline.steps:
        mine = [results[event.key] for event in step.events]
        _check_step(timeline, step.number, dict(step.expect), mine)
        charges.update(result.outcome.charge for result in mine if result.outcome.charge)
        opened.update(name for result in mine for name in result.outcome.opens)
    del opened["customer_service_window"]
    if "charges" in timeline.expect:
        assert charges == {NAMES.get(name, name): count for name, count in timeline.expect["charges"].items()}
    if "opened" in timeline.expect:
        assert opened == {NAMES.get(name, name): count for name, count in timeline.expect["opened"].items()}


def _check_step(timeline: Timeline, number: int, expect: dict[str, object], results: list[Result]) -> None:
    sent = [result for result in results if result.event.event == "message_sent"]
    if sent:
        assert sent[0].outcome.verdict == expect.get("verdict", "allowed")
        assert sent[0].outcome.error == expect.get("error")
    if expect.get("verdict") in ("refused", "unspecified") and "charge" not in expect:
        return
    for member in ("opens", "refreshes", "closes"):
        found = [name for result in results for name in getattr(result.outcome, member)]
        assert sorted(found) == sorted(_named(name) for name in expect.get(member, ()))  # type: ignore[type-var,attr-defined]
    if "charge" in expect:
        last = results[-1].outcome
        assert last.charge == _named(str(expect["charge"]))
        assert last.why == (None if expect["why"] == "not_delivered" else expect["why"])
    if "joins" in expect:
        wrong = (timeline.id, number) in BELIEVED_WRONG
        assert results[-1].outcome.joins == ("unspecified" if wrong else _named(str(expect["joins"])))


def test_every_example_believed_wrong_is_still_in_the_file() -> None:
    """A mark on an example that no longer exists would hide nothing and confuse everybody."""
    steps = {(timeline.id, step.number) for timeline in ALL for step in timeline.steps}
    assert set(BELIEVED_WRONG) <= steps
