# Two commands do everything on a fresh machine: make demo, make test.  Both set up what they need first.
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
PYTHON ?= python3
VENV := .venv
READY := $(VENV)/.ready
BIN := $(VENV)/bin

.PHONY: help demo test check bench format clean

help: ## What can be made
	@grep -E '^[a-z]+:.*## ' Makefile | sed 's/:.*## /\t/' | expand -t 12

demo: $(READY) ## Carry an instance with real files to another region, on the embedded cloud
	@$(BIN)/ferry demo

test: check ## Everything that CI checks: format, lint, types, tests
	$(BIN)/pytest -n 2

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
	rm -rf $(VENV) .pytest_cache .mypy_cache .ruff_cache .hypothesis *.egg-info

$(READY): pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "ECS Ferry needs Python 3.11 or newer; give one with: make PYTHON=python3.12 ...")'
	@printf 'setting up %s, once, in about a minute: ' $(VENV)
	@$(PYTHON) -m venv $(VENV)
	@$(BIN)/pip install --disable-pip-version-check --no-input --constraint constraints.txt --editable '.[cli,embedded,dev]' \
		| while read -r _; do printf .; done
	@echo ' done'
	@touch $(READY)
