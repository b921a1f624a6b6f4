import { parentPort, workerData } from 'node:worker_threads';
import { findEngines } from '../engines/catalog.js';
import type { FromJudges, JudgeCall, JudgeThreadData, ToJudges } from './judge-wire.js';
import { createJudges } from './judges.js';

/** The thread in which replies are judged: long texts and audio would stall every stream. */

const port = parentPort;
if (port === null) throw new Error('validator/judge-worker runs as a worker thread alone');

const { policy } = workerData as JudgeThreadData;
const judges = createJudges({ policy, findEngines });
const running = new Map<number, AbortController>();

port.on('message', (message: ToJudges) => {
  if (message.kind === 'cancel') running.get(message.id)?.abort();
  else void answer(message.id, message.call);
});

async function answer(id: number, call: JudgeCall): Promise<void> {
  const controller = new AbortController();
  running.set(id, controller);
  port?.postMessage({ kind: 'began', id } satisfies FromJudges);
  const reply = await run(call, controller.signal).then(
    (value): FromJudges => ({ kind: 'done', id, value }),
    (error: unknown): FromJudges => ({
      kind: 'failed',
      id,
      message: error instanceof Error ? (error.stack ?? error.message) : String(error),
    }),
  );
  running.delete(id);
  port?.postMessage(reply);
}

function run(call: JudgeCall, signal: AbortSignal): Promise<unknown> {
  switch (call.name) {
    case 'judge':
      return judges.judge(call.argument, signal);
    case 'hear':
      return judges.hear(call.argument, signal);
    case 'transcribe':
      return judges.transcribe(call.argument, signal);
  }
}
