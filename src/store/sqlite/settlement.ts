import type { LeaseToken, Sha256, TaskId } from '../../domain/ids.js';
import { payloadBytes } from '../../domain/task.js';
import type { Settlement, SettlementOutcome } from '../../queue/task-store.js';
import type { OutcomeDetail } from './row.js';

/** A settlement as it crosses to the worker, a list as a submission is one. A small output goes beside it. */
export type SettleArgument = readonly [
  id: TaskId,
  token: LeaseToken | null,
  kind: SettlementOutcome['kind'],
  /** JSON of an OutcomeDetail, or the reason of a release. */
  detail: string,
  outputSha: Sha256 | null,
  retryable: boolean,
  /** JSON of the miners' responses; absent when there are none. */
  responses: string | null,
];

export function toSettleArgument({ id, token, outcome, responses }: Settlement): SettleArgument {
  return [
    id,
    token ?? null,
    outcome.kind,
    detailOf(outcome),
    outcome.kind === 'completed' && outcome.result.output.kind === 'content'
      ? outcome.result.output.sha256
      : null,
    outcome.kind === 'failed' && outcome.retryable,
    responses.length === 0 ? null : JSON.stringify(responses),
  ];
}

function detailOf(outcome: SettlementOutcome): string {
  switch (outcome.kind) {
    case 'completed': {
      const { output, ...result } = outcome.result;
      const detail: OutcomeDetail = { kind: 'completed', result, outputBytes: payloadBytes(output) };
      return JSON.stringify(detail);
    }
    case 'failed': {
      const detail: OutcomeDetail = { kind: 'failed', failure: outcome.failure };
      return JSON.stringify(detail);
    }
    case 'released':
      return outcome.reason;
  }
}
