"""The feature linter refuses what pytest-bdd lets pass in silence: each fault is planted once."""

from __future__ import annotations

from pathlib import Path
from textwrap import dedent

import pytest

from fsm.harness.compile import BadFeature, Feature, read_feature
from fsm.harness.lint import known_tag, lint, main, problems_of, python_problems, rule_ids

GOOD = """\
@CSW-01 @CSW-03
Feature: The customer service window

  Rule: A free-form message needs an open window

    Scenario Outline: A free-form message <elapsed> after the customer's last message
      Given it is 2025-08-11 at 09:00
      And Ana wrote to the bakery <elapsed> ago
      When the bakery asks to send Ana a free-form message
      Then it is <verdict>

      Examples: around the edge of the window
        | elapsed          | verdict                       |
        | 23 h 59 min 59 s | allowed                       |
        | 24 h 1 s         | refused: a template is needed |

    Scenario: A reply at once
      Given it is 2025-08-11 at 09:00
      And Ana wrote to the bakery 1 s ago
      When the bakery asks to send Ana a free-form message
      Then it is allowed
      And nothing is charged
"""


def _feature(text: str = GOOD, path: str = "windows/window.feature") -> Feature:
    return read_feature(path, text)


def _problems(text: str) -> list[str]:
    return list(problems_of(_feature(text)))


def _planted(old: str, new: str) -> list[str]:
    """What the linter says of the good feature with one thing changed."""
    assert GOOD.count(old) == 1, old
    return _problems(GOOD.replace(old, new))


def _only(problems: list[str], *says: str) -> None:
    assert len(problems) == 1, problems
    assert problems[0].startswith("windows/window.feature")
    for part in says:
        assert part in problems[0]


def test_a_sound_feature_has_no_problems() -> None:
    assert _problems(GOOD) == []


# --- what would vanish or pass ----------------------------------------------
def test_two_scenarios_of_one_name_are_refused_because_the_first_would_never_run() -> None:
    first_name = "A free-form message <elapsed> after the customer's last message"
    _only(
        _planted("Scenario: A reply at once", f"Scenario: {first_name}"),
        "line 17",
        "a second scenario of that name; the first would never run",
    )


def test_two_scenarios_of_one_name_under_different_rules_are_refused_too() -> None:
    """Names are functions of one module to pytest-bdd, whatever rule they stand under."""
    again = GOOD.partition("    Scenario: A reply at once")[2]
    problems = _problems(f"{GOOD}\n  Rule: Another\n\n    Scenario: A reply at once{again}")
    _only(problems, "a second scenario of that name")


def test_an_empty_scenario_is_refused_because_it_would_pass() -> None:
    problems = _problems(f"{GOOD}\n    Scenario: Later\n")
    assert any("'Later': the scenario has no steps, so it would pass" in problem for problem in problems)


def test_a_scenario_without_a_name_is_refused() -> None:
    assert any("the scenario has no name" in problem for problem in _planted("Scenario: A reply at once", "Scenario:"))


def test_an_outline_without_rows_is_refused_because_it_would_not_run() -> None:
    rows = GOOD.partition("| verdict                       |\n")[2].partition("\n\n")[0]
    _only(_planted(rows + "\n", ""), "an examples table has no rows")


def test_an_examples_heading_without_a_table_is_refused() -> None:
    table = GOOD.partition("around the edge of the window\n")[2].partition("\n\n")[0]
    problems = _planted(table + "\n", "")
    assert any("an examples table has no rows" in problem for problem in problems)


def test_an_outline_without_examples_is_refused_because_it_would_run_literally() -> None:
    table = GOOD.partition("      Examples:")[2].partition("\n\n")[0]
    problems = _planted(f"      Examples:{table}\n", "")
    assert any("it has the slots elapsed, verdict and no examples" in problem for problem in problems)


def test_a_column_that_no_step_uses_is_refused() -> None:
    text = GOOD.replace("| verdict                       |", "| verdict | why |")
    text = text.replace("| allowed                       |", "| allowed | a |")
    text = text.replace("| refused: a template is needed |", "| refused: a template is needed | b |")
    _only(_problems(text), "no step uses the column why")


def test_a_slot_without_a_column_is_refused() -> None:
    problems = _planted(
        "When the bakery asks to send Ana a free-form message\n      Then it is <verdict>",
        "When <act>\n      Then it is <verdict>",
    )
    assert any("the table has no column act" in problem for problem in problems)


def test_a_duplicated_row_is_refused() -> None:
    row = "        | 24 h 1 s         | refused: a template is needed |\n"
    _only(_planted(row, row + row), "the row 24 h 1 s | refused: a template is needed stands 2 times")


