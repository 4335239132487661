"""
The rules a second time, as plain sentences.

Written from the rules alone, not from the tables of the package, so that two readings of the same text can be held
against each other. Nothing here is a state machine: a thread is what has happened to it (when the customer wrote, which
conversations and free entry points were opened and until when), and every question is answered by looking through that
past. Only documented rules and the default policy; no knobs, no prices.

- `simulate`: a log of events to one result per event.
- `next_states`: one step, for one combination of lane states.
- `charge_of`, `verdict_of`: what a delivery costs and whether a message may be sent, for one combination.

Decisions where the rules are silent are marked with "We read".
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta, timezone, tzinfo
from functools import cache
from typing import Any, Final
from zoneinfo import ZoneInfo

SECOND: Final = 1_000_000
HOUR: Final = 3_600 * SECOND
DAY: Final = 24 * HOUR
"""24 hours are 86,400 elapsed seconds, whatever the wall clock does (CSW-01)."""

# --- the dates on which the law changed (midnight in the account's zone) ----------------------------------------------
PER_TEMPLATE = date(2019, 6, 1)  # NBP-01
CONVERSATIONS = date(2022, 2, 1)  # CBP1-01
ENTRY_POINT_72_HOURS = date(2023, 3, 1)  # CBP1-10
FREE_TIER_USER_INITIATED = date(2023, 4, 1)  # CBP1-09
CATEGORIES = date(2023, 6, 1)  # CBP2-01
MARKETING_LITE = date(2024, 10, 15)  # CBP2-18
SERVICE_FREE = date(2024, 11, 1)  # CBP2-11
MARKETING_STOP = date(2024, 11, 18)  # OPT-04
US_PAUSE = date(2025, 4, 1)  # MKT-04
PER_MESSAGE = date(2025, 7, 1)  # PMP-01
CALLS = date(2025, 7, 15)  # CSW-04
AI_ITALY = date(2026, 2, 16)  # PMP-14
AI_EEA_AND_BRAZIL = date(2026, 3, 11)  # PMP-14
AI_EEA_ENDS = date(2026, 5, 13)  # PMP-14
DIRECT_SEND = date(2026, 7, 31)  # DS-01
BUSINESS_AGENT_TOKENS = date(2026, 8, 1)  # PMP-15
ENTRY_POINT_7_DAYS = date(2026, 9, 28)  # FEP-02
SERVICE_METERED = date(2026, 10, 1)  # P26-01
RUPEES = date(2027, 1, 1)  # PAY-02
REAIS = date(2027, 7, 1)  # PAY-02
EXEMPTION_ENDS = date(2028, 1, 1)  # P26-06

FREE_PER_MONTH: Final = 1_000
"""CBP1-08 and CBP2-11 per account, P26-02 per business phone number; each calendar month."""

COUNTING_KINDS: Final = ("text", "button", "interactive", "media", "order", "location", "contacts", "unsupported")
DOUBTFUL_KINDS: Final = ("reaction", "edit", "revoke", "system")

CATEGORY_LANES: Final = ("marketing", "utility", "authentication", "service", "marketing_lite")
CONVERSATION_LANES: Final = ("conversation", *CATEGORY_LANES)

REPORTED: Final = (
    "customer_service_window",
    "free_entry_point",
    "user_initiated",
    "business_initiated",
    "marketing",
    "utility",
    "authentication",
    "service",
    "marketing_lite",
)

RANK: Final = {
    "customer_message": 0,
    "customer_call": 0,
    "call_accepted": 0,
    "welcome_requested": 0,
    "opted_in": 1,
    "opted_out": 1,
    "marketing_stopped": 1,
    "marketing_resumed": 1,
    "message_sent": 2,
    "message_failed": 3,
    "message_delivered": 4,
    "message_read": 5,
    "message_played": 6,
}

# The area codes of the 50 states and DC; those of the territories, of which the announcement does not speak.
# Source: libphonenumber metadata (phonenumbers 9.0.43, Apache-2.0).
US_AREA_CODES: Final = frozenset(
    re.findall(
        r"[0-9]{3}",
        """
    201 202 203 205 206 207 208 209 210 212 213 214 215 216 217 218 219 220 223 224 225 227 228 229 231 234 235 239
    240 248 251 252 253 254 256 260 262 267 269 270 272 274 276 279 281 283 301 302 303 304 305 307 308 309 310 312
    313 314 315 316 317 318 319 320 321 323 324 325 326 327 329 330 331 332 334 336 337 339 341 346 347 350 351 352
    353 360 361 363 364 369 380 385 386 401 402 404 405 406 407 408 409 410 412 413 414 415 417 419 423 424 425 430
    432 434 435 440 442 443 445 447 448 458 463 464 469 470 472 475 478 479 480 484 501 502 503 504 505 507 508 509
    510 512 513 515 516 517 518 520 530 531 534 539 540 541 551 557 559 561 562 563 564 567 570 571 572 573 574 575
    580 582 585 586 601 602 603 605 606 607 608 609 610 612 614 615 616 617 618 619 620 623 626 628 629 630 631 636
    640 641 645 646 650 651 656 657 659 660 661 662 667 669 678 680 681 682 686 689 701 702 703 704 706 707 708 712
    713 714 715 716 717 718 719 720 724 725 726 727 728 730 731 732 734 737 738 740 743 747 748 754 757 760 762 763
    765 769 770 771 772 773 774 775 779 781 785 786 801 802 803 804 805 806 808 810 812 813 814 815 816 817 818 820
    821 826 828 830 831 832 835 838 839 840 843 845 847 848 850 854 856 857 858 859 860 862 863 864 865 870 872 878
    901 903 904 906 907 908 909 910 912 913 914 915 916 917 918 919 920 925 928 929 930 931 934 936 937 938 940 941
    943 945 947 948 949 951 952 954 956 959 970 971 972 973 975 978 979 980 983 984 985 986 989
        """,
    )
)
US_TERRITORY_AREA_CODES: Final = frozenset(("340", "670", "671", "684", "787", "939"))

EEA_COUNTRIES_WITHOUT_ITALY: Final = (
    "AT BE BG HR CY CZ DK EE FI FR DE GR HU IS IE LV LI LT LU MT NL NO PL PT RO SK SI ES SE".split()
)
EEA_WITHOUT_ITALY: Final = (
    *("43", "32", "359", "385", "357", "420", "45", "372", "358", "33", "49", "30", "36", "353", "371", "370"),
    *("352", "356", "31", "48", "351", "40", "421", "386", "34", "46", "354", "423", "47"),
)
"""The calling codes of the 29 markets of PMP-14 that followed Italy."""


# --- what the words of the log mean on a date -------------------------------------------------------------------------
def rulebook_on(on: date) -> str:
    """The name of the rulebook in force on that date."""
    if on < PER_TEMPLATE:
        raise ValueError(f"no rulebook is in force on {on}; the first starts on {PER_TEMPLATE}")
    if on < CONVERSATIONS:
        return "nbp"
    if on < FREE_TIER_USER_INITIATED:
        return "cbp-2022-02"
    if on < CATEGORIES:
        return "cbp-2023-04"
    if on < SERVICE_FREE:
        return "cbp-2023-06"
    if on < PER_MESSAGE:
        return "cbp-2024-11"
    if on < BUSINESS_AGENT_TOKENS:
        return "pmp-2025-07"
    if on < SERVICE_METERED:
        return "pmp-2026-08"
    return "pmp-2026-10"


def entry_point_length(on: date) -> int:
    """How long a free entry point opened on that date lasts."""
    if on < ENTRY_POINT_72_HOURS:
        return DAY  # CBP1-10
    if on < ENTRY_POINT_7_DAYS:
        return 72 * HOUR  # CBP1-10, CBP2-12, PMP-05
    return 7 * DAY  # FEP-02


def qualifies_for_entry_point(on: date, kind: str, entry: str | None, device: str) -> bool:
    """Whether a customer's message makes a free entry point possible."""
    if on < CONVERSATIONS:
        return False  # no free entry point is documented before
    if kind not in COUNTING_KINDS or entry not in ("ad", "page_cta"):
        return False  # CBP1-10, CBP2-12
    if on < ENTRY_POINT_72_HOURS:
        return True  # the earlier texts do not restrict the device
    return device in ("android", "ios")  # CBP2-12, PMP-05


