# Everything a newcomer and CI run. It needs python3 (3.11 or newer) and make. The rest is installed inside the checkout,
# under .local/ and node_modules/, from lock files with hashes. `make help` lists the commands.

SHELL := bash
.SHELLFLAGS := -eu -o pipefail -c
.DELETE_ON_ERROR:
MAKEFLAGS += --no-builtin-rules

PYTHON ?= python3
PORT ?= 4566
DAY_SECONDS ?= 2
ORIGINS ?=
ORDERS ?=
PERSIST ?=
FUNCTION ?=
FOLLOW ?=
UPGRADE ?=
TESTS ?=
TESTS_ARGS ?=
CASES ?= 5000
LIVES ?= 10000
SEED ?= 20260310
EXAMPLES ?= 2000
STEPS ?= 50
MODULES ?=
ROUNDS ?= 1000
ONLY ?=
STAGE ?=
SETTINGS ?=
SET ?=
YES ?=

LOCAL := $(CURDIR)/.local
VENV := $(LOCAL)/venv
BIN := $(VENV)/bin
VENV_EMULATOR := $(LOCAL)/venv-emulator
VENV_VERIFY := $(LOCAL)/venv-verify
STAMPS := $(LOCAL)/stamps
PAGE_LOCALE := web/locale
# Goals that need one processor each and not each other.
SIDE_BY_SIDE := --no-print-directory --jobs=2 --output-sync=target
MAIL_LOCALE := layers/buyer_protection/python/buyer_protection/adapters/mail/locale
CHECKED := app.py infra functions layers local ops tools tests bench

# Nothing is written outside the checkout.
export TMPDIR := $(LOCAL)/tmp
export PIP_CACHE_DIR := $(LOCAL)/cache/pip
export PIP_DISABLE_PIP_VERSION_CHECK := 1
export UV_CACHE_DIR := $(LOCAL)/cache/uv
# pip asks rustc for its version, and a rustup would then write into the home directory.
export RUSTUP_HOME := $(LOCAL)/cache/rustup
export npm_config_cache := $(LOCAL)/cache/npm
export npm_config_update_notifier := false
export JSII_RUNTIME_PACKAGE_CACHE_ROOT := $(LOCAL)/cache/jsii
export CDK_DISABLE_CLI_TELEMETRY := true
export PYTHONPATH := $(CURDIR):$(CURDIR)/layers/buyer_protection/python
unexport VIRTUAL_ENV
# Without its bytecode, each of some hundred processes would compile all packages anew, which takes seconds each.
unexport PYTHONDONTWRITEBYTECODE
# No setting of the caller can reach a real AWS account, but in the commands that are made for it: on their own, not
# together with others.
ON_AN_ACCOUNT := preflight bootstrap deploy smoke destroy
ifneq ($(filter-out $(ON_AN_ACCOUNT),$(or $(MAKECMDGOALS),help)),)
export AWS_CONFIG_FILE := /dev/null
export AWS_SHARED_CREDENTIALS_FILE := /dev/null
export AWS_EC2_METADATA_DISABLED := true
unexport AWS_PROFILE AWS_DEFAULT_PROFILE AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY AWS_SESSION_TOKEN
unexport AWS_ENDPOINT_URL AWS_REGION AWS_DEFAULT_REGION
endif
export PATH := $(BIN):$(PATH)

SETUP := $(STAMPS)/venv $(STAMPS)/venv-emulator $(STAMPS)/npm $(STAMPS)/web
COMPILE := uv pip compile --quiet --generate-hashes --no-emit-index-url --universal --python-version 3.11 \
  --custom-compile-command "make lock"

.DEFAULT_GOAL := help

.PHONY: help
help: ## Show the commands
	@echo "Buyer protection: disputes and claims of a marketplace, on AWS. Commands:"
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-13s %s\n", $$1, $$2 }' $(firstword $(MAKEFILE_LIST))
	@echo "Settings: PORT=4566, DAY_SECONDS=2 (how long a day of the policy lasts), for example make up PORT=4600 DAY_SECONDS=5"

.PHONY: demo
demo: $(SETUP) ## Deploy to an emulated AWS and run four disputes from start to end; ORDERS=<file> runs real orders
	@python -m local.demo --port "$(PORT)" $(if $(filter-out file,$(origin DAY_SECONDS)),--day-seconds "$(DAY_SECONDS)") $(if $(ORDERS),--orders "$(ORDERS)")

.PHONY: up
up: $(SETUP) ## Start a local stack; its addresses are in .local/stack.json (stack-<PORT>.json for another PORT); ORIGINS=http://localhost:3000,... may call it
	@python -m local.stack up --port "$(PORT)" --day-seconds "$(DAY_SECONDS)" $(if $(ORIGINS),--origins "$(ORIGINS)") $(if $(PERSIST),--persist)

