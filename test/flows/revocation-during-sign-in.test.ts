import { ENDINGS } from '../support/endings.ts';
import { describeRevocationDuringSignIn } from './revocation-during-sign-in.ts';

/** One that changes the password, and one that does not; `revocation-during-sign-in.exhaustive.test.ts` has all of them. */
const FEW = ['Password reset by email', 'Sessions ended by a job'];

describe('a sign-in during which the sessions of its user are ended on another node', () => {
  describeRevocationDuringSignIn(ENDINGS.filter(({ name }) => FEW.includes(name)));
});
