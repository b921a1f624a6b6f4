import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import { Refusal } from '../../../../src/domain/errors.js';
import { POLICY } from '../../../../src/domain/score/policy.js';
import { judgeSpeech, type SoundFacts, type SpeechFacts } from '../../../../src/domain/score/speech.js';
import { encodeWav } from '../../../../src/engines/audio/wav.js';
import { findEngines } from '../../../../src/engines/catalog.js';
import type { Engine, EngineCatalog, EngineWork } from '../../../../src/engines/engine.js';
import { SpeechEar, type SpokenReply } from '../../../../src/engines/listening/speech-ear.js';
import { spoiledSpeech } from '../../../support/spoiled-speech.js';
import { readAloud } from '../../../support/voices.js';
import { CLIP, CLIP_WORDS, lacking, needing, never } from '../fixtures.js';

const TEXT = 'she sells fresh bread near the old bridge';
const OTHER = 'we would like to order two cups of coffee';
/** For long texts that do not repeat themselves. */
const WORDS =
  'bread river seven purple mountain quickly children over yellow station evening silver garden'.split(' ');
const QUESTION = { text: TEXT, language: 'en' };
const NOTHING: EngineCatalog = { engines: [], missing: [] };

function wordsFrom(start: number, count: number): string {
  return Array.from(
    { length: count },
    (_, i) => WORDS[(i * 7 + start + Math.floor(i / 9)) % WORDS.length],
  ).join(' ');
}

const hear = (catalog: EngineCatalog, reply: SpokenReply, signal = never()): Promise<SpeechFacts> =>
  new SpeechEar(catalog, POLICY).hear(reply, signal);

async function heard(catalog: EngineCatalog, reply: SpokenReply): Promise<SoundFacts> {
  const facts = await hear(catalog, reply);
  if (facts.kind !== 'sound') throw new Error(facts.kind);
  return facts;
}

const accuracy = async (catalog: EngineCatalog, audio: Uint8Array): Promise<number> => {
  const facts = await hear(catalog, { question: QUESTION, audio, place: 0.5 });
  return judgeSpeech(QUESTION, [{ facts, totalMs: 500 }], POLICY)[0]!.accuracy!;
};

/** An engine that counts its runs; `run` may fail. */
function counted(engine: Engine, run = (work: EngineWork) => engine.run(work)) {
  const runs: EngineWork[] = [];
  return { runs, engine: { ...engine, run: (work: EngineWork) => (runs.push(work), run(work)) } };
}

