SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.PHONY: help setup pages demo demo-label up wheel try-wheel dev test test-fast test-gpu check format bench screenshots client migrate migration

BIN := .venv/bin
PYTHON := $(BIN)/python
PYTHON_READY := .venv/.set-up
PAGES_READY := frontend/node_modules/.set-up
PAGES_BUILT := frontend/dist/index.html
PROCESSES ?= 2

help: ## this list
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

$(PYTHON_READY): requirements.lock pyproject.toml scripts/setup.sh
	@scripts/setup.sh python
	@touch $@

$(PAGES_READY): frontend/package.json frontend/package-lock.json scripts/setup.sh
	@scripts/setup.sh pages
	@touch $@

$(PAGES_BUILT): $(PAGES_READY) frontend/index.html frontend/vite.config.ts $(shell find frontend/src -type f)
	@npm --prefix frontend run --silent build -- --logLevel warn

setup: $(PYTHON_READY) $(PAGES_READY) ## install everything: .venv and the frontend's packages

pages: $(PAGES_BUILT) ## build the pages that the server serves

demo: $(PYTHON_READY) $(PAGES_BUILT) ## train EIR's three demo steps, followed live; DEMO_EXIT=1 ends after the run
	@$(BIN)/palimpsest demo $(if $(filter-out 0,$(DEMO_EXIT)),--exit)

demo-label: $(PYTHON_READY) $(PAGES_BUILT) ## a run that asks you about ten pictures, and trains on what you answer
	@$(BIN)/palimpsest demo stal/demo-label $(if $(filter-out 0,$(DEMO_EXIT)),--exit)

up: $(PYTHON_READY) $(PAGES_BUILT) ## the service in the foreground, until Ctrl-C
	@$(BIN)/palimpsest up

wheel: $(PYTHON_READY) $(PAGES_BUILT) ## dist/palimpsest-*.whl with pages and migrations: installed, it needs neither Node nor the clone
	@rm -rf dist && $(PYTHON) -m pip wheel --quiet --disable-pip-version-check --no-deps --wheel-dir dist .

try-wheel: wheel ## install the wheel in an empty environment, start the service from an empty folder, train a tiny run
	@scripts/try_wheel.sh

dev: $(PYTHON_READY) $(PAGES_READY) ## the service, and the pages with live reload on port 5173
	@trap 'kill $$(jobs -p) 2>/dev/null || true; wait' EXIT; npm --prefix frontend run dev & $(BIN)/palimpsest up

test: $(PYTHON_READY) $(PAGES_BUILT) ## every test, in two processes; PROCESSES=4 takes more
	$(PYTHON) -m pytest -n $(PROCESSES) --dist loadfile

test-fast: $(PYTHON_READY) ## the tests that start no process and need no service
	$(PYTHON) -m pytest -m "not slow and not services and not gpu"

test-gpu: $(PYTHON_READY) ## the tests that need an accelerator
	$(PYTHON) -m pytest -m gpu

check: $(PYTHON_READY) $(PAGES_READY) ## format, lint, types, import contracts, migrations, the frontend's checks
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	scripts/check_migrations.sh
	scripts/check_client.sh
	npm --prefix frontend run check
	npm --prefix frontend run build

client: $(PYTHON_READY) $(PAGES_READY) ## describe the API in frontend/openapi.json, and make the pages' types from it
	$(PYTHON) -m server.openapi frontend/openapi.json
	npm --prefix frontend run client

format: $(PYTHON_READY) ## format, and mend what ruff can mend
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

bench: $(PYTHON_READY) ## a benchmark of the folder benchmarks/: make bench NAME=latency
	$(PYTHON) -m benchmarks.$(or $(NAME),objects_world)

screenshots: $(PYTHON_READY) $(PAGES_BUILT) ## the pictures in docs/screenshots, from the demo; ADDRESS=http://... takes a service that runs
	$(PYTHON) -m scripts.screenshots $(if $(ADDRESS),--address $(ADDRESS))

migrate: $(PYTHON_READY) ## bring the database to this version's schema
	$(BIN)/palimpsest migrate

migration: $(PYTHON_READY) ## draft a migration from the models: make migration m="add run notes"
	scripts/new_migration.sh "$(m)"
