# `make demo` shows the main job on real samples, `make test` runs everything that CI runs. Both set up .venv first; nothing else is needed
# than Python 3.11 or later.

VENV := .venv
BIN := $(VENV)/bin
PYTHON ?= $(shell for p in python3.11 python3.12 python3.13 python3; do \
	$$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && { command -v $$p; break; }; done)
READY := $(VENV)/.ready
TRACES ?= ../shared/traces

.PHONY: demo test setup lint types unit generated docs constraints clean

demo: $(READY)
	@PATH="$(CURDIR)/$(BIN):$$PATH" sh docs/demo.sh

test: lint types generated unit

setup: $(READY)

# The stamp is newer than what it was made from, so that a second run installs nothing.
$(READY): pyproject.toml constraints.txt
	@test -n "$(PYTHON)" || { echo "Python 3.11 or later is needed; name it with PYTHON=…"; exit 2; }
	@test -x $(BIN)/python || "$(PYTHON)" -m venv $(VENV)
	@echo "setting up $(VENV) …"
	@$(BIN)/python -m pip install --quiet --constraint constraints.txt hatchling
	@$(BIN)/python -m pip install --quiet --constraint constraints.txt --no-build-isolation --editable '.[dev]'
	@touch $@

lint: $(READY)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(READY)
	$(BIN)/mypy
	$(BIN)/basedpyright --level error

# The parse tables, generated code and specs are what the grammar, the compiler and the formatter would give now, the examples in the specs
# hold, and the figures in the documentation come from what is here.
generated: $(READY)
	$(BIN)/python -m stepc.syntax.embed --check
	$(BIN)/stepc compile --check
	$(BIN)/stepc fmt --check specs
	$(BIN)/stepc test
	$(BIN)/python benchmarks/stale.py

unit: $(READY)
	$(BIN)/python -m pytest -n 2

# The pictures and tables of the documentation, from the command itself.
docs: $(READY)
	$(BIN)/python benchmarks/reference.py
	@test ! -d "$(TRACES)" || $(BIN)/python benchmarks/packs.py "$(TRACES)"
	$(BIN)/python docs/pictures.py
	$(BIN)/python docs/console.py README.md

constraints: $(READY)
	@head -n 1 constraints.txt > constraints.new
	@$(BIN)/python -m pip freeze --exclude-editable >> constraints.new
	@mv constraints.new constraints.txt

clean:
	rm -rf $(VENV) out build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis
