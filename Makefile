# Two commands do everything: `make lab` and `make test`. The others are for contributors.
PYTHON ?= $(firstword $(foreach p,python3 python3.13 python3.12 python3.11,$(shell $(p) -c 'import sys; 11 <= sys.version_info[1] < 14 and print("$(p)")' 2>/dev/null)) python3)
BIN := .venv/bin
NOTEBOOKS := $(wildcard notebooks/[0-9]*.ipynb)
START := notebooks/00_start_here.ipynb

.PHONY: lab test lint unit nbval test-browser bench bench-labs data results lock execute html student instructor slides screenshot env clean
lab: env   ## environment, then JupyterLab on the start page; another one, more options: make lab START=build/student/00_start_here.ipynb LAB_ARGS=--no-browser
	@$(BIN)/jupyter lab --ip=localhost --ServerApp.root_dir=. --LabApp.default_url=/lab/tree/$(START) $(LAB_ARGS)
test: lint unit nbval   ## environment, then lint, unit tests and strict nbval
lint: env
	$(BIN)/ruff check . && $(BIN)/ruff format --check .
unit: env
	$(BIN)/python -m pytest -n 2 --dist loadscope
nbval: env   ## every notebook again, every stored output compared
	$(BIN)/python -m pytest --nbval -n 2 --dist loadscope -p no:cacheprovider $(NOTEBOOKS)
test-browser: env   ## the notebooks in a real JupyterLab, driven through headless Chromium
	$(BIN)/python -m pytest -n 2 --dist loadscope tests/browser
bench: env   ## speed of a training step, as ratios measured in one run; how its cost grows; its memory
	$(BIN)/python tests/benchmarks/bench_gru.py
	$(BIN)/python tests/benchmarks/bench_scaling.py
bench-labs: env   ## slider to pixels in JupyterLab
	$(BIN)/python tests/benchmarks/bench_labs.py
data: env   ## fetch the real data sets that have a public address, into data/cache/; some of them: make data DATA="power bankex"
	$(BIN)/python -m gru_lib.datasets $(DATA)
results: env   ## the long runs that are not stored in data/results/ yet; all of them anew (hours): make results RESULTS_ARGS=--fresh
	$(BIN)/python data/make_results.py $(RESULTS_ARGS)
	$(BIN)/python data/make_keras_results.py $(RESULTS_ARGS)
execute: env   ## run every notebook and store its outputs
	$(BIN)/python tests/notebooks/execute.py $(NOTEBOOKS)
html: env   ## every notebook as a web page in build/html/ whose labs work without a kernel
	$(BIN)/python tests/notebooks/export.py $(NOTEBOOKS)
student: env   ## the students' version of every notebook in build/student/, run and checked: no solution, "Not yet" at every check
	$(BIN)/python tests/notebooks/versions.py student $(NOTEBOOKS)
instructor: env   ## the instructor's version in build/instructor/, run and checked; also what nbgrader makes a release from
	$(BIN)/python tests/notebooks/versions.py instructor $(NOTEBOOKS)
slides: env   ## every notebook as slides in build/slides/ whose labs work without a kernel
	$(BIN)/python tests/notebooks/slides.py $(NOTEBOOKS)
screenshot: env   ## take the README's picture again, from the running lab
	$(BIN)/python tests/browser/screenshot.py
lock: env   ## resolve the newest allowed versions into requirements.lock
	$(BIN)/uv pip compile --quiet --universal --upgrade --generate-hashes --custom-compile-command "make lock" pyproject.toml --group test --group browser --group dev -o requirements.lock
env:
	@command -v $(PYTHON) >/dev/null || { echo "make: no Python found; install Python 3.11, 3.12 or 3.13" >&2; exit 1; }
	@$(PYTHON) .ci/venv.py
clean:
	rm -rf .venv build dist tests/browser/node_modules
