import { randomInt } from 'node:crypto';

/** One of each is in it, so that it keeps the rules; nothing that looks like something else. */
const KINDS = ['ABCDEFGHJKLMNPQRSTUVWXYZ', 'abcdefghijkmnopqrstuvwxyz', '23456789', '!@#$%*&'];
const LENGTH = 16;

const anyOf = (characters: string) => characters[randomInt(characters.length)]!;

/** A password that nobody has thought of: about 90 random bits. */
export function generatePassword(): string {
  const characters = KINDS.map(anyOf);
  while (characters.length < LENGTH) characters.push(anyOf(KINDS.join('')));
  for (let last = characters.length - 1; last > 0; last -= 1) {
    const other = randomInt(last + 1);
    const moved = characters[last]!;
    characters[last] = characters[other]!;
    characters[other] = moved;
  }
  return characters.join('');
}
