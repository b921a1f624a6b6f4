import type { Sha256, TaskId } from '../../domain/ids.js';
import type { LeasedTask } from '../../queue/task-store.js';
import { kindOf, priorityOf, toPayload, type InputDetail } from './row.js';

/** A leased task as it crosses from the worker, a list as a submission is one. */
export type LeasedAnswer = readonly [
  id: TaskId,
  token: LeasedTask['token'],
  attempt: number,
  kind: number,
  language: string,
  priority: number,
  /** JSON of an InputDetail. */
  detail: string,
  payloadBytes: number,
  inputSha: Sha256 | null,
  createUs: number,
  grantUs: number,
  leaseMs: number,
  maxRunMs: number,
];

/** What a claim brought; the payloads that are not content stand one behind the other. */
export interface ClaimAnswer {
  readonly tasks: readonly LeasedAnswer[];
  readonly payloads: Uint8Array;
}

export function toLeasedTasks({ tasks, payloads }: ClaimAnswer): readonly LeasedTask[] {
  let end = 0;
  return tasks.map((answer) => {
    const [id, token, attempt, kind, language, priority, detail, payloadBytes, inputSha, ...times] = answer;
    const [createUs, grantUs, leaseMs, maxRunMs] = times;
    const inline = inputSha === null ? payloads.subarray(end, (end += payloadBytes)) : null;
    const payload = toPayload(inline, inputSha, payloadBytes);
    const input = JSON.parse(detail) as InputDetail;
    return {
      id,
      token,
      attempt,
      kind: kindOf(kind),
      language,
      priority: priorityOf(priority),
      input: { ...input, payloadBytes, ...(payload !== undefined && { payload }) },
      createUs,
      grantUs,
      leaseMs,
      maxRunMs,
    };
  });
}
