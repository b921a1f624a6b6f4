import { readFileSync } from 'node:fs';
import { createFileRegistry, fromBinary, type FileRegistry } from '@bufbuild/protobuf';
import { FileDescriptorSetSchema } from '@bufbuild/protobuf/wkt';

/** The contract as descriptors: every proto file with its options and comments. */
export interface Image {
  /** A serialized `google.protobuf.FileDescriptorSet`. */
  readonly bytes: Uint8Array;
  readonly registry: FileRegistry;
}

/** Reads the contract; once, at start. @throws Error when the installation lacks it */
export function loadImage(): Image {
  const bytes = readFileSync(new URL('../../gen/image.binpb', import.meta.url));
  return { bytes, registry: createFileRegistry(fromBinary(FileDescriptorSetSchema, bytes)) };
}
