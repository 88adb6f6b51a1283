/** How long to wait after so many attempts: twice as long each time up to a limit, and spread, lest all come back at once. */
export function growingPause(attempt: number, { first, most }: { first: number; most: number }): number {
  return Math.min(first * 2 ** (attempt - 1) * (1 + Math.random() / 4), most);
}
