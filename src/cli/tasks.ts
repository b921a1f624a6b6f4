import type { Task } from '../client/index.js';
import type { TasksConfig } from '../config/user.js';
import { printable } from './progress-line.js';
import { taskJson } from './task-json.js';
import type { UserSession } from './user-session.js';

const HEAD = ['task', 'type', 'status', 'submitted', 'file'];

/** Lists tasks, newest first: aligned on a terminal, in fields between tabs elsewhere. */
export async function runTasks({ state, limit, json }: TasksConfig, session: UserSession): Promise<void> {
  const { client, signal, print } = session;
  const found: Task[] = [];
  for await (const task of client.list({ signal, state })) {
    found.push(task);
    if (found.length === limit) break;
  }
  if (json) await print(`${JSON.stringify(found.map(taskJson), null, 2)}\n`);
  else await print(process.stdout.isTTY ? table([HEAD, ...found.map(cells)]) : lines(found));
}

function cells({ id, kind, state, createTime, fileName = '' }: Task): readonly string[] {
  return [id, kind, state, createTime.toISOString(), printable(fileName)];
}

function lines(tasks: readonly Task[]): string {
  return tasks.map((task) => `${cells(task).join('\t')}\n`).join('');
}

function table(rows: readonly (readonly string[])[]): string {
  const widths = HEAD.map((_name, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows
    .map(
      (row) =>
        `${row
          .map((cell, column) => cell.padEnd(widths[column] ?? 0))
          .join('  ')
          .trimEnd()}\n`,
    )
    .join('');
}
