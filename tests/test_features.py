"""The specification: every scenario of every feature, in both languages, run by pytest-bdd on live threads."""

from __future__ import annotations

from pytest_bdd import scenarios

from fsm.harness.places import features_folder

scenarios(str(features_folder()))
