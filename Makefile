# The way in for people and machines. Every target installs what it needs first; `make` alone lists them.
.DEFAULT_GOAL := help
.PHONY: help install run demo check lint test faults quick-tests bench lock wheel uninstall bare-proof
MAKEFLAGS += --no-print-directory
# Where somebody set it, each of the thousands of processes of the tests would compile the product again.
unexport PYTHONDONTWRITEBYTECODE

BIN := .venv/bin
PYTEST := $(BIN)/python -m pytest
# Two at a time: each real QEMU without KVM keeps a core busy.
JOBS ?= 2
# Without QEMU most tests wait for a screen or another process: more of them share two cores well; fewer
# where real terminals, faults and sweeps are among them.
QUICK_JOBS ?= 6
SLOW_JOBS ?= 4
WITH_QEMU := qemu or full or system
WITHOUT_QEMU := not qemu and not full and not system and not slow

help: ## list the targets
	@awk -F':.*## ' '/^[a-z-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

install: ## install what is missing: Debian packages by name, then .venv from the lock
	@scripts/install

run: install ## open the cockpit (ARGS="--connect URI …" goes to it)
	@scripts/libvirt-up
	@$(BIN)/clonebox-tui $(ARGS)

demo: ## open the cockpit on a simulated fleet; no root, no Debian packages, no libvirt
	@scripts/install --demo
	@$(BIN)/clonebox-tui --demo $(ARGS)

lint: install
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

check: lint quick-tests ## what to run before each commit: style, types, contracts, tests without QEMU

quick-tests: install
	$(PYTEST) -q -n $(QUICK_JOBS) --dist loadgroup -m '$(WITHOUT_QEMU)'

test: lint ## everything, with real QEMU first; the last line is pytest's own
	@scripts/libvirt-up
	@$(PYTEST) -n $(JOBS) --dist loadgroup --no-loadscope-reorder -m '$(WITH_QEMU)'
	@$(PYTEST) -n $(SLOW_JOBS) --dist loadgroup -m 'not ($(WITH_QEMU))'

# What held is written down by the commit, so that a run that was broken off goes on; not with changed files.
FAULTS_OF = $(filter-out %-dirty,$(shell git describe --always --dirty --exclude '*' 2>/dev/null))
faults: install ## every fault at every point, for hours; goes on where it was broken off (SHARD=1/4 ARGS="-k fork")
	@scripts/libvirt-up
	@CLONEBOX_FAULTS_SEED=all CLONEBOX_FAULTS_SHARD=$(or $(SHARD),1/1) \
	 CLONEBOX_FAULTS_RECORD=$(if $(FAULTS_OF),$(CURDIR)/.cache/faults/$(FAULTS_OF)) \
	 $(PYTEST) -q -s tests/faults $(ARGS)

bench: install ## measure beside the other thing; prints ratios
	@scripts/libvirt-up
	@$(BIN)/python -m tests.bench $(ARGS)

wheel: install ## build the wheel into dist/
	@$(BIN)/python -m hatchling build -t wheel

lock: ## pin again what is tested (UPGRADE=1 takes newer versions)
	@scripts/lock

bare-proof: ## prove the set-up in a bare Debian root folder (as root; takes minutes)
	@scripts/bare-debian

uninstall: ## remove what the product left for this user, and .venv (YES=1 does not ask)
	@scripts/uninstall
