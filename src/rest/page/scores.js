/** @import { MinerResponse, Responses } from './types.js' */
import { ApiError, json } from './api.js';
import { el } from './dom.js';
import { score, span } from './names.js';

/**
 * How each asked miner did, read when the user wants to see it.
 *
 * @param {string} id of a task that is final
 */
export function scoresOf(id) {
  const place = el('div', {}, el('p', { class: 'note' }, 'Asking…'));
  const details = el('details', { class: 'scores' }, el('summary', {}, 'How the miners did'), place);
  details.addEventListener('toggle', () => {
    if (details.open) void read(id, place);
  });
  return details;
}

/**
 * @param {string} id
 * @param {HTMLElement} place
 */
async function read(id, place) {
  try {
    /** @type {Responses} */
    const { responses } = await json(`api/v1/task/${encodeURIComponent(id)}/responses`);
    place.replaceChildren(
      ...(responses.length === 0
        ? [el('p', { class: 'note' }, 'No miner answered.')]
        : responses.map(responseOf)),
    );
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    place.replaceChildren(el('p', { class: 'note' }, error.message));
  }
}

/** @param {MinerResponse} response */
function responseOf(response) {
  const { miner_uid: uid, accuracy_score: accuracy, speed_score: speed, error_message: error } = response;
  const facts = [
    response.selected ? 'chosen' : '',
    error ?? `after ${span(response.validator_time)}`,
    `accuracy ${score(accuracy)}`,
    `speed ${score(speed)}`,
  ];
  return el(
    'details',
    { class: 'response' },
    el(
      'summary',
      {},
      el('b', {}, uid === null ? response.hotkey : `Miner ${uid}`),
      ' ',
      el('span', { class: 'note' }, facts.filter(Boolean).join(' · ')),
      ' ',
      el('b', { class: 'figure' }, score(response.combined_score)),
    ),
    el('dl', { class: 'parts' }, ...response.parts.flatMap(partOf)),
  );
}

/** @param {MinerResponse['parts'][number]} part */
function partOf({ name, value, explanation }) {
  const title = name.replaceAll('_', ' ');
  return [
    el('dt', {}, title),
    el(
      'dd',
      {},
      ...(value === null ? [] : [el('meter', { min: 0, max: 1, value, 'aria-label': title })]),
      el('span', { class: 'figure' }, score(value)),
      el('span', { class: 'note' }, explanation),
    ),
  ];
}
