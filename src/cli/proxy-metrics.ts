import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';
import { status as Code } from '@grpc/grpc-js';
import { TASK_STATES } from '../domain/task.js';
import type { QueueStats } from '../queue/task-store.js';
import type { QueueObserver } from '../queue/task-queue.js';
import type { Answered } from '../rest/bridge.js';
import type { EndedCall } from '../rpc/call-observer.js';
import type { Volume } from '../runtime/free-space.js';

/** Seconds; from a delivery within milliseconds to an hour of work. */
const LIFE_BUCKETS = [
  0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 1800, 3600,
];
const CALL_BUCKETS = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 5, 30];

export interface ProxyMetrics {
  readonly registry: Registry;
  readonly queue: QueueObserver;
  readonly onCall: (call: EndedCall) => void;
  readonly onAnswer: (answer: Answered) => void;
}

export interface MeasuredState {
  readonly stats: () => Promise<QueueStats>;
  readonly volumes: () => readonly Volume[];
}

/** What the proxy tells Prometheus. */
export function createProxyMetrics({ stats, volumes }: MeasuredState): ProxyMetrics {
  const registry = new Registry();
  const registers = [registry];
  collectDefaultMetrics({ register: registry });
  addQueueGauges(registry, stats);
  addDiskGauges(registry, volumes);
  const life = (name: string, help: string, labelNames: string[]) =>
    new Histogram({ name, help, labelNames, registers, buckets: LIFE_BUCKETS });
  const delivered = life('audio_subnet_submit_to_delivered_seconds', 'From submission to a validator', [
    'kind',
  ]);
  const settled = life('audio_subnet_submit_to_settled_seconds', 'From submission to the final state', [
    'kind',
    'state',
  ]);
  const worked = life(
    'audio_subnet_delivered_to_settled_seconds',
    'From the first confirmed attempt to the final state',
    ['kind', 'state'],
  );
  const calls = new Histogram({
    name: 'audio_subnet_rpc_seconds',
    help: 'gRPC calls by method and status',
    labelNames: ['method', 'status'],
    registers,
    buckets: CALL_BUCKETS,
  });
  const answers = new Counter({
    name: 'audio_subnet_http_requests_total',
    help: 'HTTP requests by route and status',
    labelNames: ['method', 'route', 'status'],
    registers,
  });
  return {
    registry,
    queue: {
      delivered: ({ kind, createUs, grantUs }) => {
        observe(delivered, [kind], (grantUs - createUs) / 1e6);
      },
      finished: ({ kind, state, createUs, startUs, endUs }) => {
        observe(settled, [kind, state], (endUs - createUs) / 1e6);
        if (startUs !== undefined) observe(worked, [kind, state], (endUs - startUs) / 1e6);
      },
    },
    onCall: ({ method, code, durationMs }) => {
      observe(calls, [method, Code[code]], durationMs / 1000);
    },
    onAnswer: ({ method, route, status }) => {
      answers.inc({ method, route, status: String(status) });
    },
  };
}

/** The labels of a histogram are few, and finding those of a value takes as long as counting it. */
const children = new WeakMap<Histogram, Map<string, Histogram.Internal<string>>>();

function observe(histogram: Histogram, labels: readonly string[], value: number): void {
  let known = children.get(histogram);
  if (known === undefined) {
    known = new Map();
    children.set(histogram, known);
  }
  const key = labels.join(' ');
  let child = known.get(key);
  if (child === undefined) {
    child = histogram.labels(...labels);
    known.set(key, child);
  }
  child.observe(value);
}

function addQueueGauges(registry: Registry, stats: () => Promise<QueueStats>): void {
  const registers = [registry];
  const oldest = new Gauge({
    name: 'audio_subnet_queue_oldest_pending_seconds',
    help: 'How long the oldest pending task waits; 0 when none does',
    registers,
  });
  const leases = new Gauge({ name: 'audio_subnet_leases', help: 'Leases granted now', registers });
  new Gauge({
    name: 'audio_subnet_tasks',
    help: 'Tasks by state',
    labelNames: ['state'],
    registers,
    async collect() {
      const { counts, nowUs, oldestPendingUs, leases: granted } = await stats();
      for (const state of TASK_STATES) this.set({ state }, counts[state]);
      oldest.set(oldestPendingUs === undefined ? 0 : (nowUs - oldestPendingUs) / 1e6);
      leases.set(granted);
    },
  });
}

function addDiskGauges(registry: Registry, volumes: () => readonly Volume[]): void {
  new Gauge({
    name: 'audio_subnet_disk_free_bytes',
    help: 'Free space of the volume that holds the database or the content',
    labelNames: ['holds'],
    registers: [registry],
    collect() {
      for (const { holds, freeBytes } of volumes()) this.set({ holds }, freeBytes);
    },
  });
}
