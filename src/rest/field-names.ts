import { Refusal } from '../domain/errors.js';
import type { Fields } from './carriers/fields.js';
import { InvalidRequest, type FieldProblem } from './invalid-request.js';

/** How a field of the contract is called in REST, by its last segment; others keep their name. */
const REST_NAMES: Readonly<Record<string, string>> = {
  accuracy: 'accuracy_score',
  audio: 'audio_file',
  combined: 'combined_score',
  file_name: 'audio_file',
  id: 'task_id',
  inline_audio: 'audio_file',
  language: 'source_language',
  max_tasks: 'limit',
  media_type: 'audio_file',
  message: 'error_message',
  page_size: 'limit',
  reason: 'error_reason',
  sha256: 'content_sha256',
  speed: 'speed_score',
  state: 'status',
};

/** The same where a field of the contract has another name inside an outcome that a validator reports. */
const SETTLEMENT_NAMES: Readonly<Record<string, string>> = {
  audio: 'result',
  content: 'result',
  media_type: 'media_type',
  miner_processing_time: 'processing_time',
  output: 'result',
  text: 'result',
};

const RESPONSE_PATH = /^settlements\[\d+\]\.responses\[(\d+)\]\.(.+)$/;

/** Longest text of a field that an error repeats. */
const MAX_ECHO_LENGTH = 200;

/** Rethrows the refusal of a field in the words of the request that had it, any other error as it is. */
export function refusedIn(fields: Fields): (error: unknown) => never {
  return (error) => {
    if (!(error instanceof Refusal) || error.reason !== 'INVALID_FIELD' || error.violations.length === 0) {
      throw error;
    }
    throw new InvalidRequest(
      error.violations.map(({ field, description }) => problem(field, description, fields)),
    );
  };
}

/** @param path in proto names, such as `task.tts.text` */
export function problem(path: string, description: string, fields: Fields | undefined): FieldProblem {
  const loc = location(path, fields);
  const name = loc.at(-1);
  const value = loc.length === 2 && typeof name === 'string' ? fields?.value(name) : undefined;
  return { type: 'value_error', loc, msg: description, input: echo(value) };
}

function location(path: string, fields: Fields | undefined): readonly (string | number)[] {
  if (path === 'request_id') return ['header', 'idempotency-key'];
  const response = RESPONSE_PATH.exec(path);
  if (response !== null) return ['body', 'responses', Number(response[1]), restName(response[2] ?? '')];
  const name = restName(path);
  return [fields?.carrier(name) ?? 'body', name];
}

function restName(path: string): string {
  const segment = (path.split('.').at(-1) ?? path).replace(/\[.*$/, '');
  return (
    (path.startsWith('settlements') ? SETTLEMENT_NAMES[segment] : undefined) ?? REST_NAMES[segment] ?? segment
  );
}

function echo(value: unknown): unknown {
  if (typeof value !== 'string' || value.length <= MAX_ECHO_LENGTH) return value ?? null;
  return `${value.slice(0, MAX_ECHO_LENGTH)}…`;
}
