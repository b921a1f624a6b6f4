import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { expect } from 'chai';
import { POLICY } from '../../src/domain/score/policy.js';
import { judgeTranscripts, type Reference } from '../../src/domain/score/transcription.js';
import { findExecutable } from '../../src/engines/find-executable.js';
import { mean, rankCorrelation } from '../support/rank-correlation.js';
import { skipSuite } from '../support/skip-suite.js';
import { findClips, type Clip } from '../support/spoken-clips.js';
import { degraded, shuffled, trueErrorRate, type Words } from '../support/transcript-pools.js';
import { seeded } from '../unit/score/seeded.js';

const MODEL = '/usr/share/pocketsphinx/model/en-us';
const SEEDS = [1, 2, 3, 4, 5];
const MIN_WORDS = 5;

/** One recognizer with less and less time to think: miners of four qualities whose errors are related. */
const SETTINGS: Readonly<Record<string, readonly string[]>> = {
  full: [],
  quick: ['-fwdflat', 'no', '-bestpath', 'no', '-maxhmmpf', '2500', '-beam', '1e-35'],
  hasty: ['-fwdflat', 'no', '-bestpath', 'no', '-maxhmmpf', '800', '-beam', '1e-25'],
  blind: ['-fwdflat', 'no', '-bestpath', 'no', '-maxhmmpf', '400', '-beam', '1e-20'],
};

/** What the recognizer hears in each clip, by the clip's id. */
async function recognize(clips: readonly Clip[], options: readonly string[]): Promise<Map<string, Words>> {
  const folder = await mkdtemp(join(tmpdir(), 'judging-'));
  try {
    const [list, heard] = [join(folder, 'list'), join(folder, 'heard')];
    await writeFile(
      list,
      clips.map(({ path }) => `${basename(dirname(path))}/${basename(path, '.wav')}\n`).join(''),
    );
    await promisify(execFile)('pocketsphinx_batch', [
      ...['-hmm', join(MODEL, 'en-us'), '-lm', join(MODEL, 'en-us.lm.bin')],
      ...['-dict', join(MODEL, 'cmudict-en-us.dict'), '-adcin', 'yes', '-adchdr', '44'],
      ...['-cepdir', dirname(dirname(clips[0]!.path)), '-cepext', '.wav', '-ctl', list, '-hyp', heard],
      ...options,
    ]);
    const lines = (await readFile(heard, 'utf8')).matchAll(/^(.*?)\s*\((?:\S*\/)?(\S+) \S+\)$/gm);
    return new Map(
      Array.from(lines, ([, text = '', id = '']) => [id, text.split(' ').filter((word) => word !== '')]),
    );
  } finally {
    await rm(folder, { recursive: true });
  }
}

describe('accuracy of transcripts by a real recognizer', () => {
  let clips: readonly Clip[];
  const heard: Record<string, Map<string, Words>> = {};

  before(async function () {
    const found = findClips();
    if (typeof found === 'string') skipSuite(this, found);
    if ((await findExecutable('pocketsphinx_batch')) === undefined || !existsSync(MODEL))
      skipSuite(this, 'no recognizer: install the Debian packages pocketsphinx and pocketsphinx-en-us');
    clips = found.filter(({ words }) => words.length >= MIN_WORDS);
    for (const [name, options] of Object.entries(SETTINGS)) heard[name] = await recognize(clips, options);
  });

  const heardIn = (name: string, { id }: Clip): Words => heard[name]?.get(id) ?? [];
  const errorRate = (name: string) =>
    mean(clips.map((clip) => trueErrorRate(clip.words, heardIn(name, clip))));
  const judge = (clip: Clip, answers: readonly Words[], reference?: Reference) =>
    judgeTranscripts(
      { language: 'en', audioMs: clip.audioMs, ...(reference === undefined ? {} : { reference }) },
      answers.map((words) => ({ text: words.join(' '), totalMs: 1000 })),
      POLICY,
    );

  it('hears with four qualities', function () {
    const rates = Object.keys(SETTINGS).map(errorRate);
    this.test!.title += `: ${Object.keys(SETTINGS)
      .map((name, index) => `${name} ${rates[index]!.toFixed(2)}`)
      .join(', ')} wrong`;
    expect(rates).to.deep.equal([...rates].sort((a, b) => a - b));
    expect(rates[0]).to.be.below(0.4);
    expect(rates[3]).to.be.above(0.7);
  });

  const cases: readonly (readonly [string, number, (clip: Clip) => Reference | undefined])[] = [
    ['known text', 0.9, ({ words }) => ({ kind: 'known', text: words.join(' ') })],
    ['agreement', 0.8, () => undefined],
    [
      "agreement and the validator's own",
      0.8,
      (clip) => ({ kind: 'own', text: heardIn('full', clip).join(' ') }),
    ],
  ];
  for (const [name, least, referenceOf] of cases)
    it(`ranks the four among four to six made from the true text (${name})`, function () {
      const pools = SEEDS.flatMap((seed) =>
        clips.map((clip, index) => {
          const random = seeded(1000 * seed + index);
          const answers = shuffled(
            [
              ...Object.keys(SETTINGS).map((setting) => heardIn(setting, clip)),
              ...Array.from({ length: 4 + (seed % 3) }, () => degraded(clip.words, 0.6 * random(), random)),
            ],
            random,
          );
          return {
            accuracy: judge(clip, answers, referenceOf(clip)).map((score) => score.accuracy ?? 0),
            truth: answers.map((words) => -trueErrorRate(clip.words, words)),
          };
        }),
      );
      const perClip = mean(pools.map(({ accuracy, truth }) => rankCorrelation(accuracy, truth)));
      const pooled = rankCorrelation(
        pools.flatMap(({ accuracy }) => accuracy),
        pools.flatMap(({ truth }) => truth),
      );
      this.test!.title += `: ${perClip.toFixed(2)} within a clip, ${pooled.toFixed(2)} over all`;
      expect(Math.min(perClip, pooled)).to.be.at.least(least);
    });

  it('does not fail a better miner for the errors of its own recognizer', function () {
    const alone = clips.map((clip) => {
      const own: Reference = { kind: 'own', text: heardIn('full', clip).join(' ') };
      const [better, worse] = judge(clip, [clip.words, heardIn('blind', clip)], own);
      expect(better?.accuracy).to.be.above(worse?.accuracy ?? 1);
      return judge(clip, [clip.words], own)[0]?.accuracy ?? 0;
    });
    this.test!.title += `: the true text alone gets ${mean(alone).toFixed(2)}, at least ${Math.min(...alone).toFixed(2)}`;
    expect(mean(alone)).to.be.at.least(0.9);
  });
});
