import { bytesPrint } from '../../../src/domain/score/answer-print.js';
import type { SpeechFacts } from '../../../src/domain/score/speech.js';
import type { TaskKind } from '../../../src/domain/task.js';
import type { SpokenReply } from '../../../src/engines/listening/speech-ear.js';
import { expect } from 'chai';
import type { Score } from '../../../src/domain/task.js';
import { JudgeError } from '../../../src/validator/judge-thread.js';
import { POLICY } from '../../../src/domain/score/policy.js';
import { createJudges, type Judges, type JudgeWork } from '../../../src/validator/judges.js';
import type { Worked } from '../../../src/validator/round.js';
import { fedTask } from './fake-feed.js';
import { fakeMiner, hangs, refuses, replies, reply, type Behaviour } from './fake-miners.js';
import { ManualClock, settle } from './manual-clock.js';
import { working, type Working } from './working.js';

const TEXT = 'Long text to summarize...';
const partOf = (score: Score | undefined, name: string) => score?.parts.find((part) => part.name === name);
const scoresOf = ({ responses }: Worked) => responses.map(({ hotkey, score }) => [hotkey, score] as const);

/** A sound voice that says what it should. */
const VOICE: SpeechFacts = {
  kind: 'sound',
  durationMs: 1500,
  sampleRateHz: 16_000,
  channelCount: 1,
  peak: 0.5,
  activeShare: 0.9,
  clippedShare: 0,
  loudnessSpreadDb: 14,
  timbreSpreadOctaves: 1.2,
  repetition: 0.3,
  words: { kind: 'passed' },
};

