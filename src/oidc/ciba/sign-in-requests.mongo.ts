import { Schema, trusted, type Connection } from 'mongoose';
import { modelOf } from '../../platform/db/model.mongo.ts';
import type { Encryption } from '../../platform/encryption.ts';
import type { SignInRequest, SignInRequestStore } from './sign-in-request.ts';

interface SignInRequestDocument extends Omit<SignInRequest, 'id' | 'authReqId'> {
  _id: string;
  encrypted: string;
}

const schema = new Schema<SignInRequestDocument>(
  {
    _id: String,
    userId: String,
    clientId: String,
    encrypted: String,
    bindingMessage: String,
    scopes: [String],
    askedAt: Date,
    expiresAt: Date,
  },
  { collection: 'sign_in_requests', versionKey: false },
);
schema.index({ userId: 1, askedAt: -1 });
schema.index({ clientId: 1 });
schema.index({ expiresAt: 1 }, { expireAfterSeconds: 0 });

const purposeOf = (id: string) => `sign_in_request:${id}`;

export function createSignInRequestStore(connection: Connection, encryption: Encryption): SignInRequestStore {
  const Requests = modelOf(connection, 'SignInRequest', schema);
  const open = (userId: string, at: Date) => ({ userId, expiresAt: trusted({ $gt: at }) });

  const toRequest = ({ _id, encrypted, bindingMessage, ...rest }: SignInRequestDocument): SignInRequest => ({
    id: _id,
    ...rest,
    authReqId: encryption.decrypt(purposeOf(_id), encrypted),
    ...(bindingMessage === undefined ? {} : { bindingMessage }),
  });

  return {
    async insert({ id, authReqId, ...request }) {
      await Requests.create({ _id: id, ...request, encrypted: encryption.encrypt(purposeOf(id), authReqId) });
    },

    async list(userId, at) {
      return (await Requests.find(open(userId, at)).sort({ askedAt: -1 }).lean()).map(toRequest);
    },

    async take(userId, id, at) {
      const taken = await Requests.findOneAndDelete({ _id: id, ...open(userId, at) }).lean();
      return taken ? toRequest(taken) : undefined;
    },

    countOpen: (userId, at) => Requests.countDocuments(open(userId, at)),

    async removeOfUser(userId) {
      await Requests.deleteMany({ userId });
    },

    async removeOfApplication(clientId) {
      await Requests.deleteMany({ clientId });
    },
  };
}
