import type { Critique } from '../../domain/score/summary/critique.js';
import type { Logger } from '../../runtime/logger.js';
import { randomToken } from '../../runtime/random.js';
import type { CriticWork, SummaryCritic } from '../../validator/ports/summary-critic.js';
import { systemClock, type Clock } from '../../runtime/clock.js';
import { Breaker } from './breaker.js';
import { CriticFailure } from './critic-failure.js';
import { promptOf } from './prompt.js';
import { Slots } from './slots.js';
import { verdictOf } from './verdict.js';

const MAX_CONCURRENT = 4;
/** Characters of a summary that are read however short its source is: short ones need not be made shorter. */
const MIN_READ_CHARACTERS = 1_000;
const MAX_ANSWER_BYTES = 64 * 1024;
/** Enough for the two numbers, with some room for a model that thinks first. */
const MAX_TOKENS = 512;

export interface ChatServer {
  /** Of an OpenAI-compatible server, such as `http://localhost:11434/v1`; without a slash at the end. */
  readonly url: string;
  readonly model: string;
  /** Sent as a bearer token. */
  readonly key?: string;
}

/** Asks a language model behind an OpenAI-compatible server; follows no redirect and keeps nothing of its answers. */
export class ChatCritic implements SummaryCritic {
  private readonly slots = new Slots(MAX_CONCURRENT);
  private readonly breaker: Breaker;
  private failing = false;

  constructor(
    private readonly server: ChatServer,
    private readonly log: Logger,
    clock: Clock = systemClock,
  ) {
    this.breaker = new Breaker(clock);
  }

  async criticise({ source, summary, maxMs, signal }: CriticWork): Promise<Critique> {
    // It is worth nothing in any case, and its length would be paid for.
    if (summary.length > Math.max(source.length, MIN_READ_CHARACTERS)) return { kind: 'padded' };
    if (!this.breaker.tryEnter()) return { kind: 'failed', reason: 'it failed too often lately' };
    const timed = AbortSignal.any([signal, AbortSignal.timeout(maxMs)]);
    try {
      const verdict = await this.slots.run(timed, () => this.ask(source, summary, timed));
      this.breaker.worked();
      this.tell(undefined);
      return verdict;
    } catch (error) {
      // What a summary makes it say wrong shows that it is there.
      if (signal.aborted) this.breaker.left();
      else if (error instanceof CriticFailure && error.answered) this.breaker.worked();
      else this.breaker.failed();
      signal.throwIfAborted();
      const reason = timed.aborted ? `it took longer than ${Math.round(maxMs) / 1000} s` : reasonOf(error);
      this.tell(reason);
      return { kind: 'failed', reason };
    }
  }

  private async ask(source: string, summary: string, signal: AbortSignal): Promise<Critique> {
    const { url, model, key } = this.server;
    const response = await fetch(`${url}/chat/completions`, {
      method: 'POST',
      redirect: 'manual',
      signal,
      headers: {
        'content-type': 'application/json',
        ...(key === undefined ? {} : { authorization: `Bearer ${key}` }),
      },
      body: JSON.stringify({
        model,
        messages: promptOf(source, summary, randomToken()),
        temperature: 0,
        max_tokens: MAX_TOKENS,
        stream: false,
      }),
    });
    if (response.status !== 200) {
      await response.body?.cancel();
      throw new CriticFailure(`it answered with HTTP status ${response.status}`, { answered: false });
    }
    return verdictOf(await textOf(response));
  }

  /** One line when it begins to fail and one when it works again, not one a summary. */
  private tell(reason: string | undefined): void {
    if (reason !== undefined && !this.failing) this.log.warn({ reason }, 'the critic of summaries fails');
    if (reason === undefined && this.failing) this.log.info('the critic of summaries works again');
    this.failing = reason !== undefined;
  }
}

async function textOf(response: Response): Promise<string> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  // The types of fetch leave open what a body consists of; it is bytes.
  const body = response.body as AsyncIterable<Uint8Array> | null;
  for await (const chunk of body ?? []) {
    bytes += chunk.byteLength;
    // Leaving the loop closes the connection.
    if (bytes > MAX_ANSWER_BYTES)
      throw new CriticFailure(`its answer has more than ${MAX_ANSWER_BYTES} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString();
}

function reasonOf(error: unknown): string {
  if (error instanceof CriticFailure) return error.message;
  const cause = error instanceof Error ? error.cause : undefined;
  const code = cause instanceof Error && 'code' in cause ? ` (${String(cause.code)})` : '';
  return `it cannot be reached${code}`;
}
