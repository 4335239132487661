"""
The command line: `fsm replay`, `fsm judge`, `fsm rules`, `fsm diagrams`.

A shell: it opens files, reads the terminal's wishes and prints. Everything heavier
than argument parsing is imported inside the command that needs it.

Exit codes: 0 fine; 1 the answer is "refused" or "differs" where `--check` asks;
2 bad usage or unreadable input; 130 interrupted; 143 terminated.
"""
