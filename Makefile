# The workshop's commands. `make` alone lists them.
#
# A fresh Debian 12 with python3, make and git is enough: what is missing is installed, or named.
# Stamps under .venv/.stamps say what is already there, so that a second run starts at once.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DELETE_ON_ERROR:
.DEFAULT_GOAL := help
MAKEFLAGS += --no-builtin-rules

PYTHON ?= python3
JOBS ?= 2
STAMPS := .venv/.stamps
PIP := .venv/bin/python -m pip --disable-pip-version-check --no-input
LOCK := .venv/bin/uv pip compile --quiet --generate-hashes --no-header --python-version 3.11

# $(call debian_package,NAME,WHY): install a Debian package, or say clearly what to do by hand.
define debian_package
echo "$(1) is missing ($(2)): installing it by apt-get"; \
as_root=""; if [ "$$(id -u)" != 0 ]; then as_root="sudo -n"; fi; \
export DEBIAN_FRONTEND=noninteractive; \
if ! command -v apt-get >/dev/null || { [ -n "$$as_root" ] && ! sudo -n true 2>/dev/null; } \
   || ! { $$as_root apt-get update -qq && $$as_root apt-get install -y -qq --no-install-recommends $(1) >/dev/null; }; then \
    echo "Could not install $(1). Install it by hand (as root: apt-get install $(1)) and run make again." >&2; exit 2; \
fi
endef

.PHONY: help setup demo test check bench docs lock clean strace chromium

help: ## List the commands
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-8s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: $(STAMPS)/run $(STAMPS)/dev $(STAMPS)/web ## Make the environment in .venv from the hash-pinned locks

demo: $(STAMPS)/run $(STAMPS)/web ## Start a hub, two regions and their back ends, and play the scenes (ONCE=1: then stop)
	@exec .venv/bin/tongxing demo $(if $(ONCE),--once)

test: $(STAMPS)/run $(STAMPS)/dev $(STAMPS)/web strace chromium ## Run all tests (ONLY=tests/unit: a part of them)
	.venv/bin/python -m pytest -n $(JOBS) --dist loadfile $(ONLY)

check: $(STAMPS)/run $(STAMPS)/dev ## Lint, format, types, and the floors between the rooms
	.venv/bin/ruff check
	.venv/bin/ruff format --check
	.venv/bin/mypy
	.venv/bin/lint-imports --no-logo

bench: $(STAMPS)/run $(STAMPS)/dev ## Measure the figures of docs/performance.md, each beside its baseline
	.venv/bin/python -m benchmarks

docs: $(STAMPS)/run ## Regenerate the pages that follow from the code
	.venv/bin/python docs/generate.py

lock: $(STAMPS)/dev ## Pin the newest versions that pyproject.toml allows, with hashes and without hosts
	$(LOCK) --upgrade pyproject.toml -o requirements/run.txt
	$(LOCK) --upgrade -c requirements/run.txt --group dev pyproject.toml -o requirements/dev.txt
	$(LOCK) --upgrade -c requirements/dev.txt --group pyproject.toml:build -o requirements/build.txt
	$(LOCK) --upgrade --group pyproject.toml:node -o requirements/node.txt

clean: ## Remove what the other commands made: the environment, caches, the demo's state
	rm -rf .venv build dist var web/node_modules src/tongxing/web/static/vendor .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache src/*.egg-info
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# Debian's python3 comes without ensurepip, so that `python3 -m venv` fails there.
$(STAMPS)/venv:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	    || { echo "Python 3.11 or newer is needed; $(PYTHON) is $$($(PYTHON) --version 2>&1)." >&2; exit 2; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { $(call debian_package,python3-venv,it makes the environment); }
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

# The durability test watches system calls; without strace it is skipped, and says so loudly.
strace:
	@command -v strace >/dev/null || ( $(call debian_package,strace,the durability test watches system calls with it) ) \
	    || echo "STRACE IS ABSENT: the durability test will be skipped." >&2

# What the pages take of npm, pinned in web/package-lock.json. Without it they still work: the server reads
# the pictures and the page says what it cannot draw. So nothing of this may stop a demo.
$(STAMPS)/web: $(STAMPS)/run requirements/node.txt web/package.json web/package-lock.json web/qr.js web/build.sh
	@echo "building what the pages take of npm (pinned in web/package-lock.json)"
	@if PYTHON=.venv/bin/python bash web/build.sh; then touch $@; \
	else echo "THE PAGES' QR READER COULD NOT BE BUILT: pictures are read by the server, codes are not drawn." >&2; fi

# The tests of the pages use Debian's browser; without it they are skipped, and say so loudly.
chromium:
	@command -v chromium >/dev/null || ( $(call debian_package,chromium,the tests of the pages use it) ) \
	    || echo "CHROMIUM IS ABSENT: the tests of the pages will be skipped." >&2
