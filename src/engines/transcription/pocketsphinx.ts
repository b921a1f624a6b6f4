import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Refusal } from '../../domain/errors.js';
import type { Segment } from '../../domain/task.js';
import { decodeSpeech, SPEECH_RATE_HZ } from '../audio/decode.js';
import { encodeRaw } from '../audio/wav.js';
import type { Engine, EngineOutput, EngineWork } from '../engine.js';
import { withPrivateFolder } from '../private-folder.js';
import { runProcess } from '../run-process.js';
import { encodeText, PLAIN_TEXT } from '../text.js';
import { parseHypothesis, placeSegments } from './hypothesis.js';
import { quietCuts } from './quiet-cuts.js';

export interface PocketsphinxFiles {
  /** Path of `pocketsphinx_batch`. */
  readonly executable: string;
  /** Folder with `en-us/`, `en-us.lm.bin` and `cmudict-en-us.dict`. */
  readonly modelFolder: string;
}

/** Shorter audio holds no word, and the recognizer stumbles over it. */
const MIN_SAMPLES = SPEECH_RATE_HZ / 10;

/** What the recognizer writes to its log after each piece: `3 done ------`. */
const PIECE_DONE = /^\d+ done -{8,}/;

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
  const samples = (await decodeSpeech(work.input, work.signal)).channels[0] ?? new Float32Array(0);
  work.onProgress({ fraction: 0.05, stage: 'recognizing' });
  const segments = samples.length < MIN_SAMPLES ? [] : await recognize(files, samples, work);
  return {
    output: encodeText(segments.map(({ text }) => text).join(' ')),
    mediaType: PLAIN_TEXT,
    model: 'pocketsphinx/en-us',
    segments,
  };
}

function recognize(files: PocketsphinxFiles, samples: Float32Array, work: EngineWork): Promise<Segment[]> {
  return withPrivateFolder(async (folder) => {
    const cuts = quietCuts(samples, SPEECH_RATE_HZ);
    const starts = cuts.slice(0, -1);
    for (const [index, start] of starts.entries())
      await writeFile(join(folder, `${index}.raw`), encodeRaw(samples.subarray(start, cuts[index + 1])));
    const control = join(folder, 'control');
    await writeFile(control, starts.map((_, index) => `${index}\n`).join(''));
    const hypotheses = join(folder, 'hypotheses');
    let done = 0;
    await runProcess({
      file: files.executable,
      args: recognizerArgs(files, { folder, control, hypotheses }),
      onStderr: lineReader((line) => {
        if (!PIECE_DONE.test(line)) return;
        done++;
        work.onProgress({
          fraction: Math.min(1, 0.05 + (0.95 * done) / starts.length),
          stage: 'recognizing',
        });
      }),
      signal: work.signal,
    });
    // It passes over a piece that it cannot read and still ends with 0.
    if (done < starts.length) throw new Refusal('ENGINE_FAILED', 'pocketsphinx left out a part of the audio');
    return readHypotheses(await readFile(hypotheses, 'latin1'), cuts);
  });
}

function readHypotheses(lines: string, cuts: readonly number[]): Segment[] {
  const found = new Map(lines.split('\n').map((line) => [line.split(' ', 1)[0], line]));
  const atMs = cuts.map((cut) => Math.round((cut / SPEECH_RATE_HZ) * 1_000));
  return atMs.slice(0, -1).flatMap((startMs, index) =>
    placeSegments(parseHypothesis(found.get(String(index)) ?? ''), {
      startMs,
      endMs: atMs[index + 1] ?? startMs,
    }),
  );
}

interface RecognizerFiles {
  readonly folder: string;
  readonly control: string;
  readonly hypotheses: string;
}

function recognizerArgs(
  { modelFolder }: PocketsphinxFiles,
  { folder, control, hypotheses }: RecognizerFiles,
): readonly string[] {
  const model = ['-hmm', join(modelFolder, 'en-us'), '-lm', join(modelFolder, 'en-us.lm.bin')];
  const words = ['-dict', join(modelFolder, 'cmudict-en-us.dict')];
  const input = ['-adcin', 'yes', '-cepdir', folder, '-cepext', '.raw', '-ctl', control];
  return [...model, ...words, ...input, '-hypseg', hypotheses];
}

function lineReader(onLine: (line: string) => void): (chunk: Buffer) => void {
  let rest = '';
  return (chunk) => {
    const lines = (rest + chunk.toString('latin1')).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) if (line.trim() !== '') onLine(line);
  };
}
