import type { Operation, OperationField } from './operations.js';

const SAMPLES: Readonly<Record<string, string>> = {
  text: 'The quick brown fox jumps over the lazy dog.',
  source_language: 'en',
  result: 'aGVsbG8=',
};

/** A command that tries an operation with its required fields. */
export function curlLine({ method, path, fields }: Operation, origin: string): string {
  const body = fields.filter(({ place, required }) => place === 'body' && required);
  return [
    'curl',
    ...(method === 'GET' ? [] : ['-X', method]),
    `"${origin}${path.replaceAll(/\{(\w+)\}/g, '<$1>')}"`,
    ...(body.some(({ binary }) => binary) ? formArguments(body) : jsonArguments(body)),
  ].join(' ');
}

function formArguments(fields: readonly OperationField[]): readonly string[] {
  return fields.map(
    ({ name, binary }) => `-F "${name}=${binary ? '@test_audio.wav' : (SAMPLES[name] ?? '')}"`,
  );
}

function jsonArguments(fields: readonly OperationField[]): readonly string[] {
  if (fields.length === 0) return [];
  const entries = fields.map(({ name, type }) => [
    name,
    SAMPLES[name] ?? (type === 'string' ? `<${name}>` : 0),
  ]);
  return ['-H "Content-Type: application/json"', `-d '${JSON.stringify(Object.fromEntries(entries))}'`];
}
