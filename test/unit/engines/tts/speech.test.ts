import { expect } from 'chai';
import { decodeAudio } from '../../../../src/engines/audio/decode.js';
import { signalFacts } from '../../../../src/engines/audio/signal.js';
import { findEngines } from '../../../../src/engines/catalog.js';
import type { Engine } from '../../../../src/engines/engine.js';
import { never, refused, withOwnTmp, work } from '../fixtures.js';

const GREETINGS: Readonly<Record<string, string>> = {
  en: 'Good morning, world.',
  es: 'Buenos días, mundo.',
  fr: 'Bonjour tout le monde.',
  de: 'Guten Morgen, Welt.',
  it: 'Buongiorno, mondo.',
  pt: 'Bom dia, mundo.',
  ru: 'Доброе утро, мир.',
  ja: 'おはよう、せかい。',
  ko: '안녕하세요, 세계.',
  zh: '早上好，世界。',
  ar: 'صباح الخير يا عالم',
  hi: 'नमस्ते दुनिया',
};

/** Texts that were hostile to one engine or another. */
const HOSTILE: readonly (readonly [string, string])[] = [
  ['an option', '--version'],
  ['options', '-f /etc/passwd -w out'],
  ['quotes and a command', `"it's" $(touch x) \`id\`; | & > y`],
  ['line breaks and a NUL', 'one\n\ntwo\0three\r\n'],
  ['phoneme marks', '[[hello]] world'],
  ['markup', '<speak><audio src="http://127.0.0.1/"/>hello</speak>'],
  ['signs of many scripts', 'hello 你好 😀 “naïve”'],
  ['a number of 300 digits', '1234567890'.repeat(30)],
  ['a word of 2,000 letters', 'a'.repeat(2_000)],
];

async function secondsOf(speech: Uint8Array): Promise<number> {
  const facts = signalFacts(await decodeAudio(speech, never()));
  expect(facts.activeShare).to.be.above(0.2);
  return facts.durationSeconds;
}

function describeSpeech(name: string): void {
  describe(name, function () {
    this.timeout(60_000);
    let engine: Engine;

    before(async function () {
      const catalog = await findEngines();
      const found = catalog.engines.find((entry) => entry.name === name);
      if (found === undefined) {
        this.test!.title += `: ${catalog.missing.find((entry) => entry.name === name)?.cure ?? ''}`;
        return this.skip();
      }
      engine = found;
    });

    it('speaks its languages for a plausible time', async () => {
      // Each start of text2wav takes most of a second.
      const languages = name === 'text2wav' ? ['en', 'zh', 'ar'] : engine.languages;
      for (const language of languages) {
        const output = await engine.run(work(GREETINGS[language]!, { language }));
        expect(output.mediaType).to.equal('audio/wav');
        expect(await secondsOf(output.output), language).to.be.within(0.4, 5);
      }
    });

    it('takes longer for a longer text', async () => {
      const short = await engine.run(work('The quick brown fox.'));
      const long = await engine.run(work('The quick brown fox jumps over the lazy dog. '.repeat(8)));
      expect(await secondsOf(long.output)).to.be.above(8 * (await secondsOf(short.output)));
    });

    it('takes the voice wished for', async () => {
      const [one, other] = await Promise.all(
        ['slt', 'rms'].map((voice) => engine.run(work('hello', { voice }))),
      );
      expect(one!.model).not.to.equal(other!.model);
      expect(Buffer.from(one!.output).equals(other!.output)).to.be.false;
    });

    it('passes over a voice it does not know', async () => {
      const output = await engine.run(work('hello', { voice: '--nonsense' }));
      expect(output.model).to.equal((await engine.run(work('hello'))).model);
    });

    for (const [what, text] of HOSTILE)
      it(`speaks ${what} and leaves nothing behind`, async () => {
        await withOwnTmp(async (leftovers) => {
          expect(await secondsOf((await engine.run(work(text))).output)).to.be.above(0.2);
          expect(leftovers()).to.deep.equal([]);
        });
      });

    it('says an option as words', async () => {
      const option = await secondsOf((await engine.run(work('-v hello world'))).output);
      const words = await secondsOf((await engine.run(work('v hello world'))).output);
      expect(option).to.be.within(0.7 * words, 2 * words);
    });

    it('refuses a text with nothing to say', async () => {
      await refused(engine.run(work(' \n\0 ')), 'ENGINE_FAILED');
    });

    it('refuses bytes that are not UTF-8', async () => {
      await refused(engine.run(work(Uint8Array.of(0x68, 0xff, 0xfe))), 'ENGINE_FAILED');
    });

    it('stops and leaves nothing behind on abort', async () => {
      await withOwnTmp(async (leftovers) => {
        const controller = new AbortController();
        const reason = new Error('enough');
        const onProgress = (): void => void setImmediate(() => controller.abort(reason));
        const run = engine.run(work('word '.repeat(2_000), { signal: controller.signal, onProgress }));
        expect(await run.catch((error: unknown) => error)).to.equal(reason);
        expect(leftovers()).to.deep.equal([]);
      });
    });
  });
}

describe('speech by', () => {
  describeSpeech('flite');
  describeSpeech('espeak-ng');
  describeSpeech('text2wav');
});
