import { expect } from 'chai';
import { createEitherWire } from '../../../src/axon/either-wire.js';
import { Refusal } from '../../../src/domain/errors.js';
import type {
  AudioTask,
  MinerAddress,
  MinerCapabilities,
  MinerClient,
  MinerReply,
} from '../../../src/validator/ports/miner-client.js';
import { refused } from '../../support/refused.js';

const AT: MinerAddress = { hotkey: 'm', host: '192.0.2.1', port: 8091 };
const { signal } = new AbortController();
const TASK: AudioTask = { kind: 'tts', language: 'en', input: Buffer.from('Hello'), deadlineMs: 1_000 };

/** Notes what it is asked; `fails` names what it cannot be reached for. */
function wireOf(name: string, asked: string[], fails: ReadonlySet<string>): MinerClient {
  const answer = <T>(what: string, at: MinerAddress): Promise<T> => {
    asked.push(`${name} ${what} ${at.host}`);
    if (fails.has(`${name} ${what}`)) return Promise.reject(new Refusal('UNAVAILABLE', 'it broke off'));
    return Promise.resolve(name as T);
  };
  return {
    capabilities: (at) => answer<MinerCapabilities>('capabilities', at),
    query: (at) => answer<MinerReply>('query', at),
    close: () => asked.push(`${name} closed`),
  };
}

describe('createEitherWire()', () => {
  let asked: string[];
  let fails: Set<string>;
  let client: MinerClient;
  beforeEach(() => {
    asked = [];
    fails = new Set();
    client = createEitherWire(
      { grpc: wireOf('grpc', asked, fails), classic: wireOf('classic', asked, fails) },
      new Map([['elsewhere', { host: '127.0.0.1', port: 1 }]]),
    );
  });

  it('asks over gRPC where that is spoken, and remembers it', async () => {
    await client.capabilities(AT, signal);
    await client.query(AT, TASK, { signal });
    expect(asked).to.deep.equal(['grpc capabilities 192.0.2.1', 'grpc query 192.0.2.1']);
  });

  it('asks over the classic wire where gRPC is not spoken, and remembers it', async () => {
    fails.add('grpc capabilities');
    await client.query(AT, TASK, { signal });
    await client.query(AT, TASK, { signal });
    await client.capabilities(AT, signal);
    expect(asked.map((line) => line.split(' ').slice(0, 2).join(' '))).to.deep.equal([
      'grpc capabilities',
      'classic query',
      'classic query',
      'classic capabilities',
    ]);
  });

  it('never asks a question that broke off again over the other wire', async () => {
    fails.add('grpc query');
    expect((await refused(client.query(AT, TASK, { signal }))).reason).to.equal('UNAVAILABLE');
    expect(asked).to.deep.equal(['grpc capabilities 192.0.2.1', 'grpc query 192.0.2.1']);
  });

  it('finds out anew what a miner speaks after it could not be reached', async () => {
    await client.query(AT, TASK, { signal });
    fails.add('grpc query').add('grpc capabilities');
    await refused(client.query(AT, TASK, { signal }));
    await client.query(AT, TASK, { signal });
    expect(asked.at(-1)).to.equal('classic query 192.0.2.1');
  });

  it('reaches a hotkey at the address that overrides what it announced', async () => {
    await client.query({ ...AT, hotkey: 'elsewhere' }, TASK, { signal });
    expect(new Set(asked.map((line) => line.split(' ')[2]))).to.deep.equal(new Set(['127.0.0.1']));
  });
});
