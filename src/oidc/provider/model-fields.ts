/** Has a model of the provider keep more than it knows of. */
export function addFields(Model: { readonly IN_PAYLOAD: string[] }, added: string[]): void {
  const fields = [...Model.IN_PAYLOAD, ...added];
  Object.defineProperty(Model, 'IN_PAYLOAD', { get: () => fields });
}
