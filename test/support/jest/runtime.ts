import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';

const require = createRequire(import.meta.url);

/**
 * Loads test files with Node's own `import`, so that the files of a worker share what has been loaded. jest's runtime loads
 * all of Cohort again for every file, which took longer than the tests of most files. What it offers beyond that, such as
 * module mocks, watching and coverage, does not exist here (`NODE_V8_COVERAGE` does).
 */
export default class NativeRuntime {
  unstable_shouldLoadAsEsm(): boolean {
    return true;
  }

  async unstable_importModule(path: string): Promise<unknown> {
    return import(pathToFileURL(path).href);
  }

  /** What jest's configuration names, such as a resolver of snapshots. */
  requireModule(path: string): unknown {
    return require(path);
  }

  /** jest's test framework, whose state belongs to one file. */
  requireInternalModule(path: string): unknown {
    delete require.cache[path];
    return require(path);
  }

  getSourceMaps(): Map<string, string> {
    return new Map();
  }

  // The rest of what jest calls has nothing to do.
  setGlobalsForRuntime(): void {}
  enterTestCode(): void {}
  leaveTestCode(): void {}
  getAllCoverageInfoCopy(): void {}
  teardown(): void {}
}
