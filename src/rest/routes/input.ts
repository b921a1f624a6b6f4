import type { FastifyInstance, FastifyReply } from 'fastify';
import { TaskView } from '../../../gen/ts/audiosubnet/v1/task_service.js';
import { TaskKind, type Task } from '../../../gen/ts/audiosubnet/v1/task.js';
import { Refusal } from '../../domain/errors.js';
import type { ClientsOf } from '../clients-of.js';
import { goneSignal } from '../gone-signal.js';
import { answerRange } from '../ranged-answer.js';
import { rangedPayload } from '../ranged-payload.js';
import { readTask } from '../read-task.js';
import { readInput, type TaskPath } from '../schemas/tasks.js';
import { nameContent } from '../user-content.js';

/** What a task was submitted with, as a file to save. */
export function addInputRoute(app: FastifyInstance, clientsOf: ClientsOf): void {
  app.get<TaskPath>('/api/v1/tasks/:task_id/input', { schema: readInput }, async (request, reply) => {
    const clients = clientsOf(request);
    const signal = goneSignal(reply);
    const task = await readTask(clients, { id: request.params.task_id, signal, view: TaskView.FULL });
    const payload = task.input?.payload;
    if (payload === undefined)
      throw new Refusal('CONTENT_NOT_FOUND', 'the input of the task is not kept any more', {
        metadata: { id: task.id },
      });
    const how = { client: clients.content, signal };
    return answerRange(request, named(reply, task), rangedPayload(payload, how));
  });
}

function named(reply: FastifyReply, { id, kind, input }: Task): FastifyReply {
  const isAudio = kind === TaskKind.TRANSCRIPTION;
  return nameContent(reply, {
    mediaType: isAudio ? (input?.mediaType ?? '') : 'text/plain; charset=utf-8',
    fileName: input?.fileName || (isAudio ? id : `${id}.txt`),
    disposition: 'attachment',
  });
}
