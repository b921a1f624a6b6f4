import type { ProxyConfig } from '../config/proxy.js';
import { Refusal } from '../domain/errors.js';
import type { WebhookOutbox } from '../queue/webhook-outbox.js';
import { WebhookDelivery, type WebhookObserver } from '../webhooks/delivery.js';
import { createPost } from '../webhooks/post.js';
import { resolveLocally, resolvePublic } from '../webhooks/resolver.js';
import { Secrets } from '../webhooks/secrets.js';
import type { Environment } from './environment.js';
import { StartError } from './start-error.js';
import { VERSION } from './version.js';

export interface WebhookParts {
  readonly outbox: WebhookOutbox;
  readonly observer: WebhookObserver;
}

/** Makes ready to deliver webhooks; `wake` begins. @throws StartError when there is no secret to sign them with */
export async function openWebhooks(
  { webhooks: { secretFile, makeSecret, allowPrivate } }: ProxyConfig,
  { outbox, observer }: WebhookParts,
  { clock, log }: Environment,
): Promise<WebhookDelivery> {
  const secrets = await Secrets.open({ file: secretFile, make: makeSecret, log }).catch((error: unknown) => {
    if (error instanceof Refusal)
      throw new StartError(`webhooks cannot be signed: ${error.message}: see --webhooks.secret_file`);
    throw error;
  });
  if (allowPrivate)
    log.warn('webhooks may go to private addresses: keep --webhooks.allow_private to local trials');
  return new WebhookDelivery({
    outbox,
    post: createPost({ allowPrivate, resolve: allowPrivate ? resolveLocally : resolvePublic }),
    signer: () => secrets.signer(),
    agent: `audio-subnet/${VERSION}`,
    clock,
    random: Math.random,
    observer,
    onError: (error) => {
      log.error({ err: error }, 'webhooks could not be claimed or recorded; it is tried again');
    },
  });
}
