import { createReadStream } from 'node:fs';
import { ConfigError } from '../config/config-error.js';
import type { SummarizeConfig } from '../config/user.js';
import { finish } from './await-result.js';
import type { UserSession } from './user-session.js';

/** More than the longest text takes in any script. */
const MAX_BYTES = 1024 * 1024;

/** Prints a shorter text. */
export async function runSummarize(config: SummarizeConfig, session: UserSession): Promise<void> {
  const { file, language, priority, maxSentences } = config;
  const { client, signal } = session;
  const text = await readText(file);
  const wishes = maxSentences === undefined ? {} : { maxSentences };
  const task = await client.submit(
    { kind: 'summarization', text, language, priority, ...wishes },
    { signal },
  );
  await finish(session, task, config);
}

/** @throws ConfigError for what is no text, Error of the system for what cannot be read */
async function readText(file: string): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of file === '-' ? process.stdin : createReadStream(file)) {
    chunks.push(chunk as Buffer);
    bytes += (chunk as Buffer).length;
    if (bytes > MAX_BYTES)
      throw new ConfigError(`${file} is above ${MAX_BYTES} bytes: too long to summarize`);
  }
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(Buffer.concat(chunks));
  } catch (cause) {
    throw new ConfigError(`${file} is no text in UTF-8`, { cause });
  }
}
