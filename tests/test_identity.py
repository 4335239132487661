"""Identity: one customer under many names is one thread, whatever the order in which the names are learnt."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from itertools import pairwise, permutations
from random import Random
from typing import Any

import attrs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fsm.events import Account, Event, read_account, read_event
from fsm.identity import (
    SPELLINGS,
    SUSPICIONS,
    Aliases,
    Link,
    Suspicion,
    addressees,
    canonical,
    is_group,
    links_of,
    unify,
    unify_account,
)
from fsm.machine import Law
from fsm.replay import replay, write_result
from tests.parity.histories import history

STEADY = settings(deadline=None, derandomize=True)
LAW = Law(engine="table")
HOUR = 3600 * 1_000_000
NOON = 1_694_433_600 * 1_000_000  # 2023-09-11T12:00:00Z
BAKERY = "the bakery"
GROUP = "Y2FwaV9ncm91cDoxODA1NTU1MDE3MjoxMjAzNjMyMjI3NzE5NjMwNjcZD"
PHONE, ID, PARENT = "15550100099", "US.13491208655302741918", "US.ENT.11815799212886844830"


def _link(*ids: str, business: str = BAKERY) -> Link:
    return Link(business=business, ids=ids)


def _event(name: str, customer: str, at: int = NOON, id: str = "", **members: Any) -> Event:
    return Event(event=name, customer=customer, at=at, id=id, **{"business": BAKERY, **members})


def _unified(events: Sequence[Event], links: Iterable[Any] = ()) -> list[Event]:
    return list(unify(events, Aliases([*links, *links_of(events)])))


def _written(events: Iterable[Event], law: Law = LAW) -> list[str]:
    return [json.dumps(write_result(result)) for result in replay(law, events)]


def _suspected(links: Iterable[Any]) -> list[tuple[str, bool]]:
    return [(found.why, found.joined) for found in Aliases(links).suspicious()]


# --- one spelling for a phone number (PB-09) ----------------------------------
@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("525550001111", "525550001111"),
        ("5215550001111", "525550001111"),
        ("whatsapp:+52 1 55 5000 1111", "525550001111"),
        ("+52 (55) 5000-1111", "525550001111"),
        ("+52.55.5000.1111", "525550001111"),
        ("5215550001111@s.whatsapp.net", "525550001111"),
        ("5215550001111@c.us", "525550001111"),
        ("5491123456789", "541123456789"),
        ("+54 9 11 2345-6789", "541123456789"),
        ("54 11 2345 6789", "541123456789"),
        ("+54 9 2966 12-3456", "542966123456"),
        ("555191234567", "5551991234567"),
        ("+55 51 9 9123-4567", "5551991234567"),
        ("55 31 8765-4321", "5531987654321"),
        ("whatsapp:+5531987654321", "5531987654321"),
        ("+1 (212) 555-0123", "12125550123"),
    ],
)
def test_every_spelling_of_a_number_is_one_spelling(written: str, expected: str) -> None:
    """Rule: CSW-01. The mistake: PB-09."""
    assert canonical(written) == expected


@pytest.mark.parametrize(
    ("written", "why"),
    [
        ("521555000111", "twelve digits: the 1 is part of a number of ten digits"),
        ("52155500011112", "fourteen digits"),
        ("5210550001111", "a Mexican number does not begin with 0"),
        ("5211550001111", "nor with 1"),
        ("549112345678", "twelve digits: the 9 is the number's own"),
        ("54911234567890", "fourteen digits"),
        ("5494123456789", "no Argentine area code begins with 4"),
        ("541115234567", "fifteen in the middle: its place is not known"),
        ("553123456789", "a Brazilian landline begins with 2 to 5"),
        ("553153456789", "a Brazilian landline begins with 2 to 5"),
        ("551091234567", "no Brazilian area code ends with 0"),
        ("55319876543", "seven digits are no Brazilian number"),
        ("5531987654321", "it has its ninth digit already"),
        ("5631987654321", "Chile"),
        ("3215550001111", "Belgium"),
    ],
)
def test_a_number_of_another_length_or_range_keeps_its_digits(written: str, why: str) -> None:
    assert canonical(written) == written, why


@pytest.mark.parametrize(
    "name",
    [
        *("ana", "Ana 15550100099", "", "customer-15550100099", "15550100099x"),
        *(ID, PARENT, "BR.5215550001111", GROUP, "120363022277196306@g.us", "15550100099@lid"),
        *("0052 55 5000 1111", "055 5000 1111", "+0 555 000 1111", "(0) 20 7946 0958"),
        *("12-34", "555", "+123456", "1234567890123456", "+٥٢١٥٥٥٠٠٠١١١١", "５２１５５５０００１１１１"),
        *("+52 1 55 5000 1111 ext 2", "52_1_55_5000_1111", "whatsapp:ana", "++5215550001111"),
    ],
)
def test_what_is_no_phone_number_stays_exactly_as_it_is(name: str) -> None:
    assert canonical(name) == name


@STEADY
@given(st.one_of(st.text(), st.from_regex(r"(whatsapp:)?\+?5[245][0-9 ().-]{6,16}", fullmatch=True)))
def test_the_canonical_spelling_of_a_canonical_spelling_is_itself(name: str) -> None:
    assert canonical(canonical(name)) == canonical(name)


@STEADY
@given(st.from_regex(r"521[2-9][0-9]{9}|549[1-3][0-9]{9}|55[1-9][1-9][6-9][0-9]{7}", fullmatch=True))
def test_every_row_of_the_table_makes_two_spellings_one(number: str) -> None:
    other = canonical(number)
    assert other != number
    assert Aliases([_link(number), _link(other)]).names(BAKERY, number) == tuple(sorted((number, other)))


def test_every_row_of_the_table_has_a_source() -> None:
    assert {spelling.country for spelling in SPELLINGS} == {"MX", "AR", "BR"}
    assert all(spelling.source and spelling.reading for spelling in SPELLINGS)


# --- which name stands for a customer -------------------------------------------
@pytest.mark.parametrize("name", ["+52 1 55 5000 1111", "whatsapp:+15550100099", "5215550001111", ID, GROUP, "ana"])
def test_a_customer_with_one_spelling_keeps_it_as_written(name: str) -> None:
    events = [_event("customer_message", name, id="in-1"), _event("message_read", name, NOON + HOUR, "out-1")]
    assert _unified(events) == events


def test_a_number_in_several_spellings_is_written_in_the_canonical_one() -> None:
    aliases = Aliases([_link("5215550001111"), _link("+52 55 5000 1111")])
    assert aliases.of(BAKERY, "5215550001111") == aliases.of(BAKERY, "+52 55 5000 1111") == "525550001111"
    assert aliases.of(BAKERY, "whatsapp:+525550001111") == "525550001111", "also in a spelling that was not seen"
    assert aliases.names(BAKERY, "525550001111") == ("+52 55 5000 1111", "5215550001111")


@pytest.mark.parametrize(
    ("ids", "expected"),
    [
        ((ID, PHONE), PHONE),
        (("5215550001111", ID), "5215550001111"),
        (("39055012345", "15550100099", "ana"), "15550100099"),
        ((PARENT, ID), ID),
        (("US.2", "US.10", "ana"), "US.10"),
        (("Ana", "ana", "ben"), "Ana"),
    ],
)
def test_a_number_stands_for_a_customer_before_an_id_and_an_id_before_a_name(
    ids: tuple[str, ...], expected: str
) -> None:
    for order in permutations(ids):
        aliases = Aliases([_link(*order)])
        assert {aliases.of(BAKERY, name) for name in ids} == {expected}
        assert aliases.names(BAKERY, expected) == tuple(sorted(ids))


def test_one_spelling_of_a_number_is_kept_beside_an_id() -> None:
    aliases = Aliases([_link("+52 1 55 5000 1111", ID)])
    assert aliases.of(BAKERY, ID) == "+52 1 55 5000 1111"


def test_a_name_that_no_link_mentions_stands_for_itself() -> None:
    aliases = Aliases([_link(PHONE, ID)])
    assert aliases.of(BAKERY, "ana") == "ana"
    assert aliases.of("the florist", ID) == ID
    assert aliases.names("the florist", ID) == (ID,)


def test_the_representative_represents_itself() -> None:
    aliases = Aliases([_link("5215550001111", ID), _link("+52 55 5000 1111", "ana")])
    for name in ("5215550001111", ID, "ana", "+52 55 5000 1111"):
        assert aliases.of(BAKERY, aliases.of(BAKERY, name)) == aliases.of(BAKERY, name) == "525550001111"


# --- order, duplicates, chains ----------------------------------------------------
CHAIN = (_link(PHONE, "US.1"), _link("US.1", "US.2"), _link("US.2", PARENT), _link(PARENT, "ana"))


def test_links_from_pair_to_pair_make_one_customer_in_any_order() -> None:
    for order in permutations(CHAIN):
        aliases = Aliases(order)
        assert {aliases.of(BAKERY, name) for name in (PHONE, "US.1", "US.2", PARENT, "ana")} == {PHONE}


def _facts(aliases: Aliases, names: Iterable[tuple[str, str]]) -> object:
    return [(aliases.of(*name), aliases.names(*name)) for name in names], aliases.suspicious(), aliases.businesses


NAMES = (
    *("5215550001111", "+52 55 5000 1111", "5491123456789", "541123456789", PHONE, "+1 555 010 0099", "39055012345"),
    *(ID, PARENT, "MX.1", "MX.2", "ana", "ben", GROUP),
)
LINKS = st.builds(
    lambda business, ids: Link(business=business, ids=tuple(ids)),
    st.sampled_from((BAKERY, "the florist")),
    st.lists(st.sampled_from(NAMES), min_size=1, max_size=4, unique=True),
)


@STEADY
@given(st.lists(LINKS, max_size=8), st.randoms(use_true_random=False))
def test_order_and_duplicates_of_links_change_nothing(links: list[Link], random: Random) -> None:
    asked = [(business, name) for business in (BAKERY, "the florist") for name in NAMES]
    again = [*links, *random.sample(links, len(links) // 2)]
    random.shuffle(again)
    again = [attrs.evolve(link, ids=tuple(random.sample(link.ids, len(link.ids)))) for link in again]
    assert _facts(Aliases(links), asked) == _facts(Aliases(again), asked)


@STEADY
@given(st.lists(LINKS, max_size=8))
def test_clusters_share_no_name_and_lose_none(links: list[Link]) -> None:
    aliases = Aliases(links)
    for business in aliases.businesses:
        seen = {name for link in links if link.business == business for name in link.ids}
        clusters = {aliases.of(business, name): aliases.names(business, name) for name in seen}
        assert sorted(name for names in clusters.values() for name in names) == sorted(seen)
        assert all(names == (GROUP,) for names in clusters.values() if GROUP in names)


def test_a_chain_of_number_changes_is_one_customer_and_is_reported() -> None:
    numbers = ["15550100001", "15550100002", "15550100003", "15550100004"]
    changes = [_link(old, new) for old, new in pairwise(numbers)]
    for order in permutations(changes):
        aliases = Aliases(order)
        assert {aliases.of(BAKERY, number) for number in numbers} == {"15550100001"}
        assert [(found.why, found.joined) for found in aliases.suspicious()] == [("many_numbers", True)]


def test_one_change_of_number_and_id_is_no_suspicion() -> None:
    links = [
        _link(PHONE, "US.1", PARENT),
        _link(PHONE, "15550100100"),
        _link("US.1", "US.2"),
        _link("15550100100", "US.2"),
    ]
    assert Aliases(links).suspicious() == ()
    assert Aliases(links).of(BAKERY, "US.2") == PHONE


def test_the_longest_chain_can_be_followed() -> None:
    """Ten thousand renamings must neither recurse nor take long."""
    links = [_link(f"name {place}", f"name {place + 1}") for place in range(10_000)]
    Random(3).shuffle(links)
    aliases = Aliases(links)
    assert aliases.of(BAKERY, "name 9999") == "name 0"
    assert [found.why for found in aliases.suspicious()] == ["many_names"]


# --- what looks like a mistake ------------------------------------------------------
def test_a_name_that_stands_beside_everybody_joins_nobody_and_is_reported() -> None:
    """Seen in captures: a `wa_id` that holds an id, or a placeholder, of more than one person."""
    links = [_link(f"1555010{number:04}", "US.1") for number in range(50)]
    aliases = Aliases(links)
    assert len({aliases.of(BAKERY, link.ids[0]) for link in links}) == 50
    (found,) = aliases.suspicious()
    assert (found.why, found.joined, len(found.names)) == ("hub", False, 51)


@pytest.mark.parametrize(("numbers", "joined"), [(1, True), (2, True), (3, False)])
def test_an_id_has_an_old_and_a_new_number_and_no_third(numbers: int, joined: bool) -> None:
    links = [_link(f"1555010000{number}", "US.1") for number in range(numbers)]
    aliases = Aliases(links)
    assert (aliases.of(BAKERY, "US.1") == "15550100000") == joined
    assert [found.why for found in aliases.suspicious()] == ([] if joined else ["hub"])


@pytest.mark.parametrize(("others", "joined"), [(8, True), (9, False)])
def test_a_number_has_eight_other_names_and_no_ninth(others: int, joined: bool) -> None:
    aliases = Aliases([_link(PHONE, f"name {other}") for other in range(others)])
    assert (aliases.of(BAKERY, "name 0") == PHONE) == joined
    assert [found.why for found in aliases.suspicious()] == ([] if joined else ["hub"])


def test_spellings_of_one_number_are_one_number_to_the_suspicions() -> None:
    spelled = ("5215550001111", "525550001111", "+52 1 55 5000 1111", "whatsapp:+525550001111")
    aliases = Aliases([_link(number, "MX.1") for number in spelled])
    assert aliases.suspicious() == ()
    assert aliases.of(BAKERY, "MX.1") == "525550001111"


def test_two_names_that_a_bad_link_shares_keep_their_other_links() -> None:
    bad = [_link(f"1555010000{number}", "US.1") for number in range(3)]
    aliases = Aliases([*bad, _link("15550100000", "US.7")])
    assert aliases.of(BAKERY, "US.7") == "15550100000"
    assert aliases.of(BAKERY, "US.1") == "US.1"


def test_a_number_with_a_new_id_and_no_message_about_it_is_reported() -> None:
    """It may have been given to someone else. The links do not say which id is the older one."""
    apart = [_link(PHONE, "US.1"), _link(PHONE, "US.2")]
    assert _suspected(apart) == [("several_user_ids", True)]
    assert Aliases(apart).of(BAKERY, "US.2") == PHONE
    assert _suspected([*apart, _link("US.1", "US.2")]) == [], "the message about it ties the two ids"


def test_every_suspicion_has_a_sentence() -> None:
    links = [
        *(_link(f"1555010000{number}", "US.1") for number in range(3)),
        *(_link(one, other) for one, other in zip("abcdefghi", "bcdefghij", strict=True)),
        *(_link(one, other) for one, other in (("15550100011", "15550100012"), ("15550100012", "15550100013"))),
        *(_link("15550100020", name) for name in ("US.8", "US.9")),
        _link(GROUP, "15550100030"),
        Link(business=BAKERY, ids=("kim", "lea"), why="message", joins=False),
    ]
    found = Aliases(links).suspicious()
    assert sorted(one.why for one in found) == sorted(SUSPICIONS)
    assert found == tuple(sorted(found, key=attrs.astuple))
    contested = Suspicion(business=BAKERY, names=("kim", "lea"), why="contested_message", joined=False)
    assert contested in found


# --- groups ---------------------------------------------------------------------------
@pytest.mark.parametrize("ids", [(GROUP, PHONE), (GROUP, PHONE, "15550100100"), (GROUP, ID)])
def test_a_link_that_names_a_group_joins_nobody(ids: tuple[str, ...]) -> None:
    aliases = Aliases([_link(*ids)])
    assert [aliases.of(BAKERY, name) for name in ids] == list(ids)
    assert _suspected([_link(*ids)]) == [("group_linked", False)]


def test_a_group_is_known_by_the_members_of_its_statuses() -> None:
    """The id alone need not look like a group's."""
    events = [
        _event("message_delivered", "the book club", NOON, "out-1", participant=PHONE),
        _event("message_read", PHONE, NOON + HOUR, "out-1"),
    ]
    assert not is_group("the book club")
    assert [event.customer for event in _unified(events)] == ["the book club", PHONE]
    assert _unified(events, [_link("the book club", PHONE)])[0].customer == "the book club"
    assert [found.why for found in Aliases(links_of(events)).suspicious()] == ["contested_message"]


