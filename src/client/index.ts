export type { AudioSource } from './audio-source.js';
export type { AudioSubnetClient, CallOptions, ClientOptions, ListFilter, UploadOptions } from './client.js';
export { AudioSubnetError, TaskEndedError, type ErrorReason, type FieldViolation } from './error.js';
export { createClient } from './create-client.js';
export type { AudioResult, Result, TextResult } from './result.js';
export type {
  SpeechSubmission,
  Submission,
  SummarySubmission,
  TranscriptionSubmission,
} from './submission.js';
export type { Task } from './task.js';
export type { StoredContent, UploadProgress } from './stored-content.js';
