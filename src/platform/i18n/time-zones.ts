const ZONES = Intl.supportedValuesOf('timeZone');

/** Every time zone, for somebody to choose theirs; one that goes by another name than the usual stays what it is. */
export const timeZonesWith = (own = ''): string[] => (own && !ZONES.includes(own) ? [own, ...ZONES] : ZONES);
