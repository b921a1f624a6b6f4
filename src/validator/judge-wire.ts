import type { Policy } from '../domain/score/policy.js';
import type { SpokenReply } from '../engines/listening/speech-ear.js';
import type { JudgeWork, Recording } from './judges.js';

/** What the judges' thread is started with. */
export interface JudgeThreadData {
  readonly policy: Policy;
}

/** One call of the judges' thread, named as the method is. */
export type JudgeCall =
  | { readonly name: 'judge'; readonly argument: JudgeWork }
  | { readonly name: 'hear'; readonly argument: SpokenReply }
  | { readonly name: 'transcribe'; readonly argument: Recording };

export type ToJudges =
  | { readonly kind: 'call'; readonly id: number; readonly call: JudgeCall }
  | { readonly kind: 'cancel'; readonly id: number };

export type FromJudges =
  /** Its turn has come: what it takes counts from here. */
  | { readonly kind: 'began'; readonly id: number }
  | { readonly kind: 'done'; readonly id: number; readonly value: unknown }
  /** It threw; the thread goes on. */
  | { readonly kind: 'failed'; readonly id: number; readonly message: string };
