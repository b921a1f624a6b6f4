import { SubmitTaskRequest } from '../../gen/ts/audiosubnet/v1/task_service.js';
import { TaskSpec, type Transcription } from '../../gen/ts/audiosubnet/v1/task.js';
import { priorityToProto } from '../rpc/convert/enums.js';
import { contentToProto } from '../rpc/convert/payload.js';
import type { StoredContent } from './stored-content.js';
import type { Submission } from './submission.js';

/** Audio as a submission carries it. */
export type CarriedAudio =
  | { readonly kind: 'inline'; readonly bytes: Buffer; readonly fileName?: string | undefined }
  | { readonly kind: 'content'; readonly content: StoredContent; readonly fileName?: string | undefined };

/** @param audio of a transcription */
export function submitRequest(
  submission: Submission,
  requestId: string,
  audio: CarriedAudio | undefined,
): SubmitTaskRequest {
  const { language, priority = 'normal', callbackUrl = '' } = submission;
  const task = TaskSpec.fromPartial({
    kind: kindOf(submission, audio),
    language,
    priority: priorityToProto(priority),
    callbackUrl,
  });
  return SubmitTaskRequest.create({ requestId, task });
}

function kindOf(submission: Submission, audio: CarriedAudio | undefined): NonNullable<TaskSpec['kind']> {
  switch (submission.kind) {
    case 'transcription': {
      const { fileName = audio?.fileName ?? '', mediaType = '' } = submission;
      return { $case: 'transcription', value: { audio: audio && audioToProto(audio), fileName, mediaType } };
    }
    case 'tts':
      return { $case: 'tts', value: { text: submission.text, voice: submission.voice ?? '' } };
    case 'summarization': {
      const { text, maxSentences = 0 } = submission;
      return { $case: 'summarization', value: { text, maxSentences } };
    }
  }
}

function audioToProto(audio: CarriedAudio): NonNullable<Transcription['audio']> {
  return audio.kind === 'inline'
    ? { $case: 'inlineAudio', value: audio.bytes }
    : { $case: 'content', value: contentToProto(audio.content) };
}
