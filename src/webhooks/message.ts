import { webhookId } from '../domain/webhook.js';
import type { ClaimedWebhook } from '../queue/webhook-outbox.js';
import type { Letter } from './post.js';

/** Signs `id.timestamp.body`; the value of `webhook-signature`, one signature a secret. */
export type Sign = (id: string, time: Date, body: string) => string;

export interface LetterOptions {
  readonly sign: Sign;
  /** Value of `user-agent`. */
  readonly agent: string;
  /** When it is sent. */
  readonly time: Date;
}

/**
 * The announcement of a task's end as Standard Webhooks has it: a thin body, the same over all tries, that
 * tells where the rest is read with the rights of whoever reads it.
 */
export function letterOf(webhook: ClaimedWebhook, { sign, agent, time }: LetterOptions): Letter {
  const id = webhookId(webhook.id);
  const body = bodyOf(webhook);
  return {
    url: webhook.url,
    body,
    headers: {
      'content-type': 'application/json',
      'user-agent': agent,
      'webhook-id': id,
      'webhook-timestamp': String(Math.floor(time.getTime() / 1000)),
      'webhook-signature': sign(id, time, body),
    },
  };
}

function bodyOf({ id, state, revision, endUs }: ClaimedWebhook): string {
  return JSON.stringify({
    type: `task.${state}`,
    timestamp: new Date(Math.floor(endUs / 1000)).toISOString(),
    data: {
      id,
      status: state,
      revision,
      links: { task: `/api/v1/tasks/${id}`, result: `/api/v1/task/${id}/result` },
    },
  });
}