def line_of(category: str | None) -> str | None:
    """The rate line a category names: both spellings of the international authentication rate are one (INTL-05)."""
    return "authentication_international" if category == "authentication-international" else category


def lane_of(category: str | None) -> str | None:
    """The conversation a category belongs to; the international rate is a rate only (CBP2-16)."""
    line = line_of(category)
    return "authentication" if line == "authentication_international" else line


def category_is_known(on: date, content: str, category: str | None) -> bool:
    """Whether the law of that date knows the category of a template or of a Direct Send message."""
    if on < CATEGORIES:
        return True  # before June 2023 a category changes nothing
    if content == "direct_send":
        return lane_of(category) in ("utility", "authentication")  # DS-01
    if category == "marketing_lite":
        return on >= MARKETING_LITE  # CBP2-18
    return lane_of(category) in ("marketing", "utility", "authentication")  # CBP2-01


def is_non_template(content: str | None) -> bool:
    """Free-form messages, reactions and replies of Meta's agent: what needs an open window (CSW-03)."""
    return content in ("free_form", "reaction", "business_agent")


def is_answer(on: date, states: Mapping[str, str], content: str | None, answers: bool) -> bool:
    """Whether a delivery that came in time really is the answer that opens the free entry point."""
    if not answers or content is None or content == "app" or on < CONVERSATIONS:
        return False
    if content == "direct_send" and on < DIRECT_SEND:
        return False  # it did not exist yet, so no rule lets it answer anything
    entry_point = states.get("free_entry_point", "idle")
    if entry_point == "open":
        return False
    if on < PER_MESSAGE:
        # CBP1-10, CBP2-12: the delivery itself has to come in time.
        in_time = entry_point == "eligible"
    else:
        # PMP-05: "the time when you responded": a delivery may come late if the sending did not.
        in_time = True
    if on < CATEGORIES:
        # CBP1-04, CBP1-10: it is the user-initiated conversation that is free, and only one conversation can be open.
        return in_time and states.get("conversation", "idle") == "idle"
    return in_time


def open_conversations(states: Mapping[str, str]) -> list[str]:
    """The lanes with an open conversation."""
    return [lane for lane in CONVERSATION_LANES if states.get(lane, "idle") != "idle"]


