import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { Agent } from 'node:http';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import { expect } from 'chai';
import { UNHASHED_BODY } from '../../src/axon/body-hash.js';
import { CodecThread } from '../../src/axon/codec-thread.js';
import { Dendrite } from '../../src/axon/dendrite.js';
import { createEitherWire } from '../../src/axon/either-wire.js';
import { createNonces } from '../../src/axon/nonces.js';
import { signSynapse } from '../../src/axon/outgoing.js';
import { post } from '../../src/axon/post.js';
import { createMinerClient } from '../../src/rpc/clients/miner-client.js';
import { systemClock } from '../../src/runtime/clock.js';
import type { AudioTask, MinerAddress } from '../../src/validator/ports/miner-client.js';
import { hotkeyFromSeed, type HotkeyPair } from '../../src/wallet/hotkey.js';
import { sign, signaturesReady } from '../../src/wallet/sign.js';
import { networkOf, openClassicAxon, seedOf, type ClassicAxon } from '../support/classic-axon.js';
import { skipSuite } from '../support/skip-suite.js';
import { rejection } from '../unit/validator/rejection.js';

const run = promisify(execFile);
const PYTHON = process.env['AUDIO_SUBNET_PYTHON'] ?? 'python3';
const script = (name: string) => new URL(`../../../test/interop/${name}`, import.meta.url).pathname;
const hex = (byte: number) => `0x${seedOf(byte).toString('hex')}`;
const VALIDATOR = 1;
const STRANGER = 2;

async function skipWithoutSdk(context: Mocha.Context): Promise<void> {
  try {
    await run(PYTHON, ['-c', 'import bittensor; assert bittensor.__version__ == "10.2.0"']);
  } catch {
    skipSuite(context, `${PYTHON} has no bittensor 10.2.0`);
  }
}

describe("the Python SDK's dendrite asks our axon", function () {
  this.timeout(60_000);
  let axon: ClassicAxon | undefined;

  before(async function () {
    await skipWithoutSdk(this);
    const { address } = await hotkeyFromSeed(seedOf(VALIDATOR));
    axon = await openClassicAxon({
      network: networkOf({ uid: 0, hotkey: address, stake: 1, validatorPermit: true }),
    });
  });
  after(() => axon?.close());

  const ask = async (kase: string, seed = VALIDATOR) => {
    const args = [script('python_dendrite.py'), String(axon!.port), hex(seed), axon!.pair.address, kase];
    const { stdout } = await run(PYTHON, args);
    return JSON.parse(stdout.trim().split('\n').at(-1) ?? '') as Record<string, unknown>;
  };

  const kases: Readonly<Record<string, Record<string, unknown>>> = {
    success: { status: 200, success: true, model: 'echo/1', outputBytes: 5, inputKept: true },
    plain: { status: 200, success: true, outputBytes: 5 },
    large: { status: 200, success: true, outputBytes: 20_000_000, inputKept: true },
    ping: { status: 200, success: true },
    'bad signature': { status: 401, unverified: true },
    replay: { status: 401, unverified: true },
    unknown: { status: 404, success: false },
    error: { status: 500, success: false, message: 'the engine failed' },
    timeout: { status: 408, timeout: true },
  };
  for (const [kase, expected] of Object.entries(kases)) {
    it(`${kase}: ${String(expected['status'])}`, async () => {
      expect(await ask(kase)).to.deep.include(expected);
    });
  }

  it('blacklisted: 403', async () => {
    expect(await ask('success', STRANGER)).to.deep.include({
      status: 403,
      blacklist: true,
      message: 'Forbidden. Key is blacklisted: the hotkey is not registered on the subnet.',
    });
  });
});

