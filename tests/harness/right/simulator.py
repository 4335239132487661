"""The independent simulator of the parity tests as an implementation: plain sentences about a thread's past."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fsm.harness import Adapter, Skip
from tests.parity.independent import Past, date_of, instant_of, simulate, zone_of

UNKNOWN = ("policy", "authentication_international")
"""What an account may say that the simulator does not read."""


class Simulator(Adapter):
    """Answers what the simulator answers, and declines what it does not read."""

    name = "independent simulator"
    can_answer = ("permission", "windows", "conversations", "charges")

    def run(self, case: Mapping[str, Any]) -> Mapping[str, Any]:
        """Simulate the whole log; a question about an instant, the log up to that instant."""
        account = dict(case["account"])
        unread = [name for name in UNKNOWN if name in account]
        if unread:
            raise Skip(f"it does not read {', '.join(unread)}")
        if any(
            event.get("participant") or event.get("entry_point_ends_at") or event.get("inferred")
            for event in case["events"]
        ):
            raise Skip("it reads our own records only, not what is inferred from statuses")
        log = [dict(event) for event in case["events"]]
        results = [{"deadlines": {}, **result} for result in simulate(log, account)]
        return {"results": results, "answers": [_answer(question, log, account) for question in case["questions"]]}


def _answer(question: Mapping[str, Any], log: list[dict[str, Any]], account: dict[str, Any]) -> dict[str, Any] | None:
    if question["question"] != "state":
        return None
    at = instant_of(question["at"])
    threads: dict[tuple[str, str], Past] = {}
    simulate([event for event in log if instant_of(event["at"]) <= at], account, threads)
    past = threads.get((question["business"], question["customer"]), Past())
    zone = zone_of(str(account.get("time_zone", "UTC")))
    return {"states": past.states_at(at, date_of(at, zone))}
