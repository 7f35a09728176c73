# Everything starts here. On a machine with Python 3.11, git and make, `make demo` and `make test` do all set-up themselves.
# uv is used where it is on PATH; nothing needs it (except `make lock`).

# The first Python that is new enough; where a venv is active, the one it was made from.
BASE_PYTHON = import sys; sys.version_info < (3, 11) and sys.exit(1); print(sys._base_executable)
ifeq ($(origin PYTHON),undefined)
PYTHON := $(shell for p in python3.11 python3.12 python3.13 python3.14 python3 python; do \
	"$$p" -c '$(BASE_PYTHON)' 2>/dev/null && break; done)
endif
ifeq ($(origin UV),undefined)
UV := $(shell command -v uv 2>/dev/null)
endif

BIN := .venv/bin
ifneq ($(UV),)
MAKE_VENV = "$(UV)" venv --quiet --clear --python "$(or $(PYTHON),3.11)" .venv
INSTALL = "$(UV)" pip install --quiet --python $(BIN)/python
else
MAKE_VENV = "$(PYTHON)" -m venv --clear .venv
INSTALL = $(BIN)/python -m pip install --quiet --disable-pip-version-check
endif
COMPILE = "$(UV)" pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
	--no-emit-find-links --no-annotate --no-header $(if $(UPGRADE),--upgrade)

.DEFAULT_GOAL := help
.PHONY: help install demo test check format bench docs lock clean

help: ## say what there is
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/  make \1\t\2/p' Makefile | expand -t 18

install: .venv/.installed ## fill .venv, so that .venv/bin/tocsin runs

demo: install ## show Tocsin at work (YES=1: ask nothing)
	$(BIN)/tocsin demo $(if $(YES),--yes) $(ARGS)

test: check ## check, then run every test (ARGS="-k name" for a few)
	$(BIN)/pytest -n auto --ignore=tests/architecture $(ARGS)

check: install ## style, types, floors, and the examples in the documents
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/pytest -q tests/architecture

format: install ## let ruff lay out the code and mend what it can
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

bench: install ## measure (see bench/README.md)
	$(BIN)/python -m bench $(ARGS)

docs: install ## render docs/ to build/site
	$(BIN)/python docs/render.py build/site

lock: ## choose versions anew for locks/*.txt (UPGRADE=1: the newest)
	@test -n "$(UV)" || { echo "make lock needs uv on PATH: python3 -m pip install uv" >&2; exit 1; }
	$(COMPILE) pyproject.toml --output-file locks/run.txt
	$(COMPILE) pyproject.toml --constraints locks/run.txt --extra postgres --extra demo --extra apprise --extra slack \
		--group dev --group build \
		--output-file locks/dev.txt

clean: ## remove everything that was made here, .venv too; incidents in tocsin-data stay
	rm -rf .venv build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache tocsin/web/assets/dist
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# Two stamps: a change of the lock makes the environment anew, a change of the project's own metadata installs that alone.
.venv/.locked: locks/dev.txt
	@test -n "$(PYTHON)$(UV)" || { echo "Tocsin needs Python 3.11 or newer on PATH (or uv, which fetches one)." >&2; exit 1; }
	@test -n "$(UV)" || "$(PYTHON)" -c 'import ensurepip' 2>/dev/null || \
		{ echo "This Python has no venv module. Install it (Debian: apt-get install python3-venv), or uv." >&2; exit 1; }
	$(MAKE_VENV)
	@echo "Installing what locks/dev.txt lists; on a fresh machine this takes a minute or two."
	$(INSTALL) --require-hashes --no-deps -r locks/dev.txt
	@touch $@

.venv/.installed: .venv/.locked pyproject.toml hatch_build.py package.json package-lock.json tocsin/web/assets/icons.txt
	$(INSTALL) --no-deps --no-build-isolation --editable .
	@touch $@
