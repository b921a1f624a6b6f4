import { createHash } from 'node:crypto';

/** The numbers that scores rest on. Changing one changes the hash; give them a new `version`. */
const NUMBERS = {
  version: '1',
  /** Shares of accuracy and speed in the combined score; together 1. */
  weights: { accuracy: 0.7, speed: 0.3 },
  speed: {
    /** speed = exp(-seconds / (base + per audio second + per character)). */
    baseSeconds: 10,
    secondsPerAudioSecond: 0.5,
    secondsPerCharacter: 0.01,
    /** Share of the first byte in the time that counts; the last byte has the rest. */
    firstByteShare: 0.1,
    /** Most of a round trip that is taken off: light in glass needs 200 ms around half of the Earth and back. */
    maxNetworkMs: 200,
  },
  reputation: {
    /** Weight of the newest sample in a moving mean once there are enough samples; before, the mean is plain. */
    newestShare: 0.1,
    /** What a miner is taken for without samples, and how many samples that opinion is worth. */
    unknownPerformance: 0.6,
    unknownTrust: 0.5,
    priorSamples: 3,
    /** Samples at which a rating counts for half of its value in a miner's score: samples / (samples + this). */
    halfSamples: 5,
    /** Least weight in the choice of miners, so that every one is asked now and then and can get better. */
    exploration: 0.1,
    /** How much more than none the largest stake weighs in the choice. */
    stakeShare: 0.5,
  },
  reference: {
    /** Share of transcriptions with enough replies that the validator hears itself too. */
    sampledShare: 0.1,
    /** Fewer replies than this cannot be told apart by agreement: the validator hears for itself. */
    minReplies: 3,
    /** Of the time that miners worked, what the validator's own transcripts may take. */
    maxCostShare: 0.05,
    /** Time on credit at the start, and the most that is saved up, in seconds. */
    creditSeconds: 60,
  },
  transcription: { maxWords: 20_000 },
  speech: {
    /** Characters spoken in one second at a usual pace; a digit counts as five, for it is spoken as a word. */
    charactersPerSecond: {
      en: 15,
      es: 16,
      fr: 16,
      de: 14,
      it: 15,
      pt: 15,
      ru: 14,
      ja: 7,
      ko: 6,
      zh: 4.5,
      ar: 12,
      hi: 13,
    },
    otherCharactersPerSecond: 14,
    charactersPerDigit: 5,
    /** A duration within this factor of the expected one is right; beyond the second factor it is worth nothing. */
    fullFactor: 2,
    zeroFactor: 5,
    /** Silence around the words, allowed on top. */
    paddingSeconds: 1,
    /** Share of frames with sound from which on speech counts as audible. */
    fullActiveShare: 0.3,
    minPeak: 0.01,
    /** Dynamic range of speech, and of noise. */
    fullRangeDb: 10,
    zeroRangeDb: 3,
    /** Share of clipped samples at which nothing is left. */
    zeroClippedShare: 0.05,
  },
  summary: {
    shares: { coverage: 0.6, fidelity: 0.25, numbers: 0.15 },
    /** Length against the source up to which a summary is short enough; a copy is worth nothing. */
    fullRatio: 0.5,
    zeroRatio: 0.98,
    /** Sources with fewer words cannot be made shorter. */
    minSourceWords: 40,
    minWords: 5,
  },
} as const;

type Widened<T> = T extends number
  ? number
  : T extends string
    ? string
    : { readonly [Key in keyof T]: Widened<T[Key]> };

/** The numbers of any policy: the shape of the built-in one. */
export type PolicyNumbers = Widened<typeof NUMBERS>;

/** A scoring policy and the SHA-256 of its canonical JSON (keys sorted, no white space), hash left out. */
export type Policy = PolicyNumbers & { readonly hash: string };

export function policyOf(numbers: PolicyNumbers): Policy {
  return { ...numbers, hash: createHash('sha256').update(canonicalJson(numbers)).digest('hex') };
}

/** The built-in policy. */
export const POLICY: Policy = policyOf(NUMBERS);

/** JSON with sorted keys and no white space: equal values give equal text. */
export function canonicalJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const pairs = Object.entries(value)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, entry]) => `${JSON.stringify(key)}:${canonicalJson(entry)}`);
  return `{${pairs.join(',')}}`;
}
