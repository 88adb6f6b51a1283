/**
 * Owns which browsers a user has signed in with, and the email about a new one.
 * Must not touch: sessions (`oidc/`), and how attempts are counted (`credentials/`), which asks whether a device is known.
 */
import type { Room } from '../../module.ts';
import { createDevices, type Devices, type DevicesOptions } from './known-devices.ts';

export function devicesRoom(options: DevicesOptions): { devices: Devices; room: Room } {
  const devices = createDevices(options);
  const room: Room = {
    name: 'devices',
    removePerson: (userId) => devices.forgetOf([userId]),
    // What ends sessions ends the trust in browsers too: someone else may be using one of them.
    signOutPeople: devices.forgetOf,
  };
  return { devices, room };
}
