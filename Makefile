# The workshop's commands. `make` alone lists them.
#
# A fresh Debian 12 with python3, make and git is enough: what is missing is installed, or named.
# Root is needed only for what must come from Debian: python3-venv, and for the tests strace, chromium and libatomic1.
# Stamps under .venv/.stamps say what is already there, so that a second run starts at once.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DELETE_ON_ERROR:
.DEFAULT_GOAL := help
MAKEFLAGS += --no-builtin-rules
# The steps install into one place, one after another.
.NOTPARALLEL:

PYTHON ?= python3
JOBS ?= 2
FAMILY ?= text
RUNS ?= 1000000
PEOPLE ?= 2000000
SEED ?= 1
STAMPS := .venv/.stamps
PIP := .venv/bin/python -m pip --disable-pip-version-check --no-input
DEBIAN := PYTHON=$(PYTHON) bash requirements/debian.sh
LOCK := .venv/bin/uv pip compile --quiet --generate-hashes --no-header --python-version 3.11

.PHONY: help setup demo test check bench faults cluster fuzz docs lock clean from-debian

help: ## List the commands
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-8s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: $(STAMPS)/run $(STAMPS)/dev $(STAMPS)/web ## Make the environment in .venv from the hash-pinned locks

demo: $(STAMPS)/run $(STAMPS)/web ## Start a hub, five regions and their back ends, and play the scenes (ONCE=1: then stop)
	@exec .venv/bin/tongxing demo $(if $(ONCE),--once)

test: from-debian $(STAMPS)/run $(STAMPS)/dev $(STAMPS)/web ## Run all tests (ONLY=tests/unit: a part of them)
	.venv/bin/python -m pytest -n $(JOBS) --dist loadfile $(ONLY)

check: $(STAMPS)/run $(STAMPS)/dev ## Lint, format, types, and the floors between the rooms
	.venv/bin/ruff check
	.venv/bin/ruff format --check
	.venv/bin/mypy
	.venv/bin/lint-imports --no-logo

bench: $(STAMPS)/run $(STAMPS)/dev ## Measure the figures of docs/performance.md, each beside its baseline
	.venv/bin/python -m benchmarks

faults: $(STAMPS)/run $(STAMPS)/dev ## Break one thing after another under load, and count what was lost (KILLS=60 SEED=1 ONLY=cut)
	.venv/bin/python -m tests.faults.everything --seed $(SEED) $(addprefix --kills=,$(KILLS)) $(addprefix --only=,$(ONLY))

cluster: $(STAMPS)/run $(STAMPS)/dev ## A local PostgreSQL and Valkey Cluster, people of 32 regions, faults, scenes (PEOPLE=2000000 KILLS=20 SEED=1 KEEP=1)
	@exec .venv/bin/python -m tests.cluster --people $(PEOPLE) --seed $(SEED) $(addprefix --kills=,$(KILLS)) $(if $(KEEP),--keep)

fuzz: $(STAMPS)/fuzz ## Fuzz what reads foreign answers, by hand (FAMILY=words RUNS=1000000); never part of test
	.venv/bin/python -m tests.fuzz.families $(FAMILY) --runs $(RUNS)

docs: $(STAMPS)/run ## Regenerate the pages that follow from the code
	.venv/bin/python docs/generate.py

lock: $(STAMPS)/dev ## Pin the newest versions that pyproject.toml allows, with hashes and without hosts
	$(LOCK) --upgrade pyproject.toml -o requirements/run.txt
	$(LOCK) --upgrade -c requirements/run.txt --group dev pyproject.toml -o requirements/dev.txt
	$(LOCK) --upgrade -c requirements/dev.txt --group pyproject.toml:build -o requirements/build.txt
	$(LOCK) --upgrade --group pyproject.toml:fuzz -o requirements/fuzz.txt
	$(LOCK) --upgrade --group pyproject.toml:node -o requirements/node.txt

clean: ## Remove what the other commands made: the environment, caches, the demo's state
	rm -rf .venv build dist var web/node_modules src/tongxing/web/static/vendor .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache src/*.egg-info
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

$(STAMPS)/venv:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	    || { echo "Python 3.11 or newer is needed; $(PYTHON) is $$($(PYTHON) --version 2>&1)." >&2; exit 2; }
	@$(DEBIAN) python3-venv
	@$(PYTHON) -m venv .venv
	@mkdir -p $(STAMPS) && touch $@

# The package itself is built without isolation, so that its build tool comes from a lock as well.
$(STAMPS)/run: $(STAMPS)/venv requirements/run.txt requirements/build.txt pyproject.toml
	@echo "installing what the system runs on (pinned in requirements/run.txt)"
	@$(PIP) install --quiet --require-hashes -r requirements/run.txt -r requirements/build.txt
	@$(PIP) install --quiet --no-deps --no-build-isolation --editable .
	@touch $@

$(STAMPS)/dev: $(STAMPS)/run requirements/dev.txt
	@echo "installing what the workshop needs (pinned in requirements/dev.txt)"
	@$(PIP) install --quiet --require-hashes -r requirements/dev.txt
	@touch $@

$(STAMPS)/fuzz: $(STAMPS)/dev requirements/fuzz.txt
	@echo "installing the fuzzer (pinned in requirements/fuzz.txt)"
	@$(PIP) install --quiet --require-hashes -r requirements/fuzz.txt
	@touch $@

# What the pages take of npm, pinned in web/package-lock.json. Without it they still work: the server reads
# the pictures, the risk areas are a table, and the page says what it cannot draw. So nothing of this may stop a demo.
$(STAMPS)/web: $(STAMPS)/run requirements/node.txt web/package.json web/package-lock.json web/qr.js web/map.js web/build.sh
	@echo "building what the pages take of npm (pinned in web/package-lock.json)"
	@if PYTHON=.venv/bin/python bash web/build.sh; then touch $@; \
	else echo "THE PAGES' PARTS FROM NPM COULD NOT BE BUILT: pictures are read by the server, codes and the map are not drawn." >&2; fi

# What the tests take of Debian, asked for at once: strace for the durability test, a browser for the tests of the pages.
# Without them these tests are skipped, and say so loudly; without python3-venv nothing goes.
from-debian:
	@$(DEBIAN) $(if $(wildcard $(STAMPS)/venv),,python3-venv) strace chromium libatomic1 || { \
	    [ -e $(STAMPS)/venv ] || $(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || exit 2; \
	    echo "NOT ALL IS THERE: tests that need strace or a browser will be skipped." >&2; }
