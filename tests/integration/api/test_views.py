"""What the read model keeps of a study is what stands in the database."""

import numpy as np
from tests.support.api import Agent, Api

from caviar.insights.studies import find_study
from caviar.insights.views import View, Views


def looked_at(api: Api, views: Views) -> View:
    with api.service.read() as snapshot:
        return views.of(snapshot, find_study(snapshot, "digits"))


def test_a_study_kept_and_one_read_anew_are_the_same(api: Api, agent: Agent) -> None:
    api.submit(budget={"trials": 12})
    kept = Views()
    for _ in range(3):
        agent.run(3)
        late, fresh = looked_at(api, kept), looked_at(api, Views())
        assert late.revision == fresh.revision
        assert late.trials.number.tolist() == fresh.trials.number.tolist()
        assert np.array_equal(late.losses, fresh.losses, equal_nan=True)
        assert np.array_equal(late.trials.units, fresh.trials.units)


def test_a_larger_budget_does_not_read_the_trials_anew(api: Api, agent: Agent) -> None:
    api.submit(budget={"trials": 4})
    agent.run()
    kept = Views()
    before = looked_at(api, kept)
    api.post("/studies/digits/extend", {"trials": 9})
    after = looked_at(api, kept)
    assert after.spec.budget.trials == 9
    assert after.trials.units is before.trials.units


def test_the_study_used_last_is_kept_when_there_are_too_many_trials(api: Api, agent: Agent) -> None:
    api.submit(name="digits", budget={"trials": 4})
    agent.run()
    kept = Views(most=1)
    first = looked_at(api, kept)
    assert looked_at(api, kept).trials is first.trials
