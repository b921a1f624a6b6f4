import { setTimeout as pause } from 'node:timers/promises';
import { pino } from 'pino';
import { expect } from 'chai';
import { POLICY } from '../../src/domain/score/policy.js';
import { lexRankSummarizer } from '../../src/engines/summarization/summarize.js';
import { createMiner } from '../../src/miner/miner.js';
import { createMinerClient } from '../../src/rpc/clients/miner-client.js';
import { createMinerServer } from '../../src/rpc/server.js';
import { systemClock } from '../../src/runtime/clock.js';
import type { Reply } from '../../src/validator/asking.js';
import { createHearingBudgets } from '../../src/validator/hearing-budget.js';
import { Judge } from '../../src/validator/judge.js';
import { JudgeThread } from '../../src/validator/judge-thread.js';
import { contract } from '../support/grpc-proxy.js';
import { readDocuments } from '../unit/score/summary/fixtures.js';
import { seeded } from '../unit/score/seeded.js';
import { memoryLog } from '../unit/validator/memory-log.js';

const MINERS = 3;
const { signal } = new AbortController();
const { log } = memoryLog();
/** Bytes of a source and how many different ones are judged, so that their cost can be measured. */
const SIZES: readonly (readonly [number, number])[] = [
  [1024, 80],
  [2900, 60],
  [16 * 1024, 20],
  [256 * 1024, 1],
];
/**
 * Of the time that miners took by the validator's clock. What was measured is in the README; these
 * bounds are wide, since one that is busy slows the judges' thread and the miners unlike.
 */
const MAX_SHARE = { wire: 0.5, engine: 1.5 };

/** Processor time of all threads of this process, in milliseconds. */
const spentMs = (): number => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
};

describe('what judging summaries costs', function () {
  this.timeout(120_000);
  const engine = lexRankSummarizer();
  const client = createMinerClient();
  const judges = new JudgeThread({ policy: POLICY, clock: systemClock, log });
  const server = createMinerServer({
    contract: contract(),
    log: pino({ level: 'silent' }),
    clock: systemClock,
    miner: createMiner({
      catalog: { engines: [engine], missing: [] },
      maxSlots: 4,
      maxInputBytes: 1e6,
      maxInputSetting: '',
      hotkey: 'm',
      version: '1',
    }),
  });
  let port = 0;
  let sentences: readonly string[] = [];

  before(async () => {
    port = await server.bind('127.0.0.1:0');
    const english = (await readDocuments()).filter(({ language }) => language === 'en');
    sentences = english.flatMap((document) => document.sentences);
  });
  after(async () => {
    client.close();
    await judges.close();
    await server.shutdown(0);
  });

  const random = seeded(11);
  const sourceOf = (bytes: number): Buffer => {
    let text = '';
    while (text.length < bytes) text += `${sentences[Math.floor(random() * sentences.length)] ?? ''} `;
    return Buffer.from(text);
  };
  const ask = async (input: Buffer, uid: number): Promise<Reply> => {
    const address = { hotkey: `m${uid}`, host: '127.0.0.1', port };
    const question = { kind: 'summarization', language: 'en', input, deadlineMs: 60_000 } as const;
    const reply = await client.query(address, question, { signal, onProgress: () => undefined });
    const miner = { uid, hotkey: `m${uid}`, stake: 1, freeSlots: 1, address };
    return { kind: 'reply', arrivedMs: reply.totalMs, miner, reply };
  };
  /** As a validator does: each reply is judged with those before it. */
  const judgeOneByOne = async (input: Buffer, replies: readonly Reply[]): Promise<void> => {
    const deps = {
      judges,
      critic: undefined,
      policy: POLICY,
      budgets: createHearingBudgets(POLICY),
      clock: systemClock,
      random,
    };
    const task = { kind: 'summarization', language: 'en', input, audioMs: 0 } as const;
    const judge = new Judge(deps, task, log);
    for (let count = 1; count <= replies.length; count += 1) {
      const scores = await judge.scores(replies.slice(0, count), signal);
      expect(scores).to.have.length(count);
    }
  };

  for (const [bytes, count] of SIZES)
    it(`beside three miners with our own engine, which is the cheapest there is: ${(bytes / 1024).toFixed(1)} KiB`, async () => {
      // The first half warms up. Each kind of work by itself, so that what one leaves behind is not the other's cost.
      const tasks: { input: Buffer; replies: Reply[] }[] = [];
      for (let round = 0; round < 2 * count; round += 1) {
        const input = sourceOf(bytes);
        const replies: Reply[] = [];
        for (let uid = 0; uid < MINERS; uid += 1) replies.push(await ask(input, uid));
        tasks.push({ input, replies });
      }
      const costOf = async (action: (task: (typeof tasks)[number]) => Promise<unknown>): Promise<number> => {
        await pause(100);
        for (const task of tasks.slice(0, count)) await action(task);
        const start = spentMs();
        for (const task of tasks.slice(count)) await action(task);
        return spentMs() - start;
      };
      const measured = tasks.slice(count).flatMap(({ replies }) => replies);
      const spent = {
        wire: measured.reduce((sum, { reply }) => sum + reply.totalMs, 0),
        judges: await costOf(({ input, replies }) => judgeOneByOne(input, replies)),
        engine:
          MINERS *
          (await costOf(({ input }) =>
            engine.run({ input, language: 'en', signal, onProgress: () => undefined }),
          )),
      };
      const share = { wire: spent.judges / spent.wire, engine: spent.judges / spent.engine };
      process.stdout.write(
        `      judging ${(spent.judges / count).toFixed(2)} ms; miners ${(spent.wire / count).toFixed(1)} ms by the ` +
          `validator's clock: ${(100 * share.wire).toFixed(1)} %; ${(spent.engine / count).toFixed(1)} ms of their ` +
          `engines alone: ${(100 * share.engine).toFixed(1)} %\n`,
      );
      expect(share.wire).to.be.below(MAX_SHARE.wire);
      expect(share.engine).to.be.below(MAX_SHARE.engine);
    });
});
