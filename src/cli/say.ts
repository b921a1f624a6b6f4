import { access, constants } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { SayConfig } from '../config/user.js';
import { finish } from './await-result.js';
import type { UserSession } from './user-session.js';

/** Speaks a text into a file. */
export async function runSay(config: SayConfig, session: UserSession): Promise<void> {
  const { text, language, priority, voice, output } = config;
  const { client, signal } = session;
  // Better now than when the audio is there and has no place to go.
  if (output !== undefined && output !== '-') await access(dirname(output), constants.W_OK);
  const wishes = voice === undefined ? {} : { voice };
  const task = await client.submit({ kind: 'tts', text, language, priority, ...wishes }, { signal });
  await finish(session, task, config);
}
