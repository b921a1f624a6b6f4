import { WebSocketServer, type WebSocket } from 'ws';
import { signaturesReady } from '../../../src/wallet/sign.js';
import { Chain, type Planted } from './chain.js';
import { commitsOf, type SettledCommit, type StoredCommit } from './commits.js';
import { SocketConnection } from './connection.js';
import { roundAt, timeOfRound } from './drand.js';
import type { KnownRuntime } from './metadata-files.js';
import { METHODS } from './methods.js';
import { runtimeOf, withSpecVersion } from './runtime.js';
import {
  HYPERPARAMETERS,
  epochOf,
  firstBlockOf,
  stakeOf,
  uidOf,
  writeHyperparameters,
  writeNeurons,
  type DoubleAxon,
  type DoubleHyperparameters,
  type DoubleNeuron,
} from './subnet.js';

export interface ChainDoubleOptions {
  readonly metadata: KnownRuntime;
  readonly netuid: number;
  readonly neurons?: readonly DoubleNeuron[];
  readonly hyperparameters?: Partial<DoubleHyperparameters>;
  /** Rao that a validator must have staked. */
  readonly stakeThresholdRao?: bigint;
  /** Time of block 0, Unix milliseconds. */
  readonly nowMs?: number;
  /** Best block at the start. */
  readonly startBlock?: number;
  /** A block for each transaction that arrives, as development nodes do; otherwise only `advance` makes blocks. */
  readonly sealOnSubmit?: boolean;
}

const START_MS = Date.UTC(2026, 0, 1);

/**
 * Starts a TEST DOUBLE of a Subtensor node on 127.0.0.1: real metadata, encodings, signatures and
 * timelock decryption; the rules are an imitation of the parts of the runtime that validators and miners meet.
 */
export async function startChainDouble(options: ChainDoubleOptions): Promise<ChainDouble> {
  await signaturesReady();
  const chain = new Chain({
    runtime: runtimeOf(options.metadata),
    netuid: options.netuid,
    nowMs: options.nowMs ?? START_MS,
  });
  writeHyperparameters(chain.ledger, options.netuid, { ...HYPERPARAMETERS, ...options.hyperparameters });
  chain.ledger.write('subtensorModule.stakeThreshold', [], options.stakeThresholdRao ?? 0n);
  writeNeurons(chain.ledger, options.netuid, options.neurons ?? []);
  chain.advance(options.startBlock ?? 1);
  const double = new ChainDouble(chain, options.sealOnSubmit ?? false);
  await double.start();
  return double;
}

/** What a test does to the chain and reads from it. */
export class ChainDouble {
  readonly chain: Chain;
  readonly #sealOnSubmit: boolean;
  #server: WebSocketServer | undefined;
  #refuses = false;
  #delayMs = 0;
  readonly #timers = new Set<NodeJS.Timeout>();
  #port = 0;
  /** Requests by method, since the start. */
  readonly requests = new Map<string, number>();

  constructor(chain: Chain, sealOnSubmit: boolean) {
    this.chain = chain;
    this.#sealOnSubmit = sealOnSubmit;
  }

  get url(): string {
    return `ws://127.0.0.1:${String(this.#port)}`;
  }

