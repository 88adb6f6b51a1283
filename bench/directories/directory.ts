/** Groups and their members as a program of an administrator sees them, with a token of its own. */
export interface Directory {
  /** A new group, by its id. */
  createGroup(): Promise<string>;
  addMember(groupId: string, userId: string): Promise<void>;
  /** The ids of all members of the crowded group. */
  crowd(): Promise<string[]>;
  /** Prepares for pages from anywhere in the crowded group, and returns what reads one and counts its members. */
  randomPages(length: number): Promise<() => Promise<number>>;
}
