import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { SubmitTaskRequest, TaskServiceService } from '../../gen/ts/audiosubnet/v1/task_service.js';
import { BenchProxy } from './bench-proxy.js';
import { median, rounded, type Figures } from './figures.js';
import { forkServer } from './forked-server.js';
import { GRPC_HEADERS, grpcBody } from './grpc-body.js';
import { h2load, missingH2load, type Pressure } from './h2load.js';
import type { ProcessUsage } from './process-usage.js';
import { submission } from './task.js';

export const name = 'submit';

/** Both sides are pressed alike, and the best of each counts. */
const PRESSURES: readonly Pressure[] = [
  { connections: 8, streams: 16 },
  { connections: 8, streams: 32 },
  { connections: 16, streams: 32 },
];
const ROUNDS = 3;
/** A server that has just started still runs unoptimized code. */
const WARM_UP = 8_000;
/** About how long one shot takes; counted in requests, so that each of them has an answer. */
const SHOT_SECONDS = 1.5;

interface Side {
  readonly address: string;
  readonly usage: ProcessUsage;
  /** Requests answered so far. */
  answered: number;
  /** Requests of a shot. */
  requests: number;
}

/** SubmitTask under a native load generator, beside a server that only decodes and validates. */
export async function run(): Promise<Figures> {
  const missing = await missingH2load();
  if (missing !== undefined) return { skipped: missing };
  const proxy = await BenchProxy.start();
  const ceiling = await forkServer('./validation-ceiling.js');
  try {
    const body = join(proxy.installation.dataDir, 'submit.bin');
    await writeFile(body, grpcBody(SubmitTaskRequest.encode(submission()).finish()));
    const side = sideAt(proxy.address, proxy.usage);
    const rates = await measure(body, side, sideAt(`127.0.0.1:${ceiling.port}`, ceiling.usage));
    return { ...rates, ...(await proxy.countAfterCrash(side.answered)) };
  } finally {
    await ceiling.stop();
    await proxy.dispose();
  }
}

function sideAt(address: string, usage: ProcessUsage): Side {
  return { address, usage, answered: 0, requests: WARM_UP };
}

async function measure(body: string, submit: Side, ceiling: Side): Promise<Figures> {
  const [press] = PRESSURES;
  if (press === undefined) throw new Error('there is no pressure');
  for (const side of [submit, ceiling])
    side.requests = Math.ceil((await shoot(body, side, press)) * SHOT_SECONDS);
  const spent = [submit, ceiling].map(processorTime);
  const found = [];
  for (const pressure of PRESSURES) {
    const rates: { submit: number[]; ceiling: number[] } = { submit: [], ceiling: [] };
    for (let round = 0; round < ROUNDS; round++) {
      rates.submit.push(await shoot(body, submit, pressure));
      rates.ceiling.push(await shoot(body, ceiling, pressure));
    }
    found.push({
      ...pressure,
      submit_per_second: rounded(median(rates.submit)),
      ceiling_per_second: rounded(median(rates.ceiling)),
    });
  }
  const best = Math.max(...found.map(({ submit_per_second }) => submit_per_second));
  const most = Math.max(...found.map(({ ceiling_per_second }) => ceiling_per_second));
  return {
    submit_per_second: best,
    ceiling_per_second: most,
    ratio: rounded(best / most, 2),
    submit_cpu_us: spent[0]?.(),
    ceiling_cpu_us: spent[1]?.(),
    pressures: found,
  };
}

/** @returns a function that gives the microseconds of processor time that each request took since now */
function processorTime(side: Side): () => number {
  const [answered, cpuMs] = [side.answered, side.usage.cpuMs()];
  return () => rounded(((side.usage.cpuMs() - cpuMs) * 1000) / (side.answered - answered));
}

/** @returns requests answered a second */
async function shoot(data: string, side: Side, pressure: Pressure): Promise<number> {
  const { requests } = side;
  const url = `http://${side.address}${TaskServiceService.submitTask.path}`;
  const { perSecond } = await h2load({ url, data, headers: GRPC_HEADERS, requests, ...pressure });
  side.answered += requests;
  return perSecond;
}
