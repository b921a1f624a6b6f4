import { TaskKind, type TaskResult } from '../../gen/ts/audiosubnet/v1/task.js';
import { InvalidRequest } from './invalid-request.js';

type InlineOutput = Exclude<NonNullable<TaskResult['output']>, { $case: 'content' }>;

const BASE64 = /^[A-Za-z0-9+/]*={0,2}$/;

/**
 * The output that a validator reports: base64 of audio, or of text in UTF-8. A text that is no base64 of
 * UTF-8 is taken as it is.
 */
export function decodeOutput(reported: string, kind: TaskKind): InlineOutput {
  if (kind === TaskKind.TTS) return { $case: 'audio', value: decodeAudio(reported) };
  const bytes = fromBase64(reported.replace(/\s/g, ''));
  return { $case: 'text', value: (bytes && utf8(bytes)) ?? reported };
}

function decodeAudio(reported: string): Buffer {
  // A plus sign that a form did not escape arrives as a space.
  const bytes = fromBase64(reported.replaceAll(' ', '+').replace(/\s/g, ''));
  if (bytes !== undefined) return bytes;
  throw new InvalidRequest([
    { type: 'base64_decode', loc: ['body', 'result'], msg: 'Input should be base64 of audio', input: null },
  ]);
}

function fromBase64(text: string): Buffer | undefined {
  return text.length % 4 === 0 && BASE64.test(text) ? Buffer.from(text, 'base64') : undefined;
}

function utf8(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return undefined;
  }
}
