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
    /** Of the time that miners worked, what the validator's own listening may take, for transcripts and for speech. */
    maxCostShare: 0.05,
    /** Time on credit at the start, and the most that is saved up, in seconds. */
    creditSeconds: 60,
  },
  transcription: {
    /** Words, or characters of Chinese and Japanese, beyond which a transcript is not read. */
    maxUnits: 65_536,
    /** Share of the character error rate in an accuracy; the rest is the word error rate's. */
    characterShare: 0.25,
    /** Languages in which where words are cut is a matter of taste, and the share there. */
    looseSpacing: ['ko'],
    looseCharacterShare: 0.75,
    agreement: {
      /** Likeness of two answers from which on they stand for each other in full. */
      fullLikeness: 0.4,
      /** Pairs of words that two answers must have against most others to have one source. */
      minSharedErrors: 3,
      /** Where no two answers are as alike as this, nobody knows which is right. */
      minLikeness: 0.2,
      /** Nobody is trusted less or more than this. */
      minReliability: 0.05,
      maxReliability: 0.95,
    },
    /** How much of the validator's own transcript is right; pocketsphinx on clear speech. */
    own: { accuracy: 0.72 },
    pace: {
      /** Words, or characters of Chinese and Japanese, of fast speech in one second. */
      max: {
        en: 6,
        es: 6.5,
        fr: 6.5,
        de: 5.5,
        it: 6.5,
        pt: 6.5,
        ru: 5.5,
        ja: 13,
        ko: 5.5,
        zh: 9,
        ar: 5.5,
        hi: 6.5,
      },
      otherMax: 6.5,
      /** Fewer make one wonder, down to `sparseValue` for next to none. */
      min: 0.3,
      sparseValue: 0.8,
      /** Units that are compared beyond twice the fastest pace. */
      spareUnits: 50,
    },
    /** Share of the letters that must be in the script of the language. */
    script: { fullShare: 0.5, zeroShare: 0.1 },
    loops: { maxPhraseWords: 16, minRepeats: 4, minWords: 6, fullShare: 0.2, zeroShare: 0.8 },
  },
  copies: {
    /** Share of errors in common from which on two transcripts have one source. */
    minShare: 0.5,
    /** What is left of an answer whose like came before it. */
    laterValue: 0.5,
    /** Texts with fewer words have no shorter form, so that honest summaries of them are alike. */
    minSourceWords: 40,
    /** Likeness from which on two summaries are the same. */
    likeness: 0.95,
    /** Share of the source, in pairs of words, that a summary may carry; with the second it is a copy. */
    echo: { fullShare: 0.8, zeroShare: 0.95 },
    recent: {
      /** Likeness of answers from which on they are the same, and of questions from which on that is no wonder. */
      likeness: 0.9,
      inputLikeness: 0.5,
      /** Shorter texts are said again by chance. */
      minWords: 6,
      /** Accuracy against the known text that confirms a transcript. */
      confirmedValue: 0.8,
    },
  },
  speech: {
    /**
     * Characters spoken in one second, between what readers and what synthesizers do. Of 882 readings of 1 to 40
     * English words those in 14 synthetic voices last 0.76 to 1.41 of what is expected, those by humans 0.97 to 1.74;
     * eSpeak in the other languages 0.76 to 1.33.
     */
    charactersPerSecond: {
      en: 16.5,
      es: 17.5,
      fr: 19,
      de: 16,
      it: 17,
      pt: 16.5,
      ru: 16,
      ja: 7,
      ko: 6.3,
      zh: 3.7,
      ar: 11.5,
      hi: 14.5,
    },
    otherCharactersPerSecond: 15,
    /** Around the words, whatever their number. */
    silenceSeconds: 0.35,
    charactersPerDigit: 5,
    charactersPerKanji: 2,
    /** For a currency, a percent sign and the like, and for the dots and strokes of an address. */
    charactersPerSign: 5,
    /** Duration over the expected one: right between the full ones, worth nothing beyond the zero ones. */
    duration: { fullShort: 0.7, zeroShort: 0.25, fullLong: 1.7, zeroLong: 5 },
    /** Telephone speech has 8 kHz. */
    format: { fullRateHz: 8_000, zeroRateHz: 4_000, fullChannels: 2 },
    /** Share of frames with sound from which on speech counts as audible. */
    fullActiveShare: 0.3,
    minPeak: 0.01,
    /** Share of clipped samples at which nothing is left. */
    zeroClippedShare: 0.05,
    /** Speech has 8.9 dB and 0.37 octaves at least; steady noise and tones 2.4 dB, white noise and tones 0.13 octaves at most. */
    spread: {
      fullLoudnessDb: 6,
      zeroLoudnessDb: 3,
      fullTimbreOctaves: 0.35,
      zeroTimbreOctaves: 0.15,
      /** Below, a text is one sound, such as `a`, and need not vary. */
      minSpokenSeconds: 0.1,
    },
    /** Speech has 0.84 at most; loops have 0.93, pulsing noise and tones 0.97 at least. */
    fullRepetition: 0.85,
    zeroRepetition: 0.93,
    /** Share of words that are those of some words before, above which speech may repeat itself too. */
    maxTextRepetition: 0.5,
    /** Of a longer text, as much is listened to. */
    excerptSeconds: 60,
    /**
     * Ratios of distances (speech-words.ts) to eSpeak's American voice. Of right texts: 0.81 with a deviation of 0.04
     * in flite's voices, 0.86 with 0.03 of humans, less in eSpeak's own. Of 2,300 wrong ones, where n is the frames:
     * 1 - 1.7 / n with a deviation of 0.38 / sqrt(n).
     */
    words: {
      rightMean: 0.86,
      rightSpread: 0.045,
      wrongDrop: 1.7,
      wrongSpread: 0.38,
      /** Belief from which on no recognizer is asked. */
      settled: 0.8,
      /** Longer sounds are not given to the recognizer, which may take half of their length. */
      maxRecognizedSeconds: 20,
      /** Likeness of a recognizer's transcript to the text: wrong texts reach 0.13, half of the text has 0.5. */
      zeroLikeness: 0.3,
      fullLikeness: 0.9,
      /** How much nearer a reply is to the recognizer's words than to the text when it says those. */
      zeroLead: 0.04,
      fullLead: 0.1,
      /** What unproven words count for: neither right nor wrong. */
      unproven: 0.5,
    },
  },
  summary: {
    /** What a part takes away of the accuracy when it is worth nothing. */
    costs: {
      coverage: 1,
      phrasing: 0.9,
      numbers: 0.8,
      names: 0.7,
      swaps: 0.8,
      polarity: 0.8,
      repetition: 1,
      language: 1,
      ending: 0.15,
      compression: 1,
      critic: 0.7,
    },
    coverage: {
      /** A term that the source says n times weighs n to this power. */
      exponent: 1.5,
      /** Share of the weight at which it is worth all, and nothing. */
      fullShare: 0.9,
      zeroShare: 0.25,
      /** Terms that a summary is held against at least: a share of the source's, up to a number. */
      minTermShare: 0.1,
      minTerms: 15,
    },
    /** phrasing = 1 - (1 - share of pairs, less gapCost times the share with gaps) to the power of steepness. */
    phrasing: { gapCost: 1, steepness: 3 },
    anchors: {
      /** By how much of its surroundings another number or name may fit better, and at which this one is wrong. */
      fullMargin: 0.3,
      zeroMargin: 0.6,
      /** Share of right ones at which nothing is left. */
      zeroShare: 0.5,
      /** Looked at in one summary, evenly spread. */
      maxPlaces: 256,
    },
    /** Share of sentences with words in the place of others, or that say the opposite, at which nothing is left. */
    swaps: { zeroShare: 0.5 },
    polarity: { zeroShare: 0.5 },
    /** Function words as a share of the source's share; not measured where the source has fewer, or few words. */
    language: { fullRatio: 0.5, zeroRatio: 0.2, minFunctionShare: 0.1, minWords: 8, minScriptShare: 0.05 },
    compression: {
      /** Length against the source up to which a summary is short enough; a copy is worth nothing. */
      fullRatio: 0.5,
      zeroRatio: 0.98,
      /** Sources with fewer words need not be made shorter. */
      minSourceWords: 40,
      shortFullRatio: 1.1,
      shortZeroRatio: 2,
      /** A summary has at least a share of the source's words, up to a number. */
      minRatio: 0.05,
      maxMinWords: 12,
    },
    /** Length of a reply, in UTF-16 units against the source's, beyond which it is not read. */
    maxUnitsRatio: 2,
    maxUnitsMore: 400,
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
