"""The free entry point: a price waiver for customers who come through an ad or a page button."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from fsm import terms
from fsm.rulebooks.build import hours, rule
from fsm.rules import acts, facts
from fsm.rules.tables import EXTENDS, RESTARTS, STAYS, Lane, Row, State

ENTRIES: Final = frozenset({"ad", "page_cta"})
ANY_DEVICE: Final = frozenset(terms.DEVICES)
PHONES: Final = frozenset({"android", "ios"})

ANSWER_WITHIN: Final = hours(24)
ONE_DAY: Final = hours(24)
THREE_DAYS: Final = hours(72)
SEVEN_DAYS: Final = timedelta(days=7)

RULES: Final = (
    rule(
        "CBP1-10",
        "A customer who writes through a Click-to-WhatsApp ad or a Facebook Page button and is answered within 24 hours "
        "opens a free user-initiated conversation outside the free tier.",
        "M-2022 M-2023T",
        "A",
        "It lasts 24 hours until 2023-02-28 and 72 hours from 2023-03-01. If a conversation is already open, the answer "
        "belongs to that one.",
    ),
    rule(
        "FEP-01",
        "The business must answer within 24 hours of the message that came through the entry point.",
        "M-CBP M-OCT26",
        "?",
        "Whether a further customer message gives more time is not documented: no before 2026-09-28, yes since. A further "
        "message through an entry point is a new entry, and starts its own 24 hours.",
        "fep_reply_deadline",
    ),
    rule("FEP-03", "A free entry point belongs to one customer and one business phone number.", "M-CBP", "A"),
    rule(
        "FEP-04",
        "A free entry point does not allow free-form messages while the customer service window is closed.",
        "M-CBP MYOP",
        "A",
    ),
    rule(
        "FEP-05",
        "A referral on the customer's message shows that it came through an entry point, not that it qualifies.",
        "M-CBP M-STAT",
        "A",
        "Device, region and roll-out are not in the webhook; a device that is not stated is taken as Android.",
    ),
)

LONGER_RULES: Final = (
    rule(
        "FEP-02",
        "Since 2026-09-28 a free entry point may remain open for up to seven days from the business's reply.",
        "M-OCT26 PARTNER26",
        "B",
        "Seven days unless Meta's webhook states an end. One notice explains 72 hours plus 24 hours for every further "
        "customer message, up to seven days.",
        "fep_model",
    ),
    rule(
        "FEP-06",
        "Whether a Facebook Page button still qualifies since 2026-09-28 is reported differently by two readers.",
        "M-OCT26",
        "?",
        "It qualifies.",
        "fep_page_cta",
    ),
)


def entry_point(
    lasts: timedelta,
    *,
    rule: str,
    counted_from: str = "event",
    only_without_conversation: bool = False,
    further_messages_give_time: bool = False,
    window_events: tuple[str, ...] = (),
    direct_send: bool = False,
    rolling: bool = False,
    lasts_by: str = "",
) -> Lane:
    """
    The lane of the free entry point.

    Args:
        lasts: how long it stays open.
        rule: the rule that opens it.
        counted_from: `event` (the delivery of the answer) or `sending`.
        only_without_conversation: an open conversation keeps it from opening (the 2022 rules).
        further_messages_give_time: any message that opens the window restarts the time to answer.
        window_events: other customer events that open the window, and so give time as well.
        direct_send: Direct Send is documented, so one of them answers as well.
        rolling: every further customer message adds 24 hours, up to seven days.
        lasts_by: the rule that says how long it lasts, if it is another one than the one that opens it.
    """
    message = ("customer_message",)
    answers = acts.delivered(*acts.TEMPLATES, *acts.NON_TEMPLATES, *(acts.DIRECT_SENDS if direct_send else ()))
    everywhere = ("idle", "eligible", "open", *(("in_doubt",) if rolling else ()))
    over = tuple(state for state in everywhere if state in ("open", "in_doubt"))
    gives_time = facts.COUNTS if further_messages_give_time else facts.THROUGH_ENTRY
    blocked = (facts.ANY_CONVERSATION_OPEN,) if only_without_conversation else ()
    rows = [
        Row(message, ("idle",), "eligible", rule, needs=(facts.THROUGH_ENTRY,)),
        Row(message, ("idle",), STAYS, rule, unless=(facts.THROUGH_ENTRY,)),
        Row(message, ("eligible",), RESTARTS, "FEP-01", needs=(gives_time,)),
        Row(message, ("eligible",), STAYS, "FEP-01", unless=(gives_time,)),
        Row(answers, ("idle", "eligible"), "open", lasts_by or rule, needs=(facts.ANSWERS_ENTRY,), unless=blocked),
        Row(answers, ("idle", "eligible"), STAYS, rule, unless=(facts.ANSWERS_ENTRY,)),
        Row(answers, over, STAYS, rule),
    ]
    if only_without_conversation:
        rows.append(
            Row(
                answers,
                ("idle", "eligible"),
                STAYS,
                "CBP1-04",
                needs=(facts.ANSWERS_ENTRY, facts.ANY_CONVERSATION_OPEN),
            )
        )
    if rolling:
        rows += [
            Row(message, ("open",), EXTENDS, "FEP-02", needs=(facts.COUNTS,), adds=ONE_DAY),
            Row(message, ("open",), STAYS, "FEP-02", unless=(facts.COUNTS,)),
            Row(message, ("in_doubt",), STAYS, "FEP-02"),
        ]
    else:
        rows.append(Row(message, ("open",), STAYS, "CBP1-10" if rule == "CBP1-10" else "CBP2-20"))
    if further_messages_give_time and window_events:
        rows += [
            Row(window_events, ("eligible",), RESTARTS, "FEP-01"),
            Row(window_events, tuple(state for state in everywhere if state != "eligible"), STAYS, "FEP-01"),
        ]
    return Lane(
        name=terms.FREE_ENTRY_POINT,
        about="Is everything free, because the customer came through an ad or a page button?",
        states=(
            State(name="idle"),
            State(name="eligible", lasts=ANSWER_WITHIN, then="idle", rule="FEP-01"),
            State(
                name="open",
                open=True,
                lasts=lasts,
                then="in_doubt" if rolling else "idle",
                counted_from=counted_from,
                at_most=SEVEN_DAYS if rolling else None,
                reported=terms.FREE_ENTRY_POINT,
                rule=lasts_by or rule,
            ),
            *(
                (State(name="in_doubt", lasts=SEVEN_DAYS, then="idle", counted_from="opening", rule="FEP-02"),)
                if rolling
                else ()
            ),
        ),
        rows=tuple(rows),
    )
