import type { Critique } from '../domain/score/summary/critique.js';
import type { Clock } from '../runtime/clock.js';
import type { Reply } from './asking.js';
import type { MinerReply } from './ports/miner-client.js';
import type { SummaryCritic } from './ports/summary-critic.js';
import { MAX_CRITIC_MS } from './settings.js';
import { textOf } from './usable-reply.js';

export interface CriticReaderDeps {
  readonly critic: SummaryCritic;
  readonly clock: Clock;
}

/** Has a critic read the summaries of one task. All that the task waits for it together is bounded, however often replies come. */
export class CriticReader {
  private leftMs = MAX_CRITIC_MS;
  private readonly critiques = new Map<MinerReply, Promise<Critique>>();

  constructor(
    private readonly deps: CriticReaderDeps,
    private readonly source: string,
  ) {}

  /** One critique a reply; one that was read is not read again. @throws the signal's reason */
  async read(replies: readonly Reply[], signal: AbortSignal): Promise<readonly Critique[]> {
    const { clock } = this.deps;
    const start = clock.now();
    const critiques = await Promise.all(replies.map(({ reply }) => this.critique(reply, signal)));
    this.leftMs -= clock.now() - start;
    return critiques;
  }

  private critique(reply: MinerReply, signal: AbortSignal): Promise<Critique> {
    const known = this.critiques.get(reply);
    if (known !== undefined) return known;
    const summary = textOf(reply.output) ?? '';
    const asked = this.deps.critic.criticise({
      source: this.source,
      summary,
      maxMs: Math.max(0, this.leftMs),
      signal,
    });
    this.critiques.set(reply, asked);
    return asked;
  }
}
