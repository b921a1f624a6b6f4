import { spawnSync } from 'node:child_process';
import { findEngines } from '../../src/engines/catalog.js';
import type { Engine } from '../../src/engines/engine.js';
import { findExecutable } from '../../src/engines/find-executable.js';
import { parseFliteVoices } from '../../src/engines/tts/flite.js';

/** A voice of this machine that speaks English. */
export interface Voice {
  readonly name: string;
  speak(text: string): Promise<Uint8Array>;
}

const VARIANTS = ['f2', 'f5', 'm3', 'm7'];
const ACCENTS = ['en-gb', 'en-gb-scotland', 'en-029'];

/** flite's voices, eSpeak's usual one with four variants and three accents, and text2wav's. */
export async function installedVoices(): Promise<readonly Voice[]> {
  const { engines } = await findEngines();
  const engine = (name: string): Engine | undefined => engines.find((entry) => entry.name === name);
  const flite = engine('flite');
  const espeak = engine('espeak-ng');
  const text2wav = engine('text2wav');
  return [
    ...(flite === undefined ? [] : (await fliteVoices()).map((voice) => ofEngine(flite, voice))),
    ...(espeak === undefined ? [] : [undefined, ...VARIANTS].map((voice) => ofEngine(espeak, voice))),
    ...(espeak === undefined ? [] : ACCENTS.map(accent)),
    ...(text2wav === undefined ? [] : [ofEngine(text2wav, undefined)]),
  ];
}

/** awb_time knows the words of the hours alone. */
async function fliteVoices(): Promise<readonly string[]> {
  const { stdout } = spawnSync((await findExecutable('flite')) ?? 'flite', ['-lv'], { encoding: 'utf8' });
  return parseFliteVoices(stdout).filter((name) => name !== 'awb_time');
}

function ofEngine(engine: Engine, voice: string | undefined): Voice {
  return {
    name: voice === undefined ? engine.name : `${engine.name}/${voice}`,
    speak: (text) => readAloud(engine, { text, language: 'en', ...(voice === undefined ? {} : { voice }) }),
  };
}

/** Has an engine for speech read a text. */
export async function readAloud(
  engine: Engine,
  { text, language, voice }: { readonly text: string; readonly language: string; readonly voice?: string },
): Promise<Uint8Array> {
  const { output } = await engine.run({
    input: new TextEncoder().encode(text),
    language,
    ...(voice === undefined ? {} : { voice }),
    signal: new AbortController().signal,
    onProgress: () => undefined,
  });
  return output;
}

function accent(name: string): Voice {
  return {
    name: `espeak-ng/${name}`,
    speak(text) {
      const { stdout, status } = spawnSync('espeak-ng', ['-v', name, '--stdout', text]);
      if (status !== 0) throw new Error(`espeak-ng has no voice ${name}`);
      return Promise.resolve(stdout);
    },
  };
}
