const ZONES = Intl.supportedValuesOf('timeZone');

/** Every time zone that a user can choose. */
export const timeZonesWith = (own = ''): string[] => (own && !ZONES.includes(own) ? [own, ...ZONES] : ZONES);
