# The one door to this repository. `make` alone lists what it can do.

SHELL := /bin/bash
export SLIPWAY_CACHE ?= $(HOME)/.cache/slipway
export CARGO_TARGET_DIR ?= $(SLIPWAY_CACHE)/target
export SQLX_OFFLINE ?= true

.DEFAULT_GOAL := help
.PHONY: help setup build run test e2e check bench images cluster-up cluster-down console generate format clean

help: ## list the targets
	@echo 'Slipway. Targets:'
	@sed -n 's/^\([a-z0-9-]*\):.*## \(.*\)/  make \1|\2/p' $(MAKEFILE_LIST) | column -t -s '|'
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

e2e: ## the platform on a real Kubernetes: provisioned, scaled, upgraded, broken, isolated
	@scripts/setup cluster
	@tests/cluster/e2e/run

check: ## formatting, lints, licences, and whether generated files are current
	@scripts/check

bench: ## measure the app runtime against Parse Server on the same mongod
	@scripts/setup bench
	@tests/load/run

images: ## build the container images, each with its SBOM; SLIPWAY_IMAGE_PROFILE=debug for a quick look
	@scripts/setup cluster
	@images/build

cluster-up: ## a Kubernetes on this machine with the whole platform on it, by its charts; console on http://localhost:8090
	@scripts/setup cluster
	@SLIPWAY_IMAGE_PROFILE=$${SLIPWAY_IMAGE_PROFILE:-debug} images/build
	@tests/cluster/up
	@tests/cluster/install

cluster-down: ## end that Kubernetes and remove everything but what was built
	@tests/cluster/down

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
