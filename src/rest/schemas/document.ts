/** What the OpenAPI document says besides the routes. */
export const API_DOCUMENT = {
  openapi: '3.0.3',
  info: {
    title: 'audio-subnet',
    description:
      'Transcription, speech and summaries by the miners of a Bittensor subnet. The fields of a request may ' +
      'come as JSON, as a form, as multipart or in the query; the body wins over the query. Once the proxy has ' +
      'API keys, callers see what is theirs alone.',
    version: '1',
  },
  components: {
    securitySchemes: {
      bearer: {
        type: 'http' as const,
        scheme: 'bearer',
        description: 'An API key of `audio-subnet keys create`',
      },
      apiKey: { type: 'apiKey' as const, in: 'header', name: 'X-API-Key', description: 'The same key' },
    },
  },
  tags: [
    { name: 'tasks', description: 'For users' },
    { name: 'content', description: 'Bytes by their SHA-256, for audio that is too large to send in one go' },
    { name: 'validators', description: 'For validators that cannot stream' },
    { name: 'miners', description: 'What validators measured of the miners' },
    { name: 'openai', description: 'The same work for programs that were written for OpenAI' },
    { name: 'service', description: 'State of the service' },
  ],
};
