import { createHash } from 'node:crypto';
import { join, relative } from 'node:path';
import type { SubnetConfig } from '../config/sections.js';
import { ReputationFile } from '../validator/reputation-file.js';
import type { Logger } from '../runtime/logger.js';

export interface ReputationPlace {
  readonly dataDir: string;
  readonly subnet: SubnetConfig;
  /** Hotkey or name of the validator. */
  readonly holder: string;
  readonly log: Logger;
}

/** Each validator keeps a file a subnet: miners of one say nothing of those with their keys on another. */
export function reputationFile({ dataDir, subnet, holder, log }: ReputationPlace): ReputationFile {
  const { netuid, network } = subnet;
  // Below the data directory, so that a copy of it elsewhere keeps what it knows.
  const where = network.kind === 'static' ? `static:${relative(dataDir, network.file)}` : network.name;
  const name = `${netuid} on ${where}`;
  const digest = createHash('sha256').update(name).digest('hex').slice(0, 8);
  const file = join(dataDir, 'validator', holder, `reputation-${netuid}-${digest}.jsonl`);
  return new ReputationFile({ file, subnet: name, log });
}
