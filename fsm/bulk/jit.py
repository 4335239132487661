"""numba, if it is asked for: the same functions compiled, or as Python runs them."""

from __future__ import annotations

import sys
from collections.abc import Callable
from functools import lru_cache
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType
from typing import Any, Final, TypeVar

from fsm.errors import MissingExtra

_COMPILED: Final = "_compiled"
_Function = TypeVar("_Function", bound=Callable[..., Any])


def function(python: _Function) -> _Function:
    """Compile a function of a module that was loaded for it; leave it alone elsewhere."""
    if not python.__module__.endswith(_COMPILED):
        return python
    import numba

    compiled: _Function = numba.njit(cache=True, nogil=True)(python)
    return compiled


def available() -> bool:
    """Whether numba is installed."""
    from importlib.util import find_spec

    return find_spec("numba") is not None


@lru_cache(maxsize=None)
def load(name: str, compiled: bool = True) -> ModuleType:
    """
    A module of kernels, to be run by Python or compiled. What numba compiles is kept on disk beside the source.

    Args:
        name: of the module in this room.
        compiled: by numba.

    Raises:
        MissingExtra: it is to be compiled and numba is not installed.
    """
    source = Path(__file__).with_name(f"{name}.py")
    if compiled and not available():
        raise MissingExtra(
            "the kernel is compiled by numba, which is not installed. Install it with "
            "`pip install whatsapp-conversation-fsm[bulk]`, or use --engine table."
        )
    full = f"fsm.bulk.{name}{_COMPILED if compiled else ''}"
    if full in sys.modules:
        return sys.modules[full]
    spec = spec_from_file_location(full, source)
    assert spec is not None and spec.loader is not None
    module = module_from_spec(spec)
    sys.modules[full] = module
    spec.loader.exec_module(module)
    return module
