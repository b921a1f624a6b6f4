import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect } from 'chai';
import { UNHASHED_BODY } from '../../../src/axon/body-hash.js';
import { CodecThread } from '../../../src/axon/codec-thread.js';
import { Dendrite } from '../../../src/axon/dendrite.js';
import { systemClock } from '../../../src/runtime/clock.js';
import type { AudioTask, MinerAddress } from '../../../src/validator/ports/miner-client.js';
import { hotkeyFromSeed } from '../../../src/wallet/hotkey.js';
import { sign, signaturesReady } from '../../../src/wallet/sign.js';
import { networkOf, openClassicAxon, seedOf } from '../../support/classic-axon.js';
import { refused } from '../../support/refused.js';
import { until } from '../validator/manual-clock.js';

type Asked = { readonly headers: Readonly<Record<string, string>>; readonly response: ServerResponse };

const GOOD = JSON.stringify({ output_data: 'aGVsbG8=', pipeline_model: 'm' });
const { signal } = new AbortController();
const task = (text = 'Hello'): AudioTask => ({
  kind: 'summarization',
  language: 'en',
  input: Buffer.from(text),
  deadlineMs: 20_000,
});

class CountingCodec extends CodecThread {
  written = 0;

  override writeQuestion(...args: Parameters<CodecThread['writeQuestion']>) {
    this.written += 1;
    return super.writeQuestion(...args);
  }
}

describe('the dendrite', () => {
  let server: Server;
  let dendrite: Dendrite;
  let address: MinerAddress;
  let asked: Asked[];
  let onAsked: (one: Asked) => void;
  const codec = new CodecThread();

  beforeEach(async () => {
    await signaturesReady();
    const pair = await hotkeyFromSeed(seedOf(1));
    dendrite = new Dendrite({
      signer: { hotkey: pair.address, sign: (message) => sign(pair, message) },
      codec,
      clock: systemClock,
    });
    asked = [];
    onAsked = ({ response }) => answer(response);
    server = createServer((request: IncomingMessage, response: ServerResponse) => {
      request.resume().on('end', () => {
        const one = { headers: request.headers as Record<string, string>, response };
        asked.push(one);
        onAsked(one);
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    address = { hotkey: 'm', host: '127.0.0.1', port: (server.address() as AddressInfo).port };
  });
  afterEach(async () => {
    dendrite.close();
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  after(() => codec.close());

  function answer(response: ServerResponse, status = 200, body = GOOD): void {
    response.writeHead(status, { 'content-type': 'application/json' }).end(body);
  }
  const hashes = () => asked.map(({ headers }) => headers['computed_body_hash']);

  it('gives each of the questions under way a uuid of its own, in which nonces only grow', async () => {
    onAsked = () => undefined;
    const first = [1, 2, 3].map(() => dendrite.query(address, task(), { signal }));
    await until(() => asked.length === 3);
    for (const { response } of asked) answer(response);
    await Promise.all(first);
    onAsked = ({ response }) => answer(response);
    await dendrite.query(address, task(), { signal });
    const uuids = asked.map(({ headers }) => headers['bt_header_dendrite_uuid']);
    expect(new Set(uuids.slice(0, 3)).size).to.equal(3);
    const again = uuids.indexOf(uuids[3]);
    expect(again).to.be.within(0, 2);
    const nonce = (place: number) => BigInt(asked[place]!.headers['bt_header_dendrite_nonce']!);
    expect(nonce(3) > nonce(again)).to.equal(true);
  });

  it('asks again without a hash when the SDK answers a hash that is not its own, and remembers that', async () => {
    onAsked = ({ headers, response }) => {
      if (headers['computed_body_hash'] === UNHASHED_BODY) answer(response);
      else answer(response, 500, '{"message":"Internal Server Error #7"}');
    };
    await dendrite.query(address, task(), { signal });
    await dendrite.query(address, task(), { signal });
    expect(hashes().map((hash) => hash === UNHASHED_BODY)).to.deep.equal([false, true, true]);
  });

  it('asks once when a miner says what failed: it has done the work', async () => {
    onAsked = ({ response }) => answer(response, 500, '{"message":"the engine failed"}');
    const { reason } = await refused(dendrite.query(address, task(), { signal }));
    expect(reason).to.equal('ENGINE_FAILED');
    expect(asked).to.have.length(1);
  });

  it('never asks our own axon without a hash, whatever fails in it', async () => {
    const hotkey = await hotkeyFromSeed(seedOf(1));
    let works = 0;
    const axon = await openClassicAxon({
      network: networkOf({ uid: 0, hotkey: hotkey.address, stake: 1, validatorPermit: true }),
      miner: {
        capabilities: () => Promise.reject(new Error('nobody asks')),
        admit: () => ({
          engine: 'e',
          release: () => undefined,
          forward: () => {
            works += 1;
            return Promise.reject(new TypeError('a bug'));
          },
        }),
      },
    });
    try {
      const at = { hotkey: axon.pair.address, host: '127.0.0.1', port: axon.port };
      const refusal = await refused(dendrite.query(at, task(), { signal }));
      expect(refusal.message).to.match(/the neuron failed/);
      expect(works).to.equal(1);
    } finally {
      await axon.close();
    }
  });

  it('puts one task into the words of the wire once, for all the miners that are asked', async () => {
    const counting = new CountingCodec();
    const pair = await hotkeyFromSeed(seedOf(1));
    const signer = { hotkey: pair.address, sign: (message: Uint8Array) => sign(pair, message) };
    const asking = new Dendrite({ signer, codec: counting, clock: systemClock });
    const one = task();
    await Promise.all(['a', 'b', 'c'].map((hotkey) => asking.query({ ...address, hotkey }, one, { signal })));
    expect(counting.written).to.equal(1);
    asking.close();
  });
});
