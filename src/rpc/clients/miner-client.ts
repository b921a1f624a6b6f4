import { randomUUID } from 'node:crypto';
import { isIPv6 } from 'node:net';
import { Metadata, type ClientDuplexStream } from '@grpc/grpc-js';
import {
  MinerSynapseClient,
  type ForwardRequest,
  type ForwardResponse,
  type GetCapabilitiesRequest,
  type GetCapabilitiesResponse,
} from '../../../gen/ts/audiosubnet/v1/miner_synapse.js';
import type {
  AudioTask,
  MinerAddress,
  MinerCapabilities,
  MinerClient,
  MinerReply,
  QueryOptions,
} from '../../validator/ports/miner-client.js';
import { signCall, type CallSigner } from '../../auth/call-signature.js';
import { kindFromProto } from '../convert/enums.js';
import { Turns } from '../../runtime/turns.js';
import { synapseSubject } from '../synapse-digest.js';
import { createChannel } from './channel.js';
import { callRefusal, cancelOnAbort, grpcOptions, unary } from './promise-call.js';
import { boundedProgress, SynapseReply } from './synapse-reply.js';
import { sendSynapse, synapseHeader, type SynapseHeader } from './synapse-request.js';

/** Connections kept; the one that was used longest ago is closed above it. */
const MAX_CONNECTIONS = 1024;
/** What a miner gets on top of its deadline to say that it passed. */
const DEADLINE_SLACK_MS = 1_000;
/** How long a miner gets to end a call after its reply. */
const END_MS = 1_000;

/** Asks miners over gRPC. Questions to one address share a connection. @param signer absent signs nothing */
export function createMinerClient(signer?: CallSigner): MinerClient {
  const connections = new Connections();
  const turns = new Turns();
  /** Several miners are asked one task. */
  const headers = new WeakMap<AudioTask, Promise<SynapseHeader>>();
  const headerOf = (task: AudioTask): Promise<SynapseHeader> => {
    const header = headers.get(task) ?? synapseHeader(task, turns);
    headers.set(task, header);
    return header;
  };
  return {
    async capabilities(address, signal) {
      const client = connections.get(address);
      const ask = unary<GetCapabilitiesRequest, GetCapabilitiesResponse>(client.getCapabilities.bind(client));
      return capabilitiesFromProto(await ask({}, { signal }));
    },
    async query(address, task, options) {
      const header = await headerOf(task);
      // Signing and opening a call takes 1 to 2 ms: many at once would hold the event loop up.
      await turns.next();
      return query(connections.get(address), { task, header, address, signer }, options);
    },
    close() {
      connections.close();
    },
  };
}

interface Question {
  readonly task: AudioTask;
  readonly header: SynapseHeader;
  readonly address: MinerAddress;
  readonly signer: CallSigner | undefined;
}

async function query(
  client: MinerSynapseClient,
  { task, header, address, signer }: Question,
  options: QueryOptions,
): Promise<MinerReply> {
  const { signal } = options;
  const deadline = { deadlineMs: task.deadlineMs + DEADLINE_SLACK_MS };
  const start = performance.now();
  if (signal.aborted) throw callRefusal(undefined, signal);
  const signed =
    signer === undefined
      ? {}
      : signCall(signer, { ...synapseSubject(header), signedFor: address.hotkey, nowMs: Date.now() });
  const call = client.forward(Metadata.fromHttp2Headers(signed), grpcOptions(deadline));
  // The error that counts reaches the loop below; the one of the cancelled call comes after it.
  call.on('error', () => undefined);
  const release = cancelOnAbort(call, signal);
  try {
    const reply = await exchange(call, { header, task }, options, () => performance.now() - start);
    letEnd(call);
    return reply;
  } catch (error) {
    call.cancel();
    throw callRefusal(error, signal);
  } finally {
    release();
  }
}

/**
 * A call whose reply is whole is about to end by itself. Cancelled, its stream would be reset, and an HTTP/2 server ends
 * a connection whose client resets too many (Node's: some 1,000 at once, then 33 a second).
 */
function letEnd(call: ClientDuplexStream<ForwardRequest, ForwardResponse>): void {
  const timer = setTimeout(() => {
    call.cancel();
  }, END_MS).unref();
  call.once('status', () => {
    clearTimeout(timer);
  });
  call.resume();
}

async function exchange(
  call: ClientDuplexStream<ForwardRequest, ForwardResponse>,
  { header, task }: Pick<Question, 'header' | 'task'>,
  options: QueryOptions,
  elapsedMs: () => number,
): Promise<MinerReply> {
  const synapseId = randomUUID();
  const sending = sendSynapse(call, { synapseId, header, input: task.input });
  const reply = new SynapseReply(task.kind, elapsedMs);
  const messages: AsyncIterable<ForwardResponse> = call.iterator({ destroyOnReturn: false });
  for await (const message of messages) {
    if (message.synapseId !== synapseId || message.frame === undefined) continue;
    if (message.frame.$case === 'progress') options.onProgress?.(boundedProgress(message.frame.value));
    const whole = reply.take(message.frame);
    if (whole !== undefined) return whole;
  }
  await sending;
  throw reply.cutShort();
}

/** One client for each address. */
class Connections {
  private readonly clients = new Map<string, MinerSynapseClient>();

  get({ host, port }: MinerAddress): MinerSynapseClient {
    const target = isIPv6(host) ? `[${host}]:${port}` : `${host}:${port}`;
    const known = this.clients.get(target);
    this.clients.delete(target);
    const { address, credentials, options } = createChannel(target);
    const client = known ?? new MinerSynapseClient(address, credentials, options);
    this.clients.set(target, client);
    if (this.clients.size > MAX_CONNECTIONS) this.closeOldest();
    return client;
  }

  close(): void {
    for (const client of this.clients.values()) client.close();
    this.clients.clear();
  }

  private closeOldest(): void {
    const [oldest] = this.clients;
    if (oldest === undefined) return;
    this.clients.delete(oldest[0]);
    oldest[1].close();
  }
}

/** What this validator does not know is left out; numbers are what the miner says. */
function capabilitiesFromProto(answer: GetCapabilitiesResponse): MinerCapabilities {
  return {
    capabilities: answer.capabilities.flatMap(({ kind: proto, languages, engine, model }) => {
      const kind = kindFromProto(proto);
      return kind === undefined ? [] : [{ kind, languages, engine, model }];
    }),
    missing: answer.missing.flatMap(({ kind: proto, engine, cure }) => {
      const kind = kindFromProto(proto);
      return kind === undefined ? [] : [{ kind, engine, cure }];
    }),
    maxInputBytes: Number(answer.maxInputBytes),
    freeSlots: answer.freeSlots,
    hotkey: answer.hotkey,
    version: answer.version,
  };
}
