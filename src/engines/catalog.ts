import { stat } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { FFMPEG_CURE } from './audio/ffmpeg.js';
import type { Engine, EngineCatalog, MissingEngine } from './engine.js';
import { findExecutable } from './find-executable.js';
import { runProcess } from './run-process.js';
import { lexRankSummarizer } from './summarization/summarize.js';
import { pocketsphinx } from './transcription/pocketsphinx.js';
import { espeakNg, parseEspeakVoices } from './tts/espeak-ng.js';
import { flite, parseFliteVoices } from './tts/flite.js';
import { text2wav } from './tts/text2wav.js';

/** How long an engine may take to list its voices, in milliseconds. */
const PROBE_MS = 10_000;

const MODEL_FOLDERS = ['/usr/share/pocketsphinx/model/en-us', '/usr/local/share/pocketsphinx/model/en-us'];

/**
 * Looks for the engines of this machine, best first: for speech flite, which recognizers understand
 * best but is English alone, then eSpeak, then its copy in npm. Never throws.
 */
export async function findEngines(): Promise<EngineCatalog> {
  const found = await Promise.all([findPocketsphinx(), findFlite(), findEspeak(), findText2wav()]);
  const engines = found.filter((entry): entry is Engine => 'run' in entry);
  const missing = found.filter((entry): entry is MissingEngine => 'cure' in entry);
  return { engines: [...engines, lexRankSummarizer()], missing: [...missing, ...(await missingFfmpeg())] };
}

/** No engine, but what engines lack for some audio. */
async function missingFfmpeg(): Promise<readonly MissingEngine[]> {
  if ((await findExecutable('ffmpeg')) !== undefined) return [];
  return [{ kind: 'transcription', name: 'ffmpeg', cure: `M4A, WebM and other audio: ${FFMPEG_CURE}` }];
}

async function findPocketsphinx(): Promise<Engine | MissingEngine> {
  const executable = await findExecutable('pocketsphinx_batch');
  const modelFolder = await firstModel();
  if (executable !== undefined && modelFolder !== undefined) return pocketsphinx({ executable, modelFolder });
  const what =
    executable === undefined ? 'pocketsphinx_batch is not on PATH' : 'its US English model is not there';
  return {
    kind: 'transcription',
    name: 'pocketsphinx',
    cure: `English transcription: ${what}; apt-get install pocketsphinx pocketsphinx-en-us`,
  };
}

async function firstModel(): Promise<string | undefined> {
  for (const folder of MODEL_FOLDERS) if (await exists(join(folder, 'en-us.lm.bin'))) return folder;
  return undefined;
}

async function findFlite(): Promise<Engine | MissingEngine> {
  const executable = await findExecutable('flite');
  const voices = executable === undefined ? [] : parseFliteVoices(await ask(executable, ['-lv']));
  if (executable !== undefined && voices.length > 0) return flite({ executable, voices });
  return { kind: 'tts', name: 'flite', cure: 'English speech: flite is not on PATH; apt-get install flite' };
}

async function findEspeak(): Promise<Engine | MissingEngine> {
  const executable = await findExecutable('espeak-ng');
  const voices = executable === undefined ? [] : parseEspeakVoices(await ask(executable, ['--voices']));
  if (executable !== undefined && voices.length > 0) return espeakNg({ executable, voices });
  return {
    kind: 'tts',
    name: 'espeak-ng',
    cure: 'Speech in every language: espeak-ng is not on PATH; apt-get install espeak-ng',
  };
}

async function findText2wav(): Promise<Engine | MissingEngine> {
  try {
    await stat(createRequire(import.meta.url).resolve('text2wav'));
    return text2wav();
  } catch {
    return {
      kind: 'tts',
      name: 'text2wav',
      cure: 'Speech without installed programs: the optional package text2wav is not there; npm install text2wav',
    };
  }
}

/** Standard output of a short run; empty when it fails. */
async function ask(file: string, args: readonly string[]): Promise<string> {
  let output = '';
  try {
    await runProcess({
      file,
      args,
      onStdout: (chunk) => (output += chunk.toString('utf8')),
      signal: AbortSignal.timeout(PROBE_MS),
    });
  } catch {
    return '';
  }
  return output;
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}
