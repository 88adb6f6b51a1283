import type { Contributions, Hooks, Module } from '../directory/module.ts';
import type { ViewModels } from '../platform/view-model.ts';
import { byKind } from '../platform/impact.ts';

/** Collects what modules contribute, and asks all of them what one module wants to know. */
export function createContributions() {
  const modules: Module[] = [];
  let isComplete = false;

  /** Adds a module and returns its service. */
  function add<Service>({ service, module }: { service: Service; module: Module }): Service {
    if (isComplete) throw new Error(`The module ${module.name} was added after the contributions were collected.`);
    modules.push(module);
    return service;
  }

  /** All modules, once the last one was added. From now on contributions can be read, and none can be added. */
  function collect(): Module[] {
    isComplete = true;
    return modules;
  }

  function all(): Module[] {
    if (!isComplete) throw new Error('Contributions were read before all modules were added.');
    return modules;
  }

  return { add, collect, contributions: readableOnce(all), hooks: hooksOf(all) };
}

/** Each list is made when it is first read, and is the same ever after. */
function readableOnce(all: () => Module[]): Contributions {
  const lists: { [Name in keyof Contributions]: () => Contributions[Name] } = {
    scopes: () => Object.assign({}, ...all().map(({ scopes }) => scopes)) as Record<string, string>,
    endpoints: () => all().flatMap(({ endpoints }) => endpoints ?? []),
    pages: () => all().flatMap(({ pages }) => pages ?? []),
    viewModels: () => Object.assign({}, ...all().map(({ viewModels }) => viewModels)) as ViewModels,
    claimSources: () => all().flatMap(({ claimSources }) => claimSources ?? []),
    signInSteps: () => all().flatMap(({ signInSteps }) => signInSteps ?? []),
    signInMethods: () => all().flatMap(({ signInMethods }) => signInMethods ?? []),
    signInLinks: () => all().flatMap(({ signInLinks }) => signInLinks ?? []),
    tasks: () => all().flatMap(({ tasks }) => tasks ?? []),
    jobTypes: () => all().flatMap(({ jobTypes }) => jobTypes ?? []),
  };
  const contributions = {};
  for (const [name, read] of Object.entries(lists)) {
    let list: unknown;
    Object.defineProperty(contributions, name, { enumerable: true, get: () => (list ??= read()) });
  }
  // A cast, because every name of the type is in `lists`.
  return contributions as Contributions;
}

function hooksOf(all: () => Module[]): Hooks {
  return {
    async onDelete(ref) {
      // One after the other, because a transaction takes no two commands at once.
      for (const module of all()) await module.onDelete?.(ref);
    },
    async signOut(userIds) {
      for (const module of all()) await module.onSignOut?.(userIds);
    },
    signOutElsewhere: (session) => theOne(all(), 'signOutElsewhere')(session),
    onSignIn(outcome) {
      for (const module of all()) module.onSignIn?.(outcome);
    },
    async impactOf(ref) {
      const impact = await Promise.all(all().map(async (module) => (await module.impactOf?.(ref)) ?? []));
      return impact.flat().sort(byKind);
    },
    async findWarnings() {
      const found = await Promise.all(all().map(async (module) => (await module.warnings?.()) ?? []));
      return found.flat().filter(({ count }) => count > 0);
    },
    faultOfClient: (metadata) => theOne(all(), 'faultOfClient')(metadata),
    returnToSignIn: (from, username) => theOne(all(), 'returnToSignIn')(from, username),
    access: whenCalled(() => theOne(all(), 'access')),
  };
}

/** What exactly one module contributes. */
export function theOne<Name extends 'access' | 'fallback' | 'faultOfClient' | 'signOutElsewhere' | 'returnToSignIn'>(
  modules: Module[],
  name: Name,
): NonNullable<Module[Name]> {
  const [found, second] = modules.flatMap((module) => (module[name] ? [module] : []));
  if (!found || second) throw new Error(`Exactly one module must contribute ${name}.`);
  return found[name]!;
}

/** The functions of something that is there when they are called, and not yet when they are handed out. */
function whenCalled<T extends object>(find: () => T): T {
  type Functions = Record<string, (...args: unknown[]) => unknown>;
  // Casts, because what is found has nothing but functions.
  return new Proxy({} as T, {
    get:
      (_target, name: string) =>
      (...args: unknown[]) =>
        (find() as unknown as Functions)[name]!(...args),
  });
}
