import { isRefusedEntry, Refusal, type Reason } from '../domain/errors.js';
import { readPendingCount, readTasks, writeResult } from './poll-wire.js';
import type { FeedSettled, FeedSettlement, FedTask, PolledFeed, StoredOutput } from './ports/task-feed.js';

export interface PollFeedOptions {
  /** Such as `http://localhost:8000`, without a slash at the end. */
  readonly baseUrl: string;
  /** Hotkey or name of this validator. */
  readonly holder: string;
  /** API key that every request shows. */
  readonly key?: string;
}

/** The proxy over its documented HTTP endpoints, for where nothing but HTTP/1.1 gets through. */
export class PollFeed implements PolledFeed {
  /** There is no other way for an output than inside the answer. */
  readonly maxInlineOutputBytes = Infinity;

  constructor(private readonly options: PollFeedOptions) {}

  async check(signal: AbortSignal): Promise<void> {
    await this.request('GET', '/api/v1/health', signal);
  }

  async pending(signal: AbortSignal): Promise<number> {
    return readPendingCount(await this.request('GET', '/api/v1/validator/integration', signal));
  }

  async take(limit: number, signal: AbortSignal): Promise<readonly FedTask[]> {
    const query = new URLSearchParams({ limit: String(limit), validator_hotkey: this.options.holder });
    return readTasks(await this.request('POST', `/api/v1/validator/distribute?${query.toString()}`, signal));
  }

  async settle(settlement: FeedSettlement, signal: AbortSignal): Promise<FeedSettled> {
    try {
      const body = writeResult(settlement, this.options.holder);
      await this.request('POST', '/api/v1/validator/submit_result', signal, body);
      return { kind: 'settled' };
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      switch (error.metadata['status']) {
        case '404':
        case '409':
          return { kind: 'lost', message: error.message };
        case '400':
        case '413':
        case '422':
          return { kind: 'refused', message: error.message };
        default:
          throw error;
      }
    }
  }

  downloadInput(): Promise<Uint8Array> {
    return Promise.reject(new Refusal('CONTENT_NOT_FOUND', 'polled tasks carry their input'));
  }

  uploadOutput(): Promise<StoredOutput> {
    return Promise.reject(new Refusal('UNIMPLEMENTED', 'polled tasks carry their output'));
  }

  /** The JSON of a 2xx answer. @throws Refusal with the cause, and the status if there was one, in its metadata */
  private async request(method: string, path: string, signal: AbortSignal, body?: unknown): Promise<unknown> {
    const response = await fetch(`${this.options.baseUrl}${path}`, {
      method,
      signal,
      redirect: 'error',
      headers: {
        ...(this.options.key !== undefined && { authorization: `Bearer ${this.options.key}` }),
        ...(body !== undefined && { 'content-type': 'application/json' }),
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    }).catch((error: unknown) => {
      throw notReached(error, signal);
    });
    try {
      if (response.ok) return await response.json();
    } catch (cause) {
      signal.throwIfAborted();
      const problem = `${method} ${path} answered ${response.status} without JSON`;
      throw new Refusal('UNAVAILABLE', problem, { cause, metadata: { cause: 'HTTP' } });
    }
    throw await refused(`${method} ${path}`, response);
  }
}

async function refused(request: string, response: Response): Promise<Refusal> {
  const text = await response.text().catch(() => '');
  const retryAfter = Number(response.headers.get('retry-after'));
  const reason = reasonOf(response.status);
  return new Refusal(reason, `${request} answered ${response.status}: ${text.slice(0, 300)}`, {
    metadata: { cause: isRefusedEntry(reason) ? reason : 'HTTP', status: String(response.status) },
    ...(retryAfter > 0 ? { retryAfterMs: retryAfter * 1000 } : {}),
  });
}

function reasonOf(status: number): Reason {
  if (status === 401) return 'UNAUTHENTICATED';
  if (status === 403) return 'PERMISSION_DENIED';
  if (status === 429) return 'QUOTA_EXCEEDED';
  return status >= 500 ? 'UNAVAILABLE' : 'INTERNAL';
}

/** What Node's fetch hides in the chain of causes. */
function notReached(error: unknown, signal: AbortSignal): Refusal {
  const reason: unknown = signal.aborted ? signal.reason : undefined;
  if (reason instanceof Refusal) return reason;
  const code = codeOf(error);
  return new Refusal('UNAVAILABLE', MESSAGES[code] ?? `the request failed (${code})`, {
    cause: error,
    metadata: { cause: code },
  });
}

const MESSAGES: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'nothing listens there (ECONNREFUSED)',
  ENOTFOUND: 'there is no such host (ENOTFOUND)',
  EAI_AGAIN: 'the name of the host cannot be looked up (EAI_AGAIN)',
  ECONNRESET: 'the connection was reset (ECONNRESET)',
  UND_ERR_SOCKET: 'the connection was closed (UND_ERR_SOCKET)',
};

function codeOf(error: unknown): string {
  for (let at = error; at instanceof Error; at = at.cause) {
    if ('code' in at && typeof at.code === 'string') return at.code;
    // Happy eyeballs: each address that was tried has its own error.
    if (at instanceof AggregateError) return codeOf(at.errors[0]);
  }
  return 'UNKNOWN';
}
