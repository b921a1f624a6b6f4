import { Readable } from 'node:stream';
import type { FastifyInstance, FastifyReply } from 'fastify';
import type { DownloadContentResponse } from '../../../gen/ts/audiosubnet/v1/content_service.js';
import { TaskKind, TaskState, type Task } from '../../../gen/ts/audiosubnet/v1/task.js';
import type { BridgeClients } from '../clients.js';
import { download } from '../content.js';
import { goneSignal } from '../gone-signal.js';
import { stateName } from '../names.js';
import { readAudio, type TaskPath } from '../schemas/tasks.js';
import { readTask } from '../read-task.js';
import { nameContent } from '../user-content.js';

const FILE_ENDINGS: Readonly<Record<string, string>> = {
  'audio/flac': 'flac',
  'audio/mpeg': 'mp3',
  'audio/ogg': 'ogg',
};

/** A spoken result as a file that players take. */
export function addAudioRoute(app: FastifyInstance, clients: BridgeClients): void {
  app.get<TaskPath>('/api/v1/tasks/:task_id/audio', { schema: readAudio }, async (request, reply) => {
    const signal = goneSignal(reply);
    const task = await readTask(clients, { id: request.params.task_id, signal });
    if (task.kind !== TaskKind.TTS) return absent(reply, 404, 'The task has no spoken result');
    const output = task.result?.output;
    if (task.state !== TaskState.COMPLETED || output === undefined) {
      return absent(reply, 409, `The task is ${stateName(task.state)}, there is no audio`);
    }
    if (output.$case !== 'content') return file(reply, task).send(Buffer.from(output.value));
    const { totalBytes, bytes } = await opened(download(output.value, { client: clients.content, signal }));
    return file(reply, task).header('content-length', totalBytes.toString()).send(Readable.from(bytes));
  });
}

function absent(reply: FastifyReply, status: number, detail: string): FastifyReply {
  return reply.code(status).send({ detail });
}

function file(reply: FastifyReply, { id, result }: Task): FastifyReply {
  const mediaType = result?.mediaType || 'audio/wav';
  return nameContent(reply, {
    mediaType: mediaType.startsWith('audio/') ? mediaType : 'audio/wav',
    fileName: `${id}.${FILE_ENDINGS[mediaType] ?? 'wav'}`,
    disposition: 'inline',
  });
}

/** Waits for the first chunk, which tells the length, and whether there is content at all. */
export async function opened(
  messages: AsyncIterable<DownloadContentResponse>,
): Promise<{ readonly totalBytes: bigint; readonly bytes: AsyncIterable<Buffer> }> {
  const rest = messages[Symbol.asyncIterator]();
  const first = await rest.next();
  if (first.done === true) return { totalBytes: 0n, bytes: Readable.from([]) };
  return { totalBytes: first.value.totalBytes, bytes: bytesOf(first.value, rest) };
}

async function* bytesOf(
  first: DownloadContentResponse,
  rest: AsyncIterator<DownloadContentResponse>,
): AsyncIterable<Buffer> {
  try {
    yield first.data;
    for (let next = await rest.next(); next.done !== true; next = await rest.next()) yield next.value.data;
  } finally {
    await rest.return?.();
  }
}
