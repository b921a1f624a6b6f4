import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { policyText } from '../../src/config/policy-file.js';
import { POLICY } from '../../src/domain/score/policy.js';
import { findEngines } from '../../src/engines/catalog.js';
import type { Engine } from '../../src/engines/engine.js';
import { Installation } from '../support/installation.js';
import { findSpeech } from '../support/speech.js';
import { benchDisk } from './disk.js';
import { median, percentiles, rounded, type Figures } from './figures.js';

export const name = 'path';

/** Pairs of a direct call and one over the whole path, the first of them in turn. */
const ROUNDS = 20;
/** Pairs that are not counted: connections are made, code is compiled, engines are read from the disk. */
const WARM_UP = 3;

const TEXT =
  'The committee met on Monday. It discussed the new bridge over the river at length. ' +
  'The bridge will cost four million and open in 2031. Several members doubted the price. ' +
  'In the end the committee approved the bridge by nine votes to two. Lunch was served at noon.';

/**
 * What the way costs from a POST to /v1 through bridge, queue, validator and miner and back, beyond a direct call of the
 * engine that the miner runs: for five seconds of speech, and for a text, whose engine takes a few milliseconds.
 */
export async function run(): Promise<Figures> {
  const speech = findSpeech();
  const { engines } = await findEngines();
  const recognizer = engines.find(({ kind }) => kind === 'transcription');
  const summarizer = engines.find(({ kind }) => kind === 'summarization');
  const installation = await Installation.create(1, benchDisk().directory);
  const { url } = installation;
  try {
    await installation.startProxy();
    await installation.startMiner();
    const validator = installation.startValidator('--scoring.policy', await unheard(installation));
    await validator.line(({ msg }) => msg === 'validator is ready');
    const text = summarizer && (await pairs(url, summarize(url, summarizer)));
    if (typeof speech === 'string' || recognizer === undefined)
      return { skipped: typeof speech === 'string' ? speech : 'no recognizer is installed', text };
    return { speech: await pairs(url, transcribe(url, recognizer, speech.audio)), text };
  } finally {
    await installation.dispose();
  }
}

/**
 * A scoring policy by which the validator hears nothing itself. Nobody waits for that where one miner is asked, but on one
 * machine it takes the processor from the engine that is measured; it may cost a twentieth of the miners' work in the long
 * run, and the first minute of it comes at once.
 */
async function unheard({ dataDir }: Installation): Promise<string> {
  const file = join(dataDir, 'unheard.json');
  const reference = { ...POLICY.reference, sampledShare: 0, maxCostShare: 0, creditSeconds: 0 };
  const policy = JSON.parse(policyText(POLICY)) as object;
  await writeFile(file, JSON.stringify({ ...policy, version: 'unheard', reference }));
  return file;
}

interface Ways {
  readonly direct: () => Promise<void>;
  /** @returns id of the task */
  readonly path: () => Promise<string>;
}

/** Both ways in turn, so that what else the machine does meets both alike. */
async function pairs(url: string, { direct, path }: Ways): Promise<Figures> {
  const directMs: number[] = [];
  const pathMs: number[] = [];
  const besideMs: number[] = [];
  for (let round = -WARM_UP; round < ROUNDS; round++) {
    const callDirectly = async () => directMs.push((await timed(direct)).ms);
    const callOverPath = async () => {
      const { ms, value: id } = await timed(path);
      pathMs.push(ms);
      besideMs.push(ms - (await engineMs(url, id)));
    };
    for (const call of round % 2 === 0 ? [callDirectly, callOverPath] : [callOverPath, callDirectly])
      await call();
  }
  const [one = [], other = [], beside = []] = [directMs, pathMs, besideMs].map((times) =>
    times.slice(WARM_UP),
  );
  return {
    pairs: ROUNDS,
    direct: percentiles(one),
    path: percentiles(other),
    median_of_differences_ms: rounded(median(other.map((time, place) => time - (one[place] ?? NaN))), 1),
    // Of the same calls, so that a busy machine does not hide it: all of the path but the engine in it.
    path_less_its_engine: percentiles(beside),
  };
}

async function timed<Value>(
  work: () => Promise<Value>,
): Promise<{ readonly ms: number; readonly value: Value }> {
  const start = performance.now();
  const value = await work();
  return { ms: performance.now() - start, value };
}

function transcribe(url: string, engine: Engine, audio: Buffer): Ways {
  return {
    direct: () => call(engine, audio),
    path: () => {
      const form = new FormData();
      form.set('file', new Blob([audio]), 'clip.wav');
      form.set('model', 'whisper-1');
      return post(url, '/v1/audio/transcriptions', { body: form });
    },
  };
}

function summarize(url: string, engine: Engine): Ways {
  const messages = [{ role: 'user', content: TEXT }];
  return {
    direct: () => call(engine, Buffer.from(TEXT)),
    path: () =>
      post(url, '/v1/chat/completions', {
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ model: 'audio-subnet-summarize', messages }),
      }),
  };
}

async function call(engine: Engine, input: Uint8Array): Promise<void> {
  await engine.run({
    input,
    language: 'en',
    signal: new AbortController().signal,
    onProgress: () => undefined,
  });
}

async function post(url: string, path: string, init: RequestInit): Promise<string> {
  const answer = await fetch(`${url}${path}`, { method: 'POST', ...init });
  const body = await answer.text();
  if (answer.status !== 200) throw new Error(`${path} answered ${answer.status}: ${body}`);
  return answer.headers.get('x-task-id') ?? '';
}

/** Milliseconds that the engine took for a task. */
async function engineMs(url: string, id: string): Promise<number> {
  const answer = await fetch(`${url}/api/v1/tasks/${id}`);
  const { processing_time: seconds } = (await answer.json()) as { readonly processing_time: number };
  return seconds * 1000;
}
