"""Tables of charges: what one delivery costs, and why."""

from __future__ import annotations

from typing import Final, TypeAlias

import attrs

from fsm.rulebooks.build import in_turn
from fsm.rulebooks.knobs import Policy
from fsm.rules import acts, facts
from fsm.rules.tables import OWN_CATEGORY, Charge
from fsm.terms import AUTHENTICATION_INTERNATIONAL

_Step: TypeAlias = tuple[str | None, Charge | tuple[Charge, ...]]

_APP: Final = Charge((acts.APP,), None, "not_billable", ("CSW-08",))
_UNKNOWN_DIRECT_SEND: Final = Charge(acts.DIRECT_SENDS, None, None, (), flag="undocumented_charge")
_CATEGORISED: Final = ("marketing", "utility", "authentication")


def _unknown_category(messages: tuple[str, ...]) -> Charge:
    return Charge(messages, None, None, ("TPL-05",), flag="unknown_category", unspecified=True)


def notifications(policy: Policy) -> tuple[Charge, ...]:
    """The charges of notification-based pricing, before February 2022."""
    inside = {"charged": ("notification", "regular"), "free": (None, "not_billable")}[policy.nbp_template_in_csw]
    return (
        _APP,
        _UNKNOWN_DIRECT_SEND,
        Charge(acts.NON_TEMPLATES, None, "not_billable", ("NBP-02",)),
        *in_turn(
            (
                facts.WINDOW_OPEN,
                Charge(acts.TEMPLATES, *inside, ("NBP-01", "NBP-02"), flag="nbp_template_in_csw", unspecified=True),
            ),
            (None, Charge(acts.TEMPLATES, "notification", "regular", ("NBP-01",))),
        ),
    )


def single_conversations(*, business_initiated_in_tier: bool) -> tuple[Charge, ...]:
    """
    The charges of the 2022 rules: one conversation, user-initiated or business-initiated.

    Args:
        business_initiated_in_tier: business-initiated conversations enjoy the free tier whoever bills the account.
    """
    every = (*acts.TEMPLATES, *acts.NON_TEMPLATES)
    left, window, partner = facts.ALLOWANCE_LEFT, facts.WINDOW_OPEN, facts.BILLED_THROUGH_PARTNER
    free = Charge(every, None, "free_tier", ("CBP1-08",), uses_allowance=True)
    business = Charge(every, "business_initiated", "regular", ("CBP1-02", "CBP1-07"))
    if business_initiated_in_tier:
        business_rows: tuple[Charge, ...] = (
            attrs.evolve(free, needs=(left,), unless=(window,)),
            attrs.evolve(business, unless=(window, left)),
        )
    else:
        business_rows = (
            attrs.evolve(free, rules=("CBP1-08", "CBP1-09"), needs=(left, partner), unless=(window,)),
            attrs.evolve(business, rules=(*business.rules, "CBP1-09"), needs=(left,), unless=(window, partner)),
            attrs.evolve(business, unless=(window, left)),
        )
    return (
        _APP,
        _UNKNOWN_DIRECT_SEND,
        *in_turn(
            (facts.FREE_CONVERSATION_OPEN, Charge(every, None, "free_entry_point", ("CBP1-10",))),
            (facts.OLD_CONVERSATION_OPEN, Charge(every, None, "attached", ("CBP1-03",))),
            (facts.ANSWERS_ENTRY, Charge(every, None, "free_entry_point", ("CBP1-10",))),
            (
                None,
                (
                    attrs.evolve(free, needs=(window, left)),
                    Charge(
                        every,
                        "user_initiated",
                        "regular",
                        ("CBP1-02", "CBP1-07"),
                        needs=(window,),
                        unless=(left,),
                    ),
                    *business_rows,
                ),
            ),
        ),
    )


