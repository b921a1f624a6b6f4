import { fork } from 'node:child_process';
import { once } from 'node:events';
import { ProcessUsage } from './process-usage.js';

/** A server in a process of its own that says its port when it listens. */
export interface ForkedServer {
  readonly port: number;
  readonly usage: ProcessUsage;
  stop(): Promise<void>;
}

/** @param file a module of this folder */
export async function forkServer(file: string): Promise<ForkedServer> {
  const child = fork(new URL(file, import.meta.url).pathname);
  const ended = once(child, 'exit');
  const [port] = (await Promise.race([
    once(child, 'message'),
    ended.then(([code]) => {
      throw new Error(`${file} ended with ${String(code)}`);
    }),
  ])) as [number];
  return {
    port,
    usage: new ProcessUsage(child.pid ?? 0),
    stop: async () => {
      child.kill();
      await ended;
    },
  };
}
