import { readFile } from 'node:fs/promises';
import { expect } from 'chai';
import type { Browser, Download, Route } from 'playwright-core';
import { findExecutable } from '../../src/engines/find-executable.js';
import { Installation } from '../support/installation.js';
import { skipSuite } from '../support/skip-suite.js';
import { findClips } from '../support/spoken-clips.js';
import { toneWav } from '../support/tone.js';
import { controlsOf, faintTexts, tabOrder } from './accessibility.js';
import { launchChromium } from './browser.js';
import { OpenPage } from './open-page.js';

const TEXT =
  'The committee met on Monday. It discussed the new bridge over the river at length. ' +
  'The bridge will cost four million and open in 2031. Several members doubted the price. ' +
  'In the end the committee approved the bridge by nine votes to two. Lunch was served at noon.';
const CLIP = 'sense_and_sensibility_01_austen_64kb-0890';

describe('the page at /', function () {
  this.timeout(120_000);
  let installation: Installation;
  let browser: Browser | undefined;
  let page: OpenPage;

  const clips = findClips();
  const clip = typeof clips === 'string' ? undefined : clips.find(({ id }) => id === CLIP);

  /** Why something that is needed is missing. */
  const missing = async (...programs: readonly string[]): Promise<string | undefined> => {
    for (const program of programs) {
      if ((await findExecutable(program)) === undefined) return `${program} is not installed`;
    }
    return undefined;
  };

  const opened = async (url = installation.url) => {
    if (browser === undefined) throw new Error('no browser');
    return OpenPage.open(browser, url);
  };

  before(async function () {
    const launched = await launchChromium(clip?.path);
    if (typeof launched === 'string') return skipSuite(this, launched);
    browser = launched;
    installation = await Installation.create();
    await installation.start('up', ...installation.listeners).output('audio-subnet is running');
  });
  after(async () => {
    await browser?.close();
    await (installation as Installation | undefined)?.dispose();
  });

  beforeEach(async () => {
    page = await opened();
  });
  afterEach(async function () {
    const { title, state } = this.currentTest!;
    if (state === 'failed') await page.screenshot(`failed ${title.replace(/\W+/g, ' ').trim()}`);
    await page.close();
    expect(page.troubles).to.deep.equal([]);
    expect(page.loads).to.equal(1);
  });

  it('shows the text of an uploaded WAV without a reload', async function () {
    const lack = clip === undefined ? 'no clip of speech' : await missing('pocketsphinx_batch');
    if (lack !== undefined || clip === undefined) {
      this.test!.title += ` (skipped: ${lack})`;
      return this.skip();
    }
    await page.tab.locator('#file').setInputFiles(clip.path);
    await page.submit();
    const heard = (await page.newest.locator('.text').textContent())?.split(' ') ?? [];
    const right = clip.words.filter((word) => heard.includes(word)).length;
    expect(right / clip.words.length).to.be.above(0.6);
    await page.reaches('Done');
    expect(await page.newest.getByRole('heading').first().textContent()).to.equal(`${CLIP}.wav`);
    await page.screenshot('transcription');
  });

  it('plays a text that was spoken, and hands it out as a file', async function () {
    if ((await missing('flite')) !== undefined && (await missing('espeak-ng')) !== undefined) {
      this.test!.title += ' (skipped: neither flite nor espeak-ng is installed)';
      return this.skip();
    }
    await page.send('Speak', 'Hello world, this is a text that is read aloud.');
    await page.newest.locator('audio').waitFor();
    const audio = 'document.querySelector("#tasks audio")';
    await page.evaluate(`new Promise((resolve, reject) => {
      ${audio}.addEventListener('timeupdate', ({ target }) => target.currentTime > 0.2 && resolve());
      ${audio}.play().catch(reject);
    })`);
    expect(await page.evaluate<number>(`${audio}.duration`)).to.be.within(1, 20);
    const download = await downloadBy(() => page.newest.getByRole('button', { name: 'Download' }).click());
    expect(download.suggestedFilename()).to.match(/\.wav$/);
    expect((await readFile(await download.path())).subarray(0, 4).toString()).to.equal('RIFF');
  });

  it('shows a summary, copies it, and shows on demand how each miner did', async () => {
    await page.send('Summarize', TEXT);
    const summary = (await page.newest.locator('.text').textContent()) ?? '';
    for (const sentence of summary.match(/[^.]+\./g) ?? ['nothing']) expect(TEXT).to.include(sentence.trim());
    await page.newest.getByRole('button', { name: 'Copy' }).click();
    await page.tab.locator('#announcer:text-is("Copied.")').waitFor({ state: 'attached' });
    expect(await page.evaluate<string>('navigator.clipboard.readText()')).to.equal(summary);
    await page.newest.getByText('How the miners did').click();
    const responses = page.newest.locator('.response');
    await responses.nth(2).waitFor();
    await responses.first().locator('summary').click();
    expect(await responses.first().textContent()).to.match(/^Miner [123] chosen/);
    expect(await responses.first().locator('dt').allTextContents()).to.include('coverage');
    await page.screenshot('summary');
  });

  it('sends what the microphone heard as a WAV of 16 kHz', async function () {
    const sent = page.tab.waitForRequest('**/api/v1/transcription');
    await page.tab.getByRole('button', { name: 'Record' }).click();
    await page.tab.locator('#recording-time:text-is("0:02")').waitFor();
    await page.screenshot('recording');
    await page.tab.getByRole('button', { name: 'Stop recording' }).click();
    await page.tab.locator('#preview').waitFor();
    const [rate, seconds, loudest] = await page.evaluate<readonly [number, number, number]>(`(async () => {
      const bytes = await document.querySelector('#file').files[0].arrayBuffer();
      const view = new DataView(bytes);
      const samples = new Int16Array(bytes.slice(44));
      return [view.getUint32(24, true), samples.length / 16000, samples.reduce((top, s) => Math.max(top, s), 0)];
    })()`);
    expect(rate).to.equal(16_000);
    expect(seconds).to.be.within(1.5, 10);
    expect(loudest).to.be.above(1_000);
    await page.submit();
    await sent;
    const lack = clip === undefined ? 'no clip of speech' : await missing('pocketsphinx_batch');
    if (lack !== undefined) {
      this.test!.title += ` (not transcribed: ${lack})`;
      return;
    }
    expect(await page.newest.locator('.text').textContent()).to.match(/\w+ \w+/);
  });

  it('ends a recording that would go on out of sight', async () => {
    await page.tab.getByRole('button', { name: 'Record' }).click();
    await page.tab.locator('#recording-time:text-is("0:01")').waitFor();
    await page.choose('Speak');
    await page.tab.locator('#recording').waitFor({ state: 'hidden' });
    await page.choose('Transcribe');
    await page.tab.getByRole('button', { name: 'Record', exact: true }).waitFor();
    expect(await page.evaluate<string>('document.querySelector("#file").files[0].name')).to.match(
      /^recording /,
    );
  });

  it('says what is wrong beside the field that it is about', async () => {
    await page.submit();
    expect(await page.tab.locator('#problem').textContent()).to.match(/^Choose a file/);
    expect(await focused(page)).to.equal('file');
    await page.send('Summarize', 'short');
    await page.tab.locator('#text[aria-invalid=true][aria-describedby=problem]').waitFor();
    expect(await page.tab.locator('#problem').textContent()).to.match(/at least 10/);
    expect(await focused(page)).to.equal('text');
    await page.screenshot('wrong input');
    expect(await page.tab.locator('#tasks > li').count()).to.equal(0);
    // Chromium itself reports each refused request.
    expect(page.troubles.splice(0))
      .to.have.length(1)
      .and.to.match(/status of 422/);
  });

  it('says why a task failed', async () => {
    await page.tab.locator('#file').setInputFiles({
      name: '<b>noise</b>.wav',
      mimeType: 'audio/wav',
      buffer: Buffer.from('RIFF\0\0\0\0WAVE and nothing else'),
    });
    await page.submit();
    await page.reaches('Failed');
    expect(await page.newest.locator('.words').textContent()).to.match(/\w/);
    expect(await page.newest.getByRole('heading').first().textContent()).to.equal('<b>noise</b>.wav');
    // The preview of a file that is no audio.
    page.troubles.splice(0);
  });

  it('shows its tasks again after a reload', async () => {
    await page.send('Summarize', TEXT);
    await page.reaches('Done');
    await page.tab.reload();
    await page.reaches('Done');
    expect(await page.tab.locator('#tasks > li').count()).to.equal(1);
    page.loads -= 1;
  });

  it('shows queue, validators and miners', async () => {
    await page.tab.locator('#miners tbody tr').nth(2).waitFor();
    expect(await page.tab.locator('#validators tbody tr').count()).to.be.within(1, 1);
    expect(await page.tab.locator('#counts').textContent()).to.match(
      /Waiting\d+Processing\d+Done\d+Failed\d+/,
    );
    expect(await page.tab.locator('#network-note').textContent()).to.match(/3 of 3 miners/);
  });

  it('is not left when a file is dropped on it, but takes the file', async () => {
    await page.choose('Speak');
    await page.evaluate(`(() => {
      const dataTransfer = new DataTransfer();
      dataTransfer.items.add(new File(['RIFF'], 'dropped.txt', { type: 'text/plain' }));
      for (const type of ['dragover', 'drop'])
        document.querySelector('h2').dispatchEvent(new DragEvent(type, { dataTransfer, bubbles: true, cancelable: true }));
    })()`);
    expect(await page.evaluate<string>('document.querySelector("#file").files[0].name')).to.equal(
      'dropped.txt',
    );
    expect(await page.tab.locator('#submit').textContent()).to.equal('Transcribe');
  });

  it('sends an API key with every request, and keeps it in the tab alone', async () => {
    const keys = new Map<string, string | undefined>();
    await page.tab.route('**/api/**', async (route: Route) => {
      const { authorization, ...headers } = await route.request().allHeaders();
      const path = new URL(route.request().url()).pathname.replace(/[0-9a-f-]{36}/, '{id}');
      keys.set(path, authorization);
      if (authorization === 'Bearer the-key') return route.continue({ headers });
      return route.fulfill({ status: 401, json: { detail: 'an API key is needed' } });
    });
    await page.tab.reload();
    page.loads -= 1;
    await page.tab.locator('#network-note:text-is("An API key is needed.")').waitFor();
    await page.tab.getByLabel('API key', { exact: true }).fill('the-key');
    await page.tab.getByRole('button', { name: 'Use this key' }).click();
    await page.tab.locator('#miners tbody tr').nth(2).waitFor();
    keys.clear();
    await page.send('Speak', 'Hello world');
    await page.newest.locator('audio').waitFor();
    for (const path of ['tts', 'tasks/{id}/events', 'tasks/{id}/audio'])
      expect(keys.get(`/api/v1/${path}`)).to.equal('Bearer the-key');
    expect(await page.evaluate<string>('JSON.stringify(localStorage) + document.cookie')).to.equal('{}');
    expect(page.troubles.splice(0).every((trouble) => trouble.includes('status of 401'))).to.equal(true);
  });

  it('names every control', async () => {
    await page.tab
      .locator('#file')
      .setInputFiles({ name: 'a.wav', mimeType: 'audio/wav', buffer: toneWav() });
    const first = await controlsOf(page);
    await page.send('Speak', 'Hello world');
    await page.newest.locator('audio').waitFor();
    await page.newest.getByText('How the miners did').click();
    await page.newest.locator('.response').first().waitFor();
    await page.evaluate('document.querySelectorAll("details").forEach((details) => (details.open = true))');
    const controls = [...first, ...(await controlsOf(page))];
    const roles = [
      'Audio',
      'DisclosureTriangle',
      'button',
      'combobox',
      'link',
      'listitem',
      'meter',
      'radio',
      'textbox',
    ];
    expect([...new Set(controls.map(([role]) => role))]).to.have.members(roles);
    expect(controls.filter(([, name]) => name === '')).to.deep.equal([]);
  });

  it('leads the tabulator key from top to bottom', async () => {
    await page.send('Summarize', TEXT);
    await page.reaches('Done');
    expect(await tabOrder(page, 11)).to.deep.equal([
      ...['Skip to the form', 'API documentation', 'API key'],
      ...['', 'text', 'language', 'priority', 'submit'],
      ...['Copy', 'Download', 'How the miners did'],
    ]);
  });

  for (const [colorScheme, width] of [
    ['light', 1000],
    ['dark', 1000],
    ['dark', 360],
  ] as const) {
    it(`has legible text and no sideways scrolling: ${colorScheme}, ${width} px wide`, async () => {
      await page.tab.emulateMedia({ colorScheme });
      await page.tab.setViewportSize({ width, height: 800 });
      await page.tab.locator('#miners tbody tr').nth(2).waitFor();
      await page.send('Speak', 'Hello world');
      await page.newest.locator('audio').waitFor();
      await page.send('Summarize', TEXT);
      await page.newest.getByText('How the miners did').click();
      await page.newest.locator('.response summary').first().click();
      await page.tab.locator('#access summary').click();
      const { x, width: wide } = (await page.tab.locator('#key-form').boundingBox())!;
      expect([x >= 0, x + wide <= width]).to.deep.equal([true, true]);
      await page.screenshot(`${colorScheme} ${width}`);
      expect(await faintTexts(page)).to.deep.equal([]);
      expect(await page.evaluate<number>('document.documentElement.scrollWidth')).to.be.at.most(width);
    });
  }

  async function downloadBy(act: () => Promise<void>): Promise<Download> {
    const download = page.tab.waitForEvent('download');
    await act();
    return download;
  }
});

