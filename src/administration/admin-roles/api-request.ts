/** What is about to be called, and with what. */
export interface ApiRequest {
  method: string;
  path: string;
  params: unknown;
  query: unknown;
  body: unknown;
}
