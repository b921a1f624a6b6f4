import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { StaticNeuron } from '../../../src/chain/static-neuron.js';
import type { Hotkey } from '../../../src/domain/ids.js';
import type { NetworkView } from '../../../src/domain/network-view.js';
import { ManualClock } from '../validator/manual-clock.js';

const VECTOR = { uids: [1, 3], values: [10, 65_535], versionKey: 4n };

describe('a neuron of a static subnet', () => {
  let folder: string;
  let file: string;
  let clock: ManualClock;
  const { signal } = new AbortController();
  const name = (text: string) => text as Hotkey;
  const view: NetworkView = {
    current: () => ({
      metagraph: {
        netuid: 49,
        network: 'static',
        source: 'static',
        neurons: [
          {
            uid: 3,
            hotkey: name('miner'),
            stake: 1,
            validatorPermit: false,
            axon: { ip: '127.0.0.1', port: 8091 },
          },
          { uid: 0, hotkey: name('validator'), stake: 1, validatorPermit: true },
        ],
      },
      ageMs: 0,
      connected: true,
    }),
  };

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'static-neuron-'));
    file = join(folder, 'subnet.json');
    clock = new ManualClock();
  });
  afterEach(() => rm(folder, { recursive: true }));

  const neuron = (hotkey: string) => new StaticNeuron({ view, file, hotkey: name(hotkey), clock });

  it('gives terms from the file, by uid', async () => {
    const terms = await neuron('validator').terms(signal);
    expect(terms.self).to.deep.equal({ uid: 0, permit: true, lastUpdate: 0 });
    expect(terms.hotkeys).to.deep.equal(['validator', '', '', 'miner']);
    expect((await neuron('other').terms(signal)).self).to.equal(undefined);
  });

  it('appends weights as a line, and knows after a restart when it did', async () => {
    const first = await neuron('validator').set(VECTOR, signal);
    const block = Math.floor(clock.wall() / 12_000);
    expect(first).to.deep.equal({ kind: 'set', block });
    expect(await neuron('validator').set(VECTOR, signal)).to.deep.include({ reason: 'too_fast' });
    await clock.advance(130_000);
    expect(await neuron('validator').set(VECTOR, signal)).to.deep.include({ kind: 'set' });
    const lines = (await readFile(`${file}.weights.jsonl`, 'utf8')).trim().split('\n');
    expect(lines).to.have.length(2);
    expect(JSON.parse(lines[0]!)).to.deep.equal({
      time: '2023-11-14T22:13:20.000Z',
      hotkey: 'validator',
      block,
      version_key: '4',
      uids: [1, 3],
      values: [10, 65_535],
    });
  });

  it('refuses weights without a permit or a place in the file', async () => {
    expect(await neuron('miner').set(VECTOR, signal)).to.deep.include({ reason: 'no_permit' });
    expect(await neuron('other').set(VECTOR, signal)).to.deep.include({ reason: 'not_registered' });
  });

  it('leaves it to the file where neurons serve', async () => {
    const axon = { ip: '127.0.0.1', port: 8091 };
    expect(await neuron('miner').announce(axon, signal)).to.deep.equal({ kind: 'unchanged' });
    const moved = await neuron('miner').announce({ ...axon, port: 9 }, signal);
    expect(moved).to.deep.include({ kind: 'refused', reason: 'other' });
    expect((moved as { message: string }).message)
      .to.include(file)
      .and.include('127.0.0.1 8091');
  });
});
