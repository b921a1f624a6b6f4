import { TaskServiceService, WatchTaskRequest } from '../../gen/ts/audiosubnet/v1/task_service.js';
import {
  ValidatorIntegrationService,
  WatchPendingTasksRequest,
} from '../../gen/ts/audiosubnet/v1/validator_integration.js';
import { BenchProxy } from './bench-proxy.js';
import { megabytes, percentiles, type Figures } from './figures.js';
import { passHistory } from './life-history.js';
import { leanProducer } from './lean-producer.js';
import { LifeLoad } from './life-load.js';
import { UnreadStreams } from './unread-streams.js';

export const name = 'slow-reader';
export const shortPauses = true;

/** Far below what the proxy can do, so that what is late is late because of the readers. */
const PER_SECOND = 100;
const WARM_UP_MS = 3_000;
const WITHOUT_MS = 4_000;
/** Longer than the 5 s after which a stream is ended that leaves events unread. */
const WITH_MS = 12_000;
const LEASING = 10;
const OBSERVING = 50;
const WATCHING = 50;
/** Of HTTP/2, unless a client says something else: room for the first tasks. */
const WINDOW_BYTES = 65_535;
/** Later than this, a task had been leased to a reader that did not read it: it is taken back after half a second. */
const LATE_MS = 400;

const SETTINGS = {
  submitBatch: 1,
  submitCalls: 1,
  settleBatch: 256,
  settleCalls: 1,
  settleEveryMs: 100,
  maxInFlight: 1024,
  open: 1,
};

/** Readers that never read, beside a worker that does: what they cost the proxy and the others. */
export async function run(): Promise<Figures> {
  const proxy = await BenchProxy.start();
  const deaf = new UnreadStreams(proxy.address, 0);
  const stopped = new UnreadStreams(proxy.address, WINDOW_BYTES);
  const load = new LifeLoad(proxy.channel, SETTINGS, leanProducer(proxy.address));
  try {
    await load.open();
    await load.pace(PER_SECOND, WARM_UP_MS);
    const without = await load.pace(PER_SECOND, WITHOUT_MS);
    const before = proxy.usage.rssBytes();
    for (const unread of [deaf, stopped]) await openAll(unread, load);
    const beside = await load.pace(PER_SECOND, WITH_MS);
    const after = proxy.usage.rssBytes();
    const readers = { leasing: LEASING, observing: OBSERVING, watching: WATCHING };
    load.close();
    return {
      without_window: { ...readers, reset_by_proxy: deaf.cut },
      that_stopped_reading: { ...readers, reset_by_proxy: stopped.cut },
      rss_mb: { without: megabytes(before), with: megabytes(after) },
      delivery: {
        without: percentiles(without),
        with: percentiles(beside),
        tasks: beside.length,
        taken_back_from_readers: beside.filter((time) => time >= LATE_MS).length,
      },
      ...(await passHistory(proxy, load)),
    };
  } finally {
    for (const unread of [deaf, stopped]) unread.close();
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
