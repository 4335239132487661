"""A rulebook that contradicts itself is refused when it is built, with the cell and the rule ids in the message."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import attrs
import pytest

from fsm.errors import BadRulebook, UnknownRule
from fsm.rulebooks.timeline import editions
from fsm.rules import acts, facts
from fsm.rules.check import check
from fsm.rules.tables import EXTENDS, JOINS, OWN_CATEGORY, RESTARTS, STAYS, Charge, Lane, Permission, Row, Rulebook

WINDOW = "customer_service_window"
BOOK = next(book for book in editions() if book.name == "cbp-2023-06")
"""The fullest of the rulebooks: every kind of lane, an old conversation, an allowance."""


# --- how a fault is planted -------------------------------------------------
def _lane(name: str, change: Callable[[Lane], Lane]) -> Rulebook:
    return attrs.evolve(BOOK, lanes=tuple(change(lane) if lane.name == name else lane for lane in BOOK.lanes))


def _state(lane: str, state: str, **changes: Any) -> Rulebook:
    def change(old: Lane) -> Lane:
        states = tuple(attrs.evolve(each, **changes) if each.name == state else each for each in old.states)
        return attrs.evolve(old, states=states)

    return _lane(lane, change)


def _row(lane: str, wanted: Callable[[Row], bool], **changes: Any) -> Rulebook:
    """The rulebook with the first row that is wanted changed."""
    found = next(row for row in BOOK.lane(lane).rows if wanted(row))
    return _lane(
        lane,
        lambda old: attrs.evolve(
            old, rows=tuple(attrs.evolve(row, **changes) if row is found else row for row in old.rows)
        ),
    )


def _without_row(lane: str, wanted: Callable[[Row], bool]) -> Rulebook:
    assert any(wanted(row) for row in BOOK.lane(lane).rows)
    return _lane(lane, lambda old: attrs.evolve(old, rows=tuple(row for row in old.rows if not wanted(row))))


def _with_row(lane: str, row: Row) -> Rulebook:
    return _lane(lane, lambda old: attrs.evolve(old, rows=(*old.rows, row)))


def _clause(name: str, change: Callable[[Permission], Permission | None]) -> Rulebook:
    clauses = []
    for clause in BOOK.clauses:
        if clause.name == name:
            rows = [change(line) for line in clause.rows]
            clause = attrs.evolve(clause, rows=tuple(line for line in rows if line is not None))
        clauses.append(clause)
    assert clauses != list(BOOK.clauses)
    return attrs.evolve(BOOK, clauses=tuple(clauses))


def _refused(book: Rulebook, *says: str) -> str:
    with pytest.raises(BadRulebook) as refusal:
        check(book)
    message = str(refusal.value)
    assert message.startswith(BOOK.edition)
    for part in says:
        assert part in message
    return message


# --- sound tables -----------------------------------------------------------
@pytest.mark.parametrize("book", editions(), ids=lambda book: book.edition)
def test_every_edition_passes_its_own_check_and_comes_back_unchanged(book: Rulebook) -> None:
    assert check(book) is book


# --- words that do not exist ------------------------------------------------
def test_a_row_from_an_unknown_state_is_refused_with_the_state_that_was_meant() -> None:
    book = _row(WINDOW, lambda row: row.source == ("open",), source=("opened",))
    _refused(book, f"lane {WINDOW}: state 'opened' does not exist.", "Did you mean 'open'?")


def test_a_row_to_an_unknown_state_is_refused_with_the_states_there_are() -> None:
    book = _row(WINDOW, lambda row: row.dest == "open", dest="zzz")
    _refused(book, "state 'zzz' does not exist.", "Known are: closed, open, boundary.")


def test_a_row_on_an_unknown_act_is_refused() -> None:
    book = _row(WINDOW, lambda row: row.dest == RESTARTS, on=("customer_mesage",))
    _refused(book, f"lane {WINDOW}: act 'customer_mesage' does not exist.", "Did you mean 'customer_message'?")


@pytest.mark.parametrize("member", ["needs", "unless"])
def test_a_row_that_asks_an_unknown_fact_is_refused(member: str) -> None:
    book = _row("marketing", lambda row: row.dest == "business_open", **{member: ("free_entry_point_opne",)})
    _refused(book, "fact 'free_entry_point_opne' does not exist.", "Did you mean 'free_entry_point_open'?")


def test_a_lane_may_ask_only_facts_that_are_known_before_its_machine_runs() -> None:
    """Prices and permissions may ask anything; a lane that did would depend on what it decides itself."""
    assert facts.WOULD_BE_CHARGED in facts.ASKS
    book = _row("marketing", lambda row: row.dest == "business_open", needs=(facts.WOULD_BE_CHARGED,))
    _refused(book, "lane marketing: fact 'would_be_charged' does not exist.")


def test_a_row_that_cites_an_unknown_rule_is_refused() -> None:
    book = _row(WINDOW, lambda row: row.rule == "CSW-01", rule="CSW-99")
    _refused(book, f"lane {WINDOW}: rule 'CSW-99' does not exist.", "Did you mean 'CSW-")


def test_a_clock_that_cites_an_unknown_rule_is_refused() -> None:
    _refused(_state(WINDOW, "open", rule="CSW-99"), f"lane {WINDOW}: rule 'CSW-99' does not exist.")
    _refused(_state(WINDOW, "open", rule=""), f"lane {WINDOW}: rule '' does not exist.")


def test_a_permission_for_an_unknown_message_is_refused() -> None:
    book = _clause("window", lambda line: attrs.evolve(line, messages=tuple(f"{m}s" for m in line.messages)))
    _refused(book, "clause window: message 'marketing_templates' does not exist.", "Did you mean 'marketing_template'?")


def test_a_permission_with_an_unknown_verdict_is_refused() -> None:
    book = _clause("window", lambda line: attrs.evolve(line, verdict="allow"))
    _refused(book, "clause window: verdict 'allow' does not exist.", "Did you mean 'allowed'?")


@pytest.mark.parametrize("member", ["needs", "unless"])
def test_a_permission_that_asks_an_unknown_fact_is_refused(member: str) -> None:
    book = _clause("template", lambda line: attrs.evolve(line, **{member: ("template_aproved",)}))
    _refused(book, "clause template: fact 'template_aproved' does not exist.", "Did you mean 'template_approved'?")


def test_a_permission_that_cites_an_unknown_rule_is_refused() -> None:
    book = _clause("template", lambda line: attrs.evolve(line, rules=("TPL-99",)))
    _refused(book, "clause template: rule 'TPL-99' does not exist.")


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"line": "marketting"}, "rate line 'marketting' does not exist. Did you mean 'marketing'?"),
        ({"why": "free-tier"}, "reason 'free-tier' does not exist. Did you mean 'free_tier'?"),
        ({"flag": "unknown_categry"}, "flag 'unknown_categry' does not exist. Did you mean 'unknown_category'?"),
        ({"needs": ("windo_open",)}, "fact 'windo_open' does not exist."),
        ({"rules": ("CBP2-99",)}, "rule 'CBP2-99' does not exist."),
    ],
    ids=["rate line", "reason", "flag", "fact", "rule"],
)
def test_a_charge_with_an_unknown_word_is_refused(changes: dict[str, Any], says: str) -> None:
    only = Charge((acts.APP,), None, "not_billable", ("CSW-08",))
    charges = tuple(line for line in BOOK.charges if acts.APP not in line.messages)
    planted = attrs.evolve(BOOK, charges=(*charges, attrs.evolve(only, **changes)))
    if "needs" in changes:  # keep the table total, so that the word itself is what is wrong
        planted = attrs.evolve(
            planted, charges=(*planted.charges, attrs.evolve(only, unless=changes["needs"], needs=()))
        )
    _refused(planted, f"charges: {says}")


def test_a_charge_for_an_unknown_message_is_refused() -> None:
    extra = Charge(("newsletter",), None, "not_billable", ("CSW-08",))
    book = attrs.evolve(BOOK, charges=(*BOOK.charges, extra))
    _refused(book, "charges: message 'newsletter' does not exist.")


# --- a cell with no row, and with two ---------------------------------------
def test_a_cell_without_a_row_is_refused_with_the_fact_and_the_rules_of_its_neighbours() -> None:
    book = _without_row(WINDOW, lambda row: row.dest == RESTARTS and row.on == ("customer_message",))
    message = _refused(
        book,
        f"lane {WINDOW}, customer message in state 'open': no row says what happens",
        f"with {facts.COUNTS}",
        "Add a row, or drop a condition from one of CSW-06",
    )
    assert "CSW-02" not in message


def test_a_state_in_which_no_row_knows_an_act_is_refused() -> None:
    book = _row(WINDOW, lambda row: row.on == ("welcome_requested",) and row.dest == "open", source=("closed",))
    _refused(book, "welcome requested in state 'boundary': no row says what happens with no fact true")


def test_a_cell_with_two_rows_is_refused_with_both_rules_and_the_fact() -> None:
    extra = Row(("customer_message",), ("open",), STAYS, "CSW-06", needs=(facts.COUNTS,))
    _refused(
        _with_row(WINDOW, extra),
        f"lane {WINDOW}, customer message in state 'open': 2 rows say what happens with {facts.COUNTS}: ",
        "CSW-02 and CSW-06",
        "Exactly one must.",
    )


def test_a_clash_that_needs_two_facts_at_once_is_found_and_both_are_named() -> None:
    """Neither row is wrong alone: only where both facts hold do they contradict each other."""
    extra = Row(
        ("free_form_delivered",),
        ("idle",),
        STAYS,
        "CBP2-05",
        needs=(facts.ENTRY_POINT_OPEN, facts.ANY_CONVERSATION_OPEN),
    )
    message = _refused(_with_row("service", extra), "lane service, free form delivered in state 'idle'")
    assert re.search(r"with any_conversation_open, free_entry_point_open: CBP2-03 and CBP2-05\.", message)


def test_three_rows_for_one_cell_are_counted() -> None:
    extra = Row(("opted_in",), ("unknown",), STAYS, "OPT-03")
    _refused(
        _lane("opt_in", lambda old: attrs.evolve(old, rows=(*old.rows, extra, extra))),
        "opted in in state 'unknown': 3 rows say what happens with no fact true: OPT-01 and OPT-03 and OPT-03",
    )


def test_a_clause_that_forgets_a_case_is_refused() -> None:
    book = _clause("template", lambda line: None if line.verdict == "unspecified" else line)
    _refused(book, "clause template, marketing template: no row says what happens with no fact true", "TPL-01")


def test_a_clause_that_answers_twice_is_refused() -> None:
    book = _clause(
        "window",
        lambda line: attrs.evolve(line, messages=(*line.messages, acts.APP)) if "free_form" in line.messages else line,
    )
    _refused(book, "clause window, app: 2 rows say what happens", "CSW-08 and CSW-03")


def test_a_message_without_a_charge_is_refused() -> None:
    """A price of nothing is a line too; a message that stands in no line would crash the first delivery."""
    charges = tuple(line for line in BOOK.charges if acts.APP not in line.messages)
    _refused(attrs.evolve(BOOK, charges=charges), "charges, app: no row says what happens with no fact true")


def test_a_message_with_two_charges_is_refused() -> None:
    again = Charge((acts.APP,), "service", "regular", ("CBP2-04", "CBP2-10"))
    _refused(
        attrs.evolve(BOOK, charges=(*BOOK.charges, again)),
        "charges, app: 2 rows say what happens with no fact true: CSW-08 and CBP2-04, CBP2-10",
    )


# --- clocks -----------------------------------------------------------------
@pytest.mark.parametrize("then", ["", "nowhere", "open"], ids=["missing", "unknown", "the state itself"])
def test_a_clock_that_leads_to_no_other_state_is_refused(then: str) -> None:
    _refused(
        _state(WINDOW, "open", then=then),
        f"state 'open' has a clock but cannot run out: it goes to {then!r}.",
        "Name one of the other states: closed, boundary.",
    )


@pytest.mark.parametrize("lasts", [timedelta(0), timedelta(hours=-1)], ids=["no time", "negative time"])
def test_a_clock_that_runs_for_no_time_is_refused(lasts: timedelta) -> None:
    _refused(_state(WINDOW, "open", lasts=lasts), f"the clock of state 'open' runs for {lasts}", "must run for a while")


def test_a_state_with_a_clock_into_which_no_row_leads_is_refused() -> None:
    entering = [row for row in BOOK.lane("marketing").rows if row.dest == "business_open"]
    book = _lane(
        "marketing",
        lambda old: attrs.evolve(
            old, rows=tuple(attrs.evolve(row, dest=STAYS) if row in entering else row for row in old.rows)
        ),
    )
    _refused(book, "lane marketing: state 'business_open' has a clock, but no row leads into it.")


def test_a_lane_that_only_runs_out_may_have_states_into_which_no_row_leads() -> None:
    """What an earlier rulebook left open must still end, although nothing opens it any more."""
    assert BOOK.lane("conversation").runs_out
    assert not any(row.dest == "user_initiated_open" for row in BOOK.lane("conversation").rows)
    opens_nothing = _lane("conversation", lambda old: attrs.evolve(old, runs_out=False))
    _refused(opens_nothing, "lane conversation: state 'user_initiated_open' has a clock, but no row leads into it.")


def test_a_state_that_goes_on_without_a_clock_is_refused() -> None:
    _refused(_state(WINDOW, "closed", then="open"), "state 'closed' goes to 'open' but has no clock to send it there.")


def test_a_clock_counted_from_nothing_known_is_refused() -> None:
    _refused(_state(WINDOW, "open", counted_from="send"), "counted_from 'send' does not exist.")


@pytest.mark.parametrize("dest", [RESTARTS, EXTENDS])
def test_a_clock_is_not_restarted_or_extended_in_a_state_that_has_none(dest: str) -> None:
    book = _row(
        WINDOW,
        lambda row: row.rule == "CSW-01",
        source=("closed",),
        dest=dest,
        adds=timedelta(hours=1) if dest == EXTENDS else None,
    )
    _refused(book, f"rule CSW-01 {dest} a clock in state 'closed', which has none.")


def test_an_extension_says_how_much_it_adds() -> None:
    book = _row(WINDOW, lambda row: row.dest == RESTARTS, dest=EXTENDS)
    _refused(book, "rule CSW-02: 'extends' says how much it adds, and nothing else does.")


def test_nothing_but_an_extension_says_how_much_it_adds() -> None:
    book = _row(WINDOW, lambda row: row.dest == RESTARTS, adds=timedelta(hours=1))
    _refused(book, "rule CSW-02: 'extends' says how much it adds, and nothing else does.")


# --- refusals and doubts ----------------------------------------------------
def test_a_refusal_without_an_error_code_is_refused() -> None:
    book = _clause("window", lambda line: attrs.evolve(line, error=None))
    _refused(book, "clause window: a refusal carries an error code, and nothing else does.", "CSW-03")


def test_an_error_code_on_a_line_that_refuses_nothing_is_refused() -> None:
    book = _clause("window", lambda line: attrs.evolve(line, error=131047) if line.verdict == "allowed" else line)
    _refused(book, "clause window: a refusal carries an error code, and nothing else does.")


def test_an_unspecified_line_says_what_may_be_assumed() -> None:
    book = _clause("window", lambda line: attrs.evolve(line, assume=""))
    _refused(book, "clause window: 'unspecified' says what may be assumed, and nothing else does.")


def test_a_line_that_is_sure_assumes_nothing() -> None:
    book = _clause("window", lambda line: attrs.evolve(line, assume="allowed") if line.verdict == "allowed" else line)
    _refused(book, "clause window: 'unspecified' says what may be assumed, and nothing else does.")


# --- names ------------------------------------------------------------------
def test_two_lanes_of_one_name_are_refused() -> None:
    _refused(attrs.evolve(BOOK, lanes=(*BOOK.lanes, BOOK.lanes[0])), f"lane {WINDOW!r} stands twice.")


def test_two_states_of_one_name_are_refused() -> None:
    book = _lane("opt_in", lambda old: attrs.evolve(old, states=(*old.states, old.states[0])))
    _refused(book, "lane opt_in: state 'unknown' stands twice.")


def test_two_clauses_of_one_name_are_refused() -> None:
    """An amendment replaces a clause by its name: of two, it would replace one and leave the other in force."""
    _refused(attrs.evolve(BOOK, clauses=(*BOOK.clauses, BOOK.clauses[0])), "clause", "stands twice.")


def test_an_allowance_that_cites_an_unknown_rule_is_refused() -> None:
    assert BOOK.allowance is not None
    _refused(attrs.evolve(BOOK, allowance=attrs.evolve(BOOK.allowance, rule="CBP2-99")), "rule 'CBP2-99'")


def test_an_allowance_per_nothing_known_is_refused() -> None:
    """The scope decides who shares the free units; a slip there changes invoices."""
    assert BOOK.allowance is not None
    _refused(attrs.evolve(BOOK, allowance=attrs.evolve(BOOK.allowance, per="phone number")), "phone number")


def test_a_state_reported_under_an_unknown_name_is_refused() -> None:
    _refused(_state("marketing", "business_open", reported="marketting"), "'marketting'")


# --- what tables answer -----------------------------------------------------
def test_a_rule_that_is_not_in_force_is_refused_with_the_edition() -> None:
    assert BOOK.rule("CSW-01").id == "CSW-01"
    with pytest.raises(UnknownRule, match=r"no rule 'PMP-01' is in force in cbp-2023-06 \(2023-06-01\)"):
        BOOK.rule("PMP-01")


def test_the_four_ways_to_change_nothing_or_little_are_no_states() -> None:
    names = {state.name for book in editions() for lane in book.lanes for state in lane.states}
    assert names.isdisjoint({STAYS, JOINS, RESTARTS, EXTENDS})
    assert OWN_CATEGORY not in {line.why for book in editions() for line in book.charges}
