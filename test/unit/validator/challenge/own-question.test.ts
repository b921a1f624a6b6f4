import { expect } from 'chai';
import type { TaskKind } from '../../../../src/domain/task.js';
import type { Truth } from '../../../../src/validator/truth.js';
import { fedTask } from '../fake-feed.js';
import { fakeMiner, refuses, replies } from '../fake-miners.js';
import { working } from '../working.js';

const SAID = 'the harbor in lisbon was crowded when the captain came back';

describe('an answer to an own question', () => {
  const ask = async (
    truth: Truth,
    answers: Readonly<Record<string, string>>,
    kind: TaskKind = 'transcription',
  ) => {
    const miners = Object.entries(answers).map(([name, text]) => fakeMiner(name, replies(text)));
    const harness = await working([...miners, fakeMiner('broken', refuses('ENGINE_FAILED', 'it broke'))], {
      minersPerTask: 9,
    });
    const { signal } = new AbortController();
    const run = async () => {
      const { stragglers } = await harness.ask({
        task: { kind, language: 'en', maxRunMs: 60_000 },
        input: Buffer.alloc(40_000),
        signal,
        log: harness.log,
        onProgress: () => undefined,
        truth,
      });
      await stragglers;
    };
    await run();
    return { harness, run, rating: (name: string) => harness.reputation.get(name, kind, 'en') };
  };

  it('is judged by what is known, though most say something else', async () => {
    const wrong = 'a carpenter from boston sold the bicycles on friday morning';
    const truth = { kind: 'transcript', text: SAID, isClear: true } as const;
    const { rating } = await ask(truth, { right: SAID, one: wrong, two: wrong, three: wrong });
    expect(rating('right')?.accuracy?.mean).to.equal(1);
    for (const name of ['one', 'two', 'three']) expect(rating(name)?.accuracy?.mean).to.be.below(0.3);
  });

  it('counts like one to a user, a failure too', async () => {
    const { rating } = await ask({ kind: 'transcript', text: SAID, isClear: true }, { right: SAID });
    expect(rating('right')?.reliability).to.deep.equal({ mean: 1, sampleCount: 1 });
    expect(rating('broken')?.reliability).to.deep.equal({ mean: 0, sampleCount: 1 });
  });

  it('is held against nobody where nobody understood an unclear voice', async () => {
    const babble = { one: 'something else entirely', two: 'nothing of the kind' };
    const unclear = { kind: 'transcript', text: SAID, isClear: false } as const;
    expect((await ask(unclear, babble)).rating('one')).to.equal(undefined);
    expect((await ask({ ...unclear, isClear: true }, babble)).rating('one')?.accuracy?.mean).to.be.below(0.3);
    const somebody = await ask(unclear, { ...babble, right: SAID });
    expect(somebody.rating('one')?.accuracy?.mean).to.be.below(0.3);
    expect(somebody.rating('right')?.accuracy?.mean).to.equal(1);
  });

  it('leaves no part or count on record by which it could be told', async () => {
    const truth = { kind: 'transcript', text: SAID, isClear: true } as const;
    const { harness, run, rating } = await ask(truth, { a: SAID, b: SAID, c: SAID });
    const task = fedTask('transcription', { payload: { kind: 'inline', bytes: Buffer.alloc(40_000) } });
    for (let round = 0; round < 3; round += 1) {
      await (
        await harness.run(task)
      ).stragglers;
      await run();
    }
    const { parts, reliability } = rating('a')!;
    expect(Object.keys(parts)).to.include('agreement').and.not.include('reference');
    expect(reliability.sampleCount).to.equal(7);
    expect(parts['agreement']?.sampleCount).to.equal(7);
    // Those that only users' answers have are counted from the first of these on.
    for (const [name, { sampleCount }] of Object.entries(parts)) expect(sampleCount, name).to.be.at.least(6);
  });
});
