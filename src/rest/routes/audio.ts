import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { TaskKind, TaskState, type Task } from '../../../gen/ts/audiosubnet/v1/task.js';
import type { ClientsOf } from '../clients-of.js';
import { goneSignal } from '../gone-signal.js';
import { stateName } from '../names.js';
import { answerRange } from '../ranged-answer.js';
import { rangedPayload } from '../ranged-payload.js';
import { readTask } from '../read-task.js';
import { headAudio, readAudio, type TaskPath } from '../schemas/tasks.js';
import { nameContent } from '../user-content.js';

const PATH = '/api/v1/tasks/:task_id/audio';

/** What a media type may look like to be passed on; browsers read one of `+xml` as a page. */
const AUDIO_TYPE = /^audio\/[a-z0-9.-]+$/i;

const FILE_ENDINGS: Readonly<Record<string, string>> = {
  'audio/flac': 'flac',
  'audio/mpeg': 'mp3',
  'audio/ogg': 'ogg',
};

/** A spoken result as a file that players take. */
export function addAudioRoute(app: FastifyInstance, clientsOf: ClientsOf): void {
  const answer = async (request: FastifyRequest<TaskPath>, reply: FastifyReply) => {
    const clients = clientsOf(request);
    const signal = goneSignal(reply);
    const task = await readTask(clients, { id: request.params.task_id, signal });
    if (task.kind !== TaskKind.TTS) return absent(reply, 404, 'The task has no spoken result');
    const output = task.result?.output;
    if (task.state !== TaskState.COMPLETED || output === undefined) {
      return absent(reply, 409, `The task is ${stateName(task.state)}, there is no audio`);
    }
    return answerRange(
      request,
      file(reply, task),
      rangedPayload(output, { client: clients.content, signal }),
    );
  };
  app.get<TaskPath>(PATH, { schema: readAudio }, answer);
  app.head<TaskPath>(PATH, { schema: headAudio }, answer);
}

function absent(reply: FastifyReply, status: number, detail: string): FastifyReply {
  return reply.code(status).send({ detail });
}

function file(reply: FastifyReply, { id, result }: Task): FastifyReply {
  const mediaType = result?.mediaType || 'audio/wav';
  return nameContent(reply, {
    mediaType: AUDIO_TYPE.test(mediaType) ? mediaType : 'audio/wav',
    fileName: `${id}.${FILE_ENDINGS[mediaType] ?? 'wav'}`,
    disposition: 'inline',
  });
}
