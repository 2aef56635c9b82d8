# Two commands do everything on a fresh machine: make demo, make test.  Both set up what they need first.
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
PYTHON ?= python3
VENV := .venv
READY := $(VENV)/.ready
BIN := $(VENV)/bin
DEVS := tests/serverless_devs
# The command that deploys s.yaml, for the tests that try it: where npm is missing they are skipped, and say so.
DEVS_READY := $(if $(shell command -v npm 2>/dev/null),$(DEVS)/node_modules/.ready)

.PHONY: help demo test check bench format clean

help: ## What can be made
	@grep -E '^[a-z]+:.*## ' Makefile | sed 's/:.*## /\t/' | expand -t 12

demo: $(READY) ## Carry an instance with real files to another region, on the embedded cloud
	@$(BIN)/ferry demo

test: check $(DEVS_READY) ## Everything that CI checks: format, lint, types, tests
	$(BIN)/pytest -n 2 --dist loadgroup

check: $(READY) ## Format, lint and types
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy

bench: $(READY) ## Measure: steps, looks, store, SDK calls
	$(BIN)/python -m bench

format: $(READY) ## Put the code into its form
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

clean: ## Remove what make made
	rm -rf $(VENV) $(DEVS)/node_modules .pytest_cache .mypy_cache .ruff_cache .hypothesis *.egg-info

$(READY): pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "ECS Ferry needs Python 3.11 or newer; give one with: make PYTHON=python3.12 ...")'
	@printf 'setting up %s, once, in about a minute: ' $(VENV)
	@$(PYTHON) -m venv $(VENV)
	@$(BIN)/pip install --disable-pip-version-check --no-input --constraint constraints.txt --editable '.[cli,embedded,dev]' \
		| while read -r _; do printf .; done
	@echo ' done'
	@touch $(READY)

$(DEVS)/node_modules/.ready: $(DEVS)/package-lock.json
	@cd $(DEVS) && npm ci --ignore-scripts --no-audit --no-fund --loglevel=error && touch node_modules/.ready \
		|| echo 'Serverless Devs could not be installed: the tests that need it are skipped'
