import { Readable } from 'node:stream';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { Task } from '../../../gen/ts/audiosubnet/v1/task.js';
import type { Clock } from '../../runtime/clock.js';
import { isFinal } from '../await-end.js';
import type { BridgeClients } from '../clients.js';
import type { ClientsOf } from '../clients-of.js';
import { inlineOutput } from '../content.js';
import { goneSignal } from '../gone-signal.js';
import { present } from '../present.js';
import { readTask } from '../read-task.js';
import { watchTask, type TaskPath } from '../schemas/tasks.js';
import { writeEvents, type ServerSentEvent } from '../server-sent-events.js';
import { taskResultAnswer } from '../shapes/task-result.js';

/** The life of a task as a stream that browsers follow by themselves. */
export function addEventRoute(app: FastifyInstance, clientsOf: ClientsOf, clock: Clock): void {
  app.get<TaskPath>('/api/v1/tasks/:task_id/events', { schema: watchTask }, async (request, reply) => {
    const clients = clientsOf(request);
    const signal = goneSignal(reply);
    const id = request.params.task_id;
    const seen = lastSeen(request);
    const task = await readTask(clients, { id, signal });
    // What 204 says to an EventSource: do not connect again.
    if (isFinal(task) && task.revision <= seen) return reply.code(204).send();
    const events = writeEvents(eventsOf(clients, { id, seen, signal }), clock);
    return (
      reply
        .header('content-type', 'text/event-stream')
        .header('cache-control', 'no-store')
        .header('x-accel-buffering', 'no')
        // A stream is long: when it ends the server may be waiting for its connections to close.
        .header('connection', 'close')
        .send(Readable.from(events))
    );
  });
}

interface Watch {
  readonly id: string;
  readonly seen: bigint;
  readonly signal: AbortSignal;
}

async function* eventsOf(
  clients: BridgeClients,
  { id, seen, signal }: Watch,
): AsyncGenerator<ServerSentEvent> {
  for await (const state of clients.tasks.watchTask({ id, afterRevision: seen }, { signal }))
    yield eventOf(present(state.task, 'task'), clients, signal);
}

async function eventOf(
  task: Task,
  { content }: BridgeClients,
  signal: AbortSignal,
): Promise<ServerSentEvent> {
  const answer = taskResultAnswer(task, await inlineOutput(task, { client: content, signal }));
  return { id: task.revision.toString(), event: 'task', data: JSON.stringify(answer) };
}

/** The revision that a reader saw last; 0 for a new one, and for an id that is none of ours. */
function lastSeen({ headers }: FastifyRequest): bigint {
  const id = headers['last-event-id'];
  return typeof id === 'string' && /^\d{1,18}$/.test(id) ? BigInt(id) : 0n;
}
