import type { Id } from '../../platform/ids.ts';

/** That a user was told of the end of a membership. */
export interface EndNotice {
  groupId: Id;
  userId: Id;
  /** The end that was told; a membership with another end is told again. */
  until: Date;
}

/** The members whose notices the owners of a group have not been told yet. */
export interface OpenRound {
  round: number;
  /** How many there are. */
  count: number;
  /** The day, as in ISO 8601, on which the owners were last told; empty for never. */
  toldOn: string;
}

export interface EndNoticeStore {
  /** Of these, those that were told already. */
  known(notices: EndNotice[]): Promise<EndNotice[]>;
  /**
   * Joins the caller's transaction. All calls for one group write the same document, so that of two at once one starts again
   * and finds what the other has told.
   */
  add(groupId: Id, notices: EndNotice[]): Promise<void>;
  /** Undefined for a group without notices. */
  openRound(groupId: Id): Promise<OpenRound | undefined>;
  inRound(groupId: Id, round: number, limit: number): Promise<EndNotice[]>;
  /** The owners are told of a round on this day, and the next one begins. Joins the caller's transaction. */
  closeRound(groupId: Id, round: number, day: string): Promise<void>;
  removeOfUser(userId: Id): Promise<void>;
  removeOfGroup(groupId: Id): Promise<void>;
}
