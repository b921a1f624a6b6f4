import { EventEmitter } from 'node:events';
import { compactAddLength, u8aConcat, u8aToHex } from '@polkadot/util';
import { makeBlock, type Block } from './blocks.js';
import { revealCommits, type SettledCommit } from './commits.js';
import { effectOf, POOL_CODES, type DoubleEvent } from './dispatch.js';
import { roundAt } from './drand.js';
import { failure, recordOf, SUCCESS, type Phase } from './events.js';
import {
  admit,
  customError,
  isRejection,
  nonceOf,
  type PoolRejection,
  type Transaction,
} from './extrinsics.js';
import { Ledger } from './ledger.js';
import type { Runtime } from './runtime.js';
import { State } from './state.js';
import { epochOf, firstBlockOf } from './subnet.js';

/** Milliseconds from one block to the next, by the chain's own clock. */
export const BLOCK_MS = 12_000;

/** What the next transaction meets in place of its own checks. */
export type Planted =
  /** Refused by the pool as `Custom error: N`. */
  | { readonly custom: number }
  /** In a block, failed with this error of SubtensorModule. */
  | { readonly dispatch: string }
  /** Taken, and never seen in a block. */
  | { readonly lost: true };

export interface PoolEntry {
  readonly transaction: Transaction;
  readonly planted?: Planted | undefined;
  /** Hears of the transaction's way as `author_extrinsicUpdate` tells it. */
  readonly notify: (status: unknown) => void;
}

interface ChainEvents {
  /** A new best block. */
  best: [Block];
  finalized: [Block];
  runtime: [Runtime];
}

/** The chain: its blocks, its state, its pool. Nothing of the wire. */
export class Chain {
  readonly state = new State();
  readonly ledger: Ledger;
  readonly events = new EventEmitter<ChainEvents>();
  readonly settled: SettledCommit[] = [];
  readonly netuid: number;
  /** Whether the pool checks what newer runtimes check there, or the block does. */
  checkIn: 'pool' | 'block' = 'pool';
  /** Blocks by which the finalized head is behind. */
  finalityLag = 2;
  planted: Planted | undefined;
  #blocks: Block[];
  #pool: PoolEntry[] = [];
  #runtimes: { readonly from: number; readonly runtime: Runtime }[];
  /** Time of block 0. */
  #originMs: number;
  #forks = 0;

