import type { Engine } from '../engine.js';
import { runProcess } from '../run-process.js';
import { synthesize } from './synthesize.js';
import { fliteVoice } from './voices.js';

export interface FliteFiles {
  /** Path of `flite`. */
  readonly executable: string;
  /** Names of its voices. */
  readonly voices: readonly string[];
}

/** English speech; of the installable engines the one that recognizers understand best. */
export function flite({ executable, voices }: FliteFiles): Engine {
  return {
    kind: 'tts',
    name: 'flite',
    model: fliteVoice(undefined, voices),
    languages: ['en'],
    run(work) {
      const voice = fliteVoice(work.voice, voices);
      return synthesize(work, `flite/${voice}`, ({ textFile, waveFile }) =>
        runProcess({
          file: executable,
          args: ['-voice', voice, '-f', textFile, '-o', waveFile],
          signal: work.signal,
        }),
      );
    },
  };
}

/** Names in the output of `flite -lv`: `Voices available: kal awb rms slt`. */
export function parseFliteVoices(output: string): readonly string[] {
  const names = /Voices available:(.*)/.exec(output)?.[1] ?? '';
  return [...new Set(names.split(/\s+/).filter((name) => /^\w+$/.test(name)))];
}
