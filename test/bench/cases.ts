import * as backlog from './backlog.js';
import * as delivery from './delivery.js';
import * as fanOut from './fan-out.js';
import type { BenchCase } from './figures.js';
import * as life from './life.js';
import * as path from './path.js';
import * as restSubmit from './rest-submit.js';
import * as slowReader from './slow-reader.js';
import * as sqlite from './sqlite.js';
import * as submit from './submit.js';
import * as upload from './upload.js';
import * as watchers from './watchers.js';

/** In the order in which they run: the database of the largest comes last. */
export const CASES: readonly BenchCase[] = [
  sqlite,
  submit,
  life,
  delivery,
  watchers,
  slowReader,
  upload,
  restSubmit,
  path,
  fanOut,
  backlog,
];
