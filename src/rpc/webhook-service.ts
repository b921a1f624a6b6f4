import type { WebhookServiceService } from '../../gen/ts/audiosubnet/v1/webhook_service.js';
import { Refusal } from '../domain/errors.js';
import type { TaskId } from '../domain/ids.js';
import type { Webhook, WebhookOutbox, WebhookOutcome } from '../queue/webhook-outbox.js';
import type { Handlers } from './call.js';
import { deliveryToProto, webhookToProto } from './convert/webhook.js';

export interface WebhookServiceDeps {
  readonly webhooks: Pick<WebhookOutbox, 'findWebhook' | 'redeliver'>;
}

export function createWebhookService({
  webhooks,
}: WebhookServiceDeps): Handlers<typeof WebhookServiceService> {
  return {
    async listWebhookDeliveries({ taskId }, { caller: { owner } }) {
      const webhook = found(taskId, await webhooks.findWebhook({ owner, id: taskId as TaskId }));
      return { webhook: webhookToProto(webhook), deliveries: webhook.tries.map(deliveryToProto) };
    },

    async redeliverWebhook({ taskId }, { caller: { owner } }) {
      const webhook = found(taskId, await webhooks.redeliver({ owner, id: taskId as TaskId }));
      return { webhook: webhookToProto(webhook) };
    },
  };
}

/** @throws Refusal TASK_NOT_FOUND, WEBHOOK_NOT_FOUND */
function found(id: string, outcome: WebhookOutcome): Webhook {
  switch (outcome.kind) {
    case 'found':
      return outcome.webhook;
    case 'task_not_found':
      throw new Refusal('TASK_NOT_FOUND', `there is no task ${id}`, { metadata: { id } });
    case 'no_webhook':
      throw new Refusal(
        'WEBHOOK_NOT_FOUND',
        `the task ${id} has no webhook: it has no callback URL or is not final`,
        { metadata: { id } },
      );
  }
}
