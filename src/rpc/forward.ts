import type {
  AudioTask,
  ForwardRequest,
  ForwardResponse,
  InputChunk,
} from '../../gen/ts/audiosubnet/v1/miner_synapse.js';
import { Refusal } from '../domain/errors.js';
import { CHUNK_BYTES } from '../domain/limits.js';
import type { AdmittedSynapse, SynapseOutput } from '../miner/ports.js';
import { aborted } from '../runtime/aborted.js';
import type { CallContext, ReadMessage, ResponseSink } from './call.js';
import { completedToProto, headerFromProto } from './convert/synapse.js';
import { progressToProto } from './convert/task.js';
import type { MinerSynapseDeps } from './miner-synapse.js';
import { toRefusal, toRpcStatus } from './status.js';
import { createSynapseInput, sha256Of, type SynapseInput } from './synapse-input.js';
import { violationRefusal } from './validate.js';

type Frame = NonNullable<ForwardResponse['frame']>;

/** One synapse of a stream, from its header to its last frame. */
interface Synapse {
  readonly id: string;
  readonly admitted: AdmittedSynapse;
  readonly input: SynapseInput;
  readonly controller: AbortController;
  /** Whether its input is complete; the work then belongs to `running`. */
  started: boolean;
  /** Takes back deadline and slot; may be called more than once. */
  readonly release: () => void;
}

/** What the frames of one stream share. */
interface Stream {
  readonly deps: MinerSynapseDeps;
  readonly sink: ResponseSink<ForwardResponse>;
  readonly call: CallContext;
  readonly open: Map<string, Synapse>;
  readonly running: Set<Promise<void>>;
}

/** Serves the synapses of one stream until the caller half-closes and all accepted work is done. */
export async function forward(
  deps: MinerSynapseDeps,
  requests: AsyncIterable<ReadMessage<ForwardRequest>>,
  sink: ResponseSink<ForwardResponse>,
  call: CallContext,
): Promise<void> {
  const stream: Stream = { deps, sink, call, open: new Map(), running: new Set() };
  try {
    for await (const request of requests) await receive(stream, request);
    for (const synapse of [...stream.open.values()]) {
      if (!synapse.started) {
        await fail(
          stream,
          synapse.id,
          new Refusal('SIZE_MISMATCH', 'the stream closed before the input ended'),
        );
      }
    }
    // A broken stream may look half-closed first.
    await Promise.race([Promise.all(stream.running), aborted(call.signal)]);
  } finally {
    for (const synapse of stream.open.values())
      drop(stream, synapse, new Refusal('CANCELLED', 'the stream ended'));
    await Promise.allSettled(stream.running);
  }
}

async function receive(stream: Stream, { message, violations }: ReadMessage<ForwardRequest>): Promise<void> {
  const { synapseId: id, frame } = message;
  if (violations.some(({ field }) => field === 'synapse_id')) throw violationRefusal(violations);
  try {
    if (violations.length > 0) throw violationRefusal(violations);
    switch (frame?.$case) {
      case 'task': {
        await begin(stream, id, frame.value);
        return;
      }
      case 'input': {
        takeInput(stream, id, frame.value);
        return;
      }
      case 'cancel': {
        const synapse = stream.open.get(id);
        if (synapse !== undefined) drop(stream, synapse, new Refusal('CANCELLED', 'the caller cancelled it'));
        return;
      }
      case undefined:
        throw Refusal.field('frame', 'exactly one field is required in oneof');
    }
  } catch (error) {
    await fail(stream, id, error);
  }
}

