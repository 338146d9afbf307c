"""The trials of an export, read in chunks: however many there are, a thousand of them are in memory."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Final

from caviar.domain.errors import NotFound
from caviar.insights.documents import Document, trial_document
from caviar.insights.export.columns import Kinds, kinds_of_space, kinds_of_values
from caviar.insights.trials import Query, selected_rows
from caviar.insights.views import View
from caviar.storage import trials
from caviar.storage.database import Snapshot

CHUNK: Final = 1_000
Read = Callable[[], AbstractContextManager[Snapshot]]


@dataclass(frozen=True, slots=True)
class Selection:
    """Which trials is settled when the export begins; each is written as it is when its turn comes."""

    study_id: str
    numbers: list[int]
    kinds: Kinds
    read: Read

    def chunks(self) -> Iterator[list[Document]]:
        """Raises NotFound when the study is purged meanwhile: an export is whole, or breaks off."""
        for start in range(0, len(self.numbers), CHUNK):
            wanted = self.numbers[start : start + CHUNK]
            with self.read() as snapshot:
                found = trials.by_numbers(snapshot, self.study_id, wanted)
            if len(found) < len(wanted):
                raise NotFound("The study was deleted while it was exported.")
            yield [trial_document(found[number]) for number in wanted]


def select(view: View, query: Query, read: Read) -> Selection:
    """Raises InvalidInput for a filter or an order that is none."""
    numbers = view.trials.number[selected_rows(view, query)].tolist()
    kinds = kinds_of_space(view.spec)
    if view.study.space_version > 1:
        first = Selection(view.study.id, numbers, kinds, read)
        kinds = kinds_of_values(kinds, (document["params"] for chunk in first.chunks() for document in chunk))
    return Selection(view.study.id, numbers, kinds, read)
