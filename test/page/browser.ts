import { chromium, type Browser } from 'playwright-core';
import { findExecutable } from '../../src/engines/find-executable.js';
import { firstLine } from '../support/skip-suite.js';

const NAMES = ['chromium', 'chromium-browser', 'google-chrome'];

/**
 * A headless Chromium, or why there is none. Its microphone plays a recording.
 *
 * @param microphone path of a WAV file; beeps when absent
 */
export async function launchChromium(microphone: string | undefined): Promise<Browser | string> {
  const executablePath = process.env['CHROME_PATH'] ?? (await firstFound());
  if (executablePath === undefined) return `none of ${NAMES.join(', ')} is installed`;
  const args = [
    '--use-fake-device-for-media-stream',
    '--use-fake-ui-for-media-stream',
    '--autoplay-policy=no-user-gesture-required',
    ...(microphone === undefined ? [] : [`--use-file-for-fake-audio-capture=${microphone}`]),
    // Its sandbox refuses to run as root.
    ...(process.getuid?.() === 0 ? ['--no-sandbox'] : []),
  ];
  try {
    return await chromium.launch({ executablePath, args });
  } catch (error) {
    return `${executablePath} does not start: ${firstLine(error)}`;
  }
}

async function firstFound(): Promise<string | undefined> {
  for (const name of NAMES) {
    const found = await findExecutable(name);
    if (found !== undefined) return found;
  }
  return undefined;
}
