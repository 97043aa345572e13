# Six verbs and a bench. A fresh machine needs Python 3.11 or newer, nothing else; HOME need not exist.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --no-input -q
PORT ?= 8000
# A server is a process: where no bytecode may be kept, each of a hundred starts compiles every library anew.
export PYTHONDONTWRITEBYTECODE :=

.PHONY: run test test-postgres lint fix docs bench lock clean

run: $(VENV)/.run
	@exec $(BIN)/huodaona serve --demo --port $(PORT)

test: $(VENV)/.test
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check -q .
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-logo >$(VENV)/imports.txt || (cat $(VENV)/imports.txt; exit 1)
	@$(BIN)/python -m tests.support.browser  # once, before two runners would both install it
	@$(BIN)/python -m tests.support.node     # nothing to do where pwa/node_modules is what its lock names
	@$(BIN)/python -m pytest -n 2 --dist loadfile --no-loadscope-reorder  # what a file starts, one runner starts; journeys first

# All of it on PostgreSQL (a real server from a wheel); the journeys' hub is two nodes behind one proxy.
test-postgres: $(VENV)/.test
	@$(BIN)/python -m tests.support.browser
	@$(BIN)/python -m tests.support.node
	@TEST_ENGINE=postgres $(BIN)/python -m pytest -n 2 --dist loadfile --no-loadscope-reorder

lint: $(VENV)/.test
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

fix: $(VENV)/.test
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

docs: $(VENV)/.test
	$(BIN)/python docs/tables.py
	$(BIN)/python -m pytest tests/architecture -q

bench: $(VENV)/.test
	$(BIN)/python -m bench.ingest

# The environment: what runs the product, then what the tests need on top. Hashes are held by both locks.
$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed: make PYTHON=python3.12 …")'
	@$(PYTHON) -m venv $(VENV)

$(VENV)/.run: $(VENV)/bin/python requirements.lock pyproject.toml
	@echo "installing what the server needs (about half a minute, once)"
	@$(PIP) install --require-hashes -r requirements.lock
	@$(PIP) install --no-deps --no-build-isolation -e .
	@touch $@

$(VENV)/.test: $(VENV)/.run requirements-dev.lock
	@echo "installing what the tests need (about a minute, once)"
	@$(PIP) install --require-hashes -r requirements-dev.lock
	@$(BIN)/python -m tests.support.node
	@touch $@

lock: $(VENV)/.test
	$(BIN)/uv pip compile pyproject.toml --group build --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header -q -o requirements.lock
	$(BIN)/uv pip compile pyproject.toml --extra postgres --group build --group dev --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header -q -o requirements-dev.lock

clean:
	rm -rf $(VENV) pwa/node_modules build *.egg-info .pytest_cache .mypy_cache .ruff_cache .hypothesis