# --- one step ---------------------------------------------------------------------------------------------------------
def next_states(
    on: date,
    states: dict[str, str],
    happening: str,
    *,
    content: str | None,
    category: str | None,
    counts: str,
    through_entry: bool,
    answers: bool,
) -> dict[str, tuple[str, str]]:
    """
    Every lane after one happening: its state, and whether its clock `starts`, `keeps` running, or is `none`.

    Args:
        on: the date in the account's zone.
        states: the lanes that exist on that date, and their states.
        happening: a customer or preference event, `delivered`, or `clock:LANE` where the clock of that lane runs out.
        content, category: of what was delivered.
        counts: whether a customer's message moves the window: `yes`, `no` or `doubtful`.
        through_entry: the customer's message came through an ad or a page button, on a device that qualifies.
        answers: the delivery came in time to answer the free entry point.
    """
    after = dict(states)
    started: set[str] = set()

    def go(lane: str, state: str) -> None:
        if lane in states:
            after[lane] = state
            started.add(lane)

    if happening.startswith("clock:"):
        lane = happening.removeprefix("clock:")
        if lane == "customer_service_window" and states[lane] == "open":
            go(lane, "boundary")  # CSW-12: for one second the source does not say whether it is still open
        elif lane in ("customer_service_window", "customer_service_window_in_doubt"):
            go(lane, "closed")  # CSW-01
        elif lane in states:
            go(lane, "idle")  # CBP1-01, CBP2-01, CBP2-15: a conversation or an entry point ends, or nobody answered

    elif happening in ("customer_message", "customer_call", "call_accepted", "welcome_requested"):
        if happening == "customer_message":
            moves_the_window = counts == "yes"  # CSW-01, CSW-02, CSW-05
            if counts == "doubtful":
                go("customer_service_window_in_doubt", "open")  # CSW-06
        elif happening == "welcome_requested":
            moves_the_window = True  # CSW-05b
        else:
            moves_the_window = on >= CALLS  # CSW-04
        if moves_the_window:
            go("customer_service_window", "open")  # CSW-01, CSW-02
            entry_point = states.get("free_entry_point", "idle")
            if entry_point == "open":
                pass  # CBP2-20: nothing the customer does moves an open entry point
            elif happening == "customer_message" and through_entry:
                go("free_entry_point", "eligible")  # CBP1-10, CBP2-12, PMP-05
            elif entry_point == "eligible" and on >= ENTRY_POINT_7_DAYS:
                go("free_entry_point", "eligible")  # FEP-01: the deadline is now that of the window

    elif happening == "opted_in":
        after["opt_in"] = "opted_in"  # OPT-01
    elif happening == "opted_out":
        after["opt_in"] = "opted_out"  # OPT-01
    elif happening == "marketing_stopped":
        if "marketing_preference" in states:
            after["marketing_preference"] = "stopped"  # OPT-04
    elif happening == "marketing_resumed":
        if "marketing_preference" in states:
            after["marketing_preference"] = "receiving"  # OPT-04

    elif happening == "delivered" and content is not None and content != "app":
        entry_point = states.get("free_entry_point", "idle")
        answering = is_answer(on, states, content, answers)
        if answering:
            go("free_entry_point", "open")  # CBP1-10, CBP2-12, PMP-05

        if on < CONVERSATIONS:
            pass  # NBP-03: there are no conversations

        elif on < CATEGORIES:
            if states["conversation"] != "idle":
                pass  # CBP1-03, CBP1-04: it belongs to the one that is open
            elif answering:
                go("conversation", "user_initiated_free_open")  # CBP1-10
            elif content == "direct_send":
                pass  # it did not exist yet
            elif states["customer_service_window"] == "open":
                go("conversation", "user_initiated_open")  # CBP1-02, CBP1-05
            else:
                go("conversation", "business_initiated_open")  # CBP1-01, CBP1-02

        elif on < PER_MESSAGE:
            if answering:
                for lane in open_conversations(states):
                    after[lane] = "idle"  # CBP2-13
            elif entry_point == "open":
                pass  # CBP2-13: nothing new opens until it ends
            elif content == "template":
                own = lane_of(category)
                if category_is_known(on, content, category) and own is not None and states[own] == "idle":
                    go(own, "business_open")  # CBP2-01, CBP2-05, CBP2-06
            elif is_non_template(content) and not open_conversations(states):
                go("service", "service_open")  # CBP2-04, CBP2-09

        else:
            pass  # PMP-04: no conversation opens any more; old ones run out

    result: dict[str, tuple[str, str]] = {}
    for lane, state in after.items():
        if not has_clock(lane, state):
            result[lane] = (state, "none")
        elif lane in started:
            result[lane] = (state, "starts")
        else:
            result[lane] = (state, "keeps")
    return result


def has_clock(lane: str, state: str) -> bool:
    """Whether a clock runs in that state: in every state but the first, except where only the customer decides."""
    return lane not in ("opt_in", "marketing_preference") and state not in ("idle", "closed")


