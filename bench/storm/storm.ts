import { fork } from 'node:child_process';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { CleanUps } from '../clean-up.ts';
import { createHttp } from '../http.ts';
import { describeMachine, machineFacts } from '../machine.ts';
import { introductionOf, printedSection, writeFiles, type Files, type Section } from '../publication.ts';
import { median, percentile } from '../quantiles.ts';
import { people } from '../sample.ts';
import { firstMessage, stopChild } from '../servers.ts';
import { startCohort } from '../starts.ts';
import { beginProbes, probeDuring, type Probe } from './probes.ts';
import type { Refusals, SignInOutcome } from './sign-ins.ts';

export interface StormOptions extends Files {
  /** Users who sign in at the same time. */
  signIns: number;
  /** How long the probes run alone. */
  seconds: number;
}

const WARM_UP_MS = 2000;

/** Measures what applications notice while many users sign in at once. @throws WrongAnswer */
export async function benchStorm(options: StormOptions, cleanUps: CleanUps): Promise<void> {
  const machine = machineFacts();
  const { ready, product } = await startCohort({ cleanUps });
  const introduction = {
    title: 'Applications while many users sign in at once',
    facts: [describeMachine(machine), `Node ${machine.node}, ${ready.about}`],
  };
  console.log(`${introductionOf(introduction)}\n`);
  const http = createHttp(ready.origin, 8);
  cleanUps.add(http.close);

  const probes = await beginProbes({ http, product, username: people[0]! });
  await probeDuring(probes, sleep(WARM_UP_MS));
  const alone = await probeDuring(probes, sleep(options.seconds * 1000));
  const storm = timed(signInElsewhere(ready.origin, options.signIns, cleanUps));
  const during = await probeDuring(probes, storm);
  const { seconds, result } = await storm;

  const sections = [probesSection({ probes, alone, during }), signInsSection(result, seconds)];
  console.log(sections.map(printedSection).join('\n\n'));
  await writeFiles({ ...introduction, sections }, { machine, alone, during, signIns: result, seconds }, options);
}

/** In a process of its own: what so many browsers do would hold up the probes. */
function signInElsewhere(origin: string, signIns: number, cleanUps: CleanUps): Promise<SignInOutcome[]> {
  const child = fork(join(import.meta.dirname, 'everyone.ts'), [origin, String(signIns)]);
  cleanUps.add(() => stopChild(child));
  return firstMessage(child, 'signing in');
}

async function timed<T>(work: Promise<T>): Promise<{ seconds: number; result: T }> {
  const started = performance.now();
  const result = await work;
  return { seconds: (performance.now() - started) / 1000, result };
}

interface Probed {
  probes: Probe[];
  alone: number[][];
  during: number[][];
}

const HEAD = ['operation', 'alone, p50 ms', 'p99 ms', 'during, p50 ms', 'p99 ms', 'p50', 'p99'];

function probesSection({ probes, alone, during }: Probed): Section {
  const rows = probes.map(({ name }, index) => {
    const before = quantilesOf(alone[index]!);
    const meanwhile = quantilesOf(during[index]!);
    const ratios = meanwhile.map((value, position) => `${(value / before[position]!).toFixed(1)}×`);
    return [name, ...[...before, ...meanwhile].map((value) => value.toFixed(1)), ...ratios];
  });
  const notes = ['One request of each operation at a time, with pauses, alone and during the sign-ins.'];
  return { title: 'What applications notice', table: { head: HEAD, rows }, notes };
}

const quantilesOf = (latencies: number[]): number[] => [median(latencies), percentile(latencies, 0.99)];

function signInsSection(outcomes: SignInOutcome[], seconds: number): Section {
  const times = outcomes.map((outcome) => outcome.seconds);
  const refused = (kind: keyof Refusals, what: string) => {
    const concerned = outcomes.filter((outcome) => outcome[kind] > 0).length;
    const refusals = outcomes.reduce((sum, outcome) => sum + outcome[kind], 0);
    return `${what} of ${concerned} sign-ins was refused with 503 and Retry-After and sent again: ${refusals} times altogether.`;
  };
  const notes = [
    `${outcomes.length} sign-ins at once, from the page to the code, all successful after ${seconds.toFixed(1)} s: ${(outcomes.length / seconds).toFixed(1)} a second.`,
    `From the password to the code, it took ${median(times).toFixed(1)} s in the median, and at most ${Math.max(...times).toFixed(1)} s.`,
    refused('passwords', 'The password'),
    refused('pages', 'A page'),
  ];
  return { title: 'Sign-ins', notes };
}
