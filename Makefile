# The same commands that .ci/run uses. Needs a Rust toolchain and Python 3.10 or newer; everything else comes from the package registries.
SHELL := /bin/bash
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin

# One selection of packages and one profile for everything above the engine: any other makes cargo compile polars a second time.
EDGES := -p firmgrade-python -p firmgrade-frame -p firmgrade-cli

.PHONY: demo test check bench docs clean
.DEFAULT_GOAL := help

help: ## list the targets
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 10

$(BIN)/python:
	@echo "==> making the virtual environment $(VENV)"
	@$(PYTHON) -c 'import sys; sys.exit("Python 3.10 or newer is needed, found " + sys.version.split()[0]) if sys.version_info < (3, 10) else None'
	@command -v cargo >/dev/null || { echo "a Rust toolchain is needed: cargo was not found"; exit 1; }
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --upgrade pip

# What was built last: rebuilt when a Rust or Python source changes.
SOURCES := Cargo.toml Cargo.lock $(shell find crates python -name '*.rs' -o -name '*.toml' -o -path '*/firmgrade/*.py' 2>/dev/null)
$(VENV)/built: $(BIN)/python $(SOURCES) fixtures/scorecards/district-records.toml
	@echo "==> compiling the package: about 10 minutes on two cores the first time, nearly all of it polars; seconds after that"
	$(BIN)/pip install --quiet -r python/requirements-build.txt
	cd python && ../$(BIN)/maturin build --release --locked --quiet --out ../$(VENV)/wheels
	$(BIN)/pip install --quiet --force-reinstall --no-deps $$(ls -t $(VENV)/wheels/*.whl | head -n 1)
	$(BIN)/pip install --quiet 'polars>=1.30' numpy
	@touch $@

demo: $(VENV)/built ## build, generate a district of 60,000 firms with their records, grade it; files in out/
	$(BIN)/firmgrade demo --out out

$(VENV)/tested: python/requirements-test.txt $(VENV)/built
	$(BIN)/pip install --quiet -r python/requirements-test.txt
	@touch $@

test: $(VENV)/tested ## all Rust and Python tests
	cargo test --locked --quiet -p firmgrade
	cargo test --locked --quiet --release $(EDGES)
	$(BIN)/python -m pytest -q tests

check: $(VENV)/tested ## formatting, lints, type stubs
	cargo fmt --all --check
	cargo clippy --locked --quiet -p firmgrade --all-targets -- -D warnings
	cargo clippy --locked --quiet --release $(EDGES) --all-targets -- -D warnings
	RUSTDOCFLAGS="-D warnings" cargo doc --locked --quiet --no-deps -p firmgrade
	cd tests && MYPYPATH= ../$(BIN)/python -m mypy.stubtest firmgrade --ignore-missing-stub --allowlist stubtest-allowlist.txt
	$(BIN)/ruff check python tests benches
	$(BIN)/ruff format --check python tests benches

bench: $(VENV)/built ## the engine alone, then beside its peers
	$(BIN)/pip install --quiet -r benches/peers/requirements.txt
	cargo bench --locked -p firmgrade-benches
	cd benches/peers && ../../$(BIN)/python bench.py
	cd benches/peers && ../../$(BIN)/python bench_reweigh.py
	cd benches/peers && ../../$(BIN)/python bench_ahp.py
	cd benches/peers && ../../$(BIN)/python bench_derive.py
	cd benches/peers && ../../$(BIN)/python bench_district.py
	cd benches/peers && ../../$(BIN)/python bench_metrics.py
	cd benches/peers && ../../$(BIN)/python bench_evaluate.py

docs: ## the engine's documentation
	cargo doc --locked --no-deps -p firmgrade --open

clean: ## forget the virtual environment and the demonstration
	rm -rf $(VENV) out
