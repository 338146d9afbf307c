"""A result looked at again, twice: on a fresh split of the same data, and on data whose unit has changed.

Needs a running service (`caviar up --no-agent` is enough: this program trains by itself) and scikit-learn.
"""

import argparse

import numpy as np
from sklearn.datasets import load_digits
from sklearn.linear_model import SGDClassifier
from sklearn.model_selection import train_test_split

from caviar import Client, Float
from caviar.client.models import Retune
from caviar.client.study import Study

SPACE = {
    "learning_rate": Float(1e-6, 1.0, scale="log"),
    "alpha": Float(1e-7, 1e-1, scale="log"),
}


def loss(params: dict, number: int, split: int, unit: float) -> float:
    """Share of wrong digits after five passes; pixels go from 0 to 16 × `unit`."""
    images, digits = load_digits(return_X_y=True)
    parts = train_test_split(images * unit, digits, test_size=0.3, random_state=split)
    model = SGDClassifier(
        learning_rate="constant", eta0=params["learning_rate"], alpha=params["alpha"], max_iter=5, tol=None,
        random_state=number,
    )  # fmt: skip
    model.fit(parts[0], parts[2])
    return float(np.mean(model.predict(parts[1]) != parts[3]))


def train(study: Study, split: int, unit: float) -> None:
    while trials := study.ask(4, client="drift"):
        for trial in trials:
            trial.complete({"error": loss(dict(trial.params), trial.number, split, unit)})


def look_again(client: Client, study: Study, version: str, split: int, unit: float) -> Retune:
    asked = study.retune(data={"version": version})
    train(client.study(asked.canary_id), split, unit)
    while not (found := next(each for each in study.lineage().retunes if each.id == asked.id)).is_decided:
        study.refresh(wait=1.0)
    print(f"{version}: {found.verdict['verdict']}\n  {found.verdict['why']}")
    print("  " + ", ".join(f"{name} {value:.3g}" for name, value in found.verdict["evidence"].items()))
    return found


def main(trials: int) -> None:
    with Client() as client:
        study = client.create_study(
            name="drift", train={"external": True}, space=SPACE, metric="error", trials=trials,
            search={"strategy": "coarse_to_fine", "seed": 7}, data={"version": "march"},
        )  # fmt: skip
        train(study, split=0, unit=1.0)
        print(f"march: error {study.best.value:.4f} with {study.best.params}")
        look_again(client, study, "april", split=1, unit=1.0)
        found = look_again(client, study, "may", split=2, unit=1 / 16)
        if found.successor_id:
            again = client.study(found.successor_id)
            print(f"  tuned again as {again.name}, {again.info.origin.counted} results of the canary counted")
            train(again, split=2, unit=1 / 16)
            print(f"  may: error {again.best.value:.4f} with {again.best.params}")


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--trials", type=int, default=40)
    main(parser.parse_args().trials)
