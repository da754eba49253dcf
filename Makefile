# Everything starts here and needs Python 3.11 or newer and make. `make help` lists what there is.

PYTHON ?= python3
PORT ?= 8000
BIN := .venv/bin
# Blank where the machine has npm; otherwise the marker of the Node that comes from PyPI.
NODE := $(if $(shell command -v npm),,.venv/node)
DEMO := DEMO=1 PORT=$(PORT)
# The quality tools load the settings; they need no database of their own.
CHECKING := DEMO=1 DATABASE_URL=sqlite://:memory: DJANGO_SETTINGS_MODULE=config.settings
COMPILE := $(BIN)/uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header

.PHONY: help install run test prove bench lint lock reset
.DEFAULT_GOAL := help

help:  ## list these targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-8s %s\n", $$1, $$2 }' Makefile

run: install  ## start the demo on http://localhost:8000/ (another port: make run PORT=8001)
	@$(DEMO) $(BIN)/python manage.py demo --verbosity 0
	@mkdir -p staticfiles
	@$(DEMO) $(BIN)/gunicorn --config scripts/server.py config.wsgi

test: lint  ## check style and types, then run all tests, on SQLite and on PostgreSQL
	@CHROMIUM="$$($(BIN)/python scripts/chromium.py)" && test -n "$$CHROMIUM" && export CHROMIUM && \
	$(BIN)/python -m pytest -n 3 --dist worksteal -m "not story" && \
	CAIRN_TEST_ENGINE=postgresql $(BIN)/python -m pytest -n 2 --dist worksteal -m "not pure and not once and (story or not journey)"

prove: install .venv/s3  ## run the long tests: crash cycles, the hour of a deadline, thousands of examples, hostile files
	@CHROMIUM="$$($(BIN)/python scripts/chromium.py)" && test -n "$$CHROMIUM" && export CHROMIUM && \
	PROVE=1 $(BIN)/python -m pytest -n 2 --dist worksteal -m "(prove or law) and not alone" && \
	PROVE=1 CAIRN_TEST_ENGINE=postgresql $(BIN)/python -m pytest -n 2 --dist worksteal -m "(prove or law or once) and not pure and not alone" && \
	PROVE=1 $(BIN)/python -m pytest -m "prove and alone" -s

bench: install  ## measure the pages beside a bare Django project's, on PostgreSQL, and say which goals hold
	@CHROMIUM="$$($(BIN)/python scripts/chromium.py)" && test -n "$$CHROMIUM" && export CHROMIUM && \
	$(BIN)/python -m tests.bench

lint: install  ## check style, types, templates and migrations
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(CHECKING) $(BIN)/mypy
	git ls-files -co --exclude-standard 'templates/*.html' | xargs $(BIN)/djade --target-version 5.2 --check
	$(BIN)/djlint --quiet --lint templates
	$(CHECKING) $(BIN)/python manage.py makemigrations --check --dry-run

lock: install $(NODE)  ## write the lock files anew from pyproject.toml and package.json
	$(COMPILE) pyproject.toml --extra dev -o requirements.txt
	$(COMPILE) pyproject.toml -c requirements.txt -o requirements-site.txt
	$(COMPILE) --group node -o requirements-node.txt
	$(COMPILE) --group s3 -o requirements-s3.txt
	PATH="$(CURDIR)/$(BIN):$$PATH" npm install --package-lock-only --omit-lockfile-registry-resolved --ignore-scripts --no-audit --no-fund

reset:  ## throw the demo's database and files away
	rm -rf var

# What is installed is marked by a file inside it, so that the second time is quick and a deleted folder comes back.
install: .venv/installed static/vendor/.copied

.venv/installed: requirements.txt
	@set -e; for python in "$(PYTHON)" python3.13 python3.12 python3.11 python3.14 none; do \
		if [ "$$python" = none ]; then \
			echo "Cairn needs Python 3.11 or newer: install it, or name it, for example: make $(or $(MAKECMDGOALS),run) PYTHON=/path/to/python3.12" >&2; exit 1; \
		fi; \
		if "$$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then break; fi; \
	done; \
	test -x $(BIN)/pip || { echo "Setting up .venv with $$("$$python" --version)."; "$$python" -m venv --clear .venv; }
	@echo "Installing the Python packages (a minute or two, the first time)."
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-compile --require-hashes -r requirements.txt
	@touch $@

.venv/node: requirements-node.txt | .venv/installed
	@echo "npm is not on this machine: installing Node into .venv."
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-node.txt
	@touch $@

.venv/s3: requirements-s3.txt | .venv/installed
	@echo "Installing an S3 server for the long tests."
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-s3.txt
	@touch $@

node_modules/.installed: package.json package-lock.json scripts/canvas/package.json | .venv/installed $(NODE)
	@PATH="$(CURDIR)/$(BIN):$$PATH" npm ci --ignore-scripts --no-audit --no-fund --loglevel=error
	@touch $@

static/vendor/.copied: node_modules/.installed scripts/vendor.py
	@$(BIN)/python scripts/vendor.py
	@touch $@
