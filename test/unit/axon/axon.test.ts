import { randomUUID } from 'node:crypto';
import { request as httpRequest } from 'node:http';
import { expect } from 'chai';
import { UNHASHED_BODY } from '../../../src/axon/body-hash.js';
import { writeQuestion } from '../../../src/axon/audio-task.js';
import { createNonces } from '../../../src/axon/nonces.js';
import { signSynapse } from '../../../src/axon/outgoing.js';
import { readRequestHeaders } from '../../../src/axon/request-headers.js';
import { SlotLine } from '../../../src/axon/slot-line.js';
import { Refusal } from '../../../src/domain/errors.js';
import type { Hotkey } from '../../../src/domain/ids.js';
import type { SynapseHeader } from '../../../src/miner/ports.js';
import { systemClock } from '../../../src/runtime/clock.js';
import { hotkeyFromSeed, type HotkeyPair } from '../../../src/wallet/hotkey.js';
import { sign } from '../../../src/wallet/sign.js';
import { networkOf, openClassicAxon, seedOf, type ClassicAxon } from '../../support/classic-axon.js';

/** A signed question with its body in one piece. */
interface Asked {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
}

describe('the axon', () => {
  let axon: ClassicAxon;
  let pair: HotkeyPair;
  const nextNonce = createNonces(systemClock);

  beforeEach(async () => {
    pair = await hotkeyFromSeed(seedOf(1));
    const network = networkOf({ uid: 0, hotkey: pair.address, stake: 1, validatorPermit: true });
    axon = await openClassicAxon({ network, maxBodyBytes: 100_000 });
  });
  afterEach(() => axon.close());

  function question(text: string, changed: { bodyHash?: string } = {}): Asked {
    const { members, hash } = writeQuestion({
      kind: 'summarization',
      language: 'en',
      input: Buffer.from(text),
    });
    const signer = { hotkey: pair.address, sign: (message: Uint8Array) => sign(pair, message) };
    const { headers, body } = signSynapse(
      { signer, uuid: randomUUID(), nextNonce },
      {
        name: 'AudioTask',
        requiredFields: ['input_data'],
        members,
        bodyHash: hash,
        timeoutMs: 5_000,
        ...changed,
      },
      { hotkey: axon.pair.address, host: '127.0.0.1', port: axon.port },
    );
    return { headers, body: Buffer.concat(body) };
  }
  function send(
    { headers, body }: Asked,
    raw: readonly string[] = [],
  ): Promise<{ status: number; told: unknown; text: string }> {
    return new Promise((resolve, reject) => {
      const sent = httpRequest(
        {
          port: axon.port,
          path: '/AudioTask',
          method: 'POST',
          headers: ['host', 'axon', ...Object.entries(headers).flat(), ...raw],
        },
        (response) => {
          let text = '';
          response.on('data', (chunk: Buffer) => (text += chunk.toString()));
          response.on('end', () => {
            const told = response.headers['bt_header_axon_status_code'];
            resolve({ status: response.statusCode ?? 0, told, text });
          });
        },
      );
      sent.on('error', reject);
      sent.end(body);
    });
  }

  it('answers a signed question, and the same one not again', async () => {
    const asked = question('Hello');
    const { status, told, text } = await send(asked);
    expect([status, told]).to.deep.equal([200, '200']);
    expect(JSON.parse(text)).to.deep.include({ output_data: 'SGVsbG8=', task_type: 'summarization' });
    expect((await send(asked)).status).to.equal(401);
  });

  it('refuses another body than the one whose hash was signed', async () => {
    const asked = question('Hello');
    const body = Buffer.from(Buffer.from(asked.body).toString().replace('SGVsbG8=', 'SGVsbG9='));
    expect((await send({ ...asked, body })).status).to.equal(401);
    const unhashed = question('Hello', { bodyHash: UNHASHED_BODY });
    expect((await send(unhashed)).status).to.equal(200);
  });

  it('refuses each missing part of the proof, and one that comes twice', async () => {
    for (const name of ['nonce', 'version', 'uuid', 'hotkey', 'signature']) {
      const { headers, body } = question('Hello');
      const { [`bt_header_dendrite_${name}`]: value = '', ...rest } = headers;
      expect((await send({ headers: rest, body })).status, name).to.equal(401);
      const twice = await send({ headers, body }, [`bt_header_dendrite_${name}`, value]);
      expect(twice.status, `${name} twice`).to.equal(401);
    }
    const { headers, body } = question('Hello');
    const { computed_body_hash: _, ...rest } = headers;
    expect((await send({ headers: rest, body })).status).to.equal(401);
  });

  it('refuses what is no UTF-8, no JSON, no base64, or of an unknown kind, and lives on', async () => {
    const bodyOf = (text: string | Buffer) => {
      const { headers } = question('x', { bodyHash: UNHASHED_BODY });
      const body = Buffer.from(text);
      return { headers: { ...headers, 'content-length': String(body.length) }, body };
    };
    for (const body of [
      Buffer.from([0xff]),
      '{',
      '[]',
      '{}',
      '{"input_data":"%%%%"}',
      '{"input_data":"","task_type":"x"}',
    ])
      expect((await send(bodyOf(body))).status, String(body)).to.equal(422);
    expect((await send(question('Hello'))).status).to.equal(200);
  });

  it('refuses a body above the limit by its announced length, and headers that are too long', async () => {
    const { status } = await send(question('a'.repeat(100_000)));
    expect(status).to.equal(413);
    const { headers, body } = question('Hello');
    const long = await send({ headers: { ...headers, bt_header_dendrite_uuid: 'a'.repeat(20_000) }, body });
    expect(long.status).to.equal(431);
    const latin = await send({ headers: { ...headers, bt_header_dendrite_uuid: 'é' }, body });
    expect(latin.status).to.equal(401);
  });
});

