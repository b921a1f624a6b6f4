import { createInterface } from 'node:readline';
import { Writable } from 'node:stream';
import { StartError } from './start-error.js';

/**
 * Asks on the terminal for a line that is not shown while it is typed.
 *
 * @throws StartError when the user gives up with Ctrl-C or Ctrl-D
 */
export async function hiddenAnswer(question: string): Promise<string> {
  const nowhere = new Writable({
    write(_chunk, _encoding, done) {
      done();
    },
  });
  const terminal = createInterface({ input: process.stdin, output: nowhere, terminal: true, historySize: 0 });
  process.stderr.write(question);
  try {
    return await new Promise<string>((resolve, reject) => {
      terminal.once('line', resolve);
      const givenUp = () => {
        reject(new StartError('nothing was entered'));
      };
      terminal.once('SIGINT', givenUp);
      terminal.once('close', givenUp);
    });
  } finally {
    terminal.close();
    process.stderr.write('\n');
  }
}
