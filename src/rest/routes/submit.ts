import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { SubmitTaskRequest } from '../../../gen/ts/audiosubnet/v1/task_service.js';
import { TaskSpec } from '../../../gen/ts/audiosubnet/v1/task.js';
import { receiveAudio, secondFile, type ReceivedAudio } from '../audio-upload.js';
import type { Fields } from '../carriers/fields.js';
import { readFields } from '../carriers/read-fields.js';
import { CALL_MS, type BridgeClients } from '../clients.js';
import { refusedIn } from '../field-names.js';
import { goneSignal } from '../gone-signal.js';
import { PRIORITIES } from '../names.js';
import { present } from '../present.js';
import { submitSummarization, submitTranscription, submitTts } from '../schemas/submit.js';
import { submittedAnswer, type SubmittedAnswer } from '../shapes/submitted.js';

type Kind = NonNullable<TaskSpec['kind']>;

/** The three doors for new tasks. */
export function addSubmitRoutes(app: FastifyInstance, clients: BridgeClients): void {
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
    return submit(clients, {
      request,
      fields,
      kind: { $case: 'transcription', value: { audio, fileName, mediaType } },
      signal,
    });
  });

  app.post('/api/v1/tts', { schema: submitTts }, (request, reply) =>
    submitText(clients, { request, reply }, (fields) => ({
      $case: 'tts',
      value: { text: fields.requiredText('text'), voice: fields.text('voice') ?? '' },
    })),
  );

  app.post('/api/v1/summarization', { schema: submitSummarization }, (request, reply) =>
    submitText(clients, { request, reply }, (fields) => ({
      $case: 'summarization',
      value: { text: fields.requiredText('text'), maxSentences: fields.integer('max_sentences') ?? 0 },
    })),
  );
}

async function submitText(
  clients: BridgeClients,
  { request, reply }: { readonly request: FastifyRequest; readonly reply: FastifyReply },
  kindOf: (fields: Fields) => Kind,
): Promise<SubmittedAnswer> {
  const signal = goneSignal(reply);
  const fields = await readFields(request);
  return submit(clients, { request, fields, kind: kindOf(fields), signal });
}

interface Submission {
  readonly request: FastifyRequest;
  readonly fields: Fields;
  readonly kind: Kind;
  readonly signal: AbortSignal;
}

async function submit(
  clients: BridgeClients,
  { request, fields, kind, signal }: Submission,
): Promise<SubmittedAnswer> {
  const spec = TaskSpec.fromPartial({
    kind,
    language: fields.requiredFolded('source_language'),
    priority: fields.choice('priority', PRIORITIES) ?? PRIORITIES.normal,
    callbackUrl: fields.text('callback_url') ?? '',
  });
  fields.check();
  const requestId = request.headers['idempotency-key'];
  const { task, deduplicated } = await clients.tasks
    .submitTask(
      SubmitTaskRequest.create({ requestId: typeof requestId === 'string' ? requestId : '', task: spec }),
      { signal, deadlineMs: CALL_MS },
    )
    .catch(refusedIn(fields));
  return submittedAnswer(present(task, 'task'), deduplicated);
}
