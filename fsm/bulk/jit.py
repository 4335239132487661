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


def compiled(python: _Function) -> _Function:
    """Compile a function of a module that was loaded for it, and keep the result on disk; leave it alone elsewhere."""
    if not python.__module__.endswith(_COMPILED):
        return python
    import numba

    made: _Function = numba.njit(cache=True, nogil=True)(python)
    return made


def called(python: _Function) -> _Function:
    """The same of a function that only compiled ones call."""
    if not python.__module__.endswith(_COMPILED):
        return python
    import numba

    made: _Function = numba.njit(nogil=True)(python)
    return made


def inlined(python: _Function) -> _Function:
    """
    The same of a function that is compiled into whichever calls it.

    Some fifty pointers go through the functions of the kernel: to pass them costs more than what most of these do.
    """
    if not python.__module__.endswith(_COMPILED):
        return python
    import numba

    made: _Function = numba.njit(nogil=True, inline="always")(python)
    return made


def pointer_of(module: str) -> Callable[[Any], Any]:
    """
    What a module uses to read an array without counting references to it: one flat row of its numbers.

    Whoever takes a pointer must be called by someone who holds the array.
    """
    if not module.endswith(_COMPILED):
        return lambda array: array.reshape(-1)
    from numba import types
    from numba.extending import intrinsic

    @intrinsic  # type: ignore[untyped-decorator]
    def pointer(_context: Any, array: Any) -> Any:
        def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
            return context.make_array(signature.args[0])(context, builder, arguments[0]).data

        return types.CPointer(array.dtype)(array), generate

    made: Callable[[Any], Any] = pointer
    return made


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
