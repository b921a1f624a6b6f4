import { createChannel, type Channel } from '../../src/rpc/clients/channel.js';
import { createTaskServiceClient, type TaskServiceClient } from '../../src/rpc/clients/task-clients.js';
import { Installation } from '../support/installation.js';
import type { RunningProgram } from '../support/program.js';
import { BenchViolation } from './bench-violation.js';
import { benchDisk } from './disk.js';
import { ProcessUsage } from './process-usage.js';

/** Above what any case submits. */
const FLAGS = ['--queue.max_pending', '100000000'];

/** A proxy in a process of its own, with its database on a disk. */
export class BenchProxy {
  readonly installation: Installation;
  #program: RunningProgram;

  private constructor(installation: Installation, program: RunningProgram) {
    this.installation = installation;
    this.#program = program;
  }

  static async start(): Promise<BenchProxy> {
    const installation = await Installation.create(0, benchDisk().directory);
    return new BenchProxy(installation, await installation.startProxy(...FLAGS));
  }

  get address(): string {
    return `127.0.0.1:${this.installation.ports.grpc}`;
  }

  get channel(): Channel {
    return createChannel(this.address);
  }

  get tasks(): TaskServiceClient {
    return createTaskServiceClient(this.channel);
  }

  /**
   * Kills the process, starts it again and counts the tasks that wait.
   *
   * @throws Error when they are not as many as were acknowledged: one was lost, or refused by a status
   */
  async countAfterCrash(acknowledged: number): Promise<{ readonly acknowledged: number; readonly lost: 0 }> {
    await this.restart('SIGKILL');
    const tasks = this.tasks;
    const { stats } = await tasks.getQueueStats({}, { deadlineMs: 10_000 });
    tasks.close();
    const stored = Number(stats?.pendingCount);
    if (stored !== acknowledged)
      throw new BenchViolation(`${acknowledged} were acknowledged, ${stored} are there`);
    return { acknowledged, lost: 0 };
  }

  /** Of the process that runs now. */
  get usage(): ProcessUsage {
    return new ProcessUsage(this.#program.pid);
  }

  /** @returns milliseconds from the start of the new process until it is ready */
  async restart(signal: 'SIGTERM' | 'SIGKILL'): Promise<number> {
    await this.#program.kill(signal);
    const start = performance.now();
    this.#program = await this.installation.startProxy(...FLAGS);
    return performance.now() - start;
  }

  /** Ends the process and leaves the database. */
  async stop(): Promise<void> {
    await this.#program.stop();
  }

  /** Ends the process and removes the database. */
  dispose(): Promise<void> {
    return this.installation.dispose();
  }
}
