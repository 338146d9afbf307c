"""Agents whose trials can be nudged, and what must hold of the checkpoints they go on from."""

from tests.simulation.world import Running, SimAgent, World

from caviar_workers.protocol import Checkpoint, Nudged, SyncRequest, SyncResponse


class SteeredWorld(World):
    @property
    def stored(self) -> set[str]:
        """The URIs of all checkpoints there are."""
        return self.__dict__.setdefault("_stored", set())

    def _obey(self, agent: SimAgent, request: SyncRequest, response: SyncResponse) -> None:
        self.stored.difference_update(removal.uri for removal in response.removals)
        super()._obey(agent, request, response)
        for command in response.commands:
            running = agent.busy.get(command.attempt)
            if command.action == "nudge" and running is not None and command.nudge is not None:
                self.at(0.3, lambda running=running, nudge=command.nudge: self._take_nudge(agent, running, nudge))

    def _take_nudge(self, agent: SimAgent, running: Running, nudge: str) -> None:
        attempt = running.assignment.attempt
        if agent.busy.get(attempt) is running and not running.stopped:
            seq = running.next_seq()
            agent.outbox.append(Nudged(attempt=attempt, seq=seq, at=self.now, nudge=nudge, step=running.done))

    def _train(self, agent: SimAgent, running: Running) -> None:
        offered = running.assignment.checkpoints
        assert not offered or offered[0].uri in self.stored, "a trial goes on from a checkpoint that is there"
        super()._train(agent, running)

    def _report(self, agent: SimAgent, running: Running, step: int) -> None:
        super()._report(agent, running, step)
        if agent.outbox and isinstance(saved := agent.outbox[-1], Checkpoint):
            self.stored.add(saved.uri)
