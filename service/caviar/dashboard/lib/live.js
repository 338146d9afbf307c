// @ts-check
// What keeps a page true: one stream of changes per tab, a refresh at most once a second, none while hidden.

const PACE_MILLISECONDS = 1_000;
const POLL_MILLISECONDS = 4_000;
const FAILURES_BORNE = 3;

/** @typedef {"live" | "polling" | "resting" | "offline"} Mood */

/**
 * Calls `refresh` when something has changed. Without a study, which has a stream, it polls.
 * @param {{study?: string, refresh: () => Promise<void>, mood: (mood: Mood) => void, poll?: number}} what
 * @returns {{stop: () => void, now: () => void}}
 */
export function watch(what) {
  const pace = paced(what.refresh, (good) => what.mood(good ? (source?.readyState === 1 ? "live" : "polling") : "offline"));
  /** @type {EventSource | null} */
  let source = null;
  /** @type {number | undefined} */
  let timer;
  let failures = 0;

  const poll = () => {
    timer ??= setInterval(pace.ask, what.poll ?? POLL_MILLISECONDS);
  };
  const listen = () => {
    if (!what.study || failures >= FAILURES_BORNE) return poll();
    source = new EventSource(`/api/v1/studies/${encodeURIComponent(what.study)}/events`);
    source.onopen = () => ((failures = 0), what.mood("live"));
    source.addEventListener("change", pace.ask);
    source.onerror = () => {
      failures += 1;
      if (failures < FAILURES_BORNE && source?.readyState !== EventSource.CLOSED) return;
      source?.close();
      poll();
    };
  };
  const rest = () => {
    source?.close();
    clearInterval(timer);
    [source, timer, failures] = [null, undefined, 0];
  };
  const turn = () => {
    rest();
    if (document.hidden) return what.mood("resting");
    pace.ask();
    listen();
  };
  document.addEventListener("visibilitychange", turn);
  turn();
  return {
    now: pace.ask,
    stop: () => {
      document.removeEventListener("visibilitychange", turn);
      pace.stop();
      rest();
    },
  };
}

/**
 * Never two runs at once, and a second between their beginnings; asked for meanwhile, it runs once more.
 * @param {() => Promise<void>} run
 * @param {(good: boolean) => void} done
 */
function paced(run, done) {
  let [busy, wanted, stopped, last] = [false, false, false, 0];
  const begin = async () => {
    [busy, wanted, last] = [true, false, performance.now()];
    let good = true;
    await run().catch((error) => {
      good = false;
      if (error?.status === undefined) console.error(error);
    });
    busy = false;
    if (stopped) return;
    done(good);
    if (!wanted) return;
    wanted = false;
    ask();
  };
  const ask = () => {
    if (stopped) return;
    if (busy || wanted) return void (wanted = true);
    const wait = last + PACE_MILLISECONDS - performance.now();
    if (last === 0 || wait <= 0) return void begin();
    wanted = true;
    setTimeout(() => !stopped && !busy && begin(), wait);
  };
  return { ask, stop: () => void (stopped = true) };
}