describe('readRequestHeaders()', () => {
  it('caps the timeout', () => {
    const headers = {
      bt_header_dendrite_nonce: ['1'],
      bt_header_dendrite_version: ['10002000'],
      bt_header_dendrite_uuid: ['u'],
      bt_header_dendrite_hotkey: ['h'],
      bt_header_dendrite_signature: [`0x${'0'.repeat(128)}`],
      computed_body_hash: [UNHASHED_BODY],
      timeout: ['999999999'],
    };
    const { timeoutMs } = readRequestHeaders(headers, 'me' as Hotkey);
    expect(timeoutMs).to.equal(7_200_000);
    for (const timeout of [['-1'], ['NaN'], ['1', '2'], []])
      expect(() => readRequestHeaders({ ...headers, timeout }, 'me' as Hotkey)).to.throw(Refusal);
  });
});

describe('SlotLine', () => {
  it('gives a free slot to the one of most stake, then to the first', async () => {
    let free = 1;
    const line = new SlotLine({
      capabilities: () => Promise.reject(new Error('nobody asks')),
      admit: () => {
        if (free === 0) throw new Refusal('MINER_BUSY', 'busy');
        free -= 1;
        return {
          engine: 'e',
          forward: () => Promise.reject(new Error('nobody asks')),
          release: () => {
            free += 1;
          },
        };
      },
    });
    const header: SynapseHeader = { kind: 'tts', language: 'en', inputBytes: 1, deadlineMs: 1 };
    const { signal } = new AbortController();
    const leaving = new AbortController();
    const order: string[] = [];
    const first = await line.admit(header, { stake: 0, signal });
    const waiting = (name: string, stake: number, until = signal) =>
      line.admit(header, { stake, signal: until }).then(
        (slot) => {
          order.push(name);
          slot.release();
        },
        (error: unknown) => order.push((error as Refusal).reason),
      );
    const all = [waiting('a', 1), waiting('b', 1), waiting('rich', 5), waiting('gone', 9, leaving.signal)];
    leaving.abort(new Refusal('CANCELLED', 'gone'));
    first.release();
    await Promise.all(all);
    expect(order.filter((name) => name !== 'CANCELLED')).to.deep.equal(['rich', 'a', 'b']);
    expect(order).to.include('CANCELLED');
  });
});
