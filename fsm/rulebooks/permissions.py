"""Clauses besides the window: templates, marketing, Direct Send, payment, consent."""

from __future__ import annotations

from typing import Final

from fsm import terms
from fsm.rulebooks.build import in_turn, rule
from fsm.rulebooks.knobs import Policy
from fsm.rules import acts, facts
from fsm.rules.tables import Clause, Permission

# --- templates --------------------------------------------------------------
TEMPLATE_RULES: Final = (
    rule(
        "TPL-01",
        "Only an approved template may be sent: a missing or unapproved one is refused (132001), a paused one (132015) and "
        "a disabled one (132016) as well, without charge.",
        "M-PAUSE M-ERR",
        "A",
        "A template state that no page lists gives 'unspecified'.",
    ),
    rule(
        "TPL-02",
        "A template is pending, approved, rejected, paused, disabled, in appeal, about to be deleted, or archived.",
        "M-PAUSE",
        "A",
    ),
    rule(
        "TPL-05",
        "Whatever is neither utility nor authentication is marketing: that is how Meta assigns categories.",
        "M-2023U",
        "A",
        "It is for Meta to assign one. A template that reaches us without a known category gives 'unspecified' where the "
        "price depends on it.",
    ),
)

TEMPLATE_STATES: Final = {
    "APPROVED": facts.TEMPLATE_APPROVED,
    "PAUSED": facts.TEMPLATE_PAUSED,
    "DISABLED": facts.TEMPLATE_DISABLED,
    "PENDING": facts.TEMPLATE_UNUSABLE,
    "REJECTED": facts.TEMPLATE_UNUSABLE,
    "IN_APPEAL": facts.TEMPLATE_UNUSABLE,
    "PENDING_DELETION": facts.TEMPLATE_UNUSABLE,
    "DELETED": facts.TEMPLATE_UNUSABLE,
    "ARCHIVED": facts.TEMPLATE_UNUSABLE,
    "LIMIT_EXCEEDED": facts.TEMPLATE_UNUSABLE,
}


def template_clause() -> Clause:
    """The clause that a template must be approved."""
    ids = ("TPL-01",)
    return Clause(
        name="template",
        place=3,
        asks="Is the template approved?",
        rows=in_turn(
            (facts.TEMPLATE_APPROVED, Permission(acts.TEMPLATES, terms.ALLOWED, ids)),
            (
                facts.TEMPLATE_PAUSED,
                Permission(acts.TEMPLATES, terms.REFUSED, ids, error=132015, way_out="Wait until the pause is over."),
            ),
            (
                facts.TEMPLATE_DISABLED,
                Permission(acts.TEMPLATES, terms.REFUSED, ids, error=132016, way_out="Use another approved template."),
            ),
            (
                facts.TEMPLATE_UNUSABLE,
                Permission(
                    acts.TEMPLATES, terms.REFUSED, ids, error=132001, way_out="Have the template approved first."
                ),
            ),
            (None, Permission(acts.TEMPLATES, terms.UNSPECIFIED, ids, assume=terms.REFUSED)),
        ),
    )


# --- marketing --------------------------------------------------------------
STOPPED_RULES: Final = (
    rule(
        "OPT-04",
        "After a customer has stopped marketing messages, marketing templates are refused (131050) until they resume; "
        "utility, authentication and service messages are not affected.",
        "M-CHG M-ERR",
        "A",
    ),
)
PAUSE_RULES: Final = (
    rule(
        "MKT-04",
        "No marketing template is delivered to a +1 number with a US area code (reported as 131049).",
        "M-PUL LIBPHONENUMBER",
        "A",
        "Whether area codes of US territories are meant is not documented: taken as paused.",
        "us_territories",
    ),
)
EXPERIMENT_RULES: Final = (
    rule(
        "MKT-05",
        "A customer in Meta's holdout gets no marketing template (130472) unless a window or a free entry point is open; "
        "nothing is charged.",
        "M-EXP",
        "A",
    ),
)