.PHONY: down
down: ## Stop every stack of this checkout, or the one on PORT
	@if [ -x "$(BIN)/python" ]; then python -m local.stack down $(if $(filter-out file,$(origin PORT)),--port "$(PORT)"); \
	  else echo "nothing is set up, nothing runs"; fi

.PHONY: logs
logs: $(SETUP) ## Show the functions' logs; FUNCTION=<part of a name>, FOLLOW=1
	@python -m local.logs --port "$(PORT)" --function "$(FUNCTION)" $(if $(FOLLOW),--follow)

.PHONY: $(ON_AN_ACCOUNT)
preflight: $(STAMPS)/venv $(STAMPS)/npm $(STAMPS)/web ## Ask an AWS account for all that would refuse a deployment: STAGE=prod SETTINGS=<file> SET="-c name=value"
bootstrap: $(STAMPS)/venv $(STAMPS)/npm $(STAMPS)/web ## Prepare the account and region for the CDK, once
deploy: $(STAMPS)/venv $(STAMPS)/npm $(STAMPS)/web ## Look at the account, then deploy STAGE to it with your own credentials: docs/deploy.md
smoke: $(STAMPS)/venv ## Play one synthetic case on the deployed STAGE, from its order to its end
destroy: $(STAMPS)/venv $(STAMPS)/npm $(STAMPS)/web ## Remove STAGE from the account
$(ON_AN_ACCOUNT):
	@python -m ops $@ --stage "$(or $(STAGE),$(error STAGE is missing: make $@ STAGE=dev))" \
	  $(if $(SETTINGS),--settings "$(SETTINGS)") $(SET) $(if $(YES),--yes)

.PHONY: test
test: lint ## Lint, types, import rules, then the tests, with a sample of the large enumerations; TESTS=<paths>, TESTS_ARGS=<for pytest>
	@python -m tools.run_tests test $(TESTS) -- $(TESTS_ARGS)

.PHONY: verify
verify: $(SETUP) ## The rest of CI: complete enumerations, simulated cases, faults at every call, the model, races, upgrades
	@$(MAKE) $(SIDE_BY_SIDE) setup-verify browser
	@python -m tools.run_tests verify $(TESTS) -- $(TESTS_ARGS)

.PHONY: format
format: $(SETUP) ## Correct what the linter can correct, and format the code
	@ruff check --fix $(wildcard $(CHECKED))
	@ruff format $(wildcard $(CHECKED))

.PHONY: fuzz
fuzz: $(SETUP) ## Send CASES=5000 generated requests (SEED=...) to every call, on a separate stack
	@TZ=UTC FUZZ_CASES="$(CASES)" FUZZ_SEED="$(SEED)" python -m pytest tests/e2e/test_schemathesis.py $(TESTS_ARGS)

.PHONY: simulate
simulate: $(SETUP) ## Simulate LIVES=10000 random cases with faults from SEED=...; one case: SEED=<seed>:<number> LIVES=1
	@TZ=UTC python -m tests.simulation --lives "$(LIVES)" --seed "$(SEED)"

.PHONY: crash-matrix
crash-matrix: $(SETUP) ## Fail every AWS call of the main flows in every way; all must end in the same state
	@TZ=UTC CRASH_MATRIX=whole python -m pytest -q --numprocesses auto --dist worksteal tests/crash/test_matrix.py $(TESTS_ARGS)

.PHONY: model
model: $(SETUP) ## Compare the domain with a reference model: EXAMPLES=2000 cases of STEPS=50 moves (SEED=...)
	@TZ=UTC MODEL_EXAMPLES="$(EXAMPLES)" MODEL_STEPS="$(STEPS)" MODEL_SEED="$(SEED)" \
	  python -m pytest -s tests/model/test_model.py $(TESTS_ARGS)

.PHONY: mutation
mutation: $(SETUP) ## Change the domain in small ways and count what its unit tests detect; MODULES="claim windows"
	@TZ=UTC python -m tools.mutation --modules $(MODULES)

.PHONY: races
races: $(SETUP) ## Run ROUNDS=1000 of every race of people, clock and sweeper on the emulator; count who wins
	@TZ=UTC python -m tests.races --rounds "$(ROUNDS)"

.PHONY: game-day
game-day: $(SETUP) ## Cause twelve failures on a stack of its own, see and mend each by the runbook; ONLY=<part of a name>
	@TZ=UTC python -m tests.game_day --only "$(ONLY)"

