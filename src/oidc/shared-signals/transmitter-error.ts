/** What is wrong with a request to the transmitter, as an HTTP status (SSF 1.0, section 8.1) and in words. */
export class TransmitterError extends Error {
  override name = 'TransmitterError';
  readonly status: number;
  readonly code: string;

  constructor(status: number, code: string, description: string) {
    super(description);
    this.status = status;
    this.code = code;
  }
}