def stopped_clause() -> Clause:
    """The clause for customers who stopped marketing messages."""
    return Clause(
        name="marketing stopped",
        place=4,
        asks="Does the customer still take marketing from this business?",
        rows=in_turn(
            (
                facts.MARKETING_STOPPED,
                Permission(
                    acts.MARKETING_TEMPLATES,
                    terms.REFUSED,
                    ("OPT-04",),
                    error=131050,
                    way_out="Do not retry: only the customer can resume marketing.",
                ),
            ),
            (None, Permission(acts.MARKETING_TEMPLATES, terms.ALLOWED, ())),
        ),
    )


def us_pause_clause(policy: Policy) -> Clause:
    """The clause that pauses marketing to US numbers."""
    marketing = acts.MARKETING_TEMPLATES
    assume = {"paused": terms.REFUSED, "delivered": terms.ALLOWED}[policy.us_territories]
    return Clause(
        name="us marketing pause",
        place=5,
        asks="Is the customer's number outside the US?",
        rows=in_turn(
            (
                facts.US_AREA_CODE,
                Permission(
                    marketing,
                    terms.REFUSED,
                    ("MKT-04",),
                    error=131049,
                    way_out="Nothing while the pause lasts; other categories are not affected.",
                ),
            ),
            (
                facts.US_AREA_CODE_IN_DOUBT,
                Permission(marketing, terms.UNSPECIFIED, ("MKT-04",), knob="us_territories", assume=assume),
            ),
            (None, Permission(marketing, terms.ALLOWED, ())),
        ),
    )


def experiment_clause() -> Clause:
    """The clause for customers in the marketing holdout."""
    marketing = acts.MARKETING_TEMPLATES
    return Clause(
        name="experiment",
        place=6,
        asks="Is the customer outside Meta's marketing holdout, or a window or free entry point open?",
        rows=in_turn(
            (facts.WINDOW_OPEN, Permission(marketing, terms.ALLOWED, ())),
            (facts.ENTRY_POINT_OPEN, Permission(marketing, terms.ALLOWED, ())),
            (
                facts.IN_EXPERIMENT,
                Permission(
                    marketing, terms.REFUSED, ("MKT-05",), error=130472, way_out="Do not retry; wait until they write."
                ),
            ),
            (None, Permission(marketing, terms.ALLOWED, ())),
        ),
    )


# --- Direct Send ------------------------------------------------------------
DIRECT_SEND_RULES: Final = (
    rule(
        "DS-01",
        "Accounts on Meta's list may send a non-template message of category utility or authentication outside the window, "
        "at that category's rate.",
        "M-DS",
        "A",
        "Other accounts fall under CSW-03; what they get inside an open window is not documented.",
    ),
)


def direct_send_unknown() -> Clause:
    """The clause before Direct Send was documented: nothing is known of it."""
    return Clause(
        name="direct send",
        place=2,
        asks="Is Direct Send documented, and open to this account?",
        rows=(Permission(acts.DIRECT_SENDS, terms.UNSPECIFIED, (), assume=terms.REFUSED),),
    )


def direct_send_clause() -> Clause:
    """The clause for Direct Send, since it is documented."""
    known, uncategorised = acts.DIRECT_SENDS[:2], acts.DIRECT_SENDS[2:]
    unknown = Permission(known, terms.UNSPECIFIED, ("DS-01",), assume=terms.REFUSED)
    return Clause(
        name="direct send",
        place=2,
        asks="Is Direct Send documented, and open to this account?",
        rows=(
            Permission(uncategorised, terms.UNSPECIFIED, ("DS-01",), assume=terms.REFUSED),
            *in_turn(
                (facts.DIRECT_SEND_ENABLED, Permission(known, terms.ALLOWED, ("DS-01",))),
                (facts.WINDOW_OPEN, unknown),
                (facts.WINDOW_AT_BOUNDARY, unknown),
                (facts.WINDOW_IN_DOUBT, unknown),
                (
                    None,
                    Permission(
                        known,
                        terms.REFUSED,
                        ("CSW-03", "DS-01"),
                        error=131047,
                        way_out="Send an approved template, or have Direct Send enabled for the account.",
                    ),
                ),
            ),
        ),
    )


