# Every target sets up what it needs from uv.lock by itself, once. `make` lists them.
SHELL := /bin/bash
.DEFAULT_GOAL := help
.PHONY: $(shell sed -n 's/^\([a-z-]*\):.*/\1/p' $(firstword $(MAKEFILE_LIST)))

PYTHON ?= python3
UV := .tools/bin/uv
UV_VERSION := 0.13.9
PIP_AUDIT_VERSION := 2.10.1
READY := .venv/.ready
SETUP_LOG := .tools/setup.log
HOME_FOLDER := $(or $(IMR_HOME),var)
export UV_PYTHON_DOWNLOADS := never

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "make %-15s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

$(UV):
	@echo "setting up, once ..."
	@mkdir -p .tools
	@{ $(PYTHON) -m venv .tools || { [ "$$(id -u)" = 0 ] && apt-get update -qq \
	    && apt-get install -y -qq python3-venv && $(PYTHON) -m venv .tools; }; } > $(SETUP_LOG) 2>&1 \
	  || { tail -5 $(SETUP_LOG); echo "$(PYTHON) cannot make a virtual environment: install python3-venv"; exit 1; }
	@.tools/bin/python -m pip install --quiet --disable-pip-version-check uv==$(UV_VERSION) >> $(SETUP_LOG) 2>&1 \
	  || { tail -5 $(SETUP_LOG); rm -f $(UV); exit 1; }

$(READY): uv.lock pyproject.toml imr/site/libraries.toml | $(UV)
	@$(UV) sync --frozen --quiet --python $(PYTHON) 2>> $(SETUP_LOG) || { tail -5 $(SETUP_LOG); exit 1; }
	@.venv/bin/python -m imr.site.libraries 2>> $(SETUP_LOG) || { tail -1 $(SETUP_LOG); exit 1; }
	@touch $@

setup: $(READY) ## install from the lock file (the other targets do it by themselves)

run: $(READY) ## load the sample letters, or DROP=/some/folder, through the daily DAG and publish
	@.venv/bin/imr run $(if $(DROP),--drop "$(DROP)")

site: $(READY) ## build the site of the published version and serve it on loopback (PORT=8000)
	@.venv/bin/imr site --serve $(if $(PORT),--port $(PORT))

up: $(READY) ## start Airflow with its UI; prints address and login
	@.venv/bin/imr up

down: $(READY) ## stop Airflow and all that it started
	@.venv/bin/imr down

samples: $(READY) ## write the made-up sample letters to var/samples
	@.venv/bin/imr samples $(HOME_FOLDER)/samples

test: $(READY) ## the whole test suite, on every core
	@.venv/bin/python -m pytest --numprocesses auto --dist loadscope --no-loadscope-reorder

SPARK_READY := .venv-spark/.ready
$(SPARK_READY): warehouse/spark/uv.lock warehouse/spark/pyproject.toml | $(UV)
	@command -v java > /dev/null || { echo "Spark needs Java 17: apt-get install openjdk-17-jre-headless"; exit 1; }
	@UV_PROJECT_ENVIRONMENT=$(CURDIR)/.venv-spark $(UV) sync --frozen --quiet --python $(PYTHON) --project warehouse/spark \
	  2>> $(SETUP_LOG) || { tail -5 $(SETUP_LOG); exit 1; }
	@touch $@

spark-test: $(READY) $(SPARK_READY) ## the warehouse on Spark, and every mart equal to DuckDB's; needs Java 17, takes a while
	@.venv/bin/python -m tests.spark.equality $(if $(N),--letters $(N)) $(if $(ONLY),--only $(ONLY))

soak: $(READY) ## 2,000 spoilt letters and the hostile files, or spoil those of LETTERS=/some/folder; minutes
	@.venv/bin/python -m tests.soak.mutations $(if $(LETTERS),"$(LETTERS)")

soak-kills: $(READY) ## a load killed some 70 times, compared with one that was not; of LETTERS=/some/folder
	@.venv/bin/python -m tests.soak.kills $(if $(LETTERS),"$(LETTERS)")

soak-drop: $(READY) ## one load of 10,000 files, some damaged, some copies, some made to do harm, or of N=50000
	@.venv/bin/python -m tests.soak.many_files $(N)

bench: $(READY) ## how fast letters are read: drawn ones, or those of LETTERS=/some/folder
	@.venv/bin/python -m bench.reading $(if $(LETTERS),"$(LETTERS)")

bench-inbox: $(READY) ## how long a look at a drop folder of 50,000 letters takes, or of FILES=n
	@.venv/bin/python -m bench.inbox $(if $(FILES),--files $(FILES))

bench-warehouse: $(READY) ## what a day costs among a million made-up letters, or N=100000 (long; two versions must fit on the disk)
	@.venv/bin/python -m bench.warehouse $(if $(N),--letters $(N)) $(if $(FOLDER),--folder "$(FOLDER)")

bench-site: $(READY) ## how fast the site of N=100000 made-up letters builds and opens, or of MARTS=marts.duckdb
	@.venv/bin/python -m bench.site $(if $(N),--letters $(N)) $(if $(MARTS),--marts "$(MARTS)")

workers-test: $(READY) ## a backfill of 20,000 letters, or N, over two Celery workers, one killed; needs PostgreSQL and Redis
	@command -v redis-server > /dev/null && ls /usr/lib/postgresql/*/bin/postgres > /dev/null 2>&1 \
	  || { echo "needs a database and a broker: apt-get install postgresql redis-server"; exit 1; }
	@UV_PROJECT_ENVIRONMENT=$(CURDIR)/.venv-workers $(UV) sync --frozen --quiet --python $(PYTHON) --extra celery --extra s3
	@.venv-workers/bin/python -m tests.distributed.backfill $(if $(N),--letters $(N))

bi-test: $(READY) ## BI clients read the marts while loads publish: Superset, DuckDB 1.1.3, pandas (1 GB, minutes)
	@.venv/bin/python -m tests.bi.clients

lint: $(READY) ## ruff, mypy (strict), sqlfluff
	@.venv/bin/ruff check .
	@.venv/bin/ruff format --check --quiet .
	@.venv/bin/mypy
	@.venv/bin/sqlfluff lint dbt_project

check: lint test ## everything that must hold before a commit lands

audit: $(READY) ## known vulnerabilities of the locked dependencies; asks PyPI, and fails where it gets no answer
	@$(UV) export --frozen --quiet --no-hashes --no-emit-project --all-groups --all-extras > .tools/audited.txt
	@$(UV) tool run --quiet --from pip-audit==$(PIP_AUDIT_VERSION) pip-audit --strict --no-deps --disable-pip \
	    --progress-spinner off -r .tools/audited.txt

format: $(READY) ## put the sources into the house's form
	@.venv/bin/ruff check --fix --quiet . ; .venv/bin/ruff format --quiet .
	@.venv/bin/sqlfluff fix --quiet dbt_project

clean: $(READY) ## stop Airflow and remove all that runs have written under var/
	@.venv/bin/imr down
	@rm -rf $(HOME_FOLDER)