# --- steps ------------------------------------------------------------------
LAST = "      Then it is allowed\n      And nothing is charged\n"


def test_an_unknown_step_is_refused_with_where_the_vocabulary_stands() -> None:
    _only(
        _planted(LAST, f"{LAST}      And the bakery sings\n"),
        "'A reply at once'",
        "step 'the bakery sings': no phrase fits it",
    )


def test_a_scenario_in_which_nothing_happens_is_refused() -> None:
    when = "      And Ana wrote to the bakery 1 s ago\n      When the bakery asks to send Ana a free-form message\n"
    _only(_planted(when, when.replace("When", "And")), "'A reply at once': nothing happens (no When)")


def test_a_scenario_that_expects_nothing_is_refused_because_it_would_pass() -> None:
    _only(_planted(LAST, ""), "'A reply at once': nothing is expected (no Then), so it would pass")


@pytest.mark.parametrize(
    ("old", "new", "step"),
    [
        (LAST, f"{LAST}      And Ana writes to the bakery\n", "Ana writes to the bakery"),
        (
            "      And Ana wrote to the bakery 1 s ago\n",
            "      And Ana wrote to the bakery 1 s ago\n      And nothing is charged\n",
            "nothing is charged",
        ),
    ],
    ids=["an act as an expectation", "an expectation as a state"],
)
def test_a_step_under_the_wrong_keyword_is_refused(old: str, new: str, step: str) -> None:
    """An expectation under Given would be checked before anything has happened."""
    _only(_planted(old, new), f"the step {step!r} stands under the wrong keyword")


def test_a_word_that_the_lexicon_does_not_have_is_refused() -> None:
    text = GOOD.replace(
        "asks to send Ana a free-form message\n      Then it is allowed",
        "asks to send Ana a carrier pigeon\n      Then it is allowed",
    )
    found = lint([_feature(text)])
    assert any("windows/window.feature" in problem and "carrier pigeon" in problem for problem in found)


# --- tags -------------------------------------------------------------------
def test_a_scenario_without_a_rule_is_refused() -> None:
    problems = _planted("@CSW-01 @CSW-03\n", "")
    assert problems
    assert all("it carries no rule. Tag it with the rule it proves." in problem for problem in problems)


def test_a_tag_nobody_knows_is_refused() -> None:
    problems = _planted("@CSW-01 @CSW-03", "@CSW-01 @CSW-3")
    assert problems
    assert all("the tag @CSW-3 is no rule, no date and no status word" in problem for problem in problems)


@pytest.mark.parametrize(
    ("tag", "known"),
    [
        ("CSW-01", True),
        ("CSW-05b", True),
        ("csw-01", False),
        ("@CSW-01", False),
        ("since-2023-06-01", True),
        ("until-2025-07-01", True),
        ("since-2023", False),
        ("from-2023-06-01", False),
        ("contested", True),
        ("unspecified", True),
        ("wip", False),
        ("", False),
    ],
)
def test_a_tag_is_a_rule_a_date_or_a_status_word(tag: str, known: bool) -> None:
    assert known_tag(tag) is known


@pytest.mark.parametrize("tag", ["since-2023-13-01", "until-2023-02-30"])
def test_a_date_that_does_not_exist_is_no_tag(tag: str) -> None:
    assert not known_tag(tag)


def test_a_rule_without_a_scenario_is_refused() -> None:
    found = lint([_feature()])
    assert {problem.split()[1] for problem in found} == rule_ids() - {"CSW-01", "CSW-03"}
    assert "rule PMP-01 has no scenario: no one would notice if it changed." in found


def test_features_that_cover_every_rule_have_no_problems() -> None:
    assert lint([_feature(), _feature(_covering_everything(), "everything.feature")]) == []


def _covering_everything() -> str:
    tags = " ".join(f"@{id}" for id in sorted(rule_ids()))
    return f"{tags}\n{GOOD.partition(chr(10))[2]}"


# --- files ------------------------------------------------------------------
@pytest.mark.parametrize(
    "text",
    [
        "This is no feature.",
        "Feature: A\n  Scenario: B\n    Given x\n    Examples\n      | a |",
        f"{GOOD}\nFeature: Another\n",
    ],
    ids=["prose", "a broken table", "two features"],
)
def test_a_file_that_is_not_gherkin_is_refused_by_name(text: str) -> None:
    with pytest.raises(BadFeature, match=r"windows/window\.feature is not Gherkin"):
        _feature(text)


