# Shortcuts only: everything here is one line of .ci/start.py or of a tool it installs.
START := python3 .ci/start.py
PYTHON := .venv/bin/python

.PHONY: help setup demo test lint types features spec vectors diagrams mutation bench coverage permutations histories clean

help:
	@$(START) help

setup:
	$(START) setup

demo:
	$(START) demo

test:
	$(START) test

lint:
	$(START) test lint format imports

types:
	$(START) test types

features:
	$(START) test features

# What the features compile to, for implementations in any language; `make test` only compares.
vectors: setup
	$(PYTHON) -m fsm.harness.publish

# Draw them again; `make test` only compares.
diagrams: setup
	$(PYTHON) -m fsm diagrams --write diagrams
	$(PYTHON) -m fsm.harness.pages

# Change every cell of the law, see whether a scenario notices, and write down what `fsm spec` says about pins.
mutation: setup
	$(PYTHON) -m tests.mutation

spec: setup
	$(PYTHON) -m fsm spec --check

bench: setup
	$(PYTHON) -m pytest tests/benchmarks -s -p no:cacheprovider

# What no test of `make test` runs, file by file; it fails below 90 %.
coverage: setup
	$(START) test measured coverage
	$(PYTHON) -m slipcover --merge .coverage.ran.json --out .coverage.json

# Random histories against the independent simulator: 20,000 of them instead of 600.
histories: setup
	FSM_HISTORIES=20000 $(PYTHON) -m pytest tests/parity/test_random_histories.py

# A million arrivals of random worlds, in any order and packing: one ledger each. PERMUTATIONS=20000 is a coffee's worth.
PERMUTATIONS ?= 1000000
permutations: setup
	$(PYTHON) -m tests.worlds --permutations $(PERMUTATIONS) --jobs 2 --answer tests.worlds.ledgers:ledger

clean:
	rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache .coverage* dist build
