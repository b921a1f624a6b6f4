import { apiKey, useApiKey } from './api.js';
import { startCompose } from './compose.js';
import { announce, byId } from './dom.js';
import { refreshNetwork, startNetwork } from './network.js';
import { addTask, restoreTasks } from './tasks.js';

startCompose(addTask);
restoreTasks();
startNetwork();

const key = byId('key', HTMLInputElement);
key.value = apiKey();
byId('key-form', HTMLFormElement).addEventListener('submit', (event) => {
  event.preventDefault();
  useApiKey(key.value.trim());
  announce(key.value.trim() === '' ? 'No API key is used.' : 'The API key is used from now on.');
  byId('access', HTMLDetailsElement).open = false;
  byId('access', HTMLDetailsElement).querySelector('summary')?.focus();
  refreshNetwork();
});
