import { z } from 'zod';
import { SCOPES } from '../domain/scope.js';
import type { Setting, TextType } from './setting.js';

/** A value as someone wrote it, and where, such as `--http.port 70000`. */
export interface Given {
  readonly text: string;
  readonly origin: string;
}

export type Value = string | number | boolean;

/** What a text may be, in words, and the schema that says the same. */
interface TextRule {
  readonly allowed: string;
  readonly schema: z.ZodType<string, string>;
}

const BOOLEANS: Readonly<Record<string, boolean>> = {
  true: true,
  1: true,
  yes: true,
  false: false,
  0: false,
  no: false,
};

const HOST_NAME =
  /^(?=.{1,253}$)(?![\d.]+$)[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?(\.[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?)*\.?$/i;

const ip = z.union([z.ipv4(), z.ipv6()]);
/** Without the brackets of an IPv6 address, as sockets want it. */
const host = z
  .string()
  .transform((text) => text.replace(/^\[(.*)\]$/, '$1'))
  .pipe(z.union([ip, z.string().regex(HOST_NAME)]));
/** Not a flag that slipped into the place of a value. */
const path = z.string().regex(/^(?!--)[^\p{Cc}]+$/u);
const url = z.url({ protocol: /^https?$/ }).transform((text) => text.replace(/\/+$/, ''));

const TEXT_RULES: Readonly<Record<TextType, TextRule>> = {
  name: {
    allowed: 'a name without slashes that does not begin with a dash',
    schema: z.string().regex(/^(?!-)(?!\.{1,2}$)[^/\\\p{Cc}]{1,255}$/u),
  },
  model: {
    allowed: 'a model name without spaces that does not begin with a dash',
    schema: z.string().regex(/^(?!-)[^\s\p{Cc}]{1,255}$/u),
  },
  path: { allowed: 'a path', schema: path },
  host: { allowed: 'an IP address or host name, without a port', schema: host },
  ip: { allowed: 'an IP address', schema: ip },
  url: { allowed: 'an http:// or https:// URL', schema: url },
  origins: {
    allowed: '* or origins such as https://app.example, several separated by commas',
    schema: z.string().refine((text) => text === '*' || text.split(',').every(isOrigin)),
  },
  address: {
    allowed: 'host:port with a port from 1 to 65535, or unix:<path>',
    schema: z.string().refine(isAddress),
  },
  hotkeys: {
    allowed: 'SS58 addresses separated by commas',
    schema: z.string().refine((text) => text.split(',').every(isHotkeyText)),
  },
  addresses: {
    allowed: 'hotkey=host:port with a port from 1 to 65535, several separated by commas',
    schema: z.string().refine((text) => text.split(',').every(isHotkeyAddress)),
  },
  scopes: {
    allowed: `scopes separated by commas: ${SCOPES.join(', ')}`,
    schema: z
      .string()
      .refine((text) => text.split(',').every((name) => SCOPES.some((scope) => scope === name))),
  },
  secret: {
    allowed: 'printable ASCII without spaces',
    schema: z.string().regex(/^[\x21-\x7e]+$/),
  },
  network: {
    allowed:
      'static:<file>, finney, test, local, or a ws:// or wss:// URL; several of a chain with commas between',
    schema: z.union([z.string().regex(/^static:[^\p{Cc}]+$/u), z.string().refine(isChain)]),
  },
};

/** What a setting may be, as in "must be …". */
export function allowedText(setting: Setting): string {
  switch (setting.type) {
    case 'integer':
    case 'port':
      return `an integer from ${setting.min} to ${setting.max}`;
    case 'bytes':
      return `a whole number of bytes from ${setting.min} to ${setting.max}`;
    case 'seconds':
      return `a number of seconds from ${setting.min} to ${setting.max}`;
    case 'share':
      return `a number from ${setting.min} to ${setting.max}`;
    case 'boolean':
      return 'true, false, 1, 0, yes or no';
    case 'choice':
      return `one of ${setting.choices.join(', ')}`;
    default:
      return TEXT_RULES[setting.type].allowed;
  }
}

/** Reads the text of any source; its output is the setting's value. */
export function schemaOf(setting: Setting): z.ZodType<Value, string> {
  switch (setting.type) {
    case 'integer':
    case 'bytes':
    case 'port':
      return numeric(/^-?\d{1,15}$/, setting);
    case 'seconds':
    case 'share':
      return numeric(/^\d{1,9}(\.\d{1,9})?$/, setting);
    case 'boolean':
      return z
        .string()
        .transform((text) => BOOLEANS[text.toLowerCase()])
        .pipe(z.boolean());
    case 'choice':
      return z.enum(setting.choices);
    default:
      return TEXT_RULES[setting.type].schema;
  }
}

function numeric(
  form: RegExp,
  { min, max }: { readonly min: number; readonly max: number },
): z.ZodType<number, string> {
  return z.string().regex(form).transform(Number).pipe(z.number().min(min).max(max));
}

const endpoint = z.union([z.enum(['finney', 'test', 'local']), z.url({ protocol: /^wss?$/ })]);

/** Several endpoints of one chain, for when one is away. */
function isChain(text: string): boolean {
  return text.split(',').every((part) => endpoint.safeParse(part.trim()).success);
}

/** The checksum is not looked at: an address with a wrong one is nobody's. */
function isHotkeyText(text: string): boolean {
  return /^[1-9A-HJ-NP-Za-km-z]{47,48}$/.test(text);
}

function isHotkeyAddress(text: string): boolean {
  const [hotkey = '', address = '', ...more] = text.split('=');
  return more.length === 0 && isHotkeyText(hotkey) && !address.startsWith('unix:') && isAddress(address);
}

/** As browsers send it: no path, no slash at the end, no port that is the default one. */
function isOrigin(text: string): boolean {
  return /^https?:/.test(text) && URL.canParse(text) && new URL(text).origin === text;
}

function isAddress(text: string): boolean {
  if (/^unix:[^\p{Cc}]+$/u.test(text)) return true;
  const parts = /^(?<host>\[[^\]]+\]|[^:]+):(?<port>\d{1,5})$/.exec(text)?.groups;
  const port = Number(parts?.['port']);
  return host.safeParse(parts?.['host']).success && port >= 1 && port <= 65_535;
}
