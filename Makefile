# Bare `make` lists what there is. `make run` and `make test` need Python 3.11, make and git only:
# they set up everything else under .venv by themselves.

PYTHON ?= python3
VENV := .venv
READY := $(VENV)/.ready

.DEFAULT_GOAL := help
.PHONY: help setup run test check fast faults simulate bench docs screenshots lock

help: ## List what there is
	@grep -hE '^[a-z][a-z-]*:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-11s %s\n", $$1, $$2}'

setup: $(READY) ## Set up .venv and nothing else

run: $(READY) ## Start Parley on this machine, with everything it needs
	@$(VENV)/bin/parley run

# Files share a process, so that what a file starts is started once. One process more than there
# are processors: there is always one that waits for something.
test: check ## Check everything and run every test
	$(VENV)/bin/pytest --numprocesses $$(($$(nproc) + 1)) --dist loadfile --no-loadscope-reorder

check: $(READY) ## Look at format, mistakes, types, import rules and contracts
	$(VENV)/bin/ruff format --check .
	$(VENV)/bin/ruff check .
	$(VENV)/bin/mypy shared services deploy
	$(VENV)/bin/lint-imports
	$(VENV)/bin/python -m deploy.catalogue check
	$(VENV)/bin/typos

fast: $(READY) ## The tests that take seconds
	$(VENV)/bin/pytest -q -x --timeout 30 -m "not journey and not browser and not simulation"

# ROWS=1,2 measures only those; WRITE=yes puts the table into docs/bench.md.
bench: $(READY) ## Measure speed beside the least that could do the same
	$(VENV)/bin/python -m tests.bench --rows "$(ROWS)" $(if $(WRITE),--write)

# SEEDS=17 tells the story of one seed; SEEDS=1-5000 runs many on all processors; PLANTED=yes says
# anew which seed finds which mistake planted in the product.
simulate: $(READY) ## Run the four services through seeded trouble, in virtual time
	$(VENV)/bin/python -m tests.simulation $(if $(PLANTED),planted,$(SEEDS))

faults: $(READY) ## Break a running Parley in every way there is, each for a minute or more
	PARLEY_FAULTS_SECONDS=60 $(VENV)/bin/pytest tests/faults

lock: $(READY) ## Work the lock out again after a change of dependencies
	$(VENV)/bin/uv pip compile pyproject.toml --all-extras --universal --python-version 3.11 \
	  --generate-hashes --no-emit-index-url --no-header --quiet --output-file requirements.lock

docs: $(READY) ## Write the documents that are made from the code
	$(VENV)/bin/python -m deploy.catalogue write

screenshots: $(READY) ## Take the pictures in docs/screenshots anew; needs Chromium
	$(VENV)/bin/python -m tests.browser.screenshots

# Stamped: made anew only when the lock or the project file changes.
$(READY): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	  || { echo "Parley needs Python 3.11 or newer: set PYTHON, for instance make run PYTHON=python3.11."; exit 1; }
	$(PYTHON) -m venv $(VENV)
	$(VENV)/bin/pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	$(VENV)/bin/pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@# Read at every start, however the machine is set: without it each start compiles it all anew.
	@$(VENV)/bin/python -m compileall -qq -j 0 $(VENV)/lib || true
	@touch $@
