# Every target first installs what it needs from uv.lock, once. `make` lists the targets.
# Variables from the command line reach the shell as environment variables ("$$INBOX"), so that any path works.
SHELL := /bin/bash
.DEFAULT_GOAL := help
.PHONY: $(shell sed -n 's/^\([a-z-]*\):.*/\1/p' $(firstword $(MAKEFILE_LIST)))

PYTHON ?= python3
UV := .tools/bin/uv
PIP_AUDIT_VERSION := 2.10.1
READY := .venv/.ready
SETUP_LOG := .tools/setup.log
PYTEST := .venv/bin/python -m pytest --numprocesses auto --dist loadscope --no-loadscope-reorder
export UV_PYTHON_DOWNLOADS := never

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "make %-15s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

$(UV): .ci/uv.txt
	@echo "setting up, once ..."
	@mkdir -p .tools
	@{ $(PYTHON) -m venv .tools || { [ "$$(id -u)" = 0 ] && apt-get update -qq \
	    && apt-get install -y -qq python3-venv && $(PYTHON) -m venv .tools; }; } > $(SETUP_LOG) 2>&1 \
	  || { tail -5 $(SETUP_LOG); echo "$(PYTHON) cannot make a virtual environment: install python3-venv"; exit 1; }
	@.tools/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r .ci/uv.txt >> $(SETUP_LOG) 2>&1 \
	  || { tail -5 $(SETUP_LOG); rm -f $(UV); exit 1; }
	@touch $@

$(READY): uv.lock pyproject.toml imr/site/libraries.toml | $(UV)
	@$(UV) sync --frozen --quiet --python $(PYTHON) 2>> $(SETUP_LOG) || { tail -5 $(SETUP_LOG); exit 1; }
	@.venv/bin/python -m imr.site.libraries 2>> $(SETUP_LOG) || { tail -1 $(SETUP_LOG); exit 1; }
	@touch $@

setup: $(READY) ## install from the lock file (other targets do this first)

run: $(READY) ## load the sample letters, or INBOX=/some/folder, through the daily DAG and publish
	@inbox="$${INBOX:-$${DROP:-}}"; .venv/bin/imr run $${inbox:+--inbox "$$inbox"}

site: $(READY) ## build the site of the published version and serve it on loopback (PORT=8000)
	@.venv/bin/imr site --serve $${PORT:+--port "$$PORT"}

up: $(READY) ## start Airflow with its UI; prints address and login
	@.venv/bin/imr up

down: $(READY) ## stop Airflow and its processes
	@.venv/bin/imr down

samples: $(READY) ## write the synthetic sample letters to var/samples
	@.venv/bin/imr samples "$${IMR_HOME:-var}/samples"

test: $(READY) ## the quick tests, with one load end to end: a few minutes
	@$(PYTEST) -m "not slow"

test-all: $(READY) ## every test
	@$(PYTEST)

SPARK_READY := .venv-spark/.ready
$(SPARK_READY): warehouse/spark/uv.lock warehouse/spark/pyproject.toml | $(UV)
	@command -v java > /dev/null || { echo "Spark needs Java 17: apt-get install openjdk-17-jre-headless"; exit 1; }
	@UV_PROJECT_ENVIRONMENT=$(CURDIR)/.venv-spark $(UV) sync --frozen --quiet --python $(PYTHON) --project warehouse/spark \
	  2>> $(SETUP_LOG) || { tail -5 $(SETUP_LOG); exit 1; }
	@touch $@

spark-test: $(READY) $(SPARK_READY) ## build the warehouse on Spark and compare every mart with DuckDB's; needs Java 17, long
	@.venv/bin/python -m tests.spark.equality $${N:+--letters "$$N"} $${ONLY:+--only "$$ONLY"}

soak: $(READY) ## read 2,000 damaged letters and the hostile files, or damage those of LETTERS=/some/folder; minutes
	@.venv/bin/python -m tests.soak.mutations $${LETTERS:+"$$LETTERS"}