describe('SpeechEar', () => {
  describe('without engines', () => {
    const silence = encodeWav({ sampleRateHz: 8_000, channels: [new Float32Array(8_000)] });

    it('tells the form of a sound', async () => {
      const facts = await heard(NOTHING, { question: QUESTION, audio: silence });
      expect(facts).to.include({ durationMs: 1_000, sampleRateHz: 8_000, channelCount: 1, peak: 0 });
      expect(facts.words).to.deep.equal({ kind: 'passed' });
    });

    it('tells why a file cut short cannot be decoded', async () => {
      const facts = await hear(NOTHING, { question: QUESTION, audio: silence.subarray(0, 8_000) });
      expect(facts).to.have.property('kind', 'undecodable');
      expect(facts)
        .to.have.property('why')
        .that.matches(/cut short: its header announces 16000 bytes.*7956/);
    });

    for (const [what, audio] of [
      ['nothing', new Uint8Array(0)],
      ['text', new TextEncoder().encode('She sells fresh bread near the old bridge.')],
    ] as const)
      it(`cannot decode ${what}`, async () => {
        expect(await hear(NOTHING, { question: QUESTION, audio })).to.have.property('kind', 'undecodable');
      });

    it('decodes no more of a sound than the longest reading of the text has', async () => {
      const audio = encodeWav({ sampleRateHz: 8000, channels: [new Float32Array(8000 * 300)] });
      const facts = await hear(NOTHING, { question: { language: 'en', text: 'Hello' }, audio, place: 0 });
      expect(facts.kind).to.equal('overlong');
      const [score] = judgeSpeech(QUESTION, [{ facts, totalMs: 500 }], POLICY);
      expect(score?.accuracy).to.equal(0);
    });

    it('throws the reason of an abort, and does not call the reply undecodable', async () => {
      const reason = new Error('enough');
      const aborted = hear(NOTHING, { question: QUESTION, audio: silence }, AbortSignal.abort(reason));
      expect(await aborted.catch((error: unknown) => error)).to.equal(reason);
    });
  });

  describe('with a human voice', () => {
    needing(lacking(CLIP));
    const reply = (): SpokenReply => ({
      question: { text: CLIP_WORDS.join(' '), language: 'en' },
      audio: readFileSync(CLIP),
      place: 0.5,
    });

    it('says why it cannot judge the words without a voice and a recognizer', async () => {
      const { words } = await heard(NOTHING, reply());
      expect(words).to.have.property('kind', 'unheard');
      expect(words).to.have.property('why').that.includes('language en');
    });

    it('follows it by eSpeak', async function () {
      const { engines } = await findEngines();
      const voices = engines.filter(({ name }) => name === 'espeak-ng');
      if (voices.length === 0) this.skip();
      const { words } = await heard({ engines: voices, missing: [] }, reply());
      expect(words).to.have.nested.property('text.ratio').that.is.below(0.9);
    });

    it('goes by what the recognizer heard without a voice', async () => {
      const recognizer: Engine = {
        kind: 'transcription',
        name: 'fixed',
        model: '',
        languages: ['en'],
        run: () =>
          Promise.resolve({
            output: new TextEncoder().encode(CLIP_WORDS.join(' ')),
            mediaType: 'text/plain',
            model: '',
            segments: [],
          }),
      };
      const { words } = await heard({ engines: [recognizer], missing: [] }, reply());
      expect(words).to.deep.equal({ kind: 'heard', transcript: { words: CLIP_WORDS.join(' ') } });
    });
  });

  describe('with the voices of this machine', function () {
    this.timeout(30_000);
    let catalog: EngineCatalog;
    let flite: Engine;
    let espeak: Engine;
    /** Without the recognizer, which takes seconds. */
    let voices: EngineCatalog;

    needing(lacking('flite', 'espeak-ng'));
    before(async function () {
      if (lacking('flite', 'espeak-ng') !== '') return;
      catalog = await findEngines();
      flite = catalog.engines.find(({ name }) => name === 'flite')!;
      espeak = catalog.engines.find(({ name }) => name === 'espeak-ng')!;
      voices = { engines: catalog.engines.filter(({ kind }) => kind === 'tts'), missing: [] };
    });

    for (const [name, voice] of [
      ['flite', 'slt'],
      ['flite', 'kal'],
      ['espeak-ng', 'f2'],
    ] as const)
      it(`puts a reading by ${name}/${voice} above everything spoilt`, async () => {
        const engine = name === 'flite' ? flite : espeak;
        const reading = await readAloud(engine, { text: TEXT, language: 'en', voice });
        const own = await accuracy(voices, reading);
        expect(own).to.be.above(0.95);
        const bad = {
          'another text': await readAloud(engine, { text: OTHER, language: 'en', voice }),
          ...(await spoiledSpeech(reading)),
        };
        for (const [what, audio] of Object.entries(bad))
          expect(await accuracy(voices, audio), what).to.be.below(0.7);
      });

    it('follows a woman, whose sounds are higher than the reference voice', async () => {
      const question = { text: 'please close the door', language: 'en' };
      const audio = await readAloud(flite, { ...question, voice: 'slt' });
      const { words } = await heard(voices, { question, audio, place: 0.5 });
      expect(words).to.have.nested.property('text.ratio').that.is.below(0.9);
    });

    it('finds what else is said, by a recognizer', async function () {
      if (!catalog.engines.some(({ kind }) => kind === 'transcription')) this.skip();
      expect(
        await accuracy(catalog, await readAloud(flite, { text: OTHER, language: 'en', voice: 'rms' })),
      ).to.be.below(0.3);
    });

    it('asks no recognizer where the reading is followed', async () => {
      const { runs, engine } = counted({ ...flite, kind: 'transcription', name: 'unasked' });
      await accuracy({ engines: [...voices.engines, engine], missing: [] }, await readAloud(flite, QUESTION));
      expect(runs).to.be.empty;
    });

    it('asks no recognizer about more than 20 s', async () => {
      const { runs, engine } = counted({ ...flite, kind: 'transcription', name: 'unasked' });
      const question = { text: wordsFrom(0, 70), language: 'en' };
      const audio = await readAloud(flite, { text: wordsFrom(4, 70), language: 'en', voice: 'kal' });
      const { durationMs, words } = await heard(
        { engines: [...voices.engines, engine], missing: [] },
        { question, audio, place: 0.5 },
      );
      expect(durationMs).to.be.above(20_000);
      expect(words).to.have.nested.property('text.ratio').that.is.above(0.9);
      expect(runs).to.be.empty;
    });

    it('has a text read once for all replies', async () => {
      const { runs, engine } = counted(espeak);
      const ear = new SpeechEar({ engines: [engine], missing: [] }, POLICY);
      const audio = await readAloud(flite, QUESTION);
      for (let reply = 0; reply < 3; reply++)
        await ear.hear({ question: QUESTION, audio, place: 0.5 }, never());
      expect(runs).to.have.length(1);
      await ear.hear({ question: { text: OTHER, language: 'en' }, audio, place: 0.5 }, never());
      expect(runs).to.have.length(2);
    });

    it('leaves the words unjudged when the reference voice fails, and tries again', async () => {
      const { runs, engine } = counted(espeak, () =>
        Promise.reject(new Refusal('ENGINE_FAILED', 'no voice today')),
      );
      const ear = new SpeechEar({ engines: [engine], missing: [] }, POLICY);
      const audio = await readAloud(flite, QUESTION);
      for (const times of [1, 2]) {
        const facts = await ear.hear({ question: QUESTION, audio, place: 0.5 }, never());
        expect(facts).to.have.nested.property('words.kind', 'unheard');
        expect(runs).to.have.length(times);
      }
    });

    it('throws on what is neither the reply nor an engine', async () => {
      const { engine } = counted(espeak, () => Promise.reject(new TypeError('a defect')));
      const audio = await readAloud(flite, QUESTION);
      const failed = hear({ engines: [engine], missing: [] }, { question: QUESTION, audio, place: 0.5 });
      expect(await failed.catch((error: unknown) => error)).to.be.instanceOf(TypeError);
    });

    it('does not listen to what is no speech', async () => {
      const { runs, engine } = counted(espeak);
      const { silence, 'a tone': tone } = await spoiledSpeech(await readAloud(flite, QUESTION));
      for (const audio of [silence!, tone!]) {
        const facts = await heard(
          { engines: [engine], missing: [] },
          { question: QUESTION, audio, place: 0.5 },
        );
        expect(facts.words).to.deep.equal({ kind: 'passed' });
      }
      expect(runs).to.be.empty;
    });

    it('does not judge the order of a text that is the same in every order', async () => {
      const question = { text: 'no, no, no, no, no, no', language: 'en' };
      const audio = await readAloud(flite, question);
      expect((await heard(voices, { question, audio, place: 0.5 })).words).to.have.property(
        'kind',
        'unheard',
      );
    });

    it('listens to a minute of a long text, wherever it is', async () => {
      const text = wordsFrom(0, 450);
      const audio = await readAloud(espeak, { text: text, language: 'en', voice: 'm3' });
      const ratio = async (asked: string, place: number): Promise<number> => {
        const facts = await heard(voices, { question: { text: asked, language: 'en' }, audio, place });
        expect(facts.durationMs).to.be.above(90_000);
        return facts.words.kind === 'heard' ? (facts.words.text?.ratio ?? NaN) : NaN;
      };
      for (const place of [0.1, 0.9]) {
        expect(await ratio(text, place), `right at ${place}`).to.be.below(0.9);
        expect(await ratio(wordsFrom(4, 450), place), `wrong at ${place}`).to.be.above(0.9);
      }
    });

    it('ends with the signal while the reference voice reads', async () => {
      const controller = new AbortController();
      const reason = new Error('enough');
      const { engine } = counted(espeak, (work) => {
        controller.abort(reason);
        return espeak.run(work);
      });
      const audio = await readAloud(flite, QUESTION);
      const reply = { question: QUESTION, audio, place: 0.5 };
      const ended = hear({ engines: [engine], missing: [] }, reply, controller.signal);
      expect(await ended.catch((error: unknown) => error)).to.equal(reason);
    });
  });
});
