import { availableParallelism } from 'node:os';
import { decodeSpeechInto, SPEECH_RATE_HZ } from '../audio/decode.js';
import { encodeRaw } from '../audio/wav.js';
import type { Engine, EngineOutput, EngineWork } from '../engine.js';
import { encodeText, PLAIN_TEXT } from '../text.js';
import { recognizeAll, type PocketsphinxFiles } from './pocketsphinx-run.js';
import { QuietPieces } from './quiet-pieces.js';

/** Shorter audio holds no word, and the recognizer stumbles over it. */
const MIN_SAMPLES = SPEECH_RATE_HZ / 10;
/** Bytes of a sample as the recognizer reads it. */
const SAMPLE_BYTES = 2;
/** Recognizers that work on one long recording side by side; each takes 106 MB. */
const MAX_RECOGNIZERS = Math.min(4, availableParallelism());

/**
 * English speech recognition with Debian's pocketsphinx 0.8+5prealpha. On the five LibriVox clips
 * of its test data 20 of 71 words are wrong (WER 28.2 %), on the five card phrases 1 of 21, in 0.33 s
 * per second of speech on one core and 0.5 s to start. Its continuous tool is worse on both.
 */
export function pocketsphinx(files: PocketsphinxFiles): Engine {
  return {
    kind: 'transcription',
    name: 'pocketsphinx',
    model: 'en-us',
    languages: ['en'],
    run: (work) => transcribe(files, work),
  };
}

async function transcribe(files: PocketsphinxFiles, work: EngineWork): Promise<EngineOutput> {
  const pieces = await piecesOf(work);
  work.onProgress({ fraction: 0.05, stage: 'recognizing' });
  const segments = await recognizeAll(files, pieces, {
    maxRecognizers: MAX_RECOGNIZERS,
    signal: work.signal,
    onDone: (share) => work.onProgress({ fraction: Math.min(1, 0.05 + 0.95 * share), stage: 'recognizing' }),
  });
  return {
    output: encodeText(segments.map(({ text }) => text).join(' ')),
    mediaType: PLAIN_TEXT,
    model: 'pocketsphinx/en-us',
    segments,
  };
}

/** 16-bit samples, a quarter of what they take while they are decoded; none when there is nothing to hear. */
async function piecesOf({ input, signal }: EngineWork): Promise<readonly Uint8Array[]> {
  const pieces: Uint8Array[] = [];
  const cutter = new QuietPieces(SPEECH_RATE_HZ, (samples) => pieces.push(encodeRaw(samples)));
  await decodeSpeechInto(input, (samples) => cutter.push(samples), signal);
  cutter.end();
  const [first] = pieces;
  return pieces.length === 1 && first !== undefined && first.length < MIN_SAMPLES * SAMPLE_BYTES
    ? []
    : pieces;
}
