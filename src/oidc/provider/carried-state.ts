import { Provider, type AdapterPayload } from 'oidc-provider';
import { TOKEN_NAMES, type TokenName } from './self-contained-tokens.ts';
import { isBearer } from './refresh-rotation.ts';
import { addFields } from './model-fields.ts';
import type { TokenStore } from './token-store.ts';

/** A token of the provider, as far as it is changed here. */
interface Token extends AdapterPayload {
  jti: string;
  kind: TokenName;
  grantVersion?: number;
  family?: string;
  isBearer?: boolean;
  remainingTTL: number;
  getValueAndPayload(): Promise<{ value: string; payload?: AdapterPayload }>;
  consume(): Promise<void>;
  destroy(): Promise<void>;
  emit(event: string): void;
}

interface TokenClass {
  IN_PAYLOAD: string[];
  prototype: Token;
}

/** What tokens that carry their own state need of the store. */
export type CarriedTokens = Pick<TokenStore, 'encode' | 'nameStored' | 'prolongGrant' | 'end' | 'redeem' | 'rotate'>;

/** What tokens say besides what the provider puts into them. */
const FIELDS = ['grantVersion', 'family', 'isBearer'];

/**
 * Has tokens and codes carry their own state, just as the provider's JWT access tokens do: a model without a payload is not
 * stored. What can be used once is consumed as the token that it is, for there is no document to mark.
 */
export function carryState(provider: Provider, store: CarriedTokens): void {
  for (const name of TOKEN_NAMES) {
    // A cast, because the types of the models name none of this.
    const Model = provider[name] as unknown as TokenClass;
    addFields(Model, FIELDS);
    const { getValueAndPayload } = Model.prototype;
    Model.prototype.getValueAndPayload = async function () {
      if (name === 'RefreshToken') takeFamily(this);
      const grant = Provider.ctx?.oidc.entities.Grant as { jti?: string; version?: number } | undefined;
      if (grant && grant.jti === this.grantId) this.grantVersion = grant.version ?? 0;
      const made = await getValueAndPayload.call(this);
      if (made.payload === undefined) return made;
      if (this.grantId) await store.prolongGrant(this.grantId, this.remainingTTL);
      const value = store.encode(name, made.payload);
      return value === undefined ? { ...made, value: store.nameStored(name, this.jti) } : { value };
    };
    Model.prototype.destroy = async function () {
      await store.end(name, this);
      this.emit('destroyed');
    };
  }
  countVersions(provider);
  consumes(provider, 'AuthorizationCode', store.redeem);
  consumes(provider, 'RefreshToken', store.rotate);
}

function consumes(provider: Provider, name: TokenName, consume: (token: never) => Promise<void>): void {
  const { prototype } = provider[name] as unknown as TokenClass;
  prototype.consume = async function () {
    await consume(this as never);
    this.emit('consumed');
  };
}

/** A grant says how often it was written, so that who has read one knows which of two is newer. */
function countVersions(provider: Provider): void {
  // A cast, because the types of the models name neither.
  const Grant = provider.Grant as unknown as {
    IN_PAYLOAD: string[];
    prototype: { version?: number; save(...args: unknown[]): Promise<string> };
  };
  addFields(Grant, ['version']);
  const { save } = Grant.prototype;
  Grant.prototype.save = function (...args) {
    this.version = (this.version ?? 0) + 1;
    return save.apply(this, args);
  };
}

/** The next one of a family, or the first of a new one. */
function takeFamily(token: Token): void {
  const { RotatedRefreshToken: before } = Provider.ctx?.oidc.entities ?? {};
  token.family = before ? ((before as unknown as Token).family ?? before.jti) : token.jti;
  token.isBearer = isBearer(Provider.ctx?.oidc.client, token);
}
