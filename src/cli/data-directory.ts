import { access, constants, mkdir } from 'node:fs/promises';
import { StartError } from './start-error.js';

/** Makes the data directory, for its owner alone, and checks that it can be written. @throws StartError */
export async function makeDataDirectory(dataDir: string): Promise<void> {
  try {
    await mkdir(dataDir, { recursive: true, mode: 0o700 });
    await access(dataDir, constants.W_OK | constants.X_OK);
  } catch (error) {
    throw new StartError(
      `cannot use the data directory ${dataDir} (${String(error)}): give a writable one with --data_dir`,
      { cause: error },
    );
  }
}
