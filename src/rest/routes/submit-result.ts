import type { IncomingHttpHeaders } from 'node:http';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { UploadHeader } from '../../../gen/ts/audiosubnet/v1/content_service.js';
import type { TaskResult } from '../../../gen/ts/audiosubnet/v1/task.js';
import { TaskKind } from '../../../gen/ts/audiosubnet/v1/task.js';
import type { Settlement } from '../../../gen/ts/audiosubnet/v1/validator_integration.js';
import { Refusal, type Reason } from '../../domain/errors.js';
import { MAX_INLINE_REQUEST_BYTES } from '../../domain/limits.js';
import { fromRpcStatus } from '../../rpc/status.js';
import type { Fields } from '../carriers/fields.js';
import { readFields } from '../carriers/read-fields.js';
import { reportedOutcome, reportedResponses, type ReportedOutcome } from '../carriers/reported-outcome.js';
import { CALL_MS, type BridgeClients } from '../clients.js';
import type { ClientsOf } from '../clients-of.js';
import { refusedIn } from '../field-names.js';
import { goneSignal } from '../gone-signal.js';
import { present } from '../present.js';
import { decodeOutput } from '../reported-output.js';
import { submitResult } from '../schemas/validator.js';

type Outcome = NonNullable<Settlement['outcome']>;

const MESSAGES = {
  completed: 'Result submitted successfully',
  failed: 'Failure submitted successfully',
  released: 'Task released',
} as const satisfies Record<ReportedOutcome['kind'], string>;

const NOT_LET_IN: ReadonlySet<Reason> = new Set(['UNAUTHENTICATED', 'PERMISSION_DENIED']);

/** A body up to here is read of everyone. */
const MAX_SHORT_BYTES = 64 * 1024;

/** @param maxBodyBytes bound of a whole request, in which a result in base64 must fit */
export function addSubmitResultRoute(app: FastifyInstance, clientsOf: ClientsOf, maxBodyBytes: number): void {
  const options = {
    schema: submitResult,
    bodyLimit: maxBodyBytes,
    onRequest: async (request: FastifyRequest, reply: FastifyReply) => {
      if (isLong(request.headers)) await needValidator(clientsOf(request), goneSignal(reply));
    },
  };
  app.post('/api/v1/validator/submit_result', options, async (request, reply) => {
    const clients = clientsOf(request);
    const signal = goneSignal(reply);
    const fields = await readFields(request);
    const taskId = fields.requiredText('task_id');
    const leaseToken = fields.text('lease_token') ?? '';
    const reported = reportedOutcome(fields);
    const responses = reportedResponses(fields);
    fields.check();
    const outcome = await outcomeOf(clients, { reported, taskId, leaseToken, signal });
    await settle(clients, { settlement: { taskId, leaseToken, outcome, responses }, fields, signal });
    return { success: true, message: MESSAGES[reported.kind], task_id: taskId };
  });
}

/** One that does not say how long it is may be as long. */
function isLong(headers: IncomingHttpHeaders): boolean {
  return (
    headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > MAX_SHORT_BYTES
  );
}

/**
 * The body is held in memory whole before its task is known, so whoever may not report at all is refused before it is
 * read, by a question about no task. What else is wrong, the calls that follow tell.
 *
 * @throws Refusal UNAUTHENTICATED, PERMISSION_DENIED
 */
async function needValidator({ validators }: BridgeClients, signal: AbortSignal): Promise<void> {
  await validators.describeTask({ taskId: '' }, { signal, deadlineMs: CALL_MS }).catch((error: unknown) => {
    if (error instanceof Refusal && NOT_LET_IN.has(error.reason)) throw error;
  });
}

interface Report {
  readonly reported: ReportedOutcome;
  readonly taskId: string;
  readonly leaseToken: string;
  readonly signal: AbortSignal;
}

async function outcomeOf(clients: BridgeClients, report: Report): Promise<Outcome> {
  const { reported } = report;
  switch (reported.kind) {
    case 'completed':
      return { $case: 'completed', value: { result: await resultOf(clients, report, reported) } };
    case 'failed':
      return { $case: 'failed', value: reported.failed };
    case 'released':
      return { $case: 'released', value: reported.released };
  }
}

/** The kind of the task tells whether its output is text or audio; a large one goes as content. */
async function resultOf(
  clients: BridgeClients,
  { taskId, leaseToken, signal }: Report,
  { output, result }: Extract<ReportedOutcome, { kind: 'completed' }>,
): Promise<TaskResult> {
  const { kind } = await clients.validators.describeTask({ taskId }, { signal, deadlineMs: CALL_MS });
  const mediaType = result.mediaType || (kind === TaskKind.TTS ? 'audio/wav' : 'text/plain; charset=utf-8');
  const decoded = decodeOutput(output, kind);
  const bytes = decoded.$case === 'audio' ? decoded.value : Buffer.from(decoded.value);
  if (bytes.length <= MAX_INLINE_REQUEST_BYTES) return { ...result, mediaType, output: decoded };
  const header = UploadHeader.fromPartial({ sizeBytes: BigInt(bytes.length), leaseToken });
  const content = await clients.content.uploadContent(whole(bytes), header, { signal });
  return { ...result, mediaType, output: { $case: 'content', value: content } };
}

interface Settling {
  readonly settlement: Settlement;
  readonly fields: Fields;
  readonly signal: AbortSignal;
}

async function settle(clients: BridgeClients, { settlement, fields, signal }: Settling): Promise<void> {
  const { results } = await clients.validators
    .settleTasks({ settlements: [settlement] }, { signal, deadlineMs: CALL_MS })
    .catch(refusedIn(fields));
  const { error } = present(results[0], 'result');
  if (error !== undefined) refusedIn(fields)(fromRpcStatus(error));
}

async function* whole(bytes: Buffer): AsyncIterable<Buffer> {
  yield await Promise.resolve(bytes);
}
