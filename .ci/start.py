"""
Set the project up and run it: the one script between a fresh checkout and a result.

    python3 .ci/start.py demo [OPTION ...]   replay the bundled webhook log as a timeline
    python3 .ci/start.py test [STEP ...]     every gate and every test, or the steps named
    python3 .ci/start.py setup               only set up for development

It needs Python 3.11 or later and nothing else. It makes `.venv` beside the
package and installs there, never into the system's Python, and installs again
only when pyproject.toml has changed.
"""

import hashlib
import json
import os
import shutil
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from itertools import groupby
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
STAMP = "installed.json"
DEMO = ("replay", "tests/data/demo")
OLDEST = (3, 11)


def too_old(version: "tuple[int, ...]") -> str:
    """
    Why this Python cannot be used, in one sentence; empty if it can.

    Down to the call below, this file keeps to what Python 3.6 can read: an old
    Python must get as far as the refusal.
    """
    if version >= OLDEST:
        return ""
    return (
        f"This project needs Python {OLDEST[0]}.{OLDEST[1]} or later, and this is Python {version[0]}.{version[1]}: "
        "run the command again with a newer one, for example `python3.12 .ci/start.py test`."
    )


THIS = tuple(sys.version_info[:2])
if too_old(THIS):
    sys.exit(too_old(THIS))


class Step(NamedTuple):
    """One gate: `live` ones show their output as it comes, the others only when they fail."""

    name: str
    command: tuple[str, ...]
    live: bool = False


PYTEST = ("python", "-m", "pytest", "-n", "auto", "--dist", "worksteal")

CELLS = ("tests/parity/test_cells.py", "tests/parity/test_random_histories.py")

REST = tuple(f"--ignore={path}" for path in (*CELLS, "tests/spark"))

# The quick gates first, several at once; the tests last, so that a reader sees their summary at the end.
STEPS = (
    Step("lint", ("python", "-m", "ruff", "check", ".")),
    Step("format", ("python", "-m", "ruff", "format", "--check", ".")),
    Step("types", ("python", "-m", "mypy")),
    Step("imports", ("lint-imports",)),
    Step("features", ("python", "-m", "fsm.harness.lint", "features")),
    Step("diagrams", ("python", "-m", "fsm", "diagrams", "--check")),
    # Every row of the law acts in some scenario; every change of a cell is noticed by one.
    Step("spec", ("python", "-m", "fsm", "spec", "--check")),
    Step("mutation", ("python", "-m", "fsm", "spec", "pin")),
    # Every cell of the law against its twins.
    Step("parity", (*PYTEST, *CELLS), live=True),
    # By itself: Spark takes both cores, and one Java process is enough.
    Step("spark", ("python", "-m", "pytest", "tests/spark"), live=True),
    Step("tests", (*PYTEST, *REST), live=True),
)

# Run only when they are named. slipcover counts the lines of the whole package while the tests run, which then take an
# eighth longer.
MEASURED = ("python", "-W", "ignore::RuntimeWarning:slipcover.importer", "-m", "slipcover", "--json", "--out")
RAN = ".coverage.ran.json"
APART = (
    Step("measured", (*MEASURED, RAN, *PYTEST[1:], *REST), live=True),
    Step("coverage", ("python", "-m", "slipcover", "--fail-under", "90", "--merge", RAN, "--out", ".coverage.json")),
)


class CannotGoOn(Exception):
    """What went wrong and what to do about it, for the reader; `code` is what the script exits with."""

    def __init__(self, message: str, code: int = 1) -> None:
        super().__init__(message)
        self.code = code


def scripts_of(venv: Path, os_name: str = os.name) -> Path:
    """The folder of a virtual environment in which its commands lie."""
    return venv / ("Scripts" if os_name == "nt" else "bin")


def python_of(venv: Path, os_name: str = os.name) -> Path:
    """The Python of a virtual environment."""
    return scripts_of(venv, os_name) / ("python.exe" if os_name == "nt" else "python")


def digest_of(pyproject: bytes, root: Path, version: tuple[int, ...]) -> str:
    """What an installation depends on: the project file, where it lies, and the Python it is for."""
    parts = (pyproject, str(root).encode(), ".".join(map(str, version)).encode())
    return hashlib.sha256(b"\0".join(parts)).hexdigest()


