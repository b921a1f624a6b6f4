import { Refusal } from '../../../src/domain/errors.js';
import type { Hotkey } from '../../../src/domain/ids.js';
import type { NetworkView } from '../../../src/domain/network-view.js';
import type { Clock } from '../../../src/runtime/clock.js';
import type {
  AudioTask,
  MinerAddress,
  MinerCapabilities,
  MinerClient,
  MinerReply,
  QueryOptions,
} from '../../../src/validator/ports/miner-client.js';

export type Behaviour = (task: AudioTask, options: QueryOptions) => Promise<MinerReply>;

/** A miner in memory. */
export interface FakeMiner {
  readonly hotkey: string;
  can: MinerCapabilities['capabilities'];
  missing: MinerCapabilities['missing'];
  reachable: boolean;
  /** How long it takes to answer a probe. */
  pingMs: number;
  answer: Behaviour;
  readonly asked: AudioTask[];
}

const EVERYTHING = (['transcription', 'tts', 'summarization'] as const).map((kind) => ({
  kind,
  languages: ['en'],
  engine: 'fake',
  model: '',
}));

export function fakeMiner(hotkey: string, answer: Behaviour): FakeMiner {
  return { hotkey, answer, can: EVERYTHING, missing: [], reachable: true, pingMs: 0, asked: [] };
}

/** Miners on ports from 9001, in their order. */
export class FakeMiners implements MinerClient {
  closed = false;

  /** @param clock by which pings take their time; needed where one takes any */
  constructor(
    readonly miners: FakeMiner[],
    private readonly clock?: Clock,
  ) {}

  network(): NetworkView {
    return {
      current: () => ({
        ageMs: 0,
        connected: true,
        metagraph: {
          netuid: 49,
          network: 'static',
          source: 'static',
          neurons: this.miners.map(({ hotkey }, index) => ({
            uid: index + 1,
            hotkey: hotkey as Hotkey,
            stake: 100,
            validatorPermit: false,
            axon: { ip: '127.0.0.1', port: 9001 + index },
          })),
        },
      }),
    };
  }

  async capabilities({ hotkey }: MinerAddress): Promise<MinerCapabilities> {
    const miner = this.find(hotkey);
    if (!miner.reachable) throw new Refusal('UNAVAILABLE', 'connect ECONNREFUSED');
    if (miner.pingMs > 0) await new Promise<void>((resolve) => this.clock?.after(miner.pingMs, resolve));
    const { can: capabilities, missing } = miner;
    return { capabilities, missing, maxInputBytes: 1_000_000, freeSlots: 2, hotkey, version: '1' };
  }

  query({ hotkey }: MinerAddress, task: AudioTask, options: QueryOptions): Promise<MinerReply> {
    const miner = this.find(hotkey);
    miner.asked.push(task);
    if (!miner.reachable) return Promise.reject(new Refusal('UNAVAILABLE', 'connect ECONNREFUSED'));
    return miner.answer(task, options);
  }

  close(): void {
    this.closed = true;
  }

  private find(hotkey: string): FakeMiner {
    const miner = this.miners.find((candidate) => candidate.hotkey === hotkey);
    if (miner === undefined) throw new Error(`no miner ${hotkey}`);
    return miner;
  }
}

export function reply(text: string, totalMs = 100): MinerReply {
  return {
    output: Buffer.from(text),
    mediaType: 'text/plain; charset=utf-8',
    model: 'fake/1',
    segments: [],
    minerProcessingMs: 1,
    firstByteMs: totalMs,
    totalMs,
  };
}

export const replies =
  (text: string, totalMs?: number): Behaviour =>
  () =>
    Promise.resolve(reply(text, totalMs));

export const refuses =
  (...refusal: ConstructorParameters<typeof Refusal>): Behaviour =>
  () =>
    Promise.reject(new Refusal(...refusal));

/** Answers nothing until it is cancelled. */
export const hangs: Behaviour = (_task, { signal }) =>
  new Promise((_resolve, reject) => {
    signal.addEventListener('abort', () => {
      reject(new Refusal('CANCELLED', 'cancelled', { cause: signal.reason }));
    });
  });
