/** @import { Kind, Submitted } from './types.js' */
import { ApiError, json, upload } from './api.js';
import { byId } from './dom.js';
import { KINDS } from './names.js';
import { RecordButton } from './record-button.js';

const TITLE_LENGTH = 80;

const form = byId('compose', HTMLFormElement);
const file = byId('file', HTMLInputElement);
const text = byId('text', HTMLTextAreaElement);
const language = byId('language', HTMLSelectElement);
const priority = byId('priority', HTMLSelectElement);
const submit = byId('submit', HTMLButtonElement);
const problem = byId('problem', HTMLParagraphElement);
const recording = new RecordButton({
  onRecorded: choose,
  onProblem: (message) => complain(message === '' ? undefined : new ApiError(0, message)),
});

/** @type {Readonly<Record<string, HTMLElement>>} */
const CONTROLS = { audio_file: file, text, source_language: language, priority };

/**
 * The form for new tasks.
 *
 * @param {(task: { id: string, kind: Kind, title: string }) => void} onSubmitted
 */
export function startCompose(onSubmitted) {
  form.addEventListener('change', ({ target }) => {
    if (!(target instanceof HTMLInputElement) || target.name !== 'kind') return;
    showKind();
    // Nobody is recorded behind a form that does not show it.
    void recording.stop();
  });
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    void send(onSubmitted);
  });
  text.addEventListener('keydown', (event) => {
    if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) form.requestSubmit();
  });
  file.addEventListener('change', showPreview);
  takeDrops();
  showKind();
}

/** @returns {Kind} */
function chosenKind() {
  return /** @type {Kind} */ (new FormData(form).get('kind'));
}

function showKind() {
  const kind = chosenKind();
  const isAudio = kind === 'transcription';
  byId('audio-panel', HTMLDivElement).hidden = !isAudio;
  byId('text-panel', HTMLDivElement).hidden = isAudio;
  byId('text-label', HTMLLabelElement).textContent = kind === 'tts' ? 'Text to speak' : 'Text to summarize';
  submit.textContent = KINDS[kind].verb;
  complain(undefined);
}

/** @param {(task: { id: string, kind: Kind, title: string }) => void} onSubmitted */
async function send(onSubmitted) {
  // A disabled button would lose the focus.
  if (submit.getAttribute('aria-disabled') === 'true') return;
  complain(undefined);
  const kind = chosenKind();
  submit.setAttribute('aria-disabled', 'true');
  try {
    await recording.stop();
    const { task_id: id } = kind === 'transcription' ? await sendAudio() : await sendText(kind);
    onSubmitted({ id, kind, title: kind === 'transcription' ? chosenFile().name : titleOf(text.value) });
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    complain(error);
  } finally {
    submit.textContent = KINDS[chosenKind()].verb;
    submit.removeAttribute('aria-disabled');
  }
}

/** @returns {Promise<Submitted>} */
function sendAudio() {
  const fields = new FormData();
  // Those first: the proxy reads a form from its beginning.
  fields.set('source_language', language.value);
  fields.set('priority', priority.value);
  fields.set('audio_file', chosenFile());
  return upload('api/v1/transcription', fields, (share) => {
    submit.textContent = `Sending ${Math.round(share * 100)} %`;
  });
}

/**
 * @param {Exclude<Kind, 'transcription'>} kind
 * @returns {Promise<Submitted>}
 */
function sendText(kind) {
  if (text.value.trim() === '') throw new ApiError(422, 'There is no text yet.', 'text');
  return json(`api/v1/${kind}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({
      text: text.value,
      source_language: language.value,
      priority: priority.value,
    }),
  });
}

/** @returns {File} */
function chosenFile() {
  const chosen = file.files?.[0];
  if (chosen === undefined) throw new ApiError(422, 'Choose a file or record something first.', 'audio_file');
  return chosen;
}

/** @param {string} words */
function titleOf(words) {
  const line = [...words.trim().replace(/\s+/g, ' ')];
  return line.length > TITLE_LENGTH ? `${line.slice(0, TITLE_LENGTH).join('')}…` : line.join('');
}

/**
 * Says what is wrong beside the control that it is about.
 *
 * @param {ApiError | undefined} error nothing is wrong
 */
function complain(error) {
  for (const control of Object.values(CONTROLS)) {
    control.removeAttribute('aria-invalid');
    control.removeAttribute('aria-describedby');
  }
  problem.hidden = error === undefined;
  problem.textContent = error?.message ?? '';
  const control = CONTROLS[error?.field ?? ''];
  control?.setAttribute('aria-invalid', 'true');
  control?.setAttribute('aria-describedby', problem.id);
  control?.focus();
}

function showPreview() {
  const preview = byId('preview', HTMLAudioElement);
  URL.revokeObjectURL(preview.src);
  const chosen = file.files?.[0];
  preview.hidden = chosen === undefined;
  if (chosen === undefined) preview.removeAttribute('src');
  else preview.src = URL.createObjectURL(chosen);
  complain(undefined);
}

/** @param {FileList | File} chosen */
function choose(chosen) {
  if (chosen instanceof FileList) {
    file.files = chosen;
  } else {
    const carrier = new DataTransfer();
    carrier.items.add(chosen);
    file.files = carrier.files;
  }
  showPreview();
}

/** A file that misses the area is taken too: a browser would leave the page for it. */
function takeDrops() {
  const area = byId('drop', HTMLDivElement);
  /** @param {DragEvent} event */
  const hasFile = (event) => event.dataTransfer?.types.includes('Files') === true;
  document.addEventListener('dragover', (event) => {
    if (!hasFile(event)) return;
    event.preventDefault();
    area.classList.add('over');
  });
  document.addEventListener('dragleave', ({ relatedTarget }) => {
    if (relatedTarget === null) area.classList.remove('over');
  });
  document.addEventListener('drop', (event) => {
    area.classList.remove('over');
    const files = event.dataTransfer?.files;
    if (!hasFile(event) || files === undefined) return;
    event.preventDefault();
    const audio = form.querySelector('input[value=transcription]');
    if (audio instanceof HTMLInputElement) audio.checked = true;
    showKind();
    choose(files);
  });
}
