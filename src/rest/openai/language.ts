import type { Fields } from '../carriers/fields.js';

/** Taken where a request names none: the language is not detected. */
const DEFAULT_LANGUAGE = 'en';

/** Lower-cased; what languages there are the proxy knows. */
export function languageOf(fields: Fields): string {
  return fields.text('language')?.trim().toLowerCase() ?? DEFAULT_LANGUAGE;
}
