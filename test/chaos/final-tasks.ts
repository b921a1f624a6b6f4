import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Owner } from '../../src/domain/ids.js';
import type { Payload, Task } from '../../src/domain/task.js';
import type { FinalTask } from './evidence.js';
import { SqliteTaskStore } from '../../src/store/sqlite/store.js';

const PAGE = 1_000;

/** Every task of an owner in the full view, from the files that a stopped proxy left in its data directory. */
export async function finalTasks(dataDir: string, owner: Owner): Promise<readonly FinalTask[]> {
  const store = await SqliteTaskStore.open({ file: join(dataDir, 'proxy.db') });
  try {
    const tasks: FinalTask[] = [];
    let after: number | undefined;
    do {
      const page = await store.list({ owner, limit: PAGE, ...(after !== undefined && { after }) });
      const full = await Promise.all(page.tasks.map(({ id }) => store.get({ id, view: 'full' })));
      for (const task of full)
        if (task !== undefined)
          tasks.push(await withWebhook(store, await withPayloads(store, dataDir, task)));
      after = page.next;
    } while (after !== undefined);
    return tasks;
  } finally {
    await store.close();
  }
}

async function withWebhook(store: SqliteTaskStore, task: Task): Promise<FinalTask> {
  if (task.callbackUrl === undefined) return task;
  const outcome = await store.findWebhook(task);
  return outcome.kind === 'found' ? { ...task, webhook: outcome.webhook } : task;
}

/** Payloads come inline where their bytes are there; a reference is left where they are not. */
async function withPayloads(store: SqliteTaskStore, dataDir: string, task: Task): Promise<Task> {
  const inline = async (payload: Payload): Promise<Payload> => {
    if (payload.kind === 'inline') return payload;
    const record = await store.findContent({ owner: task.owner, sha256: payload.sha256 });
    if (record === undefined) return payload;
    const bytes = await readFile(join(dataDir, 'content', record.file)).catch(() => undefined);
    return bytes === undefined ? payload : { kind: 'inline', bytes };
  };
  const { input, status } = task;
  const output = status.state === 'completed' ? status.result.output : undefined;
  return {
    ...task,
    ...(input.payload !== undefined && { input: { ...input, payload: await inline(input.payload) } }),
    ...(status.state === 'completed' &&
      output !== undefined && {
        status: { ...status, result: { ...status.result, output: await inline(output) } },
      }),
  };
}
