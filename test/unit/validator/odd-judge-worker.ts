import { parentPort } from 'node:worker_threads';
import { setImmediate } from 'node:timers/promises';
import type { Score } from '../../../src/domain/task.js';
import type { FromJudges, ToJudges } from '../../../src/validator/judge-wire.js';

/** Stands in for the thread that judges: does what the first reply tells it to. */

let running = 0;
let hearing = 0;
/** Calls whose turn does not come. */
const held: number[] = [];

parentPort?.on('message', (message: ToJudges) => {
  if (message.kind === 'cancel' || message.call.name === 'transcribe') return;
  const { id, call } = message;
  if (call.name === 'hear') {
    void hear(id);
    return;
  }
  const [reply] = call.argument.replies;
  void obey(id, reply !== undefined && 'text' in reply ? reply.text : '');
});

/** Says how many are heard at a time in place of the time it took. */
async function hear(id: number): Promise<void> {
  hearing += 1;
  const spentMs = hearing;
  answer({ kind: 'began', id });
  for (let turn = 0; turn < 5; turn += 1) await setImmediate();
  hearing -= 1;
  answer({ kind: 'done', id, value: { spentMs } });
}

async function obey(id: number, order: string): Promise<void> {
  running += 1;
  if (order !== 'hold') answer({ kind: 'began', id });
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
    case 'hold':
      held.push(id);
      return;
    case 'release':
      for (const each of held.splice(0)) done(each, 0);
      done(id, 0);
      return;
    default:
      done(id, most);
  }
  running -= 1;
}

function done(id: number, speed: number): void {
  answer({
    kind: 'done',
    id,
    value: [{ parts: [], policyVersion: '', policyHash: '', speed } satisfies Score],
  });
}

function answer(message: FromJudges): void {
  parentPort?.postMessage(message);
}
