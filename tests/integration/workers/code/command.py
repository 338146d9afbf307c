"""A program of the user's that is run as a command."""

# ruff: noqa: T201
import json
import os
import sys
import time
from pathlib import Path

if sys.argv[1] == "good":
    print("some output")
    for step in (1, 2):
        print(json.dumps({"step": step, "loss": float(sys.argv[2]) / step, "note": "no number"}))
    print(json.dumps({"other": 1}))
    print(os.environ["CAVIAR_PARAM_X"], json.loads(Path(os.environ["CAVIAR_PARAMS"]).read_text())["x"])
if sys.argv[1] == "trial":
    from caviar_workers.current import current_trial

    trial = current_trial()
    trial.report(step=7, loss=trial.params["x"])
if sys.argv[1] == "fails":
    print("what a pity", file=sys.stderr)
    sys.exit(4)
if sys.argv[1] == "spins":
    print('{"loss": NaN}', flush=True)
    while True:
        time.sleep(0.01)
if sys.argv[1] == "waits_for_a_nudge":
    print('{"step": 1, "loss": 1.0}', flush=True)
    while (x := json.loads(Path(os.environ["CAVIAR_PARAMS"]).read_text())["x"]) == 1.0:
        time.sleep(0.01)
    print(json.dumps({"step": 2, "loss": x}))
