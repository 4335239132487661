"""The customer service window: permission to write freely. It has hardly changed since it exists."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from fsm import terms
from fsm.rulebooks.build import hours, in_turn, rule
from fsm.rulebooks.knobs import COUNTING_KINDS, Policy
from fsm.rules import acts, facts
from fsm.rules.tables import RESTARTS, STAYS, Clause, Lane, Permission, Readings, Row, State

RULES: Final = (
    rule(
        "CSW-01",
        "A customer's message opens the customer service window of that phone number for 24 hours; "
        "nothing the business sends does.",
        "M-CSW M-CBP",
        "A",
        "'Within 24 hours' leaves out the 24th hour itself: open at the message, closed 24 hours later.",
    ),
    rule(
        "CSW-02",
        "Every further customer message starts the 24 hours again; messages of the business never do.",
        "M-CSW",
        "A",
    ),
    rule(
        "CSW-03",
        "While the window is open any message may be sent; while it is closed only templates (and Direct Send).",
        "M-CSW M-ERR",
        "A",
        "The refusal is error 131047 (470 on the on-premises API); nothing is delivered and nothing is charged.",
    ),
    rule(
        "CSW-05",
        "Texts, button and list replies, flows, media, orders, locations and contacts are customer messages.",
        "M-CSW",
        "A",
        "Message types by definition; the enumeration is ours. A tap on a link or phone button sends nothing.",
    ),
    rule(
        "CSW-05b",
        "A customer who opens the chat for the first time with welcome messages on opens the window without a word.",
        "M-CONV",
        "A",
        "The same page warns that the feature does not currently work as expected.",
    ),
    rule(
        "CSW-06",
        "Whether a reaction, edit, deletion, system notice or unsupported message opens the window is not documented.",
        "M-CSW",
        "?",
        "Unsupported messages count, the others do not; what hangs on them is answered 'unspecified' for 24 hours.",
        "csw_inbound_kinds",
    ),
    rule(
        "CSW-07",
        "The window belongs to the business phone number, whoever sends from it; each sender pays for its own messages.",
        "M-MSC",
        "B",
    ),
    rule(
        "CSW-08",
        "Messages written in the WhatsApp Business app need no window, open and extend nothing, and cost nothing.",
        "M-COEX",
        "A",
    ),
    rule(
        "CSW-09",
        "In a group, a message of any participant opens the one window of the whole group.",
        "M-GRP",
        "A",
        "The group is the customer of its thread.",
    ),
    rule(
        "CSW-10",
        "The window says what may be sent; it depends on no conversation and on no free entry point.",
        "M-CBP",
        "A",
    ),
    rule(
        "CSW-11",
        "The customer message's own timestamp counts, not the time at which its webhook arrived.",
        "M-CSW",
        "B",
    ),
    rule(
        "CSW-12",
        "Whether the window is still open exactly 24 hours after the last customer message is not documented.",
        "M-CSW M-ERR MYOP",
        "?",
        "Timestamps are whole seconds, so the doubt lasts one second; it is then taken as closed.",
        "boundary",
    ),
    rule(
        "CSW-13",
        "Permission is judged when the message is sent, the price when it is delivered.",
        "M-CBP M-PMP",
        "C",
        "No text says that a message sent in time is refused for being delivered late.",
    ),
)

CALL_RULES: Final = (
    rule(
        "CSW-04",
        "A call by the customer, answered or not, and a business call that the customer accepts, open the window too.",
        "M-CALL",
        "A",
        "From the day on which the Calling API became generally available.",
    ),
)

LASTS: Final = hours(24)
SAME_SECOND: Final = timedelta(seconds=1)
ASSUME_AT_BOUNDARY: Final = {"half_open": terms.REFUSED, "closed": terms.ALLOWED}


def window(policy: Policy, *, calls: bool = False) -> Lane:
    """The lane of the customer service window; `calls` if calls open it too."""
    message, welcome = ("customer_message",), ("welcome_requested",)
    call_rows = (
        Row(("customer_call", "call_accepted"), ("closed", "boundary"), "open", "CSW-04"),
        Row(("customer_call", "call_accepted"), ("open",), RESTARTS, "CSW-04"),
    )
    return Lane(
        name=terms.CUSTOMER_SERVICE_WINDOW,
        about="May the business write freely?",
        states=(
            State(name="closed"),
            State(
                name="open",
                open=True,
                lasts=LASTS,
                then="boundary",
                reported=terms.CUSTOMER_SERVICE_WINDOW,
                rule="CSW-01",
            ),
            State(
                name="boundary",
                open=policy.boundary == "closed",
                lasts=SAME_SECOND,
                then="closed",
                reported=terms.CUSTOMER_SERVICE_WINDOW,
                rule="CSW-12",
            ),
        ),
        rows=(
            Row(message, ("closed", "boundary"), "open", "CSW-01", needs=(facts.COUNTS,)),
            Row(message, ("open",), RESTARTS, "CSW-02", needs=(facts.COUNTS,)),
            Row(message, ("closed", "open", "boundary"), STAYS, "CSW-06", unless=(facts.COUNTS,)),
            Row(welcome, ("closed", "boundary"), "open", "CSW-05b"),
            Row(welcome, ("open",), RESTARTS, "CSW-05b"),
            *(call_rows if calls else ()),
        ),
    )


def window_in_doubt() -> Lane:
    """The lane that remembers a customer event of which no text says whether it opened the window."""
    message = ("customer_message",)
    return Lane(
        name=terms.WINDOW_IN_DOUBT,
        about="Did the customer do something that may, or may not, have opened the window?",
        states=(
            State(name="closed"),
            State(name="open", open=True, lasts=LASTS, then="closed", rule="CSW-06"),
        ),
        rows=(
            Row(message, ("closed",), "open", "CSW-06", needs=(facts.MAY_COUNT,)),
            Row(message, ("open",), RESTARTS, "CSW-06", needs=(facts.MAY_COUNT,)),
            Row(message, ("closed", "open"), STAYS, "CSW-06", unless=(facts.MAY_COUNT,)),
        ),
    )


def window_clause(policy: Policy) -> Clause:
    """The clause that the window is for: templates always, anything else only while it is open."""
    free = acts.NON_TEMPLATES
    return Clause(
        name="window",
        place=1,
        asks="Is the customer service window open, or does the message not need it?",
        rows=(
            Permission(acts.TEMPLATES, terms.ALLOWED, ("CSW-03",)),
            Permission((acts.APP,), terms.ALLOWED, ("CSW-08",)),
            *in_turn(
                (
                    facts.WINDOW_AT_BOUNDARY,
                    Permission(
                        free,
                        terms.UNSPECIFIED,
                        ("CSW-03", "CSW-12"),
                        knob="boundary",
                        assume=ASSUME_AT_BOUNDARY[policy.boundary],
                    ),
                ),
                (facts.WINDOW_OPEN, Permission(free, terms.ALLOWED, ("CSW-03",))),
                (
                    facts.WINDOW_IN_DOUBT,
                    Permission(
                        free,
                        terms.UNSPECIFIED,
                        ("CSW-03", "CSW-06"),
                        knob="csw_inbound_kinds",
                        assume=terms.REFUSED,
                    ),
                ),
                (
                    None,
                    Permission(
                        free,
                        terms.REFUSED,
                        ("CSW-03",),
                        error=131047,
                        way_out="Send an approved template, or wait until the customer writes.",
                    ),
                ),
            ),
        ),
    )


def readings(policy: Policy) -> Readings:
    """Which kinds of customer message count, and which may."""
    counting = {*COUNTING_KINDS, *policy.csw_inbound_kinds}
    return Readings(
        opens_window=frozenset(counting),
        may_open_window=frozenset(terms.KINDS) - counting,
        undocumented_kinds=frozenset(terms.KINDS) - frozenset(COUNTING_KINDS),
        forget_after=timedelta(days=30),
    )
