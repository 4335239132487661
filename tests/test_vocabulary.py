"""The vocabulary of the scenarios: closed, documented, and the same in both languages."""

from __future__ import annotations

import json
from decimal import Decimal

import pytest

from fsm.errors import UnknownMarket
from fsm.harness import lexicon
from fsm.harness.bill import ListedRate, prices
from fsm.harness.compile import compile_folder, read_features
from fsm.harness.lint import lint
from fsm.harness.pages import vocabulary_page
from fsm.harness.places import features_folder
from fsm.harness.vocabulary import PHRASES, UnknownStep, find, perform
from fsm.harness.world import BadScenario, World
from fsm.rulebooks.timeline import editions

FEATURES = list(read_features(features_folder()))


def test_the_features_pass_their_linter() -> None:
    assert lint(FEATURES) == []


def test_the_page_about_the_vocabulary_is_what_the_phrases_say() -> None:
    written = (features_folder() / "README.md").read_text(encoding="utf-8")
    assert written == vocabulary_page(), "run: python -m fsm.harness.pages"


def test_every_phrase_is_used_by_some_scenario() -> None:
    """A phrase nobody uses is work for implementers that proves nothing."""
    used = {
        (find(feature.language, step["text"])[0].en, feature.language)
        for feature in FEATURES
        for pickle in feature.pickles
        for step in pickle["steps"]
    }
    unused = [phrase.en for phrase in PHRASES if (phrase.en, "en") not in used]
    assert unused == []


def test_a_step_outside_the_vocabulary_is_refused() -> None:
    with pytest.raises(UnknownStep, match="no phrase fits it"):
        find("en", "the bakery sings")


def test_the_words_for_refusals_are_the_codes_of_the_rulebooks() -> None:
    """The lexicon types the codes itself, so that it can disagree; here it must not."""
    codes = {
        line.error for book in editions() for clause in book.clauses for line in clause.rows if line.error is not None
    }
    assert set(lexicon.ERRORS.values()) == codes


def test_both_languages_tell_the_same_story() -> None:
    """Every Spanish feature has an English twin, and compiles to the same events and expectations, row by row."""
    folder = features_folder()
    english = {script.id: script for script in compile_folder(folder, "en")}
    spanish = compile_folder(folder, "es")
    twins = {script.id.partition("#")[0] for script in spanish}
    assert spanish
    assert {script.id for script in spanish} == {id for id in english if id.partition("#")[0] in twins}
    for script in spanish:
        twin = english[script.id]
        assert script.told() == twin.told(), script.id
        assert script.tags == twin.tags, script.id


def test_the_design_cards_own_example_comes_first_in_its_feature() -> None:
    """A template sent during an open service window opens a new conversation."""
    feature = next(feature for feature in FEATURES if feature.path == "conversations/templates-open-their-own.feature")
    steps = [step["text"] for step in feature.pickles[0]["steps"]]
    assert any("template" in step and "sends" in step for step in steps)
    assert any(step.startswith("it opens a") and "conversation" in step for step in steps)


# --- what scenarios say about money -------------------------------------------
def _told(*steps: str) -> World:
    world = World()
    for step in ("it is 2025-08-11 at 10:00", *steps):
        perform(world, "en", step)
    return world


def test_what_a_scenario_says_about_money_is_plain_json_and_stands_apart() -> None:
    """Whoever reads vectors of the scenarios without money finds what was always there."""
    scripts = compile_folder(features_folder(), "en")
    members = {script.id: set(script.told()) for script in scripts}
    assert {tuple(sorted(found)) for found in members.values()} == {
        ("account", "events", "expectations"),
        ("account", "bill", "events", "expectations"),
    }
    assert all(id.startswith("ledger/") for id, found in members.items() if "bill" in found)
    for script in scripts:
        assert json.loads(json.dumps(script.told()))["events"] == script.told()["events"]


