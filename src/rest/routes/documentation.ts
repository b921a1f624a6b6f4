import type { FastifyInstance } from 'fastify';
import { documentationPage } from '../documentation-page.js';

const PAGE_POLICY = "default-src 'none'; style-src 'unsafe-inline'";

/** The API as a document for programs and as a page for people. */
export function addDocumentationRoutes(app: FastifyInstance): void {
  app.get('/openapi.json', { schema: { summary: 'This document', tags: ['service'] } }, () => app.swagger());
  app.get('/docs', { schema: { summary: 'A page about the API', tags: ['service'] } }, (request, reply) =>
    reply
      .header('content-type', 'text/html; charset=utf-8')
      .header('content-security-policy', PAGE_POLICY)
      .send(documentationPage(app.swagger(), `${request.protocol}://${request.host}`)),
  );
}
