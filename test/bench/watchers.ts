import { TaskState } from '../../gen/ts/audiosubnet/v1/task.js';
import {
  createTaskServiceClient,
  createValidatorIntegrationClient,
  type TaskServiceClient,
} from '../../src/rpc/clients/task-clients.js';
import { BenchProxy } from './bench-proxy.js';
import { percentiles, rounded, type Figures } from './figures.js';
import { fill } from './fill.js';
import { ownConnection } from './own-connection.js';
import { settlement } from './task.js';

export const name = 'watchers';

const STREAMS = 2_000;
const CONNECTIONS = 20;
/** A server that has just started still runs unoptimized code. */
const WARM_UP = 500;
/** Tasks claimed and settled at a time. */
const BATCH = 16;

/** Many WatchTask streams: from a task's SettleTasks call to the event that tells its watcher. */
export async function run(): Promise<Figures> {
  const proxy = await BenchProxy.start();
  const clients = Array.from({ length: CONNECTIONS }, () =>
    createTaskServiceClient(ownConnection(proxy.channel)),
  );
  try {
    await watchAndSettle(proxy, clients, WARM_UP);
    const { timesMs, rssBytes } = await watchAndSettle(proxy, clients, STREAMS);
    return {
      streams: STREAMS,
      settle_to_event: percentiles(timesMs),
      rss_kb_per_stream: rounded(rssBytes / STREAMS / 1024, 1),
    };
  } finally {
    for (const client of clients) client.close();
    await proxy.dispose();
  }
}

interface Watched {
  readonly timesMs: readonly number[];
  /** By how much the proxy grew while the streams were opened. */
  readonly rssBytes: number;
}

async function watchAndSettle(
  proxy: BenchProxy,
  clients: readonly TaskServiceClient[],
  count: number,
): Promise<Watched> {
  const [first] = clients;
  if (first === undefined) throw new Error('there is no client');
  const ids = await fill(first, count);
  const before = proxy.usage.rssBytes();
  const settledAt = new Map<string, number>();
  const watches = ids.map((id, place) => watch(clients[place % clients.length] ?? first, id));
  await Promise.all(watches.map(({ opened }) => opened));
  const rssBytes = proxy.usage.rssBytes() - before;
  await settleAll(proxy, count, settledAt);
  const ends = await Promise.all(watches.map(({ ended }) => ended));
  return { timesMs: ends.map((end, place) => end - (settledAt.get(ids[place] ?? '') ?? NaN)), rssBytes };
}

/** `opened` resolves with the first answer, `ended` with when the final one came. */
function watch(client: TaskServiceClient, id: string): { opened: Promise<void>; ended: Promise<number> } {
  let open: () => void = () => undefined;
  const opened = new Promise<void>((resolve) => (open = resolve));
  const follow = async () => {
    for await (const { task } of client.watchTask({ id, afterRevision: 0n })) {
      open();
      if (task?.state === TaskState.COMPLETED) return performance.now();
    }
    throw new Error(`the stream of ${id} ended before the task`);
  };
  return { opened, ended: follow() };
}

async function settleAll(proxy: BenchProxy, count: number, settledAt: Map<string, number>): Promise<void> {
  const validators = createValidatorIntegrationClient(proxy.channel);
  for (let settled = 0; settled < count;) {
    const claim = { sessionId: '', validatorHotkey: 'bench', maxInputBytes: 0n, kinds: [], handOut: false };
    const { tasks } = await validators.claimTasks({ ...claim, maxTasks: BATCH });
    for (const { taskId } of tasks) settledAt.set(taskId, performance.now());
    await validators.settleTasks({
      settlements: tasks.map(({ taskId, leaseToken }) => settlement(taskId, leaseToken)),
    });
    settled += tasks.length;
  }
  validators.close();
}
