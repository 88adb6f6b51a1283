import { isError } from '../../platform/errors.ts';
import type { PageReply, ViewReply } from '../../platform/http/form-page.ts';
import { TooManyAttempts } from './password.ts';

/** A form as it is shown again to who has to wait: it says for how many minutes. @throws whatever else `error` is */
export async function showWaiting(
  error: unknown,
  page: (minutes: number) => ViewReply | Promise<ViewReply>,
): Promise<PageReply> {
  if (!isError(error, TooManyAttempts)) throw error;
  const { retryAfter = 60 } = error;
  return { ...(await page(Math.ceil(retryAfter / 60))), status: 429, retryAfter };
}
