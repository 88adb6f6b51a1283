import { encode } from 'uqr';
import type { TotpOffer } from './totp.ts';

/** A QR code as one path of squares, for an SVG of `size` by `size` with the quiet zone that scanners want. */
function qrCode(text: string): { size: number; path: string } {
  const { size, data } = encode(text, { ecc: 'M', border: 4 });
  const path = data.flatMap((row, y) => row.flatMap((isDark, x) => (isDark ? `M${x} ${y}h1v1h-1z` : []))).join('');
  return { size, path };
}

/** What the page of an authenticator app shows. */
export const presentOffer = (offer: TotpOffer) => ({ ...offer, qrCode: qrCode(offer.uri) });
