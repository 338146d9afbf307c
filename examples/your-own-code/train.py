"""Gradient boosting on scikit-learn's diabetes data, ten trees at a time: hopeless trials can be ended early."""

import numpy as np
from sklearn.datasets import load_diabetes
from sklearn.ensemble import GradientBoostingRegressor
from sklearn.model_selection import train_test_split

X, y = load_diabetes(return_X_y=True)
train_x, val_x, train_y, val_y = train_test_split(X, y, test_size=0.3, random_state=0)


def main(trial):
    model = GradientBoostingRegressor(warm_start=True, n_estimators=0, random_state=0, **trial.params)
    for step in trial.steps(30):
        model.n_estimators += 10
        model.fit(train_x, train_y)
        error = np.sqrt(np.mean((model.predict(val_x) - val_y) ** 2))
        trial.report(step=step, val_rmse=error)  # raises when the trial is told to stop
