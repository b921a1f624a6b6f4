import { finished } from 'node:stream/promises';
import type { MultipartFile } from '@fastify/multipart';
import type { FastifyRequest } from 'fastify';
import { Refusal } from '../../domain/errors.js';
import { InvalidRequest } from '../invalid-request.js';

/** Fields of one form, and their bytes in all, which are held in memory. */
const MAX_FORM_FIELDS = 64;

/** Reads one file part; the next part comes when the promise resolves. */
export type OnFile = (file: MultipartFile) => Promise<void>;

/**
 * Reads a multipart body part by part and gives the plain fields; one whose name ends in `[]` is a list. Files go to `onFile` as they come,
 * those that it does not name are skipped.
 *
 * @throws Refusal MALFORMED_MESSAGE when the body is no multipart or ends too early
 */
export async function readMultipart(
  request: FastifyRequest,
  onFile: Readonly<Record<string, OnFile>>,
): Promise<Record<string, unknown>> {
  const fields: Record<string, unknown> = {};
  let length = 0;
  try {
    for await (const part of request.parts({ limits: limits(request), isPartAFile: isFile(onFile) })) {
      if (part.type === 'file') await (onFile[part.fieldname] ?? skip)(part);
      else if (part.valueTruncated) throw tooLong(part.fieldname);
      else {
        length += typeof part.value === 'string' ? part.value.length : 0;
        if (length > request.routeOptions.bodyLimit) throw tooLong(part.fieldname);
        fields[part.fieldname] = part.fieldname.endsWith('[]')
          ? [...listOf(fields[part.fieldname]), part.value]
          : part.value;
      }
    }
  } catch (error) {
    throw asRefusal(error);
  }
  return fields;
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

/** A field may be as long as a whole body of the route; files are bounded by who takes them. */
function limits(request: FastifyRequest) {
  return {
    fields: MAX_FORM_FIELDS,
    parts: 2 * MAX_FORM_FIELDS,
    fieldSize: request.routeOptions.bodyLimit,
    fileSize: Infinity,
  };
}

/** A part named like a file is one, with or without a file name. */
function isFile(onFile: Readonly<Record<string, OnFile>>) {
  return (name: string | undefined, _mediaType: string | undefined, fileName: string | undefined) =>
    fileName !== undefined || (name !== undefined && Object.hasOwn(onFile, name));
}

async function skip({ file }: MultipartFile): Promise<void> {
  file.resume();
  await finished(file);
}

function tooLong(name: string): Refusal {
  return new Refusal('MESSAGE_TOO_LARGE', `the form field ${name} is too long`, {
    metadata: { field: name },
  });
}

function asRefusal(error: unknown): unknown {
  if (error instanceof Refusal || error instanceof InvalidRequest) return error;
  if (error instanceof Error && 'statusCode' in error) return error;
  const message = error instanceof Error ? error.message : 'unreadable';
  return new Refusal('MALFORMED_MESSAGE', `the multipart body is broken: ${message}`, { cause: error });
}