soak-rewrites: $(READY) ## stamp letters, put pages before and behind, lose and double pages; LETTERS=/some/folder
	@.venv/bin/python -m tests.soak.rewrites $${LETTERS:+"$$LETTERS"}

soak-resaves: $(READY) ## rewrite letters as other programs save them, and compare their records; LETTERS=/some/folder; minutes
	@.venv/bin/python -m tests.soak.resaves $${LETTERS:+"$$LETTERS"}

soak-kills: $(READY) ## kill a load some 70 times and compare it with one that was not killed; LETTERS=/some/folder
	@.venv/bin/python -m tests.soak.kills $${LETTERS:+"$$LETTERS"}

soak-drop: $(READY) ## load 10,000 files with damaged, copied and hostile ones among them, or N=50000
	@.venv/bin/python -m tests.soak.many_files $${N:+"$$N"}

bench: $(READY) ## time the reading of synthetic letters, or those of LETTERS=/some/folder
	@.venv/bin/python -m bench.reading $${LETTERS:+"$$LETTERS"}

bench-inbox: $(READY) ## time the scan of an inbox of 50,000 letters, or FILES=n
	@.venv/bin/python -m bench.inbox $${FILES:+--files "$$FILES"}

bench-warehouse: $(READY) ## time a daily load into a million synthetic letters, or N=100000 (long; needs disk for two versions)
	@.venv/bin/python -m bench.warehouse $${N:+--letters "$$N"} $${FOLDER:+--folder "$$FOLDER"}

bench-site: $(READY) ## time the build and opening of the site of N=100000 synthetic letters, or of MARTS=marts.duckdb
	@.venv/bin/python -m bench.site $${N:+--letters "$$N"} $${MARTS:+--marts "$$MARTS"}

workers-test: $(READY) ## run a backfill of 20,000 letters, or N, on two Celery workers and kill one; needs PostgreSQL and Redis
	@command -v redis-server > /dev/null && ls /usr/lib/postgresql/*/bin/postgres > /dev/null 2>&1 \
	  || { echo "needs a database and a broker: apt-get install postgresql redis-server"; exit 1; }
	@UV_PROJECT_ENVIRONMENT=$(CURDIR)/.venv-workers $(UV) sync --frozen --quiet --python $(PYTHON) --extra celery --extra s3
	@.venv-workers/bin/python -m tests.distributed.backfill $${N:+--letters "$$N"}

bi-test: $(READY) ## read the marts with Superset, DuckDB 1.1.3 and pandas while loads publish (1 GB, minutes)
	@.venv/bin/python -m tests.bi.clients

lint: $(READY) ## ruff, mypy (strict), import contracts, sqlfluff
	@.venv/bin/ruff check .
	@.venv/bin/ruff format --check --quiet .
	@.venv/bin/mypy
	@.venv/bin/lint-imports --no-cache --no-logo > .tools/lint-imports.log || { cat .tools/lint-imports.log; exit 1; }
	@.venv/bin/sqlfluff lint dbt_project

check: lint test ## linters and quick tests, before each commit

audit: $(READY) ## check the locked dependencies for known vulnerabilities at PyPI; fails without an answer
	@$(UV) export --frozen --quiet --no-hashes --no-emit-project --all-groups --all-extras > .tools/audited.txt
	@$(UV) tool run --quiet --from pip-audit==$(PIP_AUDIT_VERSION) pip-audit --strict --no-deps --disable-pip \
	    --progress-spinner off -r .tools/audited.txt

format: $(READY) ## format the sources
	@.venv/bin/ruff check --fix --quiet . ; .venv/bin/ruff format --quiet .
	@.venv/bin/sqlfluff fix --quiet dbt_project

docs: $(READY) ## write docs/cli.md, the reference of the `imr` command
	@.venv/bin/python -m tests.support.cli_reference

clean: $(READY) ## stop Airflow and remove everything that runs have written under var/
	@.venv/bin/imr down
	@rm -rf -- "$${IMR_HOME:-var}"
