import type { Connection, Model, Schema } from 'mongoose';

/** The model of that name on this connection, made when it is first asked for: several stores may share a collection. */
export function modelOf<T>(connection: Connection, name: string, schema: Schema<T>): Model<T> {
  const existing = connection.models[name] as Model<T> | undefined;
  // mongoose infers a narrower type from the schema's literal than its own Model<T> takes.
  return existing ?? (connection.model(name, schema) as unknown as Model<T>);
}
