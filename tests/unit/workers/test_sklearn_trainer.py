import pytest
from sklearn.model_selection import StratifiedKFold, cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC
from tests.unit.workers.recorded_trial import RecordedTrial

from caviar_workers.trainers import TrainerError, builtin, datasets


def _run(trial, estimator, **options):
    return builtin("sklearn")(trial, {"estimator": estimator, "dataset": "iris", **options})


def test_the_score_is_that_of_scikit_learns_cross_validation():
    trial = RecordedTrial(C=0.5, kernel="linear")
    final = _run(trial, "sklearn.svm.SVC", folds=4, seed=3)
    data = datasets.load("iris")
    folds = StratifiedKFold(4, shuffle=True, random_state=3)
    model = make_pipeline(StandardScaler(), SVC(C=0.5, kernel="linear"))
    expected = cross_val_score(model, data.features, data.targets, cv=folds)
    assert trial.series("fold_score") == pytest.approx(expected.tolist())
    assert final["score"] == pytest.approx(expected.mean())
    assert final["val_error"] == pytest.approx(1 - expected.mean())


def test_each_fold_reports_the_mean_so_far():
    trial = RecordedTrial(max_depth=2)
    final = _run(trial, "sklearn.tree.DecisionTreeClassifier", folds=3)
    scores = trial.series("fold_score")
    assert trial.series("score") == pytest.approx([sum(scores[:k]) / k for k in (1, 2, 3)])
    assert [step for step, _ in trial.reports] == [1, 2, 3]
    assert final["score"] == trial.series("score")[-1]


def test_the_seed_reaches_estimators_with_a_random_state():
    runs = [RecordedTrial(n_estimators=3) for _ in range(2)]
    for trial in runs:
        _run(trial, "sklearn.ensemble.RandomForestClassifier", seed=5)
    assert runs[0].reports == runs[1].reports


def test_regression_is_scored_by_r2_and_losses_count_upwards():
    ridge = _run(RecordedTrial(alpha=0.1), "sklearn.linear_model.Ridge", dataset="diabetes")
    assert 0.4 < ridge["score"] < 0.6
    losses = _run(
        RecordedTrial(), "sklearn.linear_model.Ridge", dataset="diabetes", scoring="neg_root_mean_squared_error"
    )
    assert losses["val_error"] == -losses["score"] > 0


def test_fixed_arguments_and_inner_estimators_are_reached():
    final = _run(
        RecordedTrial(estimator__C=1.0),
        "sklearn.multiclass.OneVsRestClassifier",
        params={"estimator": SVC()},
        standardise=False,
    )
    assert final["score"] > 0.9


@pytest.mark.parametrize(
    ("estimator", "params", "options", "message"),
    [
        ("sklearn.svm.SVC", {"c": 1}, {}, "c is not known.*accepted are C, break_ties, cache_size"),
        ("sklearn.svm.SVC", {"kernel__gamma": 1}, {}, "kernel__gamma is not known"),
        ("sklearn.svm.SVX", {}, {}, "can't be imported"),
        ("no_such_module.Model", {}, {}, "can't be imported: No module named"),
        ("SVC", {}, {}, "can't be imported"),
        ("json.JSONDecoder", {}, {}, "not a class in scikit-learn's manner"),
        ("math.sqrt", {}, {}, "not a class"),
        ("sklearn.multiclass.OneVsRestClassifier", {}, {}, "missing 1 required"),
        ("sklearn.svm.SVC", {}, {"scoring": "acuracy"}, "scoring must be one of"),
        ("sklearn.svm.SVC", {}, {"cv": 3}, "cv is not known"),
        ("sklearn.svm.SVC", {}, {"folds": 1}, "folds must be"),
        ("sklearn.svm.SVC", {}, {"folds": 60}, "folds: "),
        ("", {}, {}, "estimator is missing"),
    ],
)
def test_what_can_not_be_run_says_why(estimator, params, options, message):
    with pytest.raises(TrainerError, match=message):
        _run(RecordedTrial(**params), estimator, **options)


def test_a_value_that_the_estimator_refuses_is_its_own_error():
    with pytest.raises(ValueError, match="'C' parameter of SVC must be a float"):
        _run(RecordedTrial(C=-1), "sklearn.svm.SVC")
