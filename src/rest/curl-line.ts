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
    ...methodArguments(method),
    `"${origin}${path.replaceAll(/\{(\w+)\}/g, '<$1>')}"`,
    ...(body.some(({ binary }) => binary) ? formArguments(body) : jsonArguments(body)),
  ].join(' ');
}

function methodArguments(method: string): readonly string[] {
  if (method === 'GET') return [];
  return method === 'HEAD' ? ['-I'] : ['-X', method];
}

function formArguments(fields: readonly OperationField[]): readonly string[] {
  return fields.map(
    ({ name, binary, example }) =>
      `-F "${name}=${binary ? '@test_audio.wav' : (SAMPLES[name] ?? (typeof example === 'string' ? example : ''))}"`,
  );
}

function jsonArguments(fields: readonly OperationField[]): readonly string[] {
  if (fields.length === 0) return [];
  const entries = fields.map(({ name, type, example }) => [
    name,
    SAMPLES[name] ?? example ?? (type === 'string' ? `<${name}>` : 0),
  ]);
  return ['-H "Content-Type: application/json"', `-d '${JSON.stringify(Object.fromEntries(entries))}'`];
}
