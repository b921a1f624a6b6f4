import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Refusal } from '../../domain/errors.js';
import type { Segment } from '../../domain/task.js';
import { SPEECH_RATE_HZ } from '../audio/decode.js';
import { withPrivateFolder } from '../private-folder.js';
import { runProcess } from '../run-process.js';
import { parseHypothesis, placeSegments } from './hypothesis.js';

export interface PocketsphinxFiles {
  /** Path of `pocketsphinx_batch`. */
  readonly executable: string;
  /** Folder with `en-us/`, `en-us.lm.bin` and `cmudict-en-us.dict`. */
  readonly modelFolder: string;
}

export interface Recognition {
  /** At least 1. */
  readonly maxRecognizers: number;
  readonly signal: AbortSignal;
  /** Called after each piece with the share of them that is done, in (0, 1]. */
  readonly onDone: (share: number) => void;
}

/** Fewer pieces for each are not worth the start of another recognizer. */
const MIN_PIECES_EACH = 2;
/** What the recognizer writes to its log after each piece: `3 done ------`. */
const PIECE_DONE = /^\d+ done -{8,}/;
const BYTES_PER_MS = (2 * SPEECH_RATE_HZ) / 1_000;

/**
 * Recognizes pieces of speech, 16-bit samples of 16 kHz, by a few processes side by side.
 *
 * @returns segments with times of the whole
 * @throws Refusal ENGINE_FAILED, or the signal's reason
 */
export async function recognizeAll(
  files: PocketsphinxFiles,
  pieces: readonly Uint8Array[],
  { maxRecognizers, signal, onDone }: Recognition,
): Promise<readonly Segment[]> {
  const count = Math.max(1, Math.min(maxRecognizers, Math.floor(pieces.length / MIN_PIECES_EACH)));
  if (pieces.length === 0) return [];
  return withPrivateFolder(async (folder) => {
    for (const [index, piece] of pieces.entries()) await writeFile(join(folder, `${index}.raw`), piece);
    let done = 0;
    const onPiece = (): void => onDone(++done / pieces.length);
    const failed = new AbortController();
    const shares = Array.from({ length: count }, (_, recognizer) =>
      pieces.map((_piece, index) => index).filter((index) => index % count === recognizer),
    );
    const runs = shares.map((share, recognizer) =>
      recognize(files, share, {
        folder,
        name: String(recognizer),
        signal: AbortSignal.any([signal, failed.signal]),
        onPiece,
      }).catch((error: unknown) => {
        // The others are stopped too, and the first reason counts.
        if (!failed.signal.aborted) failed.abort(error);
        throw error;
      }),
    );
    // Their files can be removed when all of them are gone.
    await Promise.allSettled(runs);
    signal.throwIfAborted();
    failed.signal.throwIfAborted();
    return placed((await Promise.all(runs)).join('\n'), pieces);
  });
}

interface Run {
  readonly folder: string;
  /** Of its files. */
  readonly name: string;
  readonly signal: AbortSignal;
  readonly onPiece: () => void;
}

/** One process for some of the pieces; what it heard, a line for each. */
async function recognize(
  files: PocketsphinxFiles,
  share: readonly number[],
  { folder, name, signal, onPiece }: Run,
): Promise<string> {
  const control = join(folder, `control-${name}`);
  await writeFile(control, share.map((index) => `${index}\n`).join(''));
  const hypotheses = join(folder, `hypotheses-${name}`);
  let done = 0;
  await runProcess({
    file: files.executable,
    args: recognizerArgs(files, { folder, control, hypotheses }),
    onStderr: lineReader((line) => {
      if (!PIECE_DONE.test(line)) return;
      done++;
      onPiece();
    }),
    signal,
  });
  // It passes over a piece that it cannot read and still ends with 0.
  if (done < share.length) throw new Refusal('ENGINE_FAILED', 'pocketsphinx left out a part of the audio');
  return readFile(hypotheses, 'latin1');
}

function placed(lines: string, pieces: readonly Uint8Array[]): readonly Segment[] {
  const found = new Map(lines.split('\n').map((line) => [line.split(' ', 1)[0], line]));
  let bytes = 0;
  return pieces.flatMap((piece, index) => {
    const startMs = Math.round(bytes / BYTES_PER_MS);
    bytes += piece.length;
    const endMs = Math.round(bytes / BYTES_PER_MS);
    return placeSegments(parseHypothesis(found.get(String(index)) ?? ''), { startMs, endMs });
  });
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
