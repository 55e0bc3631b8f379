# `make demo` and `make test` start from nothing: system libraries, a virtual environment, the install. All can be repeated.
# Another Python: make demo PYTHON=python3.12

PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
INSTALLED := $(VENV)/.installed
PIP := $(BIN)/python -m pip --disable-pip-version-check

# One process per core, each with a display of its own that exists only in memory. A test module stays in one process, and
# tests/conftest.py says with which modules the processes begin.
PYTEST := $(BIN)/pytest -n auto --maxprocesses=4 --dist loadfile --no-loadscope-reorder

.DEFAULT_GOAL := help
.PHONY: help install demo run check test test-long bench models screenshots translations lock sbom audit format clean

help:  ## this list
	@sed -n 's/^\([a-z-]*\):.*## /    make \1 @/p' $(MAKEFILE_LIST) | column -t -s @ 2>/dev/null || grep '##' $(MAKEFILE_LIST)

# Every file is compared with its hash in the lock file, that of the build backend too.
$(INSTALLED): pyproject.toml requirements-dev.lock facecam/__init__.py
	$(PYTHON) -m venv $(VENV)
	$(PIP) install -q --require-hashes -r requirements-dev.lock
	$(PIP) install -q --no-deps --no-build-isolation -e .
	@touch $@

install: $(INSTALLED)  ## the virtual environment with facecam and the tools

demo:  ## the program at work, without camera or network
	@sh scripts/system-libraries.sh
	@$(MAKE) --no-print-directory $(INSTALLED)
	$(BIN)/facecam demo

run:  ## facecam itself, with the first camera
	@sh scripts/system-libraries.sh
	@$(MAKE) --no-print-directory $(INSTALLED)
	$(BIN)/facecam run

check: $(INSTALLED)  ## ruff, mypy, and the rules for imports and lengths
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy --strict facecam
	$(BIN)/lint-imports --no-cache

test:  ## every test that takes less than minutes
	@sh scripts/system-libraries.sh test
	@$(MAKE) --no-print-directory $(INSTALLED)
	$(PYTEST) -m "not long"

test-long:  ## every test
	@sh scripts/system-libraries.sh test streams
	@$(MAKE) --no-print-directory $(INSTALLED)
	$(PYTEST)

# More words for it: make bench BENCH="detection search --quick"
BENCH ?=

bench: $(INSTALLED)  ## facecam and its peers, in one table; also in benchmarks/results
	@$(PIP) install -q -c constraints.txt --group bench \
		|| $(PIP) install -q -c constraints.txt faiss-cpu \
		|| echo "going on without those peers that could not be installed"
	$(BIN)/python -m benchmarks --output benchmarks/results $(BENCH)

models: $(INSTALLED)  ## the LiteRT files in models/, made from the weights there, with their hashes in the manifest
	$(BIN)/python -m facecam.networks.convert

screenshots: $(INSTALLED)  ## the window's main views as docs/screens/*.png, from the demo's pictures
	$(BIN)/python scripts/screenshots.py docs/screens

translations: $(INSTALLED)  ## the window's words collected for translating, and packed for the program
	sh scripts/translations.sh $(BIN)

# --universal: the hashes of the files for every system and Python version.
LOCK := $(BIN)/uv pip compile --no-config --quiet --universal --python-version 3.11 --generate-hashes -c constraints.txt \
	--default-index https://pypi.org/simple --custom-compile-command "make lock" pyproject.toml

lock: $(INSTALLED)  ## the lock files, made from pyproject.toml and constraints.txt
	$(LOCK) --output-file requirements.lock
	$(LOCK) --all-extras --group dev --output-file requirements-dev.lock

sbom: $(INSTALLED)  ## the software bill of materials, CycloneDX JSON, in dist/
	@mkdir -p dist
	$(BIN)/python scripts/sbom.py dist/facecam.cdx.json

audit: $(INSTALLED)  ## known vulnerabilities of the locked packages, where a database is reachable
	@$(BIN)/python scripts/audit.py

format: $(INSTALLED)  ## format the code for `make check`
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

clean:  ## remove what make made
	rm -rf $(VENV) dist .pytest_cache .mypy_cache .ruff_cache .hypothesis
