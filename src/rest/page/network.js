/** @import { Integration, Miner, Miners } from './types.js' */
import { ApiError, json } from './api.js';
import { byId, el, fillTable } from './dom.js';
import { count, score, span } from './names.js';

const EVERY_MS = 4_000;
const MAX_MINERS = 100;

const note = byId('network-note', HTMLParagraphElement);
/** @type {ReturnType<typeof setTimeout> | undefined} */
let timer;

/** Shows queue, validators and miners, anew every few seconds while somebody may look. */
export function startNetwork() {
  document.addEventListener('visibilitychange', refreshNetwork);
  refreshNetwork();
}

/** Reads them now; a proxy that wants an API key is not asked again before. */
export function refreshNetwork() {
  clearTimeout(timer);
  if (document.hidden) return;
  void refresh();
}

async function refresh() {
  let goesOn = true;
  try {
    const [integration, { miners, next_page_token: more }] = await Promise.all([
      /** @type {Promise<Integration>} */ (json('api/v1/validator/integration')),
      /** @type {Promise<Miners>} */ (json(`api/v1/miners?limit=${MAX_MINERS}`)),
    ]);
    showIntegration(integration);
    showMiners(miners, more !== null);
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    note.textContent = error.message;
    goesOn = error.isPassing;
    if (error.status === 401) byId('access', HTMLDetailsElement).open = true;
  }
  clearTimeout(timer);
  if (goesOn) timer = setTimeout(refreshNetwork, EVERY_MS);
}

/** @param {Integration} integration */
function showIntegration({ network_info: network, queue_stats: queue, validators }) {
  note.textContent = [
    `Subnet ${network.netuid}`,
    network.network,
    `${count(network.available_miners)} of ${count(network.total_miners)} miners available`,
  ]
    .filter(Boolean)
    .join(' · ');
  /** @type {readonly (readonly [string, number])[]} */
  const counts = [
    ['Waiting', queue.pending_count],
    ['Processing', queue.processing_count],
    ['Done', queue.completed_count],
    ['Failed', queue.failed_count],
  ];
  byId('counts', HTMLDListElement).replaceChildren(
    ...counts.map(([name, number]) => el('div', {}, el('dt', {}, name), el('dd', {}, count(number)))),
  );
  fillTable(byId('validators', HTMLTableElement), {
    heads: ['Hotkey', 'Scoring policy', 'Last report'],
    rows: validators.map(({ hotkey, policy_version: policy, age_seconds: age }) => [
      shortened(hotkey),
      policy ?? '–',
      age === null ? '–' : `${span(Math.max(1, Math.round(age)))} ago`,
    ]),
    empty: 'No validator has reported yet.',
  });
}

/**
 * @param {readonly Miner[]} miners
 * @param {boolean} areMore
 */
function showMiners(miners, areMore) {
  fillTable(byId('miners', HTMLTableElement), {
    heads: ['UID', 'Hotkey', 'Reached', 'Score', 'Transcription', 'Speech', 'Summary'],
    rows: miners.map((miner) => [
      String(miner.uid),
      shortened(miner.hotkey),
      reached(miner),
      scoreCell(mean(miner.observations.map((seen) => seen.score))),
      ...['transcription', 'tts', 'summarization'].map((kind) => score(accuracy(miner, kind))),
    ]),
    empty: 'There are no miners.',
  });
  byId('miners-title', HTMLHeadingElement).textContent = areMore
    ? `Miners, the first ${MAX_MINERS}`
    : 'Miners';
}

/** @param {Miner} miner */
function reached({ observations }) {
  const seen = observations.find(({ reachable }) => reachable);
  if (observations.length === 0) return '–';
  return seen === undefined ? 'no' : `in ${span(seen.latency_seconds)}`;
}

/**
 * Over all validators and languages, by the number of samples.
 *
 * @param {Miner} miner
 * @param {string} kind
 */
function accuracy({ observations }, kind) {
  let samples = 0;
  let sum = 0;
  for (const rating of observations.flatMap(({ ratings }) => ratings)) {
    if (rating.task_type !== kind || rating.accuracy_score === null) continue;
    samples += rating.sample_count;
    sum += rating.accuracy_score * rating.sample_count;
  }
  return samples === 0 ? null : sum / samples;
}

/** @param {readonly (number | null)[]} values */
function mean(values) {
  const known = values.filter((value) => value !== null);
  return known.length === 0 ? null : known.reduce((sum, value) => sum + value, 0) / known.length;
}

/** @param {number | null} value */
function scoreCell(value) {
  if (value === null) return '–';
  const bar = el('meter', { min: 0, max: 1, value, 'aria-label': 'Score' });
  return el('span', { class: 'score' }, score(value), bar);
}

/** @param {string} hotkey */
function shortened(hotkey) {
  return el(
    'code',
    { title: hotkey },
    hotkey.length > 14 ? `${hotkey.slice(0, 6)}…${hotkey.slice(-4)}` : hotkey,
  );
}
