import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Reason, Refusal } from '../../domain/errors.js';
import { httpCode, toRefusal } from '../../rpc/status.js';
import type { Logger } from '../../runtime/logger.js';
import { httpRefusal, withoutCancelling } from '../error-answer.js';
import { InvalidRequest } from '../invalid-request.js';
import { UnknownModel } from './models.js';
import { TaskFailed } from './task-failed.js';

/** What OpenAI's clients make their exceptions of. */
export interface OpenAiError {
  readonly message: string;
  readonly type: string;
  /** Field of the request that is wrong. */
  readonly param: string | null;
  /** To branch on. */
  readonly code: string | null;
}

export interface OpenAiErrorAnswer {
  readonly status: number;
  readonly body: { readonly error: OpenAiError };
  /** Whole seconds after which to try again. */
  readonly retryAfterSeconds?: number;
  /** Set where a client must not do by itself what its own rules say of the status. */
  readonly shouldRetry?: false;
}

/** How a field of the contract is called here. */
const PARAMS: Readonly<Record<string, string>> = {
  'task.language': 'language',
  'task.tts.text': 'input',
  'task.tts.voice': 'voice',
  'task.summarization.text': 'messages',
  'task.summarization.max_sentences': 'max_sentences',
  'task.transcription.inline_audio': 'file',
  'task.transcription.file_name': 'file',
  'task.transcription.media_type': 'file',
};

/** Fields that a reason speaks of. */
const PARAM_OF_REASON: Partial<Record<Reason, string>> = {
  AUDIO_UNDECODABLE: 'file',
  CONTENT_TOO_LARGE: 'file',
  NO_CAPABLE_MINER: 'language',
};

/** Where OpenAI has another status than the endpoints of our own. */
const STATUS: Partial<Record<Reason, number>> = {
  INVALID_FIELD: 400,
  AUDIO_UNDECODABLE: 400,
  NO_CAPABLE_MINER: 400,
};

/** Reasons that stay, whatever the status makes a client's own rules say. */
const LASTING: ReadonlySet<Reason> = new Set(['UNIMPLEMENTED', 'DEADLINE_EXCEEDED']);

/** Codes that programs written for OpenAI know. */
const CODES: Readonly<Record<number, string>> = { 401: 'invalid_api_key', 429: 'rate_limit_exceeded' };

/** The same by the type of what is wrong with a field. */
const FIELD_CODES: Readonly<Record<string, string>> = {
  missing: 'missing_required_parameter',
  unsupported_parameter: 'unsupported_parameter',
  unsupported_value: 'unsupported_value',
};

/** Makes every error of the routes of a scope one that OpenAI's clients understand. */
export function answerErrorsAsOpenAi(scope: FastifyInstance, log: Logger): void {
  scope.setErrorHandler((error, request, reply) => {
    void sendError(reply, told(log, request)(error));
  });
}

/** Writes it down, and gives what the client is told when the answer has begun already. */
export function told(log: Logger, request: FastifyRequest): (error: unknown) => OpenAiErrorAnswer {
  return (error) => {
    const answer = openAiErrorAnswer(error, request.routeOptions.bodyLimit);
    logError(log, { error, request, status: answer.status });
    return answer;
  };
}

/** Nobody reads the answer of a client that went away, and nothing failed. */
function logError(
  log: Logger,
  {
    error,
    request,
    status,
  }: { readonly error: unknown; readonly request: FastifyRequest; readonly status: number },
): void {
  const entry = {
    err: error,
    request_id: request.id,
    method: request.method,
    path: request.routeOptions.url,
    status,
  };
  if (status >= 500 && !request.raw.socket.destroyed) log.error(entry, 'request failed');
  else log.debug(entry, 'request refused');
}

export function sendError(
  reply: FastifyReply,
  { status, body, retryAfterSeconds, shouldRetry }: OpenAiErrorAnswer,
): FastifyReply {
  if (status === 401) void reply.header('www-authenticate', 'Bearer');
  if (retryAfterSeconds !== undefined) void reply.header('retry-after', retryAfterSeconds);
  if (shouldRetry !== undefined) void reply.header('x-should-retry', String(shouldRetry));
  return reply.code(status).type('application/json; charset=utf-8').send(body);
}

/** @param bodyLimitBytes bound of a body on the route */
export function openAiErrorAnswer(error: unknown, bodyLimitBytes: number): OpenAiErrorAnswer {
  if (error instanceof UnknownModel)
    return openAiError(404, error.message, { param: 'model', code: 'model_not_found' });
  if (error instanceof InvalidRequest) return invalidRequest(error);
  if (error instanceof TaskFailed) return { ...refused(error.refusal), shouldRetry: false };
  const http = httpRefusal(error, bodyLimitBytes);
  if (http !== undefined) return openAiError(http.status, http.detail);
  return refused(withoutCancelling(toRefusal(error)));
}

function invalidRequest({ problems: [first] }: InvalidRequest): OpenAiErrorAnswer {
  const name = first?.loc.at(-1);
  const param = typeof name === 'string' && name !== 'body' ? name : null;
  const message = param === null ? (first?.msg ?? 'The request is invalid') : `${param}: ${first?.msg ?? ''}`;
  return openAiError(400, message, { param, code: FIELD_CODES[first?.type ?? ''] ?? 'invalid_value' });
}

function refused({ reason, message, violations, retryAfterMs }: Refusal): OpenAiErrorAnswer {
  const status = STATUS[reason] ?? httpCode(reason);
  const field = violations[0]?.field ?? '';
  const param = PARAMS[field] ?? PARAM_OF_REASON[reason] ?? null;
  const text =
    reason === 'INVALID_FIELD' && violations[0] !== undefined ? violations[0].description : message;
  const code = CODES[status] ?? reason.toLowerCase();
  return {
    ...openAiError(status, param === null ? text : `${param}: ${text}`, { param, code }),
    ...(retryAfterMs === undefined ? {} : { retryAfterSeconds: Math.ceil(retryAfterMs / 1000) }),
    ...(LASTING.has(reason) ? { shouldRetry: false } : {}),
  };
}

export function openAiError(
  status: number,
  message: string,
  { param = null, code = null }: Partial<Pick<OpenAiError, 'param' | 'code'>> = {},
): OpenAiErrorAnswer {
  return { status, body: { error: { message, type: typeOf(status), param, code } } };
}

function typeOf(status: number): string {
  if (status >= 500) return 'server_error';
  if (status === 429) return 'rate_limit_error';
  return status === 403 ? 'permission_error' : 'invalid_request_error';
}
