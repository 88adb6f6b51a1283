/** Thrown when a page of a list does not hold what it must. */
export class WrongPage extends Error {
  constructor(what: string, why: string) {
    super(`A page of ${what} is not the right one: ${why}.`);
    this.name = 'WrongPage';
  }
}
