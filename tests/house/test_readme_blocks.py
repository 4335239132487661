"""
What the documents show is what happens: their blocks of code are run.

- ```` ```python ````: the blocks of a document run in order and share their names.
  With `>>>` in it a block is a doctest, without it is a program.
- ```` ```console ````: each `$ fsm ...` runs in this process, from the root of the
  project. What it prints (both streams, as a terminal would show them) must be what
  the document shows; `...` stands for anything.
- A block that starts with `$ git`, `$ make` or `$ python3 .ci` is not run, but the
  target or the script that it names must exist.
- The guide is followed in an empty folder. A block that begins with `# file: NAME` is a
  file of that folder, whatever its language, and `$ pytest ...` runs there.
"""

from __future__ import annotations

import doctest
import io
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import redirect_stderr, redirect_stdout
from importlib import import_module
from pathlib import Path
from typing import Any, NamedTuple

import pytest

ROOT = Path(__file__).resolve().parents[2]
GUIDE = "fsm/harness/conform/GUIDE.md"
DOCUMENTS = ("README.md", "CONTRIBUTING.md", GUIDE)
NOT_RUN = ("$ git ", "$ make ", "$ python3 .ci/")

_BLOCK = re.compile(
    r"^(?P<indent> *)```(?P<language>python|console|toml|gherkin)\n(?P<body>.*?)^(?P=indent)```$", re.M | re.S
)

_FILE = re.compile(r"# file: (\S+)\n")


class Block(NamedTuple):
    """A fenced block of a document, and the line of its first line."""

    line: int
    language: str
    body: str


class Command(NamedTuple):
    """A line behind a `$`, and what the document shows under it."""

    line: int
    words: tuple[str, ...]
    shown: str


def blocks(text: str) -> Iterator[Block]:
    """The blocks of a document that are run or written, without the indent of a list that they stand in."""
    for match in _BLOCK.finditer(text):
        body = re.sub(rf"^ {{0,{len(match['indent'])}}}", "", match["body"], flags=re.M)
        yield Block(text.count("\n", 0, match.start("body")) + 1, match["language"], body)


def commands(block: Block) -> Iterator[Command]:
    """The commands of a console block; one that ends in a backslash goes on in the next line."""
    at: int | None = None
    typed, shown = "", ""
    going_on = False
    for number, line in enumerate(block.body.splitlines(), block.line):
        if going_on:
            typed += " " + line.strip()
        elif line.startswith("$ "):
            if at is not None:
                yield Command(at, tuple(shlex.split(typed, comments=True)), shown)
            at, typed, shown = number, line[2:], ""
        elif at is None:
            raise ValueError(f"line {number}: a console block starts with `$ `, not with {line!r}")
        else:
            shown += line + "\n"
            continue
        going_on = typed.endswith("\\")
        typed = typed.removesuffix("\\").rstrip()
    if at is not None:
        yield Command(at, tuple(shlex.split(typed, comments=True)), shown)


def agree(shown: str, printed: str) -> bool:
    """Whether the document shows what was printed; blank lines at the end do not count."""
    want, got = (text.rstrip("\n") + "\n" for text in (shown, printed))
    return doctest.OutputChecker().check_output(want, got, doctest.ELLIPSIS | doctest.DONT_ACCEPT_BLANKLINE)


def run_fsm(arguments: tuple[str, ...], folder: Path = ROOT) -> tuple[int, str]:
    """Run the command line in this process: its exit code and what a terminal would have shown."""
    main = import_module("fsm.cli.main").main
    raw = io.BytesIO()
    screen = io.TextIOWrapper(raw, encoding="utf-8", newline="\n", write_through=True)
    with redirect_stdout(screen), redirect_stderr(screen), pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        patch.setattr(sys, "path", [*sys.path])
        patch.setattr(sys, "argv", ["fsm", *arguments])
        patch.setenv("COLUMNS", "80")
        patch.setenv("NO_COLOR", "1")
        try:
            code = main(list(arguments))
        except SystemExit as end:
            code = end.code
        screen.flush()
    return int(code or 0), raw.getvalue().decode()


def run_pytest(arguments: tuple[str, ...], folder: Path) -> tuple[int, str]:
    """Run pytest in a folder, as its user would: its exit code and what it printed."""
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", *arguments]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    return done.returncode, done.stdout + done.stderr


def write_files(text: str, folder: Path) -> None:
    """Write the blocks that are files."""
    for block in blocks(text):
        named = _FILE.match(block.body)
        if named is not None:
            path = folder / named[1]
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(block.body[named.end() :], encoding="utf-8")


def _document(name: str) -> str:
    path = ROOT / name
    assert path.is_file(), f"{name} is missing: a stranger would not know where to start"
    return path.read_text(encoding="utf-8")


