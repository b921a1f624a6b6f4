import type { Codec } from '@polkadot/types/types';
import { breachOfCommit, storeCommit, type CommitCall } from './commits.js';
import type { Transaction } from './extrinsics.js';
import type { Ledger } from './ledger.js';
import { breachOfServe, storeAxon, type ServeCall } from './serve-rules.js';
import {
  breachOfSetWeights,
  storeWeights,
  touchLastUpdate,
  type RuleBreach,
  type WeightCall,
} from './weight-rules.js';

/** An event of System.Events, without its phase. */
export interface DoubleEvent {
  /** `SubtensorModule.WeightsSet`. */
  readonly name: string;
  readonly data: readonly unknown[];
}

/** What a call would break now, and what it does. */
interface Effect {
  readonly breach: (ledger: Ledger) => RuleBreach | undefined;
  readonly apply: (ledger: Ledger) => readonly DoubleEvent[];
}

/** The checks and the effect of a call; undefined for calls that the double does not imitate. */
export function effectOf({ method, who, args }: Transaction): Effect | undefined {
  const number = (name: string): number => Number((args[name] as Codec).toString());
  const numbers = (name: string): number[] => (args[name] as Codec).toJSON() as number[];
  switch (method) {
    case 'system.remark':
      return { breach: () => undefined, apply: () => [] };
    case 'subtensorModule.setWeights':
      return setWeights({
        netuid: number('netuid'),
        who,
        uids: numbers('dests'),
        values: numbers('weights'),
        versionKey: number('versionKey'),
      });
    case 'subtensorModule.commitTimelockedWeights':
      return commitWeights({
        netuid: number('netuid'),
        who,
        commit: (args.commit as Codec).toU8a(true),
        revealRound: number('revealRound'),
        version: number('commitRevealVersion'),
      });
    case 'subtensorModule.serveAxon':
      return serveAxon({
        netuid: number('netuid'),
        who,
        version: number('version'),
        ip: BigInt((args.ip as Codec).toString()),
        port: number('port'),
        ipType: number('ipType'),
        protocol: number('protocol'),
      });
    default:
      return undefined;
  }
}

const setWeights = (call: WeightCall): Effect => ({
  breach: (ledger) => breachOfSetWeights(ledger, call),
  apply: (ledger) => {
    const uid = storeWeights(ledger, call);
    touchLastUpdate(ledger, call.netuid, uid);
    return [{ name: 'SubtensorModule.WeightsSet', data: [call.netuid, uid] }];
  },
});

const commitWeights = (call: CommitCall): Effect => ({
  breach: (ledger) => breachOfCommit(ledger, call),
  apply: (ledger) => {
    const hash = storeCommit(ledger, call);
    return [
      {
        name: 'SubtensorModule.TimelockedWeightsCommitted',
        data: [call.who, call.netuid, hash, call.revealRound],
      },
    ];
  },
});

const serveAxon = (call: ServeCall): Effect => ({
  breach: (ledger) => breachOfServe(ledger, call),
  apply: (ledger) => {
    storeAxon(ledger, call);
    return [{ name: 'SubtensorModule.AxonServed', data: [call.netuid, call.who] }];
  },
});

/** Numbers by which the pool refuses what newer runtimes check before a block. */
export const POOL_CODES: Readonly<Record<RuleBreach, number>> = {
  NotEnoughStakeToSetWeights: 1,
  SettingWeightsTooFast: 6,
  CommittingWeightsTooFast: 6,
  HotKeyNotRegisteredInNetwork: 10,
  InvalidIpType: 11,
  InvalidIpAddress: 11,
  ServingRateLimitExceeded: 12,
  InvalidPort: 13,
  RevealRoundPassed: 15,
};
