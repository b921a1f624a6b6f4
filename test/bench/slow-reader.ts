import { TaskServiceService, WatchTaskRequest } from '../../gen/ts/audiosubnet/v1/task_service.js';
import {
  ValidatorIntegrationService,
  WatchPendingTasksRequest,
} from '../../gen/ts/audiosubnet/v1/validator_integration.js';
import { BenchProxy } from './bench-proxy.js';
import { megabytes, percentiles, type Figures } from './figures.js';
import { passHistory } from './life-history.js';
import { LifeLoad } from './life-load.js';
import { deliveryTimes } from './life-log.js';
import { UnreadStreams } from './unread-streams.js';

export const name = 'slow-reader';

/** Far below what the proxy can do, so that what is late is late because of the readers. */
const PER_SECOND = 100;
const WARM_UP_MS = 3_000;
const WITHOUT_MS = 4_000;
/** Longer than the 5 s after which a stream that is full is cut. */
const WITH_MS = 8_000;
const LEASING = 10;
const OBSERVING = 50;
const WATCHING = 50;
/** Later than this, a task had been leased to a reader that never read it. */
const LATE_MS = 1_000;

const SETTINGS = {
  submitBatch: 1,
  submitCalls: 1,
  settleBatch: 256,
  settleCalls: 1,
  maxInFlight: 1024,
  open: 1,
};

/** Readers that never read, beside a worker that does: what they cost the proxy and the others. */
export async function run(): Promise<Figures> {
  const proxy = await BenchProxy.start();
  const unread = new UnreadStreams(proxy.address);
  const load = new LifeLoad(proxy.channel, SETTINGS);
  try {
    await load.open();
    await load.pace(PER_SECOND, WARM_UP_MS);
    const without = await load.pace(PER_SECOND, WITHOUT_MS);
    const before = proxy.usage.rssBytes();
    await openAll(unread, load);
    const startMs = await load.begin(PER_SECOND, WITH_MS);
    const after = proxy.usage.rssBytes();
    const { cut } = unread;
    // The tasks that they hold return to the queue.
    unread.close();
    await load.drain();
    const beside = deliveryTimes(load.log, startMs);
    load.close();
    return {
      readers: { leasing: LEASING, observing: OBSERVING, watching: WATCHING, reset_by_proxy: cut },
      rss_mb: { without: megabytes(before), with: megabytes(after) },
      delivery: {
        without: percentiles(without),
        with: percentiles(beside.filter((time) => time < LATE_MS)),
        tasks_held_by_slow_readers: beside.filter((time) => time >= LATE_MS).length,
      },
      ...(await passHistory(proxy, load)),
    };
  } finally {
    unread.close();
    await proxy.dispose();
  }
}

async function openAll(unread: UnreadStreams, { log }: LifeLoad): Promise<void> {
  const { watchPendingTasks } = ValidatorIntegrationService;
  const pending = (maxInFlight: number) =>
    WatchPendingTasksRequest.encode(
      WatchPendingTasksRequest.fromPartial({ validatorHotkey: 'slow', maxInFlight }),
    ).finish();
  for (let i = 0; i < LEASING; i++) await unread.open(watchPendingTasks.path, pending(64));
  for (let i = 0; i < OBSERVING; i++) await unread.open(watchPendingTasks.path, pending(0));
  for (const { ids } of log.submits.slice(-WATCHING))
    await unread.open(
      TaskServiceService.watchTask.path,
      WatchTaskRequest.encode(WatchTaskRequest.fromPartial({ id: ids[0] ?? '' })).finish(),
    );
}
