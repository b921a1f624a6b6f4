import { readFile, writeFile } from 'node:fs/promises';
import { decodeAudio } from '../audio/decode.js';
import type { RecordingJob } from './make-recording.js';
import { fillOf, record, type RecordingPlan } from './recording.js';
import { messageOf } from '../../runtime/message-of.js';

/*
 * Arguments: files with the job and the speech, file for the recording, the fill above which none is made. Prints
 * the fill.
 */

async function main([jobFile, speechFile, recordingFile, maxFill]: readonly string[]): Promise<void> {
  if (jobFile === undefined || speechFile === undefined || recordingFile === undefined)
    throw new Error('needs three files');
  const job = JSON.parse(await readFile(jobFile, 'utf8')) as RecordingJob;
  const head = Buffer.from(job.form.head, 'base64');
  const tail = Buffer.from(job.form.tail, 'base64');
  const plan: RecordingPlan = { ...job, form: { ...job.form, head, tail } };
  const speech = await decodeAudio(await readFile(speechFile), new AbortController().signal);
  const fill = fillOf(speech, plan);
  // Noise need not be secret.
  if (fill <= Number(maxFill)) await writeFile(recordingFile, record(speech, plan, Math.random));
  process.stdout.write(String(fill));
}

main(process.argv.slice(2)).catch((error: unknown) => {
  process.stderr.write(`${messageOf(error)}\n`);
  process.exitCode = 1;
});
