import type { FieldViolation, Reason } from '../domain/errors.js';
import { readQuestion, readReply, writeQuestion, writeReply } from './audio-task.js';

/** What the thread can do. */
export const CODEC = { readQuestion, writeQuestion, readReply, writeReply } as const;
export type Codec = typeof CODEC;

export type CodecCall = {
  readonly [Name in keyof Codec]: { readonly name: Name; readonly args: Parameters<Codec[Name]> };
}[keyof Codec];

export interface ToCodec {
  readonly id: number;
  readonly call: CodecCall;
}

export type FromCodec = { readonly id: number } & (
  | { readonly kind: 'done'; readonly value: ReturnType<Codec[keyof Codec]> }
  | {
      readonly kind: 'refused';
      readonly reason: Reason;
      readonly message: string;
      readonly violations: readonly FieldViolation[];
    }
);

/** @throws Refusal as the function of that name does */
export function runCodec(call: CodecCall): ReturnType<Codec[keyof Codec]> {
  switch (call.name) {
    case 'readQuestion':
      return readQuestion(...call.args);
    case 'writeQuestion':
      return writeQuestion(...call.args);
    case 'readReply':
      return readReply(...call.args);
    case 'writeReply':
      return writeReply(...call.args);
  }
}
