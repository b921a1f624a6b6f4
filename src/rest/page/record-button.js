import { byId } from './dom.js';
import { clock } from './names.js';
import { canRecord, record } from './recorder.js';

/** Below the 50 MiB that a proxy takes unless told otherwise. */
const MAX_SECONDS = 20 * 60;

/** The button that starts and ends a recording, and what is shown meanwhile. */
export class RecordButton {
  #toggle = byId('record', HTMLButtonElement);
  #shown = byId('recording', HTMLParagraphElement);
  #listener;
  /** @type {{ stop: () => Promise<File> } | undefined} */
  #running;
  #isBusy = false;

  /** @param {{ onRecorded: (file: File) => void, onProblem: (message: string) => void }} listener */
  constructor(listener) {
    this.#listener = listener;
    this.#toggle.hidden = !canRecord();
    this.#toggle.addEventListener('click', () => void (this.#running ? this.stop() : this.#start()));
  }

  #start() {
    return this.#change(async () => {
      this.#running = await record((level, seconds) => {
        this.#showLevel(level, seconds);
        if (seconds > MAX_SECONDS) void this.stop();
      });
    });
  }

  /** Ends the recording, if there is one, and hands it on. */
  async stop() {
    const running = this.#running;
    if (running === undefined) return;
    await this.#change(async () => {
      this.#running = undefined;
      this.#listener.onRecorded(await running.stop());
    });
  }

  /** @param {() => Promise<void>} step */
  async #change(step) {
    if (this.#isBusy) return;
    this.#isBusy = true;
    this.#listener.onProblem('');
    try {
      await step();
    } catch (error) {
      this.#listener.onProblem(error instanceof Error ? error.message : String(error));
    } finally {
      this.#isBusy = false;
    }
    const isRunning = this.#running !== undefined;
    this.#showLevel(0, 0);
    this.#toggle.textContent = isRunning ? 'Stop recording' : 'Record';
    this.#toggle.classList.toggle('recording-now', isRunning);
    this.#shown.hidden = !isRunning;
  }

  /**
   * @param {number} level
   * @param {number} seconds
   */
  #showLevel(level, seconds) {
    byId('recording-level', HTMLMeterElement).value = level;
    byId('recording-time', HTMLSpanElement).textContent = clock(seconds);
  }
}
