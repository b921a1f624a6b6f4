import { pino } from 'pino';
import { MinerSynapseClient } from '../../gen/ts/audiosubnet/v1/miner_synapse.js';
import type {
  AdmittedSynapse,
  ForwardOptions,
  Miner,
  SynapseHeader,
  SynapseOutput,
} from '../../src/miner/ports.js';
import { createChannel } from '../../src/rpc/clients/channel.js';
import { createMinerServer, type GrpcServer } from '../../src/rpc/server.js';
import type { SynapseGate } from '../../src/rpc/signed-synapse.js';
import type { Clock } from '../../src/runtime/clock.js';
import { contract } from './grpc-proxy.js';

/** Work that a test ends. */
export interface OpenWork {
  readonly header: SynapseHeader;
  readonly input: Uint8Array;
  readonly options: ForwardOptions;
  complete(output: Uint8Array): void;
  fail(error: unknown): void;
}

/** A miner whose work waits for the test. */
export class WaitingMiner implements Miner {
  readonly open: OpenWork[] = [];
  admitted = 0;
  released = 0;
  /** What `admit` throws, when it does. */
  refusal: Error | undefined;

  capabilities() {
    return Promise.resolve({
      capabilities: [{ kind: 'tts' as const, languages: ['en'], engine: 'flite', model: 'slt' }],
      missing: [{ kind: 'transcription' as const, engine: 'pocketsphinx', cure: 'install it' }],
      maxInputBytes: 1_000_000,
      freeSlots: 2,
      maxSlots: 3,
      hotkey: '5F',
      version: '0.1.0',
    });
  }

  admit(header: SynapseHeader): AdmittedSynapse {
    if (this.refusal !== undefined) throw this.refusal;
    this.admitted += 1;
    return {
      engine: 'flite',
      forward: (input, options) =>
        new Promise<SynapseOutput>((resolve, reject) => {
          options.signal.addEventListener('abort', () => {
            reject(options.signal.reason as Error);
          });
          this.open.push({
            header,
            input,
            options,
            complete: (output) => {
              resolve({
                output,
                mediaType: 'audio/wav',
                model: 'flite/slt',
                segments: [],
                processingMs: 12.5,
              });
            },
            fail: reject,
          });
        }),
      release: () => {
        this.released += 1;
      },
    };
  }
}

export interface GrpcMiner {
  readonly grpc: GrpcServer;
  readonly miner: WaitingMiner;
  readonly client: MinerSynapseClient;
  readonly address: string;
  close(): Promise<void>;
}

/** @param door whom it answers; everyone without */
export async function openGrpcMiner(clock: Clock, door?: SynapseGate): Promise<GrpcMiner> {
  const miner = new WaitingMiner();
  const log = pino({ level: 'silent' });
  const grpc = createMinerServer({ contract: contract(), log, miner, clock, ...(door && { door }) });
  const channel = createChannel(`127.0.0.1:${await grpc.bind('127.0.0.1:0')}`);
  const client = new MinerSynapseClient(channel.address, channel.credentials, channel.options);
  return {
    grpc,
    miner,
    client,
    address: channel.address,
    async close() {
      client.close();
      await grpc.shutdown(0);
    },
  };
}
