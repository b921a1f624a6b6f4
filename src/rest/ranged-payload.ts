import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import type { TaskInput, TaskResult } from '../../gen/ts/audiosubnet/v1/task.js';
import { openContent, type ReadContent } from './content.js';
import type { RangedContent } from './ranged-answer.js';

/** A payload, wherever it is kept, as something that is read in parts. */
export function rangedPayload(
  payload: NonNullable<TaskInput['payload'] | TaskResult['output']>,
  how: ReadContent,
): RangedContent {
  if (payload.$case === 'content') {
    const { sha256, sizeBytes } = payload.value;
    return { sha256, sizeBytes: Number(sizeBytes), open: (range) => openContent({ sha256 }, range, how) };
  }
  const bytes = Buffer.from(payload.value);
  return {
    sha256: createHash('sha256').update(bytes).digest('hex'),
    sizeBytes: bytes.length,
    open: ({ start, end }) => Promise.resolve(Readable.from([bytes.subarray(start, end)])),
  };
}
