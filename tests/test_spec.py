"""`fsm.spec`: what the features claim, make act and pin, and the scenario that is missing."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from datetime import UTC
from pathlib import Path

import attrs
import pytest

from fsm.cli.main import main
from fsm.harness.compile import read_feature, scripts_of
from fsm.harness.lint import lint, problems_of
from fsm.harness.places import features_folder
from fsm.harness.script import Script
from fsm.rulebooks.timeline import editions, starts
from fsm.rules.tables import Row, Rulebook
from fsm.spec.coverage import BadExplanations, Coverage, coverage_of, problems, unreachable
from fsm.spec.lines import CLOCK, LANE, Line, UnknownLine, lines_of, named
from fsm.spec.matrix import matrix
from fsm.spec.mutants import mutants
from fsm.spec.mutation import Bench, explained, explanation, unused
from fsm.spec.record import BadRecord, digest, read_record, score_of, write_record
from fsm.spec.run import FailingFeatures, scripts, try_mutants, watched_all
from fsm.spec.scenario import feature, scenario_for
from fsm.spec.search import Search, ways
from fsm.spec.watch import acting, watched

BOOKS = editions()
LINES = lines_of(BOOKS)


def line(name: str) -> Line:
    [found] = named(LINES, name)
    return found


def told(*steps: str, tags: str = "@CBP2-01") -> Script:
    """A scenario of these steps."""
    text = f"Feature: f\n  {tags}\n  Scenario: s\n" + "".join(f"    {step}\n" for step in steps)
    [script] = scripts_of(read_feature("windows/f.feature", text))
    return script


ON_THAT_DAY = "Given it is 2023-06-01 at 12:00"
OPENS = told(
    ON_THAT_DAY,
    "When the bakery sends Ana a utility template",
    "Then it opens a utility conversation",
    "And it is allowed",
)
ASKS = told(ON_THAT_DAY, "When the bakery asks to send Ana a utility template", "Then it is allowed")


def some_scripts(*folders: str) -> list[Script]:
    """The scenarios of some folders of the kit's features."""
    return [
        script
        for folder in folders
        for file in sorted((features_folder() / folder).glob("*.feature"))
        for script in scripts_of(read_feature(f"{folder}/{file.name}", file.read_text(encoding="utf-8")))
    ]


# --- watching -----------------------------------------------------------------
def test_a_delivery_makes_the_rows_of_its_lanes_act_and_its_charge() -> None:
    acted = {key for _, key in acting(OPENS).acted}
    assert line("2023-06-01/utility/1").key in acted
    assert {key[0] for key in acted} == {"lane", "clause", "charges"}


def test_a_question_makes_permissions_act_and_only_looks_a_charge_up() -> None:
    run = watched(ASKS)
    assert {key[0] for _, key in run.acted} == {"clause"}
    asked = {key[0] for cells in run.cells.values() for key, _, _ in cells}
    assert "charges" in asked


def test_a_clock_acts_when_it_runs_out_and_not_before() -> None:
    def steps(length: str) -> Script:
        return told(
            ON_THAT_DAY,
            "And the bakery sends Ana a utility template",
            f"When {length} pass",
            "And the bakery asks to send Ana a free-form message",
            "Then it is refused: a template is needed",
        )

    clock = line("2023-06-01/utility/business_open").key
    assert clock in {key for _, key in acting(steps("24 h")).acted}
    assert clock not in {key for _, key in acting(steps("23 h 59 min 59 s")).acted}


def test_watching_changes_no_answer() -> None:
    runs = watched_all(some_scripts("windows")[::10])
    assert len(runs) > 20
    assert all(run.fails == () for run in runs)
    assert sum(bool(run.acted and run.cells) for run in runs) > 20


def test_a_scenario_that_fails_under_the_law_as_it_is_pins_nothing() -> None:
    wrong = told(ON_THAT_DAY, "When the bakery sends Ana a utility template", "Then nothing opens")
    with pytest.raises(FailingFeatures, match="fails under the law as it is"):
        watched_all([wrong])


