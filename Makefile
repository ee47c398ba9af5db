PYTHON ?= python3
VENV ?= .venv
BENCH_DIR ?= $(HOME)/frappe-bench
BENCH_SITE ?= test_site
BIN := $(VENV)/bin
STAMP := $(VENV)/.ready

.PHONY: help demo test test-unit test-site test-install lint quality learners bench clean

help: ## this list
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/'

$(STAMP): pyproject.toml requirements.txt scripts/setup
	@scripts/setup "$(PYTHON)" "$(VENV)"
	@touch $(STAMP)

demo: $(STAMP) ## replay the example day; the page lands in out/
	@$(BIN)/fixee-hotline demo --out out

test: test-unit test-site ## all tests; those of a site only where a bench is

test-unit: $(STAMP)
	$(BIN)/python -m pytest

test-site: $(STAMP)
	@BENCH_DIR="$(BENCH_DIR)" BENCH_SITE="$(BENCH_SITE)" scripts/test-site

lint: $(STAMP) ## ruff, mypy on the pure packages, import contracts
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

quality: $(STAMP) ## triage, serials and fault codes on labelled messages, with every miss
	@$(BIN)/python -m benchmarks.quality

learners: $(STAMP) ## train the learners on the labelled examples
	@$(BIN)/python -m benchmarks.train

bench: $(STAMP) ## speed, as ratios; numpy is kept to one core
	@OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1 $(BIN)/python -m benchmarks.triage_speed
	@BENCH_DIR="$(BENCH_DIR)" BENCH_SITE="$(BENCH_SITE)" scripts/bench-site

test-install: ## install, migrate twice, uninstall, install again on a throw-away site: BENCH_SITE=...
	@BENCH_DIR="$(BENCH_DIR)" BENCH_SITE="$(BENCH_SITE)" scripts/test-install

clean: ## remove what was built here
	rm -rf $(VENV) out build *.egg-info .pytest_cache .mypy_cache .ruff_cache .hypothesis
