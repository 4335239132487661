"""The words of the scenarios in each language, and what they mean in the words of the log."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import timedelta
from typing import Final

import attrs

from fsm import terms
from fsm.errors import FsmError


class UnknownWord(FsmError):
    """A scenario uses a word that the lexicon does not have."""


@attrs.frozen
class Message:
    """What a business sends, as a scenario names it."""

    content: str
    category: str | None = None


Words = Mapping[str, Mapping[str, str]]
"""For every language, the words and their meaning."""

MESSAGES: Final[Mapping[str, Mapping[str, Message]]] = {
    "en": {
        "a free-form message": Message("free_form"),
        "a free-form picture": Message("free_form"),
        "a promotional free-form message": Message("free_form"),
        "a reaction": Message("reaction"),
        "a reply of the Meta Business Agent": Message("business_agent"),
        "a message from the Business app": Message("app"),
        "a template": Message("template"),
        "a marketing template": Message("template", "marketing"),
        "a utility template": Message("template", "utility"),
        "an authentication template": Message("template", "authentication"),
        "an international authentication template": Message("template", "authentication_international"),
        "an authentication-international template": Message("template", "authentication-international"),
        "a Marketing Messages Lite template": Message("template", "marketing_lite"),
        "a template of an unknown category": Message("template", "newsletter"),
        "a direct utility message": Message("direct_send", "utility"),
        "a direct authentication message": Message("direct_send", "authentication"),
        "a direct marketing message": Message("direct_send", "marketing"),
    },
    "es": {
        "un mensaje de forma libre": Message("free_form"),
        "una plantilla": Message("template"),
        "una plantilla de marketing": Message("template", "marketing"),
        "una plantilla de utilidad": Message("template", "utility"),
        "una plantilla de autenticación": Message("template", "authentication"),
    },
}

KINDS: Final[Words] = {
    "en": {
        "a text": "text",
        "a button reply": "button",
        "a list reply": "interactive",
        "a picture": "media",
        "an order": "order",
        "a location": "location",
        "a contact": "contacts",
        "a reaction": "reaction",
        "an edit": "edit",
        "a deletion": "revoke",
        "a system notice": "system",
        "an unsupported message": "unsupported",
    },
    "es": {"un texto": "text", "una foto": "media"},
}

THINGS: Final[Words] = {
    "en": {
        "the customer service window": "customer_service_window",
        "a free entry point": "free_entry_point",
        "a user-initiated conversation": "user_initiated",
        "a business-initiated conversation": "business_initiated",
        "a marketing conversation": "marketing",
        "a utility conversation": "utility",
        "an authentication conversation": "authentication",
        "a service conversation": "service",
        "a Marketing Messages Lite conversation": "marketing_lite",
        "one of the open conversations": terms.UNSPECIFIED,
    },
    "es": {
        "la ventana de servicio al cliente": "customer_service_window",
        "una conversación iniciada por el usuario": "user_initiated",
        "una conversación iniciada por la empresa": "business_initiated",
        "una conversación de marketing": "marketing",
        "una conversación de utilidad": "utility",
        "una conversación de autenticación": "authentication",
        "una conversación de servicio": "service",
        "una de las conversaciones abiertas": terms.UNSPECIFIED,
    },
}

_NOT_SAID: Final = {"en": "not specified by any source", "es": "no lo aclara ninguna fuente"}

VERDICTS: Final[Mapping[str, Mapping[str, tuple[str, str]]]] = {
    "en": {
        "allowed": (terms.ALLOWED, ""),
        "refused: a template is needed": (terms.REFUSED, "window"),
        "refused: the template is not approved": (terms.REFUSED, "unapproved"),
        "refused: the template is paused": (terms.REFUSED, "paused"),
        "refused: the template is disabled": (terms.REFUSED, "disabled"),
        "refused: the customer stopped marketing messages": (terms.REFUSED, "stopped"),
        "refused: marketing is paused for US numbers": (terms.REFUSED, "us"),
        "refused: the customer is in a holdout": (terms.REFUSED, "holdout"),
        "refused: it cannot be paid for": (terms.REFUSED, "payment"),
        _NOT_SAID["en"]: (terms.UNSPECIFIED, ""),
    },
    "es": {
        "se permite": (terms.ALLOWED, ""),
        "se rechaza: hace falta una plantilla": (terms.REFUSED, "window"),
        _NOT_SAID["es"]: (terms.UNSPECIFIED, ""),
    },
}

ERRORS: Final = {
    "window": 131047,
    "unapproved": 132001,
    "paused": 132015,
    "disabled": 132016,
    "stopped": 131050,
    "us": 131049,
    "holdout": 130472,
    "payment": 131042,
}
"""What a scenario expects of a refusal, independently of the tables that it tests."""

LINES: Final[Words] = {
    "en": {
        "a notification": "notification",
        "a user-initiated conversation": "user_initiated",
        "a business-initiated conversation": "business_initiated",
        "marketing": "marketing",
        "utility": "utility",
        "authentication": "authentication",
        "international authentication": "authentication_international",
        "service": "service",
        "Marketing Messages Lite": "marketing_lite",
        "general-purpose AI": "general_purpose_ai",
        "agent tokens": "mba_tokens",
    },
    "es": {
        "una conversación iniciada por el usuario": "user_initiated",
        "una conversación iniciada por la empresa": "business_initiated",
        "marketing": "marketing",
        "utilidad": "utility",
        "autenticación": "authentication",
        "servicio": "service",
    },
}

CHARGED: Final[Mapping[str, Mapping[str, tuple[str, str]]]] = {
    "en": {
        "a notification": ("message", "notification"),
        "a user-initiated conversation": ("conversation", "user_initiated"),
        "a business-initiated conversation": ("conversation", "business_initiated"),
        "a marketing conversation": ("conversation", "marketing"),
        "a utility conversation": ("conversation", "utility"),
        "an authentication conversation": ("conversation", "authentication"),
        "a service conversation": ("conversation", "service"),
        "a marketing message": ("message", "marketing"),
        "a utility message": ("message", "utility"),
        "an authentication message": ("message", "authentication"),
        "an international authentication message": ("message", "authentication_international"),
        "a service message": ("message", "service"),
        "a call": ("call", "calling"),
    },
    "es": {},
}
"""What a row of the ledger is about, and its rate line."""

RATES: Final[Mapping[str, Mapping[str, tuple[str, str]]]] = {
    "en": {
        **{word: told for word, told in CHARGED["en"].items() if told[1] not in ("notification", "calling")},
        "a minute of a call": ("minute", "calling"),
    },
    "es": {},
}
"""What a rate is for, and its rate line."""

NO_AMOUNT: Final[Words] = {
    "en": {
        "the rate card says n/a": "not_on_card",
        "no rate is known": "unpriced",
        "the market is not known": "unknown_market",
    },
    "es": {},
}

NO_MARKET: Final = {"en": "not known", "es": ""}

LABEL_CATEGORIES: Final[Words] = {
    "en": {
        "user-initiated": "user_initiated",
        "business-initiated": "business_initiated",
        "marketing": "marketing",
        "utility": "utility",
        "authentication": "authentication",
        "service": "service",
        "referral conversion": "referral_conversion",
        "group marketing": "group_marketing",
        "group utility": "group_utility",
        "group service": "group_service",
    },
    "es": {},
}

LABEL_TYPES: Final[Words] = {
    "en": {
        "regular": "regular",
        "free tier": "free_tier",
        "free customer service": "free_customer_service",
        "free group customer service": "free_group_customer_service",
        "free entry point": "free_entry_point",
    },
    "es": {},
}

REASONS: Final[Words] = {
    "en": {
        "it belongs to an open conversation": "attached",
        "the free tier covers it": "free_tier",
        "customer service is free": "free_customer_service",
        "the free entry point covers it": "free_entry_point",
        "service conversations are free": "service_free_era",
        "it is not billable": "not_billable",
        "it belongs to a conversation of the old rules": "transition_cbp",
        "the sender is exempt": "exempt",
    },
    "es": {
        "pertenece a una conversación abierta": "attached",
        "el nivel gratuito la cubre": "free_tier",
    },
}

SENDERS: Final[Words] = {
    "en": {
        "an ordinary business": "business",
        "an AI provider": "ai_provider",
        "a government": "government",
        "a non-profit": "nonprofit",
    },
    "es": {},
}

ENTRIES: Final[Words] = {
    "en": {"an ad": "ad", "a Facebook Page button": "page_cta"},
    "es": {"un anuncio": "ad", "un botón de página de Facebook": "page_cta"},
}

ENTRY_POINTS: Final[Words] = {
    "en": {"open": "open", "waiting for an answer": "eligible", "neither open nor waiting": "idle"},
    "es": {},
}

DEVICES: Final[Words] = {
    "en": {"an Android phone": "android", "an iPhone": "ios", "a desktop computer": "desktop", "a web browser": "web"},
    "es": {},
}

STATUSES: Final[Words] = {
    "en": {
        "idle": "idle",
        "service-open": "service-open",
        "business-open": "business-open",
        "business-open for marketing": "business-open: marketing",
        "business-open for utility": "business-open: utility",
        "business-open for authentication": "business-open: authentication",
        "service-open and business-open for utility": "service-open + business-open: utility",
        "service-open and business-open for marketing": "service-open + business-open: marketing",
        "free-entry-point-open": "free-entry-point-open",
    },
    "es": {
        "inactivo": "idle",
        "con conversación de servicio abierta": "service-open",
        "con conversaciones de servicio y de utilidad abiertas": "service-open + business-open: utility",
        "con conversaciones de servicio y de marketing abiertas": "service-open + business-open: marketing",
    },
}

DOUBTS: Final[Words] = {
    "en": {
        "the edge of the window": "boundary",
        "which customer events open the window": "csw_inbound_kinds",
        "which open conversation a message joins": "free_form_attach",
        "how long the free entry point lasts": "fep_model",
        "what a template inside the window cost": "nbp_template_in_csw",
        "what a template does inside an older conversation": "transition_2023",
        "what becomes of older conversations": "transition_non_utility",
        "what this event does": "undocumented_event",
        "what this delivery costs": "undocumented_charge",
        "an unknown category": "unknown_category",
        "a delivery that was refused": "delivered_though_refused",
        "a delivery and a failure of one message": "delivered_and_failed",
        "a delivery dated before its sending": "delivered_before_sent",
        "another category in Meta's webhook": "category_drift",
        "a status of an unknown message": "unknown_message",
        "two events of one second": "tie_sensitive",
        "a later event": "future_dated",
        "one event in two versions": "conflict",
        "the volume tiers": "list_price",
        "the rate of a line that the card does not have": "same_rate",
        "the tier that Meta announces": "tier_from_webhook",
    },
    "es": {"a qué conversación abierta se une": "free_form_attach"},
}

_UNITS: Final = {
    "s": timedelta(seconds=1),
    "min": timedelta(minutes=1),
    "h": timedelta(hours=1),
    "day": timedelta(days=1),
    "days": timedelta(days=1),
    "día": timedelta(days=1),
    "días": timedelta(days=1),
}
_LENGTH: Final = re.compile(r"(\d+) (\w+)")


def meaning(words: Mapping[str, Mapping[str, str]], language: str, word: str) -> str:
    """
    What a word of a scenario means.

    Raises:
        UnknownWord: the lexicon of that language does not have it.

    >>> meaning(THINGS, "es", "una conversación de servicio")
    'service'
    """
    try:
        return words[language][word]
    except KeyError:
        raise UnknownWord(f"{word!r} is none of: {'; '.join(words[language])}.") from None


def priced(words: Mapping[str, Mapping[str, tuple[str, str]]], language: str, word: str) -> tuple[str, str]:
    """
    What is charged or has a rate, and its rate line.

    Args:
        words: `CHARGED` or `RATES`.

    Raises:
        UnknownWord: the lexicon does not have it.

    >>> priced(RATES, "en", "a minute of a call")
    ('minute', 'calling')
    """
    try:
        return words[language][word]
    except KeyError:
        raise UnknownWord(f"{word!r} is none of: {'; '.join(words[language])}.") from None


def label(language: str, text: str) -> tuple[str, str]:
    """
    What Meta calls a delivery: its category, and in brackets its type, if it has one.

    Raises:
        UnknownWord: the lexicon has no such category or type.

    >>> label("en", "utility (free customer service)"), label("en", "utility")
    (('utility', 'free_customer_service'), ('utility', ''))
    """
    category, bracket, type = text.partition(" (")
    type = meaning(LABEL_TYPES, language, type.removesuffix(")")) if bracket else ""
    return meaning(LABEL_CATEGORIES, language, category), type


def message(language: str, word: str) -> Message:
    """
    The message a scenario names.

    Raises:
        UnknownWord: the lexicon does not have it.
    """
    try:
        return MESSAGES[language][word]
    except KeyError:
        raise UnknownWord(f"{word!r} is none of: {'; '.join(MESSAGES[language])}.") from None


def verdict(language: str, word: str) -> tuple[str, int | None]:
    """
    The verdict a scenario expects, and the error of a refusal.

    Raises:
        UnknownWord: the lexicon does not have it.
    """
    try:
        answer, why = VERDICTS[language][word]
    except KeyError:
        raise UnknownWord(f"{word!r} is none of: {'; '.join(VERDICTS[language])}.") from None
    return answer, ERRORS.get(why)


def things(language: str, text: str) -> tuple[str, ...]:
    """
    The things a scenario lists: one, or several joined by "and".

    >>> things("en", "a free entry point and a user-initiated conversation")
    ('free_entry_point', 'user_initiated')
    """
    joint = {"en": " and ", "es": " y "}[language]
    return tuple(meaning(THINGS, language, part) for part in text.split(joint))


def length(text: str) -> timedelta:
    """
    The length a scenario names.

    Raises:
        UnknownWord: it is not written like `23 h 59 min 59 s` or `3 days`.

    >>> length("1 day 2 h 30 min")
    datetime.timedelta(days=1, seconds=9000)
    """
    parts = _LENGTH.findall(text)
    if " ".join(f"{number} {unit}" for number, unit in parts) != text or any(unit not in _UNITS for _, unit in parts):
        raise UnknownWord(f"{text!r} is not a length. Write it like '23 h 59 min 59 s' or '3 days'.")
    return sum((int(number) * _UNITS[unit] for number, unit in parts), timedelta())
