import { expect } from 'chai';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { SubmitTaskRequest } from '../../gen/ts/audiosubnet/v1/task_service.js';
import { LEASE_MS } from '../../src/domain/limits.js';
import { createChannel } from '../../src/rpc/clients/channel.js';
import {
  createTaskServiceClient,
  createValidatorIntegrationClient,
  type TaskServiceClient,
  type ValidatorIntegrationClient,
} from '../../src/rpc/clients/task-clients.js';
import { pause } from '../chaos/chaos-channel.js';
import { playChaos } from '../chaos/chaos.js';
import { ValidatorProcess } from '../chaos/validator-process.js';
import { Installation } from '../support/installation.js';

describe('chaos', function () {
  this.timeout(120_000);

  it('breaks no promise in three rounds of kills, cuts, suspensions and jumps of the clock', async () => {
    const report = await playChaos({ rounds: 3, seed: 3 });
    expect(report.violations).to.deep.equal([]);
    expect(report.acknowledged).to.be.above(200);
    expect(report.states.completed).to.be.above(0);
  });
});

describe('a validator that has gone', function () {
  this.timeout(60_000);
  const TASKS = 20;
  let installation: Installation;
  let tasks: TaskServiceClient;
  let validators: ValidatorIntegrationClient;
  const stop = new AbortController();

  before(async () => {
    installation = await Installation.create(1);
    await installation.startProxy();
    await mkdir(join(installation.dataDir, 'chaos'));
    const channel = createChannel(`127.0.0.1:${installation.ports.grpc}`);
    tasks = createTaskServiceClient(channel);
    validators = createValidatorIntegrationClient(channel);
  });
  after(async () => {
    stop.abort();
    tasks.close();
    validators.close();
    await installation.dispose();
  });

  async function submit(): Promise<void> {
    const task = { kind: { $case: 'tts', value: { text: 'hello' } }, language: 'en' } as const;
    await Promise.all(
      Array.from({ length: TASKS }, () => tasks.submitTask(SubmitTaskRequest.fromPartial({ task }))),
    );
  }

  /** What an idle validator gets from here on. */
  async function* delivered(): AsyncGenerator<number> {
    const request = { sessionId: '', validatorHotkey: 'idle', maxInFlight: 1_000, kinds: [] };
    for await (const { event } of validators.watchPendingTasks(request, { signal: stop.signal }))
      yield event?.$case === 'tasksAssigned' ? event.value.tasks.length : 0;
  }

  it('leaves what is submitted afterwards to the others', async () => {
    const others = delivered();
    await others.next();
    for (const [place, signal] of (['SIGTERM', 'SIGKILL'] as const).entries()) {
      const gone = new ValidatorProcess({
        name: signal,
        address: `127.0.0.1:${installation.ports.http}`,
        seed: place,
        maxInFlight: TASKS,
        history: join(installation.dataDir, 'chaos', `${signal}.jsonl`),
      });
      while (!gone.events.some(({ kind }) => kind === 'stream')) await pause(10);
      await gone.end(signal);
      const start = performance.now();
      await submit();
      for (let left = TASKS; left > 0; left -= (await others.next()).value ?? TASKS);
      expect(performance.now() - start, signal).to.be.below(LEASE_MS / 2);
    }
  });
});
