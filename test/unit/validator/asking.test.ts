import { once } from 'node:events';
import { expect } from 'chai';
import { Refusal } from '../../../src/domain/errors.js';
import { Asking, type AskedMiner } from '../../../src/validator/asking.js';
import { InFlight } from '../../../src/validator/in-flight.js';
import type { MinerClient } from '../../../src/validator/ports/miner-client.js';
import { ManualClock, settle } from './manual-clock.js';

const miners: readonly AskedMiner[] = Array.from({ length: 64 }, (_, uid) => {
  const hotkey = `m${uid}`;
  return { uid, hotkey, stake: 0, freeSlots: 1, address: { hotkey, host: '127.0.0.1', port: 1 } };
});

describe('Asking', () => {
  it('asks 64 miners by one signal without a warning of a leak', async () => {
    const warnings: Error[] = [];
    const warn = (warning: Error) => warnings.push(warning);
    process.on('warning', warn);
    const stopping = new AbortController();
    const client: Pick<MinerClient, 'query'> = {
      async query(_at, _task, { signal }) {
        await once(signal, 'abort');
        throw new Refusal('CANCELLED', 'stopped');
      },
    };
    const asking = new Asking(
      {
        client: client as MinerClient,
        inFlight: new InFlight(),
        clock: new ManualClock(),
        signal: stopping.signal,
        onProgress: () => undefined,
      },
      { kind: 'tts', language: 'en', input: Buffer.from('Hello'), deadlineMs: 1_000 },
      miners,
      miners.length,
    );
    await settle();
    stopping.abort();
    await asking.finished();
    process.off('warning', warn);
    expect(asking.answers).to.have.length(64);
    expect(warnings).to.deep.equal([]);
  });
});
