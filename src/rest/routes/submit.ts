import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { SubmitTaskRequest } from '../../../gen/ts/audiosubnet/v1/task_service.js';
import { TaskSpec } from '../../../gen/ts/audiosubnet/v1/task.js';
import type { Clock } from '../../runtime/clock.js';
import { receiveAudio, secondFile, type ReceivedAudio } from '../audio-upload.js';
import { awaitEnd } from '../await-end.js';
import type { Fields } from '../carriers/fields.js';
import { readFields } from '../carriers/read-fields.js';
import { CALL_MS, type BridgeClients } from '../clients.js';
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
export function addSubmitRoutes(app: FastifyInstance, clients: BridgeClients, clock: Clock): void {
  const doors = { clients, clock };
  app.post('/api/v1/transcription', { schema: submitTranscription }, async (request, reply) => {
    const signal = goneSignal(reply);
    let received: ReceivedAudio | undefined;
    const fields = await readFields(request, {
      audio_file: async (file) => {
        if (received !== undefined) throw secondFile();
        received = await receiveAudio(file, clients.content, signal);
      },
    });
    if (received === undefined) fields.missing('audio_file');
    const { audio, fileName = '', mediaType = '' } = received ?? {};
    return submit(doors, {
      request,
      reply,
      fields,
      kind: { $case: 'transcription', value: { audio, fileName, mediaType } },
      signal,
    });
  });

  app.post('/api/v1/tts', { schema: submitTts }, (request, reply) =>
    submitText(doors, { request, reply }, (fields) => ({
      $case: 'tts',
      value: { text: fields.requiredText('text'), voice: fields.text('voice') ?? '' },
    })),
  );

  app.post('/api/v1/summarization', { schema: submitSummarization }, (request, reply) =>
    submitText(doors, { request, reply }, (fields) => ({
      $case: 'summarization',
      value: { text: fields.requiredText('text'), maxSentences: fields.integer('max_sentences') ?? 0 },
    })),
  );
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
  const ended = (await awaitEnd(clients, how)) ?? task;
  const output = await inlineOutput(ended, { client: clients.content, signal });
  return { ...answer, ...taskResultAnswer(ended, output) };
}
