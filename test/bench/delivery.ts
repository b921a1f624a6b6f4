import { BenchProxy } from './bench-proxy.js';
import { EchoLoad } from './echo-load.js';
import { percentiles, rounded, type Figures, type Percentiles } from './figures.js';
import { forkServer } from './forked-server.js';
import { leanProducer } from './lean-producer.js';
import { passHistory } from './life-history.js';
import { LifeLoad } from './life-load.js';

export const name = 'delivery';
export const shortPauses = true;

/** Tasks a second, and how long all windows of one path are together. */
const RATES = [
  { perSecond: 20, ms: 20_000 },
  { perSecond: 100, ms: 12_000 },
  { perSecond: 300, ms: 10_000 },
] as const;
/** Windows in turn, so that what else the machine does meets both paths alike. */
const WINDOW_MS = 2_000;
/** Before each window, at its rate: a path that stood still for seconds starts slowly, and a rate has no start. */
const LEAD_MS = 300;
/** A server that has just started still runs unoptimized code. */
const WARM_UP = { perSecond: 300, ms: 3_000 };

/** One task a call, and a worker that settles ten times a second what it was given. */
const SINGLE = {
  submitBatch: 1,
  submitCalls: 1,
  settleBatch: 256,
  settleCalls: 1,
  settleEveryMs: 100,
  maxInFlight: 1024,
  open: 1,
};

interface Path {
  pace(perSecond: number, ms: number): Promise<readonly number[]>;
}

/** From the SubmitTask call to the event on an idle worker's stream, on one clock, beside a bare echo. */
export async function run(): Promise<Figures> {
  const proxy = await BenchProxy.start();
  const server = await forkServer('./echo-server.js');
  const echo = new EchoLoad(server.port);
  const delivery = new LifeLoad(proxy.channel, SINGLE, leanProducer(proxy.address));
  try {
    await Promise.all([echo.open(), delivery.open()]);
    for (const path of [echo, delivery]) await path.pace(WARM_UP.perSecond, WARM_UP.ms);
    const figures: Record<string, unknown> = {};
    for (const { perSecond, ms } of RATES)
      figures[`at_${perSecond}_per_second`] = await compare({ echo, delivery }, perSecond, ms);
    delivery.close();
    return { ...figures, ...(await passHistory(proxy, delivery)) };
  } finally {
    echo.close();
    await server.stop();
    await proxy.dispose();
  }
}

async function compare(
  paths: { echo: Path; delivery: Path },
  perSecond: number,
  ms: number,
): Promise<Figures> {
  const times: { echo: number[]; delivery: number[] } = { echo: [], delivery: [] };
  for (let window = 0; window < ms / WINDOW_MS; window++) {
    times.echo.push(...(await steady(paths.echo, perSecond)));
    times.delivery.push(...(await steady(paths.delivery, perSecond)));
  }
  return beside(percentiles(times.echo), percentiles(times.delivery));
}

async function steady(path: Path, perSecond: number): Promise<readonly number[]> {
  const times = await path.pace(perSecond, LEAD_MS + WINDOW_MS);
  return times.slice(Math.round((perSecond * LEAD_MS) / 1000));
}

function beside(echo: Percentiles, delivery: Percentiles): Figures {
  return {
    echo,
    delivery,
    p50_above_echo_ms: rounded(delivery.p50_ms - echo.p50_ms, 3),
    p50_ratio: rounded(delivery.p50_ms / echo.p50_ms, 2),
    p99_ratio: rounded(delivery.p99_ms / echo.p99_ms, 2),
  };
}
