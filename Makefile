# Needs Python 3.10 or newer and make; everything else goes into an environment outside the checkout.
# On Windows the lines run in the shell of Git, whose folder has to be on the path.
ifeq ($(OS),Windows_NT)
SHELL := sh.exe
PYTHON ?= python
BIN := Scripts
BESIDE := ;
else
PYTHON ?= python3
BIN := bin
BESIDE := :
endif

# make test DEPENDENCIES=oldest takes the oldest versions that pyproject.toml allows.
DEPENDENCIES ?= newest
VENV = $(PYTHON) Testing/tools/venv.py $(if $(filter oldest,$(DEPENDENCIES)),--oldest)

# The checkout is put on the path rather than installed: several checkouts share one environment.
ENTER = venv="$$($(VENV))" || exit; bin="$$venv/$(BIN)"; \
	export PYTHONPATH="$(CURDIR)$(BESIDE)$(CURDIR)/SAMAdapt$${PYTHONPATH:+$(BESIDE)$$PYTHONPATH}" OMP_WAIT_POLICY=PASSIVE;

.PHONY: help venv test test-oldest quick docs demo bench faults estimates screenshots translations supply clean

help:
	@echo "make venv         create or reuse the environment; the last line is its folder"
	@echo "make test         style, types, import contracts and tests"
	@echo "make test-oldest  the same with the oldest versions of dependencies that are allowed; DEPENDENCIES=oldest does it elsewhere"
	@echo "make quick        style, types, contracts and the quick tests, within a minute"
	@echo "make docs         the documentation as a site, into build/site/"
	@echo "make demo         from public weights and images to a segmentation, into demo-out/"
	@echo "make bench        this machine against references and goals, within 15 minutes; make -s bench > FILE keeps the table,"
	@echo "                  PLOT=FILE.png draws how time and memory grow"
	@echo "make faults       thousands of bad inputs, and what became of them, into faults-out/faults.json, in some minutes"
	@echo "make estimates    the table of what a training step takes by default, in some minutes"
	@echo "make screenshots  the pictures in Resources/Screenshots, from real scans beside the checkout"
	@echo "make translations  the files of other languages, from the texts in the sources; what is translated in them is kept"
	@echo "make supply       licences of what users install, a bill of materials, and known vulnerabilities"
	@echo "make clean        remove what the targets above left in the checkout"

venv:
	@$(VENV)

# Types are those of the newest numpy, which Python 3.10 does not get; what is valid for 3.10 is checked all the same.
TYPES = $(if $(filter oldest,$(DEPENDENCIES)),,{ "$$bin/python" -c "import sys; sys.exit(sys.version_info > (3, 11))" || \
	"$$bin/mypy"; } &&)

CHECKS = "$$bin/ruff" check && $(TYPES) "$$bin/lint-imports" --no-cache --no-logo

# Processes with a thread each are faster than one with two threads; while one of them waits for processes that it has started,
# a third one keeps two cores busy.
PYTEST = OMP_NUM_THREADS=1 "$$bin/python" -m pytest --numprocesses 3 --dist loadfile

test:
	@$(ENTER) $(CHECKS) && $(PYTEST)

test-oldest:
	@$(MAKE) test DEPENDENCIES=oldest

quick:
	@$(ENTER) $(CHECKS) && $(PYTEST) -m "not slow and not application and not real"

docs:
	@$(ENTER) NO_MKDOCS_2_WARNING=1 "$$bin/mkdocs" build --strict --quiet && echo build/site/index.html

demo:
	@$(ENTER) "$$bin/python" -m SAMAdaptLib.cli demo --output demo-out

bench:
	@$(ENTER) "$$bin/python" -m SAMAdaptLib.cli bench $(if $(PLOT),--plot "$(PLOT)")

faults:
	@rm -rf faults-out
	@$(ENTER) OMP_NUM_THREADS=1 FAULTS_OUT="$(CURDIR)/faults-out" "$$bin/python" -m pytest -q --numprocesses 2 \
		--dist loadfile Testing/faults Testing/properties && cat faults-out/faults.json

estimates:
	@$(ENTER) "$$bin/python" -m Testing.tools.estimates

screenshots:
	@$(ENTER) "$$bin/python" -m Testing.tools.screenshots && "$$bin/python" -m Testing.tools.screenshot_view

translations:
	@$(ENTER) "$$bin/python" -m Testing.tools.translations

supply:
	@$(ENTER) "$$bin/python" -m Testing.tools.supply

clean:
	@rm -rf build dist demo-out faults-out *.egg-info .pytest_cache .ruff_cache .mypy_cache .import_linter_cache
	@find . -name .git -prune -o -type d -name __pycache__ -exec rm -rf {} +
