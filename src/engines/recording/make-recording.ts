import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { withPrivateFolder } from '../private-folder.js';
import { runScript } from '../run-script.js';
import type { RecordingPlan } from './recording.js';

/** What the process is told; bytes in base64. */
export interface RecordingJob extends Omit<RecordingPlan, 'form'> {
  readonly form: Omit<RecordingPlan['form'], 'head' | 'tail'> & {
    readonly head: string;
    readonly tail: string;
  };
}

/** The share of the recording that the speech wants, and the recording when that is at most `maxFill`. */
export interface Made {
  readonly fill: number;
  readonly audio?: Uint8Array;
}

/**
 * Makes a speech a recording, in a process of its own since resampling takes long.
 *
 * @throws Refusal ENGINE_FAILED, or the signal's reason
 */
export async function makeRecording(
  speech: Uint8Array,
  plan: RecordingPlan,
  { maxFill, signal }: { readonly maxFill: number; readonly signal: AbortSignal },
): Promise<Made> {
  const { head, tail, ...form } = plan.form;
  const job: RecordingJob = {
    ...plan,
    form: { ...form, head: base64(head), tail: base64(tail) },
  };
  return withPrivateFolder(async (folder) => {
    const files = ['job', 'speech', 'recording'].map((name) => join(folder, name));
    const [jobFile = '', speechFile = '', recordingFile = ''] = files;
    await writeFile(jobFile, JSON.stringify(job));
    await writeFile(speechFile, speech);
    let printed = '';
    await runScript({
      script: new URL('./recording-child.js', import.meta.url),
      args: [...files, String(maxFill)],
      onStdout: (chunk) => (printed += chunk.toString('utf8')),
      signal,
    });
    const fill = Number(printed);
    return fill > maxFill ? { fill } : { fill, audio: await readFile(recordingFile, { signal }) };
  });
}

function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64');
}
