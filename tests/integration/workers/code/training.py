"""Training code of all kinds: well-behaved, dying in every way, and hard to stop. Unpacked as a bundle by the tests."""

# ruff: noqa: T201

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path


def good(trial):
    for step in trial.steps(3):
        trial.report(loss=trial.params["x"] / step)
    return {"loss": trial.params["x"]}


def noop(trial):
    return {"loss": 0.0}


def ten(trial):
    for step in trial.steps(10):
        trial.report(loss=1.0 / step)


def process_id(trial):
    print("hello from", trial.number)
    return {"loss": os.getpid()}


def environment(trial):
    wanted = ("CUDA_VISIBLE_DEVICES", "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS")
    secrets = [name for name in os.environ if name.startswith("RAY_") or name == "CAVIAR_TOKEN"]
    print(json.dumps({name: os.environ.get(name) for name in wanted} | {"secrets": secrets, "cwd": str(Path.cwd())}))
    return 0.0


def exit_seven(trial):
    os._exit(7)


def exit_zero_silently(trial):
    os._exit(0)


def system_exit(trial):
    sys.exit(3)


def kill_myself(trial):
    os.kill(os.getpid(), signal.SIGKILL)


def segfault(trial):
    os.kill(os.getpid(), signal.SIGSEGV)


def abort(trial):
    os.abort()


def terminate_myself(trial):
    os.kill(os.getpid(), signal.SIGTERM)
    spin(trial)


def raising(trial):
    raise ValueError("the loss is gone")


def needs_missing_module(trial):
    import no_such_module_anywhere  # noqa: F401


def memory_error(trial):
    raise MemoryError("cannot allocate")


def eats_memory(trial):
    kept = bytearray(400 << 20)
    kept[::4096] = b"x" * len(kept[::4096])
    Path(trial.folder, "full").touch()
    spin(trial)


def silent(trial):
    trial.report(lozz=1.0)


def spin(trial):
    trial.report(loss=1.0)
    while True:
        pass


def holds_the_gil(trial):
    try:
        trial.report(loss=1.0)
        sum(range(10**13))
    except BaseException:  # noqa: BLE001  told to stop before the sum began
        sum(range(10**13))


def deaf(trial):
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    trial.report(loss=1.0)
    while True:
        try:
            time.sleep(60)
        except BaseException:  # noqa: BLE001
            print("not me")


def polite(trial):
    from caviar_workers.trial import TrialStopped

    step = 0
    try:
        while True:
            step += 1
            trial.report(step=step, loss=1.0)
            time.sleep(0.005)
    except TrialStopped:
        print("cleaned up")
        raise


def forks_and_hides(trial):
    """Leaves a process in the group, one in a session of its own, and a daemon forked twice."""
    subprocess.Popen(["sleep", "300"])
    subprocess.Popen(["sleep", "300"], start_new_session=True)
    if os.fork() == 0:
        os.setsid()
        if os.fork() == 0:
            time.sleep(300)
        os._exit(0)
    os.wait()
    trial.report(loss=1.0)
    if trial.params.get("leave"):
        return
    deaf(trial)


def floods(trial):
    for step in range(1, 200_001):
        trial.report(step=step, loss=float(step))


def shouts(trial):
    line = "x" * 1_000_000
    for _ in range(100):
        sys.stdout.write(line)
    print("\nthe end")
    return 1.0


def speaks_in_tongues(trial):
    """Dies with a message that no JSON and no terminal should hold."""
    raise ValueError("half \ud800, \x1b[2J and \x00")


def returns_anything(trial):
    return {"\ud800": 1.0, "a\x00": 1.0, **{f"m{n}": 1.0 for n in range(100_000)}, "loss": 0.5}


def leaves_half_a_line(trial):
    """Writes to the pipe itself, without an end."""
    for descriptor in range(3, 20):
        with contextlib.suppress(OSError):
            os.write(descriptor, b'["report", 1')
    return 0.5


def writes_garbage(trial):
    for descriptor in range(3, 20):
        with contextlib.suppress(OSError):
            os.write(descriptor, b'\x00\xff garbage\n["ended", 1]\n["report", "x", {}, 1.0]\n')
    return 1.0


def waits_for_file(trial):
    trial.report(loss=1.0)
    while not Path(trial.params["file"]).exists():
        time.sleep(0.005)
    return 2.0


def sleeps(trial):
    time.sleep(0.1)
    return 0.0


def keeps_checkpoints(trial):
    """Counts on from what it restored; dies after step 3 unless it went on from there."""
    found = trial.restore()
    count = int(found.read_text()) if found else 0
    for step in trial.steps(5):
        count += 1
        trial.report(loss=float(count))
        path = Path(trial.folder, "count")
        path.write_text(str(count))
        trial.checkpoint(path)
        if step == 3 and not found:
            os.kill(os.getpid(), signal.SIGKILL)


def is_steered(trial):
    """Trains for as long as it takes; says its parameter and keeps a checkpoint each step."""
    trial.restore()
    path = Path(trial.folder, "state")
    for step in trial.steps(100_000):
        trial.report(loss=float(trial.params["x"]))
        path.write_text(str(step))
        trial.checkpoint(path)
        if trial.params["x"] < 0:
            break
