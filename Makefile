VENV   := .venv
PYTHON ?= python3
BIN    := $(VENV)/bin
UV     := 0.13.8

.DEFAULT_GOAL := help
.PHONY: help setup run test test-long setup-spark test-spark torture conformance lint docs lock bench bench-setup clean

help:            ## this list
	@grep -hE '^[a-z-]+: .*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

setup: $(VENV)/.ready  ## install everything that is pinned, into .venv

$(VENV)/.ready: requirements.lock setup.cfg pyproject.toml
	@$(PYTHON) -c 'import sys; v = sys.version_info[:2]; sys.exit(0 if (3, 11) <= v < (3, 14) else "Setlist needs Python 3.11, 3.12 or 3.13; %s is %d.%d. Name another with: make PYTHON=python3.11" % (sys.executable, *v))'
	@echo "setup: creating $(VENV)"
	@$(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet uv==$(UV)
	@echo "setup: installing $$(grep -c '==' requirements.lock) pinned packages"
	@$(BIN)/uv pip install --quiet --compile-bytecode --python $(BIN)/python --require-hashes -r requirements.lock
	@$(BIN)/uv pip install --quiet --python $(BIN)/python --no-deps -e .
	@$(BIN)/python -c 'import ctypes; ctypes.CDLL("libgomp.so.1")' 2>/dev/null || \
	  { echo "setup: LightGBM needs the system's OpenMP runtime and it is missing; install it with: apt-get install libgomp1"; exit 1; }
	@touch $@

run: setup       ## a whole night on the built-in listening world
	@$(BIN)/setlist run nightly --workers 2

# Tests edit modules within the second in which they were compiled, and Python takes the older
# bytecode for such an edit: so none is written.
test: setup      ## every check and every test
	@$(BIN)/ruff check .
	@$(BIN)/mypy
	@PYTHONDONTWRITEBYTECODE=1 $(BIN)/python -m pytest -n 2 --dist loadfile

test-long: setup ## the tests that take minutes each and are left out of make test
	@PYTHONDONTWRITEBYTECODE=1 $(BIN)/python -m pytest -n 2 --dist loadfile -m long

setup-spark: setup  ## PySpark on top, for a cluster or to try it (needs Java 17)
	@$(BIN)/uv pip install --quiet --python $(BIN)/python --require-hashes -r requirements-spark.lock

test-spark: setup-spark  ## the tests on a real Spark session with two workers
	@$(BIN)/python -m pytest -m spark

torture: setup   ## hundreds of kills and thousands of faults on both stores (half an hour)
	@cd tests/torture && export PYTHONPATH=..:../.. && \
	  ../../$(BIN)/python torture.py --store folder --kills 200 && \
	  ../../$(BIN)/python torture.py --store bucket --kills 400

conformance: setup  ## the conformance kit on one family: make conformance FAMILY=ad_targeting
	@$(BIN)/python -m pytest tests/families/test_conformance.py -k "[$(FAMILY)-"

lint: setup      ## ruff and mypy alone
	@$(BIN)/ruff check .
	@$(BIN)/mypy

docs: setup      ## the pages as a site, in var/site; the tables of settings as the code has them
	@$(BIN)/python -m workflows.settings
	@$(BIN)/sphinx-build -q -W --keep-going -c docs -b html . var/site
	@echo "open var/site/docs/index.html"

bench: setup     ## every benchmark (two hours; BENCH=--quick: on little data; BENCH=training: one)
	@$(BIN)/python -m benchmarks $(BENCH)

bench-setup: setup ## install what benchmarks.peers compares the engine with, into .venv-bench
	@$(PYTHON) -m venv .venv-bench
	@$(BIN)/uv pip install --quiet --python .venv-bench/bin/python --require-hashes -r requirements-bench.lock

lock: setup      ## resolve every list of pinned packages again from setup.cfg
	@$(BIN)/uv pip compile --quiet --generate-hashes --no-emit-index-url --no-header \
	  --python-version 3.11 --extra dev setup.cfg -o requirements.lock
	@$(BIN)/uv pip compile --quiet --generate-hashes --no-emit-index-url --no-header \
	  --python-version 3.11 --extra bench setup.cfg -o requirements-bench.lock
	@$(BIN)/uv pip compile --quiet --generate-hashes --no-emit-index-url --no-header \
	  --python-version 3.11 --extra dev --extra spark -c requirements.lock setup.cfg \
	  -o requirements-spark.lock

clean:           ## remove what was built (never the sources)
	rm -rf $(VENV) .venv-bench var