# --- what a delivery costs --------------------------------------------------------------------------------------------
def charge_of(
    on: date,
    states: dict[str, str],
    content: str | None,
    category: str | None,
    *,
    answers: bool,
    allowance_left: bool,
    sender: str,
    ai_market_listed: bool,
    partner: bool,
) -> tuple[str | None, str | None]:
    """
    The rate line of a first delivery and the reason, for the states before it; (None, None) where no rule says.

    `ai_market_listed`: on that date the customer's market is one where AI providers pay per message.
    """
    if content is None:
        return None, None  # what was sent is not known, so neither is the price
    if content == "app":
        return None, "not_billable"  # CSW-08
    if content == "direct_send" and on < DIRECT_SEND:
        return None, None  # it did not exist yet, so no rule says what it costs, wherever it falls

    window_open = states.get("customer_service_window") == "open"
    answering = is_answer(on, states, content, answers)

    if on < CONVERSATIONS:
        if content == "template":
            return "notification", "regular"  # NBP-01; inside the window contested: NBP-02
        if content == "direct_send":
            return None, None  # it did not exist yet
        return None, "not_billable"  # NBP-02

    if on < CATEGORIES:
        conversation = states.get("conversation", "idle")
        if answering:
            return None, "free_entry_point"  # CBP1-10
        if content == "direct_send":
            return None, None  # it did not exist yet
        if conversation == "user_initiated_free_open":
            return None, "free_entry_point"  # CBP1-10
        if conversation != "idle":
            return None, "attached"  # CBP1-03
        opens = "user_initiated" if window_open else "business_initiated"  # CBP1-02
        uses_allowance = opens == "user_initiated" or on < FREE_TIER_USER_INITIATED or partner  # CBP1-08, CBP1-09
        if uses_allowance and allowance_left:
            return None, "free_tier"  # CBP1-08
        return opens, "regular"  # CBP1-07

    # From June 2023 on. First what an entry point does not make free, then the entry point, then the rest.
    if content == "business_agent" and on >= BUSINESS_AGENT_TOKENS:
        return "mba_tokens", "regular"  # PMP-15, P26-05
    if content == "reaction" and on >= SERVICE_METERED:
        return None, "not_billable"  # P26-04
    if states.get("free_entry_point") == "open" or answering:
        # We read "all messages free" to hold for a category nobody knows as well.
        return None, "free_entry_point"  # CBP2-12, CBP2-13, PMP-05, P26-05
    if content == "direct_send" and on < DIRECT_SEND:
        return None, None  # it did not exist yet
    if content in ("template", "direct_send") and not category_is_known(on, content, category):
        return None, None  # no rule prices a category nobody knows

    if on < PER_MESSAGE:
        if content == "template":
            if states.get(str(lane_of(category)), "idle") != "idle":
                return None, "attached"  # CBP2-02
            return line_of(category), "regular"  # CBP2-01, CBP2-10, CBP2-16
        if open_conversations(states):
            return None, "attached"  # CBP2-03
        if on >= SERVICE_FREE:
            return None, "service_free_era"  # CBP2-11
        if allowance_left:
            return None, "free_tier"  # CBP2-11
        return "service", "regular"  # CBP2-04

    if content in ("template", "direct_send"):
        if lane_of(category) == "utility":
            if content == "template" and states.get("utility", "idle") != "idle":
                return None, "transition_cbp"  # PMP-07
            if window_open and on < SERVICE_METERED:
                return None, "free_customer_service"  # PMP-03
            return "utility", "regular"  # PMP-03, P26-03, DS-01
        if category == "marketing_lite":
            return "marketing", "regular"  # MM-01
        return line_of(category), "regular"  # PMP-02, PMP-09, DS-01

    if sender == "ai_provider" and on >= AI_ITALY:
        if ai_market_listed:
            return "general_purpose_ai", "regular"  # PMP-14
        return None, "free_customer_service"  # PMP-01, P26-07
    if on < SERVICE_METERED:
        return None, "free_customer_service"  # PMP-01
    if allowance_left:
        return None, "free_tier"  # P26-02
    if sender in ("government", "nonprofit") and on < EXEMPTION_ENDS:
        return None, "exempt"  # P26-06
    return "service", "regular"  # P26-01, P26-08


