import { Readable } from 'node:stream';
import type { FastifyReply } from 'fastify';
import type { Clock } from '../../runtime/clock.js';
import { atMost } from '../../runtime/wait.js';
import type { OpenAiErrorAnswer } from './error-answer.js';

/** Something is written at least so often, so that nobody on the way takes the connection for dead. */
const BEAT_MS = 15_000;
/** A comment; clients skip it. */
const BEAT = ': still at work\n\n';
const DONE = 'data: [DONE]\n\n';

export interface EventWork {
  /** The events, each one object, once there is something to tell. */
  readonly events: Promise<readonly object[]>;
  readonly clock: Clock;
  /** Aborts when the client goes away. */
  readonly gone: AbortSignal;
  /** What the client is told, and the log, when the work fails after the answer has begun. */
  readonly onLateError: (error: unknown) => OpenAiErrorAnswer;
}

/**
 * Answers with server-sent events and `[DONE]`. Work that fails within the first beat is answered with a status, later
 * with an event that clients make an exception of.
 *
 * @throws what the work does, before anything was sent
 */
export async function sendEvents(reply: FastifyReply, work: EventWork): Promise<FastifyReply> {
  const isOver = await withinBeat(work);
  void reply.header('content-type', 'text/event-stream; charset=utf-8').header('cache-control', 'no-store');
  if (isOver) return reply.send(textOf(await work.events));
  return reply.send(Readable.from(beating(work)));
}

async function* beating(work: EventWork): AsyncIterable<string> {
  do yield BEAT;
  while (!(await withinBeat(work).catch(() => true)) && !work.gone.aborted);
  if (work.gone.aborted) return;
  try {
    yield textOf(await work.events);
  } catch (error) {
    yield `${data(work.onLateError(error).body)}${DONE}`;
  }
}

/** Whether the work ended within a beat. @throws what the work does */
async function withinBeat({ events, clock, gone }: EventWork): Promise<boolean> {
  let isOver = false;
  const ended = events.then(() => {
    isOver = true;
  });
  await atMost(clock, BEAT_MS, ended, gone);
  return isOver;
}

function textOf(events: readonly object[]): string {
  return events.map(data).join('') + DONE;
}

function data(event: object): string {
  return `data: ${JSON.stringify(event)}\n\n`;
}