def test_a_member_of_a_group_with_two_names_receives_once() -> None:
    """The mistake: RB-20. Each delivery to a member is billed."""
    members = (PHONE, ID, "15550100100")
    events = [_event("message_delivered", GROUP, NOON, "out-1", participant=member) for member in members]
    apart = [event.key for event in _unified(events)]
    together = [event.key for event in _unified(events, [_link(PHONE, ID)])]
    assert len(set(apart)) == 3
    assert len(set(together)) == 2


# --- what events say by themselves -------------------------------------------------------
def test_the_statuses_of_one_message_name_one_customer() -> None:
    """A `failed` names the phone number only, a `sent` the user id only; the mistake: RB-20."""
    events = [
        _event("message_sent", ID, NOON, "out-1", content="template", category="utility", inferred=True),
        _event("message_failed", PHONE, NOON + HOUR, "out-1", error=131026),
        _event("customer_message", ID, NOON + 2 * HOUR, "in-1"),
    ]
    for order in permutations(events):
        assert {event.customer for event in _unified(order)} == {PHONE}


def test_a_customers_own_message_id_ties_nobody() -> None:
    events = [_event("customer_message", name, NOON, "1") for name in ("ana", "ben")]
    assert _unified(events) == events


def test_a_log_whose_message_ids_repeat_keeps_its_customers_apart() -> None:
    events = [
        _event("message_sent", "ana", NOON, "1", content="free_form"),
        _event("message_sent", "ben", NOON + 1, "1", content="free_form"),
        _event("message_delivered", "ben", NOON + HOUR, "1"),
    ]
    assert _unified(events) == events
    assert _suspected(links_of(events)) == [("contested_message", False)]


