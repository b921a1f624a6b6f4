import {
  WebhookError,
  WebhookState as ProtoWebhookState,
  type Webhook as ProtoWebhook,
  type WebhookDelivery,
} from '../../../gen/ts/audiosubnet/v1/webhook_service.js';
import {
  webhookId,
  type WebhookFailureReason,
  type WebhookState,
  type WebhookTry,
} from '../../domain/webhook.js';
import type { Webhook } from '../../queue/webhook-outbox.js';
import { stateToProto } from './enums.js';
import { durationFromMs, timestampFromUs } from './time.js';

const STATES: Readonly<Record<WebhookState, ProtoWebhookState>> = {
  pending: ProtoWebhookState.PENDING,
  delivered: ProtoWebhookState.DELIVERED,
  dead: ProtoWebhookState.DEAD,
};

const ERRORS: Readonly<Record<WebhookFailureReason, WebhookError>> = {
  URL_FORBIDDEN: WebhookError.URL_FORBIDDEN,
  DNS_FAILED: WebhookError.DNS_FAILED,
  CONNECTION_FAILED: WebhookError.CONNECTION_FAILED,
  TLS_FAILED: WebhookError.TLS_FAILED,
  TIMED_OUT: WebhookError.TIMED_OUT,
  REDIRECTED: WebhookError.REDIRECTED,
  GONE: WebhookError.GONE,
  REFUSED: WebhookError.REFUSED,
};

export function webhookToProto(webhook: Webhook): ProtoWebhook {
  return {
    taskId: webhook.id,
    webhookId: webhookId(webhook.id),
    url: webhook.url,
    taskState: stateToProto(webhook.taskState),
    state: STATES[webhook.state],
    createTime: timestampFromUs(webhook.endUs),
    nextTryTime: webhook.nextTryUs === undefined ? undefined : timestampFromUs(webhook.nextTryUs),
    tryCount: webhook.tryCount,
  };
}

export function deliveryToProto({
  number,
  startUs,
  durationMs,
  httpStatus,
  failure,
}: WebhookTry): WebhookDelivery {
  return {
    number,
    startTime: timestampFromUs(startUs),
    duration: durationFromMs(durationMs),
    httpStatus,
    error: failure === undefined ? WebhookError.UNSPECIFIED : ERRORS[failure.reason],
    errorMessage: failure?.message ?? '',
  };
}