# --- whether it may be sent -------------------------------------------------------------------------------------------
def verdict_of(
    on: date,
    states: dict[str, str],
    content: str | None,
    category: str | None,
    *,
    template_status: str,
    us_number: str,
    direct_send: bool,
    in_experiment: bool,
    payment_method: bool,
    allowance_left: bool,
    sender: str,
    ai_market_listed: bool,
    partner: bool,
    billing_currency_refused: bool,
) -> tuple[str, int | None]:
    """
    `allowed`, `refused` or `unspecified`: the worst of all clauses; and Meta's error code: that of the first refusal.

    `us_number`: `yes`, `no`, or `unspecified` where the announcement does not say (territories).
    """
    if content == "app":
        return "allowed", None  # CSW-08

    window = states.get("customer_service_window", "closed")
    in_doubt = states.get("customer_service_window_in_doubt", "closed") == "open"
    entry_point = states.get("free_entry_point", "idle")
    refusals: list[int] = []
    unspecified = False

    # 1. The window.
    if is_non_template(content):
        if window == "open":
            pass  # CSW-03
        elif window == "boundary":
            unspecified = True  # CSW-12
        elif in_doubt:
            unspecified = True  # CSW-06
        else:
            refusals.append(131047)  # CSW-03
    elif content == "direct_send":
        if on < DIRECT_SEND:
            unspecified = True  # it did not exist yet
        elif not category_is_known(on, content, category):
            unspecified = True  # DS-01 names utility and authentication only
        elif direct_send:
            pass  # DS-01
        elif window in ("open", "boundary") or in_doubt:
            unspecified = True  # DS-01 speaks of white-listed accounts only
        else:
            refusals.append(131047)  # CSW-03
    elif content != "template":
        unspecified = True  # nothing is known about any other content

    if content == "template":
        # 2. The template itself.
        if template_status == "APPROVED":
            pass  # TPL-01
        elif template_status == "PAUSED":
            refusals.append(132015)  # TPL-01
        elif template_status == "DISABLED":
            refusals.append(132016)  # TPL-01
        elif template_status in (
            *("REJECTED", "PENDING", "IN_APPEAL", "PENDING_DELETION"),
            *("DELETED", "ARCHIVED", "LIMIT_EXCEEDED"),
        ):
            refusals.append(132001)  # TPL-01, TPL-02
        else:
            unspecified = True  # a status no page names

        if category in ("marketing", "marketing_lite"):
            # 3. The customer stopped marketing messages.
            if on >= MARKETING_STOP and states.get("marketing_preference") == "stopped":
                refusals.append(131050)  # OPT-04
            # 4. No marketing to numbers of the United States.
            if on >= US_PAUSE and us_number == "yes":
                refusals.append(131049)  # MKT-04
            if on >= US_PAUSE and us_number == "unspecified":
                unspecified = True  # MKT-04 does not speak of the territories
            # 5. The marketing experiment, from which an open window or entry point exempts.
            if on >= CATEGORIES and in_experiment and window != "open" and entry_point != "open":
                refusals.append(130472)  # MKT-05

    # 6. Payment: only what would cost something fails for want of a payment method.
    line, _ = charge_of(
        on,
        states,
        content,
        category,
        answers=entry_point == "eligible",
        allowance_left=allowance_left,
        sender=sender,
        ai_market_listed=ai_market_listed,
        partner=partner,
    )
    if not payment_method and line is not None:
        refusals.append(131042)  # PAY-01, P26-09
    if billing_currency_refused:
        refusals.append(131042)  # PAY-02

    # 7. The price itself is contested or not documented.
    inside_entry_point = on >= CATEGORIES and entry_point in ("open", "eligible")
    if (
        content in ("template", "direct_send") and not inside_entry_point
    ):  # CBP2-13, PMP-05: inside, the price is settled
        own_category_open = states.get(lane_of(category) or "", "idle") == "business_open"
        if content == "template" and on < CONVERSATIONS and window == "open":
            unspecified = True  # NBP-02
        if content == "template" and on >= CATEGORIES and states.get("conversation", "idle") != "idle":
            unspecified = unspecified or not own_category_open  # CBP2-17, unless CBP2-02 settles it
        if not category_is_known(on, content, category):
            unspecified = True  # CBP2-10

    if refusals:
        return "refused", refusals[0]
    if unspecified:
        return "unspecified", None
    return "allowed", None  # OPT-05: a missing opt-in never refuses


# --- the past of one thread -------------------------------------------------------------------------------------------
@dataclass
class Inbound:
    """Something the customer did that moved the window."""

    at: int
    on: date
    qualifies: bool


@dataclass
class Span:
    """A conversation or a free entry point: open at `start`, already over at `end`."""

    lane: str
    state: str
    start: int
    end: int


@dataclass
class Sending:
    """What we sent, and whether an entry point was waiting for an answer at that moment."""

    at: int
    content: str
    category: str | None
    while_eligible: bool


@dataclass
class Past:
    """Everything that ever happened to a thread, in the order in which it happened."""

    inbound: list[Inbound] = field(default_factory=list)
    doubtful: list[int] = field(default_factory=list)
    conversations: list[Span] = field(default_factory=list)
    entry_points: list[Span] = field(default_factory=list)
    sendings: dict[str, Sending] = field(default_factory=dict)
    delivered: set[str] = field(default_factory=set)
    preferences: list[str] = field(default_factory=list)

    def window_ends(self) -> int | None:
        """CSW-01, CSW-02: 24 hours after the last thing the customer did."""
        return self.inbound[-1].at + DAY if self.inbound else None

    def entry_point_at(self, at: int) -> Span | None:
        """The free entry point that is open at that instant."""
        for span in self.entry_points:
            if span.start <= at < span.end:
                return span
        return None

    def reply_deadline_at(self, at: int) -> int | None:
        """Until when an answer opens a free entry point, if one can still be opened at that instant."""
        if self.entry_point_at(at):
            return None
        deadline: int | None = None
        for inbound in self.inbound:
            if any(inbound.at <= span.start or inbound.at < span.end for span in self.entry_points):
                continue  # already answered, or written while the entry point was open (CBP2-20)
            waiting = deadline is not None and inbound.at < deadline
            if inbound.qualifies:
                deadline = inbound.at + DAY  # CBP1-10, CBP2-12, PMP-05
            elif waiting and inbound.on >= ENTRY_POINT_7_DAYS:
                deadline = inbound.at + DAY  # FEP-01
        if deadline is None or at >= deadline:
            return None  # CBP2-15
        return deadline

    def conversations_at(self, at: int) -> list[Span]:
        """The conversations that are open at that instant."""
        return [span for span in self.conversations if span.start <= at < span.end]

    def states_at(self, at: int, on: date) -> dict[str, str]:
        """The lanes of that instant, in the words of `next_states`."""
        ends = self.window_ends()
        if ends is None or at >= ends + SECOND:
            window = "closed"
        elif at >= ends:
            window = "boundary"
        else:
            window = "open"
        states = {
            "customer_service_window": window,
            "customer_service_window_in_doubt": "open" if any(at < d + DAY for d in self.doubtful) else "closed",
        }
        if on >= CONVERSATIONS:
            if self.entry_point_at(at):
                states["free_entry_point"] = "open"
            elif self.reply_deadline_at(at) is not None:
                states["free_entry_point"] = "eligible"
            else:
                states["free_entry_point"] = "idle"
        for span in self.conversations_at(at):
            states[span.lane] = span.state
        if on >= MARKETING_STOP:
            stopped = bool(self.preferences) and self.preferences[-1] == "marketing_stopped"
            states["marketing_preference"] = "stopped" if stopped else "receiving"
        return states

    def deadlines_at(self, at: int) -> dict[str, str]:
        """The lanes whose clock runs, and when it runs out."""
        running: dict[str, int] = {}
        ends = self.window_ends()
        if ends is not None and at < ends:
            running["customer_service_window"] = ends
        entry_point = self.entry_point_at(at)
        reply_by = self.reply_deadline_at(at)
        if entry_point is not None:
            running["free_entry_point"] = entry_point.end
        elif reply_by is not None:
            running["free_entry_point"] = reply_by
        for span in self.conversations_at(at):
            running[span.lane] = span.end
        return {lane: text_of(instant) for lane, instant in running.items()}


