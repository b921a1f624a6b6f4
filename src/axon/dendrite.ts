import { Agent } from 'node:http';
import type { CallSigner } from '../auth/call-signature.js';
import { Refusal } from '../domain/errors.js';
import { DEFAULT_MAX_AUDIO_BYTES, MAX_REPLY_BYTES } from '../domain/limits.js';
import { LANGUAGES, PAYLOAD_FORMS, TASK_KINDS } from '../domain/task.js';
import type { Clock } from '../runtime/clock.js';
import { timedSignal } from '../runtime/wait.js';
import { Turns } from '../runtime/turns.js';
import type {
  AudioTask,
  MinerAddress,
  MinerCapabilities,
  MinerClient,
  MinerReply,
  QueryOptions,
} from '../validator/ports/miner-client.js';
import type { AudioReply } from './audio-task.js';
import { UNHASHED_BODY } from './body-hash.js';
import type { CodecThread } from './codec-thread.js';
import { signSynapse, type Unsent } from './outgoing.js';
import { post, StaleConnection, type Posted } from './post.js';
import { Senders } from './senders.js';
import { reasonOfStatus } from './status.js';

/** How long a ping is waited for; its caller may give up before. */
const PING_MS = 12_000;
const MAX_PING_BYTES = 256 * 1024;
/** What a miner gets on top of its deadline to say that it passed. */
const DEADLINE_SLACK_MS = 1_000;
/** Room for what a reply has beside input and output, both in base64. */
const REPLY_ROOM_BYTES = 1024 * 1024;
/** Connections to one miner. */
const MAX_CONNECTIONS = 32;
/** Idle connections are closed before most axons (5 s with uvicorn) do. */
const KEEP_ALIVE_MS = 4_000;
/** Hotkeys of which it is remembered what they hash. */
const MAX_KNOWN = 4_096;
/** What the SDK's axon says of whatever goes wrong in it, such as another hash than its own. */
const UNFORESEEN = /Internal Server Error #/;
const MAX_MODEL = 255;
const MAX_MESSAGE = 1_000;
const MAX_PROCESSING_MS = 24 * 3_600_000;

export interface DendriteOptions {
  readonly signer: CallSigner;
  readonly codec: CodecThread;
  readonly clock: Clock;
}

/** Asks miners over the classic Bittensor wire. */
export class Dendrite implements MinerClient {
  readonly #agent = new Agent({ keepAlive: true, maxSockets: MAX_CONNECTIONS, timeout: KEEP_ALIVE_MS });
  readonly #senders: Senders;
  /** Signing a question and reading or writing its body take 1 to 2 ms each: many at once would hold the event loop up. */
  readonly #turns = new Turns();
  /** Several miners are asked one task. */
  readonly #written = new WeakMap<AudioTask, ReturnType<CodecThread['writeQuestion']>>();
  /** Whether the AudioTask of a hotkey hashes no field, as the original's. */
  readonly #unhashed = new Map<string, boolean>();

  constructor(private readonly options: DendriteOptions) {
    const { signer, clock } = options;
    this.#senders = new Senders(signer, clock);
  }

  /** The wire does not tell; a miner that is there may be asked everything. */
  async capabilities(address: MinerAddress, signal: AbortSignal): Promise<MinerCapabilities> {
    const unsent = {
      name: 'Synapse',
      requiredFields: [],
      members: new Uint8Array(),
      bodyHash: UNHASHED_BODY,
    };
    await this.#ask({ ...unsent, timeoutMs: PING_MS }, address, { signal, maxReplyBytes: MAX_PING_BYTES });
    return {
      capabilities: TASK_KINDS.map((kind) => ({ kind, languages: LANGUAGES, engine: '', model: '' })),
      missing: [],
      maxInputBytes: DEFAULT_MAX_AUDIO_BYTES,
      freeSlots: 1,
      hotkey: address.hotkey,
      version: '',
    };
  }

