# Everything that people and CI run. Each command brings in what it lacks first (tools/setup).
#
# Builds always take the whole workspace: cargo unifies features over the packages that are built together, so that
# `-p one-crate` builds other features of the same dependencies, and every AWS crate twice.

.DEFAULT_GOAL := help
.NOTPARALLEL:
.PHONY: help demo page test test-page test-rust test-browser test-python extension extension-release wheel lint format clippy lint-page beds build-tools page-tools clean-tools

# A shell that was open before rustup came does not find cargo.
export PATH := $(PATH):$(HOME)/.cargo/bin
export PORTAL_TEST_PYTHON := $(CURDIR)/.tools/venv/bin/python

help: ## list the commands
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-12s %s\n", $$1, $$2 }' $(firstword $(MAKEFILE_LIST))

# `--test architecture` is there for its dev-dependencies: with them the features are those of `make test`, and the
# one does not rebuild what the other built.
demo: build-tools page ## build, collect a realistic estate, ingest it, print a few answers (in .tools/demo)
	@echo "==> building (minutes the first time, seconds after that)"
	@cargo build --workspace --bin portal --test architecture
	@rm -rf .tools/demo && mkdir -p .tools/demo
	@target=$$(cargo metadata --no-deps --format-version 1 | sed 's/.*"target_directory":"\([^"]*\)".*/\1/') && \
		"$$target/debug/portal" demo --no-serve --lake .tools/demo/lake --store sqlite:.tools/demo/portal.db

page: page-tools ## the page (examples/portal/web), which the program embeds
	@cd examples/portal/web && npm run --silent build

test: beds test-page page test-rust test-python test-browser ## all tests: unit, integration, conformance, architecture, documentation, Python, browser

test-rust: build-tools beds
	@if cargo nextest --version >/dev/null 2>&1; then \
		cargo nextest run --workspace && cargo test --quiet --workspace --doc; \
	else \
		cargo test --workspace --no-fail-fast; \
	fi

test-page: page-tools
	@cd examples/portal/web && npm run --silent test

# With the features of the tests, as `make demo`: nothing is built twice.
test-browser: build-tools page browser-tools ## the page in Debian's Chromium (part of `make test`)
	@cargo build --workspace --bin portal --test architecture
	@cd examples/portal/web && npm run --silent test:browser

test-python: beds extension ## tests of the Python package, its types and the examples
	@cd portal-py && PYTHONPATH=python "$(PORTAL_TEST_PYTHON)" -m pytest --quiet

# The libraries of the workspace, among them the extension, with the features that `make test` builds them with: what is
# there already is not built again. `--test architecture` is there for the same reason as above.
extension: build-tools ## the compiled half of the Python package, in portal-py/python/portal
	@cargo build --workspace --lib --test architecture
	@$(call into_package,debug)

# Features are those of the release builds that benches/README.md names.
extension-release: build-tools
	@cargo build --release --workspace --lib --bin portal --bin benches
	@$(call into_package,release)

# A file that a process has open is not written over: install makes another one.
into_package = target=$$(cargo metadata --no-deps --format-version 1 | sed 's/.*"target_directory":"\([^"]*\)".*/\1/') && \
	for library in so dylib; do \
		[ ! -e "$$target/$(1)/lib_portal.$$library" ] || \
			install -m 755 "$$target/$(1)/lib_portal.$$library" portal-py/python/portal/_portal.abi3.so; \
	done

wheel: build-tools beds ## the Python package as a wheel, in portal-py/dist: one for Python 3.11 and newer
	@cd portal-py && "$(PORTAL_TEST_PYTHON)" -m maturin build --release --out dist

lint: format clippy lint-page ## formatting and clippy, without a single warning

format: build-tools
	@cargo fmt --all --check

# Then each library as somebody else builds it, without the features that the rest of the workspace brings to it.
clippy: build-tools
	@cargo clippy --workspace --all-targets --locked -- -D warnings
	@set -e; for library in core sources store py; do cargo check --quiet --locked --lib -p portal-$$library; done

lint-page: page-tools
	@cd examples/portal/web && npm run --silent api:check && npm run --silent check

beds: ## install what the tests' stand-ins for outside systems need (part of `make test`)
	@tools/setup beds

build-tools:
	@tools/setup build

page-tools:
	@tools/setup page

browser-tools:
	@tools/setup browser

clean-tools: ## remove what `make` installed in this folder
	rm -rf .tools examples/portal/web/node_modules examples/portal/web/dist
