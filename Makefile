# The one door to this repository. `make` alone lists what it can do.

SHELL := /bin/bash
export SLIPWAY_CACHE ?= $(HOME)/.cache/slipway
export CARGO_TARGET_DIR ?= $(SLIPWAY_CACHE)/target
export SQLX_OFFLINE ?= true

.DEFAULT_GOAL := help
.PHONY: help setup build run test check bench console generate format clean

help: ## list the targets
	@echo 'Slipway. Targets:'
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1|\2/p' $(MAKEFILE_LIST) | column -t -s '|'
	@echo
	@echo 'make run keeps its data in SLIPWAY_DATA_DIR (./data) and serves on SLIPWAY_PORT (8080).'

setup: ## fetch what this machine lacks: mongod, PostgreSQL, Deno, npm packages
	@scripts/setup test

run: ## start the whole platform with the console on http://localhost:8080
	@exec scripts/run

test: ## run every test suite; ends with the totals
	@scripts/test

build: ## build the console, the control plane and the app runtime without starting them
	@scripts/build

check: ## formatting, lints, licences, and whether generated files are current
	@scripts/check

bench: ## measure the app runtime against Parse Server on the same mongod
	@scripts/setup bench
	@tests/load/run

console: ## build the web console into web-console/dist
	@scripts/setup run
	@scripts/console

generate: ## write the generated files: OpenAPI, the console's client, CRD, .sqlx
	@scripts/setup run
	@scripts/generate

format: ## format the Rust code
	@cargo fmt --all

clean: ## remove what was built (fetched tools and ./data stay)
	cargo clean
	rm -rf web-console/dist
