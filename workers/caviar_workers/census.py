"""What of a cluster is Caviar's to use: all that others have not reserved."""

from __future__ import annotations

from collections.abc import Sequence

from caviar_workers.protocol import Node
from caviar_workers.shapes import Amounts, Shape, amounts, as_resources, fits, without


class Census:
    """A slot that comes or goes shows a little late in what the cluster says: a reservation counts as another's only
    when it is seen twice.
    """

    def __init__(self) -> None:
        self._before: dict[str, Amounts] = {}

    def usable(self, nodes: Sequence[Node], slots: Sequence[tuple[str, Shape]]) -> tuple[Node, ...]:
        """The nodes with `total` less what others hold. `slots`: node ("" while unknown) and shape of our own."""
        foreign = {node.id: _reserved(node, [shape for where, shape in slots if where == node.id]) for node in nodes}
        for where, shape in slots:
            if not where:
                _not_foreign(foreign, shape)
        lasting = {node: _least(taken, self._before.get(node, {})) for node, taken in foreign.items()}
        self._before = foreign
        return tuple(
            node.model_copy(update={"total": as_resources(without(amounts(node.total), [lasting[node.id]]))})
            for node in nodes
        )


def _reserved(node: Node, ours: Sequence[Shape]) -> Amounts:
    """What is reserved on a node and not by us."""
    return without(without(amounts(node.total), [amounts(node.free)]), [shape.amounts() for shape in ours])


def _not_foreign(foreign: dict[str, Amounts], shape: Shape) -> None:
    """A slot on its way may have its reservation on any node."""
    wanted = shape.amounts()
    for node, taken in foreign.items():
        if fits(taken, wanted):
            foreign[node] = without(taken, [wanted])
            return


def _least(one: Amounts, other: Amounts) -> Amounts:
    return {name: min(amount, other.get(name, 0.0)) for name, amount in one.items()}
