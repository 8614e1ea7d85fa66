# Everything a fresh machine needs is fetched by `make run` and `make test` themselves; nothing asks a question.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help

PYTHON ?= python3
BIN := .venv/bin
RUNTIME := .venv/.runtime
DEVELOPMENT := .venv/.development
CHROMIUM := $(firstword $(wildcard /usr/bin/chromium-headless-shell /usr/bin/chromium /usr/bin/chromium-browser))
AS_ROOT := $(if $(filter 0,$(shell id -u)),,sudo -n)
APT := $(AS_ROOT) env DEBIAN_FRONTEND=noninteractive apt-get -qq -y
COMPILE := $(BIN)/pip-compile --quiet --generate-hashes --allow-unsafe --no-strip-extras --no-header \
	--no-annotate --no-emit-index-url --no-emit-trusted-host --no-emit-find-links

# As many workers as cores. Each half leaves to the other what needs one database only (tests/support/halves.py).
# With four cores or more the halves run side by side.
CORES ?= $(shell nproc)
SIDE_BY_SIDE := $(shell test "$(CORES)" -ge 4 && echo yes)
PYTEST = $(BIN)/python -m pytest -q -n $(CORES) --dist worksteal
COVERED := $(if $(LONG),--cov --cov-report=)
# Modules are compiled once, not by every worker and by every process that a test starts.
export PYTHONDONTWRITEBYTECODE :=

.PHONY: help run rehearsal rehearsal-end test test-sqlite test-postgresql test-long lint lock translate golden pictures bench docs migration browser

help:  ## Show this list
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 18

run: $(RUNTIME)  ## Prepare what is missing and serve on http://127.0.0.1:8080
	@exec $(BIN)/python run.py

rehearsal: $(RUNTIME)  ## This year's configuration with invented people on http://127.0.0.1:8081; ARGS="--size medium"
	@test -e "$${DATA_DIR:-instance}/rehearsal/ready" || $(BIN)/flask rehearsal begin $(ARGS)
	@REHEARSAL=1 exec $(BIN)/python run.py

rehearsal-end: $(RUNTIME)  ## Throw the rehearsal away: its database, files and keys
	@$(BIN)/flask rehearsal end

test: $(DEVELOPMENT) browser  ## Run the whole suite on SQLite and on PostgreSQL; one file: make test ARGS=tests/test_guide.py
ifeq ($(SIDE_BY_SIDE),yes)
	$(MAKE) --jobs=2 test-sqlite test-postgresql CORES=$$(( $(CORES) / 2 ))
else
	$(MAKE) test-sqlite
	$(MAKE) test-postgresql
endif

test-sqlite: $(DEVELOPMENT) browser  ## The half on SQLite, with the browser and the hostile files
	DATABASE=sqlite $(PYTEST) $(COVERED) $(ARGS)

test-postgresql: $(DEVELOPMENT) browser  ## The half on PostgreSQL, with the journeys over HTTP
	DATABASE=postgresql $(PYTEST) $(ARGS)

test-long: $(DEVELOPMENT) browser  ## The same with many more examples, races of 1,000 rounds, and branch coverage
	rm -f .coverage .coverage.*
	LONG=1 $(MAKE) test
	$(BIN)/coverage report

lint: $(DEVELOPMENT)  ## Format, style, types, layers, translations and generated documents
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python -m tests.freshness

lock: $(DEVELOPMENT)  ## Lock the requirements anew, with hashes
	$(COMPILE) --upgrade --output-file requirements.txt requirements.in
	$(COMPILE) --upgrade --output-file requirements-dev.txt requirements-dev.in

translate: $(DEVELOPMENT)  ## Bring new texts into the catalogue and compile it
	$(BIN)/python -m tests.freshness --update

golden: $(DEVELOPMENT)  ## Write the golden files anew, then look at what changed
	UPDATE_GOLDEN=1 $(BIN)/python -m pytest -q -k golden_file

pictures: $(DEVELOPMENT) browser  ## Make the pictures of docs/customise anew, and print the presses of each task
	PICTURES=1 DATABASE=sqlite $(PYTEST) -m task tests/browser

bench: $(DEVELOPMENT)  ## Measure speed; never part of the tests
	$(BIN)/python -m bench
	$(BIN)/python -m bench.draw
	$(BIN)/python -m bench.vote
	$(BIN)/python -m bench.trees
	$(BIN)/python -m bench.scans
	$(BIN)/python -m bench.pages --applications 300000
	$(BIN)/python -m bench.customised --applications 3000

docs: $(RUNTIME)  ## Write the generated documents
	$(BIN)/flask docs

migration: $(DEVELOPMENT)  ## Write a revision for changed models: make migration m="what changed"
	@test -n "$(m)" || { echo 'Say what changed: make migration m="…"' >&2; exit 2; }
	$(BIN)/flask prepare && $(BIN)/flask db migrate -m "$(m)"

# --- what the above stand on -------------------------------------------------------------------------

.venv:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
		echo "Python 3.11 or newer is needed; name one with: make PYTHON=/path/to/python3.11 …" >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { \
		echo "Installing the system's venv package …"; $(APT) update && $(APT) install python3-venv; }
	$(PYTHON) -m venv .venv || { rm -rf .venv; exit 1; }

# Installed again whenever the locked file changes.
$(RUNTIME): requirements.txt | .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.txt
	touch $@

$(DEVELOPMENT): requirements-dev.txt $(RUNTIME) | .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.txt
	touch $@

# The browser tests drive the system's Chromium, best the one without a window, which takes a third less time; the
# fonts make its Chinese readable in pictures.
browser:
ifeq ($(CHROMIUM),)
	$(APT) update
	$(APT) install chromium-headless-shell fonts-noto-cjk || $(APT) install chromium fonts-noto-cjk || \
		$(APT) install chromium-browser fonts-noto-cjk
endif
