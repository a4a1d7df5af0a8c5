// Names in package-lock.json the binaries of every platform. A registry that lacks some of them makes npm leave them out,
// and `npm ci` then refuses the lock file, here and on the machines that need them. Run after `npm install` of a package.
import { readFileSync, writeFileSync } from 'node:fs'

interface Entry {
  readonly version?: string
  readonly dev?: boolean
  readonly license?: string
  readonly optionalDependencies?: Readonly<Record<string, string>>
}

const SYSTEMS = [
  'aix',
  'android',
  'darwin',
  'freebsd',
  'linux',
  'netbsd',
  'openbsd',
  'openharmony',
  'sunos',
  'win32',
]
const PROCESSORS = [
  'arm',
  'arm64',
  'ia32',
  'loong64',
  'mips64el',
  'ppc64',
  'riscv64',
  's390x',
  'wasm32',
  'x64',
]

/** What npm would write, told from the name: such packages are named for the one platform that they are for. */
function platformEntry(name: string, version: string, parent: Entry) {
  const words = name.split(/[-/]/)
  const os = words.filter(word => SYSTEMS.includes(word))
  const cpu = words.filter(word => PROCESSORS.includes(word))
  const libc = words.some(word => word.startsWith('musl'))
    ? ['musl']
    : words.some(word => word.startsWith('gnu'))
      ? ['glibc']
      : []
  return {
    version,
    ...(cpu.length > 0 && { cpu }),
    ...(parent.dev === true && { dev: true }),
    ...(libc.length > 0 && { libc }),
    ...(parent.license !== undefined && { license: parent.license }),
    optional: true,
    ...(os.length > 0 && { os }),
  }
}

const lock = JSON.parse(readFileSync('package-lock.json', 'utf8')) as { packages: Record<string, Entry> }
const { '': root = {}, ...installed } = lock.packages
const packages: Record<string, Entry> = { ...installed }
for (const parent of Object.values(installed)) {
  for (const [name, version] of Object.entries(parent.optionalDependencies ?? {})) {
    // Only exact versions are such binaries; a range is an ordinary package that may be left out.
    if (/^\d/.test(version)) packages[`node_modules/${name}`] ??= platformEntry(name, version, parent)
  }
}
const sorted = Object.entries(packages).toSorted(([a], [b]) => (a < b ? -1 : 1))
writeFileSync(
  'package-lock.json',
  `${JSON.stringify({ ...lock, packages: { '': root, ...Object.fromEntries(sorted) } }, null, 2)}\n`,
)
console.log(`package-lock.json: ${sorted.length - Object.keys(installed).length} platform packages added`)