# --- coverage -----------------------------------------------------------------
def test_every_row_has_one_name_and_a_row_that_goes_on_is_one_row() -> None:
    assert len({each.name for each in LINES}) == len(LINES)
    assert line("2023-06-01/utility/1").editions == tuple(
        number for number, book in enumerate(BOOKS) if book.name.startswith("cbp-2023-06") or "2024-11" in book.name
    )


def test_a_row_that_acts_in_no_scenario_is_a_problem_unless_it_is_explained() -> None:
    coverage = coverage_of([acting(OPENS)], BOOKS)
    lacking = [each.name for each in coverage.missing()]
    assert "2023-06-01/utility/1" not in lacking
    assert "2023-06-01/utility/2" in lacking
    found = problems(coverage, dict.fromkeys(lacking[1:], "an invented reason"))
    assert len(found) == 1
    assert lacking[0] in found[0]
    assert problems(coverage, dict.fromkeys(lacking, "an invented reason")) == []


def test_an_explained_row_that_acts_after_all_must_be_struck() -> None:
    coverage = coverage_of([acting(OPENS)], BOOKS)
    known = {each.name: "why" for each in coverage.missing()} | {"2023-06-01/utility/1": "it cannot"}
    [found] = problems(coverage, known)
    assert "2023-06-01/utility/1 cannot act, and it does in windows/f.feature#1.1" in found


def test_an_explanation_of_no_row_must_be_struck() -> None:
    coverage = coverage_of([acting(OPENS)], BOOKS)
    known = {each.name: "why" for each in coverage.missing()} | {"1999-01-01/utility/1": "why"}
    [found] = problems(coverage, known)
    assert "no row of the law" in found


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("[[unreachable]]\nrow = 'x'", id="no-reason"),
        pytest.param("[[unreachable]]\nrow = 'x'\nwhy = ' '", id="empty-reason"),
        pytest.param("[[unreachable", id="no-toml"),
    ],
)
def test_a_row_without_a_reason_is_no_explanation(tmp_path: Path, text: str) -> None:
    file = tmp_path / "unreachable.toml"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(BadExplanations):
        unreachable(file)


# --- marks --------------------------------------------------------------------
def test_a_rule_is_exercised_by_scenarios_of_its_own_only() -> None:
    runs = [acting(OPENS)]
    marks = matrix(BOOKS, runs, coverage_of(runs, BOOKS), None)
    assert marks["CBP2-01"].claimed == ("windows/f.feature#1.1",)
    assert "2023-06-01/utility/1" in marks["CBP2-01"].exercised
    assert not marks["CBP2-05"].claimed
    assert not marks["CBP2-05"].exercised
    # The same delivery leaves the other lanes alone, which is the row of another rule.
    assert marks["CBP2-05"].elsewhere
    assert marks["CBP2-01"].pins is None
    assert not marks["CBP2-01"].is_pinned


def test_a_rule_is_pinned_when_every_change_of_it_is_noticed_or_explained() -> None:
    runs = [watched(OPENS)]
    tried = try_mutants(runs, [each for each in mutants(BOOKS) if "CBP2-01" in each.rules])
    score = score_of(tried, [])
    assert 0 < score.rules["CBP2-01"].killed < score.rules["CBP2-01"].mutants
    marks = matrix(BOOKS, runs, coverage_of(runs, BOOKS), score)
    assert not marks["CBP2-01"].is_pinned
    everything = [{"place": "", "change": "", "why": "an invented reason"}]
    assert matrix(BOOKS, runs, coverage_of(runs, BOOKS), score_of(tried, everything))["CBP2-01"].is_pinned


# --- mutants ------------------------------------------------------------------
def test_leaving_out_scenarios_that_did_not_ask_a_cell_changes_no_outcome() -> None:
    runs = watched_all(some_scripts("conversations", "entry-points")[::3])
    some = list(mutants(BOOKS))[5::61]
    chosen = Bench(runs).try_all(some)
    every = Bench(runs, select=False).try_all(some)
    assert [bool(each.killer) for each in chosen] == [bool(each.killer) for each in every]
    assert 0 < sum(bool(each.killer) for each in chosen) < len(some)
    assert sum(each.ran for each in chosen) * 3 < sum(each.ran for each in every)


