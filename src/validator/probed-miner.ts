import type { TaskKind } from '../domain/task.js';
import type { MinerAddress, MinerCapabilities } from './ports/miner-client.js';

/** A miner of the network and what it said when it was last asked. */
export interface ProbedMiner {
  readonly uid: number;
  readonly hotkey: string;
  /** TAO. */
  readonly stake: number;
  readonly address: MinerAddress;
  readonly state:
    | {
        readonly kind: 'reachable';
        readonly capabilities: MinerCapabilities;
        /** Questions of this validator that it had when it was asked. */
        readonly openQuestions: number;
        /** Round trip of the last probe. */
        readonly latencyMs: number;
        /** The least of late; absent when there were too few. */
        readonly roundTripMs?: number;
      }
    | { readonly kind: 'unreachable'; readonly cause: string };
}

/** Whether a miner that was reached can do a kind of work in a language. */
export function canDo(
  { state }: ProbedMiner,
  work: { readonly kind: TaskKind; readonly language: string; readonly inputBytes: number },
): boolean {
  return (
    state.kind === 'reachable' &&
    work.inputBytes <= state.capabilities.maxInputBytes &&
    state.capabilities.capabilities.some(
      ({ kind, languages }) => kind === work.kind && languages.includes(work.language),
    )
  );
}

/** What a change of is worth telling: not latency, free slots or the cause. */
export function summaryOf({ address, state }: ProbedMiner): string {
  return JSON.stringify([
    address,
    state.kind,
    state.kind === 'reachable' ? [state.capabilities.capabilities, state.capabilities.missing] : [],
  ]);
}
