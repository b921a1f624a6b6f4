import { answers, failures } from './errors.js';
import { integer, object, text } from './json.js';

const params = object({ sha256: text('SHA-256 of the bytes, 64 hexadecimal digits') });
const tags = ['content'];

const uploadHeaders = object({
  'upload-offset': integer('Where the first byte of the body stands', { minimum: 0 }),
  'upload-length': integer('Bytes of the whole content', { minimum: 1 }),
});

export const headContent = {
  summary:
    'Ask how far an upload is: 204 with Upload-Offset, or 200 with Upload-Complete: ?1 when all is there',
  tags,
  params,
  response: answers(text('Nothing'), 404, 422),
};

export const readContent = {
  summary: 'Fetch uploaded bytes, whole or a Range of them',
  tags,
  params,
  headers: object({ range: text('One range, such as bytes=0-1023') }, ['range']),
  produces: ['application/octet-stream'],
  response: answers(text('The bytes', { format: 'binary' }), 404, 416, 422),
};

export const uploadContent = {
  summary: 'Upload bytes, or the rest of them from an offset; the answer says how far it is',
  tags,
  params,
  headers: uploadHeaders,
  consumes: ['application/offset+octet-stream'],
  body: text('The bytes', { format: 'binary' }),
  response: {
    204: { description: 'Stored; Upload-Complete: ?1 when nothing is missing', type: 'null' },
    ...failures(400, 404, 409, 413, 415, 422, 507),
  },
};
