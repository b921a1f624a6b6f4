import type { Settlement as ProtoSettlement } from '../../../gen/ts/audiosubnet/v1/validator_integration.js';
import type { LeaseToken, TaskId } from '../../domain/ids.js';
import type { Settlement, SettlementOutcome } from '../../queue/task-store.js';
import { defined, textOrAbsent } from './defined.js';
import type { PayloadForm } from './payload.js';
import { responseFromProto, responseToProto, resultFromProto, resultToProto } from './result.js';
import { failureFromProto, failureToProto } from './task.js';

/** @param form of the result's output */
export function settlementToProto(settlement: Settlement, form: PayloadForm): ProtoSettlement {
  return {
    taskId: settlement.id,
    leaseToken: settlement.token ?? '',
    outcome: outcomeToProto(settlement.outcome, form),
    responses: settlement.responses.map(responseToProto),
  };
}

/** Undefined when there is no outcome, which the contract's rules refuse. */
export function settlementFromProto(settlement: ProtoSettlement): Settlement | undefined {
  const outcome = outcomeFromProto(settlement.outcome);
  if (outcome === undefined) return undefined;
  return {
    id: settlement.taskId as TaskId,
    outcome,
    responses: settlement.responses.map(responseFromProto),
    ...defined({ token: textOrAbsent(settlement.leaseToken) as LeaseToken | undefined }),
  };
}

function outcomeToProto(
  outcome: SettlementOutcome,
  form: PayloadForm,
): NonNullable<ProtoSettlement['outcome']> {
  switch (outcome.kind) {
    case 'completed':
      return { $case: 'completed', value: { result: resultToProto(outcome.result, form, '') } };
    case 'failed': {
      const { failure, retryable } = outcome;
      return { $case: 'failed', value: { failure: failureToProto(failure), retryable } };
    }
    case 'released':
      return { $case: 'released', value: { reason: outcome.reason } };
  }
}

function outcomeFromProto(outcome: ProtoSettlement['outcome']): SettlementOutcome | undefined {
  switch (outcome?.$case) {
    case undefined:
      return undefined;
    case 'completed': {
      const result = outcome.value.result && resultFromProto(outcome.value.result);
      return result && { kind: 'completed', result };
    }
    case 'failed': {
      const { failure, retryable } = outcome.value;
      return failure && { kind: 'failed', failure: failureFromProto(failure), retryable };
    }
    case 'released':
      return { kind: 'released', reason: outcome.value.reason };
  }
}