describe('judging', () => {
  it('gives a miner that says it took 0.001 s nothing: its figure is shown alone', async () => {
    const says = (minerProcessingMs: number) => async (): Promise<Worked> => {
      const answer: Behaviour = () => Promise.resolve({ ...reply('go forward', 900), minerProcessingMs });
      const { run } = await working(['a', 'b'].map((name) => fakeMiner(name, answer)));
      return run(fedTask('transcription'));
    };
    const [modest, boasting] = [await says(880)(), await says(1)()];
    expect(scoresOf(boasting)).to.deep.equal(scoresOf(modest));
    expect(boasting.responses.map(({ minerProcessingMs }) => minerProcessingMs)).to.deep.equal([1, 1]);
  });

  it('takes the network off once a miner was pinged three times, by the least of its pings', async () => {
    const miner = fakeMiner('a', replies(TEXT, 1000));
    const { run, probe, clock } = await working([miner]);
    const network = async () => partOf((await run(fedTask())).responses[0]?.score, 'network');
    expect(await network()).not.to.have.property('value');
    for (const ms of [150, 400]) {
      miner.pingMs = ms;
      const round = probe.refresh();
      await clock.advance(ms);
      await round;
    }
    // The first ping took no time by this clock.
    expect((await network())?.value).to.equal(0);
    miner.pingMs = 100;
    for (let ping = 0; ping < 30; ping += 1) {
      const round = probe.refresh();
      await clock.advance(100);
      await round;
    }
    expect((await network())?.value).to.be.closeTo(0.1, 1e-9);
  });

  it('goes on when the judge fails: the replies have their speed, no accuracy and say why', async () => {
    const judge = () => Promise.reject(new JudgeError('it ended'));
    const { run, lines, reputation } = await working([fakeMiner('a', replies(TEXT))], { judges: { judge } });
    const { outcome, responses } = await run(fedTask());
    expect(outcome.kind).to.equal('completed');
    const [{ score } = {}] = responses;
    expect(score).not.to.have.property('accuracy');
    expect(score?.combined).to.be.closeTo(0.3 * (score?.speed ?? 0), 1e-12);
    expect(partOf(score, 'judge')?.explanation).to.match(/^The judge failed on it/);
    expect(lines.map(({ msg }) => msg)).to.include('replies could not be judged');
    const rating = reputation.get('a', 'summarization', 'en');
    expect(rating?.reliability.mean).to.equal(1);
    expect(rating).not.to.have.property('accuracy');
  });

  it('finds the reply that it fails on: that one is worth nothing, the others are judged together', async () => {
    const works: string[][] = [];
    const found = createJudges({
      policy: POLICY,
      findEngines: () => Promise.resolve({ engines: [], missing: [] }),
    });
    const judge: Judges['judge'] = (work, signal) => {
      const texts = work.replies.map((each) => ('text' in each ? each.text : ''));
      works.push(texts);
      if (texts.includes('poison')) return Promise.reject(new JudgeError('judge ended the thread'));
      return found.judge(work, signal);
    };
    const names = ['poison', 'go forward', 'go forward ten'];
    const { run } = await working(
      names.map((text) => fakeMiner(text, replies(text))),
      { judges: { judge } },
    );
    const { responses, outcome } = await run(fedTask('transcription'));
    expect(outcome.kind).to.equal('completed');
    const poison = responses.find(({ hotkey }) => hotkey === 'poison')?.score;
    expect(poison).to.deep.include({ accuracy: 0, combined: 0 });
    expect(partOf(poison, 'judge')?.explanation).to.match(/^The judge failed on it alone/);
    for (const { hotkey, score } of responses)
      if (hotkey !== 'poison') expect(score?.accuracy).to.be.above(0.5);
    expect(works.at(-1)).to.deep.equal(['go forward', 'go forward ten']);
  });

  describe('silence', () => {
    const hear: Judges['hear'] = ({ audio }) => {
      const isSilent = Buffer.from(audio).toString().startsWith('silence');
      const heard = isSilent ? { ...VOICE, peak: 0, activeShare: 0 } : VOICE;
      return Promise.resolve({ facts: heard, print: bytesPrint(audio), spentMs: 1 });
    };
    const asked = async (...texts: readonly string[]) => {
      const miners = texts.map((text, place) => fakeMiner(`m${place}`, replies(text)));
      const { run } = await working(miners, { judges: { hear }, minersPerTask: 1 });
      const worked = await run(fedTask('tts'));
      return { ...worked, count: miners.filter(({ asked: questions }) => questions.length > 0).length };
    };

    it('is no result while another miner can be asked', async () => {
      const { outcome, responses, count } = await asked('silence', 'silence too', 'voice', 'silence three');
      expect(outcome.kind).to.equal('completed');
      expect(count).to.be.within(1, 4);
      const [{ score } = {}] = responses;
      expect(score?.accuracy).to.be.above(0.9);
    });

    it('fails the task, to be tried again, when nobody gives more', async () => {
      const { outcome, count } = await asked('silence', 'silence too');
      expect(count).to.equal(2);
      expect(outcome).to.deep.include({ kind: 'failed', retryable: true });
      expect(outcome.kind === 'failed' ? outcome.failure.message : '').to.match(/the reply is no speech/);
    });
  });

  it('judges the other spoken replies when it fails on one', async () => {
    const hear = ({ audio }: SpokenReply) =>
      Buffer.from(audio).toString() === 'poison'
        ? Promise.reject(new JudgeError('it ended'))
        : Promise.resolve({ facts: VOICE, print: bytesPrint(audio), spentMs: 1 });
    const { run } = await working(
      [fakeMiner('a', replies('poison')), fakeMiner('b', replies('voice')), fakeMiner('c', replies('other'))],
      { judges: { hear } },
    );
    const { responses } = await run(fedTask('tts'));
    expect(responses.map(({ hotkey }) => hotkey)).to.deep.equal(['b', 'c', 'a']);
    const accuracies = responses.map(({ score }) => score?.accuracy);
    expect(accuracies[0]).to.be.above(0.9);
    expect(accuracies).to.deep.equal([accuracies[0], accuracies[0], undefined]);
  });

  it('weighs the word of a miner by what it did before', async () => {
    const works: JudgeWork[] = [];
    const miners = ['good', 'bad', 'new'].map((name) => fakeMiner(name, replies('go forward')));
    const { run, reputation } = await working(miners, {
      judges: {
        judge: (work) => {
          works.push(work);
          const score = { speed: 0.1, combined: 0.1, parts: [], policyVersion: '', policyHash: '' };
          return Promise.resolve(work.replies.map(() => score));
        },
      },
    });
    for (let sample = 0; sample < 20; sample += 1)
      for (const [hotkey, accuracy] of [
        ['good', 0.9],
        ['bad', 0.1],
      ] as const)
        reputation.record(hotkey, {
          kind: 'transcription',
          language: 'en',
          atMs: 0,
          score: { accuracy, speed: 1, combined: 1, parts: [], policyVersion: '', policyHash: '' },
        });
    await run(fedTask('transcription'));
    const last = works.at(-1);
    const weights = last?.kind === 'transcription' ? last.replies.map(({ weight = NaN }) => weight) : [];
    expect(weights).to.have.length(3);
    const [low = 0, middle = 0, high = 0] = weights.toSorted((a, b) => a - b);
    expect([low, middle, high].map((weight) => weight.toFixed(2))).to.deep.equal(['0.15', '0.50', '0.85']);
  });

  const own = async (random: number, count: number) => {
    let heard = 0;
    const { run } = await working(
      Array.from({ length: count }, (_, index) => fakeMiner(`m${index}`, replies('go forward'))),
      {
        random: () => random,
        judges: {
          transcribe: () => {
            heard += 1;
            return Promise.resolve('go forward');
          },
        },
      },
    );
    await run(fedTask('transcription'));
    await run(fedTask('summarization'));
    return heard;
  };

  it('hears a share of the transcriptions itself, and those with too few replies', async () => {
    expect(await own(0.09, 3)).to.equal(1);
    expect(await own(0.11, 3)).to.equal(0);
    expect(await own(0.11, 2)).to.equal(1);
  });

  it('hears beside the miners where it is known that they will be too few', async () => {
    const events: string[] = [];
    const { run, clock } = await working(
      [
        fakeMiner('a', async () => {
          events.push('asked');
          await new Promise<void>((resolve) => clock.after(5000, resolve));
          events.push('answered');
          return reply('go forward', 5000);
        }),
      ],
      {
        judges: {
          transcribe: async () => {
            await new Promise<void>((resolve) => clock.after(4000, resolve));
            events.push('heard');
            return 'go forward';
          },
        },
      },
    );
    const result = run(fedTask('transcription'));
    await clock.advance(5000);
    expect((await result).responses[0]?.score?.accuracy).to.equal(1);
    expect(events).to.deep.equal(['asked', 'heard', 'answered']);
  });

  it('does not let a reply that is alone wait for its own transcript, and scores it by that afterwards', async () => {
    let hear: (text: string) => void = () => undefined;
    const { run, reputation } = await working([fakeMiner('a', replies('go forward', 3000))], {
      judges: { transcribe: () => new Promise((resolve) => (hear = resolve)) },
    });
    const result = run(fedTask('transcription'));
    expect((await result).responses[0]?.score).not.to.have.property('accuracy');
    expect(reputation.get('a', 'transcription', 'en')).to.equal(undefined);
    hear('go forward');
    await settle();
    const { accuracy, reliability } = reputation.get('a', 'transcription', 'en') ?? {};
    expect(accuracy?.mean).to.equal(1);
    expect(reliability?.sampleCount).to.equal(1);
  });

  it('does not wait for its own transcript for longer than the miners took', async () => {
    let aborted = false;
    const { run, clock } = await working([fakeMiner('a', replies('go forward', 3000))], {
      judges: {
        transcribe: (_recording, signal) =>
          new Promise((_resolve, reject) => {
            signal.addEventListener('abort', () => {
              aborted = true;
              reject(new Error('aborted'));
            });
          }),
      },
    });
    const result = run(fedTask('transcription'));
    await clock.advance(2999);
    expect(aborted).to.equal(false);
    await clock.advance(1);
    expect((await result).responses[0]?.score).not.to.have.property('accuracy');
    expect(aborted).to.equal(true);
  });

  it('judges what arrived while it was judging, before it settles', async () => {
    let finish: () => void = () => undefined;
    const judged: number[] = [];
    let answer: () => void = () => undefined;
    const late = new Promise<void>((resolve) => (answer = resolve));
    const { run } = await working(
      [
        fakeMiner('a', replies('go forward')),
        fakeMiner('b', async () => {
          await late;
          return reply('go forward ten');
        }),
      ],
      {
        judges: {
          judge: async (work) => {
            judged.push(work.replies.length);
            await new Promise<void>((resolve) => (finish = resolve));
            return work.replies.map(() => ({ combined: 1, parts: [], policyVersion: '', policyHash: '' }));
          },
        },
      },
    );
    const result = run(fedTask('transcription'));
    await settle();
    answer();
    await settle();
    finish();
    await settle();
    finish();
    await settle();
    expect((await result).responses).to.have.length(2);
    expect(judged).to.deep.equal([1, 2]);
  });

  it('logs each task with the winner and all scores by part, and nothing of what was said', async () => {
    const { run, lines } = await working([fakeMiner('a', replies(TEXT)), fakeMiner('b', replies('secret'))]);
    await run(fedTask());
    const line = lines.find(({ msg }) => msg === 'replies judged');
    expect(line).to.deep.include({ level: 20, winner: 1 });
    const [first, second] = line?.['replies'] as readonly { miner_uid: number; parts: object }[];
    expect([first?.miner_uid, second?.miner_uid]).to.deep.equal([1, 2]);
    expect(first?.parts).to.include.all.keys('coverage', 'numbers', 'speed', 'first_byte');
    expect(JSON.stringify(lines)).not.to.include('secret');
  });
});