def is_installed(stamp: str, digest: str, extra: str) -> bool:
    """
    Whether what the stamp records will do.

    An installation for development serves the demo too; a stamp that cannot be read serves nothing.
    """
    try:
        recorded = json.loads(stamp)
    except ValueError:
        return False
    if not isinstance(recorded, dict) or recorded.get("digest") != digest:
        return False
    return extra in ("", recorded.get("extra"))


def chosen_steps(names: list[str]) -> list[Step]:
    """The steps of these names, in the usual order; if none is named, all but those that run apart."""
    every = (*STEPS, *APART)
    unknown = [name for name in names if name not in {step.name for step in every}]
    if unknown:
        known = ", ".join(step.name for step in every)
        raise CannotGoOn(f"There is no step called {unknown[0]!r}. The steps are: {known}.", 2)
    return [step for step in every if step.name in names] if names else list(STEPS)


def took(seconds: float) -> str:
    """
    A duration as a person would write it.

    >>> took(0.42), took(83)
    ('0.4 s', '1 min 23 s')
    """
    if seconds < 60:
        return f"{seconds:.1f} s"
    return f"{int(seconds) // 60} min {int(seconds) % 60} s"


def environment(venv: Path, inherited: dict[str, str]) -> dict[str, str]:
    """
    The environment in which the tools run: that of the virtual environment, and nobody else's modules.

    Compiled modules are kept inside it, also where somebody asked for none beside the sources: tests start hundreds of
    processes, and each would compile everything anew.
    """
    others = ("PYTHONDONTWRITEBYTECODE", "PYTHONHOME", "PYTHONPATH")
    kept = {name: value for name, value in inherited.items() if name not in others}
    path = os.pathsep.join(part for part in (str(scripts_of(venv)), inherited.get("PATH", "")) if part)
    return kept | {"VIRTUAL_ENV": str(venv), "PATH": path, "PYTHONPYCACHEPREFIX": str(venv / "compiled")}


def say(text: str, end: str = "\n") -> None:
    """Print at once, so that the lines of this script and of its tools keep their order."""
    print(text, end=end, flush=True)


def run(command: list[str], live: bool = False) -> tuple[int, str]:
    """Run a command from the root of the project: its exit code, and its output unless that was shown live."""
    out = None if live else subprocess.PIPE
    err = None if live else subprocess.STDOUT
    done = subprocess.run(
        command, cwd=ROOT, env=environment(VENV, dict(os.environ)), stdout=out, stderr=err, text=True, check=False
    )
    return done.returncode, done.stdout or ""


def timed(command: list[str], live: bool = False) -> tuple[int, str, float]:
    """Run a command: its exit code, its output, and how many seconds it took."""
    began = time.monotonic()
    return (*run(command, live), time.monotonic() - began)


def run_step(name: str, command: list[str], live: bool = False) -> None:
    """Run a step, say in one line how long it took, and stop if it failed."""
    say(f"{name:<10}..." if live else f"{name:<10}", end="\n" if live else "")
    tell(name, command, *timed(command, live), f"{name:<10}" if live else "")


def run_quiet(steps: list[tuple[str, list[str]]]) -> None:
    """Run steps that show nothing unless they fail, as many at once as there are processors; told in their order."""
    with ThreadPoolExecutor(os.cpu_count() or 1) as pool:
        waiting = [pool.submit(timed, command) for _, command in steps]
        try:
            for (name, command), done in zip(steps, waiting, strict=True):
                say(f"{name:<10}", end="")
                tell(name, command, *done.result())
        finally:
            for done in waiting:
                done.cancel()


def tell(name: str, command: list[str], code: int, output: str, seconds: float, mark: str = "") -> None:
    """Say in one line how a step ended, and stop if it failed."""
    if code == 0:
        say(f"{mark}ok      {took(seconds)}")
        return
    say(f"{mark}failed  {took(seconds)}")
    if output:
        say(output.rstrip())
    # A process that a signal ended has a negative code, which no process can exit with.
    raise CannotGoOn(f"The step {name!r} failed with exit code {code}: {' '.join(command)}", code if code > 0 else 1)


def works(venv: Path) -> bool:
    """Whether the virtual environment has a Python that runs and that is the same as this one."""
    if not python_of(venv).exists():
        return False
    code, output = run([str(python_of(venv)), "-c", "import sys; print(*sys.version_info[:2])"])
    return code == 0 and output.split() == [str(part) for part in THIS]