@dataclass
class Effects:
    """What one event did."""

    opens: list[str] = field(default_factory=list)
    refreshes: list[str] = field(default_factory=list)
    closes: list[str] = field(default_factory=list)
    joins: str | None = None
    charge: str | None = None
    why: str | None = None


# --- a whole log ------------------------------------------------------------------------------------------------------
def simulate(
    log: list[dict[str, Any]],
    account: dict[str, Any] | None = None,
    threads: dict[tuple[str, str], Past] | None = None,
) -> list[dict[str, Any]]:
    """
    One result per distinct event of the log, in canonical order.

    Args:
        log: valid events, in any order, with or without duplicates.
        account: the parsed account file; None for a business in UTC with every default.
        threads: where the past of every thread is written down, for those who ask about it afterwards.
    """
    facts = account or {}
    zone = zone_of(str(facts.get("time_zone", "UTC")))
    allowance = Allowance(facts, zone)
    threads = {} if threads is None else threads
    results: list[dict[str, Any]] = []
    in_order_of_time = distinct(log)
    recorded = {event["id"]: event for event in in_order_of_time if event["event"] == "message_sent"}
    for event in in_order_of_time:
        at = instant_of(event["at"])
        on = date_of(at, zone)
        rulebook = rulebook_on(on)
        allowance.first_event(on)
        past = threads.setdefault((event["business"], event["customer"]), Past())
        effects = Effects()
        verdict: str | None = None
        error: int | None = None
        name = event["event"]

        if name in ("customer_message", "customer_call", "call_accepted", "welcome_requested"):
            effects = customer_did(past, event, at, on)
        elif name in ("marketing_stopped", "marketing_resumed"):
            if on >= MARKETING_STOP:
                past.preferences.append(name)  # OPT-04
        elif name == "message_sent":
            verdict, error = judge(past, event, at, on, facts, allowance)
            eligible = on >= CONVERSATIONS and past.reply_deadline_at(at) is not None
            past.sendings[event["id"]] = Sending(at, event["content"], event.get("category"), eligible)
        elif name in ("message_delivered", "message_read", "message_played") and event["id"] not in past.delivered:
            # PMP-13: whichever comes first proves the delivery; the others change nothing.
            past.delivered.add(event["id"])
            late = recorded.get(event["id"])
            if late is not None and event["id"] not in past.sendings:
                # Dated before its sending: we read that it was sent when it arrived.
                eligible = on >= CONVERSATIONS and past.reply_deadline_at(at) is not None
                past.sendings[event["id"]] = Sending(at, late["content"], late.get("category"), eligible)
            effects = deliver(past, event, at, on, facts, allowance)

        results.append(
            {
                "id": event.get("id") or None,
                "event": name,
                "at": text_of(at),
                "business": event["business"],
                "customer": event["customer"],
                "rulebook": rulebook,
                "verdict": verdict,
                "error": error,
                "opens": in_order(effects.opens),
                "refreshes": in_order(effects.refreshes),
                "closes": in_order(effects.closes),
                "joins": effects.joins,
                "charge": effects.charge,
                "why": effects.why,
                "deadlines": past.deadlines_at(at),
            }
        )
    return results


def customer_did(past: Past, event: Mapping[str, Any], at: int, on: date) -> Effects:
    """The customer wrote, called, or opened the chat."""
    effects = Effects()
    name = event["event"]
    qualifies = False
    if name == "customer_message":
        kind = event.get("kind") or "text"
        if kind in DOUBTFUL_KINDS:
            past.doubtful.append(at)  # CSW-06
            return effects
        if kind not in COUNTING_KINDS:
            return effects
        qualifies = qualifies_for_entry_point(on, kind, event.get("entry"), event.get("device") or "android")
    elif name in ("customer_call", "call_accepted") and on < CALLS:
        return effects  # CSW-04
    ends = past.window_ends()
    if ends is not None and at < ends:
        effects.refreshes.append("customer_service_window")  # CSW-02
    else:
        effects.opens.append("customer_service_window")  # CSW-01
    past.inbound.append(Inbound(at, on, qualifies))
    return effects


