import type { FastifyInstance } from 'fastify';
import { openAiError, sendError } from '../error-answer.js';
import { createTranslation } from '../schemas/doors.js';

const NOT_OFFERED = openAiError(
  404,
  'Nobody here translates. /v1/audio/transcriptions gives the words in the language in which they are spoken',
  { code: 'translation_not_offered' },
);

/**
 * Says that there are no translations. Not even of English, which a translation into English would leave as it is: what is
 * spoken is not detected, and a wrong guess would be answered with nonsense.
 */
export function addTranslationRoute(scope: FastifyInstance): void {
  scope.post('/audio/translations', {
    schema: createTranslation,
    // Before the audio comes.
    onRequest: (_request, reply) => {
      void sendError(reply, NOT_OFFERED);
    },
    handler: () => undefined,
  });
}
