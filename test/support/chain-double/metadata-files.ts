import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const FILES = { '381': 'metadata-381-v16.hex', '293': 'metadata-293-v15.hex' } as const;

/** Runtime versions whose real metadata the tests know. */
export type KnownRuntime = keyof typeof FILES;

/** Folder with the metadata of real runtimes, which is too large to keep in the repository. */
const folder = (): string => process.env.AUDIO_SUBNET_SUBTENSOR_METADATA ?? join('..', 'shared', 'subtensor');

/** Why the double cannot start here; undefined when it can. */
export function noMetadata(): string | undefined {
  const missing = Object.values(FILES).filter((file) => !existsSync(join(folder(), file)));
  if (missing.length === 0) return undefined;
  return `no ${missing.join(', ')} in ${folder()} (AUDIO_SUBNET_SUBTENSOR_METADATA)`;
}

/** Metadata of a runtime as hex. @throws when the file is absent */
export function readMetadata(runtime: KnownRuntime): `0x${string}` {
  return readFileSync(join(folder(), FILES[runtime]), 'utf8').trim() as `0x${string}`;
}
