import { answers } from './errors.js';
import { instant, integer, list, number, object, orNull, text } from './json.js';

const params = object({ task_id: text('Id of the task') });
const tags = ['webhooks'];

const webhook = {
  task_id: text('Id of the task'),
  webhook_id: text('What the header `webhook-id` holds, the same over all tries'),
  url: text('Where it goes: the callback URL of the task'),
  type: text('`task.completed`, `task.failed` or `task.cancelled`'),
  status: text('How far it is', { enum: ['pending', 'delivered', 'dead'] }),
  created_at: instant('When the task ended'),
  next_try_at: orNull(
    instant('When it is tried next; null while it is being tried, and when it will not be'),
  ),
  try_count: integer('Tries so far'),
};

const webhookTry = object({
  number: integer('From 1'),
  started_at: instant('When it began'),
  duration: number('Seconds, 10 at most'),
  http_status: orNull(integer('Status of the answer; null when there was none')),
  error: orNull(
    text('Why it was no delivery', {
      enum: [
        'URL_FORBIDDEN',
        'DNS_FAILED',
        'CONNECTION_FAILED',
        'TLS_FAILED',
        'TIMED_OUT',
        'REDIRECTED',
        'GONE',
        'REFUSED',
      ],
    }),
  ),
  error_message: orNull(text('The same as a sentence for people')),
});

export const readWebhook = {
  summary: 'Read how the webhook of a task stands, with its newest 64 tries',
  tags,
  params,
  response: answers(object({ ...webhook, tries: list(webhookTry) }), 404),
};

export const redeliverWebhook = {
  summary: 'Send the webhook of a task again, now and for another three days',
  tags,
  params,
  response: answers(object(webhook), 404),
};