.PHONY: lint lint-types lint-style
lint: $(SETUP) ## Lint, types (of the pages too) and import rules only
	@$(MAKE) $(SIDE_BY_SIDE) lint-types lint-style

lint-types:
	@echo "== mypy"
	@python -m mypy

lint-style:
	@echo "== ruff"
	@ruff check $(wildcard $(CHECKED))
	@ruff format --check $(wildcard $(CHECKED))
	@echo "== import rules"
	@lint-imports --no-logo --cache-dir .local/cache/import-linter
	@echo "== pages"
	@web/node_modules/.bin/tsc --project web

.PHONY: setup-web
setup-web: $(STAMPS)/web ## Install what the pages are built with

.PHONY: site
site: $(SETUP) ## Build the pages (web/) into .local/web, and print the tag of the element for shops with its digest
	@node web/build.mjs

.PHONY: pages
pages: $(SETUP) browser ## Take pictures of every page for every reader and language, on phone and desktop, into .local/pages
	@TZ=UTC python -m tests.browser.gallery

.PHONY: pages-verify
pages-verify: $(SETUP) browser ## Measure every page against its budgets: sizes, calls, layout shift, axe-core, overflow; a table
	@TZ=UTC python -m tests.browser.gates

.PHONY: page-types
page-types: $(SETUP) ## Regenerate the types of the pages from docs/openapi.json
	@python -m tools.page_types

.PHONY: lint-templates
lint-templates: $(SETUP) $(STAMPS)/venv-verify ## Read the templates of all stages with cfn-lint, checkov and an ASL validator
	@python -m tools.lint_templates

.PHONY: browser
browser: $(SETUP) ## Find a Chromium for browser tests and pictures; install one where there is none
	@python -m tools.browser

.PHONY: setup-verify
setup-verify: $(STAMPS)/venv-verify $(STAMPS)/document
	@:

.PHONY: document-verify
document-verify: $(SETUP) $(STAMPS)/venv-verify $(STAMPS)/document ## Read docs/openapi.json with a linter and four generators of clients, docs/asyncapi.json with a parser; compile strictly what is generated
	@python -m tools.document

.PHONY: golden
golden: $(SETUP) ## Record what each function calls, and regenerate the golden list of (function, action, resource)
	@mkdir -p "$(LOCAL)/home"
	@python -m tests.crash.record_called > /dev/null
	@HOME="$(LOCAL)/home" python -m tests.synth.regenerate_iam

.PHONY: contract
contract: $(SETUP) ## Regenerate docs/openapi.json, docs/api-reference.md and docs/rules.md
	@python -m tools.contract
	@python -m tools.contract.rules

.PHONY: reference
reference: $(STAMPS)/venv $(STAMPS)/document ## Write .local/reference/index.html: the API reference as one page that needs no network
	@python -m tools.document.reference

.PHONY: bench
bench: $(SETUP) ## Measure cold starts, actions and cases against a reference; see docs/bench.md
	@TZ=UTC python -m bench

.PHONY: schemas
schemas: $(STAMPS)/venv ## Regenerate docs/events: a JSON Schema for each event on the bus
	@python -m tools.event_schemas

.PHONY: messages
messages: $(STAMPS)/venv ## Update the translation catalogues from mail templates and pages; new entries are empty
	@cd $(MAIL_LOCALE) && pybabel -q extract -F babel.cfg --add-location=file --no-wrap --omit-header \
	  -o "$(TMPDIR)/mails.pot" ../templates
	@cd $(MAIL_LOCALE) && pybabel -q update -D mails -i "$(TMPDIR)/mails.pot" -d . --no-fuzzy-matching \
	  --ignore-obsolete --ignore-pot-creation-date --no-wrap

	@cd $(PAGE_LOCALE) && pybabel -q extract -F babel.cfg -k t -k n:1,2 -k N --add-location=file --no-wrap --omit-header \
	  -o "$(TMPDIR)/pages.pot" ../src
	@cd $(PAGE_LOCALE) && pybabel -q update -D pages -i "$(TMPDIR)/pages.pot" -d . --no-fuzzy-matching \
	  --ignore-obsolete --ignore-pot-creation-date --no-wrap

.PHONY: mails
mails: $(STAMPS)/venv ## Render every mail into .local/mails, with pictures if Chromium is installed; LANGUAGE=ar for one language
	@TZ=UTC python -m tools.gallery $(if $(filter command line,$(origin LANGUAGE)),--language "$(LANGUAGE)")

.PHONY: mails-approve
mails-approve: $(STAMPS)/venv ## Regenerate the approved texts of the mails; review the difference
	@TZ=UTC python -m tools.gallery --approve

