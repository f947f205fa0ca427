# Every target sets up what it needs in $(VENV); a stamp file makes the second time quick.

VENV ?= .venv
PYTHON ?= python3
PY := $(VENV)/bin/python
ARGS ?=

# The stamps carry a checksum of this folder's path: a moved checkout is installed anew.
PLACE := $(shell pwd | cksum | cut -d ' ' -f 1)
RUN := $(VENV)/.run-$(PLACE)
TEST := $(VENV)/.test-$(PLACE)
DEV := $(VENV)/.dev-$(PLACE)
INSTALL := $(PY) -m pip install --quiet --disable-pip-version-check --editable

.PHONY: run test check fix clean

run: $(RUN) ## open the dashboard; make run ARGS=spiral
	@$(PY) -m dltui.tui $(ARGS)

test: $(TEST) ## run the tests; make test ARGS="-k switch"
	@$(PY) -m pytest -q -n auto --dist worksteal $(ARGS)

check: $(DEV) ## everything CI does after the tests: format, lint, types, import contracts, a wheel run elsewhere
	@.ci/checks $(VENV)

fix: $(DEV) ## mend what the linter can mend by itself, and format
	@$(VENV)/bin/ruff check --fix .
	@$(VENV)/bin/ruff format .

clean: ## remove the environment and everything built
	@rm -rf $(VENV) build dist *.egg-info .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache

$(RUN): pyproject.toml | $(VENV)/bin/pip
	@echo "Setting up $(VENV) (about half a minute, once) ..."
	@$(INSTALL) .
	@touch $@

$(TEST): pyproject.toml | $(VENV)/bin/pip
	@echo "Setting up $(VENV) for the tests (about half a minute, once) ..."
	@$(INSTALL) '.[test]'
	@touch $@

$(DEV): pyproject.toml | $(VENV)/bin/pip
	@echo "Setting up $(VENV) for the checks (about half a minute, once) ..."
	@$(INSTALL) '.[test,dev]'
	@touch $@

$(VENV)/bin/pip:
	@command -v $(PYTHON) >/dev/null || { echo "dltui needs Python 3.11 or newer: apt install python3 python3-venv" >&2; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "dltui needs Python 3.11 or newer, $(PYTHON) is $$($(PYTHON) --version); choose another with make PYTHON=..." >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { echo "Python's venv module is missing: apt install python3-venv" >&2; exit 1; }
	@$(PYTHON) -m venv --clear $(VENV)
