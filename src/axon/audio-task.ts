import { z } from 'zod';
import { Refusal } from '../domain/errors.js';
import { LANGUAGES, TASK_KINDS, type TaskKind } from '../domain/task.js';
import { bodyHash, UNHASHED_BODY } from './body-hash.js';

/** The synapse `AudioTask` as its class declares it; other members of the body are passed over. */
const AUDIO_TASK = z.object({
  task_type: z.enum(TASK_KINDS).default('transcription'),
  /** Base64 of audio, or of UTF-8 text. */
  input_data: z.string(),
  language: z.enum(LANGUAGES).default('en'),
});

/** Of a reply, whoever made it; nothing is trusted. */
const AUDIO_REPLY = z.object({
  output_data: z.string().nullish(),
  processing_time: z.number().nullish(),
  pipeline_model: z.string().nullish(),
  error_message: z.string().nullish(),
});

/** The question of an AudioTask. */
export interface AudioQuestion {
  readonly kind: TaskKind;
  readonly language: string;
  readonly input: Uint8Array;
}

/** What a miner fills in. */
export interface AudioAnswer {
  readonly output: Uint8Array;
  readonly model: string;
  readonly processingMs: number;
}

export interface AudioReply {
  /** Absent when there is none. */
  readonly output?: Uint8Array;
  readonly model: string;
  /** Milliseconds, as the miner says. */
  readonly processingMs: number;
  /** Empty when there was none. */
  readonly errorMessage: string;
}

/**
 * Reads the body of a question and holds it against the hash that was signed. The class of the original hashes no field:
 * its body is taken on trust.
 *
 * @throws Refusal MALFORMED_MESSAGE, INVALID_FIELD, UNAUTHENTICATED
 */
export function readQuestion(body: Uint8Array, signedHash: string): AudioQuestion {
  const { task_type, input_data, language } = parse(AUDIO_TASK, body);
  if (signedHash !== UNHASHED_BODY && signedHash !== bodyHash([task_type, input_data, language]))
    throw new Refusal('UNAUTHENTICATED', 'the body has not the hash that was signed');
  return { kind: task_type, language, input: fromBase64('input_data', input_data) };
}

/** Members of a question's body, without the braces, and the hash of those that are hashed. */
export function writeQuestion({ kind, language, input }: AudioQuestion): {
  members: Uint8Array;
  hash: string;
} {
  const members = { task_type: kind, input_data: base64(input), language };
  return {
    members: membersOf(members),
    hash: bodyHash([members.task_type, members.input_data, members.language]),
  };
}

/** The body of a reply: the question again, which the caller's object is overwritten with, and the answer. */
export function writeReply(question: AudioQuestion, answer: AudioAnswer): Uint8Array {
  return Buffer.from(
    JSON.stringify({
      name: 'AudioTask',
      task_type: question.kind,
      input_data: base64(question.input),
      language: question.language,
      output_data: base64(answer.output),
      processing_time: answer.processingMs / 1_000,
      pipeline_model: answer.model,
    }),
  );
}

/** @throws Refusal MALFORMED_MESSAGE, INVALID_FIELD */
export function readReply(body: Uint8Array): AudioReply {
  const { output_data, processing_time, pipeline_model, error_message } = parse(AUDIO_REPLY, body);
  return {
    ...(output_data != null && { output: fromBase64('output_data', output_data) }),
    model: pipeline_model ?? '',
    processingMs: (processing_time ?? 0) * 1_000,
    errorMessage: error_message ?? '',
  };
}

function parse<S extends z.ZodType>(schema: S, body: Uint8Array): z.output<S> {
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body));
  } catch (cause) {
    throw new Refusal('MALFORMED_MESSAGE', 'the body is no JSON in UTF-8', { cause });
  }
  const read = schema.safeParse(value);
  if (read.success) return read.data;
  const [issue] = read.error.issues;
  throw Refusal.field(issue?.path.join('.') ?? '', issue?.message ?? 'is not what the synapse declares');
}

/** Buffer passes over what is no base64, which shows in the length. A regular expression takes too long for 50 MiB. */
function fromBase64(field: string, text: string): Uint8Array {
  const bytes = Buffer.from(text, 'base64');
  if (text.length % 4 !== 0 || bytes.length !== Buffer.byteLength(text, 'base64'))
    throw Refusal.field(field, 'is no base64');
  return bytes;
}

function membersOf(value: object): Uint8Array {
  return Buffer.from(JSON.stringify(value).slice(1, -1));
}

function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64');
}
