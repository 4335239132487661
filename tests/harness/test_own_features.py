"""Features of a team's own, in our phrases, in an empty folder: each `Then` is asked of the team's implementation."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from fsm.harness import world_of
from fsm.harness.conform.adapters.reference import Reference

CONFTEST = """
from my_adapter import MyAdapter

from fsm.harness import world_of
from fsm.harness.steps import *

world = world_of(MyAdapter)
"""

TEST = """
from pytest_bdd import scenarios

scenarios("features")
"""

ADAPTER = """
from datetime import datetime, timedelta

from fsm.harness import Adapter


class MyAdapter(Adapter):
    name = "ours"
    can_answer = ("permission",)
    rulebooks = ("pmp-2025-07",)

    def begin(self, case):
        self.wrote = {}

    def event(self, event):
        at, who = datetime.fromisoformat(event["at"]), (event["business"], event["customer"])
        if event["event"] == "customer_message":
            self.wrote[who] = at
        if event["event"] == "message_sent":
            open_ = who in self.wrote and at - self.wrote[who] LESS timedelta(hours=24)
            return {"verdict": "allowed" if open_ else "refused", "error": None if open_ else 131047}
"""

FEATURE = """
Feature: What we promise our customers

  Scenario: We answer within a day
    Given it is 2025-08-11 at 10:00
    And Ana wrote to the bakery 23 h ago
    When the bakery asks to send Ana a free-form message
    Then it is allowed

  Scenario: We do not answer later
    Given it is 2025-08-11 at 10:00
    And Ana wrote to the bakery 25 h ago
    When the bakery asks to send Ana a free-form message
    Then it is refused: a template is needed
"""

SPANISH = """# language: es
Característica: Lo que prometemos

  Escenario: Respondemos en el día
    Dado es el 2025-08-11 a las 10:00
    Y Ana escribió a la panadería hace 23 h
    Cuando la panadería pide enviar a Ana un mensaje de forma libre
    Entonces el envío se permite
"""

NOT_CLAIMED = """
Feature: What ours does not answer

  Scenario: Conversations
    Given it is 2025-08-11 at 10:00
    When the bakery sends Ana a marketing template
    Then nothing opens

  Scenario: Another law
    Given it is 2023-08-11 at 10:00
    And Ana wrote to the bakery 1 h ago
    When the bakery asks to send Ana a free-form message
    Then it is allowed

  Scenario: Some of it
    Given it is 2025-08-11 at 10:00
    And Ana wrote to the bakery 1 h ago
    When the bakery sends Ana a free-form message
    Then nothing opens
    And it is allowed

  Scenario: Some of it, and that is wrong
    Given it is 2025-08-11 at 10:00
    And Ana wrote to the bakery 1 h ago
    When the bakery sends Ana a free-form message
    Then nothing opens
    And it is refused: a template is needed

  Scenario: A step that means nothing
    Given it is 2025-08-11 at 10:00
    When the bakery sends Ana a marketing template
    Then nothing opens
    And the oven is hot
"""


def _run(folder: Path, features: dict[str, str], adapter: str = ADAPTER.replace("LESS", "<")) -> str:
    (folder / "features").mkdir()
    for name, text in features.items():
        (folder / "features" / name).write_text(text, encoding="utf-8")
    for name, text in (("conftest.py", CONFTEST), ("test_ours.py", TEST), ("my_adapter.py", adapter)):
        (folder / name).write_text(text, encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-v", "-rs", "-p", "no:cacheprovider", "-W", "error"],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    return done.stdout + done.stderr


def test_features_of_a_team_run_against_its_adapter_in_both_languages(tmp_path: Path) -> None:
    out = _run(tmp_path, {"ours.feature": FEATURE, "nuestras.feature": SPANISH})
    assert "3 passed" in out.splitlines()[-1], out


def test_an_implementation_that_is_wrong_fails_and_is_told_what_it_said(tmp_path: Path) -> None:
    out = _run(tmp_path, {"ours.feature": FEATURE}, ADAPTER.replace("LESS", ">"))
    assert "2 failed" in out.splitlines()[-1], out
    assert "expected: verdict allowed" in out
    assert "got:      verdict refused, error 131047" in out
    assert "fsm/harness/world.py" not in out  # the answer is what matters, not our frames


def test_a_scenario_passes_on_what_is_claimed_and_is_skipped_if_nothing_is(tmp_path: Path) -> None:
    out = _run(tmp_path, {"others.feature": NOT_CLAIMED})
    assert "test_conversations SKIPPED" in out
    assert "it does not claim conversations, windows" in out
    assert "test_another_law SKIPPED" in out
    assert "it does not claim the rulebook cbp-2023-06" in out
    assert "test_some_of_it PASSED" in out
    assert "test_some_of_it_and_that_is_wrong FAILED" in out
    assert "test_a_step_that_means_nothing FAILED" in out


def test_a_crash_fails_and_names_the_reason(tmp_path: Path) -> None:
    out = _run(tmp_path, {"ours.feature": FEATURE}, ADAPTER.replace("LESS", "/"))
    assert "2 failed" in out.splitlines()[-1]
    assert "crashed: TypeError" in out


def test_there_is_no_default_adapter() -> None:
    with pytest.raises(TypeError, match="no adapter is given"):
        world_of()


def test_the_world_is_a_fixture() -> None:
    assert "fixture" in type(world_of(Reference)).__name__.lower()
