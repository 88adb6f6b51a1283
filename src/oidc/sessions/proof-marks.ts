import { Provider, type InteractionResults } from 'oidc-provider';
import { addFields } from '../provider/model-fields.ts';
import type { ProofMark } from '../../directory/users/proof.ts';

/** What rests on a proof of identity, as the provider's models carry it. */
export interface Marked {
  proofMark?: ProofMark | undefined;
}

/** The login of an interaction, with the mark of its proof. */
export type MarkedLogin = NonNullable<InteractionResults['login']> & Marked;

export const loginOf = (result: InteractionResults | undefined): MarkedLogin | undefined => result?.login;

interface ModelClass {
  readonly IN_PAYLOAD: string[];
  prototype: { loginAccount(this: Marked, details: object): void };
}

/**
 * Has sessions and grants carry the mark of the proof that they rest on. The store compares it with the user's whenever it
 * reads one (`adapter.mongo.ts`), so no part of the provider can use one that was ended.
 */
export function carryProofMarks(provider: Provider): void {
  // Casts, because the types of the models name neither.
  const Session = provider.Session as unknown as ModelClass;
  const Grant = provider.Grant as unknown as ModelClass;
  for (const Model of [Session, Grant]) {
    addFields(Model, ['proofMark']);
  }
  const { loginAccount } = Session.prototype;
  Session.prototype.loginAccount = function (details) {
    loginAccount.call(this, details);
    this.proofMark = loginOf(Provider.ctx?.oidc.entities.Interaction?.result)?.proofMark;
  };
}