def test_a_bill_tells_amounts_as_text_and_instants_in_utc() -> None:
    world = _told(
        "the rate card of 2025-07-01 says 0.0100 for a minute of a call in India",
        "the rate card of 2025-07-01 says n/a for a marketing message in India",
        "the rate card of 2025-07-01 says 0.0080 for a minute of a call in India from number 3 on",
        "the bakery calls Ana for 56 seconds",
        "Meta announces the tier from number 3 on for a minute of a call in India",
    )
    told = world.script("ledger/one.feature#1.1", "One", ("CALL-01",)).told()["bill"]
    assert [(rate["unit"], rate["rate"], rate["first"]) for rate in told["rates"]] == [
        ("minute", "0.0100", 1),
        ("message", None, 1),
        ("minute", "0.0080", 3),
    ]
    (call,) = told["calls"]
    assert (call["direction"], call["seconds"], call["at"]) == ("business_initiated", 56, "2025-08-11T10:00:00Z")
    assert [(tier["line"], tier["period"], tier["first"]) for tier in told["announced"]] == [("calling", "2025-08", 3)]


def test_the_rates_of_a_scenario_are_all_there_is() -> None:
    told = ListedRate(since="2026-10-01", line="utility", market="India", unit="message", rate="0.0016")
    tier = ListedRate(since="2026-10-01", line="utility", market="India", unit="message", rate="0.0011", first=3)
    found = prices([told, tier])
    assert [(card.name, len(card.cells)) for card in found.cards] == [("card of 2026-10-01", 1)]
    bands = found.tiers[0].bands["India", "utility"]
    assert [(band.first, band.last, band.rate) for band in bands] == [
        (1, 2, Decimal("0.0016")),
        (3, None, Decimal("0.0011")),
    ]


@pytest.mark.parametrize(
    ("steps", "says"),
    [
        (("the ledger charges nothing",), "before anything has happened"),
        (("Ana calls Luis for 6 seconds",), "between a customer and a business"),
        (("the bakery calls the florist for 6 seconds",), "between a customer and a business"),
        (
            (
                "the florist is another account of the portfolio, with the time zone UTC",
                "the florist sends Ana a marketing template",
                "nothing opens",
            ),
            "only the ledger knows several accounts",
        ),
    ],
)
def test_a_scenario_that_asks_for_what_cannot_be_told_is_refused(steps: tuple[str, ...], says: str) -> None:
    with pytest.raises(BadScenario, match=says):
        _told(*steps)


@pytest.mark.parametrize(
    "step",
    [
        "the rate card of 2025-07-01 says 0.01 for a call in India",
        "the rate card of 2025-07-01 says 0.01 for a pigeon in India",
        "Meta's webhook calls it utility (for nothing)",
        "the ledger charges 0.01 for a minute of a call",
        "the ledger has no amount for a call, because nobody asked",
    ],
)
def test_a_word_about_money_that_the_lexicon_does_not_have_is_refused(step: str) -> None:
    with pytest.raises(lexicon.UnknownWord, match="is none of"):
        _told("the bakery sends Ana a marketing template", step)


def test_a_market_that_does_not_exist_is_refused() -> None:
    with pytest.raises(UnknownMarket):
        _told("the rate card of 2025-07-01 says 0.01 for a marketing message in Atlantis")


@pytest.mark.parametrize("rate", ["-0.01", "1e-3", "0,01", "free", "N/A"])
def test_a_rate_that_is_no_amount_fits_no_phrase(rate: str) -> None:
    with pytest.raises(UnknownStep):
        find("en", f"the rate card of 2025-07-01 says {rate} for a marketing message in India")


def test_a_call_that_nobody_accepts_leaves_no_event_and_one_of_a_customer_does() -> None:
    assert _told("the bakery calls Ana for 0 seconds").events == []
    assert [event.event for event in _told("the bakery calls Ana for 1 seconds").events] == ["call_accepted"]
    assert [event.event for event in _told("Ana calls the bakery for 0 seconds").events] == ["customer_call"]
