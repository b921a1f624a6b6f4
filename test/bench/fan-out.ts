import { randomBytes } from 'node:crypto';
import { CodecThread } from '../../src/axon/codec-thread.js';
import { Dendrite } from '../../src/axon/dendrite.js';
import { createMinerClient } from '../../src/rpc/clients/miner-client.js';
import { systemClock } from '../../src/runtime/clock.js';
import { Asking, type AskedMiner } from '../../src/validator/asking.js';
import { InFlight } from '../../src/validator/in-flight.js';
import type { MinerClient } from '../../src/validator/ports/miner-client.js';
import { hotkeyFromSeed, type HotkeyPair } from '../../src/wallet/hotkey.js';
import { sign, signaturesReady } from '../../src/wallet/sign.js';
import { BenchViolation } from './bench-violation.js';
import { median, rounded, type Figures } from './figures.js';
import { forkServer } from './forked-server.js';
import { LoopDelay, type Block } from './loop-delay.js';

export const name = 'fan-out';

const MINERS = 64;
const TASKS = 8;
const INPUT_BYTES = 256 * 1024;
/** Rounds that count, after the first one, which opens the connections. */
const ROUNDS = 7;
/** Longest that the validator's event loop may be held up. */
const MAX_BLOCKED_MS = 50;

const WIRES = ['classic', 'grpc'] as const;
type Wire = (typeof WIRES)[number];

/** Tasks that each go to all miners at once, over either wire: for how long the validator's event loop stands still. */
export async function run(): Promise<Figures> {
  await signaturesReady();
  const pair = await hotkeyFromSeed(new Uint8Array(randomBytes(32)));
  const figures: Record<string, Figures> = {};
  for (const wire of WIRES) figures[wire] = await measure(wire, pair);
  const found = { miners: MINERS, tasks: TASKS, input_bytes: INPUT_BYTES, ...figures };
  const worst = Math.max(...WIRES.map((wire) => Number(figures[wire]?.['longest_block_ms'])));
  if (worst > MAX_BLOCKED_MS)
    throw new BenchViolation(`the event loop stood still for ${worst} ms: ${JSON.stringify(found)}`);
  return found;
}

async function measure(wire: Wire, pair: HotkeyPair): Promise<Figures> {
  const server = await forkServer<readonly number[]>('./fan-out-miners.js', [
    wire,
    String(MINERS),
    String(INPUT_BYTES),
  ]);
  const codec = new CodecThread();
  const signer = { hotkey: pair.address, sign: (message: Uint8Array) => sign(pair, message) };
  const client =
    wire === 'grpc' ? createMinerClient(signer) : new Dendrite({ signer, codec, clock: systemClock });
  const miners = server.port.map((port, uid) => minerAt(uid, port));
  try {
    const first = await round(client, miners);
    const rounds: Round[] = [];
    for (let count = 0; count < ROUNDS; count += 1) rounds.push(await round(client, miners));
    return {
      // The median: of what else the machine does, some counts as ours.
      longest_block_ms: median(rounds.map(({ ranMs }) => ranMs)),
      longest_blocks_ms: rounds.map(({ ranMs }) => ranMs),
      longest_blocks_by_the_clock_ms: rounds.map(({ wallMs }) => wallMs),
      first_round_longest_block_ms: first.ranMs,
      round_ms: median(rounds.map(({ totalMs }) => totalMs)),
    };
  } finally {
    client.close();
    await codec.close();
    await server.stop();
  }
}

function minerAt(uid: number, port: number): AskedMiner {
  const hotkey = `miner ${uid}`;
  return { uid, hotkey, stake: 1, freeSlots: 64, address: { hotkey, host: '127.0.0.1', port } };
}

interface Round extends Block {
  readonly totalMs: number;
}

async function round(client: MinerClient, miners: readonly AskedMiner[]): Promise<Round> {
  const { signal } = new AbortController();
  const inFlight = new InFlight();
  const deps = { client, inFlight, clock: systemClock, signal, onProgress: () => undefined };
  const delay = new LoopDelay();
  await delay.start();
  const start = performance.now();
  const askings = Array.from({ length: TASKS }, () => {
    const input = randomBytes(INPUT_BYTES);
    const task = { kind: 'transcription', language: 'en', input, deadlineMs: 60_000 } as const;
    return new Asking(deps, task, miners, miners.length);
  });
  await Promise.all(askings.map((asking) => asking.finished()));
  const totalMs = rounded(performance.now() - start);
  const { ranMs, wallMs } = delay.stop();
  const failed = askings.flatMap(({ answers }) => answers).find(({ kind }) => kind === 'failure');
  if (failed?.kind === 'failure') throw failed.refusal;
  return { ranMs: rounded(ranMs, 1), wallMs: rounded(wallMs, 1), totalMs };
}
