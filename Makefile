# One place for every command of the project. `make` alone lists them.
# Recipes run tools as `python -m`, by relative paths: a clone may lie anywhere, and move.

SHELL := /bin/sh
.DEFAULT_GOAL := help
MAKEFLAGS += --no-builtin-rules --no-print-directory
.DELETE_ON_ERROR:

python := .venv/bin/python
# Newer than the pinned lists when all they name is installed: then nothing is asked of the network.
installed := .venv/installed

# The functions are imported as in the cloud, where functions/ alone is on the path; infra and tests from the top.
export PYTHONPATH := $(CURDIR)/functions:$(CURDIR)

# Another office than the one that is shipped, by its folder: `make run OFFICE=…`, and what looks at what it runs.
ifdef OFFICE
export OFFICE_DIR := $(abspath $(OFFICE))
endif

# Where `make run` keeps the emulators' state between two runs; each office apart, for their steps differ.
export ADUAN_RUN_DIR := $(CURDIR)/.run$(if $(OFFICE),/$(notdir $(OFFICE_DIR)))

##@ Everyday

.PHONY: help
help: ## List these commands
	@awk 'BEGIN { FS = ":.*## " } \
		/^##@ / { printf "\n%s\n", substr($$0, 5) } \
		/^[a-z-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' Makefile

.PHONY: run
run: $(installed) ## Start everything on this machine; MINUTE=2: a minute lasts two seconds, day and night; OFFICE=folder
	@$(if $(MINUTE),SECONDS_PER_MINUTE=$(MINUTE) CALENDAR_FILE=functions/aduan/offices/continuous.toml) \
		exec $(python) -m infra.local

.PHONY: check-office
check-office: $(installed) ## Do an office's files hold together? Each problem with its line; OFFICE=folder
	@$(python) -m infra.office '$(or $(OFFICE),functions/aduan/offices/bantul)'

.PHONY: check
check: lint ## Format, lint, types, import contract, pure tests: in less than a minute
	$(python) -m pytest -q tests/procedure tests/architecture

.PHONY: test
test: lint ## Everything: lint, and every test, with emulators and a browser
	$(python) -m infra.local.prerequisites
	ADUAN_ALL_TESTS=1 $(python) -m pytest

# Beyond `make test`: what takes long. Figures are left in .promises, of which `make promises` makes its page.
test-long load mutation audit fuzz: export ADUAN_PROMISES := $(CURDIR)/.promises

.PHONY: test-long
test-long: $(installed) ## The model for 20,000 steps, 100,000 requests to the JSON door; new examples every time
	$(python) -m infra.local.prerequisites
	$(python) -m pytest --hypothesis-profile=long tests/model/test_the_model.py
	$(python) -m pytest --hypothesis-profile=long tests/doors/test_json_door.py

.PHONY: load
load: $(installed) ## 500 complaints in five minutes through all steps, and a batch of 1,000 updates
	$(python) -m tests.load

.PHONY: mutation
mutation: $(installed) ## Change each thing in procedure/ and service/, and count what a test notices: an hour and more
	$(python) -m tests.mutation procedure
	$(python) -m tests.mutation service

.PHONY: audit
audit: $(installed) ## Ask for known holes of every package, and look for secrets; 2 if nobody answers
	$(python) -m tests.supply

.PHONY: fuzz
fuzz: $(installed) ## 100,000 webhooks that are damaged in every way: none may fail, none may be lost
	$(python) -m infra.local.prerequisites java firestore
	$(python) -m tests.fuzz

# checkov brings a hundred packages, some older than ours: they have an environment of their own, read infra/terraform
# and nothing else, and go nowhere near the cloud.
.PHONY: scan
scan: $(installed) ## Look for known mistakes in infra/terraform
	@test -x .scan/bin/python || infra/local/make_venv.sh .scan
	.scan/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r infra/terraform/checkov.txt
	.scan/bin/python -m checkov.main --directory infra/terraform --framework terraform --compact --quiet --skip-download

.PHONY: promises
promises: $(installed) ## Break each promise once, count what tries it, and write tests/PROMISES.md
	$(python) -m tests.promises

.PHONY: lint
lint: $(installed) ## Format, lint, types, import contract
	$(python) -m ruff format --check .
	$(python) -m ruff check .
	$(python) -m mypy
	$(python) -c 'from importlinter.cli import lint_imports_command as lint; lint()' --no-logo

.PHONY: format
format: $(installed) ## Format the code and mend what ruff can mend
	$(python) -m ruff format .
	$(python) -m ruff check --fix .

.PHONY: bench
bench: $(installed) ## Measure
	$(python) -m tests.bench

