"""
The words of the log and of the result, spelled once.

These are names only. What a word *means* on a date (which kinds of message open
the window, which categories exist) stands in the rulebooks.
"""

from __future__ import annotations

from typing import Final

# --- events -----------------------------------------------------------------
CUSTOMER_EVENTS: Final = ("customer_message", "customer_call", "call_accepted", "welcome_requested")
PREFERENCE_EVENTS: Final = ("opted_in", "opted_out", "marketing_stopped", "marketing_resumed")
STATUS_EVENTS: Final = ("message_failed", "message_delivered", "message_read", "message_played")
MESSAGE_EVENTS: Final = ("message_sent", *STATUS_EVENTS)
EVENTS: Final = (*CUSTOMER_EVENTS, *PREFERENCE_EVENTS, *MESSAGE_EVENTS)

DELIVERY_EVENTS: Final = ("message_delivered", "message_read", "message_played")
"""Any of them proves delivery: `delivered` is left out when the chat is open on the phone."""

NEEDS_ID: Final = ("customer_message", *MESSAGE_EVENTS)
"""Events about one message: without its id they could not be told apart or tied together."""

# --- what a customer's message is, and how it came --------------------------
KINDS: Final = (
    "text",
    "button",
    "interactive",
    "media",
    "order",
    "location",
    "contacts",
    "reaction",
    "edit",
    "revoke",
    "system",
    "unsupported",
)
ENTRIES: Final = ("ad", "page_cta")
DEVICES: Final = ("android", "ios", "desktop", "web")

# --- what a business sends --------------------------------------------------
CONTENTS: Final = ("free_form", "template", "direct_send", "reaction", "business_agent", "app")
CATEGORIES: Final = ("marketing", "utility", "authentication", "marketing_lite")
AUTHENTICATION_INTERNATIONAL: Final = "authentication_international"
"""A price line of the authentication category, not a category with a conversation of its own."""

SENDERS: Final = ("business", "ai_provider", "government", "nonprofit")
INTEGRATIONS: Final = ("direct", "partner")

# --- lanes, and the names under which they appear in a result ---------------
CUSTOMER_SERVICE_WINDOW: Final = "customer_service_window"
WINDOW_IN_DOUBT: Final = "customer_service_window_in_doubt"
FREE_ENTRY_POINT: Final = "free_entry_point"
CONVERSATION: Final = "conversation"
OPT_IN: Final = "opt_in"
MARKETING_PREFERENCE: Final = "marketing_preference"

REPORTED: Final = (
    CUSTOMER_SERVICE_WINDOW,
    FREE_ENTRY_POINT,
    "user_initiated",
    "business_initiated",
    "marketing",
    "utility",
    "authentication",
    "service",
    "marketing_lite",
)
"""What `opens`, `refreshes` and `closes` may name, in the order in which they name it."""

# --- answers ----------------------------------------------------------------
ALLOWED: Final = "allowed"
REFUSED: Final = "refused"
UNSPECIFIED: Final = "unspecified"
VERDICTS: Final = (ALLOWED, REFUSED, UNSPECIFIED)

REASONS: Final = (
    "regular",
    "attached",
    "free_tier",
    "free_customer_service",
    "free_entry_point",
    "service_free_era",
    "not_billable",
    "transition_cbp",
    "exempt",
)
RATE_LINES: Final = (
    "notification",
    "user_initiated",
    "business_initiated",
    "marketing",
    "utility",
    "authentication",
    AUTHENTICATION_INTERNATIONAL,
    "service",
    "marketing_lite",
    "general_purpose_ai",
    "mba_tokens",
    "calling",
)

# --- flags: contradictions and doubts, by name ------------------------------
FLAGS: Final = {
    "boundary": "a clock ran out at this very instant; which side it belongs to is not documented",
    "category_drift": "Meta's webhook names another category than our own record; Meta's is used",
    "conflict": "the same event arrived with different content; the earliest is used, none is hidden",
    "csw_inbound_kinds": "whether this kind of customer message opens the window is not documented",
    "delivered_and_failed": "both a delivery and a failure were reported for one message; delivery decides",
    "delivered_before_sent": "the delivery is dated before the record of sending",
    "delivered_though_refused": "delivered although the documented rules refuse it",
    "fep_model": "how long a free entry point lasts is contested between sources",
    "free_form_attach": "several conversations are open and the source does not say which one the message joins",
    "future_dated": "the log holds later events, which this answer does not count",
    "inferred": "what was sent is inferred from the status, not from a record of sending",
    "nbp_template_in_csw": "sources disagree on the price of a template inside the window before 2022",
    "tie_sensitive": "another event of the same second would change this answer if it came first",
    "transition_2023": "what a template does inside a conversation opened before 2023-06-01 is not documented",
    "transition_non_utility": "what happens to conversations other than utility at the switch of 2025-07-01 is not documented",
    "undocumented_charge": "no rule of this date says what this delivery costs",
    "undocumented_event": "no rule of this date says what this event does",
    "us_territories": "whether the pause of marketing to US numbers covers the territories is not documented",
    "unknown_category": "a category this rulebook does not know",
    "unknown_message": "a status for a message whose sending is not in the log",
}
