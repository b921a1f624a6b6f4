import { z } from 'zod';
import { POLICY, policyOf, type Policy, type PolicyNumbers } from '../domain/score/policy.js';
import { ConfigError } from './config-error.js';

/** A text in a policy has at most so many characters, as the contract says of its version. */
const MAX_TEXT = 64;

/** Items of a list at most. */
const MAX_ITEMS = 64;

const SHARE = z.number().min(0).max(1);
const POSITIVE = z.number().gt(0).max(1e9);
const COUNT = z.number().int().min(1).max(1_000_000);
const BETWEEN = z.number().gt(0).lt(1);
const NOT_NEGATIVE = z.number().min(0).max(1e9);

/** Ranges by the path of a number; any other must not be negative, unless the built-in one is. */
const RANGES: Readonly<Record<string, z.ZodNumber>> = {
  'speed.baseSeconds': POSITIVE,
  'speed.firstByteShare': SHARE,
  'speed.maxNetworkMs': z.number().min(0).max(1_000),
  'reputation.newestShare': z.number().gt(0).max(1),
  'reputation.unknownPerformance': SHARE,
  'reputation.unknownTrust': SHARE,
  'reputation.exploration': z.number().min(0.001).max(1),
  'reputation.stakeShare': SHARE,
  'reference.sampledShare': SHARE,
  'reference.maxCostShare': SHARE,
  'transcription.maxUnits': COUNT,
  'transcription.characterShare': SHARE,
  'transcription.looseCharacterShare': SHARE,
  'transcription.agreement.fullLikeness': z.number().gt(0).max(1),
  'transcription.agreement.minSharedErrors': COUNT,
  'transcription.agreement.minLikeness': SHARE,
  'transcription.agreement.minReliability': BETWEEN,
  'transcription.agreement.maxReliability': BETWEEN,
  'transcription.own.accuracy': z.number().gt(0).max(1),
  'transcription.pace.min': POSITIVE,
  'transcription.loops.maxPhraseWords': COUNT,
  'transcription.loops.minRepeats': COUNT,
  'copies.laterValue': SHARE,
  'copies.likeness': SHARE,
};

/** Sections of these names hold shares of one whole. */
const WHOLES: ReadonlySet<string> = new Set(['weights', 'shares']);

/**
 * Reads a scoring policy: JSON with every number of the built-in one, and no other. One that differs from it must
 * have a version of its own, since the version is what people read.
 *
 * @param origin what the text is, such as `--scoring.policy policy.json`
 * @throws ConfigError
 */
export function parsePolicy(text: string, origin: string): Policy {
  const parsed = schemaLike(numbersOf(POLICY), []).safeParse(parseJson(text, origin));
  if (!parsed.success) throw new ConfigError(`${origin}: ${problem(parsed.error)}`);
  // The schema was made from the built-in policy, so it has its shape.
  const policy = policyOf(parsed.data as PolicyNumbers);
  if (policy.version === POLICY.version && policy.hash !== POLICY.hash)
    throw new ConfigError(
      `${origin}: it differs from the built-in policy ${POLICY.version}: give it a version of its own`,
    );
  return policy;
}

/** A policy as its file: readable JSON without the hash. */
export function policyText(policy: Policy): string {
  return JSON.stringify(numbersOf(policy), null, 2);
}

function numbersOf({ hash: _hash, ...numbers }: Policy): PolicyNumbers {
  return numbers;
}

function parseJson(text: string, origin: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new ConfigError(`${origin}: is not JSON: ${String(cause)}`, { cause });
  }
}

/** What has the shape of `value`, its numbers within their ranges. */
function schemaLike(value: unknown, path: readonly string[]): z.ZodType {
  if (typeof value === 'number') return RANGES[path.join('.')] ?? (value < 0 ? z.number() : NOT_NEGATIVE);
  if (typeof value === 'boolean') return z.boolean();
  if (typeof value === 'string') return z.string().min(1).max(MAX_TEXT);
  if (Array.isArray(value)) return z.array(schemaLike(value[0], path)).max(MAX_ITEMS);
  const entries = Object.entries(value ?? {}).map(
    ([key, entry]) => [key, schemaLike(entry, [...path, key])] as const,
  );
  if (!WHOLES.has(path.at(-1) ?? '')) return z.strictObject(Object.fromEntries(entries));
  const shares = Object.fromEntries(entries.map(([key]) => [key, SHARE] as const));
  return z.strictObject(shares).refine(isWhole, 'the shares must sum to 1');
}

/** Sums of decimal fractions are rarely exact. */
function isWhole(shares: Readonly<Record<string, number>>): boolean {
  const sum = Object.values(shares).reduce((total, share) => total + share, 0);
  return Math.abs(sum - 1) < 1e-9;
}

/** The first problem in one line, such as `speed.baseSeconds: Too small: expected number to be >0`. */
function problem({ issues }: z.ZodError): string {
  const [issue] = issues;
  if (issue === undefined) return 'is no scoring policy';
  const { path, message } = issue;
  return path.length === 0 ? message : `${path.join('.')}: ${message}`;
}
