import type { CriticConfig } from '../config/validator.js';
import { ChatCritic } from '../engines/critic/chat-critic.js';
import type { Logger } from '../runtime/logger.js';
import type { SummaryCritic } from '../validator/ports/summary-critic.js';
import { keyInFile } from './key-in-file.js';

/** The critic of summaries that is configured. @throws StartError when its key cannot be read */
export async function openCritic(
  config: CriticConfig | undefined,
  log: Logger,
): Promise<SummaryCritic | undefined> {
  if (config === undefined) return undefined;
  const { url, model, keyFile } = config;
  const key = keyFile === undefined ? undefined : await keyInFile(keyFile, '--judge.llm_key_file');
  log.info(
    { url, model },
    'a critic reads summaries too: validators with other critics score them differently',
  );
  return new ChatCritic({ url, model, ...(key !== undefined && { key }) }, log);
}
