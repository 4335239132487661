"""The worked examples as logs, accounts and expectations: what their file means in the words of the log."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import attrs
import yaml

from fsm.events import Account, Event, instant_of, read_account

FILE = Path(__file__).parent / "data" / "worked-examples.yaml"
_OFFSET = re.compile(r"\+(?:(\d+)h)?(?:(\d+)m)?(?:(\d+)s)?")
CUSTOMER = "5215550001111"
PHONES = {"IT": "390655500111", "+1 with US area code": "12125550123"}
NAMES = {
    "csw": "customer_service_window",
    "fep": "free_entry_point",
    "UIC": "user_initiated",
    "BIC": "business_initiated",
}


@attrs.frozen(kw_only=True)
class Step:
    """One step of a timeline: its events, and what is expected of them."""

    number: int
    events: tuple[Event, ...]
    expect: Mapping[str, Any]


@attrs.frozen(kw_only=True)
class Timeline:
    """One timeline under one rulebook."""

    id: str
    rulebook: str
    account: Account
    steps: tuple[Step, ...]
    expect: Mapping[str, Any]
    crosses: tuple[str, ...]

    @property
    def events(self) -> tuple[Event, ...]:
        """All events of all steps."""
        return tuple(event for step in self.steps for event in step.events)


@cache
def load() -> Mapping[str, Any]:
    """The whole file, read once: reading takes a second."""
    loaded: Mapping[str, Any] = yaml.safe_load(FILE.read_text(encoding="utf-8"))
    return loaded


def entries(kind: str) -> list[dict[str, Any]]:
    """The examples of one kind."""
    return [example for example in load()["examples"] if example["kind"] == kind]


def timelines() -> Iterator[Timeline]:
    """Every timeline, under its own rulebook and under all it also holds in."""
    starts = load()["meta"]["default_start"]
    for example in entries("timeline"):
        yield _timeline(example, example["rulebook"], example.get("start", starts[example["rulebook"]]))
        for other in example.get("also_holds_in", ()):
            yield _timeline(example, other, starts[other])


def _timeline(example: Mapping[str, Any], rulebook: str, start: str) -> Timeline:
    given = example.get("given", {})
    members: dict[str, Any] = {"allowances": {"free_left": given.get("free_tier_left", 0)}}
    if "sender" in given:
        members["sender"] = given["sender"]
    if given.get("sender_exempt"):
        members["sender"] = "government"
    if given.get("direct_send_enabled"):
        members["direct_send"] = True
    if "fep_model" in given:
        members["policy"] = {"fep_model": given["fep_model"]}
    customer = PHONES.get(given.get("market") or given.get("user_number"), CUSTOMER)
    if given.get("user_in_experiment"):
        members["customers"] = {"in_experiment": [customer]}
    zero = instant_of(datetime.fromisoformat(start).replace(tzinfo=ZoneInfo("UTC")))
    steps = tuple(
        Step(
            number=number,
            events=tuple(_events(number, step, zero, customer, given)),
            expect=step.get("expect", {}),
        )
        for number, step in enumerate(example["timeline"])
    )
    return Timeline(
        id=example["id"],
        rulebook=rulebook,
        account=read_account(members),
        steps=steps,
        expect=example.get("expect", {}),
        crosses=tuple(example.get("crosses", ())),
    )


def offset(text: str) -> timedelta:
    """The length that an offset such as +23h59m59s names."""
    match = _OFFSET.fullmatch(text)
    assert match is not None, text
    hours, minutes, seconds = (int(part or 0) for part in match.groups())
    return timedelta(hours=hours, minutes=minutes, seconds=seconds)


def _events(
    number: int, step: Mapping[str, Any], zero: int, customer: str, given: Mapping[str, Any]
) -> Iterator[Event]:
    at = zero + offset(step["t"]) // timedelta(microseconds=1)
    common: dict[str, Any] = {"business": "100200300", "customer": customer, "at": at}
    what, _, detail = step["what"].partition(":")
    if step["who"] == "customer":
        match what:
            case "message":
                extra = {"entry": step.get("via"), "device": step.get("device", "android"), "kind": detail or "text"}
                yield Event(event="customer_message", id=f"in-{number}", **extra, **common)
            case "call_accept":
                yield Event(event="call_accepted", **common)
            case "call":
                yield Event(event="customer_call", **common)
            case "request_welcome":
                yield Event(event="welcome_requested", **common)
            case "opt_out":
                yield Event(event="marketing_stopped", **common)
            case "opt_in":
                yield Event(event="marketing_resumed", **common)
            case _:
                raise AssertionError(step)
        return
    if what == "call":
        return
    content, category = what, None
    match what:
        case "template" | "direct_send":
            category = detail if detail not in ("any", "notification") else None
        case "mba_reply":
            content = "business_agent"
        case "app_message":
            content = "app"
    status = given.get("template_status", "APPROVED")
    yield Event(
        event="message_sent", id=f"out-{number}", content=content, category=category, template_status=status, **common
    )
    expect = step.get("expect", {})
    if step.get("delivered", True) and expect.get("verdict", "allowed") != "refused":
        if "delivered_at" in step:
            common["at"] = zero + offset(step["delivered_at"]) // timedelta(microseconds=1)
        yield Event(event="message_delivered", id=f"out-{number}", **common)
