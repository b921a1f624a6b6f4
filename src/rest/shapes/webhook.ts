import { WebhookError, WebhookState } from '../../../gen/ts/audiosubnet/v1/webhook_service.js';
import type { Webhook, WebhookDelivery } from '../../../gen/ts/audiosubnet/v1/webhook_service.js';
import { instant, seconds } from '../instants.js';
import { stateName } from '../names.js';

type Entries = Readonly<Record<string, string | number | null>>;

const STATES: Readonly<Record<WebhookState, string>> = {
  [WebhookState.UNSPECIFIED]: 'unknown',
  [WebhookState.PENDING]: 'pending',
  [WebhookState.DELIVERED]: 'delivered',
  [WebhookState.DEAD]: 'dead',
  [WebhookState.UNRECOGNIZED]: 'unknown',
};

const ERRORS: Readonly<Record<WebhookError, string | null>> = {
  [WebhookError.UNSPECIFIED]: null,
  [WebhookError.URL_FORBIDDEN]: 'URL_FORBIDDEN',
  [WebhookError.DNS_FAILED]: 'DNS_FAILED',
  [WebhookError.CONNECTION_FAILED]: 'CONNECTION_FAILED',
  [WebhookError.TLS_FAILED]: 'TLS_FAILED',
  [WebhookError.TIMED_OUT]: 'TIMED_OUT',
  [WebhookError.REDIRECTED]: 'REDIRECTED',
  [WebhookError.GONE]: 'GONE',
  [WebhookError.REFUSED]: 'REFUSED',
  [WebhookError.UNRECOGNIZED]: 'UNKNOWN',
};

export function webhookAnswer(webhook: Webhook): Entries {
  return {
    task_id: webhook.taskId,
    webhook_id: webhook.webhookId,
    url: webhook.url,
    type: `task.${stateName(webhook.taskState)}`,
    status: STATES[webhook.state],
    created_at: instant(webhook.createTime),
    next_try_at: instant(webhook.nextTryTime),
    try_count: webhook.tryCount,
  };
}

export function webhookTry(delivery: WebhookDelivery): Entries {
  return {
    number: delivery.number,
    started_at: instant(delivery.startTime),
    duration: seconds(delivery.duration),
    http_status: delivery.httpStatus ?? null,
    error: ERRORS[delivery.error],
    error_message: delivery.errorMessage || null,
  };
}
