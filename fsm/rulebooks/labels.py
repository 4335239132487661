"""What Meta calls each kind of delivery: in the webhook's price, and in its analytics, law by law."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import attrs

from fsm import terms
from fsm.rulebooks.build import rule
from fsm.rules import acts
from fsm.rules.tables import Label
from fsm.terms import AUTHENTICATION_INTERNATIONAL, FREE_ENTRY_POINT

CONVERSATION_RULES: Final = (
    rule(
        "LBL-01",
        "Until 2025-06-30 a status names the conversation its message belongs to: pricing model CBP, no pricing type, and "
        "the conversation's category.",
        "M-STAT M-CBP",
        "A",
    ),
    rule(
        "LBL-02",
        "The `sent` status of a message that opens a conversation or a free entry point states its end, rounded up to the "
        "minute; a conversation's lies 24 hours after the sending.",
        "CAPTURES",
        "C",
        "Seen in every pair of sending and end; no text says so.",
    ),
    rule(
        "LBL-03",
        "Conversation analytics count conversations by category, by direction and by type: regular, free tier or free "
        "entry point.",
        "M-ANA",
        "A",
    ),
    rule(
        "LBL-06",
        "The member `billable` does not say that something is charged: service conversations that cost nothing bear it.",
        "M-STAT CAPTURES",
        "B",
        "It is compared, and it never makes money.",
    ),
    rule(
        "LBL-07",
        "Analytics are approximate: days begin at midnight in the account's time zone, and cost is withheld from accounts "
        "billed through a partner.",
        "M-ANA",
        "A",
        "The invoice decides.",
    ),
)

MESSAGE_RULES: Final = (
    rule(
        "LBL-04",
        "Since 2025-07-01 a status names the price of its own message: pricing model PMP, a pricing type and a category.",
        "M-STAT M-PMP",
        "A",
    ),
    rule(
        "LBL-05",
        "Pricing analytics count everything that is free inside the window or inside a free entry point as service, utility "
        "too, and the messages of AI providers under a name of their own.",
        "M-ANA",
        "A",
        "Free-entry rows may also bear the category referral conversion.",
    ),
    rule(
        "GRP-03",
        "Messages to groups bear categories of their own, and those that are free a pricing type of their own.",
        "M-GRP",
        "A",
    ),
)

FREE_GROUP: Final = "free_group_customer_service"
UNKNOWN_CONVERSATION: Final = "unknown_conversation"
"""Instead of a conversation's name: a message that belongs to one, and no rule says to which."""

_NO_TYPE: Final = ("",)
_OTHER_SPELLINGS: Final[Mapping[str, str]] = {
    "free_entry": FREE_ENTRY_POINT,
    "authentication_intl": AUTHENTICATION_INTERNATIONAL,
}


def one_spelling(word: str) -> str:
    """
    A label in one spelling: webhooks write lower case, analytics upper case, and both mix hyphens and underscores.

    Source: M-STAT and M-ANA (the table of analytics says FREE_ENTRY where its data say FREE_ENTRY_POINT).

    >>> one_spelling("Authentication-International"), one_spelling("FREE_ENTRY"), one_spelling(" Group Utility ")
    ('authentication_international', 'free_entry_point', 'group_utility')
    """
    plain = "_".join((acts.normal_category(word) or "").replace("_", " ").split())
    return _OTHER_SPELLINGS.get(plain, plain)


# --- notifications ------------------------------------------------------------
NOTIFICATIONS: Final = (
    Label(
        of=acts.TEMPLATES,
        means="a template, charged as a notification",
        model="nbp",
        why=("regular",),
        rules=("NBP-03",),
    ),
    Label(of=acts.MESSAGES, means="free", model="nbp", why=("not_billable",), stated_by=("NBP-03",)),
)


# --- conversations ------------------------------------------------------------
def _conversation(name: str, direction: tuple[str, ...], *, free_tier: bool = False) -> tuple[Label, ...]:
    charged = Label(
        of=(name,),
        means=f"belongs to a {acts.words(name)} conversation",
        model="cbp",
        types=_NO_TYPE,
        categories=(name,),
        why=("regular", "service_free_era"),
        directions=direction,
        analytics_types=("regular",),
        analytics_categories=_counted_as(name),
        billable=True,
        stated_by=_STATED,
        counted_by=_COUNTED,
    )
    if not free_tier:
        return (charged,)
    # What `billable` says of the free tier, no text tells.
    return (charged, attrs.evolve(charged, why=("free_tier",), analytics_types=("free_tier",), billable=None))


def _counted_as(name: str) -> tuple[str, ...]:
    # The analytics of 2022 know no category; the words of that year's conversations say who began instead.
    return () if name in ("user_initiated", "business_initiated") else (name,)


_BY_BUSINESS: Final = ("business_initiated", "unknown")
_BY_CUSTOMER: Final = ("user_initiated", "unknown")
_STATED: Final = ("LBL-01",)
_COUNTED: Final = ("LBL-03",)

