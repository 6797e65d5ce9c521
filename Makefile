# The words of this project. `make demo` and `make test` need nothing before them but Python 3.11 or later, make and git.

SHELL := /bin/sh
BIN := .venv/bin
STAMP := .venv/.complete
PYTEST := $(BIN)/pytest --doctest-modules
WORKERS ?= auto
PORT ?= 8000
SIDE_BY_SIDE = -n $(WORKERS) --dist loadfile --no-loadscope-reorder
PAGES = $(PYTEST) -n $(WORKERS) -m pages tests/browser

.DEFAULT_GOAL := help
.PHONY: audit help setup demo test test-postgresql test-pages test-pages-postgresql test-long bench check format docs clean

help: ## this list
	@sed -n 's/^\([a-z-]*\):[^#]*## \(.*\)/  make \1|\2/p' Makefile | awk -F'|' '{ printf "%-34s %s\n", $$1, $$2 }'

setup: $(STAMP) ## make .venv with the fengqiao command

$(STAMP): pyproject.toml uv.lock .ci/setup
	@.ci/setup
	@touch $@

demo: $(STAMP) ## measure an invented case of 52,037 investors, then run the portal with invented people until Ctrl-C
	@$(BIN)/fengqiao demo --dir demo --port $(PORT)

test: $(STAMP) ## the tests, and the examples in the docstrings
	@.ci/setup-system
	$(PYTEST) $(SIDE_BY_SIDE) -m "not long and not pages"

test-postgresql: $(STAMP) ## whatever uses the database once more, on a PostgreSQL that is made for it and thrown away
	@.ci/setup-system
	$(BIN)/python -m tests.postgresql $(PYTEST) -p tests.only_database $(SIDE_BY_SIDE) -m "not long and not pages"

test-pages: $(STAMP) ## every page and journey in a browser, in both widths and both modes
	@.ci/setup-system
	$(PAGES)

test-pages-postgresql: $(STAMP) ## the pages and journeys once more, on such a PostgreSQL
	@.ci/setup-system
	$(BIN)/python -m tests.postgresql $(PAGES)

test-long: $(STAMP) ## the tests that take minutes
	@.ci/setup-system
	$(PYTEST) -m long

bench: $(STAMP) ## measure speed and memory against other ways, in one run
	$(BIN)/python -m benchmarks

check: $(STAMP) ## style, types and the guards of the house rules
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy fengqiao
	$(BIN)/pytest tests/guards

audit: $(STAMP) ## hold the components against the package index and published weaknesses (needs the internet)
	$(BIN)/python -m tests.components
	@if command -v uv > /dev/null; then uv audit; else $(BIN)/uv audit; fi
	$(BIN)/python -m tests.components noted

format: $(STAMP) ## put the style right
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

docs: $(STAMP) ## draw the pictures of the documents anew, from the demo
	@$(BIN)/fengqiao demo --dir demo --no-serve
	$(BIN)/python docs/make_pictures.py
	PYTHONPATH=. $(BIN)/python docs/make_reading_picture.py
	$(BIN)/python docs/make_portal_pictures.py

clean: ## remove what the other words made, except .venv
	rm -rf demo bench-data build dist .pytest_cache .mypy_cache .ruff_cache .hypothesis
	find fengqiao tests benchmarks docs -name __pycache__ -type d -prune -exec rm -rf {} +
