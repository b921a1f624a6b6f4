import { readFile, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { messageOf } from '../../runtime/message-of.js';

/*
 * A process of its own, because the library ends the process on an unknown voice and adds listeners
 * with each call. Arguments: voice, file with the text, file for the speech.
 */

type Synthesize = (text: string, options: { readonly voice: string }) => Promise<Uint8Array>;

async function main([voice, textFile, waveFile]: readonly string[]): Promise<void> {
  if (voice === undefined || textFile === undefined || waveFile === undefined)
    throw new Error('needs a voice and two files');
  const text = await readFile(textFile, 'utf8');
  // With it the library tries to fetch its own WebAssembly from a path and warns.
  Reflect.deleteProperty(globalThis, 'fetch');
  const synthesize = createRequire(import.meta.url)('text2wav') as Synthesize;
  // The library reads a text that begins with `-` as options.
  await writeFile(waveFile, await synthesize(` ${text}`, { voice }));
}

main(process.argv.slice(2)).catch((error: unknown) => {
  process.stderr.write(`${messageOf(error)}\n`);
  process.exitCode = 1;
});
