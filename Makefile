# Two commands on a fresh machine with Python 3.11 or newer: `make smoke` and `make test`.
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin

.PHONY: smoke test lint check benchmark clean

smoke: $(VENV)/.ready
	$(BIN)/pytest -m live --venue=local,local-anthropic venue_specs

# Many tests wait for loopback servers, so that two processes take about half the time of one.
test: $(VENV)/.ready
	$(BIN)/pytest -n 2

lint: $(VENV)/.ready
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

check: lint test

benchmark: $(VENV)/.ready
	$(BIN)/python -m benchmarks

clean:
	rm -rf $(VENV) .darkhost

$(VENV)/.ready: pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -e '.[dev]'
	touch $@
