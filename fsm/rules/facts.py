"""
Facts: the closed list of yes/no questions that a row may ask.

A row names facts, never an expression. Each is answered once, on the
configuration *before* the event, so the order of lanes cannot matter.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

from fsm import terms

if TYPE_CHECKING:
    from fsm.rules.tables import Rulebook

# --- about the configuration ------------------------------------------------
WINDOW_OPEN: Final = "customer_service_window_open"
WINDOW_AT_BOUNDARY: Final = "customer_service_window_at_boundary"
WINDOW_IN_DOUBT: Final = "customer_service_window_in_doubt"
ENTRY_POINT_OPEN: Final = "free_entry_point_open"
ENTRY_POINT_IN_DOUBT: Final = "free_entry_point_in_doubt"
ANY_CONVERSATION_OPEN: Final = "any_conversation_open"
OLD_CONVERSATION_OPEN: Final = "old_conversation_open"
FREE_CONVERSATION_OPEN: Final = "free_user_initiated_conversation_open"
MARKETING_OPEN: Final = "marketing_open"
UTILITY_OPEN: Final = "utility_open"
AUTHENTICATION_OPEN: Final = "authentication_open"
SERVICE_OPEN: Final = "service_open"
MARKETING_LITE_OPEN: Final = "marketing_lite_open"
MARKETING_STOPPED: Final = "marketing_stopped"
OPTED_IN: Final = "customer_opted_in"
OPTED_OUT: Final = "customer_opted_out"

# --- about the event --------------------------------------------------------
COUNTS: Final = "counts_as_customer_message"
MAY_COUNT: Final = "may_count_as_customer_message"
THROUGH_ENTRY: Final = "through_free_entry_point"
ANSWERS_ENTRY: Final = "answers_free_entry_point"
TEMPLATE_APPROVED: Final = "template_approved"
TEMPLATE_PAUSED: Final = "template_paused"
TEMPLATE_DISABLED: Final = "template_disabled"
TEMPLATE_UNUSABLE: Final = "template_unusable"
US_AREA_CODE: Final = "customer_has_us_area_code"
US_AREA_CODE_IN_DOUBT: Final = "customer_may_have_us_area_code"
AI_MARKET: Final = "customer_in_ai_provider_market"
IN_EXPERIMENT: Final = "customer_in_experiment"
INTERNATIONAL_RATE: Final = "international_authentication_rate_applies"
WOULD_BE_CHARGED: Final = "would_be_charged"

# --- about the account ------------------------------------------------------
AI_PROVIDER: Final = "sender_is_ai_provider"
EXEMPT_SENDER: Final = "sender_is_government_or_nonprofit"
DIRECT_SEND_ENABLED: Final = "direct_send_enabled"
BILLED_THROUGH_PARTNER: Final = "billed_through_partner"
ALLOWANCE_LEFT: Final = "free_allowance_left"
NO_PAYMENT_METHOD: Final = "no_payment_method"
CURRENCY_REFUSED: Final = "billing_currency_refused"

ASKS: Final[Mapping[str, str]] = {
    WINDOW_OPEN: "Is the customer service window open?",
    WINDOW_AT_BOUNDARY: "Did the customer service window reach its end in this very second?",
    WINDOW_IN_DOUBT: "Did the customer do something in the last 24 hours that may, or may not, open the window?",
    ENTRY_POINT_OPEN: "Is a free entry point open?",
    ENTRY_POINT_IN_DOUBT: "Is a free entry point open by one source and over by another?",
    ANY_CONVERSATION_OPEN: "Is any billing conversation open?",
    OLD_CONVERSATION_OPEN: "Is a user-initiated or business-initiated conversation open?",
    FREE_CONVERSATION_OPEN: "Is the open user-initiated conversation free, because it came through an entry point?",
    MARKETING_OPEN: "Is a marketing conversation open?",
    UTILITY_OPEN: "Is a utility conversation open?",
    AUTHENTICATION_OPEN: "Is an authentication conversation open?",
    SERVICE_OPEN: "Is a service conversation open?",
    MARKETING_LITE_OPEN: "Is a marketing (lite) conversation open?",
    MARKETING_STOPPED: "Has the customer stopped marketing messages from this business?",
    OPTED_IN: "Has the customer agreed to hear from the business?",
    OPTED_OUT: "Has the customer withdrawn that consent?",
    COUNTS: "Does this customer message open the window?",
    MAY_COUNT: "Is it undocumented whether this customer message opens the window?",
    THROUGH_ENTRY: "Did it come through a qualifying ad or page button, on a qualifying device?",
    ANSWERS_ENTRY: "Does this delivery answer the entry point in time, none being open yet?",
    TEMPLATE_APPROVED: "Is the template approved?",
    TEMPLATE_PAUSED: "Is the template paused?",
    TEMPLATE_DISABLED: "Is the template disabled?",
    TEMPLATE_UNUSABLE: "Is the template missing, rejected or otherwise not approved?",
    US_AREA_CODE: "Does the customer's number have a US area code?",
    US_AREA_CODE_IN_DOUBT: "Is it undocumented whether the customer's area code counts as a US one?",
    AI_MARKET: "Is the customer in a market where AI providers pay for every message?",
    INTERNATIONAL_RATE: "Has the international authentication rate started for this business and the customer's country?",
    IN_EXPERIMENT: "Is the customer in Meta's marketing holdout?",
    WOULD_BE_CHARGED: "Would the delivery of this message be charged?",
    AI_PROVIDER: "Is the sender an AI provider?",
    EXEMPT_SENDER: "Is the sender a government or an eligible non-profit?",
    DIRECT_SEND_ENABLED: "May the account use Direct Send?",
    BILLED_THROUGH_PARTNER: "Is the account billed through a partner's credit line?",
    ALLOWANCE_LEFT: "Is a unit of the month's free allowance left?",
    NO_PAYMENT_METHOD: "Is there no usable payment method?",
    CURRENCY_REFUSED: "Is the account billed in a currency that its country no longer allows?",
}

GUARDS: Final = (
    COUNTS,
    MAY_COUNT,
    THROUGH_ENTRY,
    ANSWERS_ENTRY,
    WINDOW_OPEN,
    ENTRY_POINT_OPEN,
    ANY_CONVERSATION_OPEN,
    OLD_CONVERSATION_OPEN,
)
"""The facts that rows of lanes may ask; permissions and charges may ask any."""

_OPEN_LANES: Final = {
    "marketing": MARKETING_OPEN,
    "utility": UTILITY_OPEN,
    "authentication": AUTHENTICATION_OPEN,
    "service": SERVICE_OPEN,
    "marketing_lite": MARKETING_LITE_OPEN,
    terms.CONVERSATION: OLD_CONVERSATION_OPEN,
}


def facts_of(book: Rulebook, states: tuple[str, ...]) -> frozenset[str]:
    """
    The facts about a configuration that are true.

    Args:
        book: the rulebook whose lanes the states belong to.
        states: the state of every lane, in the order of `book.lanes`.
    """
    true: set[str] = set()
    for lane, name in zip(book.lanes, states, strict=True):
        state = lane.state(name)
        if lane.name in _OPEN_LANES and state.open:
            true |= {_OPEN_LANES[lane.name], ANY_CONVERSATION_OPEN}
            if name == "user_initiated_free_open":
                true.add(FREE_CONVERSATION_OPEN)
        elif lane.name == terms.CUSTOMER_SERVICE_WINDOW:
            if state.open:
                true.add(WINDOW_OPEN)
            if name == "boundary":
                true.add(WINDOW_AT_BOUNDARY)
        elif lane.name == terms.WINDOW_IN_DOUBT and name == "open":
            true.add(WINDOW_IN_DOUBT)
        elif lane.name == terms.FREE_ENTRY_POINT:
            if state.open:
                true.add(ENTRY_POINT_OPEN)
            if name == "in_doubt":
                true.add(ENTRY_POINT_IN_DOUBT)
        elif lane.name == terms.OPT_IN and name != "unknown":
            true.add(OPTED_IN if name == "opted_in" else OPTED_OUT)
        elif lane.name == terms.MARKETING_PREFERENCE and name == "stopped":
            true.add(MARKETING_STOPPED)
    return frozenset(true)
