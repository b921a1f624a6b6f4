import {
  MinerResponse,
  Score,
  ScorePart,
  TaskResult,
  type Segment,
} from '../../../gen/ts/audiosubnet/v1/task.js';
import { Failed, Released } from '../../../gen/ts/audiosubnet/v1/validator_integration.js';
import type { Duration } from '../../../gen/ts/google/protobuf/duration.js';
import { duration } from '../instants.js';
import type { Fields } from './fields.js';

/** What a validator says became of a task. */
export type ReportedOutcome =
  | {
      readonly kind: 'completed';
      /** Base64, or text as it is. */
      readonly output: string;
      /** The rest of the result. */
      readonly result: TaskResult;
    }
  | { readonly kind: 'failed'; readonly failed: Failed }
  | { readonly kind: 'released'; readonly released: Released };

const STATUSES = { completed: 'completed', failed: 'failed', released: 'released' } as const;

/** Above every audio; keeps the conversion to milliseconds exact. */
const MAX_SEGMENT_SECONDS = 1e9;

/** Reason of a failure that its validator does not name. */
const DEFAULT_REASON = 'ALL_MINERS_FAILED';

export function reportedOutcome(fields: Fields): ReportedOutcome {
  const kind = fields.choice('status', STATUSES) ?? 'completed';
  const message = fields.text('error_message') ?? '';
  switch (kind) {
    case 'completed':
      return { kind, ...reportedResult(fields) };
    case 'failed': {
      const reason = fields.text('error_reason') ?? DEFAULT_REASON;
      const retryable = fields.boolean('retryable') ?? false;
      return { kind, failed: Failed.fromPartial({ failure: { reason, message }, retryable }) };
    }
    case 'released':
      return { kind, released: Released.create({ reason: message }) };
  }
}

/** The documented fields must be there; those that were not measured may be null in JSON. */
function reportedResult(fields: Fields): { readonly output: string; readonly result: TaskResult } {
  for (const name of ['processing_time', 'miner_uid', 'accuracy_score', 'speed_score']) fields.require(name);
  const result = TaskResult.create({
    mediaType: fields.text('media_type') ?? '',
    model: fields.text('model') ?? '',
    minerUid: fields.integer('miner_uid'),
    minerHotkey: fields.text('miner_hotkey') ?? '',
    score: reportedScore(fields),
    minerProcessingTime: span(fields, 'processing_time'),
    validatorTime: span(fields, 'validator_time'),
    validatorHotkey: fields.text('validator_hotkey') ?? '',
    segments: reportedSegments(fields),
  });
  return { output: fields.requiredText('result'), result };
}

/** What each asked miner answered, in the shape in which a task's responses are read. */
export function reportedResponses(fields: Fields): MinerResponse[] {
  return fields.items('responses').map((item) =>
    MinerResponse.create({
      minerUid: item.integer('miner_uid'),
      hotkey: item.text('hotkey') ?? '',
      score: reportedScore(item),
      minerProcessingTime: span(item, 'miner_processing_time'),
      validatorTime: span(item, 'validator_time'),
      errorMessage: item.text('error_message') ?? '',
      selected: item.boolean('selected') ?? false,
      model: item.text('model') ?? '',
    }),
  );
}

/** Seconds in the report, milliseconds in the contract. */
function reportedSegments(fields: Fields): Segment[] {
  const milliseconds = (item: Fields, name: string) =>
    BigInt(Math.round(Math.min(Math.max(item.number(name) ?? 0, -1), MAX_SEGMENT_SECONDS) * 1000));
  return fields.items('segments').map((item) => ({
    startMs: milliseconds(item, 'start'),
    endMs: milliseconds(item, 'end'),
    text: item.text('text') ?? '',
  }));
}

function reportedScore(fields: Fields): Score {
  return Score.create({
    accuracy: fields.number('accuracy_score'),
    speed: fields.number('speed_score'),
    combined: fields.number('combined_score'),
    policyVersion: fields.text('policy_version') ?? '',
    policyHash: fields.text('policy_hash') ?? '',
    parts: fields.items('parts').map((part) =>
      ScorePart.create({
        name: part.requiredText('name'),
        value: part.number('value'),
        explanation: part.text('explanation') ?? '',
      }),
    ),
  });
}

function span(fields: Fields, name: string): Duration | undefined {
  const value = fields.number(name);
  return value === undefined ? undefined : duration(value);
}
