import type { Engine } from '../engine.js';
import { runProcess } from '../run-process.js';
import { synthesize } from './synthesize.js';
import { ESPEAK_LANGUAGES, espeakVoice } from './voices.js';

export interface EspeakFiles {
  /** Path of `espeak-ng`. */
  readonly executable: string;
  /** Voices it has, by their language codes: `de`, `cmn`. */
  readonly voices: readonly string[];
}

/** Speech in every language, in a voice that people understand better than recognizers do. */
export function espeakNg({ executable, voices }: EspeakFiles): Engine {
  return {
    kind: 'tts',
    name: 'espeak-ng',
    model: '',
    languages: Object.keys(ESPEAK_LANGUAGES).filter((language) =>
      voices.includes(ESPEAK_LANGUAGES[language] ?? ''),
    ),
    run(work) {
      const voice = espeakVoice(ESPEAK_LANGUAGES[work.language] ?? work.language, work.voice);
      return synthesize(work, `espeak-ng/${voice}`, ({ textFile, waveFile }) =>
        runProcess({
          file: executable,
          args: ['-v', voice, '-b', '1', '-f', textFile, '-w', waveFile],
          signal: work.signal,
        }),
      );
    },
  };
}

/** Language codes in the output of `espeak-ng --voices`: the second column, below a heading. */
export function parseEspeakVoices(output: string): readonly string[] {
  return output
    .split('\n')
    .slice(1)
    .map((line) => line.trim().split(/\s+/)[1] ?? '')
    .filter((code) => code !== '');
}
