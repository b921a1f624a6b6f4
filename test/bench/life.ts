import { BenchProxy } from './bench-proxy.js';
import { percentiles, rounded, type Figures } from './figures.js';
import { passHistory } from './life-history.js';
import { LifeLoad, type LifeSettings } from './life-load.js';

export const name = 'life';

const HALF_LOAD_MS = 5_000;

interface Setting extends LifeSettings {
  readonly warmUpMs: number;
  readonly measureMs: number;
  /** Whether deliveries at half of the found rate are measured too. */
  readonly halfLoad: boolean;
}

const LONG = { settleCalls: 3, maxInFlight: 1024, warmUpMs: 4_000, measureMs: 10_000, halfLoad: true };
const SHORT = { settleCalls: 3, maxInFlight: 1024, warmUpMs: 3_000, measureMs: 4_000, halfLoad: false };

const SETTINGS: Readonly<Record<string, Setting>> = {
  batches_of_128: { ...LONG, submitBatch: 128, submitCalls: 4, settleBatch: 256, open: 1536 },
  batches_of_16: { ...SHORT, submitBatch: 16, submitCalls: 8, settleBatch: 16, settleCalls: 8, open: 1024 },
  single_calls: { ...SHORT, submitBatch: 1, submitCalls: 64, settleBatch: 1, settleCalls: 64, open: 1024 },
};

/**
 * Whole lives through gRPC, submitted, delivered and settled, by one producer and one worker in this
 * process. `cpu_us` is the processor time of a life: a second client process would add nothing while the
 * client's is the smaller one.
 */
export async function run(): Promise<Figures> {
  const figures: Record<string, Figures> = {};
  for (const [setting, settings] of Object.entries(SETTINGS)) figures[setting] = await measure(settings);
  return figures;
}

async function measure(setting: Setting): Promise<Figures> {
  const proxy = await BenchProxy.start();
  const load = new LifeLoad(proxy.channel, setting);
  try {
    await load.open();
    await load.saturate(setting.warmUpMs);
    const [settled, clientUsage, proxyMs] = [load.settled, process.cpuUsage(), proxy.usage.cpuMs()];
    const rate = await load.saturate(setting.measureMs);
    const { user, system } = process.cpuUsage(clientUsage);
    const lives = load.settled - settled;
    const proxyUs = (proxy.usage.cpuMs() - proxyMs) * 1000;
    await load.drain();
    const delivery = setting.halfLoad ? percentiles(await load.pace(rate / 2, HALF_LOAD_MS)) : undefined;
    load.close();
    return {
      lives_per_second: rounded(rate),
      proxy_cpu_us: rounded(proxyUs / lives),
      client_cpu_us: rounded((user + system) / lives),
      ...(delivery !== undefined && { delivery_at_half_load: delivery }),
      ...(await passHistory(proxy, load)),
    };
  } finally {
    load.close();
    await proxy.dispose();
  }
}
