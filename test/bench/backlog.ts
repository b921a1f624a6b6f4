import { setTimeout as pause } from 'node:timers/promises';
import {
  createValidatorIntegrationClient,
  type TaskServiceClient,
  type ValidatorIntegrationClient,
} from '../../src/rpc/clients/task-clients.js';
import { BenchProxy } from './bench-proxy.js';
import { megabytes, percentiles, rounded, type Figures, type Percentiles } from './figures.js';
import { fill } from './fill.js';
import { settlement, submission } from './task.js';

export const name = 'backlog';

const FEW = 1_000;
const SOME = 100_000;
const MANY = 1_000_000;
/** Tasks of one claim, as a stream claims at a time. */
const CLAIM = 16;
const WARM_UP = 300;
const ROUNDS = 300;

/** What a backlog costs: one proxy with few pending tasks and one with many, asked in turn. */
export async function run(): Promise<Figures> {
  const many = await BenchProxy.start();
  const few = await BenchProxy.start();
  try {
    const rss: Record<string, number> = {};
    const start = performance.now();
    const tasks = many.tasks;
    let filled = 0;
    for (const count of [FEW, SOME, MANY]) {
      await fill(tasks, count - filled);
      filled = count;
      rss[`at_${count}`] = megabytes(many.usage.rssBytes());
    }
    tasks.close();
    const fillSeconds = (performance.now() - start) / 1000;
    const fewTasks = few.tasks;
    await fill(fewTasks, FEW);
    fewTasks.close();
    const costs = await compare(few, many);
    const restartMs = await many.restart('SIGKILL');
    await pause(1_000);
    rss[`at_${MANY}_after_restart`] = megabytes(many.usage.rssBytes());
    return {
      fill_per_second: rounded(MANY / fillSeconds),
      ...costs,
      restart_seconds: rounded(restartMs / 1000, 2),
      rss_mb: rss,
    };
  } finally {
    await few.dispose();
    await many.dispose();
  }
}

interface Client {
  readonly tasks: TaskServiceClient;
  readonly validators: ValidatorIntegrationClient;
}

interface Times {
  readonly submit: number[];
  readonly claim: number[];
}

async function compare(few: BenchProxy, many: BenchProxy): Promise<Figures> {
  const clients = [few, many].map((proxy): Client & { times: Times } => ({
    tasks: proxy.tasks,
    validators: createValidatorIntegrationClient(proxy.channel),
    times: { submit: [], claim: [] },
  }));
  for (let round = 0; round < WARM_UP + ROUNDS; round++)
    for (const client of clients) await exchange(client, round < WARM_UP ? undefined : client.times);
  for (const { tasks, validators } of clients) {
    tasks.close();
    validators.close();
  }
  const [atFew, atMany] = clients.map(({ times }) => times);
  if (atFew === undefined || atMany === undefined) throw new Error('there are two proxies');
  return {
    submit: beside(percentiles(atFew.submit), percentiles(atMany.submit)),
    claim_of_16: beside(percentiles(atFew.claim), percentiles(atMany.claim)),
  };
}

/** Takes a few tasks out and puts as many in; settling is not part of the times. */
async function exchange({ tasks, validators }: Client, times: Times | undefined): Promise<void> {
  const claim = {
    sessionId: '',
    validatorHotkey: 'bench',
    maxTasks: CLAIM,
    maxInputBytes: 0n,
    kinds: [],
    handOut: false,
  };
  const claiming = performance.now();
  const { tasks: claimed } = await validators.claimTasks(claim);
  times?.claim.push(performance.now() - claiming);
  if (claimed.length !== CLAIM) throw new Error(`a claim brought ${claimed.length} tasks`);
  const settlements = claimed.map(({ taskId, leaseToken }) => settlement(taskId, leaseToken));
  await validators.settleTasks({ settlements });
  const submitting = performance.now();
  await tasks.submitTask(submission());
  times?.submit.push(performance.now() - submitting);
  await fill(tasks, CLAIM - 1);
}

function beside(few: Percentiles, many: Percentiles): Figures {
  return {
    [`at_${FEW}`]: few,
    [`at_${MANY}`]: many,
    p50_ratio: rounded(many.p50_ms / few.p50_ms, 2),
  };
}