# MEASURE=1 counts anew; MEASURE=all takes processor times as well, five minutes on a machine that does nothing else.
.PHONY: cost
cost: $(installed) ## What it costs, and how much one project bears: write infra/cost.md
	$(if $(MEASURE),$(python) -m tests.bench.costs $(if $(filter all,$(MEASURE)),--processor))
	@$(python) -m infra.cost

.PHONY: openapi
openapi: $(installed) ## Describe the JSON door, as OpenAPI
	@$(python) -m infra.openapi

##@ Data of `make run`

.PHONY: demo-data
demo-data: $(installed) ## Fill what is running with complaints to look at
	$(python) -m infra.local.demo_data

.PHONY: reset
reset: ## Forget everything that `make run` kept
	rm -rf .run

##@ The record

# Of what `make run` runs; otherwise of the project that GOOGLE_CLOUD_PROJECT names. infra/record/README.md tells more.

.PHONY: check-record
check-record: $(installed) ## Is every event as it was written? COMPLAINT=ADU-…: of one; HEADS=1: the heads too; AGAINST=backup
	@$(python) -m infra.record check $(COMPLAINT) $(if $(HEADS),--heads) $(if $(AGAINST),--against '$(AGAINST)')

.PHONY: backup
backup: $(installed) ## Put everything aside: TO=folder, in the cloud TO=gs://bucket/folder
	@$(python) -m infra.record backup --to '$(or $(TO),$(error name a new folder: make backup TO=folder))'

.PHONY: restore
restore: $(installed) ## Bring a backup back: FROM=folder; OVER=project deletes first what is there
	@$(python) -m infra.record restore --from '$(or $(FROM),$(error name a backup: make restore FROM=folder))' \
		$(if $(OVER),--over '$(OVER)')

.PHONY: replay
replay: $(installed) ## Rebuild the heads from the events, in an empty database, and compare; in the cloud INTO=project
	@$(python) -m infra.record replay $(if $(INTO),--into '$(INTO)')

.PHONY: rewrap
rewrap: $(installed) ## Put everything under the newest of the office's keys, while the office works
	@$(python) -m infra.record rewrap

.PHONY: export
export: $(installed) ## A copy of all that is kept of a citizen: PHONE=number TO=file.html
	@$(python) -m infra.record export '$(or $(PHONE),$(error whose? make export PHONE=number TO=file.html))' \
		--to '$(or $(TO),$(error name a new file: make export PHONE=number TO=file.html))'

.PHONY: erase
erase: $(installed) ## Forget a citizen for good: PHONE=number OF=project; the same again finishes what was cut short
	@$(python) -m infra.record erase '$(or $(PHONE),$(error whom? make erase PHONE=number OF=project))' \
		--of '$(or $(OF),$(error in which project? make erase PHONE=number OF=project))'

##@ WhatsApp

# At the WhatsApp of `make run`, if it runs; otherwise at Meta, for the number that the environment names.
# infra/whatsapp/README.md tells what each command does.
.PHONY: whatsapp
whatsapp: $(installed) ## WhatsApp's side: DO=check; alone it lists the others (subscribe, templates, send-test, health)
	@$(python) -m infra.whatsapp $(or $(DO),--help)

##@ Upkeep

# Universal: one file holds the pins and hashes for every Python from 3.11 and every system.
compile := $(python) -m uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	--custom-compile-command 'make lock'

.PHONY: lock
lock: $(installed) ## Pin all packages anew, with all they bring; UPGRADE=1 takes the newest
	$(compile) $(if $(UPGRADE),--upgrade) functions/requirements.in -o requirements.txt
	$(compile) $(if $(UPGRADE),--upgrade) tests/requirements.in -o tests/requirements.txt
	$(compile) $(if $(UPGRADE),--upgrade) infra/local/java.in -o infra/local/java.txt
	$(compile) $(if $(UPGRADE),--upgrade) infra/local/virtualenv.in -o infra/local/virtualenv.txt
	echo checkov | $(compile) $(if $(UPGRADE),--upgrade) - -o infra/terraform/checkov.txt

.PHONY: clean
clean: ## Remove what the tools made; the data of `make run` stay
	rm -rf .venv .scan .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis
	find functions infra tests -name __pycache__ -type d -prune -exec rm -rf {} +

$(installed): requirements.txt tests/requirements.txt infra/local/make_venv.sh
	@test -x $(python) && $(python) -c '' 2>/dev/null || infra/local/make_venv.sh .venv
	$(python) -m pip install --quiet --disable-pip-version-check --require-hashes \
		-r requirements.txt -r tests/requirements.txt
	@touch $@
