import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { WsProvider } from '@polkadot/api';

/** `npm run metadata -- --url ws://… [--out file]`: metadata of a node as hex, and its runtime version. */
async function main(): Promise<number> {
  const { values } = parseArgs({ options: { url: { type: 'string' }, out: { type: 'string' } } });
  if (values.url === undefined) {
    process.stderr.write('usage: npm run metadata -- --url ws://host:port [--out file]\n');
    return 2;
  }
  const provider = new WsProvider(values.url, false, undefined, 20_000);
  const connected = new Promise<void>((resolve, reject) => {
    provider.on('connected', () => resolve());
    provider.on('error', () => reject(new Error('it does not answer')));
  });
  try {
    await Promise.all([connected, provider.connect()]);
    const version = await provider.send<{ specName: string; specVersion: number }>(
      'state_getRuntimeVersion',
      [],
    );
    const hex = await newestMetadata(provider);
    process.stderr.write(
      `${version.specName} ${version.specVersion}, metadata v${parseInt(hex.slice(10, 12), 16)}\n`,
    );
    if (values.out === undefined) process.stdout.write(`${hex}\n`);
    else writeFileSync(values.out, `${hex}\n`);
    return 0;
  } catch (error) {
    process.stderr.write(
      `no metadata from ${values.url}: ${error instanceof Error ? error.message : String(error)}\n`,
    );
    return 1;
  } finally {
    await provider.disconnect().catch(() => undefined);
  }
}

/** Version 16 or 15, which describe the runtime calls; else what the node gives by itself. */
async function newestMetadata(provider: WsProvider): Promise<string> {
  for (const version of ['10', '0f']) {
    const call = ['Metadata_metadata_at_version', `0x${version}000000`];
    const answer = await provider.send<string>('state_call', call).catch(() => '0x00');
    if (answer.startsWith('0x01')) return `0x${withoutLength(answer.slice(4))}`;
  }
  return provider.send<string>('state_getMetadata', []);
}

/** Drops the compact length before bytes in hex. */
function withoutLength(hex: string): string {
  const mode = parseInt(hex.slice(0, 2), 16) & 3;
  return hex.slice([2, 4, 8][mode] ?? 10);
}

process.exitCode = await main();
