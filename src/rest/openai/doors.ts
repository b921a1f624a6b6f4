import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { BridgeClients } from '../clients.js';
import { refuseOtherMethods } from '../other-methods.js';
import { answerErrorsAsOpenAi, openAiError } from './error-answer.js';
import type { TaskWaiting } from './finished-task.js';
import { addChatRoute } from './routes/chat-completions.js';
import { addModelRoutes } from './routes/models.js';
import { addSpeechRoute } from './routes/speech.js';
import { addTranscriptionRoute } from './routes/transcriptions.js';
import { addTranslationRoute } from './routes/translations.js';
import type { SpeechEncoder } from './speech-encoder.js';

export interface DoorDeps extends Pick<TaskWaiting, 'clock' | 'log'> {
  /** The gRPC API as the one who makes a request sees it. */
  readonly clientsOf: (request: FastifyRequest) => BridgeClients;
  readonly encoder: SpeechEncoder;
}

/** Endpoints for programs that were written for OpenAI: the same tasks, answered when they are done. */
export async function addOpenAiDoors(app: FastifyInstance, deps: DoorDeps): Promise<void> {
  await app.register(
    (scope, _options, done) => {
      answerErrorsAsOpenAi(scope, deps.log);
      refuseOtherMethods(
        scope,
        () => {
          addTranscriptionRoute(scope, deps);
          addTranslationRoute(scope);
          addSpeechRoute(scope, deps);
          addChatRoute(scope, deps);
          addModelRoutes(scope, deps);
        },
        {
          notFound: ({ method, url }) => openAiError(404, `There is no ${method} ${pathOf(url)} here`).body,
          notAllowed: ({ method, url }) =>
            openAiError(405, `${method} is not allowed for ${pathOf(url)}`).body,
        },
      );
      done();
    },
    { prefix: '/v1' },
  );
}

function pathOf(url: string): string {
  return url.split('?', 1)[0] ?? '';
}
