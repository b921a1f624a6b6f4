/** @import { Kind, Task } from './types.js' */
import { ApiError, request } from './api.js';
import { announce, button, el } from './dom.js';
import { isFinal, taskPath } from './follow.js';
import { count, KINDS, languageName, span, STATES } from './names.js';
import { showResult } from './result.js';
import { scoresOf } from './scores.js';

/** One task, from its submission to its result. */
export class TaskCard {
  #id;
  #state = el('span', { class: 'state' }, 'Sent');
  #note = el('p', { class: 'note' });
  #progress = el('progress', { max: 1 });
  #words = el('p', { class: 'words' });
  #result = el('div', { class: 'result' });
  #cancel = button('Cancel', () => void this.#cancelTask());
  #hasResult = false;

  /** @param {{ id: string, kind: Kind, title: string }} task */
  constructor({ id, kind, title }) {
    this.#id = id;
    const heading = el('h3', { id: `title-${id}`, dir: 'auto' }, title);
    this.#progress.setAttribute('aria-labelledby', heading.id);
    this.#cancel.setAttribute('aria-label', `Cancel ${title}`);
    this.#words.hidden = true;
    this.element = el(
      'li',
      { class: 'card task', 'aria-labelledby': heading.id, 'data-task': id },
      el('div', { class: 'task-head' }, el('p', { class: 'kind' }, KINDS[kind].title), this.#state),
      heading,
      el('div', { class: 'row under-way' }, this.#note, this.#cancel),
      this.#progress,
      this.#words,
      this.#result,
    );
  }

  /** @param {Task} task */
  show(task) {
    this.element.dataset['state'] = task.status;
    this.#state.textContent = STATES[task.status];
    this.say(noteOf(task));
    const isOver = isFinal(task);
    this.#endProgress(isOver);
    const fraction = task.status === 'processing' ? (task.progress?.fraction ?? null) : null;
    if (fraction === null) this.#progress.removeAttribute('value');
    else this.#progress.value = fraction;
    if (!isOver) return;
    this.#words.hidden = task.error_message === null;
    this.#words.textContent = task.error_message ?? '';
    if (!this.#hasResult) this.#end(task);
  }

  /** @param {string} sentence */
  say(sentence) {
    this.#note.textContent = sentence;
  }

  /**
   * The task can no longer be read.
   *
   * @param {string} why
   */
  lose(why) {
    this.element.dataset['state'] = 'failed';
    this.#state.textContent = 'Unknown';
    this.say(why);
    this.#endProgress(true);
  }

  /** @param {boolean} isOver */
  #endProgress(isOver) {
    // The focus would otherwise be lost with the button.
    if (isOver && document.activeElement === this.#cancel) {
      this.element.tabIndex = -1;
      this.element.focus();
    }
    this.#progress.hidden = isOver;
    this.#cancel.hidden = isOver;
  }

  /** @param {Task} task */
  #end(task) {
    this.#hasResult = true;
    if (task.status === 'completed')
      void showResult(this.#result, task).catch((error) => this.#complain(error));
    if (task.status !== 'cancelled') this.element.append(scoresOf(task.task_id));
  }

  async #cancelTask() {
    try {
      await request(`${taskPath(this.#id)}/cancel`, { method: 'POST' });
    } catch (error) {
      this.#complain(error);
    }
  }

  /** @param {unknown} error */
  #complain(error) {
    if (!(error instanceof ApiError)) throw error;
    this.#words.hidden = false;
    this.#words.textContent = error.message;
    announce(error.message);
  }
}

/** @param {Task} task */
function noteOf(task) {
  const { processing_time: time, estimated_completion_time: estimated } = task;
  const parts = {
    pending: () => [place(task.queue_position), attempt(task.attempt), estimate(estimated)],
    processing: () => [stage(task), attempt(task.attempt), estimate(estimated)],
    completed: () => [task.result?.model_used ?? '', time === null ? '' : `in ${span(time)}`],
    failed: () => [],
    cancelled: () => [],
  }[task.status]();
  return [languageName(task.source_language), ...parts].filter(Boolean).join(' · ');
}

/** @param {number | null} before */
function place(before) {
  if (before === null) return 'in the queue';
  return before === 0 ? 'next in the queue' : `${count(before)} before it in the queue`;
}

/** @param {Task} task */
function stage({ progress }) {
  if (progress === null) return 'with the miners';
  return [progress.stage, `${Math.round(progress.fraction * 100)} %`].filter(Boolean).join(' ');
}

/** @param {number} number */
function attempt(number) {
  return number < 2 ? '' : `attempt ${number}`;
}

/** @param {number | null} seconds */
function estimate(seconds) {
  return seconds === null ? '' : `about ${span(seconds)}`;
}
