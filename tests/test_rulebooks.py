"""The rulebooks in order of time: none missing, none twice, every rule sourced, every knob a knob."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, timedelta, timezone, tzinfo
from itertools import pairwise
from zoneinfo import ZoneInfo

import attrs
import pytest

from fsm import terms
from fsm.errors import BadAccount, NoRulebookInForce, UnknownRulebook
from fsm.events import Account, datetime_of, instant_of, micros
from fsm.machine import Law
from fsm.rulebooks import numbers
from fsm.rulebooks.ai_providers import BRAZIL, ITALY, REST_OF_EEA
from fsm.rulebooks.knobs import COUNTING_KINDS, KNOBS, Knob, Policy, policy_of
from fsm.rulebooks.sources import SOURCES
from fsm.rulebooks.timeline import editions, in_force, midnight, named, names, place, starts
from fsm.rulebooks.us_area_codes import US_STATES, US_TERRITORIES
from fsm.rules.tables import Rule, Rulebook

BOOKS = editions()
SECOND = micros(timedelta(seconds=1))
HOUR = 3600 * SECOND

ZONES: Mapping[str, tzinfo] = {
    "UTC": UTC,
    "Kiritimati": ZoneInfo("Pacific/Kiritimati"),
    "Midway": ZoneInfo("Pacific/Midway"),
    "Kathmandu": ZoneInfo("Asia/Kathmandu"),
    "Havana": ZoneInfo("America/Havana"),
    "Asuncion": ZoneInfo("America/Asuncion"),
    "Cairo": ZoneInfo("Africa/Cairo"),
    "fixed": timezone(timedelta(hours=-9, minutes=-30)),
}


# --- editions ---------------------------------------------------------------
def test_editions_follow_each_other_and_their_dates_are_those_documented() -> None:
    """Whoever changes a date here changes what somebody may send on it."""
    assert [(book.since.isoformat(), book.name) for book in BOOKS] == [
        ("2019-06-01", "nbp"),
        ("2022-02-01", "cbp-2022-02"),
        ("2023-03-01", "cbp-2022-02"),
        ("2023-04-01", "cbp-2023-04"),
        ("2023-06-01", "cbp-2023-06"),
        ("2024-06-01", "cbp-2023-06"),
        ("2024-10-15", "cbp-2023-06"),
        ("2024-11-01", "cbp-2024-11"),
        ("2024-11-18", "cbp-2024-11"),
        ("2025-02-01", "cbp-2024-11"),
        ("2025-04-01", "cbp-2024-11"),
        ("2025-07-01", "pmp-2025-07"),
        ("2025-07-15", "pmp-2025-07"),
        ("2026-02-16", "pmp-2025-07"),
        ("2026-03-11", "pmp-2025-07"),
        ("2026-05-13", "pmp-2025-07"),
        ("2026-07-31", "pmp-2025-07"),
        ("2026-08-01", "pmp-2026-08"),
        ("2026-09-28", "pmp-2026-08"),
        ("2026-10-01", "pmp-2026-10"),
        ("2027-01-01", "pmp-2026-10"),
        ("2027-07-01", "pmp-2026-10"),
        ("2028-01-01", "pmp-2026-10"),
    ]


def test_names_are_those_of_the_editions_in_order_and_each_names_one_run_of_them() -> None:
    assert names() == tuple(dict.fromkeys(book.name for book in BOOKS))
    runs = [named(BOOKS, name) for name in names()]
    assert [first for first, _ in runs] == [0, *(last + 1 for _, last in runs[:-1])]
    assert runs[-1][1] == len(BOOKS) - 1


def test_every_edition_has_a_name_of_its_own_a_title_and_says_what_it_changed() -> None:
    assert len({book.edition for book in BOOKS}) == len(BOOKS)
    for book in BOOKS:
        assert book.title
        assert book.changed.endswith(".")


def test_an_unknown_rulebook_is_refused_with_those_there_are() -> None:
    with pytest.raises(UnknownRulebook, match=r"there is no rulebook 'cbp-2023'; there are nbp, .*, and 'auto'"):
        named(BOOKS, "cbp-2023")
    with pytest.raises(UnknownRulebook, match="there is no rulebook 'newest'"):
        Law(rulebook="newest")


@pytest.mark.parametrize("book", BOOKS, ids=lambda book: book.edition)
def test_a_day_finds_the_edition_that_began_on_it_or_last_before_it(book: Rulebook) -> None:
    assert in_force(book.since).edition == book.edition
    if book is not BOOKS[0]:
        before = BOOKS[BOOKS.index(book) - 1]
        assert in_force(book.since - timedelta(days=1)).edition == before.edition


@pytest.mark.parametrize("day", [date(2019, 5, 31), date(1970, 1, 1)])
def test_a_day_before_the_first_rulebook_is_refused_and_never_guessed(day: date) -> None:
    with pytest.raises(NoRulebookInForce) as refusal:
        in_force(day)
    message = str(refusal.value)
    assert day.isoformat() in message
    assert "the first rulebook, nbp, starts on 2019-06-01" in message
    assert "Ask about a later date" in message


@pytest.mark.parametrize("name", ZONES)
def test_the_last_microsecond_before_the_first_rulebook_is_refused(name: str) -> None:
    law = Law(Account(time_zone=ZONES[name]))
    first = midnight(BOOKS[0].since, ZONES[name])
    assert law.edition_at(first).book.name == "nbp"
    with pytest.raises(NoRulebookInForce):
        law.edition_at(first - 1)


def test_one_rulebook_for_every_instant_covers_even_those_before_it() -> None:
    """A what-if asks what another law would have said; there the dates of that law do not matter."""
    law = Law(rulebook="pmp-2026-10")
    assert law.edition_at(0).book.edition == "pmp-2026-10 (2026-10-01)"
    assert law.edition_at(instant_of(datetime(2030, 1, 1, tzinfo=UTC))).book.edition == "pmp-2026-10 (2028-01-01)"


def test_an_edition_has_a_predecessor_it_builds_on_and_never_a_later_one() -> None:
    for earlier, later in pairwise(BOOKS):
        assert earlier.since < later.since
        assert set(earlier.rules) <= set(later.rules), "a rule that once held can still be looked up"


# --- no instant has zero or two rulebooks -----------------------------------
@pytest.mark.parametrize("name", ZONES)
def test_every_second_around_every_switch_has_exactly_one_rulebook(name: str) -> None:
    """Two hours on either side, because that is how far clock changes reach."""
    law = Law(Account(time_zone=ZONES[name]))
    begins = starts(BOOKS, ZONES[name])
    assert len(law.editions) == len(BOOKS)
    for number in range(1, len(BOOKS)):
        switch = begins[number]
        expected = law.editions[number - 1]
        for at in range(switch - 2 * HOUR, switch + 2 * HOUR + 1, SECOND):
            if at == switch:
                expected = law.editions[number]
            assert law.edition_at(at) is expected
        assert law.edition_at(switch - 1) is law.editions[number - 1]


@pytest.mark.parametrize("name", ZONES)
def test_editions_join_without_a_gap_or_an_overlap(name: str) -> None:
    law = Law(Account(time_zone=ZONES[name]))
    for earlier, later in pairwise(law.editions):
        assert earlier.ends == later.begins
    assert law.editions[-1].ends is None


# --- local midnights --------------------------------------------------------
def _shown(at: int, zone: tzinfo) -> datetime:
    return datetime_of(at).astimezone(zone)


@pytest.mark.parametrize(
    ("zone", "day", "begins"),
    [
        ("America/Havana", date(2026, 11, 1), "2026-11-01T04:00:00+00:00"),
        ("America/Havana", date(2023, 11, 5), "2023-11-05T04:00:00+00:00"),
    ],
)
def test_a_midnight_that_the_clocks_show_twice_is_the_first(zone: str, day: date, begins: str) -> None:
    """The clocks go back from 01:00 to 00:00, so the day begins twice."""
    at = midnight(day, ZoneInfo(zone))
    assert datetime_of(at).isoformat() == begins
    assert _shown(at - 1, ZoneInfo(zone)).date() == day - timedelta(days=1)


@pytest.mark.parametrize(
    ("zone", "day", "begins"),
    [
        ("America/Asuncion", date(2023, 10, 1), "2023-10-01T04:00:00+00:00"),
        ("America/Havana", date(2024, 3, 10), "2024-03-10T05:00:00+00:00"),
        ("Africa/Cairo", date(2023, 4, 28), "2023-04-27T22:00:00+00:00"),
        ("Asia/Beirut", date(2022, 3, 27), "2022-03-26T22:00:00+00:00"),
    ],
)
def test_a_midnight_that_the_clocks_skip_is_the_first_instant_after_it(zone: str, day: date, begins: str) -> None:
    at = midnight(day, ZoneInfo(zone))
    assert datetime_of(at).isoformat() == begins
    assert _shown(at, ZoneInfo(zone)).replace(tzinfo=None) == datetime(day.year, day.month, day.day, 1)  # noqa: DTZ001
    assert _shown(at - 1, ZoneInfo(zone)).date() == day - timedelta(days=1)


def test_a_day_that_the_calendar_skipped_begins_where_the_next_one_does() -> None:
    """Samoa went from the 29th to the 31st of December 2011."""
    apia = ZoneInfo("Pacific/Apia")
    assert midnight(date(2011, 12, 30), apia) == midnight(date(2011, 12, 31), apia)


@pytest.mark.parametrize(
    "zone", ["America/Havana", "America/Asuncion", "Africa/Cairo", "Asia/Beirut", "Australia/Lord_Howe", "America/Nuuk"]
)
def test_every_midnight_of_ten_years_is_the_first_instant_of_its_day(zone: str) -> None:
    """The instant before shows an earlier day, the instant itself the day; and days begin one after the other."""
    clock = ZoneInfo(zone)
    days = [date(2019, 1, 1) + timedelta(days=number) for number in range(3653)]
    begins = [midnight(day, clock) for day in days]
    for day, at in zip(days, begins, strict=True):
        assert _shown(at, clock).date() == day
        assert _shown(at - 1, clock).date() == day - timedelta(days=1)
    assert all(23 * HOUR <= later - earlier <= 25 * HOUR for earlier, later in pairwise(begins))


def test_the_place_of_an_instant_is_that_of_the_last_start_not_after_it() -> None:
    begins = starts(BOOKS, UTC)
    assert place(begins, begins[3]) == 3
    assert place(begins, begins[3] - 1) == 2
    assert place(begins, begins[-1] + 10**15) == len(BOOKS) - 1


# --- rules ------------------------------------------------------------------
EVERY_RULE = {id: rule for book in BOOKS for id, rule in book.rules.items()}


@pytest.mark.parametrize("rule", EVERY_RULE.values(), ids=lambda rule: rule.id)
def test_a_rule_has_an_id_a_sentence_a_confidence_and_sources_that_were_read(rule: Rule) -> None:
    assert rule.id.strip() == rule.id != ""
    assert rule.says.endswith(".")
    assert rule.says[0].isupper()
    assert rule.confidence in ("A", "B", "C", "?")
    assert rule.sources, "a rule without a source is an opinion"
    assert set(rule.sources) <= set(SOURCES)


@pytest.mark.parametrize("rule", [rule for rule in EVERY_RULE.values() if rule.confidence == "?"], ids=lambda r: r.id)
def test_a_rule_documented_nowhere_says_how_it_was_read(rule: Rule) -> None:
    assert rule.reading


@pytest.mark.parametrize("rule", [rule for rule in EVERY_RULE.values() if rule.knob], ids=lambda rule: rule.id)
def test_the_knob_of_a_rule_exists_and_belongs_to_the_rule(rule: Rule) -> None:
    assert rule.id in KNOBS[rule.knob].rules
    assert rule.reading, "a knob has a default, and the reading says which"


def test_a_rule_says_the_same_in_every_edition() -> None:
    """Ids are stable: what changes gets a new id, so that a tag never proves two things."""
    for book in BOOKS:
        for id, rule in book.rules.items():
            assert rule.id == id
            assert rule == EVERY_RULE[id]


@pytest.mark.parametrize("source", SOURCES.values(), ids=lambda source: source.key)
def test_a_source_says_what_was_read_where_in_which_state_and_when(source: attrs.AttrsInstance) -> None:
    assert all(attrs.asdict(source).values())
    assert attrs.asdict(source)["url"].startswith("https://")


def test_every_source_is_the_source_of_some_rule() -> None:
    cited = {key for rule in EVERY_RULE.values() for key in rule.sources}
    uncited = set(SOURCES) - cited
    assert uncited <= {"WHATOOLS", "CAPTURES", "M-PMPU", "YELLOW"}, "a text nobody cites says nothing here"


def _cited(book: Rulebook) -> Iterator[str]:
    for lane in book.lanes:
        yield from (row.rule for row in lane.rows)
        yield from (state.rule for state in lane.states if state.lasts is not None)
    for clause in book.clauses:
        yield from (id for line in clause.rows for id in line.rules)
    yield from (id for line in book.charges for id in line.rules)
    if book.allowance:
        yield book.allowance.rule


# --- knobs ------------------------------------------------------------------
def _other_answers(knob: Knob) -> list[object]:
    if knob.many:
        return [(), knob.options, (knob.options[0],)]
    return [option for option in knob.options if option != knob.default]


CHANGES = [(knob.name, answer) for knob in KNOBS.values() for answer in _other_answers(knob)]
LAST_ANSWERS = tuple((knob.name, _other_answers(knob)[-1]) for knob in KNOBS.values())
FIRST_ANSWERS = tuple((knob.name, _other_answers(knob)[0]) for knob in KNOBS.values())


def test_policy_and_knobs_name_the_same_questions_with_the_same_defaults() -> None:
    assert {field.name: field.default for field in attrs.fields(Policy)} == {
        knob.name: knob.default for knob in KNOBS.values()
    }
    assert policy_of(()) == Policy()


@pytest.mark.parametrize("knob", KNOBS.values(), ids=lambda knob: knob.name)
def test_a_knob_asks_a_question_gives_its_reason_and_belongs_to_rules(knob: Knob) -> None:
    assert knob.asks.endswith("?")
    assert knob.why.endswith(".")
    assert knob.rules
    assert set(knob.rules) <= set(EVERY_RULE)
    assert len(set(knob.options)) == len(knob.options) >= 2
    assert set([knob.default] if isinstance(knob.default, str) else knob.default) <= set(knob.options)


def test_a_doubt_about_kinds_leaves_out_those_that_count_by_definition() -> None:
    assert sorted((*KNOBS["csw_inbound_kinds"].options, *COUNTING_KINDS)) == sorted(terms.KINDS)


@pytest.mark.parametrize(("name", "answer"), CHANGES, ids=[f"{name}={answer}" for name, answer in CHANGES])
def test_every_answer_to_a_knob_builds_every_edition(name: str, answer: object) -> None:
    books = editions(policy_of([(name, answer)]))
    assert [book.edition for book in books] == [book.edition for book in BOOKS]
    for book in books:
        assert set(_cited(book)) <= set(book.rules)


@pytest.mark.parametrize("answers", [FIRST_ANSWERS, LAST_ANSWERS], ids=["first", "last"])
def test_all_answers_changed_together_still_build_every_edition(answers: tuple[tuple[str, object], ...]) -> None:
    policy = policy_of(answers)
    assert all(getattr(policy, knob.name) != knob.default for knob in KNOBS.values())
    for book in editions(policy):
        assert set(_cited(book)) <= set(book.rules)


def _same_tables(one: Rulebook, other: Rulebook) -> bool:
    return all(
        getattr(one, name) == getattr(other, name) for name in ("lanes", "clauses", "charges", "readings", "attach")
    )


@pytest.mark.parametrize(("name", "answer"), CHANGES, ids=[f"{name}={answer}" for name, answer in CHANGES])
def test_every_answer_to_a_knob_changes_some_table(name: str, answer: object) -> None:
    """A knob that turns nothing would be a promise nobody keeps."""
    if (name, answer) == ("fep_model", "fixed_7d"):
        books = editions(policy_of([(name, answer)]))
        assert not books[-1].readings.entry_point_end_from_webhook
        return
    pairs = zip(BOOKS, editions(policy_of([(name, answer)])), strict=True)
    assert not all(_same_tables(one, other) for one, other in pairs)


@pytest.mark.parametrize(
    ("chosen", "says"),
    [
        ([("boundry", "closed")], "has no knob 'boundry'.*Did you mean 'boundary'"),
        ([("zzzz", "closed")], "has no knob 'zzzz'; known are boundary, csw_inbound_kinds"),
        (
            [("boundary", "shut")],
            "boundary is 'shut'; it must be one of half_open, closed. It answers: Is the customer",
        ),
        ([("boundary", ("closed",))], "boundary is .'closed',.; it must be one of"),
        ([("boundary", 5)], "boundary is 5; it must be one of"),
        ([("csw_inbound_kinds", "reaction")], "csw_inbound_kinds is 'reaction'; it must be a list of any of reaction"),
        ([("csw_inbound_kinds", ("reactions",))], "it must be a list of any of reaction, edit, revoke"),
        ([("csw_inbound_kinds", ([],))], "it must be a list of any of"),
        ([("csw_inbound_kinds", True)], "it must be a list of any of"),
    ],
)
def test_an_unknown_knob_or_answer_is_refused_with_the_choices(chosen: list[tuple[str, object]], says: str) -> None:
    with pytest.raises(BadAccount, match=says):
        policy_of(chosen)


@pytest.mark.parametrize(("value", "answer"), [(True, "yes"), (False, "no"), ("yes", "yes")])
def test_yes_and_no_may_be_written_as_true_and_false(value: object, answer: str) -> None:
    assert policy_of([("fep_page_cta", value)]).fep_page_cta == answer


def test_a_list_of_kinds_counts_in_one_order_and_may_repeat_those_that_count_anyway() -> None:
    assert policy_of([("csw_inbound_kinds", ("unsupported", "text", "edit"))]).csw_inbound_kinds == (
        "edit",
        "unsupported",
    )


# --- numbers ----------------------------------------------------------------
def test_area_codes_are_three_digits_and_no_territory_is_a_state() -> None:
    every = US_STATES | US_TERRITORIES
    assert all(len(code) == 3 and code.isdecimal() and code[0] in "23456789" for code in every)
    assert US_STATES.isdisjoint(US_TERRITORIES)
    assert {"212", "202", "907", "808"} <= US_STATES
    assert {"787", "939", "340", "671"} <= US_TERRITORIES
    assert not every & {"416", "604", "876", "809", "242", "800", "888", "900"}, "Canada, the Caribbean, toll-free"


@pytest.mark.parametrize(
    ("customer", "answer"),
    [
        ("12125550123", "yes"),
        ("+12125550123", "yes"),
        ("whatsapp:+12125550123", "yes"),
        ("+17875550123", "unknown"),
        ("+14165550123", "no"),
        ("+18005550123", "no"),
        ("1212555012", "no"),
        ("121255501234", "no"),
        ("2125550123", "no"),
        ("+5215550001111", "no"),
        ("US.13491208655302741918", "unknown"),
        ("BR.13491208655302741918", "no"),
        ("ana", "no"),
        ("", "no"),
        ("120363000000000000@g.us", "no"),
        ("１２１２５５５０１２３", "no"),
    ],
)
def test_a_us_area_code_is_told_from_the_number_and_unknown_where_it_is_hidden(customer: str, answer: str) -> None:
    assert numbers.us_area_code(customer) == answer


@pytest.mark.parametrize(
    ("customer", "market"),
    [
        ("+39055012345", "IT"),
        ("39055012345", "IT"),
        ("5511999990000", "BR"),
        ("whatsapp:+4915112345678", "DE"),
        ("+358401234567", "FI"),
        ("+35312345678", "IE"),
        ("+76001234567", "KZ"),
        ("+77710009998", "KZ"),
        ("IT.13491208655302741918", "IT"),
        ("BR.abcDEF123", "BR"),
    ],
)
def test_the_market_of_a_customer_is_told_from_calling_code_or_scoped_id(customer: str, market: str) -> None:
    everywhere = set(numbers.CALLING_CODES)
    assert numbers.in_market(customer, {market})
    assert not numbers.in_market(customer, everywhere - {market})


@pytest.mark.parametrize("customer", ["ana", "", "it.123", "IT.", "ITA.123", "IT-123", "+1 39 055", "US.39055012345"])
def test_an_id_that_is_neither_number_nor_scoped_id_is_in_no_market(customer: str) -> None:
    assert not numbers.in_market(customer, set(numbers.CALLING_CODES))


def test_no_calling_code_begins_another() -> None:
    codes = sorted(
        code for codes in numbers.CALLING_CODES.values() for code in ([codes] if isinstance(codes, str) else codes)
    )
    assert {"39", "76", "77"} <= set(codes)
    assert not [(one, other) for one, other in pairwise(codes) if other.startswith(one)]
    assert len(set(codes)) == len(codes)


def test_every_market_that_a_rulebook_names_has_a_calling_code() -> None:
    """One without would crash on the first phone number that asks."""
    for book in BOOKS:
        assert book.readings.ai_markets | book.readings.international_markets <= set(numbers.CALLING_CODES)
    assert len(REST_OF_EEA) == 29
    assert not REST_OF_EEA & (ITALY | BRAZIL)


@pytest.mark.parametrize(
    ("day", "markets"),
    [
        (date(2026, 2, 15), frozenset()),
        (date(2026, 2, 16), ITALY),
        (date(2026, 3, 10), ITALY),
        (date(2026, 3, 11), ITALY | REST_OF_EEA | BRAZIL),
        (date(2026, 5, 12), ITALY | REST_OF_EEA | BRAZIL),
        (date(2026, 5, 13), BRAZIL),
        (date(2028, 1, 1), BRAZIL),
    ],
)
def test_ai_providers_pay_in_the_markets_of_the_day(day: date, markets: frozenset[str]) -> None:
    assert in_force(day).readings.ai_markets == markets


@pytest.mark.parametrize(
    ("day", "countries"),
    [
        (date(2024, 5, 31), ""),
        (date(2024, 6, 1), "ID IN"),
        (date(2025, 1, 31), "ID IN"),
        (date(2025, 2, 1), "AE EG ID IN MY NG PK SA ZA"),
        (date(2026, 9, 30), "AE EG ID IN MY NG PK SA ZA"),
        (date(2026, 10, 1), "AE BD EG ID IN IQ KW KZ LK MA MY NG NP OM PK SA UA ZA"),
        (date(2028, 1, 1), "AE BD EG ID IN IQ KW KZ LK MA MY NG NP OM PK SA UA ZA"),
    ],
)
def test_the_countries_with_an_international_rate_are_those_of_the_day(day: date, countries: str) -> None:
    assert sorted(in_force(day).readings.international_markets) == countries.split()


@pytest.mark.parametrize("number", ["+79123456789", "+73361234567", "79123456789"])
def test_a_russian_number_is_not_a_kazakh_one(number: str) -> None:
    assert not numbers.in_market(number, {"KZ"})


@pytest.mark.parametrize(
    ("day", "currencies"),
    [
        (date(2026, 12, 31), {}),
        (date(2027, 1, 1), {"IN": "INR"}),
        (date(2027, 6, 30), {"IN": "INR"}),
        (date(2027, 7, 1), {"IN": "INR", "BR": "BRL"}),
    ],
)
def test_a_country_must_bill_in_its_own_currency_from_its_day(day: date, currencies: dict[str, str]) -> None:
    assert dict(in_force(day).readings.billing_currencies) == currencies


# --- what the editions say, spot by spot ------------------------------------
@pytest.mark.parametrize(
    ("day", "hours"),
    [
        (date(2022, 2, 1), 24),
        (date(2023, 2, 28), 24),
        (date(2023, 3, 1), 72),
        (date(2026, 9, 27), 72),
        (date(2026, 9, 28), 168),
    ],
)
def test_a_free_entry_point_lasts_as_long_as_on_its_day(day: date, hours: int) -> None:
    lane = in_force(day).lane(terms.FREE_ENTRY_POINT)
    assert lane.state("open").lasts == timedelta(hours=hours)
    assert lane.state("eligible").lasts == timedelta(hours=24)


@pytest.mark.parametrize(
    ("day", "lanes"),
    [
        (date(2019, 6, 1), {"opt_in"}),
        (date(2022, 2, 1), {"opt_in", "free_entry_point", "conversation"}),
        (
            date(2023, 6, 1),
            {"opt_in", "free_entry_point", "conversation", "marketing", "utility", "authentication", "service"},
        ),
        (date(2028, 1, 1), {"opt_in", "free_entry_point", "marketing_preference"}),
    ],
)
def test_the_lanes_are_those_of_the_day(day: date, lanes: set[str]) -> None:
    every = {lane.name for lane in in_force(day).lanes}
    assert every == {terms.CUSTOMER_SERVICE_WINDOW, terms.WINDOW_IN_DOUBT, *lanes}


@pytest.mark.parametrize(
    ("day", "units", "per"),
    [
        (date(2022, 1, 31), None, None),
        (date(2022, 2, 1), 1000, "account"),
        (date(2023, 6, 1), 1000, "account"),
        (date(2024, 10, 31), 1000, "account"),
        (date(2024, 11, 1), None, None),
        (date(2026, 9, 30), None, None),
        (date(2026, 10, 1), 1000, "business"),
    ],
)
def test_the_free_allowance_is_that_of_the_day(day: date, units: int | None, per: str | None) -> None:
    allowance = in_force(day).allowance
    assert (allowance.units if allowance else None, allowance.per if allowance else None) == (units, per)


@pytest.mark.parametrize(
    ("event", "first"),
    [
        ("customer_call", date(2025, 7, 15)),
        ("call_accepted", date(2025, 7, 15)),
        ("marketing_stopped", date(2024, 11, 18)),
        ("marketing_resumed", date(2024, 11, 18)),
        ("welcome_requested", date(2019, 6, 1)),
        ("opted_in", date(2019, 6, 1)),
    ],
)
def test_an_event_is_known_from_its_day_on(event: str, first: date) -> None:
    knowing = [book.since for book in BOOKS if any(event in lane.acts for lane in book.lanes)]
    assert knowing == [book.since for book in BOOKS if book.since >= first]
