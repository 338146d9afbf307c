"""When a study is to be looked at again."""

from croniter import croniter

from caviar.domain.errors import InvalidStudy, Problem
from caviar.domain.spec import Retune


def next_time(retune: Retune | None, now: float) -> float | None:
    """The next moment after `now` (seconds since the epoch, UTC) that `cron` names; None where nothing is scheduled.
    Raises InvalidStudy for what is no cron expression."""
    if retune is None or retune.cron is None:
        return None
    if not croniter.is_valid(retune.cron):
        wrong = f'"{retune.cron}" is no cron expression such as "0 3 * * 1" (minute, hour, day, month, weekday)'
        raise InvalidStudy([Problem("/retune/cron", wrong)])
    return float(croniter(retune.cron, now).get_next(float))
