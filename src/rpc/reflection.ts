import type { DescFile } from '@bufbuild/protobuf';
import { BinaryReader } from '@bufbuild/protobuf/wire';
import { status as Code } from '@grpc/grpc-js';
import type {
  ServerReflectionRequest,
  ServerReflectionResponse,
} from '../../gen/ts/grpc/reflection/v1/reflection.js';
import type { BidiHandler } from './call.js';
import type { Image } from './image.js';

type Question = NonNullable<ServerReflectionRequest['messageRequest']>;
type Answer = NonNullable<ServerReflectionResponse['messageResponse']>;

/**
 * Tells generic clients such as grpcurl what a server offers. Files go out as they are in the image,
 * so that options and comments survive, each with all the files it imports, so that one answer is enough.
 *
 * @param services full names; all of them must be in the image
 */
export function createReflection(
  image: Image,
  services: readonly string[],
): BidiHandler<ServerReflectionRequest, ServerReflectionResponse> {
  const answer = createAnswers(image, services);
  return async (requests, sink) => {
    for await (const { message } of requests) {
      await sink.write({
        validHost: message.host,
        originalRequest: message,
        messageResponse: answer(message.messageRequest),
      });
    }
  };
}

function createAnswers(image: Image, services: readonly string[]): (question?: Question) => Answer {
  const { registry } = image;
  const rawFiles = rawFilesByName(image);
  const files = (file: DescFile | undefined, asked: string): Answer => {
    if (file === undefined) return notFound(asked);
    const names = [...closure(file)].map(({ proto }) => proto.name);
    const fileDescriptorProto = names.flatMap((name) => rawFiles.get(name) ?? []);
    return { $case: 'fileDescriptorResponse', value: { fileDescriptorProto } };
  };
  const extensionsOf = (typeName: string) =>
    [...registry]
      .filter((type) => type.kind === 'extension')
      .filter(({ extendee }) => extendee.typeName === typeName);

  return (question) => {
    switch (question?.$case) {
      case 'listServices':
        return { $case: 'listServicesResponse', value: { service: services.map((name) => ({ name })) } };
      case 'fileByFilename':
        return files(
          [...registry.files].find(({ proto }) => proto.name === question.value),
          question.value,
        );
      case 'fileContainingSymbol':
        return files(fileOfSymbol(image, question.value), question.value);
      case 'fileContainingExtension': {
        const { containingType, extensionNumber } = question.value;
        const extension = extensionsOf(containingType).find(({ number }) => number === extensionNumber);
        return files(extension?.file, `${containingType}:${extensionNumber}`);
      }
      case 'allExtensionNumbersOfType': {
        const baseTypeName = question.value;
        if (registry.getMessage(baseTypeName) === undefined) return notFound(baseTypeName);
        const extensionNumber = extensionsOf(baseTypeName).map(({ number }) => number);
        return { $case: 'allExtensionNumbersResponse', value: { baseTypeName, extensionNumber } };
      }
      case undefined:
        return error(Code.INVALID_ARGUMENT, 'nothing was asked');
    }
  };
}

/** Methods, fields and enum values are found through the type they belong to. */
function fileOfSymbol({ registry }: Image, symbol: string): DescFile | undefined {
  const parent = symbol.slice(0, Math.max(0, symbol.lastIndexOf('.')));
  return (registry.get(symbol) ?? registry.get(parent))?.file;
}

/** Imports before the files that need them. */
function closure(file: DescFile, seen = new Set<DescFile>()): ReadonlySet<DescFile> {
  for (const dependency of file.dependencies) if (!seen.has(dependency)) closure(dependency, seen);
  return seen.add(file);
}

/** The image is a FileDescriptorSet: its files are field 1. */
function rawFilesByName({ bytes }: Image): ReadonlyMap<string, Buffer> {
  const raw: Buffer[] = [];
  const reader = new BinaryReader(bytes);
  while (reader.pos < reader.len) {
    const [field, wireType] = reader.tag();
    if (field === 1) raw.push(Buffer.from(reader.bytes()));
    else reader.skip(wireType, field);
  }
  return new Map(raw.map((file) => [nameOf(file), file]));
}

/** `google.protobuf.FileDescriptorProto.name` is field 1. */
function nameOf(file: Uint8Array): string {
  const reader = new BinaryReader(file);
  while (reader.pos < reader.len) {
    const [field, wireType] = reader.tag();
    if (field === 1) return reader.string();
    reader.skip(wireType, field);
  }
  return '';
}

function notFound(asked: string): Answer {
  return error(Code.NOT_FOUND, `the contract has no ${asked}`);
}

function error(errorCode: Code, errorMessage: string): Answer {
  return { $case: 'errorResponse', value: { errorCode, errorMessage } };
}