def test_a_sending_read_off_a_status_repeats_the_record_whatever_its_instant() -> None:
    events = [
        _event("message_sent", PHONE, NOON, "1", content="free_form"),
        _event("message_sent", ID, NOON + 1_000_000, "1", content="free_form", inferred=True),
    ]
    assert {event.customer for event in _unified(events)} == {PHONE}


@pytest.mark.parametrize(("numbers", "joined"), [(2, True), (3, False)])
def test_three_numbers_under_one_message_are_a_group_whose_id_is_missing(numbers: int, joined: bool) -> None:
    events = [_event("message_delivered", f"1555010000{number}", NOON, "out-1") for number in range(numbers)]
    assert (len({event.customer for event in _unified(events)}) == 1) == joined
    assert _suspected(links_of(events)) == ([] if joined else [("contested_message", False)])


def test_links_of_events_do_not_depend_on_their_order() -> None:
    events = [
        _event("message_sent", ID, NOON, "out-1", content="free_form"),
        _event("message_read", "+1 555 010 0099", NOON, "out-1"),
        _event("message_delivered", GROUP, NOON, "out-2", participant=PHONE),
        _event("opted_in", "ana"),
    ]
    assert len({links_of([*order, order[0]]) for order in permutations(events)}) == 1


def test_the_addressees_of_a_message_are_all_spellings_it_came_under() -> None:
    events = [
        _event("message_sent", "+52 1 55 5000 1111", NOON, "out-1", content="free_form"),
        _event("message_read", "525550001111", NOON, "out-1"),
        _event("message_read", "525550001111", NOON + 1, "out-1"),
        _event("message_delivered", ID, NOON, "out-2"),
        _event("message_delivered", "ana", NOON, "out-1", business="the florist"),
        _event("customer_message", "ben", NOON, "out-1"),
    ]
    for order in permutations(events):
        assert addressees(order) == {
            (BAKERY, "out-1"): ("+52 1 55 5000 1111", "525550001111"),
            (BAKERY, "out-2"): (ID,),
            ("the florist", "out-1"): ("ana",),
        }


