import { InvalidArgumentError } from 'commander';

/** Parses an option that is a whole number. */
export function whole(min: number, max: number) {
  return (value: string): number => {
    const number = Number(value);
    if (Number.isInteger(number) && number >= min && number <= max) return number;
    throw new InvalidArgumentError(`It must be a whole number from ${min} to ${max}.`);
  };
}

/** Parses an option that is a username and a password. */
export function parseCredentials(value: string): { username: string; password: string } {
  const [, username, password] = /^([^:]+):(.+)$/.exec(value) ?? [];
  if (username && password) return { username, password };
  throw new InvalidArgumentError('It must be a username and a password with a colon between them.');
}

/** Parses an option that is a number of seconds or minutes. */
export function positive(value: string): number {
  const number = Number(value);
  if (number > 0 && number <= 3600) return number;
  throw new InvalidArgumentError('It must be a number above 0, and at most 3600.');
}
