import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const KEYS = { ec: ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256'], rsa: ['-newkey', 'rsa:2048'] };

/** A self-signed certificate with its key, as PEM. */
export function makeCertificate(
  subject: string,
  alternative: string,
  keyType: keyof typeof KEYS = 'ec',
): { certificate: string; key: string } {
  const folder = mkdtempSync(join(tmpdir(), 'cohort-certificate-'));
  const certificate = join(folder, 'certificate.pem');
  const key = join(folder, 'key.pem');
  try {
    execFileSync(
      'openssl',
      [
        ...['req', '-x509', ...KEYS[keyType], '-nodes', '-days', '2'],
        ...['-subj', subject, '-addext', `subjectAltName=${alternative}`, '-keyout', key, '-out', certificate],
      ],
      { stdio: 'ignore' },
    );
    return { certificate: readFileSync(certificate, 'utf8'), key: readFileSync(key, 'utf8') };
  } finally {
    rmSync(folder, { recursive: true });
  }
}