# --- one thread --------------------------------------------------------------------------
def _conversation(customer: str, answered_as: str) -> list[Event]:
    return [
        _event("customer_message", customer, NOON, "in-1"),
        _event("message_sent", answered_as, NOON + HOUR, "out-1", content="free_form"),
        _event("message_delivered", answered_as, NOON + HOUR, "out-1"),
    ]


@pytest.mark.parametrize(
    ("asks_as", "answered_as", "links"),
    [
        ("5215550001111", "525550001111", ()),
        ("whatsapp:+52 1 55 5000 1111", "525550001111", ()),
        ("5491123456789", "541123456789", ()),
        ("555191234567", "5551991234567", ()),
        ("whatsapp:+15550100099", PHONE, ()),
        (ID, PHONE, (_link(ID, PHONE),)),
        (ID, PHONE, (_link(ID, PARENT), _link(PARENT, PHONE))),
        ("15550100099", "15550100100", (_link("15550100099", "15550100100"),)),
    ],
)
def test_a_reply_under_another_name_of_the_customer_finds_the_window_open(
    asks_as: str, answered_as: str, links: tuple[Link, ...]
) -> None:
    """Rule: CSW-01. The mistakes: PB-09, RB-20."""
    events = _conversation(asks_as, answered_as)
    apart = [result.outcome.verdict for result in replay(LAW, events)]
    together = [result.outcome.verdict for result in replay(LAW, _unified(events, links))]
    assert "refused" in apart
    assert together == [None, "allowed", None]


