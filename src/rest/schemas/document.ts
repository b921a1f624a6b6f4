/** What the OpenAPI document says besides the routes. */
export const API_DOCUMENT = {
  openapi: '3.0.3',
  info: {
    title: 'audio-subnet',
    description:
      'Transcription, speech and summaries by the miners of a Bittensor subnet. The fields of a request may ' +
      'come as JSON, as a form, as multipart or in the query; the body wins over the query.',
    version: '1',
  },
  tags: [
    { name: 'tasks', description: 'For users' },
    { name: 'validators', description: 'For validators that cannot stream' },
    { name: 'miners', description: 'What validators measured of the miners' },
    { name: 'service', description: 'State of the service' },
  ],
};
