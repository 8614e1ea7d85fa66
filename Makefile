# Everything a fresh machine needs is fetched by `make run` and `make test` themselves; nothing asks a question.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help

PYTHON ?= python3
BIN := .venv/bin
RUNTIME := .venv/.runtime
DEVELOPMENT := .venv/.development
CHROMIUM := $(or $(wildcard /usr/bin/chromium),$(wildcard /usr/bin/chromium-browser))
AS_ROOT := $(if $(filter 0,$(shell id -u)),,sudo -n)
APT := $(AS_ROOT) env DEBIAN_FRONTEND=noninteractive apt-get -qq -y
COMPILE := $(BIN)/pip-compile --quiet --generate-hashes --allow-unsafe --no-strip-extras --no-header \
	--no-annotate --no-emit-index-url --no-emit-trusted-host --no-emit-find-links

# What a page looks like and what a file holds is the same on every database: one of the two judges it, and the
# journeys are played in Chromium on one, over HTTP on the other. test-long asks for everything on both.
PYTEST := $(BIN)/python -m pytest -q -n 3 --dist worksteal
IN_CHROMIUM := $(if $(LONG),,--ignore=tests/journeys/test_journeys.py)
OVER_HTTP := $(if $(LONG),,--ignore=tests/browser --ignore=tests/hostile)
COVERED := $(if $(LONG),--cov --cov-report=)

.PHONY: help run test test-long lint lock translate bench docs migration browser

help:  ## Show this list
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

run: $(RUNTIME)  ## Prepare what is missing and serve on http://127.0.0.1:8080
	@exec $(BIN)/python run.py

test: $(DEVELOPMENT) browser  ## Run the whole suite on SQLite and on PostgreSQL
	DATABASE=sqlite $(PYTEST) $(IN_CHROMIUM) $(COVERED) $(ARGS)
	DATABASE=postgresql $(PYTEST) $(OVER_HTTP) $(ARGS)

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

bench: $(DEVELOPMENT)  ## Measure speed; never part of the tests
	$(BIN)/python -m bench
	$(BIN)/python -m bench.draw
	$(BIN)/python -m bench.vote

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

# The browser tests drive the system's Chromium; the fonts make its Chinese readable in pictures.
browser:
ifeq ($(CHROMIUM),)
	$(APT) update
	$(APT) install chromium fonts-noto-cjk || $(APT) install chromium-browser fonts-noto-cjk
endif