@pytest.mark.parametrize(
    ("one", "other"),
    [("553123456789", "5531923456789"), ("5215550001111", "5215550001112"), (ID, PARENT), ("Ana", "ana")],
)
def test_the_window_of_someone_else_stays_closed(one: str, other: str) -> None:
    events = _conversation(one, other)
    assert [result.outcome.verdict for result in replay(LAW, _unified(events))] == [None, "refused", None]


def test_a_message_to_one_number_of_the_business_opens_nothing_on_another() -> None:
    """Rule: CSW-01. The mistake: PB-08."""
    events = [
        _event("customer_message", "5215550001111", NOON, "in-1"),
        _event("message_sent", "525550001111", NOON + HOUR, "out-1", content="free_form", business="the florist"),
    ]
    unified = _unified(events, [_link("5215550001111", "MX.1")])
    assert [result.outcome.verdict for result in replay(LAW, unified)] == [None, "refused"]
    assert [event.customer for event in unified] == ["5215550001111", "525550001111"]


def test_the_same_message_three_times_under_three_names_counts_once() -> None:
    """The mistakes: PB-11, RB-20."""
    names = ("5215550001111", "+52 55 5000 1111", "MX.1")
    events = [_event("customer_message", name, NOON, "in-1") for name in names]
    (result,) = replay(LAW, _unified(events, [_link("MX.1", names[0])]))
    assert result.outcome.flags == ()
    assert result.event.customer == "525550001111"


