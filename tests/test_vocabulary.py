"""The vocabulary of the scenarios: closed, documented, and the same in both languages."""

from __future__ import annotations

import pytest

from fsm.harness import lexicon
from fsm.harness.compile import compile_folder, read_features
from fsm.harness.lint import lint
from fsm.harness.pages import vocabulary_page
from fsm.harness.places import features_folder
from fsm.harness.vocabulary import PHRASES, UnknownStep, find
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
