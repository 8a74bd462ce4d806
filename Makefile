# Needs Python 3.10 or newer and make; everything else goes into an environment outside the checkout.
PYTHON ?= python3

# The checkout is put on the path rather than installed: several checkouts share one environment.
ENTER = venv="$$($(PYTHON) Testing/tools/venv.py)" || exit; \
	export PYTHONPATH="$(CURDIR)$${PYTHONPATH:+:$$PYTHONPATH}" OMP_WAIT_POLICY=PASSIVE;

.PHONY: help venv test demo benchmarks screenshots clean

help:
	@echo "make venv         create or reuse the environment; the last line is its folder"
	@echo "make test         style, import contracts and tests"
	@echo "make demo         from public weights and images to a segmentation, into demo-out/"
	@echo "make benchmarks   the measurements in Testing/benchmarks"
	@echo "make screenshots  the pictures in Resources/Screenshots, from real scans beside the checkout"
	@echo "make clean        remove what the targets above left in the checkout"

venv:
	@$(PYTHON) Testing/tools/venv.py

# Two processes with a thread each are faster than one with two threads.
test:
	@$(ENTER) "$$venv/bin/ruff" check && "$$venv/bin/lint-imports" --no-cache --no-logo && \
		OMP_NUM_THREADS=1 "$$venv/bin/python" -m pytest --numprocesses 2 --dist loadfile

demo:
	@$(ENTER) "$$venv/bin/python" -m SAMAdaptLib.cli demo --output demo-out

benchmarks:
	@$(ENTER) for script in Testing/benchmarks/*.py; do \
		test -f "$$script" || continue; \
		echo "== $$script"; "$$venv/bin/python" "$$script" || exit; \
	done

screenshots:
	@$(ENTER) "$$venv/bin/python" -m Testing.tools.screenshots

clean:
	@rm -rf build dist demo-out *.egg-info .pytest_cache .ruff_cache .import_linter_cache
	@find . -name .git -prune -o -type d -name __pycache__ -exec rm -rf {} +
