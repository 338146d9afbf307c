# The two commands: `make demo` runs the main job, `make test` passes the tests. Both do all set-up by themselves.
PY := .venv/bin/python

.PHONY: setup demo test check format lock
setup:
	@bash scripts/bootstrap.sh

demo: setup
	@.venv/bin/caviar run examples/digits/study.yaml

test: setup
	@bash scripts/test.sh

check: setup
	@bash scripts/check.sh

format: setup
	@.venv/bin/ruff format -q . && .venv/bin/ruff check -q --fix .

lock: setup
	@uv pip compile pyproject.toml --all-extras --group dev --universal --python-version 3.11 --generate-hashes \
	    --no-emit-index-url --no-annotate --no-header -q -o requirements.lock
