/** That the tokens of a request are ready (OpenID Connect CIBA Core 1.0, section 10.2), for an application that was not reached. */
export interface Ping {
  clientId: string;
  /** `auth_req_id`. */
  authReqId: string;
  /** When the request ends, and with it what the application could fetch. */
  expiresAt: Date;
}

export interface ClaimedPing extends Ping {
  id: string;
  /** 1 for the first retry. */
  attempt: number;
}

/** Pings on their way. Each is forgotten when it was delivered, when it is given up, and in any case when its request ends. */
export interface PingOutbox {
  put(ping: Ping, dueAt: Date): Promise<void>;
  /** The one that is due longest, nobody else's until `until`. */
  claim(now: Date, until: Date): Promise<ClaimedPing | undefined>;
  /** Nothing when someone else has it by now. */
  postpone(ping: ClaimedPing, dueAt: Date): Promise<void>;
  remove(ping: Pick<ClaimedPing, 'id'>): Promise<void>;
  removeOfApplication(clientId: string): Promise<void>;
}
