"""
How the tables are said for people: states, acts, facts, durations, verdicts, charges.

Groups of acts that a reader has one name for get that name: all templates are "any
template". A word that is not in a list here is shown as it is written in the table.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import timedelta
from typing import Final

from fsm import terms
from fsm.rules import acts, facts
from fsm.rules.tables import (
    EXTENDS,
    JOINS,
    OWN_CATEGORY,
    RESTARTS,
    STAYS,
    Charge,
    Clause,
    Label,
    Lane,
    Permission,
    Row,
    State,
    Tariff,
)


def counted(count: int, noun: str, several: str = "") -> str:
    """
    A number of things, in words.

    >>> counted(1, "thread"), counted(2_000, "thread"), counted(2, "entry", "entries")
    ('1 thread', '2,000 threads', '2 entries')
    """
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {several or noun + 's'}"


LANES: Final = {
    terms.CUSTOMER_SERVICE_WINDOW: "customer service window",
    terms.WINDOW_IN_DOUBT: "window in doubt",
    terms.FREE_ENTRY_POINT: "free entry point",
    terms.CONVERSATION: "conversation",
    terms.OPT_IN: "opt-in",
    terms.MARKETING_PREFERENCE: "marketing preference",
    "marketing": "marketing conversation",
    "utility": "utility conversation",
    "authentication": "authentication conversation",
    "service": "service conversation",
    "marketing_lite": "marketing lite conversation",
}

REPORTED: Final = {
    **{name: LANES.get(name, name) for name in terms.REPORTED},
    "user_initiated": "user-initiated conversation",
    "business_initiated": "business-initiated conversation",
}
"""The names of `opens`, `refreshes`, `closes` and `joins`."""

_STATES: Final = {
    "business_open": "business open",
    "user_initiated_open": "user-initiated, open",
    "business_initiated_open": "business-initiated, open",
    "user_initiated_free_open": "user-initiated, open and free",
}

_CUSTOMER_ACTS: Final = {
    "customer_message": "customer message",
    "customer_call": "call by the customer",
    "call_accepted": "business call that the customer accepts",
    "welcome_requested": "chat opened for the first time, with welcome messages on",
    "opted_in": "customer opts in",
    "opted_out": "customer opts out",
    "marketing_stopped": "customer stops marketing messages",
    "marketing_resumed": "customer resumes marketing messages",
}

_SHORT_ACTS: Final = {
    "customer_message": "customer writes",
    "customer_call": "call",
    "call_accepted": "call",
    "welcome_requested": "first chat",
    "opted_in": "opts in",
    "opted_out": "opts out",
    "marketing_stopped": "stops marketing",
    "marketing_resumed": "resumes marketing",
}

ANY_MESSAGE: Final = "any message but the app's"
_ANY_DELIVERED: Final = "any message delivered, but not the app's"

_NON_TEMPLATES: Final = {"free_form": "free-form message", "reaction": "reaction", "business_agent": "agent reply"}

_FACTS: Final = {
    facts.WINDOW_OPEN: ("customer service window open", "customer service window closed"),
    facts.WINDOW_AT_BOUNDARY: ("in the second in which the window ends", "not in the second in which the window ends"),
    facts.WINDOW_IN_DOUBT: (
        "a doubtful customer event in the last 24 h",
        "no doubtful customer event in the last 24 h",
    ),
    facts.ENTRY_POINT_OPEN: ("free entry point open", "no free entry point open"),
    facts.ENTRY_POINT_IN_DOUBT: ("free entry point open by one source only", "no free entry point in doubt"),
    facts.ANY_CONVERSATION_OPEN: ("any conversation open", "no conversation open"),
    facts.OLD_CONVERSATION_OPEN: ("conversation of the 2022 rules open", "no conversation of the 2022 rules open"),
    facts.FREE_CONVERSATION_OPEN: ("free user-initiated conversation open", "no free user-initiated conversation open"),
    facts.MARKETING_OPEN: ("marketing conversation open", "no marketing conversation open"),
    facts.UTILITY_OPEN: ("utility conversation open", "no utility conversation open"),
    facts.AUTHENTICATION_OPEN: ("authentication conversation open", "no authentication conversation open"),
    facts.SERVICE_OPEN: ("service conversation open", "no service conversation open"),
    facts.MARKETING_LITE_OPEN: ("marketing lite conversation open", "no marketing lite conversation open"),
    facts.MARKETING_STOPPED: ("customer has stopped marketing", "customer has not stopped marketing"),
    facts.OPTED_IN: ("customer has opted in", "customer has not opted in"),
    facts.OPTED_OUT: ("customer has opted out", "customer has not opted out"),
    facts.COUNTS: ("of a kind that counts", "of a kind not known to count"),
    facts.MAY_COUNT: ("of a kind that may, or may not, count", "of a kind that is not in doubt"),
    facts.THROUGH_ENTRY: ("through an ad or page button", "not through an ad or page button"),
    facts.ANSWERS_ENTRY: ("it answers an ad or page button in time", "it answers no ad or page button"),
    facts.TEMPLATE_APPROVED: ("template approved", "template not approved"),
    facts.TEMPLATE_PAUSED: ("template paused", "template not paused"),
    facts.TEMPLATE_DISABLED: ("template disabled", "template not disabled"),
    facts.TEMPLATE_UNUSABLE: (
        "template missing, rejected or not yet approved",
        "template neither missing nor rejected",
    ),
    facts.US_AREA_CODE: ("number with a US area code", "number without a US area code"),
    facts.US_AREA_CODE_IN_DOUBT: ("area code of a US territory", "no area code of a US territory"),
    facts.INTERNATIONAL_RATE: (
        "the international rate has started here",
        "the international rate has not started here",
    ),
    facts.AI_MARKET: ("AI provider sending into a listed market", "no AI provider sending into a listed market"),
    facts.IN_EXPERIMENT: ("customer in Meta's marketing holdout", "customer outside Meta's marketing holdout"),
    facts.WOULD_BE_CHARGED: ("the message would be charged", "the message would cost nothing"),
    facts.AI_PROVIDER: ("sender is an AI provider", "sender is no AI provider"),
    facts.EXEMPT_SENDER: ("sender is a government or non-profit", "sender is neither government nor non-profit"),
    facts.DIRECT_SEND_ENABLED: ("account may use Direct Send", "account may not use Direct Send"),
    facts.BILLED_THROUGH_PARTNER: ("billed through a partner", "billed directly"),
    facts.ALLOWANCE_LEFT: ("free units of the month left", "no free unit of the month left"),
    facts.NO_PAYMENT_METHOD: ("no usable payment method", "payment method on file"),
    facts.CURRENCY_REFUSED: ("billed in a currency no longer served", "billing currency served"),
}

REASONS: Final = {
    "regular": "regular price",
    "attached": "free, it belongs to an open conversation",
    "free_tier": "free, within the free units of the month",
    "free_customer_service": "free, customer service",
    "free_entry_point": "free, inside a free entry point",
    "service_free_era": "free, service conversations cost nothing",
    "not_billable": "free, never billed",
    "transition_cbp": "free, it belongs to a conversation of the old rules",
    "exempt": "free, the sender is exempt",
}

RATE_LINES: Final = {
    "calling": "a call, by the minute",
    "user_initiated": "a user-initiated conversation",
    "business_initiated": "a business-initiated conversation",
    "notification": "a notification",
    "general_purpose_ai": "the rate for AI providers",
    "mba_tokens": "the agent's tokens",
    "marketing_lite": "marketing lite",
    OWN_CATEGORY: "the rate of the template's category",
}

CONFIDENCE: Final = {
    "A": "Meta's own text",
    "B": "two independent readers",
    "C": "one third party, or our inference",
    "?": "documented nowhere",
}


def sentence(text: str) -> str:
    """
    The text with a capital letter.

    >>> sentence("customer message")
    'Customer message'
    """
    return text[:1].upper() + text[1:]


def listed(items: Sequence[str], last: str = "and") -> str:
    """
    The items as a list in a sentence.

    >>> listed(("marketing", "utility", "service"), "or")
    'marketing, utility or service'
    """
    return items[0] if len(items) == 1 else f"{', '.join(items[:-1])} {last} {items[-1]}" if items else ""


def lane_words(name: str) -> str:
    """What a lane is called."""
    return LANES.get(name, acts.words(name))


def state_words(name: str) -> str:
    """
    What a state is called.

    >>> state_words("user_initiated_open")
    'user-initiated, open'
    """
    return _STATES.get(name, acts.words(name))


def duration_words(length: timedelta) -> str:
    """
    A duration, in the unit people use for it.

    >>> duration_words(timedelta(days=1)), duration_words(timedelta(days=7)), duration_words(timedelta(seconds=1))
    ('24 h', '7 days', '1 s')
    """
    seconds = int(length.total_seconds())
    if seconds % 86_400 == 0 and seconds > 3 * 86_400:
        return f"{seconds // 86_400} days"
    return elapsed_words(seconds)


def elapsed_words(seconds: int) -> str:
    """
    So many seconds, in hours, minutes and seconds.

    >>> elapsed_words(95_400), elapsed_words(0)
    ('26 h 30 min', '0 h')
    """
    hours, rest = divmod(seconds, 3600)
    parts = [f"{hours} h"] if hours else []
    parts += [f"{rest // 60} min"] if rest // 60 else []
    parts += [f"{rest % 60} s"] if rest % 60 else []
    return " ".join(parts) or "0 h"


def caption_words(state: State) -> str:
    """What is said in small letters under the name of a state; empty if no clock runs in it."""
    if state.lasts is None:
        return ""
    if state.name == "boundary":
        return "the second after the end"
    return f"{duration_words(state.lasts).replace(' days', '-day')} clock"


def clock_words(state: State) -> str:
    """When the clock of a state runs out, counted from what."""
    assert state.lasts is not None
    length = duration_words(state.lasts)
    return {
        "event": f"{length} later",
        "sending": f"{length} after the answer was sent",
        "opening": f"{length} after it opened",
    }[state.counted_from]


def messages_words(messages: Iterable[str]) -> str:
    """
    Messages of a business, under their common name.

    >>> messages_words(acts.TEMPLATES)
    'any template'
    >>> messages_words(("marketing_template", "free_form"))
    'marketing template or free-form message'
    """
    mine = set(messages)
    direct = mine.intersection(acts.DIRECT_SENDS)
    ordinary = mine.issuperset((*acts.TEMPLATES, *acts.NON_TEMPLATES)) and acts.APP not in mine
    if ordinary and len(direct) in (0, len(acts.DIRECT_SENDS)):
        return ANY_MESSAGE
    parts = _templates([name for name in acts.TEMPLATES if name in mine])
    parts += [words for name, words in _NON_TEMPLATES.items() if name in mine]
    parts += _direct_sends([name for name in acts.DIRECT_SENDS if name in mine])
    parts += ["message typed in the app"] if acts.APP in mine else []
    return listed(parts, "or")


def _templates(names: list[str]) -> list[str]:
    if len(names) == len(acts.TEMPLATES):
        return ["any template"]
    missing = [name for name in acts.TEMPLATES if name not in names]
    if missing == ["uncategorised_template"]:
        return ["template of any category"]
    if len(missing) == 1:
        category = acts.words(missing[0].removesuffix("_template"))
        return [f"any template but {'an' if category[0] in 'ao' else 'a'} {category} one"]
    return [
        "template without a known category" if name == "uncategorised_template" else acts.words(name) for name in names
    ]


def _direct_sends(names: list[str]) -> list[str]:
    if len(names) == len(acts.DIRECT_SENDS):
        return ["Direct Send"]
    return [
        "Direct Send without a known category"
        if name == "uncategorised_direct_send"
        else f"{acts.words(name.removesuffix('_direct_send'))} Direct Send"
        for name in names
    ]


def acts_words(names: Iterable[str]) -> str:
    """
    Acts, under their common name.

    >>> acts_words(acts.delivered(*acts.NON_TEMPLATES))
    'free-form message, reaction or agent reply delivered'
    """
    mine = list(names)
    parts = [words for name, words in _CUSTOMER_ACTS.items() if name in mine]
    deliveries = [name.removesuffix("_delivered") for name in mine if name in acts.DELIVERY_ACTS]
    if deliveries:
        said = messages_words(deliveries)
        parts.append(_ANY_DELIVERED if said == ANY_MESSAGE else f"{said} delivered")
    return listed(parts, "or")


def acts_in_short(names: Iterable[str]) -> str:
    """
    Acts in two or three words, for labels that must be short.

    >>> acts_in_short(acts.delivered(*acts.NON_TEMPLATES))
    'free-form'
    """
    mine = list(names)
    parts = list(dict.fromkeys(words for name, words in _SHORT_ACTS.items() if name in mine))
    deliveries = [name.removesuffix("_delivered") for name in mine if name in acts.DELIVERY_ACTS]
    if len(deliveries) > len(acts.TEMPLATES):
        parts.append("any message")
    elif set(deliveries) <= set(acts.NON_TEMPLATES) and "free_form" in deliveries:
        parts.append("free-form")
    elif len(deliveries) > 2:
        parts.append("template")
    elif deliveries:
        parts.append(messages_words(deliveries))
    return listed(parts, "or")


def conditions(needs: Iterable[str], unless: Iterable[str]) -> tuple[str, ...]:
    """What must be true, one phrase for each fact."""
    yes = [_FACTS[fact][0] if fact in _FACTS else acts.words(fact) for fact in needs]
    no = [_FACTS[fact][1] if fact in _FACTS else f"not: {acts.words(fact)}" for fact in unless]
    return (*yes, *no)


def condition_words(needs: Iterable[str], unless: Iterable[str]) -> str:
    """
    What must be true, as one text.

    >>> condition_words((facts.WINDOW_OPEN,), (facts.ENTRY_POINT_OPEN,))
    'customer service window open, no free entry point open'
    """
    return ", ".join(conditions(needs, unless))


def effect_words(row: Row, lane: Lane) -> str:
    """What a row that keeps the state does to it; empty if it leads to another state."""
    if row.dest == STAYS:
        return "nothing changes"
    if row.dest == JOINS:
        return "belongs to it, the clock keeps running"
    if row.dest == RESTARTS:
        lasts = lane.state(row.source[0]).lasts
        return f"the {duration_words(lasts)} start again" if lasts else "the clock starts again"
    if row.dest == EXTENDS and row.adds is not None:
        longest = lane.state(row.source[0]).at_most
        return f"{duration_words(row.adds)} more" + (f", at most {duration_words(longest)}" if longest else "")
    return ""


def row_words(row: Row, lane: Lane) -> str:
    """A row as a sentence, with its rule."""
    given = condition_words(row.needs, row.unless)
    source = listed([f"“{state_words(name)}”" for name in row.source], "or")
    done = effect_words(row, lane) or f"goes to “{state_words(row.dest)}”"
    return f"{sentence(acts_words(row.on))}{f' ({given})' if given else ''}, in {source}: {done} ({row.rule})."


def charge_words(line: str | None, why: str | None, *, uses_allowance: bool = False, unspecified: bool = False) -> str:
    """What a delivery costs, and why."""
    if line is not None:
        cost = f"charged: {RATE_LINES.get(line, acts.words(line))}"
        if why not in ("regular", None):
            cost += f" ({acts.words(str(why))})"
    else:
        cost = REASONS.get(why, acts.words(why)) if why else "no price is documented"
    if uses_allowance and why != "free_tier":
        cost += "; uses a free unit of the month"
    return f"{cost}; the sources do not settle it" if unspecified and why else cost


def verdict_words(verdict: str, error: int | None, assume: str = "") -> str:
    """An answer to whether a message may be sent."""
    if verdict == terms.REFUSED:
        return f"refused ({error})" if error else "refused"
    if verdict == terms.UNSPECIFIED:
        return f"not documented, taken as {assume}" if assume else "not documented"
    return "allowed"


def lane_sentence(lane: Lane, row: Row) -> str:
    """A row of a lane as a sentence that stands by itself."""
    return f"{sentence(lane_words(lane.name))}: {row_words(row, lane)}"


def permission_sentence(clause: Clause, line: Permission) -> str:
    """A line of a clause as a sentence that stands by itself."""
    given = condition_words(line.needs, line.unless)
    advised = ", against policy" if line.advises_against else ""
    answer = verdict_words(line.verdict, line.error, line.assume)
    return (
        f"{sentence(clause.name)}: {messages_words(line.messages)}{f' ({given})' if given else ''} is {answer}{advised}"
        f"{_cited(line.rules)}."
    )


def charge_sentence(line: Charge) -> str:
    """A line of the table of charges as a sentence that stands by itself."""
    given = condition_words(line.needs, line.unless)
    cost = charge_words(line.line, line.why, uses_allowance=line.uses_allowance, unspecified=line.unspecified)
    return f"Charge: {messages_words(line.messages)}{f' ({given})' if given else ''}, delivered: {cost}{_cited(line.rules)}."


def tariff_sentences(tariff: Tariff) -> list[str]:
    """How an amount follows from a charge, as sentences that stand by themselves."""
    sentences = [f"Amount: a charge pays for one {tariff.charged}."]
    calls = tariff.calls
    for ladder in (*tariff.ladders, *((calls.ladder,) if calls else ())):
        lines = listed([acts.words(line) for line in ladder.lines])
        how = "what crosses into a tier has its rate as a whole" if ladder.whole else "each has the rate of its tier"
        groups = "" if ladder.groups else "; messages to groups take no part"
        count = "count together" if len(ladder.lines) > 1 else "counts"
        sentences.append(f"Volume: {lines} {count} by the month; {how}{groups}{_cited(ladder.rules)}.")
    if calls:
        sentences.append(
            f"Calls: {listed([acts.words(who) for who in calls.free])} calls are free; others are charged by pulses of "
            f"{duration_words(calls.pulse)}, rounded up, at a rate for {duration_words(calls.rate_for)}{_cited(calls.rules)}."
        )
    for line, other in tariff.same_rate.items():
        sentences.append(f"Amount: where a card has no rate for {acts.words(line)}, that of {acts.words(other)} holds.")
    return sentences


def label_sentence(label: Label) -> str:
    """What Meta calls a delivery, as a sentence that stands by itself."""
    webhook = " + ".join(filter(None, (label.model.upper(), listed(label.types, "or"), listed(label.categories, "or"))))
    counted = " + ".join(filter(None, (listed(label.analytics_types, "or"), listed(label.analytics_categories, "or"))))
    said = [f"webhooks say {webhook}{f' ({label.subtype})' if label.subtype else ''}"] if webhook else []
    said += [f"analytics count it as {counted}"] if counted else []
    rules = tuple(dict.fromkeys((*label.rules, *label.stated_by, *label.counted_by)))
    return f"Label: {label.means}: {', '.join(said) or 'no text says how it is called'}{_cited(rules)}."


def _cited(rules: Sequence[str]) -> str:
    return f" ({', '.join(rules)})" if rules else ""
