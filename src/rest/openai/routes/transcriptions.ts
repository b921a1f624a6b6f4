import type { FastifyInstance, FastifyRequest } from 'fastify';
import { receiveAudio, secondFile, type ReceivedAudio } from '../../audio-upload.js';
import type { Fields } from '../../carriers/fields.js';
import { readFields } from '../../carriers/read-fields.js';
import type { DoorDeps } from '../doors.js';
import { languageOf } from '../language.js';
import { told } from '../error-answer.js';
import { sendEvents } from '../event-stream.js';
import { finishedTask, waiter, type TaskWaiting, type Waiter } from '../finished-task.js';
import { requiredModel } from '../models.js';
import { refuseOthers } from '../offered-fields.js';
import { outputOf } from '../output.js';
import { createTranscription } from '../schemas/doors.js';
import {
  TRANSCRIPT_FORMATS,
  transcriptAnswer,
  transcriptEvents,
  transcriptOf,
  type Transcript,
  type TranscriptFormat,
} from '../shapes/transcript.js';
import { wavSeconds } from '../wav-seconds.js';

const OFFERED = {
  read: [
    'model',
    'language',
    'response_format',
    'stream',
    'timestamp_granularities[]',
    'timestamp_granularities',
  ],
  // Hints for recognizers that take them.
  ignored: ['prompt', 'temperature', 'chunking_strategy'],
};

/** Speech to text, answered when it is done. */
export function addTranscriptionRoute(scope: FastifyInstance, deps: DoorDeps): void {
  scope.post('/audio/transcriptions', { schema: createTranscription }, async (request, reply) => {
    const wait = waiter(reply);
    const waiting = { ...deps, clients: deps.clientsOf(request) };
    const { fields, received } = await readForm(request, waiting, wait);
    const { format, isStream, language } = wishes(fields);
    if (received === undefined) fields.missing('file');
    requiredModel(fields, 'transcription');
    const transcript = transcribe(waiting, { received: received ?? NOTHING, language }, wait);
    if (isStream)
      return sendEvents(reply, {
        events: transcript.then(transcriptEvents),
        clock: deps.clock,
        gone: wait.gone,
        onLateError: told(deps.log, request),
      });
    const { mediaType, body } = transcriptAnswer(await transcript, format);
    return reply.header('content-type', mediaType).send(body);
  });
}

const NOTHING: ReceivedAudio = {
  audio: { $case: 'inlineAudio', value: Buffer.alloc(0) },
  fileName: '',
  mediaType: '',
  head: Buffer.alloc(0),
};

async function readForm(
  request: FastifyRequest,
  { clients }: TaskWaiting,
  { gone }: Waiter,
): Promise<{ readonly fields: Fields; readonly received: ReceivedAudio | undefined }> {
  let received: ReceivedAudio | undefined;
  const fields = await readFields(request, {
    file: async (file) => {
      if (received !== undefined) throw secondFile('file');
      received = await receiveAudio(file, clients.content, gone);
    },
  });
  return { fields, received };
}

interface Wishes {
  readonly format: TranscriptFormat;
  readonly isStream: boolean;
  readonly language: string;
}

function wishes(fields: Fields): Wishes {
  refuseOthers(fields, OFFERED);
  const format = fields.choice('response_format', TRANSCRIPT_FORMATS) ?? 'json';
  const isStream = fields.boolean('stream') ?? false;
  for (const name of ['timestamp_granularities[]', 'timestamp_granularities']) {
    const wanted = [fields.value(name) ?? []].flat();
    if (!wanted.every((granularity) => granularity === 'segment'))
      fields.refuse(name, 'unsupported_value', 'Times are told of segments alone, not of words');
  }
  if (isStream && format !== 'json' && format !== 'text')
    fields.refuse(
      'response_format',
      'unsupported_value',
      `A stream has no form ${format}; leave one of both out`,
    );
  return { format, isStream, language: languageOf(fields) };
}

async function transcribe(
  deps: TaskWaiting,
  { received, language }: { readonly received: ReceivedAudio; readonly language: string },
  wait: Waiter,
): Promise<Transcript> {
  const { audio, fileName, mediaType, head } = received;
  const { result } = await finishedTask(
    deps,
    { kind: { $case: 'transcription', value: { audio, fileName, mediaType } }, language },
    wait,
  );
  const text = (await outputOf(result, deps.clients, wait.gone)).toString();
  const totalBytes = audio.$case === 'content' ? Number(audio.value.sizeBytes) : audio.value.length;
  return transcriptOf({
    text,
    language,
    segments: result.segments,
    audioSeconds: wavSeconds(head, totalBytes),
  });
}