@pytest.mark.parametrize("text", ["", "\n\n", "# only a comment\n"], ids=["empty", "blank", "a comment"])
def test_a_file_without_a_feature_is_refused(text: str) -> None:
    assert _problems(text) == ["windows/window.feature: the file holds no feature."]


def test_a_feature_without_scenarios_is_refused() -> None:
    assert _problems("@CSW-01\nFeature: The customer service window\n\n  Nothing yet.\n")


def test_a_language_without_phrases_is_refused_step_by_step() -> None:
    text = "# language: fr\n@CSW-01\nFonctionnalité: La fenêtre\n\n  Scénario: Une réponse\n    Quand Ana écrit\n    Alors rien\n"
    assert any("no phrase fits it" in problem for problem in _problems(text))


# --- steps written in Python ------------------------------------------------
def _python(tmp_path: Path, text: str) -> list[str]:
    file = tmp_path / "steps.py"
    file.write_text(dedent(text), encoding="utf-8")
    return list(python_problems([file]))


@pytest.mark.parametrize("decorator", ["given", "when", "then", "step"])
def test_an_async_step_is_refused_because_nobody_awaits_it(tmp_path: Path, decorator: str) -> None:
    (problem,) = _python(tmp_path, f'import x\n\n@{decorator}("a step")\nasync def act(world):\n    pass\n')
    assert "line 3: step 'act' is async; pytest-bdd never awaits it, so it passes." in problem


def test_an_async_step_under_several_decorators_is_refused(tmp_path: Path) -> None:
    assert _python(tmp_path, '@given("a")\n@when("b")\n@other\nasync def act(world): ...\n')


def test_an_ordinary_step_and_an_async_helper_are_left_alone(tmp_path: Path) -> None:
    assert _python(tmp_path, '@given("a")\ndef act(world): ...\n\nasync def helper(): ...\n') == []


@pytest.mark.parametrize(
    "text",
    [
        '@given(\n    "a long step",\n)\nasync def act(world): ...\n',
        '@pytest_bdd.given("a")\nasync def act(world): ...\n',
        '@other\n@given("a")\n# why\nasync def act(world): ...\n',
        'if True:\n    @given("a")\n    async def act(world): ...\n',
    ],
    ids=["over several lines", "by its module", "with a comment", "indented"],
)
def test_an_async_step_is_refused_however_its_decorator_is_written(tmp_path: Path, text: str) -> None:
    assert _python(tmp_path, text)


# --- the command ------------------------------------------------------------
@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder whose features cover every rule."""
    (tmp_path / "windows").mkdir()
    (tmp_path / "windows" / "window.feature").write_text(GOOD, encoding="utf-8")
    (tmp_path / "everything.feature").write_text(_covering_everything(), encoding="utf-8")
    return tmp_path


def test_sound_features_exit_with_0_and_are_counted(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(folder)]) == 0
    out, err = capsys.readouterr()
    assert (out, err) == ("2 features, 6 scenarios and rows, 0 problems\n", "")


def test_a_problem_exits_with_2_and_is_told_on_standard_error(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = folder / "windows" / "window.feature"
    file.write_text(GOOD.replace(LAST, f"{LAST}      And the bakery sings\n"), encoding="utf-8")
    assert main([str(folder)]) == 2
    out, err = capsys.readouterr()
    assert "2 features, 6 scenarios and rows, 1 problems" in out
    assert "windows/window.feature, 'A reply at once': step 'the bakery sings'" in err


def test_a_file_that_is_not_gherkin_exits_with_2_and_the_others_are_still_linted(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "prose.feature").write_text("This is no feature.", encoding="utf-8")
    (folder / "windows" / "window.feature").write_text(GOOD.replace(LAST, ""), encoding="utf-8")
    assert main([str(folder)]) == 2
    err = capsys.readouterr().err
    assert "prose.feature is not Gherkin" in err
    assert "nothing is expected (no Then)" in err


@pytest.mark.parametrize("name", [".", "missing"])
def test_a_folder_without_features_exits_with_2(tmp_path: Path, capsys: pytest.CaptureFixture[str], name: str) -> None:
    """An empty folder has no problems either; a gate that finds nothing to check must not be green."""
    assert main([str(tmp_path / name)]) == 2
    assert "holds no feature file" in capsys.readouterr().err


def test_a_rule_without_a_scenario_exits_with_2(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "everything.feature").unlink()
    assert main([str(folder)]) == 2
    assert "rule PMP-01 has no scenario" in capsys.readouterr().err


def test_a_feature_that_is_not_utf_8_exits_with_2(folder: Path) -> None:
    (folder / "latin.feature").write_bytes("Feature: La ventana está abierta\n".encode("latin-1"))
    assert main([str(folder)]) == 2