def judge(
    past: Past, event: Mapping[str, Any], at: int, on: date, account: Mapping[str, Any], allowance: Allowance
) -> tuple[str, int | None]:
    """May this message be sent now?"""
    customer = event["customer"]
    sold_to, currency = account.get("sold_to"), account.get("currency")
    wrong_currency = False
    if currency and sold_to == "IN" and on >= RUPEES:
        wrong_currency = currency != "INR"  # PAY-02
    elif currency and sold_to == "BR" and on >= REAIS:
        wrong_currency = currency != "BRL"  # PAY-02
    return verdict_of(
        on,
        past.states_at(at, on),
        event["content"],
        event.get("category"),
        template_status=event.get("template_status") or "APPROVED",
        us_number=us_number(customer),
        direct_send=bool(account.get("direct_send", False)),
        in_experiment=customer in account.get("customers", {}).get("in_experiment", []),
        payment_method=bool(account.get("payment_method", True)),
        allowance_left=allowance.left(on, event["business"]) > 0,
        sender=str(account.get("sender", "business")),
        ai_market_listed=ai_market_listed(on, customer),
        partner=account.get("integration") == "partner",
        billing_currency_refused=wrong_currency,
    )


def deliver(
    past: Past, event: Mapping[str, Any], at: int, on: date, account: Mapping[str, Any], allowance: Allowance
) -> Effects:
    """A message reached the customer: what it opens, joins, closes and costs."""
    effects = Effects()
    sending = past.sendings.get(event["id"])
    if sending is None:
        return effects  # We read: a message nobody knows opens nothing, and no rule says what it costs
    content, category = sending.content, sending.category
    states = past.states_at(at, on)

    if on < PER_MESSAGE:
        in_time = states.get("free_entry_point") == "eligible"  # CBP1-10, CBP2-12
    else:
        # PMP-05; what was sent so long ago that its hours are over has nothing left to open.
        in_time = sending.while_eligible and sending.at + entry_point_length(on) > at
    effects.charge, effects.why = charge_of(
        on,
        states,
        content,
        category,
        answers=in_time,
        allowance_left=allowance.left(on, event["business"]) > 0,
        sender=str(account.get("sender", "business")),
        ai_market_listed=ai_market_listed(on, event["customer"]),
        partner=account.get("integration") == "partner",
    )
    if effects.why == "free_tier":
        allowance.use(on, event["business"])  # CBP1-08, CBP2-11, P26-02
    if content == "app" or on < CONVERSATIONS:
        return effects  # CSW-08, NBP-03

    already_open = past.conversations_at(at)
    inside_entry_point = past.entry_point_at(at) is not None
    answered = in_time and not inside_entry_point
    if content == "direct_send" and on < DIRECT_SEND:
        return effects  # it did not exist yet: it opens, joins and closes nothing
    if on < CATEGORIES and already_open:
        answered = False  # CBP1-04: the one conversation that is open is not the free one

    if answered:
        start = at if on < PER_MESSAGE else sending.at  # CBP2-12, PMP-05
        end = start + entry_point_length(on)
        effects.opens.append("free_entry_point")
        if on < CATEGORIES:
            effects.opens.append("user_initiated")  # CBP1-10: that conversation is the free one
            past.conversations.append(Span("conversation", "user_initiated_free_open", at, end))
        elif on < PER_MESSAGE:
            for span in already_open:
                effects.closes.append(name_of(span))  # CBP2-13
                span.end = at
        past.entry_points.append(Span("free_entry_point", "open", at, end))
        return effects

    if on < CATEGORIES:
        if content == "direct_send":
            pass  # We read: what did not exist yet neither opens nor joins anything
        elif already_open:
            effects.joins = name_of(already_open[0])  # CBP1-03
        else:
            # CBP1-02: what counts is whether the window is open when the message arrives.
            user_initiated = states["customer_service_window"] == "open"
            opened = "user_initiated" if user_initiated else "business_initiated"
            effects.opens.append(opened)
            past.conversations.append(Span("conversation", f"{opened}_open", at, at + DAY))  # CBP1-01

    elif inside_entry_point:
        # CBP2-13, PMP-05: nothing opens. What belongs to a free conversation of the old rules goes on belonging to it.
        old = [span for span in already_open if span.lane == "conversation"]
        if old and is_non_template(content):
            effects.joins = name_of(old[0])  # CBP2-17

    elif on < PER_MESSAGE:
        if content == "template":
            own = lane_of(category)
            if not category_is_known(on, content, category) or own is None:
                pass
            elif any(span.lane == own for span in already_open):
                effects.joins = own  # CBP2-02
            else:
                effects.opens.append(own)  # CBP2-01, CBP2-05, CBP2-06, CBP2-07
                past.conversations.append(Span(own, "business_open", at, at + DAY))
        elif is_non_template(content):
            if len(already_open) > 1:
                effects.joins = "unspecified"  # CBP2-03
            elif already_open:
                effects.joins = name_of(already_open[0])  # CBP2-03
            else:
                effects.opens.append("service")  # CBP2-04, CBP2-09
                past.conversations.append(Span("service", "service_open", at, at + DAY))

    elif effects.why == "transition_cbp":
        effects.joins = "utility"  # PMP-07

    return effects


def name_of(span: Span) -> str:
    """How a conversation is called in results."""
    if span.lane != "conversation":
        return span.lane
    return "business_initiated" if span.state == "business_initiated_open" else "user_initiated"


def in_order(names: Iterable[str]) -> list[str]:
    """The names in the one order in which results list them."""
    return sorted(names, key=REPORTED.index)


