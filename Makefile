# make demo   sets up what Carnet needs to run and opens the wizard on a sample mailbox
# make test   sets up what its tests need and runs every one; ARGS="tests/core -k words" runs some
# make foreign  clients and servers nobody here wrote against ours; ARGS="tests/foreign/test_prism.py" runs some
# make lint   style, types and import rules
# make bench  measures Carnet against references in one run; ARGS="apply names" measures some
# make soak   damages thirty thousand files and reads them; ARGS="1000 7": that many, from another seed
# make lock   writes the lock files again

PYTHON ?= python3
ARGS ?=
VENV := .venv
BIN := $(VENV)/bin
NODE := tests/foreign/node_modules/.installed
INSTALL := $(BIN)/python -m pip --disable-pip-version-check install --quiet --require-hashes
PACKAGE := $(BIN)/python -m pip --disable-pip-version-check install --quiet --no-deps --no-build-isolation --editable .
COMPILE := $(BIN)/uv pip compile --quiet --upgrade --universal --python-version 3.11 --only-binary :all: \
	--generate-hashes --no-emit-index-url --no-header --no-annotate

# tests start Carnet hundreds of times, each time from what Python has compiled once
unexport PYTHONDONTWRITEBYTECODE

.PHONY: demo test foreign lint style types layers bench soak lock machine machine-for-tests

demo: $(VENV)/run-time
	$(BIN)/carnet demo

test: machine-for-tests $(VENV)/tests
	$(BIN)/python -m pytest -n 2 --dist worksteal $(ARGS)

foreign: machine-for-tests $(VENV)/foreign $(NODE)
	$(BIN)/python -m pytest -n 2 --dist loadfile -m foreign $(or $(ARGS),tests/foreign)

lint: style types layers

style: $(VENV)/tests
	$(BIN)/ruff check
	$(BIN)/ruff format --check

types: $(VENV)/tests
	$(BIN)/mypy

layers: $(VENV)/tests
	$(BIN)/lint-imports

bench: $(VENV)/foreign
	$(BIN)/python -m benchmarks $(ARGS)

soak: $(VENV)/tests
	PYTHONPATH=tests $(BIN)/python -m soak $(ARGS)

lock: $(VENV)/tests
	$(COMPILE) pyproject.toml --output-file requirements.lock
	$(COMPILE) --group build --constraints requirements.lock --output-file requirements-build.lock
	$(COMPILE) --group dev --constraints requirements.lock --constraints requirements-build.lock \
		--output-file requirements-dev.lock
	$(subst --only-binary :all:,,$(COMPILE)) --group foreign --constraints requirements-dev.lock --output-file requirements-foreign.lock

machine:
	@PYTHON=$(PYTHON) .ci/machine

machine-for-tests:
	@PYTHON=$(PYTHON) .ci/machine tests

$(BIN)/python: | machine
	$(PYTHON) -m venv $(VENV)

$(VENV)/run-time: requirements.lock requirements-build.lock pyproject.toml | $(BIN)/python
	$(INSTALL) --only-binary :all: --requirement requirements.lock --requirement requirements-build.lock
	$(PACKAGE)
	@touch $@

$(VENV)/tests: requirements-dev.lock $(VENV)/run-time
	$(INSTALL) --requirement requirements-dev.lock
	@touch $@

$(VENV)/foreign: requirements-foreign.lock $(VENV)/tests
	$(INSTALL) --requirement requirements-foreign.lock
	@touch $@

$(NODE): tests/foreign/package-lock.json
	@command -v npm >/dev/null || { echo "Please install Node 20 or newer first, with npm" >&2; exit 1; }
	npm ci --prefix tests/foreign --ignore-scripts --no-audit --no-fund --loglevel error
	@touch $@
