import { setTimeout as sleep } from 'node:timers/promises';
import type { Http, Reply } from '../http.ts';
import type { Site } from '../products/product.ts';
import { signIn } from '../sign-in.ts';

/** How often a request was answered with 503 and Retry-After. */
export interface Refusals {
  /** When the password was sent. */
  passwords: number;
  /** When a page was opened, before the password or after it. */
  pages: number;
}

/** How a sign-in went in which what was refused was tried again. */
export interface SignInOutcome extends Refusals {
  /** From the password to the code. */
  seconds: number;
}

/**
 * All open the page at once, each in a browser of their own, and when the last has it, all send their passwords at once.
 * @throws WrongAnswer at anything but a success or a refusal for now
 */
export function signInAtOnce(site: Site, usernames: readonly string[]): Promise<SignInOutcome[]> {
  const everyone = createBarrier(usernames.length);
  return Promise.all(usernames.map((username) => signInPatiently(site, username, everyone)));
}

async function signInPatiently(
  { http, product }: Site,
  username: string,
  everyone: () => Promise<void>,
): Promise<SignInOutcome> {
  const refusals: Refusals = { passwords: 0, pages: 0 };
  const patientHttp = patient(http, refusals);
  let started = 0;
  const post: Http['post'] = async (path, sent) => {
    await everyone();
    started = performance.now();
    return patientHttp.post(path, sent);
  };
  await signIn({ http: { ...patientHttp, post }, product }, username);
  return { ...refusals, seconds: (performance.now() - started) / 1000 };
}

/** Lets all go on when so many have arrived. */
function createBarrier(count: number): () => Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  let arrived = 0;
  return () => {
    arrived += 1;
    if (arrived >= count) resolve();
    return promise;
  };
}

/** Sends a request again after the time that the server asks for, as its pages ask users to. */
function patient(http: Http, refusals: Refusals): Http {
  async function untilAnswered(kind: keyof Refusals, send: () => Promise<Reply>): Promise<Reply> {
    for (;;) {
      const reply = await send();
      const seconds = secondsToWait(reply);
      if (seconds === undefined) return reply;
      refusals[kind] += 1;
      await sleep(seconds * 1000);
    }
  }
  return {
    ...http,
    get: (path, sent) => untilAnswered('pages', () => http.get(path, sent)),
    post: (path, sent) => untilAnswered('passwords', () => http.post(path, sent)),
  };
}

/** RFC 9110, section 10.2.3; undefined for any other answer than a refusal for now. */
function secondsToWait({ status, headers }: Reply): number | undefined {
  const seconds = Number(headers['retry-after']);
  return status === 503 && seconds > 0 ? seconds : undefined;
}
