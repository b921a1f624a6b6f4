import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { decodeAudio } from '../../src/engines/audio/decode.js';
import { encodeWav } from '../../src/engines/audio/wav.js';
import { findClips } from '../support/spoken-clips.js';

const RATE_HZ = 16_000;
const PAUSE_SECONDS = 2;

export interface Recording {
  readonly audio: Uint8Array;
  readonly seconds: number;
  readonly words: readonly string[];
}

/** Human speech of a length, the same sentences over and over with pauses, encoded by ffmpeg to a file of an ending. */
export async function longRecording(seconds: number, ending: string): Promise<Recording> {
  const clips = findClips();
  if (typeof clips === 'string') throw new Error(clips);
  const voices = await Promise.all(
    clips.map(async ({ path, words }) => {
      const { channels } = await decodeAudio(readFileSync(path), new AbortController().signal);
      return { samples: channels[0] ?? new Float32Array(0), words };
    }),
  );
  const whole = new Float32Array(seconds * RATE_HZ);
  const words: string[] = [];
  for (let at = 0, turn = 0; ; turn++) {
    const voice = voices[turn % voices.length];
    if (voice === undefined || at + voice.samples.length > whole.length) break;
    whole.set(voice.samples, at);
    words.push(...voice.words);
    at += voice.samples.length + PAUSE_SECONDS * RATE_HZ;
  }
  return { audio: encoded(encodeWav({ sampleRateHz: RATE_HZ, channels: [whole] }), ending), seconds, words };
}

function encoded(wav: Uint8Array, ending: string): Uint8Array {
  const folder = mkdtempSync(join(tmpdir(), 'long-'));
  try {
    const [from, to] = [join(folder, 'in.wav'), join(folder, `out.${ending}`)];
    writeFileSync(from, wav);
    const made = spawnSync('ffmpeg', ['-loglevel', 'error', '-i', from, '-ar', '48000', '-ac', '2', to]);
    if (made.status !== 0) throw new Error(made.stderr.toString());
    return readFileSync(to);
  } finally {
    rmSync(folder, { recursive: true });
  }
}