describe('a straggler', () => {
  let bench: Working;
  let answer: (text: string) => void;

  beforeEach(async () => {
    const late = new Promise<string>((resolve) => (answer = resolve));
    bench = await working([
      fakeMiner('a', replies('go forward ten meters')),
      fakeMiner('b', async () => reply(await late, 5000)),
    ]);
  });

  it('is scored beside the others; the answer and the list of responses stay as they were', async () => {
    const running = bench.run(fedTask('transcription'));
    await bench.clock.advance(2000);
    const { responses, stragglers } = await running;
    expect(responses.map(({ hotkey }) => hotkey)).to.deep.equal(['a']);
    expect(bench.reputation.get('b', 'transcription', 'en')).to.equal(undefined);
    answer('go forward then meters');
    await stragglers;
    const rating = bench.reputation.get('b', 'transcription', 'en');
    // Three of four words, and two transcripts that nobody else confirms.
    expect(rating?.accuracy?.mean).to.be.within(0.7, 0.8);
    expect(rating?.accuracy?.sampleCount).to.equal(1);
    expect(rating?.speed?.mean).to.be.below(0.7);
    expect(bench.reputation.get('a', 'transcription', 'en')?.reliability.sampleCount).to.equal(1);
    expect(responses).to.have.length(1);
    expect(bench.lines.map(({ msg }) => msg)).to.include('late replies judged');
  });
});