async function begin(stream: Stream, id: string, task: AudioTask): Promise<void> {
  if (stream.open.has(id)) throw Refusal.field('synapse_id', `${id} is open already`);
  const header = headerFromProto(task);
  if (header === undefined) throw Refusal.field('task', 'kind and deadline are required');
  const admitted = stream.deps.miner.admit(header);
  const controller = new AbortController();
  const cancelDeadline = stream.deps.clock.after(header.deadlineMs, () => {
    const late = new Refusal('DEADLINE_EXCEEDED', 'the deadline of the synapse passed');
    controller.abort(late);
    // Work that runs ends by its signal; input that is awaited has nobody else to end it.
    const synapse = stream.open.get(id);
    if (synapse?.controller === controller && !synapse.started) track(stream, fail(stream, id, late));
  });
  stream.open.set(id, {
    id,
    admitted,
    input: createSynapseInput(header.inputBytes, task.inputSha256),
    controller,
    started: false,
    release: once(() => {
      cancelDeadline();
      admitted.release();
    }),
  });
  await send(stream, id, { $case: 'accepted', value: { engine: admitted.engine } });
}

/** Frames for a synapse that ended meanwhile are late, not wrong. */
function takeInput(stream: Stream, id: string, { data, last }: InputChunk): void {
  const synapse = stream.open.get(id);
  if (synapse === undefined) return;
  if (synapse.started) throw Refusal.field('input', 'the input had ended');
  const input = synapse.input.add(data, last);
  if (input === undefined) return;
  synapse.started = true;
  track(stream, work(stream, synapse, input));
}

async function work(stream: Stream, synapse: Synapse, input: Uint8Array): Promise<void> {
  const { id, admitted, controller } = synapse;
  const result = admitted.forward(input, {
    signal: controller.signal,
    onProgress: (progress) => {
      if (controller.signal.aborted || !stream.sink.writable) return;
      stream.sink.send({ synapseId: id, frame: { $case: 'progress', value: progressToProto(progress) } });
    },
  });
  // The slot is free when the engine really stopped, which may be after the answer.
  const stopped = result.then(synapse.release, synapse.release);
  try {
    const output = await Promise.race([result, aborted(controller.signal)]);
    await sendOutput(stream, synapse, output);
    if (stream.open.get(id) === synapse) stream.open.delete(id);
  } catch (error) {
    if (stream.open.get(id) === synapse) await fail(stream, id, error);
  }
  await stopped;
}

async function sendOutput(stream: Stream, { id, controller }: Synapse, output: SynapseOutput): Promise<void> {
  const bytes = Buffer.from(output.output.buffer, output.output.byteOffset, output.output.byteLength);
  for (let at = 0; at < bytes.byteLength; at += CHUNK_BYTES) {
    controller.signal.throwIfAborted();
    await send(stream, id, { $case: 'output', value: { data: bytes.subarray(at, at + CHUNK_BYTES) } });
  }
  controller.signal.throwIfAborted();
  await send(stream, id, { $case: 'completed', value: completedToProto(output, sha256Of(bytes)) });
}

/** Answers a synapse that cannot be done; the others of the stream go on. */
async function fail(stream: Stream, id: string, error: unknown): Promise<void> {
  if (stream.call.signal.aborted) throw error;
  const refusal = toRefusal(error);
  if (refusal.reason === 'INTERNAL') stream.call.log.error({ err: error, synapseId: id }, 'a synapse failed');
  const synapse = stream.open.get(id);
  if (synapse !== undefined) drop(stream, synapse, refusal);
  await send(stream, id, { $case: 'failed', value: toRpcStatus(refusal) });
}

/** Ends a synapse without an answer. */
function drop({ open }: Stream, synapse: Synapse, reason: Refusal): void {
  open.delete(synapse.id);
  synapse.controller.abort(reason);
  if (!synapse.started) synapse.release();
}

async function send({ sink }: Stream, synapseId: string, frame: Frame): Promise<void> {
  await sink.write({ synapseId, frame });
}

/** Waited for before the stream ends; what goes wrong in it was told to the caller or has no caller. */
function track({ running }: Stream, promise: Promise<void>): void {
  const tracked = promise
    .catch(() => undefined)
    .finally(() => {
      running.delete(tracked);
    });
  running.add(tracked);
}

function once(action: () => void): () => void {
  let done = false;
  return () => {
    if (done) return;
    done = true;
    action();
  };
}