_COMMON: Final = (
    Label(
        of=(FREE_ENTRY_POINT,),
        means="belongs to a free entry point conversation",
        model="cbp",
        types=_NO_TYPE,
        categories=("referral_conversion",),
        why=("free_entry_point",),
        directions=_BY_CUSTOMER,
        analytics_types=("free_entry_point",),
        billable=False,
        stated_by=_STATED,
        counted_by=_COUNTED,
    ),
    Label(
        of=(UNKNOWN_CONVERSATION,),
        means="belongs to an open conversation",
        model="cbp",
        types=_NO_TYPE,
        why=("attached",),
        stated_by=_STATED,
        counted_by=_COUNTED,
    ),
    Label(of=(acts.APP,), means="typed in the app, without a price", why=("not_billable",), rules=("CSW-08",)),
)

SINGLE_CONVERSATIONS: Final = (
    *_conversation("user_initiated", _BY_CUSTOMER, free_tier=True),
    *_conversation("business_initiated", _BY_BUSINESS, free_tier=True),
    *_COMMON,
)

# Which direction a template's conversation has that opens inside the window, no text says.
_EITHER: Final = ("business_initiated", "user_initiated", "unknown")
_TEMPLATES: Final = ("marketing", "utility", "authentication", "marketing_lite")

CONVERSATIONS: Final = (
    *(label for name in _TEMPLATES for label in _conversation(name, _EITHER)),
    *_conversation("service", _BY_CUSTOMER, free_tier=True),
    Label(
        of=("authentication",),
        means="belongs to an authentication conversation at the international rate",
        model="cbp",
        types=_NO_TYPE,
        categories=(AUTHENTICATION_INTERNATIONAL, "authentication"),
        why=("regular",),
        lines=(AUTHENTICATION_INTERNATIONAL,),
        directions=_EITHER,
        analytics_types=("regular",),
        analytics_categories=("authentication", AUTHENTICATION_INTERNATIONAL),
        billable=True,
        rules=("CBP2-16",),
        stated_by=_STATED,
        counted_by=_COUNTED,
    ),
    *_COMMON,
)


# --- messages -----------------------------------------------------------------
_PRICED: Final = ("LBL-04",)
_ADDED_UP: Final = ("LBL-05",)
_FREE_FORM: Final = ("free_form",)


def _charged(of: tuple[str, ...], category: str, means: str, *rules: str, **more: object) -> Label:
    categories = more.pop("categories", (category,))
    counted = more.pop("analytics_categories", categories)
    stated_by = more.pop("stated_by", _PRICED)
    return Label(
        of=of,
        means=means,
        model="pmp",
        types=("regular",),
        categories=categories,  # type: ignore[arg-type]
        why=("regular",),
        analytics_types=("regular",),
        analytics_categories=counted,  # type: ignore[arg-type]
        billable=True,
        rules=rules,
        stated_by=stated_by,  # type: ignore[arg-type]
        counted_by=_ADDED_UP,
        **more,  # type: ignore[arg-type]
    )


def _free(of: tuple[str, ...], category: str, means: str, why: str, *rules: str) -> Label:
    return Label(
        of=of,
        means=means,
        model="pmp",
        types=("free_customer_service",),
        categories=(category,),
        why=(why,),
        analytics_types=("free_customer_service",),
        analytics_categories=("service",),
        billable=False,
        rules=rules,
        stated_by=_PRICED,
        counted_by=_ADDED_UP,
    )


def _group(of: tuple[str, ...], category: str, means: str, why: str, *rules: str) -> Label:
    free = why != "regular"
    type_ = FREE_GROUP if free else "regular"
    return Label(
        of=of,
        means=f"{means}, to a group",
        model="pmp",
        types=(type_,),
        categories=(category,),
        why=(why,),
        group=True,
        analytics_types=(type_,),
        # What is free inside the window is counted as service, in groups as elsewhere.
        analytics_categories=("group_service", category) if free and category != "group_service" else (category,),
        billable=not free,
        rules=("GRP-03", *rules),
        stated_by=_PRICED,
        counted_by=_ADDED_UP,
    )


_AUTHENTICATION: Final = ("authentication_template", "authentication_direct_send")
_UTILITY: Final = ("utility_template", "utility_direct_send")

