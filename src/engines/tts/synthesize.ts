import { readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Refusal } from '../../domain/errors.js';
import { decodeAudio } from '../audio/decode.js';
import { isSilent } from '../audio/signal.js';
import type { EngineOutput, EngineWork } from '../engine.js';
import { withPrivateFolder } from '../private-folder.js';
import { decodeText } from '../text.js';
import { speakable } from './speakable.js';

/** Longest speech, in bytes: 25 minutes at 22,050 Hz. */
const MAX_SPEECH_BYTES = 64 * 1024 * 1024;

/** What a synthesizer gets: it reads the text from one file and writes WAV to the other. */
export interface SpeechFiles {
  readonly textFile: string;
  readonly waveFile: string;
}

/**
 * Speaks a text by a process that reads and writes files in a private folder.
 *
 * @param model engine and voice, such as `flite/slt`
 * @throws Refusal ENGINE_FAILED, or the signal's reason
 */
export async function synthesize(
  work: EngineWork,
  model: string,
  speak: (files: SpeechFiles) => Promise<unknown>,
): Promise<EngineOutput> {
  const text = speakable(decodeText(work.input));
  return withPrivateFolder(async (folder) => {
    const files = { textFile: join(folder, 'text'), waveFile: join(folder, 'speech.wav') };
    await writeFile(files.textFile, text);
    work.onProgress({ fraction: 0.1, stage: 'speaking' });
    await speak(files);
    const output = await readSpeech(files.waveFile, work.signal);
    return { output, mediaType: 'audio/wav', model, segments: [] };
  });
}

async function readSpeech(path: string, signal: AbortSignal): Promise<Uint8Array> {
  const size = (await stat(path).catch(() => undefined))?.size ?? 0;
  if (size > MAX_SPEECH_BYTES)
    throw new Refusal('ENGINE_FAILED', `the speech is ${size} bytes long, above ${MAX_SPEECH_BYTES}`, {
      metadata: { speech_bytes: String(size), limit_bytes: String(MAX_SPEECH_BYTES) },
    });
  const bytes = size === 0 ? new Uint8Array(0) : await readFile(path, { signal });
  if (await saysNothing(bytes, signal))
    throw new Refusal('ENGINE_FAILED', 'there is nothing to say in the text');
  return bytes;
}

async function saysNothing(bytes: Uint8Array, signal: AbortSignal): Promise<boolean> {
  try {
    return isSilent(await decodeAudio(bytes, signal));
  } catch (error) {
    if (error instanceof Refusal && error.reason === 'AUDIO_UNDECODABLE') return true;
    throw error;
  }
}
