import { parentPort } from 'node:worker_threads';
import { setImmediate } from 'node:timers/promises';
import type { Score } from '../../../src/domain/task.js';
import type { FromJudges, ToJudges } from '../../../src/validator/judge-wire.js';

/** Stands in for the thread that judges: does what the first reply tells it to. */

let running = 0;

parentPort?.on('message', (message: ToJudges) => {
  if (message.kind === 'cancel' || message.call.name !== 'judge') return;
  const { id, call } = message;
  const [reply] = call.argument.replies;
  void obey(id, reply !== undefined && 'text' in reply ? reply.text : '');
});

async function obey(id: number, order: string): Promise<void> {
  running += 1;
  const most = running;
  // What came together is taken together, before anything happens.
  for (let turn = 0; turn < 5; turn += 1) await setImmediate();
  switch (order) {
    case 'throw':
      answer({ kind: 'failed', id, message: 'Error: told to' });
      break;
    case 'die':
      setTimeout(() => {
        throw new Error('told to die');
      });
      return;
    case 'eat': {
      const eaten: unknown[] = [];
      for (;;) eaten.push(Array.from({ length: 100_000 }, (_, index) => ({ index, eaten })));
    }
    case 'hang':
      for (;;);
    case 'wait':
      return;
    default:
      answer({
        kind: 'done',
        id,
        value: [{ parts: [], policyVersion: '', policyHash: '', speed: most } satisfies Score],
      });
  }
  running -= 1;
}

function answer(message: FromJudges): void {
  parentPort?.postMessage(message);
}
