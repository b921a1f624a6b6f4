import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { Refusal, type Reason } from '../../../src/domain/errors.js';
import type { EngineWork } from '../../../src/engines/engine.js';

const LIBRIVOX = '/usr/share/pocketsphinx/test/data/librivox';

/** A real voice, 16 kHz mono WAV, 5.3 s, and what it says. */
export const CLIP = join(LIBRIVOX, 'sense_and_sensibility_01_austen_64kb-0890.wav');
export const CLIP_WORDS = 'unless to be rather cold hearted and rather selfish is to be ill disposed'.split(
  ' ',
);
export const CLIP_SECONDS = 5.3;

/** Why a test with these files and programs cannot run here; empty when it can. */
export function lacking(...needs: readonly string[]): string {
  const missing = needs.filter((need) => (need.includes('/') ? !existsSync(need) : !onPath(need)));
  return missing.length === 0 ? '' : `skipped, not installed: ${missing.join(', ')}`;
}

function onPath(name: string): boolean {
  return (process.env['PATH'] ?? '').split(':').some((folder) => existsSync(join(folder, name)));
}

/** Skips the tests of a suite, and says why in a test of its own. */
export function needing(reason: string): void {
  before(function () {
    if (reason !== '') this.skip();
  });
  if (reason !== '') it(reason);
}

/** Makes a variant of the clip with sox, for instance `['-r', '44100', '-c', '2']`. */
export function clipVariant(format: readonly string[], ending = 'wav'): Uint8Array {
  const folder = mkdtempSync(join(tmpdir(), 'clip-'));
  try {
    const path = join(folder, `clip.${ending}`);
    // -D: no dither, so that each run makes the same bytes.
    const made = spawnSync('sox', ['-D', '-R', CLIP, ...format, path]);
    expect(made.status, made.stderr.toString()).to.equal(0);
    return readFileSync(path);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Lends an empty folder as the place for temporary files and tells which of ours are in it. */
export async function withOwnTmp<Result>(
  use: (leftovers: () => readonly string[]) => Promise<Result>,
): Promise<Result> {
  const folder = mkdtempSync(join(tmpdir(), 'own-tmp-'));
  const before = process.env['TMPDIR'];
  process.env['TMPDIR'] = folder;
  try {
    return await use(() => readdirSync(folder).filter((name) => name.startsWith('audio-subnet-')));
  } finally {
    if (before === undefined) delete process.env['TMPDIR'];
    else process.env['TMPDIR'] = before;
    rmSync(folder, { recursive: true });
  }
}

export function never(): AbortSignal {
  return new AbortController().signal;
}

export function work(input: Uint8Array | string, more: Partial<EngineWork> = {}): EngineWork {
  return {
    input: typeof input === 'string' ? new TextEncoder().encode(input) : input,
    language: 'en',
    signal: never(),
    onProgress: () => undefined,
    ...more,
  };
}

/** Waits for a promise to be refused for a reason. */
export async function refused(promise: Promise<unknown>, reason: Reason): Promise<Refusal> {
  const error = await promise.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  expect(error).to.be.instanceOf(Refusal);
  const refusal = error as Refusal;
  expect(refusal.reason).to.equal(reason);
  return refusal;
}

/** One channel of a sine tone. */
export function tone(
  hertz: number,
  { rate, seconds }: { readonly rate: number; readonly seconds: number },
): Float32Array {
  return Float32Array.from(
    { length: Math.round(rate * seconds) },
    (_, i) => 0.5 * Math.sin((2 * Math.PI * hertz * i) / rate),
  );
}

/** Faster than one assertion per sample. */
export function largestDifference(a: Float32Array, b: Float32Array): number {
  return a.reduce((largest, sample, i) => Math.max(largest, Math.abs(sample - (b[i] ?? NaN))), 0);
}
