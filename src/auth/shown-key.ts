import type { Credentials } from './identify.js';

/** The key that a call shows, as it came. */
export type ShownKey =
  | { readonly kind: 'none' }
  | { readonly kind: 'key'; readonly text: string }
  | { readonly kind: 'unclear'; readonly why: string };

const NONE: ShownKey = { kind: 'none' };

/** Reads `Authorization: Bearer <key>` and `X-API-Key: <key>`; both may be there when they say the same. */
export function shownKey({ authorization, apiKey }: Credentials): ShownKey {
  if (authorization.length === 0 && apiKey.length === 0) return NONE;
  const texts = new Set(apiKey);
  for (const value of authorization) {
    const text = /^bearer +([^ ]+) *$/i.exec(value)?.[1];
    if (text === undefined) return unclear('Authorization must be Bearer and an API key');
    texts.add(text);
  }
  const [text, another] = texts;
  if (another !== undefined) return unclear('the call shows more than one API key');
  return text === undefined || text === '' ? unclear('the API key is empty') : { kind: 'key', text };
}

function unclear(why: string): ShownKey {
  return { kind: 'unclear', why };
}
