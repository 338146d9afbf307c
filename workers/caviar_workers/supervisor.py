"""The supervision of one slot's attempts: one at work, some handed to its runner, the rest waiting.

All of it happens in one thread, which waits in `turn` for the runner, the clock, or a wake-up.
"""

from __future__ import annotations

import shutil
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from caviar_workers.attempts import Attempt
from caviar_workers.bench import Bench, Start
from caviar_workers.dispatch import is_urgent
from caviar_workers.ledger import Ledger
from caviar_workers.protocol import FailureCode
from caviar_workers.runner.guard import CANNOT_START
from caviar_workers.runner.logs import Allowance
from caviar_workers.runner.memory import peak_mb
from caviar_workers.runner.messages import Begun, Ended, Message, Nudged, Reported, Saved, Unstartable
from caviar_workers.runner.process import Exit
from caviar_workers.runner.verdict import Died, End, Halted, Unspoken, Verdict, Wanted, judge, signal_name
from caviar_workers.steering import Steering
from caviar_workers.watch import Watch

STARTS_TRIED = 3
BREATHE = 0.001
MANY = 4


class Supervisor:
    def __init__(self, ledger: Ledger, start: Start, scratch: Path, clock: Callable[[], float],
                 hurry: Callable[[], None]) -> None:  # fmt: skip
        self._ledger, self._scratch, self._clock, self._hurry = ledger, scratch, clock, hurry
        self._bench = Bench(start, self._take, self._look_for_exit)
        self._steering = Steering(self._bench, clock)
        self._waiting: deque[Attempt] = deque()
        self._fed: deque[Attempt] = deque()
        """Handed to the runner, not known to be begun."""
        self._running: Attempt | None = None
        self._bundles: dict[str, Path | Died] = {}
        self._watch = Watch(clock)
        self._silent_starts = 0
        """Runners in a row that ended before they began anything."""

    def attempts(self) -> Iterator[Attempt]:
        if self._running:
            yield self._running
        yield from self._fed
        yield from self._waiting

    # What is asked of it

    def add(self, attempts: list[Attempt]) -> None:
        self._waiting.extend(attempts)

    def provide(self, digest: str, bundle: Path | Died) -> None:
        self._bundles[digest] = bundle

    def stop(self, attempt_id: str, grace: float | None) -> None:
        if self._running and self._running.id == attempt_id:
            self._want(self._running, Wanted.STOP, grace)
        elif attempt := self._withdraw(attempt_id, Wanted.STOP):
            self._conclude(attempt, Halted(), 0.0)

    def pause(self, attempt_id: str) -> None:
        """Ends an attempt between two steps, or hands it back if it has not begun."""
        if attempt := self._begun(attempt_id):
            self._steering.pause(attempt, begun=attempt is self._running)

    def nudge(self, attempt_id: str, nudge: str, params: Mapping[str, Any]) -> None:
        """New parameters for an attempt at work; one that has not begun goes back to be given out with them."""
        if attempt := self._begun(attempt_id):
            self._steering.nudge(attempt, nudge, params, begun=attempt is self._running)
            self._take(self._bench.spoken())

    def give_back(self, attempt_id: str) -> None:
        """Returns an attempt to the service, unless it has begun."""
        if attempt := self._withdraw(attempt_id, None):
            self._ledger.returned(attempt)
            self._after(attempt)

    def forget(self, attempt_id: str) -> None:
        if self._running and self._running.id == attempt_id:
            self._running.wanted = Wanted.FORGET
            self._kill()
        elif attempt := self._withdraw(attempt_id, Wanted.FORGET):
            self._conclude(attempt, Unspoken(), 0.0)

    def take_back(self) -> list[str]:
        """Attempts not begun, which from now on are no longer here."""
        self._unfeed()
        taken = [attempt.id for attempt in self._waiting]
        self._waiting.clear()
        return taken

    def abandon(self) -> None:
        """No agent has called: ends all."""
        verdict = Died(FailureCode.SLOT_LOST, "the slot had not heard from its agent", infrastructure=True)
        everything = list(self.attempts())
        self._running = None
        self._fed.clear()
        self._waiting.clear()
        self._bench.discard()
        for attempt in everything:
            self._conclude(attempt, verdict, 0.0)

    def close(self) -> None:
        self._bench.close()

    # The loop

    def register(self, descriptor: int, read: Callable[[], None]) -> None:
        self._bench.register(descriptor, read)

    def turn(self, longest: float) -> None:
        """Starts what can start, sees to what is due, and waits for the next thing to happen."""
        self._start_waiting()
        if self._running:
            self._see_to(self._running)
        wait = min(longest, self._watch.next_due(self._running) - self._clock())
        if self._bench.wait(wait) and len(self._fed) >= MANY:
            self._watch.sleep(BREATHE)  # short trials: what they say is read by the dozen

    def _start_waiting(self) -> None:
        while self._waiting:
            attempt = self._waiting[0]
            digest = attempt.work.train.bundle
            bundle = self._bundles.get(digest) if digest else None
            if isinstance(bundle, Died):
                self._conclude(self._waiting.popleft(), bundle, 0.0)
            elif (digest and bundle is None) or not self._make_room(attempt, bundle) or not self._bench.hand(attempt):
                return
            else:
                self._fed.append(self._waiting.popleft())
                self._take(self._bench.spoken())

    def _make_room(self, attempt: Attempt, bundle: Path | None) -> bool:
        """Whether the right runner is there; it is changed only between attempts."""
        if self._bench.fits(attempt.work):
            return True
        if self._running or self._fed:
            return False
        self._bench.replace(attempt.work, bundle)
        return True

    def _see_to(self, attempt: Attempt) -> None:
        if self._watch.logs_are_due():
            self._flush_log(attempt)
        if self._running is attempt and self._watch.memory_is_due():
            self._check_memory(attempt)
        if self._running is attempt and (why := self._watch.overdue(attempt)):
            self._want(attempt, why, None)
        if self._running is attempt and self._watch.pause_is_overdue(attempt):
            self._want(attempt, Wanted.STOP, None)
        if self._running is attempt and self._watch.grace_is_over(attempt):
            attempt.killed = True
            self._kill()

    def _flush_log(self, attempt: Attempt) -> None:
        runner = self._bench.runner
        upto = runner.log_size() if runner else 0
        self._bench.read_all()
        if runner and self._running is attempt:  # so what was written until then is this attempt's
            self._log(attempt, upto, last=False)
            runner.tidy(between=False)

    def _check_memory(self, attempt: Attempt) -> None:
        process = self._bench.runner.process if self._bench.runner else None
        limit = attempt.work.train.resources.memory_mb
        if limit <= 0 or process is None:
            return
        attempt.peak_mb = max(attempt.peak_mb, process.memory_mb())
        if attempt.peak_mb > limit:
            attempt.wanted = Wanted.MEMORY
            self._kill()

    def _note_peak(self, attempt: Attempt) -> None:
        """What a short attempt took is seen at its end only: the peak of the process itself."""
        process = self._bench.runner.process if self._bench.runner else None
        if attempt.work.train.resources.memory_mb > 0 and process is not None:
            attempt.peak_mb = max(attempt.peak_mb, peak_mb(process.pid))

    # What the runner says

    def _take(self, messages: list[Message]) -> None:
        for message in messages:
            match message:
                case Begun():
                    self._begin(message)
                case Reported() if self._running:
                    self._report(self._running, message)
                case Saved() if self._running and message.uri.startswith(self._running.shelf):
                    self._ledger.saved(self._running, message)
                case Nudged() if self._running:
                    self._ledger.nudged(self._running, message)
                case Ended() if self._running and self._running.id == message.attempt:
                    self._finish(message)
                case Unstartable() if self._running:
                    self._running.unstartable = message
                    if self._bench.runner and self._bench.runner.process is None:
                        self._finish(Exit(code=CANNOT_START))
                        self._bench.discard()

    def _begin(self, begun: Begun) -> None:
        if self._running or not self._fed or self._fed[0].id != begun.attempt:
            return
        attempt = self._running = self._fed.popleft()
        attempt.begun = attempt.spoke = self._watch.begin()
        attempt.allowance = Allowance(attempt.begun)
        self._silent_starts = 0
        process = self._bench.runner.process if self._bench.runner else None
        self._ledger.started(attempt, process.pid if process else 0, begun.at)
        if attempt.wanted is Wanted.STOP:
            self._want(attempt, Wanted.STOP, None)
        self._steering.begin(attempt)

    def _report(self, attempt: Attempt, report: Reported) -> None:
        self._watch.heard(attempt)
        objective = attempt.work.train.metric
        if not attempt.seen and objective not in report.metrics:
            known = ", ".join(sorted(report.metrics)) or "nothing"
            self._ledger.noted(attempt, f"caviar: the metric {objective!r} is not in this report; it has {known}\n")
        attempt.seen.update(report.metrics)
        self._ledger.reported(attempt, report)

    def _finish(self, end: End) -> None:
        """The attempt at work has ended: its last output, its verdict."""
        attempt, self._running = self._running, None
        runner = self._bench.runner
        if attempt is None or runner is None:
            return
        self._note_peak(attempt)
        upto = end.log_end if isinstance(end, Ended) and end.log_end >= 0 else runner.log_size()
        self._log(attempt, upto, last=True)
        risen = 0 if isinstance(end, Ended) else self._watch.oom_kills()
        seconds = end.seconds if isinstance(end, Ended) else self._clock() - (attempt.begun or self._clock())
        facts = attempt.facts(oom_kills=risen, last_output=runner.last_output())
        self._conclude(attempt, judge(attempt.unstartable or end, facts), seconds)
        if not self._fed:
            runner.tidy(between=True)

    def _look_for_exit(self) -> None:
        """The runner's process has ended: by itself, or by us."""
        end = self._bench.exited()
        if end is None:
            return
        if self._running:
            self._finish(end)
        elif self._fed:
            self._count_silent_start(end)
        self._waiting.extendleft(reversed(self._fed))
        self._fed.clear()
        self._bench.discard()

    def _count_silent_start(self, end: Exit) -> None:
        self._silent_starts += 1
        if self._silent_starts >= STARTS_TRIED:
            self._silent_starts = 0
            how = f"exit code {end.code}" if end.signal is None else signal_name(end.signal)
            died = Died(FailureCode.EXIT, f"no child process could be started: {how}", infrastructure=True)
            self._conclude(self._fed.popleft(), died, 0.0)

    # Endings

    def _want(self, attempt: Attempt, why: Wanted, grace: float | None) -> None:
        """Tells the attempt at work to end, and gives it its grace time; a second order may only shorten that."""
        grace = attempt.work.train.grace_seconds if grace is None else grace
        until = self._clock() + grace
        attempt.kill_at = until if attempt.kill_at is None else min(attempt.kill_at, until)
        attempt.wanted = attempt.wanted or why
        if not attempt.told and self._bench.runner:
            attempt.told = True
            self._bench.runner.order_stop(attempt.id)

    def _kill(self) -> None:
        if self._bench.runner and self._bench.runner.process:
            self._bench.runner.process.kill()
        self._look_for_exit()

    def _begun(self, attempt_id: str) -> Attempt | None:
        """An attempt that has begun, or is about to; one that has not is handed back."""
        self.give_back(attempt_id)
        return next((attempt for attempt in self.attempts() if attempt.id == attempt_id), None)

    def _withdraw(self, attempt_id: str, why: Wanted | None) -> Attempt | None:
        """Takes an attempt that is not begun out of here. One that is just being begun gets the wish `why` later."""
        self._unfeed()
        for attempt in self._waiting:
            if attempt.id == attempt_id:
                self._waiting.remove(attempt)
                return attempt
        for attempt in self._fed:
            if attempt.id == attempt_id:
                attempt.wanted = why or attempt.wanted
        return None

    def _unfeed(self) -> None:
        """What the runner has not taken waits here again, in its order."""
        taken = set(self._bench.runner.take_back()) if self._bench.runner else set()
        self._waiting.extendleft(reversed([attempt for attempt in self._fed if attempt.id in taken]))
        self._fed = deque(attempt for attempt in self._fed if attempt.id not in taken)

    def _log(self, attempt: Attempt, upto: int, *, last: bool) -> None:
        if self._bench.runner and attempt.allowance:
            self._ledger.logged(attempt, self._bench.runner.pieces(upto, attempt.allowance, self._clock(), last=last))

    def _conclude(self, attempt: Attempt, verdict: Verdict, seconds: float) -> None:
        self._ledger.ended(attempt, verdict, seconds)
        self._after(attempt, seconds)

    def _after(self, attempt: Attempt, seconds: float = 0.0) -> None:
        if is_urgent(attempt.batch, [other.batch for other in self.attempts()], seconds):
            self._hurry()
        folder = self._scratch / attempt.id
        if attempt.begun is not None and folder.exists():
            shutil.rmtree(folder, ignore_errors=True)
