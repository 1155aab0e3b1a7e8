# Python 3.11 or newer and a package index are enough: every target installs what it needs in .venv.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP_INSTALL := $(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes

.PHONY: help demo test lint bench lock upgrade schemas screenshots clean

help:  ## List the targets
	@sed -n 's/^\([a-z]*\):.*## /  make \1|/p' $(MAKEFILE_LIST) | while IFS='|' read -r target text; do \
	    printf '%-20s%s\n' "$$target" "$$text"; done

demo: $(VENV)/.ready-with-duckdb  ## Run the complete job on a simulated account; the report is in demo/report
	@$(BIN)/python -m s3_monitor demo --out demo

test: $(VENV)/.ready-to-develop  ## Run the tests
	$(BIN)/python -m pytest -n auto --dist worksteal

lint: $(VENV)/.ready-to-develop  ## Check style, types and imports
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/mypy aggregate.py
	$(BIN)/lint-imports --no-cache --no-logo

# BENCH=--quick for a small run, BENCH="--record worker" to replace one section.
BENCH ?= --record
bench: $(VENV)/.ready  ## Measure, and write docs/benchmarks.md (30 minutes; BENCH=--quick for a small run)
	@$(BIN)/python -m bench $(BENCH)

# Pinned versions with hashes for every platform and Python version: of the program, with its extras, and for tests.
COMPILE := $(BIN)/uv pip compile pyproject.toml --quiet --universal --python-version 3.11 --generate-hashes \
    --no-emit-index-url --no-header
lock: $(VENV)/.ready-to-develop  ## Write the lock files after a change of pyproject.toml; pinned versions stay
	$(COMPILE) $(UPGRADE) --output-file requirements.lock
	$(COMPILE) $(UPGRADE) --extra inventory --extra orc --extra regex --constraint requirements.lock \
	    --output-file requirements-extras.lock
	$(COMPILE) $(UPGRADE) --extra dev --constraint requirements-extras.lock --output-file requirements-dev.lock

upgrade:  ## Write the lock files with the newest versions that pyproject.toml allows
	$(MAKE) lock UPGRADE=--upgrade

schemas: $(VENV)/.ready  ## Write docs/schemas and docs/problems.md from s3_monitor/model
	$(BIN)/python -m tools.schemas docs/schemas
	$(BIN)/python -m tools.problem_docs > docs/problems.md

screenshots: demo $(VENV)/.ready-to-develop  ## Write the pictures in docs/images from the report of the demo
	$(BIN)/python tools/screenshots.py demo/report docs/images

clean:  ## Remove the virtual environment and everything built
	rm -rf $(VENV) demo build dist

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	    || { echo "s3-monitor needs Python 3.11 or newer; name one: make PYTHON=python3.12 ..." >&2; exit 2; }
	@$(PYTHON) -m venv $(VENV) \
	    || { rm -rf $(VENV); echo "this Python cannot make a virtual environment; on Debian: apt-get install python3-venv" >&2; exit 2; }

$(VENV)/.ready: requirements.lock | $(BIN)/python
	@echo "installing what s3-monitor needs into $(VENV)"
	@$(PIP_INSTALL) -r requirements.lock
	@touch $@

$(VENV)/.ready-with-duckdb: $(VENV)/.ready requirements-extras.lock  # the demo reads a billing export
	@sed -n '/^duckdb==/,/^    #/p' requirements-extras.lock > $(VENV)/duckdb.lock
	@$(PIP_INSTALL) --no-deps -r $(VENV)/duckdb.lock
	@touch $@

$(VENV)/.ready-to-develop: requirements.lock requirements-dev.lock | $(BIN)/python
	@echo "installing what s3-monitor and its tests need into $(VENV)"
	@$(PIP_INSTALL) -r requirements-dev.lock
	@touch $(VENV)/.ready $(VENV)/.ready-with-duckdb $@