def test_unify_leaves_what_needs_no_change_the_very_same() -> None:
    events = [_event("opted_in", "ana"), _event("opted_in", PHONE)]
    assert all(one is other for one, other in zip(events, _unified(events), strict=True))


SPLIT_NAMES = (
    ("5215550001111", "525550001111"),
    ("whatsapp:+52 1 55 5000 1111", "525550001111"),
    ("525550001111", "MX.1"),
    ("525550001111", "15550100099"),
    ("MX.1", "MX.2"),
    ("ana", "MX.1"),
)


@STEADY
@given(st.integers(0, 10_000), st.sampled_from(SPLIT_NAMES), st.randoms(use_true_random=False))
def test_merging_two_threads_equals_folding_the_union_of_their_events(
    seed: int, names: tuple[str, str], random: Random
) -> None:
    log, members = history(seed)
    account = read_account(members)
    events = [read_event(event)[0] for event in log]
    split = [attrs.evolve(event, customer=random.choice(names)) for event in events]
    random.shuffle(split)
    links = [_link(*names), _link(names[0], "MX.1")]
    random.shuffle(links)
    aliases = Aliases([*links, *links_of(split)])
    one = aliases.of(BAKERY, names[0])
    whole = [attrs.evolve(event, customer=one) for event in events]
    law = Law(unify_account(account, aliases), engine="table")
    assert _written(unify(split, aliases), law) == _written(whole, law)


@STEADY
@given(st.integers(0, 10_000), st.randoms(use_true_random=False))
def test_a_history_under_two_spellings_is_the_history_under_one_up_to_the_name(seed: int, random: Random) -> None:
    """The market of a number does not depend on its spelling, so nothing but the name differs."""
    log, members = history(seed)
    account = attrs.evolve(read_account(members), in_experiment=frozenset())
    events = [attrs.evolve(read_event(event)[0], customer="5215550001111") for event in log]
    split = [attrs.evolve(event, customer=random.choice(("5215550001111", "+52 55 5000 1111"))) for event in events]
    results = [json.loads(line) for line in _written(_unified(split), Law(account, engine="table"))]
    usual = [json.loads(line) for line in _written(events, Law(account, engine="table"))]
    assert [{**result, "customer": ""} for result in results] == [{**result, "customer": ""} for result in usual]


# --- the account ------------------------------------------------------------------------
def test_a_customer_on_a_list_of_the_account_is_on_it_under_every_name() -> None:
    account = Account(in_experiment=frozenset({"5215550001111"}))
    aliases = Aliases([_link("+52 55 5000 1111", "MX.1"), _link("ana")])
    assert unify_account(account, aliases).in_experiment == {"5215550001111", "+52 55 5000 1111"}


def test_an_account_without_such_a_list_stays_the_very_same() -> None:
    account = Account()
    assert unify_account(account, Aliases([_link("ana")])) is account
