/**
 * Owns which browsers a user has signed in with, and the email about a new one.
 * Must not touch: sessions (`oidc/`), and how attempts are counted (`credentials/`), which asks whether a device is known.
 */
import type { Module, Platform } from '../../directory/module.ts';
import type { Mail } from '../../platform/mail/mail.ts';
import { createDeviceStore } from './known-devices.mongo.ts';
import { createDevices, type Devices } from './known-devices.ts';

export function createKnownDevicesModule(
  { config, connection, transact, now }: Platform,
  { mail }: { mail: Pick<Mail, 'post'> },
): { service: Devices; module: Module } {
  const { issuer } = config;
  const devices = createDevices({ store: createDeviceStore(connection), post: mail.post, transact, now, issuer });
  return {
    service: devices,
    module: {
      name: 'devices',
      async onDelete({ kind, id }) {
        if (kind === 'user') await devices.forgetOf([id]);
      },
      // What ends sessions ends the trust in browsers too: someone else may be using one of them.
      onSignOut: devices.forgetOf,
    },
  };
}
