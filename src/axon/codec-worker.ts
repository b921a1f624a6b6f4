import { parentPort } from 'node:worker_threads';
import { Refusal } from '../domain/errors.js';
import { runCodec, type FromCodec, type ToCodec } from './codec-wire.js';

parentPort?.on('message', ({ id, call }: ToCodec) => {
  parentPort?.postMessage(answer(id, call));
});

function answer(id: number, call: ToCodec['call']): FromCodec {
  try {
    return { id, kind: 'done', value: runCodec(call) };
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    const { reason, message, violations } = error;
    return { id, kind: 'refused', reason, message, violations };
  }
}
