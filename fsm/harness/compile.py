"""Features to scripts: every scenario and every row of every outline, from the Gherkin tree itself."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import attrs
from gherkin.parser import Parser
from gherkin.pickles.compiler import Compiler

from fsm.errors import FsmError
from fsm.harness.script import Script
from fsm.harness.vocabulary import perform
from fsm.harness.world import World


class BadFeature(FsmError):
    """A feature file that cannot be read, or a step of it that means nothing."""


@attrs.frozen(kw_only=True)
class Feature:
    """
    A feature file.

    Attributes:
        path: below the folder of features, with `/`.
        language: `en` or `es`.
        document: the Gherkin tree.
        pickles: the scenarios, outlines expanded.
    """

    path: str
    language: str
    document: dict[str, Any]
    pickles: tuple[dict[str, Any], ...]

    @property
    def twin(self) -> str:
        """The path without the language: what an English feature and its Spanish twin share."""
        return self.path.removeprefix("es/")


def read_features(folder: Path) -> Iterator[Feature]:
    """
    Every feature file below a folder, sorted by path.

    Raises:
        BadFeature: a file is not Gherkin.
    """
    for file in sorted(folder.rglob("*.feature")):
        yield read_feature(file.relative_to(folder).as_posix(), file.read_text(encoding="utf-8"))


def read_feature(path: str, text: str) -> Feature:
    """
    One feature file.

    Raises:
        BadFeature: it is not Gherkin.
    """
    try:
        document: dict[str, Any] = dict(Parser().parse(text))
    except Exception as bad:  # the parser raises several kinds, all of them about the text
        raise BadFeature(f"{path} is not Gherkin: {bad}") from None
    document["uri"] = path
    pickles = tuple(Compiler().compile(document))  # type: ignore[arg-type]
    feature = document.get("feature") or {}
    return Feature(path=path, language=str(feature.get("language", "en")), document=document, pickles=pickles)  # type: ignore[arg-type]


def scripts_of(feature: Feature) -> Iterator[Script]:
    """
    The scripts of a feature, in order.

    Raises:
        BadFeature: a step fits no phrase of the vocabulary, or uses an unknown word.
    """
    scenario, row, last = 0, 0, ""
    for pickle in feature.pickles:
        tree_id = pickle["astNodeIds"][0]
        scenario, row, last = (scenario, row + 1, last) if tree_id == last else (scenario + 1, 1, tree_id)
        world = World(feature.language)
        for step in pickle["steps"]:
            try:
                perform(world, feature.language, step["text"])
            except FsmError as bad:
                raise BadFeature(f"{feature.path}, scenario {pickle['name']!r}: {bad}") from None
        tags = tuple(tag["name"].removeprefix("@") for tag in pickle["tags"])
        yield world.script(f"{feature.twin}#{scenario}.{row}", pickle["name"], tags)


def compile_folder(folder: Path, language: str | None = None) -> list[Script]:
    """
    Every script below a folder of features.

    Args:
        language: only features in this language.

    Raises:
        BadFeature: a file is not Gherkin, or a step means nothing.
    """
    return [
        script
        for feature in read_features(folder)
        if language in (None, feature.language)
        for script in scripts_of(feature)
    ]
