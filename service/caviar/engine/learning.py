"""`search: {learn_from: [studies]}`: where the best of other studies lay is where a study begins."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from caviar.domain.document import parse_study
from caviar.domain.errors import InvalidStudy, Problem, pointer
from caviar.domain.ids import is_uuid
from caviar.domain.spec import LearnFrom, StudySpec
from caviar.engine.heritage import Heritage, account, gathered
from caviar.search.learned import FEWEST, Learned, bounds_around, elite_rows
from caviar.storage import studies
from caviar.storage.database import Snapshot
from caviar.storage.rows import InheritedRow, StudyRow


@dataclass(frozen=True, slots=True)
class Taught:
    """What one study says: its results as they stand in the new space, and the best of them, best first."""

    study: StudyRow
    rows: Sequence[InheritedRow]
    elite: NDArray[np.float64]


def learnt(snapshot: Snapshot, spec: StudySpec, ask: LearnFrom) -> Heritage:
    """The region and its account, as the studies are now. Values of other studies are not compared with the new one's,
    only their order within each. Raises InvalidStudy for a study that is not there or has nothing to say."""
    taught = [_taught(snapshot, spec, index, name) for index, name in enumerate(ask.studies)]
    elite = np.vstack([each.elite for each in taught])
    names = ", ".join(each.study.name for each in taught)
    why = f"learned from {names}: around their best {len(elite)}"
    region = Learned(bounds_around(spec.space, elite), ask.whole, why)
    sources = [{"id": each.study.id, "name": each.study.name} for each in taught]
    origin = {
        "kind": "learn",
        "study": sources[0],
        "studies": sources,
        **account([row for each in taught for row in each.rows]),
        "region": region.to_document(),
    }
    return Heritage(taught[0].study.id, origin)


def elite_of(rows: Sequence[InheritedRow], *, minimizes: bool) -> list[NDArray[np.float64]]:
    """Points of the best completed results among those that lie in the space, best first."""
    fine = [row for row in rows if row.unit is not None and row.value is not None and row.state == "completed"]
    losses = np.array([row.value if minimizes else -(row.value or 0.0) for row in fine], float)
    return [np.frombuffer(fine[index].unit or b"") for index in elite_rows(losses)]


def _taught(snapshot: Snapshot, spec: StudySpec, index: int, name: str) -> Taught:
    found = studies.get(snapshot, name) if is_uuid(name) else studies.find(snapshot, name)
    at = pointer("search", "learn_from", "studies", index)
    if found is None or found.deleted_at is not None:
        raise InvalidStudy([Problem(at, f"there is no study {name!r}")])
    rows = gathered(snapshot, found, spec.space)
    elite = elite_of(rows, minimizes=parse_study(found.spec).minimizes)
    if len(elite) < FEWEST:
        few = f"{name!r} has fewer than {FEWEST} completed results that lie in this space"
        raise InvalidStudy([Problem(at, few)])
    return Taught(found, rows, np.array(elite))