def conversations(
    policy: Policy,
    *,
    old_conversation: bool = False,
    international: bool = True,
    lite: bool = False,
    service_free: bool = False,
) -> tuple[Charge, ...]:
    """
    The charges of the 2023 rules: one conversation per category.

    Args:
        old_conversation: a conversation of the 2022 rules may still be running.
        international: the international authentication rate exists.
        lite: Marketing Messages Lite exists.
        service_free: service conversations cost nothing, without limit.
    """
    categories = {name: f"{name}_open" for name in (*_CATEGORISED, *(("marketing_lite",) if lite else ()))}
    unknown = tuple(template for template in acts.TEMPLATES if template.removesuffix("_template") not in categories)
    free = acts.NON_TEMPLATES
    return (
        _APP,
        _UNKNOWN_DIRECT_SEND,
        *(
            row
            for name, is_open in categories.items()
            for row in _category(name, is_open, policy, old_conversation, international)
        ),
        *in_turn(*_inside_entry_point(unknown, "CBP2-13"), (None, _unknown_category(unknown))),
        *in_turn(
            *_inside_entry_point(free, "CBP2-13"),
            (facts.ANY_CONVERSATION_OPEN, Charge(free, None, "attached", ("CBP2-03",))),
            (None, _service_conversation(free, service_free)),
        ),
    )


def _category(
    name: str, is_open: str, policy: Policy, old_conversation: bool, international: bool
) -> tuple[Charge, ...]:
    template = (f"{name}_template",)
    abroad = (_abroad(template, "CBP2-16"),) if international and name == "authentication" else ()
    opens = Charge(template, OWN_CATEGORY, "regular", ("CBP2-01", "CBP2-10"))
    attached = Charge(template, None, "attached", ("CBP2-02",))
    old = attrs.evolve(
        opens if policy.transition_2023 == "opens" else attached,
        rules=("CBP2-17",),
        flag="transition_2023",
        unspecified=True,
    )
    return in_turn(
        *_inside_entry_point(template, "CBP2-13"),
        (is_open, attached),
        *(((facts.OLD_CONVERSATION_OPEN, old),) if old_conversation else ()),
        *abroad,
        (None, opens),
    )


def _abroad(messages: tuple[str, ...], rule: str) -> tuple[str, Charge]:
    line = Charge(messages, AUTHENTICATION_INTERNATIONAL, "regular", (rule, "INTL-02"))
    return (facts.INTERNATIONAL_RATE, line)


def _service_conversation(messages: tuple[str, ...], free: bool) -> Charge | tuple[Charge, ...]:
    if free:
        return Charge(messages, None, "service_free_era", ("CBP2-04", "CBP2-11"))
    return (
        Charge(messages, None, "free_tier", ("CBP2-11",), needs=(facts.ALLOWANCE_LEFT,), uses_allowance=True),
        Charge(messages, "service", "regular", ("CBP2-04", "CBP2-10"), unless=(facts.ALLOWANCE_LEFT,)),
    )


def messages(
    policy: Policy,
    *,
    running_out: bool = False,
    ai_providers: bool = True,
    direct_send: bool = False,
    agent_tokens: bool = False,
    since_2026_10: bool = False,
    exemption: bool = False,
    entry_point_in_doubt: bool = False,
) -> tuple[Charge, ...]:
    """
    The charges of per-message pricing.

    Args:
        running_out: conversations of the old rules may still be running.
        ai_providers: in some markets AI providers pay for every message.
        direct_send: Direct Send is documented.
        agent_tokens: replies of the Meta Business Agent are charged by tokens.
        since_2026_10: service messages are metered, and utility is charged inside the window too.
        exemption: governments and eligible non-profits pay nothing for service messages beyond the free tier.
        entry_point_in_doubt: by one source a free entry point may be over although another still has it open.
    """
    waiver = "P26-05" if since_2026_10 else "PMP-05"
    agent = ("business_agent",) if agent_tokens else ()
    reaction = ("reaction",) if since_2026_10 else ()
    free_form = tuple(message for message in acts.NON_TEMPLATES if message not in (*agent, *reaction))
    utility = ("utility_template", *(("utility_direct_send",) if direct_send else ()))
    authentication = ("authentication_template", *(("authentication_direct_send",) if direct_send else ()))
    unknown = ("uncategorised_template", *(("uncategorised_direct_send",) if direct_send else ()))

    uses_a_unit = since_2026_10 and policy.fep_consumes_free_tier == "yes"

    def priced(messages: tuple[str, ...], *steps: _Step) -> tuple[Charge, ...]:
        inside = _inside_entry_point(messages, waiver, uses_a_unit=uses_a_unit and messages == free_form)
        if not entry_point_in_doubt:
            return in_turn(*inside, *steps)
        sure = in_turn(*inside, *steps)
        doubtful = [
            attrs.evolve(
                row,
                needs=(*row.needs, facts.ENTRY_POINT_IN_DOUBT),
                rules=(*row.rules, "FEP-02"),
                flag="fep_model",
                unspecified=True,
            )
            for row in sure[len(inside) :]
        ]
        certain = [attrs.evolve(row, unless=(*row.unless, facts.ENTRY_POINT_IN_DOUBT)) for row in sure[len(inside) :]]
        return (*sure[: len(inside)], *certain, *doubtful)

    return (
        _APP,
        *(() if direct_send else (_UNKNOWN_DIRECT_SEND,)),
        *((Charge(agent, "mba_tokens", "regular", ("PMP-15",)),) if agent else ()),
        *((Charge(reaction, None, "not_billable", ("P26-04",)),) if reaction else ()),
        *priced(("marketing_template",), *_marketing("marketing_template", running_out, policy)),
        *priced(("marketing_lite_template",), *_marketing("marketing_lite_template", running_out, policy)),
        *priced(utility, *_utility(utility, running_out, since_2026_10)),
        *priced(authentication, *_authentication(authentication, running_out, policy)),
        *priced(unknown, (None, _unknown_category(unknown))),
        *priced(free_form, *_non_template(free_form, ai_providers, since_2026_10, exemption)),
    )


