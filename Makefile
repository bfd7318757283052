# Every target makes what it needs: `make run` or `make test` is enough on a
# machine with Python 3.9 or newer, a Rust toolchain and make.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/$(if $(filter Windows_NT,$(OS)),Scripts,bin)
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet
CARGO_CORE := --no-default-features

SOURCES := Cargo.toml Cargo.lock pyproject.toml README.md LICENSE \
	$(shell find src python stubs -type f -not -name '*.pyc')
WHEELS := target/wheels
# Written when all distributions are built and checked.
DIST := target/dist/SHA256SUMS
SITE := target/site
# Interpreters of pyenv that are not its active ones: found, but after all others.
EMPTY :=
PYENVS := $(wildcard $(or $(PYENV_ROOT),$(HOME)/.pyenv)/versions/*/bin)
WITH_PYENV := PATH="$$PATH$(subst $(EMPTY) $(EMPTY),,$(PYENVS:%=:%))"
# What reads tables: each with the lowest version that is right, in its own environment.
CONSUMERS := duckdb nanoarrow pandas polars pyarrow
# What runs jobs over many files; ENGINES="dask pyspark" leaves out the slowest.
ENGINES := dask pyspark ray
# Two packages named procmaps can't share an environment.
BENCH := .venvs/bench
BENCH_OLD := .venvs/bench-0.6.5

FUZZ := --manifest-path fuzz/Cargo.toml --no-default-features --target-dir target
FUZZ_TARGETS := address_space core_file elf freebsd maps maps_differential smaps
TOOLS := target/tools
SECONDS ?= 60

.PHONY: help run test test-rust test-python lint format bench fuzz miri mutants soak \
	consumers engines develop dist docs interpreters picture clean
.DELETE_ON_ERROR:

help:  ## Show what each target does.
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "%-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: $(VENV)/installed  ## Print the memory maps of a real process.
	$(BIN)/python -m procmaps

test: test-rust test-python  ## Run all tests, against the installed wheel.

test-rust:  ## Run the tests of the crate, without and with Python known.
	cargo test --locked --quiet $(CARGO_CORE)
	cargo test --locked --quiet $(FUZZ)

test-python: $(VENV)/test $(VENV)/linkers $(VENV)/installed  ## Run the tests of the package.
	$(WITH_PYENV) $(BIN)/python -m pytest

lint: $(VENV)/lint $(VENV)/installed  ## Check format, lints, types and stubs.
	cargo fmt --check
	cargo fmt --check --manifest-path fuzz/Cargo.toml
	cargo clippy --locked --all-targets -- --deny warnings
	cargo clippy --locked --all-targets $(CARGO_CORE) -- --deny warnings
	cargo clippy --locked --all-targets $(FUZZ) -- --deny warnings
	@! grep -rnE '&& let |(if|while) let [^{]*&&' --include='*.rs' src fuzz benches \
		|| { echo 'let chains need Rust 1.88, which clippy does not say'; false; }
	$(BIN)/python tools/layers.py
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy python tests benches tools noxfile.py
	$(BIN)/python -m mypy.stubtest procmaps --allowlist tools/stubtest.txt
	PATH="$(CURDIR)/$(BIN):$$PATH" basedpyright --verifytypes procmaps --ignoreexternal
	$(BIN)/check-jsonschema --builtin-schema vendor.github-workflows .github/workflows/*.yml
	$(BIN)/check-jsonschema --builtin-schema vendor.github-issue-forms .github/ISSUE_TEMPLATE/w*.yml
	$(BIN)/check-jsonschema --builtin-schema vendor.readthedocs .readthedocs.yaml
	$(BIN)/zizmor --offline --quiet --persona=pedantic .github/workflows

format: $(VENV)/lint  ## Put all sources into the project's format.
	cargo fmt
	cargo fmt --manifest-path fuzz/Cargo.toml
	$(BIN)/ruff format
	$(BIN)/ruff check --fix

bench: $(BENCH)/installed $(BENCH_OLD)/installed  ## Measure beside others, and print a table.
	$(BENCH)/bin/python -m benches.run $(TOPICS)

# RUSTC_BOOTSTRAP lets a stable compiler build with the address sanitizer.
fuzz: $(TOOLS)/bin/cargo-fuzz  ## Fuzz each target for SECONDS=60, one after the other.
	set -e; for target in $(FUZZ_TARGETS); do \
		corpus=target/fuzz/corpus/$$target; \
		cargo run --locked --quiet $(FUZZ) --bin seeds $$target $$corpus; \
		PATH="$(CURDIR)/$(TOOLS)/bin:$$PATH" RUSTC_BOOTSTRAP=1 \
		cargo fuzz run --target-dir target/fuzz $$target $$corpus -- \
			-max_total_time=$(SECONDS) -dict=fuzz/tokens.dict \
			-verbosity=0 -print_final_stats=1; \
	done

# Only what asks nothing of the system: miri knows no ioctl.
PURE := mapping formats::core_file formats::elf formats::error formats::freebsd \
	formats::lines formats::maps formats::smaps
NIGHTLY ?= nightly

miri:  ## Run the parser's tests in miri, which nightly Rust has as a component.
	MIRIFLAGS=-Zmiri-disable-isolation cargo +$(NIGHTLY) miri test --locked --quiet \
		$(CARGO_CORE) --lib --target-dir target/miri -- $(addsuffix ::,$(PURE))

# Ten minutes of a hostile process, a million calls of each kind, a gibibyte.
soak: $(VENV)/test $(VENV)/installed  ## Run for half an hour what tests do for seconds.
	PROCMAPS_SOAK=1 $(BIN)/python -m pytest -s \
		tests/hostile/test_hostile_process.py tests/hostile/test_leaks.py \
		tests/hostile/soak_memory.py

# Whole folders take hours: MUTANTS='src/formats/elf/** src/mapping/**' says which.
MUTANTS ?= src/mapping/** src/formats/** src/space/** src/linux/**

mutants: $(TOOLS)/bin/cargo-mutants $(VENV)/test  ## Seed faults in the core; name those that no test notices.
	set -f; PATH="$(CURDIR)/$(TOOLS)/bin:$$PATH" cargo mutants --output target/mutants \
		--config tools/mutants.toml --cargo-arg=--locked $(CARGO_CORE) \
		$(MUTANTS:%=--file '%') -- --lib || test $$? -eq 2 -o $$? -eq 3
	$(BIN)/python -m tools.mutants

# They need Python 3.11.
consumers: $(CONSUMERS:%=.venvs/consumer-%/installed)  ## Let libraries of Arrow read tables.
	set -e; for name in $(CONSUMERS); do \
		PROCMAPS_CONSUMER=$$name .venvs/consumer-$$name/bin/python -m pytest --quiet \
			tests/arrow/test_consumers.py; \
	done

engines: $(ENGINES:%=.venvs/engine-%/installed)  ## Run jobs in Spark, Dask and Ray, on this machine alone.
	set -e; for name in $(ENGINES); do \
		PROCMAPS_ENGINE=$$name .venvs/engine-$$name/bin/python -m pytest --quiet \
			tests/arrow/test_engines.py; \
	done

picture: $(VENV)/test $(VENV)/installed  ## Draw the README's picture anew.
	$(BIN)/python tools/picture.py > docs/table.svg

docs: $(VENV)/docs  ## Build the site, and check that it has every public name.
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --strict --quiet --site-dir $(SITE)
	$(BIN)/python -m tools.site $(SITE)

develop: $(VENV)/build  ## Install an editable debug build.
	VIRTUAL_ENV=$(VENV) $(BIN)/maturin develop --locked
	@rm -f $(VENV)/installed

dist: $(VENV)/dist  ## Build the wheels and the source distribution, and check them.
	$(BIN)/python -m tools.dist $(DIST_OPTIONS)

# PYTHONS names those that have to be there, such as "3.9 3.14t pypy3.11".
interpreters: $(DIST)  ## Test the distributions with every interpreter that nox finds.
	$(WITH_PYENV) $(BIN)/nox --session interpreters $(if $(PYTHONS),\
		--error-on-missing-interpreters --python $(PYTHONS),\
		--no-error-on-missing-interpreters)

clean:  ## Remove everything that was built.
	rm -rf $(VENV) .venvs dist target

$(TOOLS)/bin/cargo-mutants:
	cargo install cargo-mutants --version 27.1.0 --locked --root $(TOOLS)

$(TOOLS)/bin/cargo-fuzz:
	cargo install cargo-fuzz --version 0.13.2 --locked --root $(TOOLS)

# One environment; a group of tools is installed when a target first needs it.
$(BIN)/python:
	$(PYTHON) -m venv $(VENV)
	$(PIP) install --requirement tools/pip.txt

$(VENV)/build $(VENV)/dist $(VENV)/docs $(VENV)/lint $(VENV)/linkers $(VENV)/test: $(VENV)/%: pyproject.toml | $(BIN)/python
	$(PIP) install --group $*
	@touch $@

$(WHEELS)/built: $(SOURCES) | $(VENV)/build
	rm -rf $(WHEELS)
	$(BIN)/maturin build --release --locked --quiet --out $(WHEELS) \
		--interpreter $(BIN)/python
	@touch $@

$(DIST): $(SOURCES) $(wildcard tools/*.py) | $(VENV)/dist
	$(BIN)/python -m tools.dist

$(VENV)/installed: $(WHEELS)/built | $(VENV)/build
	$(PIP) install --force-reinstall --no-deps $(WHEELS)/procmaps-*.whl
	@touch $@

# Named like its group in pyproject.toml.
.venvs/%/installed: $(WHEELS)/built pyproject.toml | $(BIN)/python
	$(PYTHON) -m venv --clear --without-pip .venvs/$*
	$(PIP) --python .venvs/$*/bin/python install $(WHEELS)/procmaps-*.whl --group $*
	@touch $@

$(BENCH_OLD)/installed: pyproject.toml | $(BIN)/python
	$(PYTHON) -m venv --clear --without-pip $(BENCH_OLD)
	$(PIP) --python $(BENCH_OLD)/bin/python download --dest $(BENCH_OLD) --group bench-old
	$(PIP) --python $(BENCH_OLD)/bin/python install $(BENCH_OLD)/procmaps-*.whl
	@touch $@
