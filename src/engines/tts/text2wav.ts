import type { Engine } from '../engine.js';
import { runScript } from '../run-script.js';
import { synthesize } from './synthesize.js';
import { ESPEAK_LANGUAGES, espeakVoice } from './voices.js';

/** The npm package text2wav: eSpeak in WebAssembly, in a process of its own. Needs nothing installed. */
export function text2wav(): Engine {
  return {
    kind: 'tts',
    name: 'text2wav',
    model: '',
    languages: Object.keys(ESPEAK_LANGUAGES),
    run(work) {
      const voice = espeakVoice(ESPEAK_LANGUAGES[work.language] ?? work.language, work.voice);
      return synthesize(work, `text2wav/${voice}`, ({ textFile, waveFile }) =>
        runScript({
          script: new URL('./text2wav-child.js', import.meta.url),
          args: [voice, textFile, waveFile],
          signal: work.signal,
        }),
      );
    },
  };
}