def _marketing(template: str, running_out: bool, policy: Policy) -> tuple[_Step, ...]:
    rules = ("PMP-01", "PMP-02") if template == "marketing_template" else ("PMP-01", "MM-01")
    charged = Charge((template,), "marketing", "regular", rules)
    is_open = facts.MARKETING_OPEN if template == "marketing_template" else facts.MARKETING_LITE_OPEN
    return (*_old_conversation(is_open, charged, running_out, policy), (None, charged))


def _authentication(messages: tuple[str, ...], running_out: bool, policy: Policy) -> tuple[_Step, ...]:
    charged = Charge(messages, OWN_CATEGORY, "regular", ("PMP-01", "PMP-02"))
    return (
        *_old_conversation(facts.AUTHENTICATION_OPEN, charged, running_out, policy),
        _abroad(messages, "PMP-02"),
        (None, charged),
    )


def _old_conversation(is_open: str, charged: Charge, running_out: bool, policy: Policy) -> tuple[_Step, ...]:
    if not running_out:
        return ()
    flagged = {"rules": (*charged.rules, "PMP-07"), "flag": "transition_non_utility"}
    if policy.transition_non_utility == "keep":
        return ((is_open, attrs.evolve(charged, line=None, why="transition_cbp", **flagged)),)  # type: ignore[arg-type]
    return ((is_open, attrs.evolve(charged, **flagged)),)  # type: ignore[arg-type]


def _utility(messages: tuple[str, ...], running_out: bool, since_2026_10: bool) -> tuple[_Step, ...]:
    if since_2026_10:
        return ((None, Charge(messages, "utility", "regular", ("P26-03",))),)
    old = ((facts.UTILITY_OPEN, Charge(messages, None, "transition_cbp", ("PMP-07",))),) if running_out else ()
    return (
        *old,
        (facts.WINDOW_OPEN, Charge(messages, None, "free_customer_service", ("PMP-03",))),
        (None, Charge(messages, "utility", "regular", ("PMP-01", "PMP-03"))),
    )


def _non_template(
    messages: tuple[str, ...], ai_providers: bool, since_2026_10: bool, exemption: bool
) -> tuple[_Step, ...]:
    pays = ((facts.AI_MARKET, Charge(messages, "general_purpose_ai", "regular", ("PMP-14",))),) if ai_providers else ()
    if not since_2026_10:
        return (*pays, (None, Charge(messages, None, "free_customer_service", ("PMP-01",))))
    charged = Charge(messages, "service", "regular", ("P26-01",))
    return (
        *pays,
        (facts.AI_PROVIDER, Charge(messages, None, "free_customer_service", ("P26-07",))),
        (facts.ALLOWANCE_LEFT, Charge(messages, None, "free_tier", ("P26-02",), uses_allowance=True)),
        *(((facts.EXEMPT_SENDER, Charge(messages, None, "exempt", ("P26-06",))),) if exemption else ()),
        (None, charged),
    )


def _inside_entry_point(messages: tuple[str, ...], rule: str, *, uses_a_unit: bool = False) -> tuple[_Step, ...]:
    rules = (rule, "P26-11") if uses_a_unit else (rule,)
    free = Charge(messages, None, "free_entry_point", rules, uses_allowance=uses_a_unit)
    return ((facts.ENTRY_POINT_OPEN, free), (facts.ANSWERS_ENTRY, free))
