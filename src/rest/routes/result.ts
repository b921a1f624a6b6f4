import type { FastifyInstance, FastifyReply } from 'fastify';
import { TaskKind, TaskState, type Task } from '../../../gen/ts/audiosubnet/v1/task.js';
import { Refusal } from '../../domain/errors.js';
import type { Clock } from '../../runtime/clock.js';
import { isFinal } from '../await-end.js';
import { readFields } from '../carriers/read-fields.js';
import type { ClientsOf } from '../clients-of.js';
import { inlineOutput, payloadBytes, type ReadContent } from '../content.js';
import { goneSignal } from '../gone-signal.js';
import { stateName } from '../names.js';
import { present } from '../present.js';
import { readTaskWithin } from '../read-task.js';
import { readOutput, type TaskPath } from '../schemas/tasks.js';
import { toSrt, toVtt, type SubtitleSegment } from '../shapes/subtitles.js';
import { errorMessage, outputAnswer, outputUrl } from '../shapes/task-result.js';
import { applyPreference, MAX_WAIT_SECONDS, waitOf } from '../wait.js';

const FORMATS = { json: 'json', text: 'text', srt: 'srt', vtt: 'vtt' } as const;
type Format = keyof typeof FORMATS;

const MEDIA_TYPES = {
  text: 'text/plain; charset=utf-8',
  srt: 'application/x-subrip; charset=utf-8',
  vtt: 'text/vtt; charset=utf-8',
} as const satisfies Record<Exclude<Format, 'json'>, string>;

/** The result of a task by itself, in the form that its reader wants. */
export function addResultRoute(app: FastifyInstance, clientsOf: ClientsOf, clock: Clock): void {
  app.get<TaskPath>('/api/v1/tasks/:task_id/result', { schema: readOutput }, async (request, reply) => {
    const clients = clientsOf(request);
    const signal = goneSignal(reply);
    const fields = await readFields(request);
    const format = fields.choice('format', FORMATS) ?? 'json';
    const wait = waitOf(request, fields);
    fields.check();
    const { seconds } = wait;
    const task = await readTaskWithin(clients, { id: request.params.task_id, seconds, clock, signal });
    applyPreference(reply, wait);
    return send(reply, completed(task), { format, how: { client: clients.content, signal } });
  });
}

/** @throws Refusal TASK_NOT_FINAL, RESULT_UNAVAILABLE */
function completed(task: Task): Task {
  if (task.state === TaskState.COMPLETED) return task;
  const state = stateName(task.state);
  const metadata = { id: task.id, state };
  if (!isFinal(task)) {
    const hint = `ask with ?wait=${MAX_WAIT_SECONDS} to wait for the end`;
    throw new Refusal('TASK_NOT_FINAL', `the task is ${state}; ${hint}`, { metadata });
  }
  const why = errorMessage(task);
  throw new Refusal('RESULT_UNAVAILABLE', `the task is ${state}${why === null ? '' : `: ${why}`}`, {
    metadata,
  });
}

interface Sending {
  readonly format: Format;
  readonly how: ReadContent;
}

async function send(reply: FastifyReply, task: Task, { format, how }: Sending): Promise<FastifyReply> {
  const isSpeech = task.kind === TaskKind.TTS;
  if (format === 'json') {
    const bytes = isSpeech ? await inlineOutput(task, how) : await wholeOutput(task, how);
    return reply.send(outputAnswer(task, bytes));
  }
  if (isSpeech) throw unavailable(task, `the result is speech, to be fetched at ${outputUrl(task)}`);
  const body = format === 'text' ? await wholeOutput(task, how) : subtitles(task, format);
  return reply
    .header('content-type', MEDIA_TYPES[format])
    .header('x-content-type-options', 'nosniff')
    .send(body);
}

function wholeOutput({ result }: Task, how: ReadContent): Promise<Buffer> {
  return payloadBytes(present(result?.output, 'output'), how);
}

/** @throws Refusal RESULT_UNAVAILABLE */
function subtitles(task: Task, format: 'srt' | 'vtt'): string {
  const segments = (task.result?.segments ?? []).map(({ startMs, endMs, text }): SubtitleSegment => ({
    startMs: Number(startMs),
    endMs: Number(endMs),
    text,
  }));
  if (segments.length === 0) throw unavailable(task, 'the result has no times for subtitles');
  return format === 'srt' ? toSrt(segments) : toVtt(segments);
}

function unavailable({ id }: Task, why: string): Refusal {
  return new Refusal('RESULT_UNAVAILABLE', why, { metadata: { id } });
}
