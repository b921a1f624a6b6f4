import type { Following } from '../../domain/score/speech-words.js';
import { align, contrast } from '../audio/alignment.js';
import { cepstra, type Cepstra } from '../audio/cepstra.js';
import type { Mono } from '../audio/pcm.js';

/** Frames of a reading: from 12 s on they stand farther apart, so that long texts cost no more. */
const MAX_FRAMES = 600;
const MIN_HOP_SECONDS = 0.02;
/** Least contrast of a reading with itself in another order; `no, no, no` has 0.7, `five five` 2.4, others more. */
const MIN_CONTRAST = 2;
/** Of men, of women and of children against the reference's man. */
const WARPS = [0.87, 1, 1.15];

/** A reading of a text by the reference voice. */
export interface Reading {
  readonly hopSeconds: number;
  readonly cepstra: Cepstra;
}

/** @returns nothing when it is too short, or says the same again and again, so that its order tells nothing */
export function readingOf({ samples, sampleRateHz }: Mono): Reading | undefined {
  const hopSeconds = Math.max(MIN_HOP_SECONDS, samples.length / sampleRateHz / MAX_FRAMES);
  const [only] = cepstra(samples, { sampleRateHz, hopSeconds, warps: [1] });
  return only === undefined || contrast(only) < MIN_CONTRAST ? undefined : { hopSeconds, cepstra: only };
}

/** How well a voice follows a reading; nothing when the reading is too short to tell. */
export function follow({ samples, sampleRateHz }: Mono, reading: Reading): Following | undefined {
  const voices = cepstra(samples, { sampleRateHz, hopSeconds: reading.hopSeconds, warps: WARPS });
  return align(voices, reading.cepstra);
}
