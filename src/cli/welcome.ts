import { LANGUAGES, TASK_KINDS } from '../domain/task.js';
import type { EngineCatalog } from '../engines/engine.js';
import { HOW_TO_END_IT } from './open-keys.js';
import type { ProxyAddresses } from './proxy.js';

export interface Running {
  readonly addresses: ProxyAddresses;
  readonly miners: readonly string[];
  readonly catalog: EngineCatalog;
  readonly servesAnonymous: boolean;
}

/** What a newcomer sees once everything runs: where, what works, and what to try. */
export function welcome({ addresses, miners, catalog, servesAnonymous }: Running): string {
  const url = `http://${addresses.http}`;
  return [
    '',
    'audio-subnet is running',
    `  web page       ${url}/`,
    `  HTTP and gRPC  ${url}  (documentation: ${url}/docs)`,
    `  gRPC           ${addresses.grpc}`,
    `  metrics        http://${addresses.metrics}/metrics`,
    `  miners         ${miners.join(', ')}`,
    '',
    servesAnonymous
      ? `Callers without an API key are served: ${HOW_TO_END_IT}.`
      : 'Callers need an API key: add -H "X-API-Key: YOUR_KEY" to the commands below.',
    '',
    'What works here',
    ...abilityTable(catalog),
    ...catalog.missing.map(({ kind, name, cure }) => `  missing for ${kind}: ${name} (${cure})`),
    '',
    'Try',
    `  curl -X POST "${url}/api/v1/tts" -H "Content-Type: application/json" -d '{"text": "Hello world", "source_language": "en"}'`,
    `  curl -X POST "${url}/api/v1/transcription" -F "audio_file=@test_audio.wav" -F "source_language=en" -F "priority=normal" -H "Prefer: wait=30"`,
    `  curl "${url}/api/v1/tasks/THE_TASK_ID"`,
    '',
  ].join('\n');
}

/** Kinds down, languages across. */
export function abilityTable({ engines }: EngineCatalog): readonly string[] {
  const width = Math.max(...TASK_KINDS.map(({ length }) => length));
  const row = (name: string, cells: readonly string[]) =>
    `  ${name.padEnd(width)}  ${cells.map((cell) => cell.padEnd(4)).join('')}`.trimEnd();
  return [
    row('', LANGUAGES),
    ...TASK_KINDS.map((kind) =>
      row(
        kind,
        LANGUAGES.map((language) =>
          engines.some((engine) => engine.kind === kind && engine.languages.includes(language)) ? 'yes' : '-',
        ),
      ),
    ),
  ];
}
