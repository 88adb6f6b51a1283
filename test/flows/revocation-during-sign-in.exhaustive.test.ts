import { ENDINGS } from '../support/endings.ts';
import { describeRevocationDuringSignIn } from './revocation-during-sign-in.ts';

describe('a sign-in during which the sessions of its user are ended on another node, by any event', () => {
  describeRevocationDuringSignIn(ENDINGS);
});
