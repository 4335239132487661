"""Billing conversations: what opened, joined and closed them between February 2022 and June 2025."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from fsm import terms
from fsm.rulebooks.build import hours
from fsm.rulebooks.knobs import Policy
from fsm.rules import acts, facts
from fsm.rules.tables import JOINS, STAYS, Lane, Row, State

LASTS: Final = hours(24)
_ORDINARY: Final = (*acts.TEMPLATES, *acts.NON_TEMPLATES)
"""What a business sent before Direct Send existed; messages of the app are never part of a conversation."""


def single_conversation(free_lasts: timedelta) -> Lane:
    """
    The one conversation of the 2022 rules: user-initiated or business-initiated, never two at once.

    Args:
        free_lasts: how long the free one lasts that comes through an entry point.
    """
    any_message = acts.delivered(*_ORDINARY)
    return Lane(
        name=terms.CONVERSATION,
        about="Which conversation is open?",
        conversation=True,
        states=(
            State(name="idle"),
            _conversation("user_initiated_open", "user_initiated", "CBP1-01"),
            _conversation("business_initiated_open", "business_initiated", "CBP1-01"),
            State(
                name="user_initiated_free_open",
                open=True,
                lasts=free_lasts,
                then="idle",
                reported="user_initiated",
                rule="CBP1-10",
            ),
        ),
        rows=(
            Row(any_message, ("idle",), "user_initiated_free_open", "CBP1-10", needs=(facts.ANSWERS_ENTRY,)),
            Row(
                any_message,
                ("idle",),
                "user_initiated_open",
                "CBP1-02",
                needs=(facts.WINDOW_OPEN,),
                unless=(facts.ANSWERS_ENTRY,),
            ),
            Row(
                any_message,
                ("idle",),
                "business_initiated_open",
                "CBP1-02",
                unless=(facts.WINDOW_OPEN, facts.ANSWERS_ENTRY),
            ),
            Row(
                any_message,
                ("user_initiated_open", "business_initiated_open", "user_initiated_free_open"),
                JOINS,
                "CBP1-03",
            ),
        ),
    )


def single_conversation_running_out(policy: Policy, free_lasts: timedelta) -> Lane:
    """The conversation of the 2022 rules under those of 2023: it opens no more, but runs to its end."""
    still_open = ("user_initiated_open", "business_initiated_open", "user_initiated_free_open")
    templates = STAYS if policy.transition_2023 == "opens" else JOINS
    old = single_conversation(free_lasts)
    return Lane(
        name=old.name,
        about=old.about,
        conversation=True,
        runs_out=True,
        states=old.states,
        rows=(
            Row(acts.delivered(*_ORDINARY), ("idle",), STAYS, "CBP2-17"),
            Row(acts.delivered(*_ORDINARY), still_open, "idle", "CBP2-13", needs=(facts.ANSWERS_ENTRY,)),
            Row(acts.delivered(*acts.NON_TEMPLATES), still_open, JOINS, "CBP2-03", unless=(facts.ANSWERS_ENTRY,)),
            Row(acts.delivered(*acts.TEMPLATES), still_open, templates, "CBP2-17", unless=(facts.ANSWERS_ENTRY,)),
        ),
    )


def category(name: str, *, rule: str = "CBP2-01", old: bool = False, policy: Policy | None = None) -> Lane:
    """
    The conversation of one template category: opened by a template of that category, and by nothing else.

    Args:
        name: the category.
        rule: the rule that opens it.
        old: a conversation of the 2022 rules may still be running beside it.
    """
    own = acts.delivered(f"{name}_template")
    others = acts.delivered(*(template for template in acts.TEMPLATES if template != f"{name}_template"))
    free = acts.delivered(*acts.NON_TEMPLATES)
    inside = (facts.ENTRY_POINT_OPEN, facts.ANSWERS_ENTRY)
    joins_old = old and policy is not None and policy.transition_2023 == "joins"
    blocked = (*inside, facts.OLD_CONVERSATION_OPEN) if joins_old else inside
    rows = [
        Row(own, ("idle",), "business_open", rule, unless=blocked),
        Row(own, ("idle",), STAYS, "CBP2-13", needs=(facts.ENTRY_POINT_OPEN,)),
        Row(own, ("idle",), STAYS, "CBP2-13", needs=(facts.ANSWERS_ENTRY,), unless=(facts.ENTRY_POINT_OPEN,)),
        Row(own, ("business_open",), JOINS, "CBP2-02", unless=(facts.ANSWERS_ENTRY,)),
        Row(free, ("business_open",), JOINS, "CBP2-03", unless=(facts.ANSWERS_ENTRY,)),
        Row(others, ("business_open",), STAYS, "CBP2-07", unless=(facts.ANSWERS_ENTRY,)),
        Row((*own, *others, *free), ("business_open",), "idle", "CBP2-13", needs=(facts.ANSWERS_ENTRY,)),
        Row((*others, *free), ("idle",), STAYS, "CBP2-05"),
    ]
    if joins_old:
        rows.append(Row(own, ("idle",), STAYS, "CBP2-17", needs=(facts.OLD_CONVERSATION_OPEN,), unless=inside))
    return Lane(
        name=name,
        about=f"Is {_a(name)} conversation open?",
        conversation=True,
        states=(State(name="idle"), _conversation("business_open", name, "CBP2-01")),
        rows=tuple(rows),
    )


def service() -> Lane:
    """The service conversation: opened by a free-form message, and only when nothing else is open."""
    free = acts.delivered(*acts.NON_TEMPLATES)
    templates = acts.delivered(*acts.TEMPLATES)
    inside = (facts.ENTRY_POINT_OPEN, facts.ANSWERS_ENTRY)
    return Lane(
        name="service",
        about="Is a service conversation open?",
        conversation=True,
        states=(State(name="idle"), _conversation("service_open", "service", "CBP2-04")),
        rows=(
            Row(free, ("idle",), "service_open", "CBP2-04", unless=(facts.ANY_CONVERSATION_OPEN, *inside)),
            Row(free, ("idle",), STAYS, "CBP2-03", needs=(facts.ANY_CONVERSATION_OPEN,)),
            Row(
                free,
                ("idle",),
                STAYS,
                "CBP2-13",
                needs=(facts.ENTRY_POINT_OPEN,),
                unless=(facts.ANY_CONVERSATION_OPEN,),
            ),
            Row(
                free,
                ("idle",),
                STAYS,
                "CBP2-13",
                needs=(facts.ANSWERS_ENTRY,),
                unless=(facts.ANY_CONVERSATION_OPEN, facts.ENTRY_POINT_OPEN),
            ),
            Row(free, ("service_open",), JOINS, "CBP2-03", unless=(facts.ANSWERS_ENTRY,)),
            Row(templates, ("idle",), STAYS, "CBP2-05"),
            Row(templates, ("service_open",), STAYS, "CBP2-06", unless=(facts.ANSWERS_ENTRY,)),
            Row((*free, *templates), ("service_open",), "idle", "CBP2-13", needs=(facts.ANSWERS_ENTRY,)),
        ),
    )


def running_out(name: str, joined_by: tuple[str, ...] = ()) -> Lane:
    """
    A conversation of the old rules under per-message pricing: nothing opens it, its clock runs to its end.

    Args:
        joined_by: messages that still belong to it while it is open.
    """
    state = "service_open" if name == "service" else "business_open"
    rows = (
        Row(acts.delivered(*joined_by), ("idle",), STAYS, "PMP-04"),
        Row(acts.delivered(*joined_by), (state,), JOINS, "PMP-07"),
    )
    return Lane(
        name=name,
        about=f"Is {_a(name)} conversation of the old rules still running?",
        conversation=True,
        runs_out=True,
        states=(State(name="idle"), _conversation(state, name, "CBP2-01")),
        rows=rows if joined_by else (),
    )


def _conversation(state: str, reported: str, rule: str) -> State:
    return State(name=state, open=True, lasts=LASTS, then="idle", reported=reported, rule=rule)


def _a(name: str) -> str:
    """The category with its article."""
    return f"{'an' if name.startswith('a') else 'a'} {acts.words(name)}"
