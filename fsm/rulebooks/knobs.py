"""
Knobs: named answers to the questions that no source answers.

The verdict stays `unspecified` where a source is silent; the knob says what a
caller may assume, and what a replay goes on with.
"""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches
from typing import Final

import attrs

from fsm import terms
from fsm.errors import BadAccount


@attrs.frozen(kw_only=True)
class Knob:
    """
    A question the sources leave open.

    Attributes:
        asks: the question.
        options: the answers one may choose; for `many`, any selection of them.
        default: the answer unless an account chooses otherwise.
        why: why this is the default.
        rules: the rules it belongs to.
    """

    name: str
    asks: str
    options: tuple[str, ...]
    default: str | tuple[str, ...]
    why: str
    rules: tuple[str, ...]

    @property
    def many(self) -> bool:
        """Whether several options may be chosen together."""
        return isinstance(self.default, tuple)


COUNTING_KINDS: Final = ("text", "button", "interactive", "media", "order", "location", "contacts")
"""Inbound messages by definition (CSW-05); of every other kind no text says whether it counts."""

KNOBS: Final = {
    knob.name: knob
    for knob in (
        Knob(
            name="boundary",
            asks="Is the customer service window still open exactly 24 hours after the customer's last message?",
            options=("half_open", "closed"),
            default="half_open",
            why="Meta closes at hour 26 a window opened at hour 2; taking it as closed is safe for the sender.",
            rules=("CSW-12",),
        ),
        Knob(
            name="csw_inbound_kinds",
            asks="Which kinds of customer message open the window, beyond those that are messages by definition?",
            options=tuple(kind for kind in terms.KINDS if kind not in COUNTING_KINDS),
            default=("unsupported",),
            why="An unsupported message is one the customer did write; a reaction, edit, deletion or notice is not.",
            rules=("CSW-06",),
        ),
        Knob(
            name="free_form_attach",
            asks="Which of several open conversations does a free-form message join?",
            options=("unspecified", "newest", "oldest"),
            default="unspecified",
            why="It never affects money.",
            rules=("CBP2-03",),
        ),
        Knob(
            name="fep_start",
            asks="From which instant does a free entry point run, and by which instant must the business have answered?",
            options=("by_date", "sent", "delivered"),
            default="by_date",
            why="The pages of the conversation years say delivery, those since July 2025 say 'responded'.",
            rules=("CBP2-12", "PMP-05"),
        ),
        Knob(
            name="fep_model",
            asks="How long does a free entry point last since 2026-09-28?",
            options=("webhook", "fixed_72h", "fixed_7d", "rolling_24h_cap_7d"),
            default="webhook",
            why="The end that Meta states in its webhook is taken; without one, seven days, as five readers quote.",
            rules=("FEP-02",),
        ),
        Knob(
            name="fep_page_cta",
            asks="Does a Facebook Page button still qualify for a free entry point since 2026-09-28?",
            options=("yes", "no"),
            default="yes",
            why="Two readers of the page disagree; the later one still lists it.",
            rules=("FEP-06",),
        ),
        Knob(
            name="fep_reply_deadline",
            asks="Does a further customer message give the business more time to answer the entry point?",
            options=("by_date", "first_message_24h", "csw"),
            default="by_date",
            why="The older texts say within 24 hours, the newer ones within the customer service window.",
            rules=("FEP-01",),
        ),
        Knob(
            name="fep_consumes_free_tier",
            asks="Does a service message inside a free entry point use a unit of the monthly allowance?",
            options=("no", "yes"),
            default="no",
            why="Not documented.",
            rules=("P26-11",),
        ),
        Knob(
            name="nbp_template_in_csw",
            asks="What did a template inside the window cost before February 2022?",
            options=("charged", "free"),
            default="charged",
            why="One provider calls it free, others charge it.",
            rules=("NBP-02",),
        ),
        Knob(
            name="no_payment_method",
            asks="What is still delivered since 2026-10-01 without a usable payment method?",
            options=("stop_after_tier", "stop_all"),
            default="stop_after_tier",
            why="The later of two texts: messages inside the allowance are delivered.",
            rules=("P26-09",),
        ),
        Knob(
            name="transition_2023",
            asks="What does a template do inside a conversation opened before 2023-06-01?",
            options=("opens", "joins"),
            default="opens",
            why="No conversation of its category is open, which is all that the new rule asks.",
            rules=("CBP2-17",),
        ),
        Knob(
            name="transition_non_utility",
            asks="Do templates other than utility still belong to conversations open over 2025-07-01?",
            options=("pmp", "keep"),
            default="pmp",
            why="Only utility is documented to attach.",
            rules=("PMP-07",),
        ),
        Knob(
            name="us_territories",
            asks="Does the pause of marketing to US numbers cover the area codes of US territories?",
            options=("paused", "delivered"),
            default="paused",
            why="The text says US area code; assuming the pause is safe for the sender.",
            rules=("MKT-04",),
        ),
    )
}


@attrs.frozen(kw_only=True)
class Policy:
    """
    One answer to every knob.

    >>> Policy().boundary
    'half_open'
    """

    boundary: str = "half_open"
    csw_inbound_kinds: tuple[str, ...] = ("unsupported",)
    free_form_attach: str = "unspecified"
    fep_start: str = "by_date"
    fep_model: str = "webhook"
    fep_page_cta: str = "yes"
    fep_reply_deadline: str = "by_date"
    fep_consumes_free_tier: str = "no"
    nbp_template_in_csw: str = "charged"
    no_payment_method: str = "stop_after_tier"
    transition_2023: str = "opens"
    transition_non_utility: str = "pmp"
    us_territories: str = "paused"


def policy_of(chosen: Iterable[tuple[str, object]]) -> Policy:
    """
    The policy with these answers; every other knob keeps its default.

    Raises:
        BadAccount: there is no such knob, or it has no such option.

    >>> policy_of([("boundary", "closed")]).boundary
    'closed'
    """
    answers: dict[str, str | tuple[str, ...]] = {}
    for name, value in chosen:
        knob = KNOBS.get(name)
        if knob is None:
            close = get_close_matches(name, KNOBS, 1)
            hint = f" Did you mean {close[0]!r}?" if close else ""
            raise BadAccount(f"[policy] has no knob {name!r}; known are {', '.join(KNOBS)}.{hint}")
        answers[name] = _answer(knob, value)
    return Policy(**answers)  # type: ignore[arg-type]


def _answer(knob: Knob, value: object) -> str | tuple[str, ...]:
    if isinstance(value, bool):
        value = "yes" if value else "no"
    if knob.many and isinstance(value, tuple | list):
        chosen = tuple(word for word in knob.options if word in value)
        unknown = [word for word in value if word not in knob.options and word not in COUNTING_KINDS]
        if not unknown:
            return chosen
    elif not knob.many and isinstance(value, str) and value in knob.options:
        return value
    wanted = f"a list of any of {', '.join(knob.options)}" if knob.many else f"one of {', '.join(knob.options)}"
    raise BadAccount(f"[policy] {knob.name} is {value!r}; it must be {wanted}. It answers: {knob.asks}")
