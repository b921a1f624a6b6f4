import { fileURLToPath } from 'node:url';
import { runProcess, type ProcessWork } from './run-process.js';

export interface ScriptWork extends Omit<ProcessWork, 'file' | 'inheritEnvironment'> {
  /** One of our own modules, with the ending `.js`. */
  readonly script: URL;
}

/**
 * Runs one of our own modules in a process of its own, for libraries that may end the process,
 * flood the log or eat memory. From source the module's loader is passed on, so `.js` finds `.ts`.
 *
 * @throws as runProcess does
 */
export function runScript({ script, args, ...work }: ScriptWork): Promise<string> {
  const fromSource = import.meta.url.endsWith('.ts');
  const path = fileURLToPath(script);
  const file = fromSource ? path.replace(/\.js$/, '.ts') : path;
  // A debugger's port cannot be opened twice.
  const nodeArgs = process.execArgv.filter((arg) => !arg.startsWith('--inspect'));
  const loader = fromSource && !nodeArgs.some((arg) => arg.includes('tsx')) ? ['--import', 'tsx'] : [];
  return runProcess({
    ...work,
    file: process.execPath,
    args: [...nodeArgs, ...loader, file, ...args],
    inheritEnvironment: true,
  });
}