def _fail(name: str, line: int, why: str) -> None:
    pytest.fail(f"{name}, line {line}: {why}", pytrace=False)


@pytest.mark.parametrize("name", DOCUMENTS)
def test_the_python_blocks_of_a_document_run_in_order(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    names: dict[str, Any] = {"__name__": "__main__"}
    for block in blocks(_document(name)):
        if block.language != "python" or _FILE.match(block.body):
            continue
        if ">>>" not in block.body:
            # Blank lines in front, so that a traceback names the line of the document.
            exec(compile("\n" * (block.line - 1) + block.body, str(ROOT / name), "exec", dont_inherit=True), names)
            continue
        test = doctest.DocTestParser().get_doctest(block.body, names, name, name, block.line - 1)
        report: list[str] = []
        runner = doctest.DocTestRunner(verbose=False, optionflags=doctest.ELLIPSIS)
        if runner.run(test, out=report.append, clear_globs=False).failed:
            _fail(name, block.line, "".join(report))
        names.update(test.globs)


@pytest.mark.parametrize("name", DOCUMENTS)
def test_the_commands_of_a_document_print_what_it_shows(name: str, tmp_path: Path) -> None:
    folder = tmp_path if name == GUIDE else ROOT
    write_files(_document(name), tmp_path)
    for block in blocks(_document(name)):
        if block.language != "console" or block.body.startswith(NOT_RUN):
            continue
        for command in commands(block):
            runs = ("fsm", "pytest") if name == GUIDE else ("fsm",)
            if command.words[0] not in runs or set(command.words) & {"|", ">", "<", "&&", ";"}:
                _fail(name, command.line, f"only plain `$ fsm ...` can be checked, not `{shlex.join(command.words)}`")
            if any(word.startswith("node ") for word in command.words) and shutil.which("node") is None:
                continue
            run = run_pytest if command.words[0] == "pytest" else run_fsm
            code, printed = run(command.words[1:], folder)
            if code not in (0, 1):
                _fail(name, command.line, f"ended with exit code {code} and printed:\n{printed}")
            if not agree(command.shown, printed):
                _fail(name, command.line, f"the document shows:\n{command.shown}\nbut this is printed:\n{printed}")


@pytest.mark.parametrize("name", DOCUMENTS)
def test_the_targets_and_scripts_that_a_document_names_exist(name: str) -> None:
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.M))
    for block in blocks(_document(name)):
        if block.language != "console" or not block.body.startswith(NOT_RUN):
            continue
        for command in commands(block):
            if command.words[0] == "make":
                assert set(command.words[1:]) <= targets, f"{name}, line {command.line}"
            for script in (word for word in command.words if word.startswith(".ci/")):
                assert (ROOT / script).is_file(), f"{name}, line {command.line}"


def test_the_readme_shows_the_two_commands_that_a_stranger_starts_with() -> None:
    text = _document("README.md")
    assert "python3 .ci/start.py demo" in text
    assert "python3 .ci/start.py test" in text


FENCE = "`" * 3


def test_blocks_are_found_with_their_lines_also_inside_a_list() -> None:
    text = f"# T\n\n{FENCE}python\nx = 1\n{FENCE}\n\n1. a\n\n   {FENCE}console\n   $ fsm x\n\n     out\n   {FENCE}\n"
    assert list(blocks(text)) == [Block(4, "python", "x = 1\n"), Block(10, "console", "$ fsm x\n\n  out\n")]


def test_other_languages_are_not_run() -> None:
    assert list(blocks(f"{FENCE}text\n$ fsm x\n{FENCE}\n{FENCE}\n$ fsm x\n{FENCE}\n")) == []


def test_a_command_has_its_words_and_what_is_shown_under_it() -> None:
    block = Block(5, "console", '$ fsm a \\\n    --b "c d"\none\n\ntwo\n$ fsm e\n')
    assert list(commands(block)) == [
        Command(5, ("fsm", "a", "--b", "c d"), "one\n\ntwo\n"),
        Command(10, ("fsm", "e"), ""),
    ]


def test_a_console_block_that_starts_without_a_command_is_refused() -> None:
    with pytest.raises(ValueError, match="line 3"):
        list(commands(Block(3, "console", "fsm x\n")))


@pytest.mark.parametrize(
    ("shown", "printed", "same"),
    [
        ("a\nb\n", "a\nb", True),
        ("a\n...\nd\n", "a\nb\nc\nd\n", True),
        ("a\n", "a \n", False),
        ("", "a\n", False),
        ("a\n", "", False),
        ("a\n\nb\n", "a\n\nb\n", True),
    ],
)
def test_what_is_shown_is_compared_exactly_but_for_an_ellipsis(shown: str, printed: str, same: bool) -> None:
    assert agree(shown, printed) is same
