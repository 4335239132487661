"""What this room needs and does not install by itself: PySpark and Java; and what to do when they are missing."""

from __future__ import annotations

import os
import shutil
from importlib.util import find_spec
from pathlib import Path
from typing import Final

from fsm.errors import MissingExtra

EXTRA: Final = "spark"
_NEEDED: Final = ("pyspark", "pyarrow", "numpy", "numba", "pandas")


def missing(installed: tuple[str, ...] | None = None, java: bool | None = None) -> str:
    """
    What is missing and what to do about it, in one sentence; empty if nothing is.

    Args:
        installed: names of the libraries that are there; looked up if None.
        java: whether there is a Java; looked up if None.

    >>> missing(("pyspark", "pyarrow", "numpy", "numba", "pandas"), java=True)
    ''
    >>> missing((), java=True).split(": ")[-1]
    "pip install 'whatsapp-conversation-fsm[spark]'."
    """
    found = tuple(name for name in _NEEDED if find_spec(name)) if installed is None else installed
    absent = [name for name in _NEEDED if name not in found]
    if absent:
        return (
            f"replaying on Apache Spark needs {', '.join(absent)}, which {'is' if len(absent) == 1 else 'are'} not "
            f"installed. Install the extra: pip install 'whatsapp-conversation-fsm[{EXTRA}]'."
        )
    if not (has_java() if java is None else java):
        return (
            "Apache Spark needs a Java runtime (17 or 21), and none was found. Install one (on Debian and Ubuntu: "
            "`sudo apt install openjdk-17-jre-headless`), or set JAVA_HOME to where it lies."
        )
    return ""


def has_java() -> bool:
    """Whether there is a Java where PySpark looks for it: in JAVA_HOME, else on the PATH."""
    home = os.environ.get("JAVA_HOME")
    return (Path(home) / "bin" / "java").exists() if home else shutil.which("java") is not None


def require() -> None:
    """
    Raises:
        MissingExtra: PySpark, what it needs, or Java is not there.
    """
    why = missing()
    if why:
        raise MissingExtra(why)
