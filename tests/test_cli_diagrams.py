"""`fsm diagrams`: what it writes it finds again, and it notices a picture that the tables do not give."""

from __future__ import annotations

from pathlib import Path

import pytest

from fsm.cli.main import main
from fsm.harness.places import features_folder


def test_the_committed_pictures_are_what_the_tables_and_scenarios_give(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["diagrams", "--check", "diagrams"]) == 0, capsys.readouterr().out


def test_a_changed_a_missing_and_an_extra_picture_are_each_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["diagrams", "--write", str(tmp_path)]) == 0
    changed, missing = tmp_path / "nbp" / "status.svg", tmp_path / "changes" / "2023-06-01.md"
    changed.write_text(changed.read_text(encoding="utf-8") + " ", encoding="utf-8")
    missing.unlink()
    (tmp_path / "extra.svg").write_text("", encoding="utf-8")
    capsys.readouterr()
    assert main(["diagrams", "--check", str(tmp_path)]) == 1
    out = capsys.readouterr().out
    assert "different: nbp/status.svg" in out
    assert "missing: changes/2023-06-01.md" in out
    assert "extra: extra.svg" in out


def test_the_threads_of_a_log_are_drawn_as_timelines(tmp_path: Path, data: Path) -> None:
    assert main(["diagrams", str(data / "demo" / "bakery.jsonl"), "--write", str(tmp_path)]) == 0
    picture = (tmp_path / "scenarios" / "thread-1.svg").read_text(encoding="utf-8")
    assert "customer 5215550001111" in picture


def test_the_features_are_looked_for_in_the_package_and_then_beside_it(tmp_path: Path) -> None:
    """A wheel carries them inside the package; an editable install has them beside it."""
    package = tmp_path / "fsm"
    package.mkdir()
    assert features_folder(package) == tmp_path / "features"
    (package / "_features").mkdir()
    assert features_folder(package) == package / "_features"
