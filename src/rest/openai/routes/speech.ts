import type { FastifyInstance } from 'fastify';
import type { Fields } from '../../carriers/fields.js';
import { readFields } from '../../carriers/read-fields.js';
import type { DoorDeps } from '../doors.js';
import { finishedTask, waiter } from '../finished-task.js';
import { languageOf } from '../language.js';
import { requiredModel } from '../models.js';
import { refuseOthers } from '../offered-fields.js';
import { outputOf } from '../output.js';
import { createSpeech } from '../schemas/doors.js';
import { MEDIA_TYPES, SPEECH_FORMATS, type SpeechEncoder, type SpeechFormat } from '../speech-encoder.js';
import { voiceOf } from '../voices.js';

const OFFERED = {
  read: ['model', 'input', 'voice', 'response_format', 'language'],
  ignored: ['instructions'],
  only: { speed: 1, stream_format: 'audio' },
};

/** Text to speech, answered with the audio. */
export function addSpeechRoute(scope: FastifyInstance, deps: DoorDeps): void {
  scope.post('/audio/speech', { schema: createSpeech }, async (request, reply) => {
    const wait = waiter(reply);
    const fields = await readFields(request);
    refuseOthers(fields, OFFERED);
    const format = formatOf(fields, deps.encoder);
    const spec = { text: fields.requiredText('input'), voice: voiceOf(fields.text('voice') ?? '') };
    const language = languageOf(fields);
    requiredModel(fields, 'speech');
    const clients = deps.clientsOf(request);
    const { result } = await finishedTask(
      { ...deps, clients },
      { kind: { $case: 'tts', value: spec }, language },
      wait,
    );
    const speech = await outputOf(result, clients, wait.gone);
    const isAsWanted = result.mediaType === MEDIA_TYPES[format];
    return reply
      .header('content-type', MEDIA_TYPES[format])
      .header('x-content-type-options', 'nosniff')
      .send(isAsWanted ? speech : Buffer.from(await deps.encoder.encode(speech, format, wait.gone)));
  });
}

/** Programs that name no format take mp3; where it cannot be written they get WAV, and its media type says so. */
function formatOf(fields: Fields, { formats }: SpeechEncoder): SpeechFormat {
  const names = Object.fromEntries(SPEECH_FORMATS.map((name) => [name, name]));
  const format = fields.choice('response_format', names);
  if (format === undefined) return formats.includes('mp3') ? 'mp3' : 'wav';
  if (!formats.includes(format))
    fields.refuse(
      'response_format',
      'unsupported_value',
      `${format} cannot be written here, for which ffmpeg must be installed; there are ${formats.join(' and ')}`,
    );
  return format;
}
