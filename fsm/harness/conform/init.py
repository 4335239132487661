"""`fsm conform init`: an adapter to begin with, ready to run."""

from __future__ import annotations

from importlib import resources
from pathlib import Path
from typing import Final

from fsm.errors import FsmError

KINDS: Final = {
    "python": {
        "skeletons/adapter.py.txt": "my_adapter.py",
        "skeletons/test_conformance.py.txt": "test_conformance.py",
    },
    "node": {"skeletons/adapter.js.txt": "my_adapter.js"},
    "transcript": {"skeletons/answer_cases.py.txt": "answer_cases.py"},
    "permission": {"examples/permission.js": "permission.js"},
    "pywa": {"examples/pywa_readings.py": "pywa_readings.py"},
    "whatsapp-api-js": {"examples/whatsapp_api_js.mjs": "whatsapp_api_js.mjs"},
}
"""
For every kind the files of the package, and their names where they are written.

Skeletons are texts in the package, not modules; the examples are complete.
"""

_THEN: Final = {
    "python": "connect my_adapter.py where it says TODO, then run `pytest` or `fsm conform --python my_adapter:MyAdapter`",
    "node": 'connect my_adapter.js where it says TODO, then run `fsm conform --command "node my_adapter.js"`',
    "transcript": "connect answer_cases.py where it says TODO, then run the three commands that it begins with",
    "permission": 'it is complete: run `fsm conform --command "node permission.js"`',
    "pywa": "it is complete: `pip install pywa`, then run `fsm conform --python pywa_readings:PywaReadings`",
    "whatsapp-api-js": (
        'it is complete: `npm install whatsapp-api-js`, then run `fsm conform --command "node whatsapp_api_js.mjs"`'
    ),
}


def init(kind: str, folder: Path) -> tuple[list[Path], str]:
    """
    Write an adapter, and say what to do next.

    Args:
        kind: one of `KINDS`.
        folder: where to; it is made if need be.

    Raises:
        FsmError: there is no such kind, or a file is there already.
    """
    if kind not in KINDS:
        raise FsmError(f"{kind!r} is no kind of adapter. Choose one of {', '.join(KINDS)}.")
    targets = {name: folder / written for name, written in KINDS[kind].items()}
    there = [str(path) for path in targets.values() if path.exists()]
    if there:
        raise FsmError(
            f"{', '.join(there)} is there already, and is left as it is. Move it away, or name another folder."
        )
    folder.mkdir(parents=True, exist_ok=True)
    package = resources.files("fsm.harness.conform")
    for name, path in targets.items():
        path.write_text(package.joinpath(name).read_text(encoding="utf-8"), encoding="utf-8")
    return list(targets.values()), _THEN[kind]
