import { setTimeout as sleep } from 'node:timers/promises';
import type { CleanUps } from '../clean-up.ts';
import { VITALS } from '../child.ts';
import { createHttp } from '../http.ts';
import { describeMachine, machineFacts } from '../machine.ts';
import { introductionOf, printedSection, writeFiles, type Files } from '../publication.ts';
import { people } from '../sample.ts';
import type { OwnServer } from '../servers.ts';
import { startLastingCohort } from '../starts.ts';
import { createRecorder, type Recorder } from './recorder.ts';
import { describeSample, kindsSection, samplesSection, SAMPLES_HEAD, verdictSection } from './report.ts';
import { takeSample, type Sample } from './samples.ts';
import { adminVisit, clientOf, userVisit, type Visit } from './visits.ts';

export interface SoakOptions extends Files {
  minutes: number;
  /** Users who are active at a time. */
  concurrency: number;
}

/** A sample each minute; of a run of less than ten minutes, ten samples. */
const MOST_MINUTES = 1;
const LEAST_SAMPLES = 10;

const AFTER_FAILURE_MS = 100;

/** Loads one Cohort with everything at once for a long time, and looks at what grows. @throws Error after wrong answers */
export async function benchSoak(options: SoakOptions, cleanUps: CleanUps): Promise<void> {
  const machine = machineFacts();
  const server = await startLastingCohort({ cleanUps });
  const introduction = {
    title: 'One Cohort under a mixed load',
    facts: [
      describeMachine(machine),
      `Node ${machine.node}, ${server.ready.about}`,
      `${options.minutes} minutes, ${options.concurrency} users at a time and a program that changes members`,
    ],
  };
  console.log(`${introductionOf(introduction)}\n`);
  const recorder = createRecorder();
  const samples = await loadAndWatch(server, recorder, { options, cleanUps });
  const sections = [samplesSection(samples), kindsSection(samples), verdictSection(samples, recorder.failures())];
  console.log(`\n${sections.slice(1).map(printedSection).join('\n\n')}`);
  await writeFiles({ ...introduction, sections }, { machine, samples }, options);
  if (recorder.failures().length > 0) throw new Error('There were wrong answers.');
}

interface Run {
  options: SoakOptions;
  cleanUps: CleanUps;
}

async function loadAndWatch(server: OwnServer, recorder: Recorder, { options, cleanUps }: Run): Promise<Sample[]> {
  const http = createHttp(server.ready.origin, options.concurrency + 1);
  cleanUps.add(() => http.close());
  const workers = people.slice(0, options.concurrency).map((username) => ({ http, product: server.product, username }));
  const visits = workers.map((worker, number) => userVisit(worker, clientOf(number), recorder));
  visits.push(adminVisit(workers[0]!, recorder));
  const end = Date.now() + options.minutes * 60_000;
  const load = Promise.all(visits.map((visit) => repeat(visit, end, recorder)));
  const samples = await watch(server, recorder, options.minutes);
  await load;
  return samples;
}

/** A visit that fails is noted, and after a moment the next one begins: at once, failures would keep everything else from running. */
async function repeat(visit: Visit, end: number, recorder: Recorder): Promise<void> {
  while (Date.now() < end)
    await visit().catch((error: unknown) => {
      recorder.fail(error);
      return sleep(AFTER_FAILURE_MS);
    });
}

async function watch(server: OwnServer, recorder: Recorder, minutes: number): Promise<Sample[]> {
  const interval = Math.min(MOST_MINUTES, minutes / LEAST_SAMPLES);
  const samples: Sample[] = [];
  // It watches from now on.
  await server.order(VITALS);
  console.log(SAMPLES_HEAD.join(', '));
  for (let minute = interval; minute <= minutes * 1.001; minute += interval) {
    await sleep(interval * 60_000);
    const sample = await takeSample(server, minute, recorder.take());
    samples.push(sample);
    console.log(describeSample(sample).join(', '));
  }
  return samples;
}
