import { downloadPath } from '../../../src/platform/db/embedded/download-path.ts';

const release = (id: string, version: string, like = '') =>
  `NAME="Some Linux"\nID=${id}\nID_LIKE="${like}"\n${version && `VERSION_ID="${version}"\n`}`;

describe("the path of a server on MongoDB's download site", () => {
  it.each([
    ['debian', '12', '', 'debian12'],
    ['debian', '13', '', 'debian12'],
    ['ubuntu', '20.04', 'debian', 'ubuntu2004'],
    ['ubuntu', '22.04', 'debian', 'ubuntu2204'],
    ['ubuntu', '25.10', 'debian', 'ubuntu2404'],
    ['linuxmint', '22.1', 'ubuntu debian', 'ubuntu2204'],
    ['rhel', '8.10', 'fedora', 'rhel8'],
    ['rocky', '9.5', 'rhel centos fedora', 'rhel93'],
    ['fedora', '42', '', 'rhel93'],
    ['amzn', '2', 'centos rhel fedora', 'amazon2'],
    ['amzn', '2023', 'fedora', 'amazon2023'],
    ['opensuse-leap', '15.6', 'suse opensuse', 'suse15'],
    ['manjaro', '', 'arch', 'ubuntu2204'],
  ])('names the build for %s %s', (id, version, like, build) => {
    const machine = { platform: 'linux', arch: 'x64', osRelease: release(id, version, like) };
    expect(downloadPath('8.0.1', machine)).toBe(`/linux/mongodb-linux-x86_64-${build}-8.0.1.tgz`);
  });

  it.each([
    ['linux', 'arm64', '/linux/mongodb-linux-aarch64-ubuntu2204-8.0.1.tgz'],
    ['darwin', 'x64', '/osx/mongodb-macos-x86_64-8.0.1.tgz'],
    ['darwin', 'arm64', '/osx/mongodb-macos-arm64-8.0.1.tgz'],
    ['win32', 'x64', '/windows/mongodb-windows-x86_64-8.0.1.zip'],
  ])('names the build for %s on %s', (platform, arch, path) => {
    expect(downloadPath('8.0.1', { platform, arch, osRelease: release('debian', '12') })).toBe(path);
  });

  it.each([
    ['linux', 'x64', release('alpine', '3.20'), 'alpine 3.20'],
    ['linux', 'x64', release('debian', '11'), 'debian 11'],
    ['linux', 'ppc64', release('debian', '12'), 'ppc64'],
    ['freebsd', 'x64', '', 'freebsd'],
  ])('says that there is none: %s on %s', (platform, arch, osRelease, what) => {
    expect(() => downloadPath('8.0.1', { platform, arch, osRelease })).toThrow(`MongoDB has no server for ${what}`);
  });
});
