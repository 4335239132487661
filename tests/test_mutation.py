"""The features notice a changed law: the step `mutation` tries every change, and here is why it can be trusted."""

from __future__ import annotations

from fsm.harness.compile import read_feature, scripts_of
from fsm.harness.places import features_folder
from fsm.spec.mutation import explained, explanation
from fsm.spec.record import score_of
from fsm.spec.run import chosen, try_mutants, watched_all
from fsm.spec.watch import Run


def runs_of(folder: str) -> list[Run]:
    files = sorted((features_folder() / folder).glob("*.feature"))
    return watched_all(
        [
            script
            for file in files
            for script in scripts_of(read_feature(f"{folder}/{file.name}", file.read_text(encoding="utf-8")))
        ]
    )


def test_a_mutant_nobody_could_miss_is_killed() -> None:
    """A score of 100 % from a tool that applies nothing would look the same: here something must die."""
    mutants = chosen(lambda mutant: "clock customer_service_window: open" in mutant.place)
    score = score_of(try_mutants(runs_of("windows"), mutants), [])
    assert score.killed == score.mutants > 0


def test_a_wrong_tariff_is_noticed_under_every_law() -> None:
    """One kind of change in all editions; the step `mutation` tries every kind."""
    mutants = chosen(lambda mutant: mutant.place.startswith("tariff [pmp"), 1, 8)
    score = score_of(try_mutants(runs_of("ledger"), mutants), explained())
    assert score.mutants > 20
    assert score.unexplained == ()


def test_without_the_scenarios_about_it_a_change_survives() -> None:
    mutants = chosen(lambda mutant: mutant.place.startswith("tariff [pmp"), 1, 40)
    score = score_of(try_mutants(runs_of("opt-in"), mutants), [])
    assert score.killed == 0
    assert len(score.survivors) == len(mutants) > 0


def test_every_explained_survivor_is_a_mutant_of_the_law() -> None:
    known = explained()
    used = {explanation(mutant, [each]) for each in known for mutant in chosen(lambda _: True)} - {""}
    assert len(used) == len({each["why"] for each in known})
