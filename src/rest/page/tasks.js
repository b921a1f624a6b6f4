/** @import { Kind, Task } from './types.js' */
import { ApiError } from './api.js';
import { announce, byId } from './dom.js';
import { follow } from './follow.js';
import { KINDS, STATES } from './names.js';
import { TaskCard } from './task-card.js';

/** @typedef {{ id: string, kind: Kind, title: string }} NamedTask */

const KEPT = 'audio-subnet.tasks';
const MAX_KEPT = 20;

/** Shows the tasks of this tab again, after a reload. */
export function restoreTasks() {
  for (const task of keptTasks().reverse()) show(task);
}

/** @param {NamedTask} task */
export function addTask(task) {
  sessionStorage.setItem(KEPT, JSON.stringify([task, ...keptTasks()].slice(0, MAX_KEPT)));
  announce(`${KINDS[task.kind].title} sent.`);
  show(task);
}

/** @returns {NamedTask[]} newest first */
function keptTasks() {
  return /** @type {NamedTask[]} */ (JSON.parse(sessionStorage.getItem(KEPT) ?? '[]'));
}

/** @param {NamedTask} named */
function show(named) {
  const card = new TaskCard(named);
  byId('no-tasks', HTMLParagraphElement).hidden = true;
  byId('tasks', HTMLUListElement).prepend(card.element);
  let status = '';
  /** @param {Task} task */
  const onTask = (task) => {
    card.show(task);
    if (task.status !== status && status !== '') announce(`${named.title}: ${STATES[task.status]}.`);
    status = task.status;
  };
  follow(named.id, {
    onTask,
    onLost: () => {
      card.say('The connection was lost, trying again…');
    },
  }).catch((/** @type {unknown} */ error) => {
    if (!(error instanceof ApiError)) throw error;
    card.lose(error.message);
  });
}
