import { z } from 'zod';
import type { Critique } from '../../domain/score/summary/critique.js';
import { unit } from '../../domain/score/part.js';
import { CriticFailure } from './critic-failure.js';

const Completion = z.object({
  choices: z.array(z.object({ message: z.object({ content: z.string() }) })).min(1),
});
const Verdict = z.strictObject({ faithful: z.number(), complete: z.number() });

/** Reads what a chat server answered; numbers out of range are taken for the nearest in range. @throws CriticFailure */
export function verdictOf(body: string): Critique {
  const completion = Completion.safeParse(json(body, 'its answer is not JSON'));
  if (!completion.success) throw new CriticFailure('its answer is not a chat completion');
  const content = completion.data.choices[0]?.message.content ?? '';
  const unfenced = /^```(?:json)?\s*([^`]*)```$/.exec(content.trim())?.[1] ?? content;
  const wrong = 'its judgement is not the JSON object it was asked for';
  const verdict = Verdict.safeParse(json(unfenced, wrong));
  if (!verdict.success) throw new CriticFailure(wrong);
  return { kind: 'given', faithful: unit(verdict.data.faithful), complete: unit(verdict.data.complete) };
}

function json(text: string, reason: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new CriticFailure(reason, { cause });
  }
}
