/** @import { Task } from './types.js' */
import { ApiError, json, request } from './api.js';
import { readEvents } from './event-stream.js';

/** A browser opens six connections to a server over HTTP/1.1, which all tabs share. */
const MAX_STREAMS = 2;
const POLL_MS = 2_000;
const PLACE_EVERY_MS = 4_000;
const FIRST_RETRY_MS = 500;
const MAX_RETRY_MS = 10_000;

let streams = 0;

/** @param {Task} task */
export function isFinal({ status }) {
  return status === 'completed' || status === 'failed' || status === 'cancelled';
}

/**
 * Tells each state of a task until it is final: by a stream of events while there is a connection to spare,
 * else by asking. A cut stream is taken up again.
 *
 * @param {string} id
 * @param {{ onTask: (task: Task) => void, onLost: () => void }} listener
 * @returns {Promise<void>} when the task is final
 * @throws {ApiError} when the task cannot be read
 */
export async function follow(id, { onTask, onLost }) {
  let retryMs = FIRST_RETRY_MS;
  const told = { isFinal: false };
  /** @param {Task} task */
  const tell = (task) => {
    retryMs = FIRST_RETRY_MS;
    told.isFinal = isFinal(task);
    onTask(task);
  };
  for (;;) {
    const polls = streams >= MAX_STREAMS;
    try {
      if (polls) tell(await json(taskPath(id)));
      else await stream(id, tell);
    } catch (error) {
      if (error instanceof ApiError && !error.isPassing) throw error;
      onLost();
    }
    if (told.isFinal) return;
    await pause(polls ? POLL_MS : retryMs * (0.5 + Math.random()));
    retryMs = Math.min(retryMs * 2, MAX_RETRY_MS);
  }
}

/** @param {string} id */
export function taskPath(id) {
  return `api/v1/tasks/${encodeURIComponent(id)}`;
}

/**
 * @param {string} id
 * @param {(task: Task) => void} onTask
 */
async function stream(id, onTask) {
  const connection = new AbortController();
  let isPending = false;
  const timer = setInterval(() => {
    if (isPending && !document.hidden) void readPlace();
  }, PLACE_EVERY_MS);
  // A task's own events do not tell that those before it moved on.
  const readPlace = async () => {
    const task = await json(taskPath(id)).catch(() => undefined);
    if (isPending && task?.status === 'pending') onTask(task);
  };
  streams += 1;
  try {
    const { body } = await request(`${taskPath(id)}/events`, { signal: connection.signal });
    if (body === null) return;
    for await (const { event, data } of readEvents(body, connection)) {
      if (event !== 'task') continue;
      const task = /** @type {Task} */ (JSON.parse(data));
      isPending = task.status === 'pending';
      onTask(task);
    }
  } finally {
    isPending = false;
    clearInterval(timer);
    streams -= 1;
  }
}

/**
 * @param {number} ms
 * @returns {Promise<void>}
 */
function pause(ms) {
  return new Promise((resolve) => {
    setTimeout(resolve, ms);
  });
}