  async start(): Promise<void> {
    const server = new WebSocketServer({ host: '127.0.0.1', port: 0 });
    this.#server = server;
    server.on('connection', (socket: WebSocket) => this.#accept(socket));
    await new Promise((resolve) => server.once('listening', resolve));
    this.#port = server.address().port;
  }

  async stop(): Promise<void> {
    for (const timer of this.#timers) clearTimeout(timer);
    this.dropConnections();
    await new Promise<void>((resolve) => this.#server?.close(resolve));
  }

  // Blocks and time

  get block(): number {
    return this.chain.best.number;
  }

  /** Block time of the best block, Unix milliseconds; give it to the client as its clock. */
  get nowMs(): number {
    return this.chain.nowMs;
  }

  /** Makes blocks. None are made by time: a test that wants missing blocks makes none. */
  advance(blocks = 1): void {
    this.chain.advance(blocks);
  }

  /** Advances to a block, which must be ahead. */
  advanceTo(block: number): void {
    this.chain.advance(block - this.block);
  }

  /**
   * Sets the clock so that drand's round comes when the block is made. A client whose clock is `nowMs`
   * and who encrypts to the first block of the reveal epoch, `margin` rounds earlier, gets
   * `round` by `aimAt({ round: round + margin, block: double.revealBlock() })`.
   */
  aimAt({ round, block }: { readonly round: number; readonly block: number }): void {
    this.chain.setTime(timeOfRound(round), block);
  }

  /** First block in which a commit made in the next block can be revealed. */
  revealBlock(): number {
    const { ledger, netuid } = this.chain;
    const period = ledger.number('subtensorModule.revealPeriodEpochs', [netuid]);
    return firstBlockOf(ledger, netuid, epochOf(ledger, netuid, ledger.block + 1) + period);
  }

  set finalityLag(blocks: number) {
    this.chain.finalityLag = blocks;
  }

  reorg(depth: number, options: { readonly loseTransactions?: boolean } = {}): void {
    this.chain.reorg(depth, { loseTransactions: options.loseTransactions ?? false });
  }

  // The subnet

  setNeurons(neurons: readonly DoubleNeuron[]): void {
    writeNeurons(this.chain.ledger, this.chain.netuid, neurons);
  }

  setHyperparameters(values: Partial<DoubleHyperparameters>): void {
    writeHyperparameters(this.chain.ledger, this.chain.netuid, values);
  }

  /** Weights that a uid has on the chain, as pairs of uid and value. */
  weights(uid: number): [number, number][] {
    return this.chain.ledger.list('subtensorModule.weights', [this.chain.netuid, uid]);
  }

  lastUpdate(uid: number): number {
    return this.chain.ledger.list<number>('subtensorModule.lastUpdate', [this.chain.netuid])[uid] ?? 0;
  }

  /** Commits that wait. */
  commits(): readonly StoredCommit[] {
    return commitsOf(this.chain.ledger, this.chain.netuid);
  }

  /** Commits that were revealed, or were not applied and why. */
  settledCommits(): readonly SettledCommit[] {
    return this.chain.settled;
  }

  /** Where a hotkey announced that it serves. */
  served(hotkey: string): (Omit<DoubleAxon, 'ip'> & { readonly ip: number | string }) | undefined {
    const axon = this.chain.ledger.read('subtensorModule.axons', [this.chain.netuid, hotkey]);
    return axon?.toJSON() as ReturnType<ChainDouble['served']>;
  }

  uid(hotkey: string): number | undefined {
    return uidOf(this.chain.ledger, this.chain.netuid, hotkey);
  }

  stake(hotkey: string): ReturnType<typeof stakeOf> {
    return stakeOf(this.chain.ledger, this.chain.netuid, hotkey);
  }

  /** Puts a pulse on the chain, as its own worker does. The signature is not checked here. */
  publishPulse(round: number, signature: string): void {
    this.chain.ledger.write('drand.pulses', [round], { round, randomness: '0x', signature });
    const last = this.chain.ledger.number('drand.lastStoredRound');
    this.chain.ledger.write('drand.lastStoredRound', [], Math.max(last, round));
  }

  get currentRound(): number {
    return roundAt(this.nowMs);
  }

  // Trouble

  /** Another runtime, or the same under a higher version; subscribers are told. */
  upgradeRuntime(to: { readonly metadata?: KnownRuntime; readonly specVersion?: number }): void {
    const runtime = to.metadata === undefined ? this.chain.ledger.runtime : runtimeOf(to.metadata);
    this.chain.upgrade(to.specVersion === undefined ? runtime : withSpecVersion(runtime, to.specVersion));
  }

  /** In the pool, as newer runtimes check weights and serving, or in the block, as older ones do. */
  checkIn(where: 'pool' | 'block'): void {
    this.chain.checkIn = where;
  }

  rejectNext(planted: Planted): void {
    this.chain.planted = planted;
  }

  dropConnections(): void {
    for (const client of this.#server?.clients ?? []) client.terminate();
  }

  /** Whether new connections are cut at once. */
  refuseConnections(refuses: boolean): void {
    this.#refuses = refuses;
  }

  /** Delays every answer and notification that follows. */
  delay(ms: number): void {
    this.#delayMs = ms;
  }

  #accept(socket: WebSocket): void {
    if (this.#refuses) {
      socket.terminate();
      return;
    }
    const methods = Object.fromEntries(
      Object.entries(METHODS).map(([name, run]) => [
        name,
        (params: readonly unknown[], connection: Parameters<typeof run>[1]): unknown => {
          this.requests.set(name, (this.requests.get(name) ?? 0) + 1);
          const result = run(params, connection);
          if (this.#sealOnSubmit && name.startsWith('author_submit')) setImmediate(() => this.advance());
          return result;
        },
      ]),
    );
    new SocketConnection({
      socket,
      chain: this.chain,
      methods,
      send: (message) => this.#send(socket, message),
    });
  }

  #send(socket: WebSocket, message: string): void {
    if (this.#delayMs === 0) {
      socket.send(message);
      return;
    }
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      socket.send(message);
    }, this.#delayMs);
    this.#timers.add(timer);
  }
}
