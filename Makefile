# `make demo` runs the main job on a simulated account, `make test` runs the tests, `make bench` measures.
# Each sets up what it needs in .venv: python3 >= 3.11 and a package index are enough.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP_INSTALL := $(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes

.PHONY: demo test bench lint lock schemas screenshots clean

demo: $(VENV)/.ready
	@$(BIN)/python -m s3_monitor demo --out demo

test: $(VENV)/.ready-to-develop
	$(BIN)/python -m pytest -n auto --dist worksteal

# All of docs/benchmarks.md anew, half an hour; `make bench BENCH=--quick` for a look, BENCH="--record worker" for one.
BENCH ?= --record
bench: $(VENV)/.ready
	@$(BIN)/python -m bench $(BENCH)

lint: $(VENV)/.ready-to-develop
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/mypy aggregate.py

# The pinned versions of everything, with hashes, for every platform and Python version: of the program alone, with its
# extras (inventory, orc, regex), and with what its tests need.
COMPILE := $(BIN)/uv pip compile pyproject.toml --quiet --universal --python-version 3.11 --generate-hashes \
    --no-emit-index-url --no-header
lock: $(VENV)/.ready-to-develop
	$(COMPILE) --output-file requirements.lock
	$(COMPILE) --extra inventory --extra orc --extra regex --constraint requirements.lock \
	    --output-file requirements-extras.lock
	$(COMPILE) --extra dev --constraint requirements-extras.lock --output-file requirements-dev.lock

# The pictures in docs/images, of the demo's report.
screenshots: demo $(VENV)/.ready-to-develop
	$(BIN)/python tools/screenshots.py demo/report docs/images

# The JSON Schemas in docs/schemas, of the types in s3_monitor/model.
schemas: $(VENV)/.ready
	$(BIN)/python -m s3_monitor.cli.schemas docs/schemas

clean:
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

$(VENV)/.ready-to-develop: requirements.lock requirements-dev.lock | $(BIN)/python
	@echo "installing what s3-monitor and its tests need into $(VENV)"
	@$(PIP_INSTALL) -r requirements-dev.lock
	@touch $(VENV)/.ready $@
