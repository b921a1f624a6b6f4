/** @import { Task, TaskResult } from './types.js' */
import { request } from './api.js';
import { announce, button, el, save } from './dom.js';
import { taskPath } from './follow.js';

/**
 * The result of a task, to read or to hear, and to take away.
 *
 * @param {HTMLElement} place
 * @param {Task} task completed
 */
export async function showResult(place, task) {
  const { result } = task;
  if (result === null) return;
  if (task.task_type === 'tts') await showSpeech(place, task.task_id, result);
  else await showText(place, task, result);
}

/**
 * @param {HTMLElement} place
 * @param {string} id
 * @param {TaskResult} result
 */
async function showSpeech(place, id, { output_url: url }) {
  // A player's own request would carry no API key.
  const response = await request(relative(url));
  const speech = await response.blob();
  const name =
    /filename="([^"]+)"/.exec(response.headers.get('content-disposition') ?? '')?.[1] ?? `${id}.wav`;
  place.replaceChildren(
    el('audio', { controls: true, src: URL.createObjectURL(speech), 'aria-label': 'Result' }),
    el(
      'div',
      { class: 'row' },
      button('Download', () => save(speech, name)),
    ),
  );
}

/**
 * @param {HTMLElement} place
 * @param {Task} task
 * @param {TaskResult} result
 */
async function showText(place, { task_id: id, source_language: language, task_type: kind }, result) {
  const text = result.text ?? (await (await request(relative(result.output_url))).text());
  const words = el('p', { class: 'text', dir: 'auto', lang: language }, text);
  const subtitles = (result.segments ?? []).length > 0 ? ['srt', 'vtt'] : [];
  place.replaceChildren(
    words,
    el(
      'div',
      { class: 'row' },
      button('Copy', () => void copy(text, words)),
      button('Download', () => save(new Blob([text], { type: 'text/plain' }), `${kind}-${id}.txt`)),
      ...subtitles.map((format) => button(`Subtitles .${format}`, () => void saveSubtitles(id, format))),
    ),
  );
}

/**
 * @param {string} id
 * @param {string} format
 */
async function saveSubtitles(id, format) {
  const response = await request(`${taskPath(id)}/result?format=${format}`);
  save(await response.blob(), `${id}.${format}`);
}

/**
 * @param {string} text
 * @param {HTMLElement} words where it stands
 */
async function copy(text, words) {
  try {
    await navigator.clipboard.writeText(text);
    announce('Copied.');
  } catch {
    // Over plain http from another machine there is no clipboard, elsewhere it may be refused.
    document.getSelection()?.selectAllChildren(words);
    announce('Selected, ready to be copied.');
  }
}

/**
 * The page may be served below a path of another server.
 *
 * @param {string} url of the API: absolute, or from the root
 */
function relative(url) {
  return new URL(url, location.origin).pathname.replace(/^\//, '') + new URL(url, location.origin).search;
}
