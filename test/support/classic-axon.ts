import { pino } from 'pino';
import { NeuronGate } from '../../src/auth/neuron-gate.js';
import type { CallerRules } from '../../src/auth/caller-rules.js';
import { answerAudioTask } from '../../src/axon/answer-audio-task.js';
import { createAxon } from '../../src/axon/axon.js';
import { CodecThread } from '../../src/axon/codec-thread.js';
import { SlotLine } from '../../src/axon/slot-line.js';
import { ping } from '../../src/axon/synapse.js';
import { Refusal } from '../../src/domain/errors.js';
import type { NetworkView, Neuron } from '../../src/domain/network-view.js';
import type { Miner } from '../../src/miner/ports.js';
import { createFrontDoor } from '../../src/runtime/front-door.js';
import { systemClock, type Clock } from '../../src/runtime/clock.js';
import { hotkeyFromSeed, type HotkeyPair } from '../../src/wallet/hotkey.js';
import { signaturesReady } from '../../src/wallet/sign.js';

export const OPEN_RULES: CallerRules = { forceValidatorPermit: true, minStake: 0, allow: [], deny: [] };

export function seedOf(byte: number): Buffer {
  return Buffer.alloc(32, byte);
}

export function networkOf(...neurons: readonly Neuron[]): NetworkView {
  const metagraph = { netuid: 49, network: 'static', source: 'static' as const, neurons };
  return { current: () => ({ metagraph, ageMs: 0, connected: true }) };
}

/** Gives the input back; `fail` fails, `hang` waits for its end. */
export const echoMiner: Miner = {
  capabilities: () => Promise.reject(new Error('nobody asks')),
  admit: () => ({
    engine: 'echo',
    release: () => undefined,
    async forward(input, { signal }) {
      const text = Buffer.from(input).toString();
      if (text === 'fail') throw new Refusal('ENGINE_FAILED', 'the engine failed');
      if (text === 'hang')
        await new Promise((_, reject) => {
          signal.addEventListener('abort', () => {
            reject(signal.reason as Error);
          });
        });
      return { output: input, mediaType: 'text/plain', model: 'echo/1', segments: [], processingMs: 5 };
    },
  }),
};

export interface ClassicAxon {
  readonly port: number;
  readonly pair: HotkeyPair;
  close(): Promise<void>;
}

export interface ClassicAxonParts {
  readonly network: NetworkView;
  readonly rules?: CallerRules;
  readonly miner?: Miner;
  readonly clock?: Clock;
  readonly maxBodyBytes?: number;
}

export async function openClassicAxon(parts: ClassicAxonParts): Promise<ClassicAxon> {
  await signaturesReady();
  const { network, rules = OPEN_RULES, miner = echoMiner, clock = systemClock } = parts;
  const pair = await hotkeyFromSeed(seedOf(9));
  const codec = new CodecThread();
  const log = pino({ level: 'silent' });
  const axon = createAxon({
    self: pair.address,
    gate: new NeuronGate({ rules, network, clock }),
    synapses: new Map([
      ['AudioTask', answerAudioTask(new SlotLine(miner), codec)],
      ['Synapse', ping],
    ]),
    maxBodyBytes: parts.maxBodyBytes ?? 32 * 1024 * 1024,
    clock,
    log,
  });
  const door = createFrontDoor({ onHttp1: axon.serve, onHttp2: (socket) => socket.destroy(), log });
  const { port } = await door.listen({ host: '127.0.0.1', port: 0 });
  return {
    port,
    pair,
    async close() {
      await Promise.all([door.close(0), axon.close(0), codec.close()]);
    },
  };
}
