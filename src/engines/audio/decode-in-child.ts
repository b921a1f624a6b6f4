import { Refusal } from '../../domain/errors.js';
import { runScript } from '../run-script.js';
import type { AudioForm } from './audio-form.js';
import { undecodable, type AudioSink } from './pcm.js';
import { SampleBlockReader } from './sample-blocks.js';

/** How the process ends when the audio is at fault. */
const AT_FAULT = '2';
/** Of the process itself, beside the audio in its memory. */
const BASE_KIB = 384 * 1024;
/** Two hours of stereo at 48 kHz take a minute. */
const CPU_SECONDS = 600;

export interface ChildDecoding {
  readonly form: Extract<AudioForm, 'flac' | 'mp3' | 'opus' | 'vorbis'>;
  readonly bytes: Uint8Array;
  readonly sink: AudioSink;
  /** Whether the sink gets one channel of 16 kHz, and not the audio as it is. */
  readonly speech: boolean;
  readonly signal: AbortSignal;
}

/**
 * Decodes in a process of its own with bounded memory and time: the bytes come from strangers, decoders may hang, crash
 * or write to the console, and a small file may unfold to gigabytes.
 *
 * @throws Refusal AUDIO_UNDECODABLE, what the sink throws, or the signal's reason
 */
export async function decodeInChild({ form, bytes, sink, speech, signal }: ChildDecoding): Promise<void> {
  const reader = new SampleBlockReader(sink);
  try {
    await runScript({
      script: new URL('./decoder-child.js', import.meta.url),
      args: [form, speech ? 'speech' : 'whole'],
      stdin: bytes,
      onStdout: (chunk) => reader.push(chunk),
      limits: { memoryKib: BASE_KIB + Math.ceil((3 * bytes.byteLength) / 1024), cpuSeconds: CPU_SECONDS },
      signal,
    });
  } catch (error) {
    throw error instanceof Refusal && error.reason === 'ENGINE_FAILED' ? told(error, form) : error;
  }
}

/** What the process said of the audio; one that ended without a word was ended by the audio too. */
function told({ metadata }: Refusal, form: string): Refusal {
  const { code, stderr = '' } = metadata;
  if (code !== AT_FAULT)
    return undecodable(`its ${form} data ends the decoder (${stderr === '' ? 'no message' : stderr})`, {
      decoder: form,
    });
  const { message, metadata: details } = JSON.parse(stderr) as {
    readonly message: string;
    readonly metadata: Readonly<Record<string, string>>;
  };
  return new Refusal('AUDIO_UNDECODABLE', message, { metadata: details });
}
