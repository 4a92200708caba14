# Everything here works on a fresh machine with Python 3.11+ and make.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
# What `make run` needs is there; what the test suite needs is there as well.
RUNS := $(VENV)/.run
STAMP := $(VENV)/.dev
# Test processes.
JOBS ?= 2
# Tests start hundreds of processes, and without bytecode each compiles all modules again (1 s of CPU); an environment
# that forbids to write it does not hold here.
export PYTHONDONTWRITEBYTECODE :=

.DEFAULT_GOAL := help
.PHONY: help install web site run test test-fast check bench docs screenshots chaos soak load release clean

help:  ## Say what there is
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 12

install: $(STAMP)  ## Set up .venv from requirements-dev.lock

$(RUNS): requirements.lock requirements-uv.lock pyproject.toml
	@$(PYTHON) -m tools.install run

$(STAMP): requirements-dev.lock requirements.lock requirements-uv.lock pyproject.toml
	@$(PYTHON) -m tools.install dev

web: $(RUNS)  ## Build the dashboard, when web/ has changed
	@$(BIN)/python -m tools.web build

site: $(RUNS)  ## Build the documentation's pages, when docs/ has changed
	@$(BIN)/python -m tools.docsite

run: web site  ## Serve, and show the main job meanwhile (JACKFIELD_DEMO_EXIT=1 only shows it)
	@$(BIN)/jackfield demo

test: $(STAMP) check web site  ## Checks and the whole test suite
	$(BIN)/python -m tools.web test
	$(BIN)/python -m pytest -n $(JOBS) --dist loadfile --no-loadscope-reorder

test-fast: $(STAMP)  ## The tests that need no process of their own: the inner loop, under a minute
	$(BIN)/python -m pytest tests/db tests/core tests/worker -n $(JOBS) --dist loadfile --no-loadscope-reorder -m "not slow" -q -p no:schemathesis

check: $(STAMP)  ## Formatting, lint, types, layers, API documents; of the dashboard as well
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python -m tools.web check
	$(BIN)/python -m jackfield.testing.boundaries
	$(BIN)/python -m pytest tests/dialects/test_documents.py -q
	$(BIN)/python -m tools.advisories

docs: $(STAMP)  ## Rewrite the generated pages of docs/, and build the pages that the server shows at /docs/
	$(BIN)/python -m jackfield.testing.docs
	$(BIN)/python -m tools.docsite

bench: $(STAMP)  ## Print the figures, each beside this machine's own limit
	$(BIN)/python -m bench

screenshots: $(STAMP) web  ## Picture every page of the dashboard into screenshots/
	$(BIN)/python -m tools.screenshots

chaos: $(STAMP)  ## Longer proofs: every kind of fault, hundreds of times (JACKFIELD_CHAOS_SEED=... replays)
	JACKFIELD_CHAOS=1 $(BIN)/python -m pytest tests/e2e/test_crash.py tests/e2e/test_inbox_rebuilt.py tests/e2e/test_cloud_campaign.py \
		tests/e2e/test_webhooks_down.py tests/cluster tests/core/contacts tests/core/automations/test_crash.py \
		tests/engines/whatsapp_web/test_real.py tests/dialects/*/test_documented.py tests/dialects/chatly/test_life.py
	JACKFIELD_CHAOS=1 $(BIN)/python -m pytest -s tests/chaos

soak: $(STAMP)  ## Everything at once for 10 minutes on one server, then overload (SOAK=1h, SOAK=90s)
	SOAK=$(or $(SOAK),10m) $(BIN)/python -m pytest -s tests/chaos/test_soak.py

load: $(STAMP)  ## Prove that an honest client is served in a crowd, at full size
	JACKFIELD_LOAD=1 $(BIN)/python -m pytest tests/load -s

release: $(STAMP) web site  ## Make the wheel, the source archive and the notes in dist/, and try them (REHEARSAL=1: an unreleased version)
	$(BIN)/python -m tools.release $(if $(REHEARSAL),--rehearsal)

clean:  ## Remove what was made
	rm -rf web/node_modules src/jackfield/web/assets src/jackfield/web/site screenshots $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
