import { Refusal } from '../../domain/errors.js';
import type { Policy } from '../../domain/score/policy.js';
import { excerptOf, type Excerpt } from '../../domain/score/speech-excerpt.js';
import { longestSeconds, type SpokenText } from '../../domain/score/speech-pace.js';
import { isOpen, type HeardWords } from '../../domain/score/speech-words.js';
import { isSpeechLike, type SoundFacts, type SpeechFacts } from '../../domain/score/speech.js';
import { contour, soundSpan } from '../audio/contour.js';
import { decodeWithin } from '../audio/decode.js';
import { MAX_KEPT_SAMPLES, mixDown, type Mono, type Pcm } from '../audio/pcm.js';
import { signalFacts } from '../audio/signal.js';
import { encodeWav } from '../audio/wav.js';
import type { EngineCatalog } from '../engine.js';
import { decodeText } from '../text.js';
import { follow } from './reading.js';
import { ReferenceVoice } from './reference-voice.js';

/** Samples of a second of stereo at 48 kHz; what has more must be the shorter for it. */
const SAMPLES_PER_SECOND = 96_000;

/** A spoken reply to be heard. */
export interface SpokenReply {
  readonly question: SpokenText;
  /** WAV, FLAC, MP3, or Opus or Vorbis in Ogg. */
  readonly audio: Uint8Array;
  /** Where in a long text its words are listened to, in [0, 1), not known to miners; absent: nowhere. */
  readonly place?: number;
}

/**
 * Hears spoken replies for judgeSpeech(), in a thread that it may block for 100 ms at a time, whatever the length.
 *
 * The words are found by comparison: a local voice reads the text too, and a reply that says the same sounds in the
 * same order is nearer to it than to the same reading in another order. A recognizer alone does not serve: of 10
 * sentences by eSpeak, pocketsphinx understands none. It is asked only where the comparison has settled nothing, and
 * what it heard is compared by the same voice, so that a recognizer that hears badly proves nothing.
 */
export class SpeechEar {
  readonly #voice: ReferenceVoice;

  constructor(
    private readonly catalog: EngineCatalog,
    private readonly policy: Policy,
  ) {
    this.#voice = new ReferenceVoice(catalog);
  }

  /** @throws the signal's reason; what speaks against this machine and not against the reply */
  async hear(reply: SpokenReply, signal: AbortSignal): Promise<SpeechFacts> {
    const limitSeconds = longestSeconds(reply.question, this.policy);
    let pcm: Pcm | undefined;
    try {
      const maxSamples = Math.min(limitSeconds * SAMPLES_PER_SECOND, MAX_KEPT_SAMPLES);
      pcm = await decodeWithin(reply.audio, { maxSeconds: limitSeconds, maxSamples }, signal);
    } catch (error) {
      if (error instanceof Refusal && error.reason === 'AUDIO_UNDECODABLE')
        return { kind: 'undecodable', why: error.message };
      throw error;
    }
    if (pcm === undefined) return { kind: 'overlong', limitSeconds };
    const { durationSeconds, ...signalMeasures } = signalFacts(pcm);
    const facts: SoundFacts = {
      kind: 'sound',
      durationMs: durationSeconds * 1_000,
      sampleRateHz: pcm.sampleRateHz,
      channelCount: pcm.channels.length,
      ...signalMeasures,
      words: { kind: 'passed' },
    };
    if (reply.place === undefined) return facts;
    if (!isSpeechLike(reply.question, facts, this.policy)) return facts;
    const excerpt = excerptOf(reply.question, reply.place, this.policy);
    const sound = { samples: mixDown(pcm.channels), sampleRateHz: pcm.sampleRateHz };
    const words = await this.#listen(stretchOf(sound, excerpt), {
      text: excerpt.text,
      language: reply.question.language,
      signal,
    });
    return { ...facts, words };
  }

  async #listen(sound: Mono, said: Said): Promise<HeardWords> {
    const text = await this.#follow(sound, said);
    const transcript = isOpen(text, this.policy) ? await this.#recognize(sound, said) : undefined;
    if (text === undefined && transcript === undefined)
      return { kind: 'unheard', why: this.#whyUnheard(said.language) };
    return {
      kind: 'heard',
      ...(text === undefined ? {} : { text }),
      ...(transcript === undefined ? {} : { transcript }),
    };
  }

  async #follow(sound: Mono, said: Said): Promise<ReturnType<typeof follow>> {
    try {
      const reading = await this.#voice.read(said);
      return reading === undefined ? undefined : follow(sound, reading);
    } catch (error) {
      said.signal.throwIfAborted();
      if (error instanceof Refusal) return undefined;
      throw error;
    }
  }

  async #recognize(
    { samples, sampleRateHz }: Mono,
    said: Said,
  ): Promise<Extract<HeardWords, { kind: 'heard' }>['transcript']> {
    const { maxRecognizedSeconds } = this.policy.speech.words;
    const engine = this.catalog.engines.find(
      ({ kind, languages }) => kind === 'transcription' && languages.includes(said.language),
    );
    if (engine === undefined || samples.length > maxRecognizedSeconds * sampleRateHz) return undefined;
    try {
      const { output } = await engine.run({
        input: encodeWav({ sampleRateHz, channels: [samples] }),
        language: said.language,
        signal: said.signal,
        onProgress: () => undefined,
      });
      const words = decodeText(output);
      const following =
        words.trim() === ''
          ? undefined
          : await this.#follow({ samples, sampleRateHz }, { ...said, text: words });
      return { words, ...(following === undefined ? {} : { following }) };
    } catch (error) {
      said.signal.throwIfAborted();
      if (error instanceof Refusal) return undefined;
      throw error;
    }
  }

  #whyUnheard(language: string): string {
    return this.#voice.speaks(language)
      ? 'they are too few, too much the same, or not to be read by the reference voice'
      : `no voice and no recognizer for the language ${language} is installed`;
  }
}

interface Said {
  readonly text: string;
  readonly language: string;
  readonly signal: AbortSignal;
}

/** What of a reply says the excerpt, if it goes at an even pace from its first sound to its last. */
function stretchOf({ samples, sampleRateHz }: Mono, { startShare, endShare }: Excerpt): Mono {
  if (startShare === 0 && endShare === 1) return { samples, sampleRateHz };
  const { start, end } = soundSpan(contour(samples, sampleRateHz));
  const at = (share: number): number => Math.round((start + share * (end - start)) * sampleRateHz);
  return { samples: samples.subarray(at(startShare), at(endShare)), sampleRateHz };
}
