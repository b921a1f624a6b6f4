import { basename } from 'node:path';
import type { SubmitConfig } from '../config/user.js';
import { finish } from './await-result.js';
import { uploadText } from './progress-line.js';
import type { UserSession } from './user-session.js';

/** Transcribes a file and prints its text. */
export async function runSubmit(config: SubmitConfig, session: UserSession): Promise<void> {
  const { file, language, priority } = config;
  const { client, progress, signal } = session;
  const name = file === '-' ? 'standard input' : basename(file);
  const audio = file === '-' ? process.stdin : file;
  const task = await client.submit(
    { kind: 'transcription', audio, language, priority },
    {
      signal,
      onProgress: (sent) => {
        progress.show(uploadText(name, sent));
      },
    },
  );
  await finish(session, task, config);
}
