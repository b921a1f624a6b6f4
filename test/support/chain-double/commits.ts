import { blake2AsHex } from '@polkadot/util-crypto';
import { u8aToHex } from '@polkadot/util';
import { open } from './drand.js';
import type { Ledger } from './ledger.js';
import { epochOf, uidOf } from './subnet.js';
import {
  breachOfVector,
  isTooFast,
  stakeIsLow,
  storeWeights,
  subnetExists,
  touchLastUpdate,
  type RuleBreach,
} from './weight-rules.js';

export interface CommitCall {
  readonly netuid: number;
  readonly who: string;
  readonly commit: Uint8Array;
  readonly revealRound: number;
  readonly version: number;
}

/** A commit that waits for its round. */
export interface StoredCommit {
  readonly hotkey: string;
  readonly epoch: number;
  readonly block: number;
  readonly round: number;
  readonly commit: Uint8Array;
}

/** A commit that was opened or given up, and what became of it. */
export interface SettledCommit extends StoredCommit {
  /** `revealed`, or why its weights were not applied. */
  readonly outcome: string;
}

const MOST_UNREVEALED = 10;
const COMMITS = 'subtensorModule.timelockedWeightCommits';

/** The checks of `commit_timelocked_weights`; the first that fails. */
export function breachOfCommit(ledger: Ledger, call: CommitCall): RuleBreach | undefined {
  const { netuid, who } = call;
  if (!subnetExists(ledger, netuid)) return 'SubnetNotExists';
  if (ledger.read('subtensorModule.commitRevealWeightsEnabled', [netuid])?.toJSON() !== true)
    return 'CommitRevealDisabled';
  if (call.version !== ledger.number('subtensorModule.commitRevealWeightsVersion'))
    return 'IncorrectCommitRevealVersion';
  const uid = uidOf(ledger, netuid, who);
  if (uid === undefined) return 'HotKeyNotRegisteredInSubNet';
  if (stakeIsLow(ledger, netuid, who)) return 'NotEnoughStakeToSetWeights';
  if (call.revealRound < ledger.number('drand.lastStoredRound')) return 'RevealRoundPassed';
  if (isTooFast(ledger, netuid, uid)) return 'CommittingWeightsTooFast';
  const waiting = commitsOf(ledger, netuid).filter(({ hotkey }) => hotkey === who);
  return waiting.length >= MOST_UNREVEALED ? 'TooManyUnrevealedCommits' : undefined;
}

/** Keeps a commit with the epoch it was made in. Returns the hash that the event carries. */
export function storeCommit(ledger: Ledger, call: CommitCall): string {
  const { netuid, who, commit, revealRound } = call;
  const epoch = epochOf(ledger, netuid);
  const before = stored(ledger, netuid, epoch).map(asTuple);
  ledger.write(COMMITS, [netuid, epoch], [...before, [who, ledger.block, u8aToHex(commit), revealRound]]);
  touchLastUpdate(ledger, netuid, uidOf(ledger, netuid, who)!);
  return blake2AsHex(commit);
}

/** Commits that still wait, oldest epoch first. */
export function commitsOf(ledger: Ledger, netuid: number): StoredCommit[] {
  const epoch = epochOf(ledger, netuid);
  const period = ledger.number('subtensorModule.revealPeriodEpochs', [netuid]);
  return Array.from({ length: period + 2 }, (_, back) => epoch - period - 1 + back).flatMap((each) =>
    each < 0 ? [] : stored(ledger, netuid, each),
  );
}

/** Opens what is due in this block, and drops what was due in the epoch before. */
export function revealCommits(ledger: Ledger, netuid: number): SettledCommit[] {
  if (!ledger.has(COMMITS)) return [];
  const due = epochOf(ledger, netuid) - ledger.number('subtensorModule.revealPeriodEpochs', [netuid]);
  const expired = due < 1 ? [] : stored(ledger, netuid, due - 1);
  if (expired.length > 0) ledger.remove(COMMITS, [netuid, due - 1]);
  const settled: SettledCommit[] = expired.map((commit) => ({
    ...commit,
    outcome: 'expired without a pulse',
  }));
  if (due < 0) return settled;
  const waiting: StoredCommit[] = [];
  const commits = stored(ledger, netuid, due);
  for (const commit of commits) {
    const outcome = reveal(ledger, netuid, commit);
    if (outcome === undefined) waiting.push(commit);
    else settled.push({ ...commit, outcome });
  }
  if (waiting.length < commits.length)
    if (waiting.length > 0) ledger.write(COMMITS, [netuid, due], waiting.map(asTuple));
    else ledger.remove(COMMITS, [netuid, due]);
  return settled;
}

/** What became of a commit; undefined while its round has no pulse. */
function reveal(ledger: Ledger, netuid: number, commit: StoredCommit): string | undefined {
  const pulse = ledger.read('drand.pulses', [commit.round])?.toJSON() as
    { readonly signature: string } | undefined;
  if (pulse === undefined) return undefined;
  const plain = open(commit.commit, pulse.signature);
  if (plain === undefined) return 'does not open';
  const payload = payloadOf(ledger, plain);
  if (payload === undefined) return 'payload does not decode';
  if (payload.hotkey !== commit.hotkey) return 'payload names another hotkey';
  const call = { netuid, who: commit.hotkey, ...payload };
  const breach = breachOfVector(ledger, call, 'revealed');
  if (breach !== undefined) return breach;
  storeWeights(ledger, call);
  return 'revealed';
}

function payloadOf(
  ledger: Ledger,
  plain: Uint8Array,
): { hotkey: string; uids: number[]; values: number[]; versionKey: number } | undefined {
  const { registry } = ledger.runtime;
  try {
    const payload = registry.createTypeUnsafe('(Vec<u8>, Vec<u16>, Vec<u16>, u64)', [plain]);
    if (payload.encodedLength !== plain.length) return undefined;
    const [hotkey, uids, values, versionKey] = payload.toJSON() as [string, number[], number[], number];
    return { hotkey: registry.createType('AccountId', hotkey).toString(), uids, values, versionKey };
  } catch {
    return undefined;
  }
}

function stored(ledger: Ledger, netuid: number, epoch: number): StoredCommit[] {
  if (!ledger.has(COMMITS)) return [];
  const tuples = ledger.read(COMMITS, [netuid, epoch])?.toJSON() as [string, number, string, number][];
  return tuples.map(([hotkey, block, commit, round]) => ({
    hotkey,
    epoch,
    block,
    round,
    commit: Buffer.from(commit.slice(2), 'hex'),
  }));
}

const asTuple = ({ hotkey, block, commit, round }: StoredCommit): unknown[] => [
  hotkey,
  block,
  u8aToHex(commit),
  round,
];
