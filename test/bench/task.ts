import { Priority } from '../../gen/ts/audiosubnet/v1/task.js';
import type { SubmitTaskRequest } from '../../gen/ts/audiosubnet/v1/task_service.js';
import type { Settlement } from '../../gen/ts/audiosubnet/v1/validator_integration.js';

const BYTES = 1024;
const FILL = 'word '.repeat(BYTES);

/** 1 KiB that no other number gives. */
export function textOf(serial: number): string {
  return `Text ${serial}: ${FILL}`.slice(0, BYTES - 1) + '.';
}

/** What becomes of a task in the end; no other task's is the same. */
export function outputOf(taskId: string): string {
  return `The gist of ${taskId}`;
}

/** A task as every case submits it. Written out, for `fromPartial` costs more than sending it. */
export function submission(serial = 0): SubmitTaskRequest {
  const value = { text: textOf(serial), maxSentences: 0 };
  return {
    requestId: '',
    task: {
      kind: { $case: 'summarization', value },
      language: 'en',
      priority: Priority.UNSPECIFIED,
      callbackUrl: '',
      maxAttempts: 0,
    },
  };
}

/** A task's good end. */
export function settlement(taskId: string, leaseToken: string): Settlement {
  const output = { $case: 'text', value: outputOf(taskId) } as const;
  const result = { output, mediaType: '', model: '', minerHotkey: '', validatorHotkey: '', segments: [] };
  return { taskId, leaseToken, outcome: { $case: 'completed', value: { result } }, responses: [] };
}