def make_venv() -> None:
    """
    Make `.venv`, with pip where this Python can, and without where it cannot.

    Debian splits `ensurepip` off into a package of its own; there the pip of the
    system installs into the environment from outside.
    """
    shutil.rmtree(VENV, ignore_errors=True)
    if run([sys.executable, "-m", "venv", str(VENV)])[0] == 0:
        return
    shutil.rmtree(VENV, ignore_errors=True)
    bare, output = run([sys.executable, "-m", "venv", "--without-pip", str(VENV)])
    if bare == 0 and run([sys.executable, "-m", "pip", "--version"])[0] == 0:
        return
    shutil.rmtree(VENV, ignore_errors=True)
    raise CannotGoOn(
        f"This Python ({sys.executable}) cannot make a virtual environment with pip in it. Install its `venv` and "
        "`ensurepip` modules (on Debian and Ubuntu: `sudo apt install python3-venv`) and run the same command again."
        + (f"\n{output.rstrip()}" if output else "")
    )


def pip_of(venv: Path) -> list[str]:
    """The pip that installs into the environment: its own, or else the system's, from outside."""
    inside = [str(python_of(venv)), "-m", "pip"]
    if run([*inside, "--version"])[0] == 0:
        return inside
    return [sys.executable, "-m", "pip", "--python", str(python_of(venv))]


def set_up(extra: str) -> None:
    """Make `.venv` if need be, and install the project in it unless that was done since pyproject.toml changed."""
    digest = digest_of((ROOT / "pyproject.toml").read_bytes(), ROOT, THIS)
    stamp = VENV / STAMP
    if not works(VENV):
        began = time.monotonic()
        say(f"{'venv':<10}", end="")
        try:
            make_venv()
        except CannotGoOn:
            say("failed")
            raise
        say(f"ok      {took(time.monotonic() - began)}")
    elif stamp.exists() and is_installed(stamp.read_text(encoding="utf-8"), digest, extra):
        return
    stamp.unlink(missing_ok=True)
    what = f"{ROOT}[{extra}]" if extra else str(ROOT)
    # What is never imported need not be compiled; the rest is, the first time it is.
    options = ["install", "--quiet", "--disable-pip-version-check", "--no-input", "--no-compile"]
    run_step("install", [*pip_of(VENV), *options, "--editable", what])
    stamp.write_text(json.dumps({"digest": digest, "extra": extra}), encoding="utf-8")


def demo(arguments: list[str]) -> int:
    """Replay the bundled log; further options go to `fsm replay`."""
    set_up("")
    return run([str(python_of(VENV)), "-m", "fsm", *DEMO, *arguments], live=True)[0]


def test(names: list[str]) -> int:
    """Run the steps, quiet ones beside one another, and stop at the first that fails."""
    steps = chosen_steps(names)
    began = time.monotonic()
    set_up("dev")
    for live, together in groupby(steps, key=lambda step: step.live):
        # By its full path: a step must never run a tool of the system's.
        commands = [(step.name, [str(scripts_of(VENV) / step.command[0]), *step.command[1:]]) for step in together]
        if live:
            for name, command in commands:
                run_step(name, command, live)
        else:
            run_quiet(commands)
    say(f"All well: {', '.join(step.name for step in steps)}, in {took(time.monotonic() - began)}.")
    return 0


def main(arguments: list[str]) -> int:
    """Do what the arguments say: 0 if all is well, 2 for bad usage, else the exit code of the step that failed."""
    command, rest = (arguments[0], arguments[1:]) if arguments else ("", [])
    try:
        if command == "demo":
            return demo(rest)
        if command == "test":
            return test(rest)
        if command == "setup" and not rest:
            set_up("dev")
            return 0
        if command in ("help", "-h", "--help"):
            say((__doc__ or "").strip())
            return 0
        raise CannotGoOn(f"There is no command {' '.join(arguments)!r}.\n\n{(__doc__ or '').strip()}", 2)
    except CannotGoOn as problem:
        sys.stdout.flush()
        print(problem, file=sys.stderr)
        return problem.code
    except KeyboardInterrupt:
        print("\nInterrupted.", file=sys.stderr)
        return 130


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
