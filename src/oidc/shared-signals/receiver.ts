/** What a receiver may do with its streams: read them, or manage them too (CAEP Interoperability Profile 1.0, section 2.5.2). */
export const SIGNAL_SCOPES = ['ssf.read', 'ssf.manage'] as const;
export type SignalScope = (typeof SIGNAL_SCOPES)[number];

/** The audience of the access tokens that receivers manage their streams with. */
export const signalsAudience = (issuer: string): string => `${issuer}/ssf`;
