import { readFile } from 'node:fs/promises';
import type { CriticConfig } from '../config/validator.js';
import { ChatCritic } from '../engines/critic/chat-critic.js';
import type { Logger } from '../runtime/logger.js';
import type { SummaryCritic } from '../validator/ports/summary-critic.js';
import { StartError } from './start-error.js';

/** The critic of summaries that is configured. @throws StartError when its key cannot be read */
export async function openCritic(
  config: CriticConfig | undefined,
  log: Logger,
): Promise<SummaryCritic | undefined> {
  if (config === undefined) return undefined;
  const { url, model, keyFile } = config;
  const key = keyFile === undefined ? undefined : await readKey(keyFile);
  log.info(
    { url, model },
    'a critic reads summaries too: validators with other critics score them differently',
  );
  return new ChatCritic({ url, model, ...(key !== undefined && { key }) }, log);
}

async function readKey(file: string): Promise<string> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (cause) {
    throw new StartError(`--judge.llm_key_file ${file} cannot be read: ${String(cause)}`, { cause });
  }
  const key = text.trim();
  // What a header can carry; the key itself is never shown.
  if (!/^[\x21-\x7e]+$/.test(key))
    throw new StartError(
      `--judge.llm_key_file ${file} must hold a key of printable ASCII without spaces alone`,
    );
  return key;
}