  async query(address: MinerAddress, task: AudioTask, { signal }: QueryOptions): Promise<MinerReply> {
    await this.#turns.next();
    const { members, hash } = await this.#write(task);
    const output = MAX_REPLY_BYTES[PAYLOAD_FORMS[task.kind].output];
    const maxReplyBytes = Math.ceil(((output + task.input.byteLength) * 4) / 3) + REPLY_ROOM_BYTES;
    const unsent = { name: 'AudioTask', requiredFields: ['input_data'], members, timeoutMs: task.deadlineMs };
    const posted = await this.#hashedAsKnown(address.hotkey, (unhashed) =>
      this.#ask({ ...unsent, bodyHash: unhashed ? UNHASHED_BODY : hash }, address, { signal, maxReplyBytes }),
    );
    await this.#turns.next();
    const reply = await this.options.codec.readReply(posted.body);
    const { sentAtMs, headAtMs, endAtMs } = posted;
    return { ...usable(task, reply), firstByteMs: headAtMs - sentAtMs, totalMs: endAtMs - sentAtMs };
  }

  close(): void {
    this.#agent.destroy();
  }

  #write(task: AudioTask): ReturnType<CodecThread['writeQuestion']> {
    const known = this.#written.get(task);
    if (known !== undefined) return known;
    const { kind, language, input } = task;
    const written = this.options.codec.writeQuestion({ kind, language, input });
    this.#written.set(task, written);
    // Whoever asks next writes it anew.
    written.catch(() => this.#written.delete(task));
    return written;
  }

  /**
   * The SDK's axon answers a hash that is not its own as it answers every failure that it did not foresee. So a miner that
   * answers like that when it is asked for the first time is asked again with the hash of no field. Somebody on the way can
   * bring that about, and gains nothing by it: the wire is not encrypted, and its replies are not signed.
   */
  async #hashedAsKnown(hotkey: string, ask: (unhashed: boolean) => Promise<Posted>): Promise<Posted> {
    const known = this.#unhashed.get(hotkey);
    if (known !== undefined) return ask(known);
    try {
      const posted = await ask(false);
      this.#remember(hotkey, false);
      return posted;
    } catch (error) {
      if (!(error instanceof Refusal) || error.metadata['unforeseen'] === undefined) throw error;
      const posted = await ask(true);
      this.#remember(hotkey, true);
      return posted;
    }
  }

  #remember(hotkey: string, unhashed: boolean): void {
    this.#unhashed.set(hotkey, unhashed);
    const [oldest] = this.#unhashed.keys();
    if (this.#unhashed.size > MAX_KNOWN && oldest !== undefined) this.#unhashed.delete(oldest);
  }

  /** @throws Refusal for every status but 200 */
  async #ask(unsent: Unsent, address: MinerAddress, limits: AskLimits): Promise<Posted> {
    const limitMs = unsent.timeoutMs + DEADLINE_SLACK_MS;
    const late = (): Refusal => new Refusal('DEADLINE_EXCEEDED', `no reply within ${limitMs} ms`);
    const timed = timedSignal(this.options.clock, limitMs, limits.signal, late);
    const { maxReplyBytes } = limits;
    const { host, port } = address;
    const path = `/${unsent.name}`;
    const target = { host, port, path, agent: this.#agent, signal: timed.signal, maxReplyBytes };
    try {
      return await this.#senders.with(async (sender) => {
        const once = async (): Promise<Posted> => {
          await this.#turns.next();
          return post(signSynapse(sender, unsent, address), target);
        };
        const posted = await once().catch((error: unknown) => {
          if (error instanceof StaleConnection) return once();
          throw error;
        });
        throwUnlessSuccess(posted);
        return posted;
      });
    } catch (error) {
      throw refusalOf(error);
    } finally {
      timed.release();
    }
  }
}

interface AskLimits {
  readonly signal: AbortSignal;
  readonly maxReplyBytes: number;
}

function throwUnlessSuccess({ status, headers, body }: Posted): void {
  const told = Number(headers['bt_header_axon_status_code'] ?? status);
  if (status === 200 && told === 200) return;
  const failed = status === 200 ? told : status;
  const message = messageOf(headers, body);
  throw new Refusal(reasonOfStatus(failed), `the miner answered ${failed}: ${message}`, {
    metadata: { status: String(failed), ...(UNFORESEEN.test(message) && { unforeseen: 'true' }) },
  });
}

/** What the miner says of its failure; only shown. */
function messageOf(headers: Posted['headers'], body: Uint8Array): string {
  const told = headers['bt_header_axon_status_message'];
  const text = typeof told === 'string' ? told : Buffer.from(body.subarray(0, MAX_MESSAGE)).toString('utf8');
  return text.slice(0, MAX_MESSAGE);
}

function refusalOf(error: unknown): Refusal {
  if (error instanceof Refusal) return error;
  if (error instanceof StaleConnection)
    return new Refusal('UNAVAILABLE', 'the miner closed the connection twice', { cause: error });
  if (error instanceof Error && error.name === 'TimeoutError')
    return new Refusal('DEADLINE_EXCEEDED', 'the deadline passed', { cause: error });
  if (error instanceof Error && error.name === 'AbortError')
    return new Refusal('CANCELLED', 'the question was cancelled', { cause: error });
  return new Refusal('INTERNAL', 'asking the miner failed', { cause: error });
}

/** @throws Refusal ENGINE_FAILED */
function usable({ kind }: AudioTask, reply: AudioReply): Omit<MinerReply, 'firstByteMs' | 'totalMs'> {
  const { output, errorMessage, model, processingMs } = reply;
  if (output === undefined)
    throw new Refusal('ENGINE_FAILED', errorMessage.slice(0, MAX_MESSAGE) || 'the reply has no output_data');
  const form = PAYLOAD_FORMS[kind].output;
  if (output.byteLength > MAX_REPLY_BYTES[form])
    throw new Refusal('ENGINE_FAILED', `the reply is above ${MAX_REPLY_BYTES[form]} bytes`);
  return {
    output,
    mediaType: form === 'text' ? 'text/plain; charset=utf-8' : 'audio/wav',
    model: model.slice(0, MAX_MODEL),
    segments: [],
    minerProcessingMs: Math.min(MAX_PROCESSING_MS, Math.max(0, processingMs)),
  };
}
