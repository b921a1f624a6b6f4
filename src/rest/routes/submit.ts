import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { SubmitTaskRequest } from '../../../gen/ts/audiosubnet/v1/task_service.js';
import { TaskSpec, Transcription } from '../../../gen/ts/audiosubnet/v1/task.js';
import { Refusal, type Reason } from '../../domain/errors.js';
import type { Clock } from '../../runtime/clock.js';
import { receiveAudio, secondFile, twoAudios, type ReceivedAudio } from '../audio-upload.js';
import { awaitEnd } from '../await-end.js';
import type { Fields } from '../carriers/fields.js';
import { readFields } from '../carriers/read-fields.js';
import { CALL_MS, type BridgeClients } from '../clients.js';
import type { ClientsOf } from '../clients-of.js';
import { inlineOutput } from '../content.js';
import { refusedIn } from '../field-names.js';
import { goneSignal } from '../gone-signal.js';
import { PRIORITIES } from '../names.js';
import { present } from '../present.js';
import { submitSummarization, submitTranscription, submitTts } from '../schemas/submit.js';
import { submittedAnswer, type SubmittedAnswer } from '../shapes/submitted.js';
import { taskResultAnswer, type TaskResultAnswer } from '../shapes/task-result.js';
import { applyPreference, waitOf } from '../wait.js';

type Kind = NonNullable<TaskSpec['kind']>;
/** What a submission that waited is answered with. */
type EndedAnswer = SubmittedAnswer & TaskResultAnswer;

/** The three doors for new tasks. */
export function addSubmitRoutes(app: FastifyInstance, clientsOf: ClientsOf, clock: Clock): void {
  const doorsOf = (request: FastifyRequest) => ({ clients: clientsOf(request), clock });
  app.post('/api/v1/transcription', { schema: submitTranscription }, async (request, reply) => {
    const clients = clientsOf(request);
    const signal = goneSignal(reply);
    let received: ReceivedAudio | undefined;
    const fields = await readFields(request, {
      audio_file: async (file) => {
        if (received !== undefined) throw secondFile('audio_file');
        received = await receiveAudio(file, clients.content, signal);
      },
    });
    const kind = { $case: 'transcription', value: receivedOrUploaded(fields, received) } as const;
    return submit({ clients, clock }, { request, reply, fields, kind, signal });
  });

  app.post('/api/v1/tts', { schema: submitTts }, (request, reply) =>
    submitText(doorsOf(request), { request, reply }, (fields) => ({
      $case: 'tts',
      value: { text: fields.requiredText('text'), voice: fields.text('voice') ?? '' },
    })),
  );

  app.post('/api/v1/summarization', { schema: submitSummarization }, (request, reply) =>
    submitText(doorsOf(request), { request, reply }, (fields) => ({
      $case: 'summarization',
      value: { text: fields.requiredText('text'), maxSentences: fields.integer('max_sentences') ?? 0 },
    })),
  );
}

/** The audio of the request itself, or what was uploaded before under its SHA-256. */
function receivedOrUploaded(fields: Fields, received: ReceivedAudio | undefined): Transcription {
  const sha256 = fields.text('content_sha256');
  if (received !== undefined && sha256 !== undefined) throw twoAudios();
  if (received !== undefined) return received;
  if (sha256 === undefined) fields.missing('audio_file');
  return Transcription.fromPartial({
    audio: { $case: 'content', value: { sha256: sha256?.toLowerCase() ?? '' } },
    fileName: fields.text('file_name') ?? '',
  });
}

interface Doors {
  readonly clients: BridgeClients;
  readonly clock: Clock;
}

async function submitText(
  doors: Doors,
  { request, reply }: { readonly request: FastifyRequest; readonly reply: FastifyReply },
  kindOf: (fields: Fields) => Kind,
): Promise<SubmittedAnswer | EndedAnswer> {
  const signal = goneSignal(reply);
  const fields = await readFields(request);
  return submit(doors, { request, reply, fields, kind: kindOf(fields), signal });
}

interface Submission {
  readonly request: FastifyRequest;
  readonly reply: FastifyReply;
  readonly fields: Fields;
  readonly kind: Kind;
  readonly signal: AbortSignal;
}

async function submit(
  { clients, clock }: Doors,
  { request, reply, fields, kind, signal }: Submission,
): Promise<SubmittedAnswer | EndedAnswer> {
  const spec = TaskSpec.fromPartial({
    kind,
    language: fields.requiredFolded('source_language'),
    priority: fields.choice('priority', PRIORITIES) ?? PRIORITIES.normal,
    callbackUrl: fields.text('callback_url') ?? '',
  });
  const wait = waitOf(request, fields);
  fields.check();
  const requestId = request.headers['idempotency-key'];
  const submitted = await clients.tasks
    .submitTask(
      SubmitTaskRequest.create({ requestId: typeof requestId === 'string' ? requestId : '', task: spec }),
      { signal, deadlineMs: CALL_MS },
    )
    .catch(refusedIn(fields));
  const task = present(submitted.task, 'task');
  const answer = submittedAnswer(task, submitted.deduplicated);
  applyPreference(reply, wait);
  if (wait.seconds === 0) return answer;
  const how = { id: task.id, waitMs: wait.seconds * 1000, clock, signal, known: task };
  const ended = (await awaitEnd(clients, how).catch(unwatched)) ?? task;
  const output = await inlineOutput(ended, { client: clients.content, signal });
  return { ...answer, ...taskResultAnswer(ended, output) };
}

/** Why a task cannot be followed, though it is there. */
const UNWATCHED: ReadonlySet<Reason> = new Set(['PERMISSION_DENIED', 'UNAUTHENTICATED', 'UNAVAILABLE']);

/** The task was handed in: told of an error alone, its caller would not know its id and hand it in again. */
function unwatched(error: unknown): undefined {
  if (error instanceof Refusal && UNWATCHED.has(error.reason)) return undefined;
  throw error;
}
