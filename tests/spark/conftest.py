"""One Spark session for all of these tests: starting it takes longer than most of them."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from fsm.spark import extra


@pytest.fixture(scope="session")
def session(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """Spark on two cores of this machine."""
    why = extra.missing()
    if why:
        pytest.skip(why)
    from fsm.spark.sessions import local_session

    before = {name: os.environ.get(name) for name in ("PYSPARK_PYTHON", "PYTHONPATH")}
    # The workers import what the tests import.
    os.environ["PYTHONPATH"] = os.pathsep.join([str(Path(__file__).parents[2]), *filter(None, [before["PYTHONPATH"]])])
    spark = local_session(2, partitions=3, folder=str(tmp_path_factory.mktemp("spark")), name="tests")
    spark.sparkContext.setLogLevel("ERROR")
    yield spark
    spark.stop()
    for name, value in before.items():
        if value is None:
            os.environ.pop(name, None)
        else:
            os.environ[name] = value


@pytest.fixture
def few_partitions(session: Any) -> Iterator[None]:
    """Every partition keeps a store of its own, which takes longer to open than these tests fill."""
    before = session.conf.get("spark.sql.shuffle.partitions")
    session.conf.set("spark.sql.shuffle.partitions", "1")
    yield
    session.conf.set("spark.sql.shuffle.partitions", before)