def test_a_mutant_of_a_row_that_nothing_asked_is_tried_on_no_scenario() -> None:
    bench = Bench([watched(OPENS)])
    [first, *_] = [each for each in mutants(BOOKS) if each.touches.row == line("2023-06-01/utility/2").key]
    tried = bench.try_(first)
    assert (tried.killer, tried.ran) == ("", 0)


def test_a_scenario_of_a_rule_without_cells_notices_what_it_can_or_is_told_not_to() -> None:
    """A verdict alone notices no charge; what opens notices the lane."""
    steps = (ON_THAT_DAY, "When the bakery sends Ana a utility template")
    opens = told(*steps, "Then it opens a utility conversation", tags="@CBP2-09")
    says_nothing = told(*steps, "Then the answer notes no doubt", tags="@CBP2-09")
    rows = [each for each in mutants(BOOKS) if each.touches.row == line("2023-06-01/utility/1").key]
    noticed = Bench([watched(opens)]).witness("CBP2-09", rows)
    assert noticed in rows
    assert Bench([watched(opens)]).witness("CBP2-08", rows) is None
    assert Bench([watched(says_nothing)]).witness("CBP2-09", rows) is None


def test_mutants_cite_rules_that_exist() -> None:
    known = {id for book in BOOKS for id in book.rules}
    cited = {id for each in mutants(BOOKS) for id in each.rules}
    assert cited <= known
    assert {"CSW-05", "CSW-06", "LIM-01", "MKT-02"} <= cited


def test_several_processes_find_what_one_finds() -> None:
    runs = watched_all(some_scripts("opt-in"))
    some = [each for each in mutants(BOOKS) if "consent" in each.place][:12]
    one, two = try_mutants(runs, some), try_mutants(runs, some, jobs=2)
    assert [(each.mutant, bool(each.killer)) for each in one] == [(each.mutant, bool(each.killer)) for each in two]


def test_an_explanation_that_explains_nothing_any_more_is_told() -> None:
    known = explained()
    assert unused([(each["place"], each["change"]) for each in known], known) == []
    assert unused([(each["place"], each["change"]) for each in known[1:]], known) == [known[0]]
    mutant = next(iter(mutants(BOOKS)))
    assert explanation(mutant, [{"place": "nowhere", "change": "", "why": "x"}]) == ""


# --- the record -----------------------------------------------------------------
def test_a_record_is_read_back_under_its_own_digest_and_no_other(tmp_path: Path) -> None:
    runs = [watched(OPENS)]
    score = score_of(try_mutants(runs, [each for each in mutants(BOOKS) if "CBP2-01" in each.rules]), explained())
    file = tmp_path / "pins.json"
    assert read_record("abc", file) is None
    write_record(score, "abc", file)
    assert read_record("abc", file) == score
    assert read_record("abd", file) is None


def test_a_broken_record_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "pins.json"
    file.write_text('{"digest": "abc"}', encoding="utf-8")
    with pytest.raises(BadRecord, match="cannot be read"):
        read_record("abc", file)


def changed(book: Rulebook) -> Rulebook:
    """An edition with one destination changed."""
    mutant = next(each for each in mutants([book]) if each.place.startswith("row utility") and each.apply)
    assert mutant.apply is not None
    return mutant.apply(book)


def test_the_digest_follows_tables_and_expectations_and_not_the_prose() -> None:
    now = digest(BOOKS, [OPENS])
    assert digest(BOOKS, [attrs.evolve(OPENS, title="Another title")]) == now
    assert digest([attrs.evolve(BOOKS[0], changed="Another sentence."), *BOOKS[1:]], [OPENS]) == now
    assert digest([*BOOKS[:4], changed(BOOKS[4]), *BOOKS[5:]], [OPENS]) != now
    assert digest(BOOKS, [attrs.evolve(OPENS, expectations=OPENS.expectations[:1])]) != now


