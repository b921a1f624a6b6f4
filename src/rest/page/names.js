/** @import { Kind, Status } from './types.js' */

/** @type {Readonly<Record<Kind, { title: string, verb: string }>>} */
export const KINDS = {
  transcription: { title: 'Transcription', verb: 'Transcribe' },
  tts: { title: 'Speech', verb: 'Speak' },
  summarization: { title: 'Summary', verb: 'Summarize' },
};

/** @type {Readonly<Record<Status, string>>} */
export const STATES = {
  pending: 'Waiting',
  processing: 'Processing',
  completed: 'Done',
  failed: 'Failed',
  cancelled: 'Cancelled',
};

const LANGUAGE_NAMES = new Intl.DisplayNames('en', { type: 'language' });
const SCORE = new Intl.NumberFormat('en', { minimumFractionDigits: 2, maximumFractionDigits: 2 });
const COUNT = new Intl.NumberFormat('en');

/** @param {string} code ISO 639-1 */
export function languageName(code) {
  return LANGUAGE_NAMES.of(code) ?? code;
}

/** @param {number} value */
export function count(value) {
  return COUNT.format(value);
}

/** @param {number | null | undefined} value in [0, 1] */
export function score(value) {
  return value === null || value === undefined ? '–' : SCORE.format(value);
}

/** @param {number | null | undefined} seconds */
export function span(seconds) {
  if (seconds === null || seconds === undefined) return '–';
  if (seconds < 1) return `${Math.max(1, Math.round(seconds * 1000))} ms`;
  if (seconds < 10) return `${Number(seconds.toFixed(1))} s`;
  if (seconds < 120) return `${Math.round(seconds)} s`;
  if (seconds < 7200) return `${Math.round(seconds / 60)} min`;
  return `${Math.round(seconds / 3600)} h`;
}

/** @param {number} seconds */
export function clock(seconds) {
  return `${Math.floor(seconds / 60)}:${String(Math.floor(seconds % 60)).padStart(2, '0')}`;
}
