"""numba, if it is asked for: the same functions compiled, or as Python runs them."""

from __future__ import annotations

import hashlib
import os
import sys
import tempfile
from collections.abc import Callable
from functools import cache
from importlib import import_module
from importlib.util import find_spec, module_from_spec, spec_from_file_location
from pathlib import Path
from threading import RLock
from types import ModuleType
from typing import Any, Final, TypeVar, cast

from fsm.errors import MissingExtra

_COMPILED: Final = "_compiled"
_FOLDER: Final = "whatsapp-conversation-fsm"
_SOURCES: Final = ("jit", "memory", "layout")
"""Modules whose constants are compiled into every other."""
_LOADING: Final = RLock()
_Function = TypeVar("_Function", bound=Callable[..., Any])


def compiled(python: _Function) -> _Function:
    """Compile a function of a module that was loaded for it, and keep the result on disk; leave it alone elsewhere."""
    if not python.__module__.endswith(_COMPILED):
        return python
    import numba

    return cast(_Function, numba.njit(cache=True, nogil=True)(python))


def called(python: _Function) -> _Function:
    """The same of a function that only compiled ones call."""
    if not python.__module__.endswith(_COMPILED):
        return python
    import numba

    return cast(_Function, numba.njit(nogil=True)(python))


def inlined(python: _Function) -> _Function:
    """
    The same of a function that is compiled into whichever calls it.

    Some fifty pointers go through the functions of the kernel: to pass them costs more than what most of these do.
    """
    if not python.__module__.endswith(_COMPILED):
        return python
    import numba

    return cast(_Function, numba.njit(nogil=True, inline="always")(python))


def pointer_of(module: str) -> Callable[[Any], Any]:
    """
    What a module uses to read an array without counting references to it: one flat row of its numbers.

    Whoever takes a pointer must be called by someone who holds the array.
    """
    if not module.endswith(_COMPILED):
        return lambda array: array.reshape(-1)
    from numba import types
    from numba.extending import intrinsic

    @intrinsic
    def pointer(_context: Any, array: Any) -> Any:
        def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
            return context.make_array(signature.args[0])(context, builder, arguments[0]).data

        made: Any = types.CPointer
        return made(array.dtype)(array), generate

    return cast(Callable[[Any], Any], pointer)


def available() -> bool:
    """Whether numba is installed."""
    return find_spec("numba") is not None


@cache
def load(name: str, compiled: bool = True) -> ModuleType:
    """
    A module of kernels, to be run by Python or compiled.

    What numba compiles stays on disk, in a folder for these very sources: constants are compiled into the code, and
    numba would not notice that another module has changed one.

    Args:
        name: of the module in this room.
        compiled: by numba.

    Raises:
        MissingExtra: it is to be compiled and numba is not installed.
    """
    if not compiled:
        return import_module(f"fsm.bulk.{name}")
    if not available():
        raise MissingExtra(
            "the kernel is compiled by numba, which is not installed. Install it with "
            "`pip install 'whatsapp-conversation-fsm[bulk]'`, or use --engine table."
        )
    full = f"fsm.bulk.{name}{_COMPILED}"
    # A module stands among the others before it has run: no other thread may find it there half done.
    with _LOADING:
        if full not in sys.modules:
            spec = spec_from_file_location(full, _copy(name))
            assert spec is not None
            assert spec.loader is not None
            module = module_from_spec(spec)
            sys.modules[full] = module
            try:
                spec.loader.exec_module(module)
            except BaseException:
                del sys.modules[full]
                raise
        return sys.modules[full]


def _copy(name: str) -> Path:
    """A copy of a module's source in the folder in which numba keeps what it compiles from it."""
    here = Path(__file__).parent
    sources = [here / f"{each}.py" for each in (name, *_SOURCES)] + [
        here.parent / "terms.py",
        here.parent / "replay/fold.py",
    ]
    print_ = hashlib.blake2b(b"\0".join(source.read_bytes() for source in sources), digest_size=8).hexdigest()
    for folder in (_cache(), Path(tempfile.gettempdir()) / f"{_FOLDER}-{os.getuid() if hasattr(os, 'getuid') else 0}"):
        try:
            own = folder / f"kernel-{print_}"
            own.mkdir(parents=True, exist_ok=True, mode=0o700)
            copy, source = own / f"{name}{_COMPILED}.py", here / f"{name}.py"
            if not copy.exists() or copy.read_bytes() != source.read_bytes():
                new = copy.with_suffix(f".{os.getpid()}")
                new.write_bytes(source.read_bytes())
                new.replace(copy)
            return copy
        except OSError:
            continue
    raise MissingExtra(
        f"neither {_cache()} nor {tempfile.gettempdir()} can be written, so the compiled kernel has no place. "
        "Set XDG_CACHE_HOME to a folder that can."
    )


def _cache() -> Path:
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / _FOLDER
