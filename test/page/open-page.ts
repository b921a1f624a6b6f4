import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Browser, BrowserContextOptions, Locator, Page } from 'playwright-core';

/** Screenshots, for people to look at. */
const FOLDER = new URL('../../../.page/', import.meta.url).pathname;

/** The web page in a tab of its own, and everything about it that should not be. */
export class OpenPage {
  /** Errors of the console, uncaught errors, and requests to anywhere but the page's own server. */
  readonly troubles: string[] = [];
  /** Documents loaded into the tab. */
  loads = 0;

  private constructor(
    readonly tab: Page,
    readonly url: string,
  ) {
    // The engines of a busy machine take their time; mocha has the last word.
    tab.setDefaultTimeout(0);
    tab.on('console', (message) => {
      if (['error', 'warning'].includes(message.type())) this.troubles.push(message.text());
    });
    tab.on('pageerror', (error) => this.troubles.push(error.message));
    tab.on('request', (request) => {
      const target = request.url();
      if (![`${url}/`, 'blob:'].some((start) => target.startsWith(start)))
        this.troubles.push(`asked ${target}`);
    });
    tab.on('framenavigated', () => (this.loads += 1));
  }

  static async open(browser: Browser, url: string, options: BrowserContextOptions = {}): Promise<OpenPage> {
    const context = await browser.newContext({
      permissions: ['microphone', 'clipboard-read', 'clipboard-write'],
      ...options,
    });
    const page = new OpenPage(await context.newPage(), url);
    await page.tab.goto(`${url}/`);
    return page;
  }

  /** @param script an expression that the tab evaluates */
  evaluate<Value>(script: string): Promise<Value> {
    return this.tab.evaluate<Value>(script);
  }

  /** The card of the newest task. */
  get newest(): Locator {
    return this.tab.locator('#tasks > li').first();
  }

  choose(kind: 'Transcribe' | 'Speak' | 'Summarize'): Promise<void> {
    return this.tab.getByRole('radio', { name: kind }).check({ force: true });
  }

  /** Sends the form and waits until it can be sent again. */
  async submit(): Promise<void> {
    await this.tab.locator('#submit').click();
    await this.tab.locator('#submit:not([aria-disabled])').waitFor();
  }

  async send(kind: 'Speak' | 'Summarize', text: string): Promise<void> {
    await this.choose(kind);
    await this.tab.locator('#text').fill(text);
    await this.submit();
  }

  /** Waits until the newest task shows a state, or the locator's limit. */
  async reaches(state: string): Promise<void> {
    await this.tab.locator(`#tasks > li:first-child .state:text-is("${state}")`).waitFor();
  }

  async screenshot(name: string): Promise<void> {
    await mkdir(FOLDER, { recursive: true });
    await this.tab.screenshot({ path: join(FOLDER, `${name}.png`), fullPage: true });
  }

  async close(): Promise<void> {
    await this.tab.context().close();
  }
}