class Allowance:
    """What is left of the free conversations or messages, month by month (CBP1-08, CBP2-11, P26-02)."""

    def __init__(self, account: Mapping[str, Any], zone: tzinfo) -> None:
        self.zone = zone
        self.free_left: int | None = account.get("allowances", {}).get("free_left")
        self.first_month: tuple[int, int] | None = None
        self.used: Counter[tuple[int, int, str]] = Counter()

    def first_event(self, on: date) -> None:
        if self.first_month is None:
            self.first_month = (on.year, on.month)

    def scope(self, on: date, business: str) -> str:
        # Per account while conversations were counted, per business phone number since messages are.
        return business if on >= SERVICE_METERED else ""

    def left(self, on: date, business: str) -> int:
        granted = FREE_PER_MONTH
        if self.free_left is not None and self.first_month == (on.year, on.month):
            granted = self.free_left
        return granted - self.used[on.year, on.month, self.scope(on, business)]

    def use(self, on: date, business: str) -> None:
        self.used[on.year, on.month, self.scope(on, business)] += 1


# --- customers --------------------------------------------------------------------------------------------------------
def phone_digits(customer: str) -> str:
    """The digits of a customer id that is a phone number, else nothing."""
    found = re.fullmatch(r"\+?([1-9][0-9]{6,14})", customer)
    return found[1] if found else ""


def us_number(customer: str) -> str:
    """MKT-04: is it a +1 number with an area code of the United States?"""
    digits = phone_digits(customer)
    if not digits.startswith("1"):
        return "no"
    if digits[1:4] in US_AREA_CODES:
        return "yes"
    if digits[1:4] in US_TERRITORY_AREA_CODES:
        return "unspecified"
    return "no"


def ai_market_listed(on: date, customer: str) -> bool:
    """PMP-14: is the customer's market one where AI providers pay per message on that date?"""
    digits = phone_digits(customer)
    # A business-scoped id begins with the country instead.
    country = customer[:2] if re.fullmatch(r"[A-Z]{2}\..+", customer) else ""
    if digits.startswith("39") or country == "IT":
        return AI_ITALY <= on < AI_EEA_ENDS
    if digits.startswith("55") or country == "BR":
        return on >= AI_EEA_AND_BRAZIL
    if digits.startswith(EEA_WITHOUT_ITALY) or country in EEA_COUNTRIES_WITHOUT_ITALY:
        return AI_EEA_AND_BRAZIL <= on < AI_EEA_ENDS
    return False


# --- the log ----------------------------------------------------------------------------------------------------------
def distinct(log: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """The events once each, in canonical order: by instant, then kind, then id."""
    kept: dict[tuple[str, str, str, str], dict[str, Any]] = {}
    for event in log:
        at = instant_of(event["at"])
        key = (event["business"], event["customer"], event["event"], event.get("id") or text_of(at))
        other = kept.get(key)
        if other is None or age(event) < age(other):
            kept[key] = event
    return sorted(
        kept.values(),
        key=lambda e: (
            instant_of(e["at"]),
            RANK[e["event"]],
            e.get("id") or "",
            e["event"],
            e["business"],
            e["customer"],
        ),
    )


def age(event: dict[str, Any]) -> tuple[int, str]:
    """Of two events with one identity the earlier is used. We read: of one instant, the first in alphabetical order."""
    rest = {name: value for name, value in event.items() if name != "at"}
    return instant_of(event["at"]), json.dumps(rest, sort_keys=True)


# --- time -------------------------------------------------------------------------------------------------------------
EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


def instant_of(value: object) -> int:
    """Microseconds since 1970 of an RFC 3339 text with an offset, or of whole epoch seconds."""
    if isinstance(value, int):
        return value * SECOND
    written = str(value).upper().replace(" ", "T")
    return micros(datetime.fromisoformat(written))


def micros(moment: datetime) -> int:
    return (moment.astimezone(UTC) - EPOCH) // timedelta(microseconds=1)


def moment_of(instant: int) -> datetime:
    return EPOCH + timedelta(microseconds=instant)


def text_of(instant: int) -> str:
    return moment_of(instant).isoformat().replace("+00:00", "Z")


def zone_of(name: str) -> tzinfo:
    """A named zone, or a fixed offset such as +03:00."""
    if name.upper() in ("UTC", "Z"):
        return UTC
    fixed = re.fullmatch(r"([+-])([0-9]{2}):([0-9]{2})", name)
    if fixed is None:
        return ZoneInfo(name)
    offset = timedelta(hours=int(fixed[2]), minutes=int(fixed[3]))
    return timezone(-offset if fixed[1] == "-" else offset)


@cache
def midnight(day: date, zone: tzinfo) -> int:
    """
    The instant at which that date begins in the zone.

    Where the clock shows midnight twice it is the first; where it skips midnight, the first instant after the gap.
    """
    shown = datetime(day.year, day.month, day.day, tzinfo=zone)
    first = micros(shown)
    if moment_of(first).astimezone(zone).replace(tzinfo=None) == shown.replace(tzinfo=None):
        return first
    before, after = micros(shown.replace(fold=1)), first
    offset = moment_of(after).astimezone(zone).utcoffset()
    while after - before > 1:
        middle = (before + after) // 2
        if moment_of(middle).astimezone(zone).utcoffset() == offset:
            after = middle
        else:
            before = middle
    return after


def date_of(instant: int, zone: tzinfo) -> date:
    """The date by which the law is chosen: the last midnight that has begun."""
    day = moment_of(instant).astimezone(zone).date()
    while midnight(day, zone) > instant:
        day -= timedelta(days=1)
    while day < date.max - timedelta(days=1) and midnight(day + timedelta(days=1), zone) <= instant:
        day += timedelta(days=1)
    return day
