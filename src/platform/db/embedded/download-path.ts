import { parseEnv } from 'node:util';

/** A machine, in the words of Node; `osRelease` is the content of os-release(5) on Linux. */
export interface Machine {
  platform: string;
  arch: string;
  osRelease: string;
}

/** A build and the first release of its distribution that it runs on. */
type Build = [release: number, build: string];

const RED_HAT: Build[] = [
  [9, 'rhel93'],
  [8, 'rhel8'],
];

/** MongoDB's builds, by distribution; the newest comes first. */
const LINUX_BUILDS: Record<string, Build[]> = {
  amzn: [
    [2023, 'amazon2023'],
    [2, 'amazon2'],
  ],
  arch: [[0, 'ubuntu2204']],
  debian: [[12, 'debian12']],
  fedora: RED_HAT,
  rhel: RED_HAT,
  suse: [[15, 'suse15']],
  ubuntu: [
    [24, 'ubuntu2404'],
    [22, 'ubuntu2204'],
    [20, 'ubuntu2004'],
  ],
};

/** Debian has none for this processor, and this one runs on it. */
const DEBIAN_ON_ARM = 'ubuntu2204';

const PROCESSORS: Record<string, string> = { x64: 'x86_64', arm64: 'aarch64' };

/** The path of a server's archive on MongoDB's download site. @throws Error when there is none for this machine */
export function downloadPath(version: string, { platform, arch, osRelease }: Machine): string {
  const processor = PROCESSORS[arch];
  if (!processor) throw new Error(`MongoDB has no server for ${arch}`);
  switch (platform) {
    case 'linux':
      return `/linux/mongodb-linux-${processor}-${linuxBuild(osRelease, arch)}-${version}.tgz`;
    case 'darwin':
      return `/osx/mongodb-macos-${arch === 'arm64' ? 'arm64' : processor}-${version}.tgz`;
    case 'win32':
      // Windows runs it on either processor.
      return `/windows/mongodb-windows-x86_64-${version}.zip`;
    default:
      throw new Error(`MongoDB has no server for ${platform}`);
  }
}

/** By the distribution itself, or else by the one that it says it is like, whose releases are usually counted alike. */
function linuxBuild(osRelease: string, arch: string): string {
  // A distribution without releases has no VERSION_ID.
  const { ID = 'this Linux', ID_LIKE = '', VERSION_ID = '0' } = parseEnv(osRelease);
  const distribution = [ID, ...ID_LIKE.split(' ')].find((name) => Object.hasOwn(LINUX_BUILDS, name)) ?? '';
  const builds = LINUX_BUILDS[distribution] ?? [];
  const [, build] = builds.find(([release]) => Number.parseFloat(VERSION_ID) >= release) ?? [];
  if (!build) throw new Error(`MongoDB has no server for ${ID} ${VERSION_ID}`);
  return distribution === 'debian' && arch === 'arm64' ? DEBIAN_ON_ARM : build;
}
