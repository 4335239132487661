"""
The steps, bound to pytest-bdd: import this module's names into a `conftest.py`.

    from fsm.harness.steps import *

Every phrase of the vocabulary becomes a step in each language. They act on the
fixture `world`, which a `conftest.py` gives: `fsm.harness.world_of(MyAdapter)` asks an
implementation, and a `World` of one's own may do what it likes.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
from pytest_bdd import parsers, step

from fsm.harness.conform.own_features import scenario_ends
from fsm.harness.vocabulary import LANGUAGES, Phrase, find, fitting
from fsm.harness.world import World


class _Said(parsers.StepParser):
    """
    Fits the steps that the vocabulary knows in a language.

    One for all phrases: pytest-bdd asks every step there is of every line, which took longer than what the lines do.
    """

    def __init__(self, language: str) -> None:
        super().__init__(f"a phrase of the vocabulary ({language})")
        self._language = language

    def is_matching(self, name: str) -> bool:
        # Where several fit equally well, finding the one says so.
        return bool(fitting(self._language, name))

    def parse_arguments(self, name: str) -> dict[str, Any]:
        return {"said": find(self._language, name)}


def _bind(language: str) -> Any:
    def act(world: World, said: tuple[Phrase, Mapping[str, str]]) -> None:
        world.language = language
        phrase, words = said
        phrase.does(world, **words)

    return _Said(language), act


for _language in LANGUAGES:
    _parser, _act = _bind(_language)
    step(_parser)(_act)


def pytest_bdd_after_scenario(request: pytest.FixtureRequest) -> None:
    """In a `conftest.py` this is a hook of pytest-bdd: a scenario that asks nothing of what is claimed is skipped."""
    if "world" in request.fixturenames or "world" in request.node.funcargs:
        scenario_ends(request.getfixturevalue("world"))