_EVERY_MESSAGE_LAW: Final = (
    _charged(("marketing_template",), "marketing", "marketing charged", "PMP-02"),
    _charged(
        ("marketing_lite_template",),
        "marketing_lite",
        "marketing sent through Marketing Messages Lite, charged",
        "MM-01",
        categories=("marketing_lite", "marketing"),
    ),
    _charged(_AUTHENTICATION, "authentication", "authentication charged", "PMP-02", lines=("authentication",)),
    _charged(
        _AUTHENTICATION,
        AUTHENTICATION_INTERNATIONAL,
        "authentication charged at the international rate",
        "PMP-02",
        lines=(AUTHENTICATION_INTERNATIONAL,),
    ),
    _group(("marketing_template",), "group_marketing", "marketing charged", "regular", "PMP-02"),
    Label(
        of=(FREE_ENTRY_POINT,),
        means="anything inside a free entry point",
        model="pmp",
        types=("free_entry_point",),
        # Meta's examples say the first; whether a later message says its own category, no text tells.
        categories=("referral_conversion", *terms.CATEGORIES, "service"),
        why=("free_entry_point",),
        analytics_types=("free_entry_point",),
        analytics_categories=("service", "referral_conversion"),
        billable=False,
        rules=("PMP-05",),
        stated_by=_PRICED,
        counted_by=_ADDED_UP,
    ),
    Label(of=(acts.APP,), means="typed in the app, without a price", why=("not_billable",), rules=("CSW-08",)),
)

MESSAGES: Final = (
    *_EVERY_MESSAGE_LAW,
    _charged(_UTILITY, "utility", "utility charged, outside the window", "PMP-03"),
    _free(_UTILITY, "utility", "utility inside the window, free", "free_customer_service", "PMP-03"),
    _free(acts.NON_TEMPLATES, "service", "any non-template", "free_customer_service", "PMP-01"),
    _group(_UTILITY, "group_utility", "utility charged, outside the window", "regular", "PMP-03"),
    _group(_UTILITY, "group_utility", "utility inside the window, free", "free_customer_service", "PMP-03"),
    _group(acts.NON_TEMPLATES, "group_service", "any non-template", "free_customer_service", "PMP-01"),
)

TRANSITION: Final = (
    *MESSAGES,
    Label(
        of=("utility_template",),
        means="belongs to a utility conversation opened before 2025-07-01",
        model="cbp",
        types=_NO_TYPE,
        categories=("utility",),
        why=("transition_cbp",),
        rules=("PMP-07",),
        stated_by=_STATED,
    ),
    # Of other categories no text tells; these are labelled only where the policy keeps their conversations.
    Label(
        of=tuple(template for template in acts.TEMPLATES if template != "utility_template"),
        means="belongs to a conversation opened before 2025-07-01",
        model="cbp",
        types=_NO_TYPE,
        why=("transition_cbp",),
        rules=("PMP-07",),
        stated_by=_STATED,
    ),
)
"""While conversations of the old law run out. How analytics count what belongs to them, no text says."""

_AI_PROVIDERS: Final = _charged(
    acts.NON_TEMPLATES,
    "general_purpose_ai",
    "a message of an AI provider, charged",
    "PMP-14",
    lines=("general_purpose_ai",),
    analytics_categories=("ai_bot",),
)
_AGENT: Final = Label(
    of=("business_agent",),
    means="a reply of Meta's own agent, charged by tokens",
    why=("regular",),
    lines=("mba_tokens",),
    rules=("PMP-15",),
)

WITH_AI_PROVIDERS: Final = (*MESSAGES, _AI_PROVIDERS)
WITH_AGENT: Final = (*WITH_AI_PROVIDERS, _AGENT)

METERED: Final = (
    *_EVERY_MESSAGE_LAW,
    _AI_PROVIDERS,
    _AGENT,
    _charged(
        _UTILITY,
        "utility",
        "utility charged, inside or outside the window",
        "P26-03",
        stated_by=("P26-13", *_PRICED),
    ),
    _free(_FREE_FORM, "service", "service inside the free tier", "free_tier", "P26-13", "P26-02"),
    _charged(_FREE_FORM, "service", "service beyond the free tier", "P26-01", lines=("service",)),
    Label(
        of=_FREE_FORM,
        means="service beyond the free tier, by an exempt sender",
        model="pmp",
        types=("regular",),
        categories=("service",),
        subtype="paid_exempt",
        why=("exempt",),
        analytics_types=("regular",),
        analytics_categories=("service",),
        rules=("P26-06",),
        stated_by=_PRICED,
        counted_by=_ADDED_UP,
    ),
    Label(
        of=_FREE_FORM,
        means="a message of an AI provider, free",
        model="pmp",
        types=("free_customer_service",),
        categories=("general_purpose_ai", "service"),
        why=("free_customer_service",),
        analytics_types=("free_customer_service",),
        analytics_categories=("ai_bot", "service"),
        billable=False,
        rules=("P26-07",),
        stated_by=_PRICED,
        counted_by=_ADDED_UP,
    ),
    Label(of=("reaction",), means="a reaction, free and not counted", why=("not_billable",), rules=("P26-04",)),
    _group(_UTILITY, "group_utility", "utility charged, inside or outside the window", "regular", "P26-03"),
    _group(_FREE_FORM, "group_service", "service inside the free tier", "free_tier", "P26-13", "P26-02"),
    _group(_FREE_FORM, "group_service", "service beyond the free tier", "regular", "P26-01"),
)
