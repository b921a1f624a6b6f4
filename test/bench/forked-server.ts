import { fork } from 'node:child_process';
import { once } from 'node:events';
import { ProcessUsage } from './process-usage.js';

/** A server in a process of its own that says where it listens: its port, or its ports. */
export interface ForkedServer<Listening = number> {
  readonly port: Listening;
  readonly usage: ProcessUsage;
  stop(): Promise<void>;
}

/** @param file a module of this folder */
export async function forkServer<Listening = number>(
  file: string,
  args: readonly string[] = [],
): Promise<ForkedServer<Listening>> {
  const child = fork(new URL(file, import.meta.url).pathname, args);
  const ended = once(child, 'exit');
  const [port] = (await Promise.race([
    once(child, 'message'),
    ended.then(([code]) => {
      throw new Error(`${file} ended with ${String(code)}`);
    }),
  ])) as [Listening];
  return {
    port,
    usage: new ProcessUsage(child.pid ?? 0),
    stop: async () => {
      child.kill();
      await ended;
    },
  };
}
