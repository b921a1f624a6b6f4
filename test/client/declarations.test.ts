import { readFile } from 'node:fs/promises';
import { expect } from 'chai';

const PACKAGE = new URL('../../../package.json', import.meta.url);

describe('the declarations of the package', () => {
  it('show nothing of gRPC and of generated code', async () => {
    const { exports } = JSON.parse(await readFile(PACKAGE, 'utf8')) as {
      exports: { '.': { types: string } };
    };
    const open = [new URL(exports['.'].types, PACKAGE)];
    const seen = new Set<string>();
    for (let file = open.pop(); file !== undefined; file = open.pop()) {
      if (seen.has(file.href)) continue;
      seen.add(file.href);
      const text = await readFile(file, 'utf8');
      for (const [, name = ''] of text.matchAll(/(?:from|import\() *'([^']+)'/g)) {
        expect(name, file.pathname)
          .to.match(/^(\.\.?\/|node:)/)
          .and.not.include('/gen/');
        if (name.startsWith('.')) open.push(new URL(name.replace(/\.js$/, '.d.ts'), file));
      }
    }
    expect(seen.size).to.be.above(8);
  });
});
