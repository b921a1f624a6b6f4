import { appendFile, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import type { WeightState } from '../../../src/validator/ports/weight-ledger.js';
import { Journal } from '../../../src/validator/weights/journal.js';
import { WeightFiles } from '../../../src/validator/weights/weight-files.js';
import { memoryLog } from '../validator/memory-log.js';

const state: WeightState = {
  policyHash: 'hash',
  averages: new Map([['a', 0.25]]),
  scoredTasks: 3,
  firstBlock: 7,
  last: { block: 8, values: new Map([['a', 65_535]]) },
  pending: { id: 'x', block: 9, lastUpdate: 8, averages: new Map([['a', 0.5]]), values: new Map([['a', 1]]) },
};

describe('WeightFiles', () => {
  let folder: string;
  const memory = memoryLog();
  const file = () => join(folder, 'v', 'state.jsonl');
  const open = (subnet = '49 on static') =>
    new WeightFiles({ file: file(), journal: join(folder, 'v', 'weights.jsonl'), subnet, log: memory.log });

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'audio-subnet-weights-'));
    memory.lines.length = 0;
  });
  afterEach(() => rm(folder, { recursive: true }));

  it('has nothing at first, and then what was saved', async () => {
    expect(await open().load()).to.equal(undefined);
    await open().save(state);
    expect(await open().load()).to.deep.equal(state);
    const { pending: _pending, last: _last, firstBlock: _firstBlock, ...little } = state;
    await open().save(little);
    expect(await open().load()).to.deep.equal(little);
    expect((await stat(file())).mode & 0o777).to.equal(0o600);
    expect(memory.lines).to.deep.equal([]);
  });

  const damages: readonly (readonly [string, (text: string) => string])[] = [
    ['cut short', (text) => text.slice(0, text.length / 2)],
    ['empty', () => ''],
    ['of another version', (text) => text.replace('"version":1', '"version":2')],
    ['with an average above 1', (text) => text.replace('0.25', '1.25')],
    ['not text', () => '\u0000\uffff'],
  ];
  for (const [name, damage] of damages)
    it(`puts aside a state that is ${name}`, async () => {
      await open().save(state);
      await writeFile(file(), damage(await readFile(file(), 'utf8')));
      expect(await open().load()).to.equal(undefined);
      expect(await readdir(join(folder, 'v'))).to.deep.equal(['state.jsonl.aside']);
      expect(memory.lines.map(({ level }) => level)).to.deep.equal([40]);
      await open().save(state);
      expect(await open().load()).to.deep.equal(state);
    });

  it('does not take the state of another subnet for its own', async () => {
    await open().save(state);
    expect(await open('1 on finney').load()).to.equal(undefined);
  });

  it('appends records as lines', async () => {
    for (const id of ['1', '2'])
      await open().append({ kind: 'outcome', id, time: '', outcome: { kind: 'lost' } });
    const lines = (await readFile(join(folder, 'v', 'weights.jsonl'), 'utf8')).trimEnd().split('\n');
    expect(lines.map((line) => (JSON.parse(line) as { id: string }).id)).to.deep.equal(['1', '2']);
  });

  describe('journal', () => {
    const journal = () => new Journal({ file: join(folder, 'j'), maxFileBytes: 30, maxFiles: 3 });
    const text = (name: string) => readFile(join(folder, name), 'utf8');

    it('begins a new file when one is full, and keeps so many', async () => {
      for (let record = 1; record <= 9; record += 1) await journal().append({ record });
      expect(await readdir(folder)).to.deep.equal(['j', 'j.1', 'j.2']);
      expect(await text('j')).to.equal('{"record":9}\n');
      expect(await text('j.1')).to.equal('{"record":7}\n{"record":8}\n');
      expect(await text('j.2')).to.equal('{"record":5}\n{"record":6}\n');
    });

    it('leaves a line that was cut short alone on its line', async () => {
      await journal().append({});
      await appendFile(join(folder, 'j'), '{"rec');
      await journal().append({});
      expect(await text('j')).to.equal('{}\n{"rec\n{}\n');
    });

    it('takes a record that is larger than a file', async () => {
      await journal().append({ long: 'x'.repeat(100) });
      await journal().append({});
      expect(await text('j')).to.equal('{}\n');
    });
  });
});
