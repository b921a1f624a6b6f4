import type { Policy } from '../../domain/score/policy.js';
import type { Engine, EngineCatalog } from '../../engines/engine.js';
import { makeRecording } from '../../engines/recording/make-recording.js';
import type { Truth } from '../truth.js';
import { composeText, TEXT_LANGUAGES, type ComposedText, type TextWish } from './compose-text.js';
import { MadeTexts } from './made-texts.js';
import type { Shape } from './shape.js';

/** Longer audio takes too long to speak, and larger inputs too much memory. */
const MAX_AUDIO_SECONDS = 120;
const MIN_AUDIO_SECONDS = 1;
const MAX_INPUT_BYTES = 16 * 1024 * 1024;
/** Texts spoken until one fits into the recording. */
const MAX_TRIES = 3;
/** Share of a recording that its speech should fill before it is played faster or slower. */
const FILL = { wanted: 0.82, max: 1.1 } as const;
/** The only engine here whose voices recognizers understand well. */
const CLEAR_ENGINE = 'flite';
const VOICES = 'slt rms awb kal16 f1 f2 f3 f4 f5 m1 m2 m3 m4 m5 m6 m7'.split(' ');

/** A question of the validator's own, ready to be asked. */
export interface MadeQuestion {
  readonly shape: Shape;
  readonly input: Uint8Array;
  /** Absent where an answer is judged by the question alone. */
  readonly truth?: Truth;
}

export interface QuestionMakerDeps {
  readonly findEngines: () => Promise<EngineCatalog>;
  readonly policy: Policy;
  /** In [0, 1), that nobody can foresee. */
  readonly secret: () => number;
  /** For tests alone: in place of the process that makes recordings. */
  readonly record?: typeof makeRecording;
}

/** Makes questions whose answers are known, of given shapes, no two the same. */
export class QuestionMaker {
  private engines: readonly Engine[] = [];
  private readonly made = new MadeTexts();

  constructor(private readonly deps: QuestionMakerDeps) {}

  /** Looks for voices; before, no audio can be made. */
  async prepare(): Promise<void> {
    const { engines } = await this.deps.findEngines();
    this.engines = engines.filter(({ kind }) => kind === 'tts');
  }

  canMake({ kind, language, inputBytes, wave }: Shape): boolean {
    if (!TEXT_LANGUAGES.has(language) || inputBytes > MAX_INPUT_BYTES) return false;
    if (kind !== 'transcription') return true;
    if (wave === undefined || this.voiceOf(language) === undefined) return false;
    const seconds = wave.frames / wave.form.sampleRateHz;
    return seconds >= MIN_AUDIO_SECONDS && seconds <= MAX_AUDIO_SECONDS;
  }

  /** Undefined when none came of it. @throws the signal's reason */
  async make(shape: Shape, signal: AbortSignal): Promise<MadeQuestion | undefined> {
    if (shape.kind === 'transcription') return this.recording(shape, signal);
    const { text, facts } = this.text({ language: shape.language, bytes: shape.inputBytes, digits: true });
    const truth: Truth = { kind: 'facts', facts };
    return { shape, input: Buffer.from(text), ...(shape.kind === 'summarization' ? { truth } : {}) };
  }

  private async recording(shape: Shape, signal: AbortSignal): Promise<MadeQuestion | undefined> {
    const { language, wave } = shape;
    const engine = this.voiceOf(language);
    if (wave === undefined || engine === undefined) return undefined;
    const { secret, policy, record = makeRecording } = this.deps;
    const { charactersPerSecond, otherCharactersPerSecond } = policy.speech;
    const paces: Readonly<Record<string, number>> = charactersPerSecond;
    const voice = VOICES[Math.floor(secret() * VOICES.length)] ?? 'slt';
    const seconds = wave.frames / wave.form.sampleRateHz;
    const plan = { ...wave, minTempo: 0.9 + 0.1 * secret(), maxTempo: 1.15, ...this.surroundings() };
    let bytes = FILL.wanted * seconds * (paces[language] ?? otherCharactersPerSecond);
    for (let tries = 0; tries < MAX_TRIES; tries += 1) {
      const { text } = this.text({ language, bytes, digits: language === 'en' });
      const spoken = await engine.run({
        input: Buffer.from(text),
        language,
        voice,
        signal,
        onProgress: () => undefined,
      });
      const isLast = tries === MAX_TRIES - 1;
      const maxFill = isLast ? Infinity : FILL.max;
      const { fill, audio } = await record(spoken.output, plan, { maxFill, signal });
      if (audio !== undefined) {
        const truth: Truth = { kind: 'transcript', text, isClear: engine.name === CLEAR_ENGINE };
        return { shape, input: audio, truth };
      }
      bytes *= FILL.wanted / fill;
    }
    return undefined;
  }

  /** Loudness, noise and silence of a recording. */
  private surroundings() {
    const { secret } = this.deps;
    const peak = 0.1 + 0.8 * secret();
    // Between 30 and 60 dB below the speech.
    return { peak, noise: peak * 10 ** (-1.5 - 1.5 * secret()), lead: secret() };
  }

  private text(wish: TextWish): ComposedText {
    let composed = composeText(wish, this.deps.secret);
    while (!this.made.add(composed.text)) {
      // What is too short to be new often enough gets longer.
      wish = { ...wish, bytes: wish.bytes + 4 };
      composed = composeText(wish, this.deps.secret);
    }
    return composed;
  }

  /** The preferred one, which recognizers understand best. */
  private voiceOf(language: string): Engine | undefined {
    return this.engines.find(({ languages }) => languages.includes(language));
  }
}
