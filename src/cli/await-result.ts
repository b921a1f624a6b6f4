import { writeFile } from 'node:fs/promises';
import type { AudioResult, Task } from '../client/index.js';
import { taskText } from './progress-line.js';
import { resultJson, taskJson } from './task-json.js';
import type { UserSession } from './user-session.js';

export interface Wanted {
  readonly json: boolean;
  /** For a spoken result; `-` is standard output. */
  readonly output?: string;
}

/** Prints a task that was handed in: its result when it is to be waited for, else its id. */
export async function finish(
  session: UserSession,
  task: Task,
  { wait, ...wanted }: Wanted & { readonly wait: boolean },
): Promise<void> {
  session.task = task.id;
  session.progress.clear();
  if (wait) await awaitResult(session, task.id, wanted);
  else await session.print(`${wanted.json ? JSON.stringify(taskJson(task)) : task.id}\n`);
}

/** Shows a task moving and prints its result. @throws TaskEndedError when it has none */
export async function awaitResult(session: UserSession, id: string, { json, output }: Wanted): Promise<void> {
  const { client, progress, signal } = session;
  session.task = id;
  for await (const task of client.watch(id, { signal })) progress.show(taskText(task));
  const result = await client.result(id, { signal });
  progress.clear();
  if (result.kind === 'audio') await keep(session, result, output);
  if (json) await session.print(`${JSON.stringify(resultJson(result, output))}\n`);
  else if (result.kind === 'text') await session.print(`${result.text}\n`);
}

async function keep(
  { print, remark }: UserSession,
  result: AudioResult,
  output: string | undefined,
): Promise<void> {
  const { audio, task } = result;
  if (output === '-') await print(audio);
  else if (output !== undefined) await writeFile(output, audio);
  else
    remark(
      `${audio.byteLength} bytes of audio: audio-subnet watch ${task.id} -o <file> writes them to a file`,
    );
}
