"""A replay told for people: what happened, what it opened and cost, and the rules that decided."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import tzinfo
from typing import Final

from fsm import terms
from fsm.events import datetime_of
from fsm.replay.results import Result
from fsm.rules.words import REASONS, charge_words, counted

Paint = Callable[[str, str], str]
"""Given a text and what it means (`good`, `bad`, `doubt`, `faint`, `strong`), the text as a terminal shows it."""

_WIDTH: Final = 100
_INDENT: Final = " " * 21
_CUSTOMER: Final = {
    "customer_call": "customer calls",
    "call_accepted": "customer accepts a call",
    "welcome_requested": "customer opens the chat for the first time",
    "opted_in": "customer opts in",
    "opted_out": "customer opts out",
    "marketing_stopped": "customer stops marketing messages",
    "marketing_resumed": "customer resumes marketing messages",
}
_STATUS: Final = {
    "message_delivered": "delivered",
    "message_read": "read",
    "message_played": "played",
    "message_failed": "failed",
}
_CONTENT: Final = {
    "free_form": "a free-form message",
    "reaction": "a reaction",
    "business_agent": "a reply of the Meta Business Agent",
    "app": "a message from the Business app",
}


def plain(text: str, meaning: str) -> str:
    """The text as it is, for where there are no colours."""
    del meaning
    return text


def story(results: Iterable[Result], zone: tzinfo, paint: Paint = plain) -> Iterator[str]:
    """
    The lines of the story, thread by thread, times in the account's zone.

    Args:
        results: of a replay, in canonical order.
        zone: the account's time zone.
        paint: how a terminal shows what a text means.
    """
    threads: dict[tuple[str, str], list[Result]] = {}
    for result in results:
        threads.setdefault(result.event.thread, []).append(result)
    for (business, customer), mine in threads.items():
        yield paint(f"Business {business}, customer {customer}", "strong")
        rulebook = ""
        for result in mine:
            if result.rulebook != rulebook:
                rulebook = result.rulebook
                yield paint(f"{_INDENT}under {rulebook}", "faint")
            yield from _event(result, zone, paint)
        yield paint(f"{_INDENT}ends {mine[-1].status}", "faint")
        yield ""
    yield from _summary([result for mine in threads.values() for result in mine], paint)


def _event(result: Result, zone: tzinfo, paint: Paint) -> Iterator[str]:
    outcome = result.outcome
    when = datetime_of(result.event.at).astimezone(zone).strftime("%Y-%m-%d %H:%M:%S")
    head = f"{when}  {said(result)}"
    if outcome.verdict is not None:
        meaning = {"allowed": "good", "refused": "bad"}.get(outcome.verdict, "doubt")
        error = f" ({outcome.error})" if outcome.error else ""
        head += ": " + paint(f"{outcome.verdict}{error}", meaning)
    yield from _with_rules(head, outcome.because if not _effects(result, zone) else (), paint)
    effects = _effects(result, zone)
    for place, effect in enumerate(effects):
        last = place == len(effects) - 1
        meaning = "strong" if effect.startswith("charged") else "plain"
        yield from _with_rules(_INDENT + paint(effect, meaning), outcome.because if last else (), paint)
    for flag in outcome.flags:
        yield _INDENT + paint(f"note: {terms.FLAGS[flag]}", "doubt")


def said(result: Result) -> str:
    """What happened, in a few words."""
    event = result.event
    if event.event == "customer_message":
        through = {"ad": ", through an ad", "page_cta": ", through a page button"}.get(event.entry or "", "")
        kind = "" if event.kind == "text" else f" ({event.kind})"
        return f"customer writes{kind}{through}"
    if event.event == "message_sent":
        category = (event.category or "").replace("_", " ")
        template = f"{_article(category)} template" if event.content == "template" else ""
        direct = f"a direct {category} message" if event.content == "direct_send" else ""
        return f"business sends {template or direct or _CONTENT[event.content or 'free_form']}"
    if event.event in _STATUS:
        error = f" with error {event.error}" if event.error else ""
        return f"message {_short(event.id)} is {_STATUS[event.event]}{error}".replace("is failed", "fails")
    return _CUSTOMER[event.event]


def _effects(result: Result, zone: tzinfo) -> list[str]:
    outcome = result.outcome
    effects = []
    for verb, names in (("closes", outcome.closes), ("opens", outcome.opens), ("renews", outcome.refreshes)):
        for name in names:
            effects.append(f"{verb} the {_thing(name)}{_until(result, name, zone) if verb != 'closes' else ''}")
    if outcome.joins == terms.UNSPECIFIED:
        effects.append("belongs to one of the open conversations")
    elif outcome.joins is not None:
        effects.append(f"belongs to the {_thing(outcome.joins)}")
    if outcome.charge is not None:
        effects.append(charge_words(outcome.charge, outcome.why))
    elif outcome.why is not None and outcome.why != "attached":
        effects.append(charge_words(None, outcome.why))
    return effects


def _until(result: Result, name: str, zone: tzinfo) -> str:
    lane = terms.CONVERSATION if name in ("user_initiated", "business_initiated") else name
    deadline = result.deadlines.get(lane)
    if deadline is None:
        return ""
    return f" until {datetime_of(deadline).astimezone(zone).strftime('%Y-%m-%d %H:%M:%S')}"


def _thing(name: str) -> str:
    if name in (terms.CUSTOMER_SERVICE_WINDOW, terms.FREE_ENTRY_POINT):
        return name.replace("_", " ")
    return f"{name.replace('_initiated', '-initiated').replace('_', ' ')} conversation"


def _with_rules(line: str, rules: Sequence[str], paint: Paint) -> Iterator[str]:
    if not rules:
        yield line
        return
    cited = "  ".join(rules)
    visible = len(line) if paint is plain else len(_unpainted(line))
    gap = _WIDTH - visible - len(cited)
    if gap >= 2:
        yield f"{line}{' ' * gap}{paint(cited, 'faint')}"
    else:
        yield line
        yield f"{' ' * max(_WIDTH - len(cited), 0)}{paint(cited, 'faint')}"


def _unpainted(line: str) -> str:
    parts = line.split("\x1b[")
    return parts[0] + "".join(part.partition("m")[2] for part in parts[1:])


def _summary(results: Sequence[Result], paint: Paint) -> Iterator[str]:
    verdicts = Counter(result.outcome.verdict for result in results if result.outcome.verdict)
    charges = Counter(result.outcome.charge for result in results if result.outcome.charge)
    free = Counter(result.outcome.why for result in results if result.outcome.why and not result.outcome.charge)
    threads = len({result.event.thread for result in results})
    yield paint(f"{counted(len(results), 'event')} in {counted(threads, 'thread')}", "strong")
    for name, counts in (("Messages", verdicts), ("Charged", charges), ("Delivered free", free)):
        if counts:
            listed = ", ".join(f"{_counted(word)} {n}" for word, n in sorted(counts.items()))
            yield f"{name}: {listed}"


def _counted(word: str) -> str:
    return REASONS.get(word, word).removeprefix("free, ").replace("_", " ")


def _article(category: str) -> str:
    if not category:
        return "a"
    return f"{'an' if category[0] in 'aeio' else 'a'} {category}"


def _short(id: str) -> str:
    return id if len(id) <= 24 else f"{id[:10]}…{id[-8:]}"
