# Everything here works on a fresh machine with Python 3.11+ and make.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
# Test processes.
JOBS ?= 2

.DEFAULT_GOAL := help
.PHONY: help install run test test-fast check bench docs chaos clean

help:  ## Say what there is
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 12

install: $(STAMP)  ## Set up .venv from requirements.lock

$(STAMP): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(0 if sys.version_info >= (3, 11) else "Jackfield needs Python 3.11 or newer; set PYTHON=...")'
	@$(PYTHON) -m venv $(VENV)
	@echo "Installing what Jackfield needs (a minute or two, the first time only)..."
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

run: $(STAMP)  ## Show the main job, then serve (JACKFIELD_DEMO_EXIT=1 ends after the show)
	@$(BIN)/jackfield demo

test: $(STAMP) check  ## Checks and the whole test suite
	$(BIN)/python -m pytest -n $(JOBS) --dist loadfile

test-fast: $(STAMP)  ## The tests that need no process of their own: the inner loop, under a minute
	$(BIN)/python -m pytest -n $(JOBS) --dist loadfile -m "not slow" -q

check: $(STAMP)  ## Formatting, lint, types, layers
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

docs: $(STAMP)  ## Rewrite the generated pages of docs/
	$(BIN)/python -m jackfield.testing.docs

bench: $(STAMP)  ## Print the figures, each beside this machine's own limit
	$(BIN)/python -m bench

chaos: $(STAMP)  ## Longer proofs: more kills, more messages
	JACKFIELD_CHAOS=1 $(BIN)/python -m pytest tests/e2e/test_crash.py tests/e2e/test_cloud_campaign.py \
		tests/e2e/test_webhooks_down.py tests/cluster tests/core/contacts

clean:  ## Remove what was made
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
