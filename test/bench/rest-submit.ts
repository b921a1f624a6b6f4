import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { BenchProxy } from './bench-proxy.js';
import { percentiles, rounded, type Figures } from './figures.js';
import { h2load, missingH2load, type Shot } from './h2load.js';
import { textOf } from './task.js';

export const name = 'rest-submit';

/** Keep-alive connections, one request at a time on each. */
const CONNECTIONS = 32;
const WARM_UP = 4_000;
/** About how long the measured requests take. */
const SHOT_SECONDS = 6;

/** POST of a text to summarize, through the bridge to the durable queue. */
export async function run(): Promise<Figures> {
  const missing = await missingH2load();
  if (missing !== undefined) return { skipped: missing };
  const proxy = await BenchProxy.start();
  try {
    const data = join(proxy.installation.dataDir, 'submit.json');
    await writeFile(data, JSON.stringify({ text: textOf(0), source_language: 'en' }));
    const shot: Omit<Shot, 'requests'> = {
      url: `${proxy.installation.url}/api/v1/summarization`,
      data,
      headers: { 'content-type': 'application/json' },
      connections: CONNECTIONS,
      streams: 1,
      http1: true,
    };
    const warm = await h2load({ ...shot, requests: WARM_UP });
    const requests = Math.ceil(warm.perSecond * SHOT_SECONDS);
    const { perSecond, timesMs } = await h2load({ ...shot, requests });
    return {
      per_second: rounded(perSecond),
      ...percentiles(timesMs),
      ...(await proxy.countAfterCrash(WARM_UP + requests)),
    };
  } finally {
    await proxy.dispose();
  }
}