/** Judges by a table from texts to combined scores. */
const rating =
  (table: Readonly<Record<string, number>>) =>
  (work: JudgeWork): Promise<readonly Score[]> =>
    Promise.resolve(
      work.replies.map((reply) => ({
        combined: ('text' in reply ? table[reply.text] : undefined) ?? 0,
        parts: [],
        policyVersion: '',
        policyHash: '',
      })),
    );

describe('the answer policy', () => {
  const settledAt = async (
    options: Parameters<typeof working>[1],
    behaviours: readonly Behaviour[],
    kind: TaskKind = 'transcription',
  ) => {
    const miners = behaviours.map((behaviour, index) => fakeMiner(`m${index}`, behaviour));
    const bench = await working(miners, options);
    let result: Worked | undefined;
    void bench.run(fedTask(kind)).then((worked) => (result = worked));
    for (let ms = 0; ms <= 60_000; ms += 100) {
      await bench.clock.advance(ms === 0 ? 0 : 100);
      if (result !== undefined)
        return { ms, winner: result.responses[0]?.hotkey, count: result.responses.length };
    }
    throw new Error('it was never settled');
  };
  const lone = [replies('go forward'), hangs, hangs];

  it('best settles after its grace time', async () => {
    expect((await settledAt({ answers: { kind: 'best', graceMs: 700 } }, lone)).ms).to.equal(700);
  });

  it('deadline and first_good settle at their deadline when nothing better comes', async () => {
    expect((await settledAt({ answers: { kind: 'deadline', deadlineMs: 4000 } }, lone)).ms).to.equal(4000);
    const answers = { kind: 'first_good', goodEnough: 0.8, deadlineMs: 3000 } as const;
    expect((await settledAt({ answers }, lone)).ms).to.equal(3000);
  });

  it('settles as soon as no miner can be better any more, not at the next event', async () => {
    const answers = { kind: 'deadline', deadlineMs: 50_000 } as const;
    const judge = rating({ 'go forward': 0.9 });
    const { ms } = await settledAt({ answers, judges: { judge } }, lone, 'summarization');
    // 0.7 + 0.3 * speed is 0.9 at a speed of 2 / 3: 10.2 s * ln 1.5 / 0.9 + 0.2 s.
    expect(ms).to.be.within(4_700, 4_900);
  });

  it('waits for a miner that was asked late in place of another, which can still be fast', async () => {
    const answers = { kind: 'deadline', deadlineMs: 50_000 } as const;
    const judge = rating({ 'go forward': 0.9, 'go forward ten meters': 1 });
    const clock = new ManualClock();
    const later =
      (ms: number, behaviour: Behaviour): Behaviour =>
      async (...question) => {
        await new Promise<void>((resolve) => clock.after(ms, resolve));
        return behaviour(...question);
      };
    const busy = later(4500, refuses('MINER_BUSY', 'busy'));
    const behaviours = [
      replies('go forward'),
      busy,
      busy,
      later(2000, replies('go forward ten meters', 2000)),
    ];
    const found = await settledAt({ answers, judges: { judge }, clock }, behaviours);
    expect(found).to.deep.include({ ms: 6500, winner: 'm3' });
  });

  it('first_good waits for a third transcript, for two may have agreed on a wrong one', async () => {
    const answers = { kind: 'first_good', goodEnough: 0.8, deadlineMs: 3000 } as const;
    const two = [replies('go forward'), replies('go forward'), hangs];
    expect(await settledAt({ answers }, two)).to.deep.include({ ms: 3000, count: 2 });
    const three = [replies('go forward'), replies('go forward'), replies('go forward')];
    expect(await settledAt({ answers }, three)).to.deep.include({ ms: 0, count: 3 });
  });

  it('best_of_k settles with the k-th usable reply', async () => {
    const answers = { kind: 'best_of_k', count: 2, deadlineMs: 9000 } as const;
    const two = [replies('go forward'), replies('turn left'), hangs];
    expect(await settledAt({ answers }, two)).to.deep.include({ ms: 0, count: 2 });
    const failing = [replies('go forward'), refuses('ENGINE_FAILED', 'broke'), hangs];
    expect((await settledAt({ answers }, failing)).ms).to.equal(9000);
  });
});