.PHONY: lock
lock: $(STAMPS)/venv ## Regenerate the lock files after a change of a requirements *.in file or package.json
	@echo "== emulator, layer, bootstrap, dev, verify"
	@$(COMPILE) requirements/emulator.in -o requirements/emulator.txt $(UPGRADE)
	@$(COMPILE) layers/dependencies/requirements.in --excludes layers/dependencies/excludes.txt \
	  -o layers/dependencies/requirements.txt $(UPGRADE)
	@$(COMPILE) layers/pictures/requirements.in -o layers/pictures/requirements.txt $(UPGRADE)
	@$(COMPILE) requirements/bootstrap.in -o requirements/bootstrap.txt $(UPGRADE)
	@$(COMPILE) requirements/dev.in -o requirements/dev.txt $(UPGRADE)
	@$(COMPILE) requirements/verify.in -o requirements/verify.txt $(UPGRADE)
	@for folder in . tools/chromium tools/document web web/types; do \
	  echo "== $$folder/package-lock.json"; \
	  (cd $$folder && npm install --package-lock-only --ignore-scripts --omit-lockfile-registry-resolved --no-audit --no-fund --loglevel=error); \
	  if grep -n '"resolved"' $$folder/package-lock.json; then echo "it holds registry addresses" >&2; exit 1; fi; \
	done

.PHONY: clean
clean: down ## Stop every stack and remove everything that was installed
	@rm -rf "$(LOCAL)" node_modules web/node_modules tools/document/node_modules cdk.out .hypothesis
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +

# Another interpreter than that of the environment, asked for by PYTHON=..., sets everything up again.
ifneq ($(origin PYTHON),file)
ANEW := $(shell [ "$$($(PYTHON) -V 2>&1)" = "$$("$(BIN)/python" -V 2>&1)" ] || echo anew)
endif
.PHONY: anew

# Installation. A stamp is newer than the lock file it was made from. If it is not, the environment is set to exactly the
# content of the lock file again.
$(STAMPS)/venv: requirements/bootstrap.txt requirements/dev.txt $(ANEW)
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "$(PYTHON) is $$($(PYTHON) --version); 3.11 or newer is needed (make PYTHON=python3.13 ...)" >&2; exit 1; }
	@echo "Setting up the environment (.local/venv) ..."
	@mkdir -p "$(STAMPS)" "$(TMPDIR)"
	@$(PYTHON) -m venv --clear "$(VENV)"
	@"$(BIN)/python" -m pip install --quiet --require-hashes --requirement requirements/bootstrap.txt
	@"$(BIN)/uv" pip sync --quiet --require-hashes --python "$(BIN)/python" requirements/dev.txt
	@touch "$@"

$(STAMPS)/venv-emulator: requirements/emulator.txt $(STAMPS)/venv
	@echo "Setting up the emulator (.local/venv-emulator) ..."
	@mkdir -p "$(TMPDIR)"
	@"$(BIN)/python" -m venv --clear --without-pip "$(VENV_EMULATOR)"
	@"$(BIN)/uv" pip sync --quiet --require-hashes --python "$(VENV_EMULATOR)/bin/python" requirements/emulator.txt
	@touch "$@"

$(STAMPS)/venv-verify: requirements/verify.txt $(STAMPS)/venv
	@echo "Setting up the linters of templates and of the document (.local/venv-verify) ..."
	@mkdir -p "$(TMPDIR)"
	@"$(BIN)/python" -m venv --clear --without-pip "$(VENV_VERIFY)"
	@"$(BIN)/uv" pip sync --quiet --require-hashes --python "$(VENV_VERIFY)/bin/python" requirements/verify.txt
	@touch "$@"

$(STAMPS)/npm: package.json package-lock.json $(STAMPS)/venv
	@echo "Setting up the CDK command (node_modules) ..."
	@mkdir -p "$(TMPDIR)"
	@"$(BIN)/npm" ci --loglevel=error --no-audit --no-fund > /dev/null
	@touch "$@"

# No package of these two runs anything of its own when it is installed.
$(STAMPS)/document: tools/document/package.json tools/document/package-lock.json $(STAMPS)/venv
	@echo "Setting up what reads the document (tools/document/node_modules) ..."
	@mkdir -p "$(TMPDIR)"
	@cd tools/document && "$(BIN)/npm" ci --ignore-scripts --loglevel=error --no-audit --no-fund > /dev/null
	@touch "$@"

$(STAMPS)/web: web/package.json web/package-lock.json $(STAMPS)/venv
	@echo "Setting up the pages (web/node_modules) ..."
	@mkdir -p "$(TMPDIR)"
	@cd web && "$(BIN)/npm" ci --ignore-scripts --loglevel=error --no-audit --no-fund > /dev/null
	@touch "$@"