describe("our dendrite asks the Python SDK's axon", function () {
  this.timeout(60_000);
  let child: ChildProcess | undefined;
  let address: MinerAddress;
  const codec = new CodecThread();
  const { signal } = new AbortController();

  before(async function () {
    await skipWithoutSdk(this);
    await signaturesReady();
    const { address: banned } = await hotkeyFromSeed(seedOf(STRANGER));
    child = spawn(PYTHON, [script('python_axon.py'), hex(9), banned], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const lines = createInterface(child.stdout!);
    for await (const line of lines) {
      if (!line.startsWith('{')) continue;
      const { port, hotkey } = JSON.parse(line) as { port: number; hotkey: string };
      address = { hotkey, host: '127.0.0.1', port };
      break;
    }
  });
  after(async () => {
    child?.kill('SIGKILL');
    await codec.close();
  });

  const task = (text: string | Buffer, deadlineMs = 20_000): AudioTask => ({
    kind: 'summarization',
    language: 'en',
    input: Buffer.from(text),
    deadlineMs,
  });
  const dendriteOf = (pair: HotkeyPair, signs = (message: Uint8Array) => sign(pair, message)) =>
    new Dendrite({ signer: { hotkey: pair.address, sign: signs }, codec, clock: systemClock });

  /** The axon starts in a thread of its own. */
  async function listening(dendrite: Dendrite): Promise<void> {
    for (let tries = 0; tries < 200; tries += 1) {
      try {
        await dendrite.capabilities(address, signal);
        return;
      } catch {
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
    }
    throw new Error('the axon does not listen');
  }

  it('pings, asks, and hears of every failure', async () => {
    const pair = await hotkeyFromSeed(seedOf(VALIDATOR));
    const dendrite = dendriteOf(pair);
    await listening(dendrite);
    const reply = await dendrite.query(address, task('Hello'), { signal });
    expect(Buffer.from(reply.output).toString()).to.equal(`Hello${pair.address}`);
    expect(reply).to.deep.include({ model: 'python', minerProcessingMs: 250 });

    const failed = await rejection(dendrite.query(address, task('fail'), { signal }));
    expect([failed.reason, failed.metadata['status']]).to.deep.equal(['ENGINE_FAILED', '500']);
    // The axon closed the connection after the failure.
    await dendrite.query(address, task('Hello'), { signal });

    const large = await dendrite.query(
      address,
      { ...task(Buffer.alloc(20_000_000, 97)), kind: 'tts' },
      { signal },
    );
    expect(large.output.byteLength).to.equal(20_000_048);

    const late = await rejection(dendrite.query(address, task('hang', 200), { signal }));
    expect(late.reason).to.equal('DEADLINE_EXCEEDED');
    dendrite.close();
  });

  it('gets 401 for a repeated request and 404 for an unknown synapse', async () => {
    const pair = await hotkeyFromSeed(seedOf(VALIDATOR));
    await listening(dendriteOf(pair));
    const signer = { hotkey: pair.address, sign: (message: Uint8Array) => sign(pair, message) };
    const sender = { signer, uuid: randomUUID(), nextNonce: createNonces(systemClock) };
    const unsent = {
      requiredFields: [],
      members: new Uint8Array(),
      bodyHash: UNHASHED_BODY,
      timeoutMs: 5_000,
    };
    const agent = new Agent();
    const { host, port } = address;
    const target = { host, port, agent, signal, maxReplyBytes: 100_000 };
    const send = (name: string, outgoing = signSynapse(sender, { ...unsent, name }, address)) =>
      post(outgoing, { ...target, path: `/${name}` });
    const outgoing = signSynapse(sender, { ...unsent, name: 'Synapse' }, address);
    expect((await send('Synapse', outgoing)).status).to.equal(200);
    expect((await send('Synapse', outgoing)).status).to.equal(401);
    expect((await send('Unheard')).status).to.equal(404);
    agent.destroy();
  });

  it('is refused with a bad signature and as a blacklisted key', async () => {
    const pair = await hotkeyFromSeed(seedOf(VALIDATOR));
    const forger = dendriteOf(pair, (message) => sign(pair, Buffer.concat([message, Buffer.from('!')])));
    await listening(dendriteOf(pair));
    const forged = await rejection(forger.query(address, task('Hello'), { signal }));
    expect(forged.reason).to.equal('UNAUTHENTICATED');
    const banned = dendriteOf(await hotkeyFromSeed(seedOf(STRANGER)));
    const refused = await rejection(banned.query(address, task('Hello'), { signal }));
    expect(refused.reason).to.equal('PERMISSION_DENIED');
  });

  it('finds out that the miner speaks no gRPC', async () => {
    const pair = await hotkeyFromSeed(seedOf(VALIDATOR));
    const classic = dendriteOf(pair);
    await listening(classic);
    const client = createEitherWire({ grpc: createMinerClient(), classic });
    const reply = await client.query(address, task('Hello'), { signal });
    expect(reply.model).to.equal('python');
    client.close();
  });
});
