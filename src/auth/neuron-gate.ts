import { Refusal } from '../domain/errors.js';
import type { NetworkView } from '../domain/network-view.js';
import type { Clock } from '../runtime/clock.js';
import { isHotkey } from '../wallet/hotkey.js';
import { isSignedBy } from '../wallet/sign.js';
import { CallerList, type CallerRules } from './caller-rules.js';
import { ReplayTable, type CallMark } from './replay-table.js';

/** How far the clocks of two neurons may differ. */
export const CLOCK_TOLERANCE_MS = 4_000;
/** The part of a caller's time limit by which its nonce may be older; the caller names it unsigned. */
export const MAX_AGE_FOR_TIMEOUT_MS = 60_000;
/** More than two clocks that are read one after the other can drift apart in the time below. */
const DRIFT_MS = 1_000;
/** A nonce that was taken from the future is too old after so long, on the last millisecond of which it still counts. */
const RETENTION_MS = 2 * CLOCK_TOLERANCE_MS + MAX_AGE_FOR_TIMEOUT_MS + DRIFT_MS;
const MAX_PER_HOTKEY = 8_192;
const MAX_MARKS = 65_536;
const MAX_UUID = 64;

/** What a caller claims to be, on whatever wire. */
export interface SignedClaim extends CallMark {
  /** How long the caller waits for its answer. */
  readonly timeoutMs: number;
  /** What the signature must cover. */
  readonly message: Uint8Array;
  readonly signature: Uint8Array;
}

/** A caller whose signature holds and whom the rules let in. */
export interface AdmittedNeuron {
  readonly hotkey: string;
  /** TAO. */
  readonly stake: number;
}

export interface NeuronGateOptions {
  readonly rules: CallerRules;
  readonly network: NetworkView;
  readonly clock: Clock;
}

/**
 * Decides who may ask this neuron something, the same on both wires: the nonce is of now, the signature holds, the rules
 * let the hotkey in, and the call is no repetition. Only callers that passed the first three are remembered.
 */
export class NeuronGate {
  readonly #callers: CallerList;
  readonly #replays = new ReplayTable({
    retentionMs: RETENTION_MS,
    maxPerHotkey: MAX_PER_HOTKEY,
    maxMarks: MAX_MARKS,
  });
  readonly #clock: Clock;

  constructor({ rules, network, clock }: NeuronGateOptions) {
    this.#callers = new CallerList(rules, network);
    this.#clock = clock;
  }

  /** @throws Refusal UNAUTHENTICATED, PERMISSION_DENIED, QUOTA_EXCEEDED */
  admit(claim: SignedClaim): AdmittedNeuron {
    const { hotkey, uuid, nonceNs, timeoutMs, message, signature } = claim;
    if (uuid === '' || uuid.length > MAX_UUID)
      throw unverified(`the uuid has not 1 to ${MAX_UUID} characters`);
    this.#checkTime(nonceNs, timeoutMs);
    if (!isHotkey(hotkey)) throw unverified('the hotkey is no SS58 address');
    if (!isSignedBy(hotkey, message, signature)) throw unverified('signature mismatch');
    const verdict = this.#callers.judge(hotkey);
    if (verdict.kind === 'denied') throw new Refusal('PERMISSION_DENIED', verdict.why);
    switch (this.#replays.take({ hotkey, uuid, nonceNs }, this.#clock.now())) {
      case 'fresh':
        return { hotkey, stake: verdict.stake };
      case 'repeated':
        throw unverified('the nonce is too old: a newer one was taken before');
      case 'full':
        throw new Refusal('QUOTA_EXCEEDED', 'too many calls of late', { retryAfterMs: RETENTION_MS });
    }
  }

  #checkTime(nonceNs: bigint, timeoutMs: number): void {
    const sentMs = Number(nonceNs / 1_000_000n);
    const nowMs = this.#clock.wall();
    if (sentMs > nowMs + CLOCK_TOLERANCE_MS)
      throw unverified(`the nonce is more than ${CLOCK_TOLERANCE_MS / 1000} s ahead of this clock`);
    const oldestMs = CLOCK_TOLERANCE_MS + Math.min(Math.max(0, timeoutMs), MAX_AGE_FOR_TIMEOUT_MS);
    if (sentMs < nowMs - oldestMs) throw unverified(`the nonce is more than ${oldestMs / 1000} s old`);
  }
}

function unverified(why: string): Refusal {
  return new Refusal('UNAUTHENTICATED', why);
}
