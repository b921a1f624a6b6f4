/**
 * OpenAI's voices by the names of voices here, high ones and low ones. Their sound is another; what is kept is that
 * two names sound different where the engine has several voices.
 */
const VOICES: Readonly<Record<string, string>> = {
  alloy: 'slt',
  ash: 'm1',
  ballad: 'awb',
  cedar: 'm6',
  coral: 'f1',
  echo: 'rms',
  fable: 'm7',
  marin: 'f5',
  nova: 'f2',
  onyx: 'm3',
  sage: 'f3',
  shimmer: 'f4',
  verse: 'm2',
};

/** A name that is none of OpenAI's is one of a miner's. */
export function voiceOf(name: string): string {
  return Object.hasOwn(VOICES, name) ? (VOICES[name] ?? name) : name;
}