describe('the page at / while nobody works', function () {
  this.timeout(120_000);
  let installation: Installation;
  let browser: Browser | undefined;
  let page: OpenPage;

  before(async function () {
    const launched = await launchChromium(undefined);
    if (typeof launched === 'string') return skipSuite(this, launched);
    browser = launched;
    installation = await Installation.create();
  });
  after(async () => {
    await browser?.close();
    await (installation as Installation | undefined)?.dispose();
  });

  it('shows places in the queue, cancels, and goes on when the proxy is back', async () => {
    const proxy = await installation.startProxy();
    page = await OpenPage.open(browser!, installation.url);
    for (const number of [1, 2, 3]) await page.send('Speak', `Text ${number}`);
    const note = (text: string, place: number) =>
      page.tab.locator(`#tasks > li:nth-child(${place}) .note:has-text("${text}")`).first().waitFor();
    await note('2 before it in the queue', 1);
    await note('1 before it in the queue', 2);
    await page.screenshot('waiting');
    await page.tab.getByRole('button', { name: 'Cancel Text 1' }).click();
    await page.tab.locator('#tasks > li:nth-child(3) .state:text-is("Cancelled")').waitFor();
    await note('next in the queue', 2);
    expect(page.troubles).to.deep.equal([]);

    await proxy.stop();
    await note('The connection was lost', 1);
    await installation.startProxy();
    await note('1 before it in the queue', 1);
    await page.newest.getByRole('button', { name: 'Cancel Text 3' }).click();
    await page.reaches('Cancelled');
    expect(page.loads).to.equal(1);
    await page.close();
  });
});

function focused(page: OpenPage): Promise<string> {
  return page.evaluate<string>('document.activeElement.id');
}
