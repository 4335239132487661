"""Where the features are. Kept apart from the compiler, so that finding them needs no Gherkin parser."""

from __future__ import annotations

from pathlib import Path


def features_folder(package: Path | None = None) -> Path:
    """
    Where the features are: inside the installed package, else beside it.

    An editable install does not see the folder that the wheel maps into the package.

    Args:
        package: the folder of the package; by default that of this one.
    """
    package = package or Path(__file__).parent.parent
    packaged = package / "_features"
    return packaged if packaged.is_dir() else package.parent / "features"
