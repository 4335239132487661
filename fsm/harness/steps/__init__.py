"""
The steps, bound to pytest-bdd: import this module's names into a `conftest.py`.

    from fsm.harness.steps import *

Every phrase of the vocabulary becomes a step in each language. They act on the
fixture `world`, which a `conftest.py` gives: `fsm.harness.world_of(MyAdapter)` asks an
implementation, and a `World` of one's own may do what it likes.
"""

from __future__ import annotations

from typing import Any

import pytest
from pytest_bdd import parsers, step

from fsm.harness.conform.own_features import scenario_ends
from fsm.harness.vocabulary import PHRASES, Phrase, find
from fsm.harness.world import World


class _Said(parsers.StepParser):
    """Fits a step that the vocabulary gives to this phrase, and to no other."""

    def __init__(self, phrase: Phrase, language: str) -> None:
        super().__init__(phrase.en if language == "en" else phrase.es)
        self._phrase, self._language = phrase, language

    def is_matching(self, name: str) -> bool:
        if self._phrase.match(self._language, name) is None:
            return False
        return find(self._language, name)[0] is self._phrase

    def parse_arguments(self, name: str) -> dict[str, Any]:
        return {"said": self._phrase.match(self._language, name)}


def _bind(phrase: Phrase, language: str) -> Any:
    def act(world: World, said: dict[str, str]) -> None:
        world.language = language
        phrase.does(world, **said)

    return _Said(phrase, language), act


for _phrase in PHRASES:
    for _language in _phrase.patterns:
        _parser, _act = _bind(_phrase, _language)
        step(_parser)(_act)


def pytest_bdd_after_scenario(request: pytest.FixtureRequest) -> None:
    """In a `conftest.py` this is a hook of pytest-bdd: a scenario that asks nothing of what is claimed is skipped."""
    if "world" in request.fixturenames or "world" in request.node.funcargs:
        scenario_ends(request.getfixturevalue("world"))
