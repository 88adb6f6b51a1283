/** The languages that the pages and emails are in. */
export interface Languages {
  /** Language tags (BCP 47); the first is the default. */
  offered: readonly [string, ...string[]];
  /** The first requested language that is available. A regional tag matches its language: `de-AT` by `de` (RFC 4647, section 3.4). */
  choose(wishes: readonly (string | undefined)[]): string | undefined;
}

export function createLanguages(offered: readonly [string, ...string[]]): Languages {
  const known = new Map(offered.map((tag) => [tag.toLowerCase(), tag]));

  function meet(wish: string): string | undefined {
    const subtags = wish.toLowerCase().split('-');
    for (let length = subtags.length; length > 0; length -= 1) {
      const found = known.get(subtags.slice(0, length).join('-'));
      if (found) return found;
    }
    return undefined;
  }

  return {
    offered,
    choose: (wishes) => wishes.flatMap((wish) => (wish && meet(wish)) || []).at(0),
  };
}

/** The name of a language in that language: `Deutsch`. */
export function ownNameOf(tag: string): string {
  return new Intl.DisplayNames([tag], { type: 'language' }).of(tag) ?? tag;
}

export function directionOf(tag: string): 'ltr' | 'rtl' {
  return new Intl.Locale(tag).getTextInfo().direction === 'rtl' ? 'rtl' : 'ltr';
}
