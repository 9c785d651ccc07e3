# Frontdesk's everyday commands. The environment is built once in .venv and again when pyproject.toml changes.
PYTHON ?= python3
# Test files that run side by side; they wait for clocks and platforms more than they compute.
WORKERS ?= 3
VENV := .venv
BIN := $(VENV)/bin
export PIP_DISABLE_PIP_VERSION_CHECK := 1

.PHONY: run test lint bench schema clean

run: $(VENV)/run.stamp
	@exec $(BIN)/frontdesk run $(ARGS)

test: $(VENV)/test.stamp
	@$(BIN)/pytest -n $(WORKERS) --dist loadfile

lint: $(VENV)/test.stamp
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy

bench: $(VENV)/test.stamp
	@$(BIN)/python -m tests.benchmarks

schema: $(VENV)/run.stamp
	@$(BIN)/python -m bot.knowledge.schema

clean:
	rm -rf $(VENV) .mypy_cache .ruff_cache .hypothesis build dist *.egg-info

$(VENV)/run.stamp: pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "Frontdesk needs Python 3.11 or newer; name one with: make run PYTHON=python3.12"; exit 1; }
	@echo "Building $(VENV); this takes about a minute the first time ..."
	@$(PYTHON) -m venv $(VENV)
	@$(BIN)/pip install --quiet --editable .
	@touch $@

$(VENV)/test.stamp: $(VENV)/run.stamp
	@echo "Adding what the tests need ..."
	@$(BIN)/pip install --quiet --editable '.[test]'
	@touch $@
