import { expect } from 'chai';
import { ClaimTasksRequest } from '../../gen/ts/audiosubnet/v1/validator_integration.js';
import { Refusal } from '../../src/domain/errors.js';
import { ANONYMOUS } from '../../src/domain/ids.js';
import { claimTasks } from '../../src/rpc/claim-tasks.js';
import type { ClaimByCall } from '../../src/queue/queue.js';
import type { Settlement } from '../../src/queue/task-store.js';
import { openQueueProxy, type QueueProxy } from '../support/queue-proxy.js';
import { submission } from '../support/queue.js';

describe('a validator that leaves', () => {
  let proxy: QueueProxy;

  beforeEach(async () => {
    proxy = await openQueueProxy();
  });
  afterEach(async () => {
    await proxy.close();
    expect(proxy.errors).to.deep.equal([]);
  });

  const turns = async (count: number) => {
    for (let turn = 0; turn < count; turn++) await new Promise((resolve) => setImmediate(resolve));
  };

  /** Looks until no lease is granted: sooner than one runs out. */
  async function untilNoLease(): Promise<void> {
    const end = performance.now() + 5_000;
    while ((await proxy.queue.stats()).leases > 0) {
      expect(performance.now()).to.be.below(end);
      await turns(1);
    }
  }

  it('leaves no task leased, whenever its stream ends', async () => {
    let delivered = 0;
    for (let round = 0; round < 60; round++) {
      const leaver = new AbortController();
      const { signal } = leaver;
      const request = { sessionId: '', validatorHotkey: 'v', maxInFlight: 4, kinds: [] };
      const events = proxy.validators.watchPendingTasks(request, { signal })[Symbol.asyncIterator]();
      await events.next();
      const rest = (async () => {
        while ((await events.next()).done !== true) delivered += 1;
      })().catch(() => undefined);
      const submitting = (async () => {
        for (let task = 0; task < 6; task++) {
          await proxy.queue.submit([submission()]);
          await turns(round % 3);
        }
      })();
      await turns(round);
      leaver.abort();
      await Promise.all([rest, submitting]);
    }
    expect(delivered).to.be.above(0);
    await untilNoLease();
  });

  it('leaves no task leased when its claim by call commits meanwhile', async () => {
    let cut = 0;
    for (let round = 0; round < 60; round++) {
      const caller = new AbortController();
      const request = ClaimTasksRequest.fromPartial({
        maxTasks: 100,
        handOut: round % 2 === 0,
        wait: { seconds: 30n },
      });
      const { signal } = caller;
      const answer = claimTasks(proxy.queue, request, { signal, caller: { owner: ANONYMOUS } }).then(
        () => true,
        () => false,
      );
      await turns(3);
      const submitting = proxy.queue.submit(Array.from({ length: 60 }, () => submission()));
      await turns(round % 12);
      caller.abort();
      const [answered, submitted] = await Promise.all([answer, submitting]);
      if (!answered) {
        cut += 1;
        await untilNoLease();
      }
      for (const outcome of submitted)
        if (!(outcome instanceof Refusal)) await proxy.queue.erase({ owner: ANONYMOUS, id: outcome.task.id });
    }
    expect(cut).to.be.above(0);
  });

  it('leaves no task leased when it goes between two rounds of its claim', async () => {
    await proxy.queue.submit(Array.from({ length: 60 }, () => submission()));
    const caller = new AbortController();
    const claimed: number[] = [];
    const queue = {
      claim: async (claim: ClaimByCall) => {
        const round = await proxy.queue.claim(claim);
        claimed.push(round.tasks.length);
        caller.abort();
        return round;
      },
      settle: (settlements: readonly Settlement[]) => proxy.queue.settle(settlements),
    };
    const request = ClaimTasksRequest.fromPartial({ maxTasks: 100, handOut: true });
    const { signal } = caller;
    await claimTasks(queue, request, { signal, caller: { owner: ANONYMOUS } }).catch(() => undefined);
    expect(claimed[0]).to.be.above(0);
    await untilNoLease();
  });
});
