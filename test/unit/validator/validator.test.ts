import { expect } from 'chai';
import { Refusal } from '../../../src/domain/errors.js';
import type { Sha256 } from '../../../src/domain/ids.js';
import { bytesPrint } from '../../../src/domain/score/answer-print.js';
import { POLICY } from '../../../src/domain/score/policy.js';
import type { EngineCatalog } from '../../../src/engines/engine.js';
import { createJudges, type Judges } from '../../../src/validator/judges.js';
import type { ValidatorSettings } from '../../../src/validator/settings.js';
import { createValidator, type Validator, type WeightDeps } from '../../../src/validator/validator.js';
import { FakeFeed, fedTask } from './fake-feed.js';
import { fakeMiner, FakeMiners, hangs, refuses, replies, reply, type FakeMiner } from './fake-miners.js';
import { ManualClock, settle } from './manual-clock.js';
import { memoryLog, type LogLine } from './memory-log.js';
import { MemoryLedger } from '../weights/memory-ledger.js';
import { MemorySubnet } from '../weights/memory-subnet.js';
import { MemoryStore } from './memory-store.js';

const TEXT = 'Long text to summarize...';

describe('the validator', () => {
  let clock: ManualClock;
  let feed: FakeFeed;
  let lines: LogLine[];
  let validator: Validator | undefined;
  let miners: FakeMiners;
  let engines: EngineCatalog;
  let judges: Judges;
  let store: MemoryStore;

  beforeEach(() => {
    clock = new ManualClock();
    feed = new FakeFeed();
    validator = undefined;
    engines = { engines: [], missing: [] };
    judges = {
      ...createJudges({ policy: POLICY, findEngines: () => Promise.resolve(engines) }),
      hear: ({ audio }) =>
        Promise.resolve({
          facts: { kind: 'undecodable', why: 'The audio cannot be decoded.' },
          print: bytesPrint(audio),
          spentMs: 1,
        }),
    };
    store = new MemoryStore();
  });

  afterEach(async () => {
    const stopping = validator?.stop(1000);
    await clock.advance(1000);
    await stopping;
    expect(clock.waiting).to.equal(0);
  });

  const start = async (list: FakeMiner[], changed: Partial<ValidatorSettings> = {}, weights?: WeightDeps) => {
    miners = new FakeMiners(list);
    const memory = memoryLog();
    lines = memory.lines;
    validator = createValidator({
      feed,
      polled: feed,
      miners,
      network: miners.network(),
      judges,
      policy: POLICY,
      reputationStore: store,
      ...(weights && { weights }),
      clock,
      random: () => 0.5,
      secret: () => 0.5,
      findEngines: () => Promise.resolve(engines),
      log: memory.log,
      settings: {
        holder: 'validator',
        enableProxyIntegration: true,
        proxyServerUrl: 'http://localhost:8000',
        proxyCheckIntervalMs: 30_000,
        maxInFlight: 8,
        minersPerTask: 3,
        answers: { kind: 'best', graceMs: 2000 },
        challenges: { perHour: 0, share: 0 },
        ...changed,
      },
    });
    await validator.start();
    await settle();
  };
  const messages = () => lines.filter(({ level }) => level >= 30).map(({ msg }) => msg);
  const outcomes = () => feed.settlements.map(({ outcome }) => outcome);
  const failure = () => {
    const [outcome] = outcomes();
    return outcome?.kind === 'failed' ? { ...outcome.failure, retryable: outcome.retryable } : undefined;
  };
  const assign = async (...tasks: ReturnType<typeof fedTask>[]) => {
    feed.send({ kind: 'assigned', tasks });
    await settle();
  };

  it('counts scored tasks and sets weights by its reputation', async () => {
    const setter = new MemorySubnet();
    const ledger = new MemoryLedger();
    await start(
      [fakeMiner('a', replies(TEXT)), fakeMiner('b', refuses('ENGINE_FAILED', 'it broke'))],
      {},
      { setter, ledger, now: true },
    );
    expect(setter.sent).to.equal(0);
    await assign(fedTask());
    expect(feed.settlements).to.have.length(1);
    await clock.advance(300_000);
    expect(setter.taken.map(({ uids, values }) => [uids, values])).to.deep.equal([[[1], [65_535]]]);
    expect(ledger.state?.scoredTasks).to.equal(1);
    expect(ledger.vectors[0]?.miners[0]?.ratings[0]?.reliability.sampleCount).to.equal(1);
  });

  describe('with a task', () => {
    it('settles it with the best reply and the scores of all', async () => {
      await start([
        fakeMiner('a', replies('nothing of the kind')),
        fakeMiner('b', replies(TEXT)),
        fakeMiner('c', refuses('ENGINE_FAILED', 'it broke')),
      ]);
      const task = fedTask();
      await assign(task);
      const [settlement] = feed.settlements;
      expect(settlement).to.deep.include({ id: task.id, token: task.token });
      const result = settlement?.outcome.kind === 'completed' ? settlement.outcome.result : undefined;
      expect(result).to.deep.include({ minerUid: 2, minerHotkey: 'b', model: 'fake/1' });
      expect(result?.output).to.deep.equal({ kind: 'inline', bytes: Buffer.from(TEXT) });
      expect(settlement?.responses.map(({ hotkey, selected }) => [hotkey, selected])).to.deep.equal([
        ['b', true],
        ['a', false],
        ['c', false],
      ]);
      expect(settlement?.responses[2]?.errorMessage).to.equal('ENGINE_FAILED: it broke');
      expect(result?.score?.accuracy).to.equal(1);
    });

    it('logs the documented lines, with the true count and the id of each task', async () => {
      await start([fakeMiner('a', replies(TEXT))]);
      const tasks = [fedTask(), fedTask('transcription')];
      await assign(...tasks);
      expect(messages().filter((msg) => /^\P{ASCII}/u.test(msg))).to.deep.equal([
        '🔍 Checking proxy server for pending tasks...',
        '📋 Found 2 pending tasks in proxy server',
        '🔄 Processing 2 tasks from proxy server...',
        '🎯 Processing proxy task: summarization in en',
        '🎯 Processing proxy task: transcription in en',
      ]);
      const line = lines.find(({ msg }) => msg.endsWith('transcription in en'));
      expect(line?.['task_id']).to.equal(tasks[1]?.id);
      const end = lines.find(({ msg }) => msg === 'task completed');
      expect(end).to.deep.include({ task_id: tasks[0]?.id, miner_uid: 1, accuracy: 1 });
      expect(end).to.include.all.keys('score', 'speed', 'ms');
    });

    it('does not wait for a miner that cannot be better any more', async () => {
      await start([fakeMiner('a', replies(TEXT, 0)), fakeMiner('b', hangs), fakeMiner('c', hangs)]);
      await assign(fedTask());
      expect(outcomes().map(({ kind }) => kind)).to.deep.equal(['completed']);
    });

    it('gives slower miners the grace time, then settles without them', async () => {
      await start([fakeMiner('a', replies('go forward')), fakeMiner('b', hangs), fakeMiner('c', hangs)]);
      await assign(fedTask('transcription'));
      await clock.advance(1999);
      expect(feed.settlements).to.have.length(0);
      await clock.advance(1);
      expect(outcomes().map(({ kind }) => kind)).to.deep.equal(['completed']);
      expect(feed.settlements[0]?.responses).to.have.length(1);
    });

    it('scores a straggler after the task is settled', async () => {
      let answer: (text: string) => void = () => undefined;
      const late = new Promise<string>((resolve) => {
        answer = resolve;
      });
      await start([fakeMiner('a', replies('go forward')), fakeMiner('b', async () => reply(await late))]);
      await assign(fedTask('transcription'));
      await clock.advance(2000);
      expect(feed.settlements).to.have.length(1);
      answer('go forward');
      await settle();
      await clock.advance(30_000);
      const ratings = feed.reports.at(-1)?.miners.map((miner) => miner.ratings[0]?.sampleCount);
      expect(ratings).to.deep.equal([1, 1]);
      expect(feed.settlements).to.have.length(1);
    });

    it('asks another miner in place of one that is busy, gone or without the engine', async () => {
      const skipping = [
        fakeMiner('a', refuses('MINER_BUSY', 'busy')),
        fakeMiner('b', refuses('ENGINE_UNAVAILABLE', 'no engine')),
        fakeMiner('c', refuses('UNAVAILABLE', 'gone')),
        fakeMiner('d', refuses('AUDIO_UNDECODABLE', 'M4A', { metadata: { cure: 'ffmpeg' } })),
      ];
      await start([...skipping, fakeMiner('e', replies(TEXT))], { minersPerTask: 1 });
      await assign(fedTask());
      await clock.advance(2000);
      expect(outcomes()).to.have.length(1);
      expect(outcomes()[0]?.kind).to.equal('completed');
    });

    it('names the program that every miner lacks for the audio', async () => {
      const lacking = refuses('AUDIO_UNDECODABLE', 'it is M4A, which needs ffmpeg', {
        metadata: { cure: 'ffmpeg' },
      });
      await start([fakeMiner('a', lacking), fakeMiner('b', lacking)]);
      await assign(fedTask('transcription'));
      await clock.advance(10_000);
      const [outcome] = outcomes();
      expect(outcome).to.deep.include({ kind: 'failed', retryable: false });
      expect(outcome?.kind === 'failed' && outcome.failure).to.deep.equal({
        reason: 'AUDIO_UNDECODABLE',
        message: 'it is M4A, which needs ffmpeg',
      });
    });

    it('tells how far the best of its miners is', async () => {
      const told: ((fraction: number) => void)[] = [];
      const working = (hotkey: string) =>
        fakeMiner(hotkey, (_task, options) => {
          told.push((fraction) => options.onProgress?.({ fraction, stage: hotkey }));
          return new Promise(() => undefined);
        });
      await start([working('a'), working('b')]);
      await assign(fedTask());
      const [first, second] = told;
      for (const [tell, fraction] of [
        [first, 0.5],
        [second, 0.2],
        [second, 0.6],
        [first, 0.55],
      ] as const)
        tell?.(fraction);
      await clock.advance(6000);
      expect(feed.extensions.at(-1)?.held[0]?.progress?.fraction).to.equal(0.6);
    });

    it('waits while every miner is busy and keeps its lease meanwhile', async () => {
      const miner = fakeMiner('a', refuses('MINER_BUSY', 'busy', { retryAfterMs: 400 }));
      await start([miner]);
      const task = fedTask();
      await assign(task);
      await clock.advance(6000);
      expect(feed.settlements).to.have.length(0);
      expect(feed.extensions.at(-1)?.held).to.deep.equal([
        { token: task.token, progress: { fraction: 0, stage: 'waiting for a miner' } },
      ]);
      miner.answer = replies(TEXT);
      await clock.advance(1000);
      expect(outcomes().map(({ kind }) => kind)).to.deep.equal(['completed']);
    });

    it('fails it at once when every miner is reached and none can do it, naming kind, language and cure', async () => {
      const miner = fakeMiner('a', replies(TEXT));
      miner.can = [];
      miner.missing = [{ kind: 'tts', engine: 'flite', cure: 'Install flite: apt install flite.' }];
      await start([miner]);
      await assign(fedTask('tts'));
      expect(failure()).to.deep.equal({
        reason: 'NO_CAPABLE_MINER',
        message: 'No reachable miner can do tts in en. Install flite: apt install flite.',
        retryable: false,
      });
    });

    it('fails it within 10 s when no miner is reached, and not before one had time to start', async () => {
      const miner = fakeMiner('a', replies(TEXT));
      miner.reachable = false;
      await start([miner]);
      await assign(fedTask());
      await clock.advance(4000);
      expect(feed.settlements).to.have.length(0);
      await clock.advance(5999);
      expect(failure()).to.deep.include({ reason: 'NO_CAPABLE_MINER', retryable: false });
      expect(failure()?.message).to.include('127.0.0.1:9001 (connect ECONNREFUSED)');
    });

    it('takes a miner that starts after the task came', async () => {
      const miner = fakeMiner('a', replies(TEXT));
      miner.reachable = false;
      await start([miner]);
      await assign(fedTask());
      await clock.advance(2000);
      miner.reachable = true;
      await clock.advance(1000);
      expect(outcomes().map(({ kind }) => kind)).to.deep.equal(['completed']);
    });

    it('fails undecodable audio for good', async () => {
      const answer = refuses('AUDIO_UNDECODABLE', 'The audio cannot be decoded.');
      await start(['a', 'b', 'c'].map((name) => fakeMiner(name, answer)));
      await assign(fedTask('transcription'));
      expect(failure()).to.deep.include({ reason: 'AUDIO_UNDECODABLE', retryable: false });
      expect(feed.settlements[0]?.responses).to.have.length(3);
    });

    it('fails what every miner failed on so that it is tried again', async () => {
      await start([
        fakeMiner('a', refuses('AUDIO_UNDECODABLE', 'no audio')),
        fakeMiner('b', refuses('ENGINE_FAILED', 'broke')),
        fakeMiner('c', () => Promise.resolve({ ...reply(''), output: Buffer.from([0xff, 0xfe]) })),
      ]);
      await assign(fedTask('transcription'));
      expect(failure()).to.deep.include({ reason: 'ALL_MINERS_FAILED', retryable: true });
      expect(failure()?.message).to.include('not UTF-8');
    });

    it('hears for itself where replies are too few to be told apart, within its share of the cost', async () => {
      let heard = 0;
      engines = {
        missing: [],
        engines: [
          {
            kind: 'transcription',
            name: 'own',
            model: '',
            languages: ['en'],
            run: async () => {
              heard += 1;
              await new Promise<void>((resolve) => clock.after(40_000, resolve));
              return { ...reply('go forward some meters'), model: 'own' };
            },
          },
        ],
      };
      const accuracies = (place: number) =>
        feed.settlements[place]?.responses.flatMap(({ score }) => score?.accuracy ?? []) ?? [];
      const second = fakeMiner('b', replies('go forward some meters'));
      const third = fakeMiner('c', refuses('ENGINE_FAILED', 'broke'));
      await start([fakeMiner('a', replies('go back then meters', 40_000)), second, third]);
      await assign(fedTask('transcription'));
      await clock.advance(40_000);
      const [best = NaN, other = NaN] = accuracies(0);
      expect(best - other).to.be.above(0.2);
      third.answer = replies('go back then meters');
      await assign(fedTask('transcription'));
      expect(heard).to.equal(1);
      third.answer = refuses('ENGINE_FAILED', 'broke');
      await assign(fedTask('transcription'));
      await clock.advance(40_000);
      // 60 s of credit and a twentieth of the miners' 80 s are spent on these two.
      await assign(fedTask('transcription'));
      expect(heard).to.equal(2);
      const [one = NaN, another = NaN] = accuracies(3);
      expect(Math.abs(one - another)).to.be.below(0.1);
    });

    it('does not complete a spoken task with bytes that are no audio', async () => {
      await start([fakeMiner('a', replies('RIFF?'))]);
      await assign(fedTask('tts'));
      expect(failure()).to.deep.include({ reason: 'ALL_MINERS_FAILED', retryable: true });
      expect(feed.settlements[0]?.responses[0]?.score?.parts[0]).to.deep.include({
        name: 'decodes',
        value: 0,
      });
    });

    it('fetches an input and uploads an output that are too large to be inline', async () => {
      const output = 'long '.repeat(50);
      const miner = fakeMiner('a', replies(output));
      await start([miner]);
      const payload = { kind: 'content', sha256: 'c'.repeat(64) as Sha256, sizeBytes: 100_000 } as const;
      await assign(fedTask('transcription', { payload }));
      expect(miner.asked[0]?.input).to.have.length(100_000);
      expect(feed.uploads.map(({ bytes }) => bytes.byteLength)).to.deep.equal([output.length]);
      const [outcome] = outcomes();
      expect(outcome?.kind === 'completed' && outcome.result.output).to.deep.equal({
        kind: 'content',
        sha256: 'f'.repeat(64),
        sizeBytes: output.length,
      });
    });

    it('gives miners a deadline that grows with the audio, within the run time', async () => {
      const miner = fakeMiner('a', replies('x'));
      await start([miner]);
      const bytes = (seconds: number) => ({ kind: 'inline' as const, bytes: Buffer.alloc(seconds * 4000) });
      await assign(
        fedTask('transcription', { payload: bytes(5) }),
        fedTask('transcription', { payload: bytes(200) }),
        fedTask('transcription', { payload: bytes(200), maxRunMs: 45_000 }),
      );
      expect(miner.asked.map(({ deadlineMs }) => deadlineMs)).to.deep.equal([60_000, 400_000, 42_000]);
    });
  });

  describe('with leases', () => {
    it('confirms a task as soon as it came and renews it every five seconds', async () => {
      await start([fakeMiner('a', hangs)]);
      const task = fedTask();
      await assign(task);
      const confirmed = feed.extensions.at(-1);
      expect(confirmed).to.deep.include({ lastSequence: 2 });
      expect(confirmed?.held.map(({ token }) => token)).to.deep.equal([task.token]);
      const before = feed.extensions.length;
      await clock.advance(15_000);
      expect(feed.extensions.length - before).to.equal(3);
    });

    it('ends the work on a lease that a heartbeat or the stream calls lost', async () => {
      let cancelled = 0;
      const miner = fakeMiner('a', (question, options) => {
        options.signal.addEventListener('abort', () => (cancelled += 1));
        return hangs(question, options);
      });
      await start([miner]);
      const [first, second] = [fedTask(), fedTask()];
      await assign(first, second);
      feed.answerExtend = () => ({
        revoked: [{ token: first.token, reason: 'expired' }],
        action: 'continue',
      });
      feed.send({ kind: 'revoked', leases: [{ token: second.token, reason: 'cancelled' }] });
      await clock.advance(5000);
      expect(feed.extensions.at(-1)?.held.map(({ token }) => token)).to.deep.equal([first.token]);
      await clock.advance(5000);
      expect(feed.extensions.at(-1)?.held).to.deep.equal([]);
      expect(feed.settlements).to.deep.equal([]);
      expect(cancelled).to.equal(2);
      expect(
        lines.filter(({ msg }) => msg.startsWith('lease lost')).map((line) => line['reason']),
      ).to.deep.equal(['cancelled', 'expired']);
    });

    it('settles again while the proxy is away', async () => {
      await start([fakeMiner('a', replies(TEXT))]);
      let away = true;
      feed.answerSettle = () => {
        if (away) throw new Refusal('UNAVAILABLE', 'away');
        return { kind: 'settled' };
      };
      await assign(fedTask());
      await clock.advance(60_000);
      const tries = feed.settlements.length;
      expect(tries).to.be.within(10, 40);
      away = false;
      await clock.advance(5000);
      expect(feed.settlements).to.have.length(tries + 1);
      expect(new Set(feed.settlements.map(({ outcome }) => JSON.stringify(outcome))).size).to.equal(1);
    });

    it('lets a task go whose outcome came too late', async () => {
      await start([fakeMiner('a', replies(TEXT))]);
      feed.answerSettle = () => ({ kind: 'lost', message: 'not the current lease' });
      await assign(fedTask());
      await clock.advance(60_000);
      expect(feed.settlements).to.have.length(1);
    });
  });

  describe('with a stream', () => {
    it('opens it again with its session when it breaks, and the work goes on', async () => {
      const miner = fakeMiner('a', hangs);
      await start([miner]);
      const task = fedTask();
      await assign(task);
      feed.end(new Refusal('UNAVAILABLE', 'gone'));
      await clock.advance(200);
      expect(feed.subscriptions.map(({ session }) => session)).to.deep.equal([undefined, 'a'.repeat(32)]);
      expect(feed.extensions.at(-1)).to.deep.include({ lastSequence: 1 });
      expect(feed.extensions.at(-1)?.held.map(({ token }) => token)).to.deep.equal([task.token]);
    });

    it('renews leases while it is away, speaking of no event that the next one could number anew', async () => {
      await start([fakeMiner('a', hangs)]);
      const task = fedTask();
      await assign(task);
      feed.refuses = new Refusal('UNAVAILABLE', 'gone');
      feed.end(feed.refuses);
      const before = feed.extensions.length;
      await clock.advance(10_000);
      const later = feed.extensions.slice(before);
      expect(later.map(({ lastSequence }) => lastSequence)).to.deep.equal([0, 0]);
      expect(later.every(({ held }) => held[0]?.token === task.token)).to.equal(true);
    });

    it('opens it again when the proxy asks for it, or does not know the session', async () => {
      await start([fakeMiner('a', hangs)]);
      feed.answerExtend = () => ({ revoked: [], action: 'reconnect' });
      await clock.advance(5000);
      feed.answerExtend = () => {
        throw new Refusal('SESSION_UNKNOWN', 'who');
      };
      await clock.advance(5200);
      feed.answerExtend = () => ({ revoked: [], action: 'continue' });
      await clock.advance(10_000);
      expect(feed.subscriptions.length).to.be.at.least(3);
      const before = feed.subscriptions.length;
      feed.send({ kind: 'keep_alive' });
      await clock.advance(10_000);
      expect(feed.subscriptions).to.have.length(before);
    });

    it('opens it again after 30 s without a sign of life', async () => {
      await start([fakeMiner('a', hangs)]);
      await clock.advance(20_000);
      feed.send({ kind: 'keep_alive' });
      await clock.advance(29_999);
      expect(feed.subscriptions).to.have.length(1);
      await clock.advance(200);
      expect(feed.subscriptions).to.have.length(2);
    });

    it('opens a new session when another stream took its own', async () => {
      await start([fakeMiner('a', hangs)]);
      feed.end(new Refusal('SESSION_SUPERSEDED', 'taken'));
      await clock.advance(200);
      expect(feed.subscriptions.map(({ session }) => session)).to.deep.equal([undefined, undefined]);
    });
  });

  describe('without a stream', () => {
    const away = new Refusal('UNAVAILABLE', 'connect ECONNREFUSED 127.0.0.1:8000');

    it('says once a minute what is wrong, where, and what to check, and goes on when the proxy is there', async () => {
      feed.refuses = away;
      await start([fakeMiner('a', replies(TEXT))]);
      await clock.advance(50_000);
      const outages = () => messages().filter((msg) => msg.includes('http://localhost:8000'));
      expect(outages()).to.deep.equal([
        'cannot work with the proxy at http://localhost:8000: nothing listens there; check that the proxy runs and that --proxy_server_url names its address and port; trying again',
      ]);
      expect(messages().filter((msg) => msg.startsWith('🔍'))).to.have.length(1);
      await clock.advance(60_000);
      expect(outages()).to.have.length(2);
      feed.refuses = undefined;
      await clock.advance(5000);
      await assign(fedTask());
      expect(outcomes().map(({ kind }) => kind)).to.deep.equal(['completed']);
      expect(messages().filter((msg) => msg.startsWith('🔍'))).to.have.length(2);
    });

    it('says which key it needs when it is not let in, and does not poll with the wrong one', async () => {
      feed.refuses = new Refusal('UNAUTHENTICATED', 'an API key is needed');
      feed.health = () => undefined;
      feed.waiting.push(fedTask());
      await start([fakeMiner('a', replies(TEXT))]);
      await clock.advance(50_000);
      expect(messages().filter((msg) => msg.includes('an API key is needed'))).to.deep.equal([
        'cannot work with the proxy at http://localhost:8000: an API key is needed; give the validator an API key of the proxy with the scope validate in --proxy_key_file; trying again',
      ]);
      expect(feed.limits).to.deep.equal([]);
      feed.refuses = undefined;
      await clock.advance(5000);
      await assign(fedTask());
      expect(outcomes().map(({ kind }) => kind)).to.deep.equal(['completed']);
    });

    it('polls at each interval while HTTP answers, and streams again when it can', async () => {
      feed.refuses = away;
      feed.health = () => undefined;
      const tasks = [fedTask(), fedTask(), fedTask()];
      feed.waiting.push(...tasks);
      await start([fakeMiner('a', replies(TEXT))], { maxInFlight: 2, proxyCheckIntervalMs: 7000 });
      await clock.advance(1000);
      expect(feed.settlements.map(({ id }) => id)).to.deep.equal(tasks.map(({ id }) => id));
      expect(Math.max(...feed.limits)).to.equal(2);
      expect(feed.extensions).to.deep.equal([]);
      feed.waiting.push(fedTask());
      const polls = feed.limits.length;
      await clock.advance(5000);
      expect(feed.limits).to.have.length(polls);
      await clock.advance(2000);
      expect(feed.limits.length).to.be.above(polls);
      feed.refuses = undefined;
      await clock.advance(7000);
      await assign(fedTask());
      expect(feed.settlements).to.have.length(5);
      expect(messages()).to.include('tasks are streamed again');
    });
  });

  describe('on stopping', () => {
    it('gives back what is being worked on and settles what is ready', async () => {
      const miner = fakeMiner('a', hangs);
      await start([miner]);
      const [held, ready] = [fedTask('summarization'), fedTask('summarization')];
      await assign(held);
      miner.answer = replies(TEXT);
      let answer: () => void = () => undefined;
      feed.uploadOutput = () =>
        new Promise((resolve) => {
          answer = () => {
            resolve({ sha256: 'f'.repeat(64) as Sha256, sizeBytes: 1 });
          };
        });
      feed.maxInlineOutputBytes = 1;
      await assign(ready);
      const stopping = validator?.stop(5000);
      await settle();
      answer();
      await stopping;
      expect(feed.settlements.map(({ id, outcome }) => [id, outcome.kind])).to.deep.equal([
        [held.id, 'released'],
        [ready.id, 'completed'],
      ]);
      expect([feed.closed, miners.closed]).to.deep.equal([true, true]);
    });

    it('closes its stream before it waits for anything, and keeps its leases alive meanwhile', async () => {
      await start([fakeMiner('a', hangs)]);
      const task = fedTask();
      await assign(task);
      feed.answerSettle = () => {
        throw new Refusal('UNAVAILABLE', 'away');
      };
      const stopping = validator?.stop(6000);
      expect(feed.subscriptions.map(({ signal }) => signal.aborted)).to.deep.equal([true]);
      const beats = feed.extensions.length;
      await clock.advance(5500);
      expect(feed.extensions.slice(beats).map(({ held }) => held.map(({ token }) => token))).to.deep.include([
        task.token,
      ]);
      expect(feed.subscriptions).to.have.length(1);
      await clock.advance(500);
      await stopping;
    });

    it('is over at the end of the grace time even when the proxy is away', async () => {
      await start([fakeMiner('a', hangs)]);
      await assign(fedTask());
      feed.answerSettle = () => {
        throw new Refusal('UNAVAILABLE', 'away');
      };
      const stopping = validator?.stop(3000);
      await clock.advance(3000);
      await stopping;
    });
  });

  it('reports how the miners did and by which policy it judges, also after a restart', async () => {
    await start([fakeMiner('a', replies(TEXT)), fakeMiner('b', refuses('ENGINE_FAILED', 'broke'))]);
    await assign(fedTask(), fedTask());
    await clock.advance(30_000);
    const report = feed.reports.at(-1);
    expect(report).to.deep.include({ policyVersion: POLICY.version, policyHash: POLICY.hash });
    const [a, b] = report?.miners ?? [];
    expect(a?.ratings[0]).to.deep.include({
      kind: 'summarization',
      language: 'en',
      accuracy: 1,
      reliability: 1,
      sampleCount: 2,
      sampleAgeMs: 30_000,
    });
    expect(a?.ratings[0]?.parts).to.deep.include({ name: 'coverage', mean: 1, sampleCount: 2 });
    expect(a?.score).to.be.within(0.1, 0.4);
    expect(b?.ratings[0]).to.deep.include({ reliability: 0, sampleCount: 2, parts: [] });
    expect(b?.score).to.equal(0);
    await validator?.stop(1000);
    feed = new FakeFeed();
    await start([fakeMiner('a', replies(TEXT)), fakeMiner('c', replies(TEXT))]);
    const again = feed.reports.at(-1)?.miners;
    expect(again?.map(({ hotkey, score }) => [hotkey, score])).to.deep.equal([
      ['a', a?.score],
      ['c', undefined],
    ]);
    expect(again?.[0]?.ratings[0]).to.deep.include({ ...a?.ratings[0], sampleAgeMs: 30_000 });
  });

  it('reports the miners when they change and every half minute', async () => {
    const miner = fakeMiner('a', replies(TEXT));
    await start([miner, fakeMiner('b', replies(TEXT))]);
    expect(feed.reports.at(-1)).to.deep.include({ holder: 'validator', netuid: 49, network: 'static' });
    expect(
      feed.reports.at(-1)?.miners.map(({ uid, reachable, address }) => [uid, reachable, address]),
    ).to.deep.equal([
      [1, true, '127.0.0.1:9001'],
      [2, true, '127.0.0.1:9002'],
    ]);
    const before = feed.reports.length;
    await clock.advance(20_000);
    feed.send({ kind: 'keep_alive' });
    await clock.advance(10_000);
    expect(feed.reports.length).to.equal(before + 1);
    miner.reachable = false;
    await clock.advance(10_000);
    expect(feed.reports.length).to.equal(before + 2);
    expect(feed.reports.at(-1)?.miners[0]?.reachable).to.equal(false);
  });

  it('only asks miners when the integration is off', async () => {
    await start([fakeMiner('a', replies(TEXT))], { enableProxyIntegration: false });
    await clock.advance(60_000);
    expect([feed.subscriptions.length, feed.reports.length]).to.deep.equal([0, 0]);
    expect(messages()).to.include('proxy integration is off: no tasks are taken');
  });
});
