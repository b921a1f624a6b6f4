import { loadImage, type Image } from './image.js';
import { createValidation, type Validation } from './validate.js';

/** The contract as every server of a process needs it. */
export interface Contract {
  readonly image: Image;
  readonly validation: Validation;
}

/** Reads the contract and compiles its rules; once, at start (about 250 ms). */
export function loadContract(): Contract {
  const image = loadImage();
  return { image, validation: createValidation(image.registry) };
}
