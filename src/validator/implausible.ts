import type { Score, TaskKind } from '../domain/task.js';

/** Accuracy below which a reply is no answer: silence, noise, what cannot be decoded, other words, nothing of the source. */
const MIN_ACCURACY = 0.05;
/** What no sound passes for speech without. */
const SPEECH_PARTS: ReadonlySet<string> = new Set(['decodes', 'sound', 'liveliness']);

/**
 * Whether somebody else should be asked in place of the miner that gave this reply. Not for transcripts: their
 * accuracy rests on what the others say, and of bad audio nobody may hear anything.
 */
export function isImplausible(kind: TaskKind, { accuracy }: Score): boolean {
  return kind !== 'transcription' && accuracy !== undefined && accuracy < MIN_ACCURACY;
}

/**
 * Whether a reply to be heard is no speech at all, so that it is better to have the task fail, and be tried again,
 * than to hand it out. A bad summary is handed out with its low score when nobody gives a better one: its user can see
 * what it is, and the judge may be wrong about words; it is not about silence.
 */
export function isNoSpeech(kind: TaskKind, { parts }: Score): boolean {
  return kind === 'tts' && parts.some(({ name, value }) => SPEECH_PARTS.has(name) && value === 0);
}
