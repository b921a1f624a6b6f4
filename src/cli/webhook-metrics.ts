import { Counter, Gauge, Histogram, type Registry } from 'prom-client';
import type { WebhookStats } from '../queue/webhook-outbox.js';
import type { WebhookObserver } from '../webhooks/delivery.js';

/** Seconds; a try takes ten at most. */
const TRY_BUCKETS = [0.01, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

/** Adds what there is to know of webhooks to the metrics of the proxy. */
export function addWebhookMetrics(registry: Registry, stats: () => Promise<WebhookStats>): WebhookObserver {
  const registers = [registry];
  const oldest = new Gauge({
    name: 'audio_subnet_webhook_oldest_pending_seconds',
    help: 'How long ago the task of the oldest undelivered webhook ended; 0 when none waits',
    registers,
  });
  new Gauge({
    name: 'audio_subnet_webhooks',
    help: 'Webhooks that wait, and those given up whose tasks are kept',
    labelNames: ['state'],
    registers,
    async collect() {
      const { pending, dead, nowUs, oldestPendingUs } = await stats();
      this.set({ state: 'pending' }, pending);
      this.set({ state: 'dead' }, dead);
      oldest.set(oldestPendingUs === undefined ? 0 : (nowUs - oldestPendingUs) / 1e6);
    },
  });
  const tries = new Counter({
    name: 'audio_subnet_webhook_tries_total',
    help: 'Tries to deliver webhooks by outcome: delivered, or the reason of the failure',
    labelNames: ['outcome'],
    registers,
  });
  const seconds = new Histogram({
    name: 'audio_subnet_webhook_try_seconds',
    help: 'How long tries to deliver webhooks take',
    registers,
    buckets: TRY_BUCKETS,
  });
  return {
    tried: (outcome, durationMs) => {
      tries.inc({ outcome: outcome.kind === 'delivered' ? 'delivered' : outcome.failure.reason });
      seconds.observe(durationMs / 1000);
    },
  };
}
