"""A verdict, told for people."""

from __future__ import annotations

from collections.abc import Iterator

from fsm import terms
from fsm.events import datetime_of
from fsm.machine import Verdict
from fsm.replay.story import Paint
from fsm.rulebooks.timeline import editions
from fsm.service.customer_thread import CustomerThread


def verdict_lines(verdict: Verdict, thread: CustomerThread, paint: Paint) -> Iterator[str]:
    """The lines of the answer: the verdict, what would follow, how long it holds, and the rules behind it."""
    meaning = {"allowed": "good", "refused": "bad"}.get(verdict.verdict, "doubt")
    error = f", error {verdict.error}" if verdict.error else ""
    yield paint(verdict.verdict + error, meaning) + f"  (under {verdict.rulebook})"
    if verdict.assume:
        yield f"  The sources do not say; this account's policy takes it as {verdict.assume}."
    zone = thread.account.time_zone
    follows = [
        *(f"closes {_said(name)}" for name in verdict.closes),
        *(f"opens {_said(name)}" for name in verdict.opens),
    ]
    if verdict.joins is not None:
        follows.append(
            f"belongs to {'one of the open conversations' if verdict.joins == terms.UNSPECIFIED else _said(verdict.joins)}"
        )
    if verdict.verdict != terms.REFUSED:
        follows.append(
            f"charged: {_said(verdict.charge)}"
            if verdict.charge
            else f"no charge ({_said(verdict.why or 'no rule says')})"
        )
        yield f"  If delivered now: {'; '.join(follows)}."
    if verdict.way_out:
        yield f"  What would change it: {verdict.way_out}"
    until = verdict.valid_until
    if until is None:
        yield "  Holds until something happens."
    else:
        yield f"  Holds until {datetime_of(until).astimezone(zone).strftime('%Y-%m-%d %H:%M:%S %Z')}, unless something happens."
    rules = {id: rule for book in editions() for id, rule in book.rules.items()}
    for id in dict.fromkeys((*verdict.because, *verdict.follows_from)):
        yield f"  {paint(id, 'strong')}  {rules[id].says}"
    for id in verdict.advice:
        yield f"  {paint(id, 'strong')}  {rules[id].says} {paint('(policy, not checked by Meta)', 'faint')}"
    for flag in verdict.flags:
        yield paint(f"  note: {terms.FLAGS[flag]}", "doubt")


def _said(name: str) -> str:
    return name.replace("_initiated", "-initiated").replace("_", " ")
