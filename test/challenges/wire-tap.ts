import { createHash } from 'node:crypto';
import { pino } from 'pino';
import { CHUNK_BYTES } from '../../src/domain/limits.js';
import { waveShapeOf } from '../../src/engines/audio/wave-form.js';
import type { AdmittedSynapse, Miner, SynapseHeader } from '../../src/miner/ports.js';
import { createMinerClient } from '../../src/rpc/clients/miner-client.js';
import { createMinerServer } from '../../src/rpc/server.js';
import type { Clock } from '../../src/runtime/clock.js';
import type { AudioTask, MinerClient, QueryOptions } from '../../src/validator/ports/miner-client.js';
import { contract } from '../support/grpc-proxy.js';

/** What a miner has of one question. */
export interface Seen {
  readonly atMs: number;
  readonly header: SynapseHeader;
  readonly inputHash: string;
  readonly features: readonly number[];
}

/** A miner behind real gRPC that answers at once and keeps what a miner can measure of each question. */
export class WireTap {
  readonly seen: Seen[] = [];
  private readonly server;
  private readonly client: MinerClient = createMinerClient();
  private port = 0;

  constructor(private readonly clock: Clock) {
    const miner: Miner = {
      capabilities: () => Promise.reject(new Error('nobody asks')),
      admit: (header) => this.admit(header),
    };
    this.server = createMinerServer({ contract: contract(), log: pino({ level: 'silent' }), miner, clock });
  }

  async open(): Promise<void> {
    this.port = await this.server.bind('127.0.0.1:0');
  }

  query(task: AudioTask, options: QueryOptions) {
    return this.client.query({ hotkey: 'tapped', host: '127.0.0.1', port: this.port }, task, options);
  }

  async close(): Promise<void> {
    this.client.close();
    await this.server.shutdown(0);
  }

  private admit(header: SynapseHeader): AdmittedSynapse {
    const atMs = this.clock.now();
    return {
      engine: 'tap',
      forward: (input) => {
        this.seen.push({ atMs, header, inputHash: sha256(input), features: featuresOf(header, input) });
        return Promise.resolve({
          output: Buffer.from('a reply'),
          mediaType: 'text/plain; charset=utf-8',
          model: 'tap',
          segments: [],
          processingMs: 1,
        });
      },
      release: () => undefined,
    };
  }
}

function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

/** The features of each question with those of its time: gaps to the ones before, and how many came of late. */
export function withTimes(seen: readonly Seen[]): readonly (readonly number[])[] {
  return seen.map(({ atMs, header, features }, place) => {
    const before = seen.slice(Math.max(0, place - 400), place);
    const gap = atMs - (before.at(-1)?.atMs ?? 0);
    const same = before.findLast((other) => other.header.kind === header.kind);
    const within = (ms: number) => before.filter((other) => atMs - other.atMs < ms).length;
    return [
      ...features,
      Math.log(1 + gap),
      Math.log(1 + atMs - (same?.atMs ?? 0)),
      Math.log(1 + within(60_000)),
      Math.log(1 + within(600_000)),
      Number(before.at(-1)?.header.kind === header.kind),
      (atMs % 1_000) / 1_000,
      Number(Number.isInteger(atMs)),
    ];
  });
}

const KINDS = ['transcription', 'tts', 'summarization'];
const LANGUAGES = ['en', 'de', 'es', 'fr'];
const RATES = [8_000, 16_000, 44_100, 48_000];

function featuresOf(header: SynapseHeader, input: Uint8Array): readonly number[] {
  const { kind, language, voice, maxSentences, deadlineMs } = header;
  const shape = kind === 'transcription' ? waveShapeOf(input) : undefined;
  const frames = shape?.frames ?? 0;
  const { sampleRateHz = 0, channelCount = 0, sampleBytes = 0, head } = shape?.form ?? {};
  const seconds = sampleRateHz === 0 ? 0 : frames / sampleRateHz;
  return [
    ...KINDS.map((one) => Number(one === kind)),
    ...LANGUAGES.map((one) => Number(one === language)),
    Math.log(input.byteLength),
    Math.ceil(input.byteLength / CHUNK_BYTES),
    (input.byteLength % CHUNK_BYTES) / CHUNK_BYTES,
    input.byteLength % 2,
    deadlineMs / 60_000,
    Number(Number.isInteger(deadlineMs / 1_000)),
    ...['slt', 'f2'].map((one) => Number(one === voice)),
    Number(voice === undefined || voice === ''),
    maxSentences ?? 0,
    ...RATES.map((one) => Number(one === sampleRateHz)),
    channelCount,
    sampleBytes,
    head?.length ?? 0,
    Math.log(1 + frames),
    seconds,
    ...[160, 1_024, 1_600, 16_000].map((step) => Number(frames > 0 && frames % step === 0)),
    // Where one kind is long, another is short.
    kind === 'tts' ? Math.log(input.byteLength) : 0,
    kind === 'summarization' ? Math.log(input.byteLength) : 0,
  ];
}
