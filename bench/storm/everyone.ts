import { createHttp } from '../http.ts';
import { cohort } from '../products/cohort.ts';
import { crowd } from '../sample.ts';
import { signInAtOnce } from './sign-ins.ts';

// Signs in so many users of the Cohort at an address, and says how it went.
const [, , origin = '', count = ''] = process.argv;
const http = createHttp(origin, Number(count));
const outcomes = await signInAtOnce({ http, product: cohort }, crowd.slice(0, Number(count)));
process.send!(outcomes);
await http.close();
