/**
 * Voices that a task may wish for, by the names of flite's voices and of eSpeak's variants. Each name
 * means something to both, so that a wish is honoured in every language: `slt` in German is the
 * variant `f2`, `m3` in English is `rms`. Other names mean the engine's own choice.
 */
const VOICES: ReadonlyMap<string, { readonly flite: string; readonly variant: string }> = new Map([
  ['slt', { flite: 'slt', variant: 'f2' }],
  ['rms', { flite: 'rms', variant: 'm3' }],
  ['awb', { flite: 'awb', variant: 'm7' }],
  ['kal', { flite: 'kal', variant: 'm1' }],
  ['kal16', { flite: 'kal16', variant: 'm1' }],
  ...[1, 2, 3, 4, 5].map((n) => [`f${n}`, { flite: 'slt', variant: `f${n}` }] as const),
  ...[1, 2, 3, 4, 5, 6].map((n) => [`m${n}`, { flite: 'rms', variant: `m${n}` }] as const),
  ['m7', { flite: 'awb', variant: 'm7' }],
  ['m8', { flite: 'awb', variant: 'm8' }],
]);

/** Voice of flite for a wish, if it is installed. */
export function fliteVoice(wish: string | undefined, installed: readonly string[]): string {
  const wanted = VOICES.get(wish ?? '')?.flite;
  if (wanted !== undefined && installed.includes(wanted)) return wanted;
  return installed.includes('slt') ? 'slt' : (installed[0] ?? 'kal');
}

/** eSpeak's voice for a language and a wish, such as `de` or `de+f2`. */
export function espeakVoice(languageVoice: string, wish: string | undefined): string {
  const variant = VOICES.get(wish ?? '')?.variant;
  return variant === undefined ? languageVoice : `${languageVoice}+${variant}`;
}

/** eSpeak's voice of each language; the keys are the languages it can be asked for. */
export const ESPEAK_LANGUAGES: Readonly<Record<string, string>> = {
  en: 'en-us',
  es: 'es',
  fr: 'fr-fr',
  de: 'de',
  it: 'it',
  pt: 'pt',
  ru: 'ru',
  ja: 'ja',
  ko: 'ko',
  zh: 'cmn',
  ar: 'ar',
  hi: 'hi',
};
