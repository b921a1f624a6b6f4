import { once } from 'node:events';
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
import { CASES } from './cases.js';
import type { BenchCase, Figures } from './figures.js';

/**
 * Of the heap's young generation, in MiB: semi-spaces of 1 MiB. A minor collection of the client then takes
 * 0.8 ms in place of 4 to 9, which at 300 calls a second were most of the slowest hundredth.
 */
const YOUNG_MB = 3;

/** Runs a case in a thread of short pauses, for one whose own pauses would be taken for the proxy's. */
export async function runInThread({ name }: BenchCase): Promise<Figures> {
  const thread = new Worker(new URL(import.meta.url), {
    workerData: name,
    resourceLimits: { maxYoungGenerationSizeMb: YOUNG_MB },
  });
  const [figures] = (await once(thread, 'message')) as [Figures];
  await thread.terminate();
  return figures;
}

if (!isMainThread) parentPort?.postMessage(await CASES.find(({ name }) => name === workerData)?.run());
