import { expect } from 'chai';
import { Task, TaskState } from '../../gen/ts/audiosubnet/v1/task.js';
import { createSharedChannel } from '../../src/rpc/clients/channel.js';
import { createTaskServiceClient, type TaskServiceClient } from '../../src/rpc/clients/task-clients.js';
import { startRestProxy, type RestProxy } from '../support/rest-proxy.js';

const pending = Task.fromPartial({ id: 'w', state: TaskState.PENDING, revision: 1n });
const completed = { ...pending, state: TaskState.COMPLETED, revision: 2n };

describe('RenewedChannel', () => {
  let proxy: RestProxy;
  let client: TaskServiceClient;
  before(async () => {
    proxy = await startRestProxy();
    proxy.tasks.set('w', pending);
    client = createTaskServiceClient(createSharedChannel(proxy.address));
  });
  after(() => {
    client.close();
    proxy.close();
  });

  const states = async (signal?: AbortSignal): Promise<TaskState[]> => {
    const seen: TaskState[] = [];
    const request = { id: 'w', afterRevision: 1n };
    for await (const { task } of client.watchTask(request, signal && { signal })) seen.push(task!.state);
    return seen;
  };

  it('keeps the call of one caller while others give up 1,200 of theirs', async () => {
    const kept = states();
    await proxy.watched(1);
    for (let round = 0; round < 6; round += 1) {
      const gone = Array.from({ length: 200 }, () => new AbortController());
      const others = gone.map(({ signal }) => states(signal).catch(() => undefined));
      await proxy.watched(201);
      for (const controller of gone) controller.abort();
      await Promise.all([...others, proxy.watched(1)]);
    }
    proxy.change(completed);
    expect(await kept).to.deep.equal([TaskState.COMPLETED]);
  });
});
