import { readdir, stat } from 'node:fs/promises';
import { expect } from 'chai';
import { LANGUAGES, PRIORITIES } from '../../src/domain/task.js';
import { openBridge, type OpenBridge } from '../support/rest-bridge.js';

const FOLDER = new URL('../../../src/rest/page/', import.meta.url);

describe('the files of the page', () => {
  let open: OpenBridge;
  let html: string;

  before(async () => {
    open = await openBridge();
    html = await (await fetch(`${open.url}/`)).text();
  });
  after(() => open.close());

  const header = async (path: string, name: string) => (await fetch(open.url + path)).headers.get(name);

  it('allow no script but their own, and are taken for what they are', async () => {
    expect(await header('/', 'content-type')).to.equal('text/html; charset=utf-8');
    expect(await header('/page/main.js', 'content-type')).to.equal('text/javascript; charset=utf-8');
    expect(await header('/page/icon.svg', 'content-type')).to.equal('image/svg+xml');
    const policy = await header('/', 'content-security-policy');
    expect(policy).to.include("default-src 'none'").and.to.include("script-src 'self'");
    expect(policy).not.to.match(/unsafe|\*|https?:/);
    expect(await header('/page/main.js', 'x-content-type-options')).to.equal('nosniff');
    expect(html).not.to.match(/<script>|<style|\son\w+=|\sstyle=/);
  });

  it('are all there, each import included, and below 60 KB in all', async () => {
    const names = (await readdir(FOLDER)).filter((name) => /\.(js|css|svg)$/.test(name));
    let bytes = html.length;
    for (const name of names) {
      const text = await (await fetch(`${open.url}/page/${name}`)).text();
      expect(text).to.have.length.above(0);
      bytes += (await stat(new URL(name, FOLDER))).size;
      for (const [, imported] of text.matchAll(/ from '\.\/([\w-]+\.js)';/g))
        expect(names).to.include(imported);
    }
    for (const [, used] of html.matchAll(/"page\/([^"]+)"/g)) expect(names).to.include(used);
    expect(bytes).to.be.below(60_000);
    for (const name of ['tsconfig.json', 'types.d.ts'])
      expect((await fetch(`${open.url}/page/${name}`)).status).to.equal(404);
  });

  it('are not sent again while they are the same', async () => {
    const etag = (await header('/', 'etag')) ?? '';
    expect(await header('/', 'cache-control')).to.equal('no-cache');
    const asked = (tag: string) => fetch(`${open.url}/`, { headers: { 'if-none-match': tag } });
    for (const tag of [etag, `W/${etag}`, `"other", ${etag}`]) {
      const answer = await asked(tag);
      expect(answer.status).to.equal(304);
      expect(answer.headers.get('etag')).to.equal(etag);
    }
    expect((await asked('"other"')).status).to.equal(200);
    expect(await header('/page/style.css', 'etag')).not.to.equal(etag);
  });

  it('are read, not written', async () => {
    const head = await fetch(`${open.url}/`, { method: 'HEAD' });
    expect(head.status).to.equal(200);
    expect(head.headers.get('content-length')).to.equal(`${Buffer.byteLength(html)}`);
    const post = await fetch(`${open.url}/`, { method: 'POST' });
    expect([post.status, post.headers.get('allow')]).to.deep.equal([405, 'GET, HEAD']);
  });

  it('offer every language and every priority of the contract', () => {
    const options = (id: string) =>
      [...(html.split(`id="${id}"`)[1]?.split('</select>')[0] ?? '').matchAll(/value="(\w+)"/g)].map(
        ([, value]) => value,
      );
    expect(options('language')).to.deep.equal(LANGUAGES);
    expect(options('priority')).to.deep.equal(PRIORITIES);
  });
});
