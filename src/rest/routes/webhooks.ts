import type { FastifyInstance } from 'fastify';
import { CALL_MS } from '../clients.js';
import type { ClientsOf } from '../clients-of.js';
import { goneSignal } from '../gone-signal.js';
import { present } from '../present.js';
import type { TaskPath } from '../schemas/tasks.js';
import { readWebhook, redeliverWebhook } from '../schemas/webhooks.js';
import { webhookAnswer, webhookTry } from '../shapes/webhook.js';

/** How the end of a task is announced. */
export function addWebhookRoutes(app: FastifyInstance, clientsOf: ClientsOf): void {
  app.get<TaskPath>('/api/v1/tasks/:task_id/webhook', { schema: readWebhook }, async (request, reply) => {
    const { webhook, deliveries } = await clientsOf(request).webhooks.listWebhookDeliveries(
      { taskId: request.params.task_id },
      { signal: goneSignal(reply), deadlineMs: CALL_MS },
    );
    return { ...webhookAnswer(present(webhook, 'webhook')), tries: deliveries.map(webhookTry) };
  });

  app.post<TaskPath>(
    '/api/v1/tasks/:task_id/webhook/redeliver',
    { schema: redeliverWebhook },
    async (request, reply) => {
      const { webhook } = await clientsOf(request).webhooks.redeliverWebhook(
        { taskId: request.params.task_id },
        { signal: goneSignal(reply), deadlineMs: CALL_MS },
      );
      return webhookAnswer(present(webhook, 'webhook'));
    },
  );
}
