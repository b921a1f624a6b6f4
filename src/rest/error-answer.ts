import type { FastifyInstance } from 'fastify';
import { Refusal } from '../domain/errors.js';
import { httpCode, toRefusal } from '../rpc/status.js';
import type { Logger } from '../runtime/logger.js';
import { problem } from './field-names.js';
import { InvalidRequest, type FieldProblem } from './invalid-request.js';

export interface ErrorAnswer {
  readonly status: number;
  readonly body: { readonly detail: string | readonly FieldProblem[]; readonly reason?: string };
  /** Whole seconds after which to try again. */
  readonly retryAfterSeconds?: number;
}

/** Sentences that the documented contract fixes. */
const DOCUMENTED_DETAILS: Readonly<Record<string, string>> = { TASK_NOT_FOUND: 'Task not found' };

/** Makes every error of a route a typed answer, and a log line when it is the server's. */
export function answerErrors(app: FastifyInstance, log: Logger): void {
  app.setErrorHandler((error, request, reply) => {
    const { status, body, retryAfterSeconds } = errorAnswer(error, request.routeOptions.bodyLimit);
    const entry = {
      err: error,
      request_id: request.id,
      method: request.method,
      path: request.routeOptions.url,
    };
    // Nobody reads the answer of a client that went away, and nothing failed.
    if (status >= 500 && !request.raw.socket.destroyed) log.error({ ...entry, status }, 'request failed');
    else log.debug({ ...entry, status }, 'request refused');
    if (status === 401) void reply.header('www-authenticate', 'Bearer');
    if (retryAfterSeconds !== undefined) void reply.header('retry-after', retryAfterSeconds);
    void reply.code(status).send(body);
  });
}

/**
 * What a caller is told of an error; an unforeseen one says nothing of itself.
 *
 * @param bodyLimitBytes bound of a body on the route
 */
export function errorAnswer(error: unknown, bodyLimitBytes: number): ErrorAnswer {
  if (error instanceof InvalidRequest) return { status: 422, body: { detail: error.problems } };
  const refused = httpRefusal(error, bodyLimitBytes);
  if (refused !== undefined) return { status: refused.status, body: { detail: refused.detail } };
  const { reason, message, violations, retryAfterMs } = withoutCancelling(toRefusal(error));
  const detail =
    violations.length > 0 && reason === 'INVALID_FIELD'
      ? violations.map(({ field, description }) => problem(field, description, undefined))
      : (DOCUMENTED_DETAILS[reason] ?? message);
  return {
    status: httpCode(reason),
    body: { detail, reason },
    ...(retryAfterMs === undefined ? {} : { retryAfterSeconds: Math.ceil(retryAfterMs / 1000) }),
  };
}

/** A call that was cancelled while the client is here was cancelled by the proxy as it went down. */
export function withoutCancelling(refusal: Refusal): Refusal {
  if (refusal.reason !== 'CANCELLED') return refusal;
  return new Refusal('UNAVAILABLE', 'the proxy ended the call', { cause: refusal });
}

/** The HTTP framework's own refusals of a request: too large a body, an unknown media type. */
export function httpRefusal(
  error: unknown,
  bodyLimitBytes: number,
): { readonly status: number; readonly detail: string } | undefined {
  if (error instanceof Refusal || !(error instanceof Error) || !('statusCode' in error)) return undefined;
  const { statusCode, message } = error;
  if (typeof statusCode !== 'number' || statusCode < 400 || statusCode >= 500) return undefined;
  const tooLarge = 'code' in error && error.code === 'FST_ERR_CTP_BODY_TOO_LARGE';
  const detail = tooLarge ? `The body is above the limit of ${bodyLimitBytes} bytes` : message;
  return { status: statusCode, detail };
}
