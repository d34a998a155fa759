# Every target sets up what it needs. Python 3.11 or newer and make are enough.
PYTHON ?= python3
VENV ?= .venv
BIN = $(VENV)/bin
PIP = $(BIN)/python -m pip install --no-compile --quiet --disable-pip-version-check -c constraints.txt
EXTRAS ?= test

.PHONY: demo test check slow calibration bench costs plugin agreement peers speed screenshots fuzz docs clean

$(VENV)/bin/python:
	$(PYTHON) -m venv $(VENV)

$(VENV)/.core: $(VENV)/bin/python pyproject.toml constraints.txt
	$(PIP) -e .
	@touch $@

$(VENV)/.test: $(VENV)/.core
	$(PIP) -e ".[$(EXTRAS)]"
	@touch $@

$(VENV)/.dev: $(VENV)/.test
	$(PIP) -e ".[dev]"
	@touch $@

$(VENV)/.docs: $(VENV)/.core
	$(PIP) -e ".[docs]"
	@touch $@

demo: $(VENV)/.core  ## A made study with a known answer, through the whole chain, to a report
	$(BIN)/syntony demo syntony-demo

test: $(VENV)/.test  ## Every test but the slow ones, with the doctests
	$(BIN)/python -m pytest tests --doctest-modules src/syntony -m "not slow" -n auto --dist loadfile

check: $(VENV)/.dev  ## Format, lint, types, layers
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

slow: $(VENV)/.test  ## Calibration and coverage: many simulated studies
	$(BIN)/python -m pytest tests -m slow

calibration: $(VENV)/.test  ## docs/methods/calibration.md and coverage.md: hours, goes on where it was stopped
	$(BIN)/python benchmarks/calibration.py
	$(BIN)/python benchmarks/interval_coverage.py

bench: $(VENV)/.test  ## Speed and memory, as ratios in one process or to a stated limit
	$(BIN)/python benchmarks/all.py

costs: $(VENV)/.test  ## What each method costs, kept in costs.json (minutes)
	$(BIN)/python benchmarks/costs.py

plugin: $(VENV)/.test  ## The example of a method from outside: installed, tested, taken away again
	$(PIP) -e examples/plugin
	$(BIN)/python -m pytest examples/plugin && $(BIN)/syntony methods sign_agreement > /dev/null
	$(BIN)/python -m pip uninstall --quiet --yes lab-measures

agreement: $(VENV)/.test  ## Our figures beside those of other tools, as a table in the manual
	$(BIN)/python -m pytest tests/golden -q --agreement docs/methods/agreement.md

peers:  ## Other tools in an environment of their own, for make speed
	$(PYTHON) -m venv $(VENV)-peers
	$(VENV)-peers/bin/python -m pip install --quiet -r benchmarks/peers/requirements.txt

speed: $(VENV)/.test  ## docs/methods/speed.md: kernels beside other tools (make peers first)
	SYNTONY_PEERS=$(abspath $(VENV)-peers/bin/python) $(BIN)/python benchmarks/speed_table.py

screenshots: $(VENV)/.test  ## The pictures of the app in the manual, from a made study (needs Chromium)
	$(BIN)/python -m pytest tests/app/journeys/test_screens.py -q --screens docs/_static/screens

fuzz: $(VENV)/.test  ## Mutated files against every reader
	SYNTONY_FUZZ=2000 $(BIN)/python -m pytest tests/io -m "not slow" --hypothesis-seed=random

docs: $(VENV)/.docs  ## The manual, with a page per list entry made from the list
	$(BIN)/python docs/make_pages.py
	$(BIN)/python -m sphinx -W -b html docs docs/_build/html

clean:
	rm -rf $(VENV) $(VENV)-peers docs/_build docs/_made