# --- payment ----------------------------------------------------------------
PAYMENT_RULES: Final = (
    rule(
        "PAY-01",
        "Without a usable payment method, messages that would be charged are refused (131042).",
        "M-ERR",
        "B",
        "Messages that cost nothing pass.",
    ),
)
TIER_PAYMENT_RULES: Final = (
    rule(
        "P26-09",
        "Without a payment method, service messages inside the free tier are delivered, those beyond it are not.",
        "M-OCT26",
        "B",
        "The later of two texts; the earlier one stopped everything.",
        "no_payment_method",
    ),
)
LOCAL_CURRENCY_RULES: Final = (
    rule(
        "PAY-02",
        "A business sold to in India must bill in INR from 2027-01-01, one sold to in Brazil in BRL from 2027-07-01; "
        "other accounts no longer deliver.",
        "M-PMP",
        "A",
        "Reported as a payment problem (131042): our reading. An account whose currency is not stated is not refused.",
    ),
)

_BILLED: Final = acts.MESSAGES[: acts.MESSAGES.index(acts.APP)]


def payment_clause(policy: Policy, *, since_2026_10: bool = False, local_currency: bool = False) -> Clause:
    """The clause about payment: a method on file, and a currency that is still served."""
    ids = ("P26-09",) if since_2026_10 else ("PAY-01",)
    pay = Permission(_BILLED, terms.REFUSED, ids, error=131042, way_out="Add a payment method.")
    stop_all = since_2026_10 and policy.no_payment_method == "stop_all"
    no_method = (
        pay
        if stop_all
        else (
            Permission(_BILLED, terms.REFUSED, ids, needs=(facts.WOULD_BE_CHARGED,), error=131042, way_out=pay.way_out),
            Permission(_BILLED, terms.ALLOWED, ids, unless=(facts.WOULD_BE_CHARGED,)),
        )
    )
    currency = (
        (
            facts.CURRENCY_REFUSED,
            Permission(
                _BILLED, terms.REFUSED, ("PAY-02",), error=131042, way_out="Move to an account in the local currency."
            ),
        ),
    )
    return Clause(
        name="payment",
        place=7,
        asks="Can the message be paid for, if it costs something?",
        rows=in_turn(
            *(currency if local_currency else ()),
            (facts.NO_PAYMENT_METHOD, no_method),
            (None, Permission(_BILLED, terms.ALLOWED, ())),
        ),
    )


# --- consent: policy, never a technical refusal -----------------------------
CONSENT_RULES: Final = (
    rule(
        "OPT-01",
        "A business needs the customer's opt-in before any message that it starts.",
        "M-OPT",
        "A",
    ),
    rule(
        "OPT-02",
        "Until November 2024 the opt-in had to name WhatsApp; since then a general one is enough.",
        "M-OPT",
        "A",
        "An `opted_in` event is a consent that was enough on its date.",
    ),
    rule(
        "OPT-03",
        "A customer's own message permits answering inside the window without opt-in; it is no consent to marketing.",
        "M-OPT",
        "A",
    ),
    rule(
        "OPT-05",
        "Meta does not check opt-in when a message is sent, so a missing one is a warning, never a refusal.",
        "M-OPT",
        "C",
    ),
)


def consent_clause() -> Clause:
    """The clause about consent: it allows everything, and says where the policy speaks against it."""
    others = tuple(
        message for message in (*acts.TEMPLATES, *acts.DIRECT_SENDS) if message not in acts.MARKETING_TEMPLATES
    )

    def without_consent(messages: tuple[str, ...], *ids: str) -> Permission:
        return Permission(messages, terms.ALLOWED, (*ids, "OPT-05"), advises_against=True)

    return Clause(
        name="consent",
        place=8,
        asks="Has the customer agreed to hear from the business, or written first?",
        rows=(
            *in_turn(
                (facts.OPTED_OUT, without_consent(others, "OPT-01")),
                (facts.OPTED_IN, Permission(others, terms.ALLOWED, ())),
                (facts.WINDOW_OPEN, Permission(others, terms.ALLOWED, ())),
                (None, without_consent(others, "OPT-01")),
            ),
            *in_turn(
                (facts.OPTED_OUT, without_consent(acts.MARKETING_TEMPLATES, "OPT-01")),
                (facts.OPTED_IN, Permission(acts.MARKETING_TEMPLATES, terms.ALLOWED, ())),
                (facts.WINDOW_OPEN, without_consent(acts.MARKETING_TEMPLATES, "OPT-03")),
                (None, without_consent(acts.MARKETING_TEMPLATES, "OPT-01")),
            ),
        ),
    )