  constructor({ runtime, netuid, nowMs }: { runtime: Runtime; netuid: number; nowMs: number }) {
    this.netuid = netuid;
    this.#originMs = nowMs;
    this.#runtimes = [{ from: 0, runtime }];
    this.ledger = new Ledger(runtime, this.state, 0);
    this.#blocks = [
      makeBlock({ number: 0, parentHash: u8aToHex(new Uint8Array(32)), extrinsics: [], fork: 0 }),
    ];
    this.ledger.write('timestamp.now', [], nowMs);
  }

  get best(): Block {
    return this.#blocks.at(-1)!;
  }

  get finalized(): Block {
    return this.#blocks[Math.max(0, this.best.number - this.finalityLag)]!;
  }

  block(number: number): Block | undefined {
    return this.#blocks[number];
  }

  byHash(hash: string): Block | undefined {
    return this.#blocks.findLast((block) => block.hash === hash);
  }

  runtimeAt(block: number): Runtime {
    return this.#runtimes.findLast(({ from }) => from <= block)!.runtime;
  }

  /** The ledger as it was at a block. */
  at(block: number): Ledger {
    return block === this.ledger.block ? this.ledger : new Ledger(this.runtimeAt(block), this.state, block);
  }

  /** Block time of the best block. */
  get nowMs(): number {
    return this.#originMs + this.best.number * BLOCK_MS;
  }

  /** Moves the chain's clock so that a block, past or to come, is at this time. */
  setTime(unixMs: number, block: number): void {
    this.#originMs = unixMs - block * BLOCK_MS;
    this.ledger.write('timestamp.now', [], this.nowMs);
    this.ledger.write('drand.lastStoredRound', [], roundAt(this.nowMs));
  }

  upgrade(runtime: Runtime): void {
    this.#runtimes.push({ from: this.best.number, runtime });
    this.ledger.runtime = runtime;
    this.events.emit('runtime', runtime);
  }

  /** Takes a transaction into the pool, or says why not. */
  submit(bytes: string, notify: PoolEntry['notify']): PoolRejection | undefined {
    const answer = admit(this.ledger, bytes, (number) => this.block(number)?.hash);
    if (isRejection(answer)) return answer;
    if (this.#pool.some(({ transaction }) => transaction.bytes === bytes))
      return { code: 1013, message: 'Transaction is already imported', data: bytes };
    const planted = this.planted;
    this.planted = undefined;
    if (planted !== undefined && 'custom' in planted) return customError(planted.custom);
    const code = this.#poolCode(answer);
    if (planted === undefined && code !== undefined) return customError(code);
    this.#pool.push({ transaction: answer, planted, notify });
    notify(answer.nonce > nonceOf(this.ledger, answer.who) ? 'future' : 'ready');
    return undefined;
  }

  /** Lets blocks take the transactions that were planted as lost. */
  release(): void {
    this.#pool = this.#pool.map((entry) => ({ ...entry, planted: undefined }));
  }

  get pending(): readonly string[] {
    return this.#pool.map(({ transaction }) => transaction.bytes);
  }

  advance(blocks: number): void {
    for (let made = 0; made < blocks; made += 1) this.#produce();
  }

  /** Replaces the newest blocks by one more of others; what they held returns to the pool, or is lost. */
  reorg(depth: number, { loseTransactions }: { readonly loseTransactions: boolean }): void {
    const kept = this.best.number - depth;
    if (kept < this.finalized.number) throw new Error('a finalized block cannot be replaced');
    const replaced = this.#blocks.splice(kept + 1);
    this.state.rollback(kept);
    this.ledger.block = kept;
    this.#forks += 1;
    if (!loseTransactions)
      for (const block of replaced)
        for (const bytes of block.extrinsics.slice(1))
          this.submit(bytes, this.#watchers.get(bytes) ?? (() => {}));
    this.advance(depth + 1);
  }

  /** Who watches a transaction that is in a block, for when the block is replaced or finalized. */
  readonly #watchers = new Map<string, PoolEntry['notify']>();

  #poolCode(transaction: Transaction): number | undefined {
    const breach = effectOf(transaction)?.breach(this.ledger);
    if (breach === undefined) return undefined;
    // A round that has passed is known to no module error: only the pool refuses it.
    return this.checkIn === 'pool' || breach === 'RevealRoundPassed' ? POOL_CODES[breach] : undefined;
  }

  #produce(): void {
    const { ledger } = this;
    const parent = this.best;
    ledger.block = parent.number + 1;
    const records: unknown[] = [];
    const record = (phase: Phase, event: DoubleEvent): void =>
      void records.push(recordOf(ledger.runtime, phase, event));
    const nowMs = this.#originMs + ledger.block * BLOCK_MS;
    this.#startBlock(nowMs, record);
    const included = this.#takeReady();
    record(0, SUCCESS);
    for (const [at, entry] of included.entries()) this.#dispatch(entry, (event) => record(at + 1, event));
    ledger.write('system.events', [], records);
    const extrinsics = [this.#inherent(nowMs), ...included.map(({ transaction }) => transaction.bytes)];
    const block = makeBlock({ number: ledger.block, parentHash: parent.hash, extrinsics, fork: this.#forks });
    this.#blocks.push(block);
    this.events.emit('best', block);
    for (const { transaction, notify } of included) {
      this.#watchers.set(transaction.bytes, notify);
      notify({ inBlock: block.hash });
    }
    this.#finalize();
  }

  #startBlock(nowMs: number, record: (phase: Phase, event: DoubleEvent) => void): void {
    const { ledger, netuid } = this;
    ledger.write('system.number', [], ledger.block);
    ledger.write('timestamp.now', [], nowMs);
    ledger.write('drand.lastStoredRound', [], roundAt(nowMs));
    const since = ledger.block - firstBlockOf(ledger, netuid, epochOf(ledger, netuid));
    ledger.write('subtensorModule.blocksSinceLastStep', [netuid], since);
    for (const commit of revealCommits(ledger, netuid)) {
      this.settled.push(commit);
      if (commit.outcome === 'revealed')
        record('Initialization', {
          name: 'SubtensorModule.TimelockedWeightsRevealed',
          data: [netuid, commit.hotkey],
        });
    }
  }

  /** Transactions whose nonce is next, each signer's in order; the dead are dropped. */
  #takeReady(): PoolEntry[] {
    const next = new Map<string, number>();
    const taken: PoolEntry[] = [];
    const inOrder = [...this.#pool].sort((a, b) => a.transaction.nonce - b.transaction.nonce);
    for (const entry of inOrder) {
      const { who, nonce, deathBlock } = entry.transaction;
      if (deathBlock <= this.ledger.block) {
        entry.notify('invalid');
        this.#pool = this.#pool.filter((each) => each !== entry);
        continue;
      }
      const expected = next.get(who) ?? nonceOf(this.ledger, who);
      if (nonce !== expected || (entry.planted !== undefined && 'lost' in entry.planted)) continue;
      next.set(who, nonce + 1);
      taken.push(entry);
    }
    this.#pool = this.#pool.filter((entry) => !taken.includes(entry));
    return taken;
  }

  #dispatch({ transaction, planted }: PoolEntry, record: (event: DoubleEvent) => void): void {
    const { ledger } = this;
    const { who, nonce } = transaction;
    const account = ledger.read('system.account', [who])?.toJSON() as object;
    ledger.write('system.account', [who], { ...account, nonce: nonce + 1 });
    const effect = effectOf(transaction);
    if (effect === undefined) throw new Error(`the double does not know ${transaction.method}`);
    const breach = planted !== undefined && 'dispatch' in planted ? planted.dispatch : effect.breach(ledger);
    if (breach !== undefined) {
      record(failure(ledger.runtime, breach));
      return;
    }
    for (const event of effect.apply(ledger)) record(event);
    record(SUCCESS);
  }

  #inherent(nowMs: number): string {
    const call = this.ledger.runtime.decorated.tx.timestamp!.set!(nowMs);
    return u8aToHex(compactAddLength(u8aConcat([4], call.toU8a())));
  }

  #finalize(): void {
    const block = this.finalized;
    this.events.emit('finalized', block);
    for (const bytes of block.extrinsics.slice(1)) {
      this.#watchers.get(bytes)?.({ finalized: block.hash });
      this.#watchers.delete(bytes);
    }
  }
}