def test_the_digest_is_the_same_under_every_hash_seed() -> None:
    code = "from fsm.rulebooks import editions; from fsm.spec.record import digest; print(digest(editions(), []))"
    answers = {
        subprocess.run(
            [sys.executable, "-c", code],
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in ("1", "2")
    }
    assert len(answers) == 1


def test_the_record_of_the_package_is_about_the_tables_and_features_of_today() -> None:
    """`make mutation` writes it anew. With a stale one, `fsm spec` in the wheel could not say what is pinned."""
    score = read_record(digest(BOOKS, scripts()))
    assert score is not None, "the record is about other tables or features: run `make mutation`"
    assert score.unexplained == ()
    assert score.mutants > 3000


# --- the scenario that is missing -------------------------------------------------
EVERY = os.environ.get("FSM_EVERY_ROW") == "1"


def holds_and_covers(wanted: Line, under: int) -> None:
    """The generated scenario passes the linter, compiles, holds, and makes the row act under that edition."""
    scenario = scenario_for(wanted, BOOKS, [under])
    assert scenario is not None, f"{wanted.name} under {BOOKS[under].edition}: {wanted.says}"
    read = read_feature("generated.feature", feature([scenario]))
    assert list(problems_of(read)) == []
    [run] = [watched(script) for script in scripts_of(read)]
    assert run.fails == ()
    assert (BOOKS[under].edition, wanted.key) in run.acted
    assert set(wanted.rules) <= set(run.script.tags)


@pytest.mark.parametrize("part", range(4))
def test_a_scenario_can_be_written_for_every_row_of_the_law(part: int) -> None:
    for wanted in LINES[part::4] if EVERY else LINES[part::12]:
        holds_and_covers(wanted, wanted.editions[0])


@pytest.mark.parametrize("number", range(len(BOOKS)), ids=[book.edition.replace(" ", "-") for book in BOOKS])
def test_a_scenario_can_be_written_for_every_row_of_every_lane_of_every_edition(number: int) -> None:
    """`FSM_EVERY_ROW=1` tries them all; otherwise every tenth."""
    lanes = [each for each in LINES if each.kind in (LANE, CLOCK) and number in each.editions]
    for wanted in lanes if EVERY else lanes[number % 10 :: 10]:
        holds_and_covers(wanted, number)


def test_the_shortest_way_has_no_act_too_many() -> None:
    times = starts(BOOKS, UTC)
    way = next(ways(line("2023-06-01/utility/4"), BOOKS, [4], times))
    assert [act.now for _, act in way.acts] == ["the bakery sends Ana a utility template"] * 2


def test_a_row_that_a_scenario_is_taken_from_is_missing_and_gets_it_back(tmp_path: Path) -> None:
    wanted = line("2023-06-01/free_entry_point/1")
    every = [acting(script) for script in some_scripts("entry-points", "conversations")]

    def lacks(coverage: Coverage) -> bool:
        return wanted.name in [each.name for each in coverage.missing()]

    assert not lacks(coverage_of(every, BOOKS))
    left = [run for run in every if wanted.key not in {key for _, key in run.acted}]
    assert lacks(coverage_of(left, BOOKS))
    scenario = scenario_for(wanted, BOOKS)
    assert scenario is not None
    (tmp_path / "missing.feature").write_text(feature([scenario]), encoding="utf-8")
    again = scripts(tmp_path)
    assert not lacks(coverage_of([*left, *map(acting, again)], BOOKS))
    read = read_feature("missing.feature", (tmp_path / "missing.feature").read_text(encoding="utf-8"))
    assert [found for found in lint([read]) if "has no scenario" not in found] == []


def test_a_row_that_nothing_can_reach_gets_no_scenario() -> None:
    """Opening a free entry point closes every conversation and keeps new ones from opening."""
    row = line("2023-06-01/utility/1")
    assert isinstance(row.row, Row)
    impossible = attrs.evolve(row, row=attrs.evolve(row.row, needs=("free_entry_point_open", "any_conversation_open")))
    search = Search(4, (), starts(BOOKS, UTC)[4])
    assert search.find(row, worst="refused", late=True, deepest=3, widest=200) is not None
    assert search.find(impossible, worst="refused", late=True, deepest=3, widest=200) is None


# --- the command ------------------------------------------------------------------
def a_folder(tmp_path: Path) -> str:
    """A folder of one short feature."""
    text = (features_folder() / "windows" / "whose-window.feature").read_text(encoding="utf-8")
    (tmp_path / "whose-window.feature").write_text(text, encoding="utf-8")
    return str(tmp_path)


def test_the_matrix_fits_100_columns(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["spec", "--features", a_folder(tmp_path)]) == 0
    out = capsys.readouterr().out
    assert "120 rules" in out
    assert max(map(len, out.splitlines())) <= 100
    assert "Pinned is not known" in out


def test_the_matrix_is_there_for_programs(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["spec", "--features", a_folder(tmp_path), "--rule", "csw-*", "--format", "json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert {each["rule"].partition("-")[0] for each in told["rules"]} == {"CSW"}
    assert told["pinned"] is None
    assert told["problems"]


def test_a_check_of_features_that_leave_rows_out_fails_and_names_them(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["spec", "--features", a_folder(tmp_path), "--check"]) == 1
    assert "no scenario makes this row act: 2023-06-01/utility/2" in capsys.readouterr().err


def test_unclaimed_rules_can_be_asked_for(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["spec", "--features", a_folder(tmp_path), "--unclaimed"]) == 0
    out = capsys.readouterr().out
    assert "\nCBP2-01 " in out
    assert "\nCSW-07 " not in out


def test_one_rule_is_shown_with_its_rows(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["spec", "rule", "CSW-01", "--features", a_folder(tmp_path)]) == 0
    out = capsys.readouterr().out
    assert "opens the customer service window" in out
    assert "2019-06-01/customer_service_window/open: acts in" in out
    assert "fsm spec pin CSW-01" in out


def test_rows_can_be_listed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["spec", "rows", "--rule", "CBP2-06", "--features", a_folder(tmp_path)]) == 0
    assert "2023-06-01/service/" in capsys.readouterr().out


def test_pinning_a_rule_that_no_cell_cites_says_so(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["spec", "pin", "CSW-07", "--features", a_folder(tmp_path)]) == 0
    assert "No cell of the law cites CSW-07" in capsys.readouterr().out


def test_pinning_a_rule_on_features_that_do_not_tell_it_fails(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["spec", "pin", "CBP2-06", "--features", a_folder(tmp_path)]) == 1
    assert "SURVIVES" in capsys.readouterr().out


def test_a_missing_scenario_is_printed_as_a_feature(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["spec", "missing", "--rule", "CBP2-06", "--features", a_folder(tmp_path)]) == 0
    read = read_feature("missing.feature", capsys.readouterr().out)
    assert list(problems_of(read)) == []
    assert all(not watched(script).fails for script in scripts_of(read))


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        pytest.param(["spec", "rules"], "nothing called 'rules'", id="unknown-question"),
        pytest.param(["spec", "rule"], "wants an id", id="no-id"),
        pytest.param(["spec", "rows", "CSW-01"], "choose with --rule", id="name-where-none-belongs"),
        pytest.param(["spec", "pin", "CSW-01", "--write"], "records a whole run", id="record-of-a-part"),
        pytest.param(["spec", "--rule", "CWS-01"], "Did you mean CSW-01", id="misspelt-rule"),
        pytest.param(["spec", "rows", "--row", "nowhere"], "no row of the law is called", id="unknown-row"),
    ],
)
def test_a_wrong_question_is_answered_with_what_to_do(
    tmp_path: Path, arguments: list[str], says: str, capsys: pytest.CaptureFixture[str]
) -> None:
    features = [] if "--write" in arguments else ["--features", a_folder(tmp_path)]
    assert main([*arguments, *features]) == 2
    assert says in capsys.readouterr().err


def test_a_folder_without_features_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["spec", "--features", str(tmp_path)]) == 2
    assert "holds no feature in English" in capsys.readouterr().err


@pytest.mark.parametrize("question", ["", "missing", "pin"])
def test_without_the_gherkin_parser_the_missing_extra_is_named(question: str) -> None:
    code = (
        "import sys; sys.modules['gherkin'] = None; sys.modules['gherkin.parser'] = None\n"
        f"from fsm.cli.main import main; raise SystemExit(main('spec {question}'.split()))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "whatsapp-conversation-fsm[spec]" in done.stderr


def test_an_unknown_row_is_told_the_nearest_ones() -> None:
    with pytest.raises(UnknownLine, match="2023-06-01/utility/1"):
        named(LINES, "2023-06-01/utilty/1")
