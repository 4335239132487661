"""What the features need: their tags known, their steps bound, and a world under a clock that the steps move."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import freezegun
import pytest
from hypothesis import HealthCheck, settings

from fsm.harness.compile import read_features
from fsm.harness.live import LiveWorld
from fsm.harness.places import features_folder
from fsm.harness.steps import *  # noqa: F403 (the steps are fixtures; pytest-bdd looks for them here)

# No test asserts how fast this machine is, and a busy one must not fail for it.
# For the rest it is the profile in force: in continuous integration that draws the same examples every time.
settings.register_profile("any speed", settings(), deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("any speed")

# Each scenario freezes the clock of every module there is: not of these, which never ask for the time of a thread.
_TIMELESS = ["llvmlite", "numba", "numpy", "openpyxl", "pandas", "phonenumbers", "pyarrow", "pygments", "rich"]
freezegun.configure(extend_ignore_list=["_pytest.timing", *_TIMELESS])  # type: ignore[attr-defined]


def pytest_configure(config: pytest.Config) -> None:
    """Every tag of the features is a mark: `pytest -m "CSW-01"` runs the scenarios of one rule."""
    tags = {
        tag["name"].removeprefix("@")
        for feature in read_features(features_folder())
        for pickle in feature.pickles
        for tag in pickle["tags"]
    }
    for tag in sorted(tags):
        config.addinivalue_line("markers", f"{tag}: scenarios tagged @{tag}")


@pytest.fixture(scope="session", autouse=True)
def _measured_here_alone() -> Iterator[None]:
    """A pytest that a test starts for itself must not take itself for one of the workers that slipcover measures."""
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("SLIPCOVER_ENABLED", raising=False)
        yield


@pytest.fixture
def world() -> Iterator[LiveWorld]:
    """A scenario on live threads. The steps move the clock, so 'when 23 h pass' is no sleep."""
    with freezegun.freeze_time("2022-01-01T00:00:00Z") as frozen:
        yield LiveWorld(set_clock=frozen.move_to)


@pytest.fixture(scope="session")
def data() -> Path:
    """The folder of test data."""
    return Path(__file__).parent / "data"
