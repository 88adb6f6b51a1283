/**
 * Owns which browsers a user has signed in with, and the email about a new one.
 * Must not touch: sessions (`oidc/`), and how attempts are counted (`credentials/`), which asks whether a device is known.
 */
import type { Module } from '../../module.ts';
import { createDevices, type Devices, type DevicesOptions } from './known-devices.ts';

export function knownDevicesModule(options: DevicesOptions): { devices: Devices; module: Module } {
  const devices = createDevices(options);
  const module: Module = {
    name: 'devices',
    removePerson: (userId) => devices.forgetOf([userId]),
    // What ends sessions ends the trust in browsers too: someone else may be using one of them.
    signOutPeople: devices.forgetOf,
  };
  return { devices, module };
}
