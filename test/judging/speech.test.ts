import { expect } from 'chai';
import { POLICY } from '../../src/domain/score/policy.js';
import { judgeSpeech } from '../../src/domain/score/speech.js';
import type { SpokenText } from '../../src/domain/score/speech-pace.js';
import { findEngines } from '../../src/engines/catalog.js';
import type { EngineCatalog } from '../../src/engines/engine.js';
import { SpeechEar } from '../../src/engines/listening/speech-ear.js';
import { humanClips } from '../support/human-speech.js';
import { skipSuite } from '../support/skip-suite.js';
import { FOREIGN_SENTENCES, SENTENCES } from '../support/sentences.js';
import { spoiledSpeech } from '../support/spoiled-speech.js';
import { installedVoices, readAloud, type Voice } from '../support/voices.js';

interface Row {
  readonly voice: string;
  readonly honest: number;
  readonly others: ReadonlyMap<string, number>;
}

const accuracyBy = (ear: SpeechEar) => async (question: SpokenText, audio: Uint8Array) => {
  const facts = await ear.hear({ question, audio, place: 0.5 }, new AbortController().signal);
  return judgeSpeech(question, [{ facts, totalMs: 500 }], POLICY)[0]!.accuracy!;
};

/** A line a voice: the lowest and highest accuracy of each kind of reply, and which kinds have none at all. */
function table(rows: readonly Row[]): string {
  const voices = [...new Set(rows.map(({ voice }) => voice))];
  const lines = voices.map((voice) => {
    const values = new Map<string, number[]>();
    const add = (name: string, value: number): void =>
      void values.set(name, [...(values.get(name) ?? []), value]);
    for (const { honest, others } of rows.filter((row) => row.voice === voice)) {
      add('honest', honest);
      others.forEach((value, name) => add(name, value));
    }
    const worthless = [...values].filter(([, all]) => Math.max(...all) < 0.005).map(([name]) => name);
    const worth = [...values]
      .filter(([name]) => !worthless.includes(name))
      .map(([name, all]) => `${name} ${Math.min(...all).toFixed(2)}-${Math.max(...all).toFixed(2)}`);
    return `${voice}: ${worth.join(', ')}; 0: ${worthless.join(', ') || 'none'}`;
  });
  return lines.join('\n');
}

describe('accuracy of speech', function () {
  const rows: Row[] = [];
  let catalog: EngineCatalog;
  let voices: readonly Voice[];
  /** Without a recognizer, which would take most of the time: the reference voice alone must do. */
  let accuracy: ReturnType<typeof accuracyBy>;

  before(async function () {
    catalog = await findEngines();
    voices = await installedVoices();
    if (voices.length === 0) return skipSuite(this, 'no engine for speech is installed');
    const engines = catalog.engines.filter(({ kind }) => kind !== 'transcription');
    accuracy = accuracyBy(new SpeechEar({ engines, missing: [] }, POLICY));
  });

  after(() => process.stdout.write(`\naccuracy, lowest to highest\n${table(rows)}\n`));

  it('costs a small part of what speaking does, but for the words', async () => {
    const spent = { speaking: 0, signal: 0, words: 0 };
    const timed = async <Result>(what: keyof typeof spent, work: () => Promise<Result>): Promise<Result> => {
      const start = performance.now();
      const result = await work();
      spent[what] += performance.now() - start;
      return result;
    };
    const engines = catalog.engines.filter(({ kind }) => kind !== 'transcription');
    const ear = new SpeechEar({ engines, missing: [] }, POLICY);
    for (const [text] of SENTENCES)
      for (const voice of voices) {
        const audio = await timed('speaking', () => voice.speak(text));
        const reply = { question: { text, language: 'en' }, audio };
        await timed('signal', () => ear.hear(reply, new AbortController().signal));
        await timed('words', () => ear.hear({ ...reply, place: 0.5 }, new AbortController().signal));
      }
    const per = (ms: number): string => (ms / SENTENCES.length / voices.length).toFixed(1);
    process.stdout.write(
      `\na reply: ${per(spent.speaking)} ms to speak, ${per(spent.signal)} ms to hear, ${per(spent.words)} ms with its words\n`,
    );
    // Usually a fiftieth.
    expect(spent.signal).to.be.below(spent.speaking / 5);
  });

  async function compare(voice: string, honest: Uint8Array, wrong: Uint8Array, text: string): Promise<void> {
    const question = { text, language: 'en' };
    const own = await accuracy(question, honest);
    const others = new Map<string, number>();
    for (const [name, audio] of Object.entries({ 'wrong text': wrong, ...(await spoiledSpeech(honest)) }))
      others.set(name, await accuracy(question, audio));
    rows.push({ voice, honest: own, others });
    for (const [name, value] of others) expect(value, `${voice}, ${name}: “${text}”`).to.be.below(own - 0.1);
    expect(own, `${voice}, honest: “${text}”`).to.be.above(0.7);
  }

  it('is above that of everything spoilt, for each installed voice', async () => {
    for (const voice of voices)
      for (const [text, other] of SENTENCES)
        await compare(voice.name, await voice.speak(text), await voice.speak(other), text);
  });

  it('is above that of everything spoilt, for human voices', function () {
    const clips = humanClips();
    if (clips.length === 0)
      return skipSuite(this, 'no speech: install the Debian package pocketsphinx-testdata');
    return (async () => {
      for (const [index, { text, audio }] of clips.entries())
        await compare('human', audio, clips[(index + 1) % clips.length]!.audio, text);
    })();
  });

  it('is above that of another text in every language', async function () {
    const espeak = catalog.engines.find(({ name }) => name === 'espeak-ng');
    if (espeak === undefined) return skipSuite(this, 'espeak-ng is not installed');
    for (const [language, [text, other]] of Object.entries(FOREIGN_SENTENCES)) {
      const own = await accuracy(
        { text, language },
        await readAloud(espeak, { text, language, voice: 'f2' }),
      );
      const wrong = await accuracy(
        { text, language },
        await readAloud(espeak, { text: other, language, voice: 'f2' }),
      );
      rows.push({
        voice: `espeak-ng/f2 in ${language}`,
        honest: own,
        others: new Map([['wrong text', wrong]]),
      });
      expect(own, language).to.be.above(0.8);
      expect(wrong, language).to.be.below(0.7);
    }
  });

  it('is next to nothing for a wrong text that a recognizer understands', async function () {
    if (!catalog.engines.some(({ kind }) => kind === 'transcription'))
      return skipSuite(this, 'no engine for transcription is installed');
    const withRecognizer = accuracyBy(new SpeechEar(catalog, POLICY));
    const [text, other] = SENTENCES[1]!;
    for (const voice of voices) {
      const wrong = await withRecognizer({ text, language: 'en' }, await voice.speak(other));
      const own = await withRecognizer({ text, language: 'en' }, await voice.speak(text));
      rows.push({ voice: voice.name, honest: own, others: new Map([['wrong text, recognized', wrong]]) });
      expect(own, voice.name).to.be.above(0.9);
      // eSpeak's voices are hard for pocketsphinx: then nothing is proven.
      expect(wrong, voice.name).to.be.below(voice.name.startsWith('flite') ? 0.3 : 0.6);
    }
  });
});
