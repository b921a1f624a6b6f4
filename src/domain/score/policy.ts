import { createHash } from 'node:crypto';

/** The numbers that scores rest on. Changing one changes the hash; say why in `version`. */
const NUMBERS = {
  version: '1',
  /** Shares of accuracy and speed in the combined score; together 1. */
  weights: { accuracy: 0.7, speed: 0.3 },
  /** speed = exp(-seconds / (base + per audio second + per character)). */
  speed: { baseSeconds: 10, secondsPerAudioSecond: 0.5, secondsPerCharacter: 0.01 },
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

/** The scoring policy and the SHA-256 of its canonical JSON (keys sorted, no white space). */
export const POLICY = { ...NUMBERS, hash: createHash('sha256').update(canonicalJson(NUMBERS)).digest('hex') };

export type Policy = typeof POLICY;

/** JSON with sorted keys and no white space: equal values give equal text. */
export function canonicalJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const pairs = Object.entries(value)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, entry]) => `${JSON.stringify(key)}:${canonicalJson(entry)}`);
  return `{${pairs.join(',')}}`;
}
