"""What a status says about the message itself, and how far that can be believed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from fsm import terms
from fsm.webhooks.members import SECOND, Odd, instant_of_seconds, printed, word
from fsm.webhooks.reading import Evidence

_DAY: Final = 86_400
_MINUTE: Final = 60

Implied = tuple[str, str | None]
"""Content and category."""

CONTENT_OF: Final[Mapping[str, Implied]] = {
    "marketing": ("template", "marketing"),
    "utility": ("template", "utility"),
    "authentication": ("template", "authentication"),
    terms.AUTHENTICATION_INTERNATIONAL: ("template", terms.AUTHENTICATION_INTERNATIONAL),
    "marketing_lite": ("template", "marketing_lite"),
    "group_marketing": ("template", "marketing"),
    "group_utility": ("template", "utility"),
    "service": ("free_form", None),
    "group_service": ("free_form", None),
    # An AI provider's message; it is no template, but billed under a name of its own.
    "general_purpose_ai": ("free_form", None),
    # 2022: the conversation is named, not the message. A business could only open one with a template;
    # what it sent into one that the customer had opened cannot be told, and most of it was free-form.
    "business_initiated": ("template", None),
    "user_initiated": ("free_form", None),
    # The weakest of all: inside a free entry point every message is called this, templates too.
    "referral_conversion": ("free_form", None),
}
"""What the words of `pricing.category` and `conversation.origin.type` say was sent."""

_KNOWN: Final = (
    ("category", "unknown_pricing_category", frozenset(CONTENT_OF)),
    (
        "type",
        "unknown_pricing_type",
        frozenset({"regular", "free_customer_service", "free_entry_point", "free_group_customer_service"}),
    ),
    ("pricing_model", "unknown_pricing_model", frozenset({"CBP", "PMP", "NBP"})),
)


def unknown_words(evidence: Evidence) -> list[str]:
    """
    The words about price and conversation that nobody knows yet, as names of notes.

    They stay in the evidence as received; counting them shows that Meta has added something.

    >>> unknown_words(
    ...     Evidence(business="b", customer="c", id="m", status="sent", at=0, pricing={"category": "foo", "type": "regular"})
    ... )
    ['unknown_pricing_category: foo']
    """
    notes = []
    pricing = evidence.pricing
    if pricing is not None:
        for member, note, known in _KNOWN:
            told = pricing.get(member)
            if told is not None and not _is_known(told, known):
                notes.append(f"{note}: {printed(told)}")
        billable = pricing.get("billable")
        if billable is not None and not isinstance(billable, bool):
            notes.append(f"unknown_billable: {printed(billable)}")
    origin = None if evidence.conversation is None else _origin(evidence)
    if origin is not None and not _is_known(origin, _KNOWN[0][2]):
        notes.append(f"unknown_conversation_origin: {printed(origin)}")
    return notes


def _is_known(told: object, known: frozenset[str]) -> bool:
    return isinstance(told, str) and (told in known or (word(told) or "") in known or told.upper() in known)


def implied_content(evidence: Evidence) -> Implied | None:
    """
    What was sent, as far as the price and the conversation of a status tell; None if they do not.

    The category of the price speaks first, since from July 2025 it is the message's own;
    then the origin of the conversation; then a free entry point named by the price type.
    A category nobody knows ends the search: a guess past it would hide something new.
    Before July 2025 both name the conversation that the message joined, so a free-form
    reply inside a marketing conversation reads as a marketing template here.

    >>> status = Evidence(business="b", customer="c", id="m", status="sent", at=0, pricing={"category": "UTILITY"})
    >>> implied_content(status)
    ('template', 'utility')
    """
    category = _pricing(evidence, "category")
    if category is not None:
        return CONTENT_OF.get(word(category) or "")
    origin = _origin(evidence)
    if origin is not None:
        return CONTENT_OF.get(word(origin) or "")
    if word(_pricing(evidence, "type")) == "free_entry_point":
        return CONTENT_OF["referral_conversion"]
    return None


def in_free_entry_point(evidence: Evidence) -> bool:
    """
    Whether the status says that the message belongs to a free entry point.

    >>> in_free_entry_point(Evidence(business="b", customer="c", id="m", status="sent", at=0))
    False
    """
    return word(_origin(evidence)) == "referral_conversion" or word(_pricing(evidence, "type")) == "free_entry_point"


def stated_entry_point_end(evidence: Evidence) -> int | None:
    """
    When the free entry point ends, as the status states it: microseconds since 1970 (UTC).

    Only inside a free entry point, and only if it lies ahead: anywhere else the expiry is the
    end of a billed conversation or, in 2025, just the time of the status again.

    Raises:
        Odd: the status states an end that is not an instant.

    >>> conversation = {"origin": {"type": "referral_conversion"}, "expiration_timestamp": "259200"}
    >>> stated_entry_point_end(
    ...     Evidence(business="b", customer="c", id="m", status="sent", at=0, conversation=conversation)
    ... )
    259200000000
    """
    if not in_free_entry_point(evidence):
        return None
    ends_at = _expiry(evidence)
    return ends_at if ends_at is not None and ends_at > evidence.at else None


def implied_opening(evidence: Evidence) -> bool | None:
    """
    Whether this message opened its billed conversation (True), joined an open one (False), or cannot tell (None).

    Conversations opened by a message end 24 hours after it was sent, rounded up to the minute;
    an earlier end belongs to a conversation that was open already. Seen in every pair of sending
    and expiry from 2022 to mid 2025; Meta documents no such rule. Only a `sent` of that pricing
    model carries both, and a free entry point lasts longer, so for anything else there is no answer.

    >>> conversation = {"expiration_timestamp": "1672806960", "origin": {"type": "business_initiated"}}
    >>> implied_opening(
    ...     Evidence(
    ...         business="b",
    ...         customer="c",
    ...         id="m",
    ...         status="sent",
    ...         at=1672720505_000000,
    ...         pricing={"pricing_model": "CBP"},
    ...         conversation=conversation,
    ...     )
    ... )
    True
    """
    if evidence.status != "sent" or word(_pricing(evidence, "pricing_model")) != "cbp" or in_free_entry_point(evidence):
        return None
    try:
        expiry = _expiry(evidence)
    except Odd:
        return None
    if expiry is None or expiry <= evidence.at:
        return None
    opened_now = stated_end(evidence.at)
    # An end beyond a day is neither: no message of that time could have produced it.
    return None if expiry > opened_now else expiry == opened_now


def stated_end(sent_at: int) -> int:
    """
    The end that Meta states of a conversation which a message sent at an instant has opened.

    >>> stated_end(1672720505_000000)
    1672806960000000
    """
    return -(-(sent_at // SECOND + _DAY) // _MINUTE) * _MINUTE * SECOND


def _pricing(evidence: Evidence, member: str) -> object:
    return None if evidence.pricing is None else evidence.pricing.get(member)


def _origin(evidence: Evidence) -> object:
    origin = None if evidence.conversation is None else evidence.conversation.get("origin")
    return origin.get("type") if isinstance(origin, Mapping) else None


def _expiry(evidence: Evidence) -> int | None:
    stated = None if evidence.conversation is None else evidence.conversation.get("expiration_timestamp")
    return None if stated is None else instant_of_seconds(stated, "expiration_timestamp")
