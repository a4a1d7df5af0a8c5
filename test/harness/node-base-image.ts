import { execFileSync, spawnSync } from 'node:child_process'
import { accessSync, constants, existsSync, realpathSync } from 'node:fs'
import { readdir, readFile, stat } from 'node:fs/promises'
import { delimiter, dirname, join } from 'node:path'
import { type Pack, pack } from 'tar-stream'
import type { DockerCommand } from './dockerd.ts'

/** What the shell steps of a build may call, as in the slim images: no curl, no compiler, no git. */
const PROGRAMS =
  'awk basename bash cat chgrp chmod chown cp cut date dirname du echo env expr false find getent grep gzip head id ' +
  'install ln ls mkdir mktemp mv nproc printf pwd readlink realpath rm rmdir sed seq sh sleep sort stat tail tar tee ' +
  'test touch tr true uname uniq wc which whoami xargs'

const CA_BUNDLES = [
  '/etc/ssl/certs/ca-certificates.crt',
  '/etc/pki/tls/certs/ca-bundle.crt',
  '/etc/ssl/cert.pem',
]
const CA_IN_IMAGE = '/etc/ssl/certs/ca-certificates.crt'
const PATH_IN_IMAGE = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'

/**
 * Makes an image that stands for `node:24-slim` where no image registry can be reached: the pinned Node, this machine's
 * npm (and corepack), shell, usual programs, certificates and package registry. It has the user `node` (1000), as the
 * original has. The tag is then found locally by a build that begins `FROM` it.
 */
export async function importNodeBase(docker: DockerCommand, tag: string): Promise<void> {
  const settings = imageSettings().flatMap(setting => ['--change', setting])
  const tar = pack()
  const written = writeRootFileSystem(tar).finally(() => tar.finalize())
  // The daemon's own words first: when it refuses, what is written to it fails as well.
  written.catch(() => {})
  const result = await docker(['import', ...settings, '-', tag], { input: tar })
  if (result.code !== 0) throw new Error(`docker import failed: ${result.stderr}`)
  await written
}

function imageSettings(): readonly string[] {
  const asked = execFileSync('npm', ['config', 'get', 'registry'], { stdio: ['ignore', 'pipe', 'ignore'] })
  const registry = asked.toString().trim().replace(/\/$/, '')
  return [
    `ENV PATH=${PATH_IN_IMAGE}`,
    `ENV NODE_VERSION=${process.versions.node}`,
    // Whatever stands between this machine and the registry is trusted by all that runs on Node: npm, corepack, pnpm.
    `ENV NODE_EXTRA_CA_CERTS=${CA_IN_IMAGE}`,
    `ENV npm_config_registry=${registry} COREPACK_NPM_REGISTRY=${registry} YARN_NPM_REGISTRY_SERVER=${registry}`,
    // A registry that mirrors another may not hand its signatures on.
    'ENV COREPACK_INTEGRITY_KEYS=0',
    'CMD ["node"]',
  ]
}

async function writeRootFileSystem(tar: Pack): Promise<void> {
  await writeSkeleton(tar)
  const programs = new Map([['usr/local/bin/node', process.execPath]])
  for (const name of PROGRAMS.split(' ')) {
    const file = onPath(name)
    if (file !== undefined) programs.set(`usr/bin/${name}`, file)
  }
  for (const [name, file] of programs) await writeFile(tar, name, file)
  for (const [name, file] of librariesOf([...programs.values()])) await writeFile(tar, name, file)
  await writePackageManagers(tar)
}

async function writeSkeleton(tar: Pack): Promise<void> {
  const folders = ['usr', 'home', 'etc', 'opt', 'proc', 'root', 'run', 'srv', 'sys', 'dev', 'var']
  for (const name of folders) writeFolder(tar, name)
  for (const name of ['bin', 'sbin', 'lib', 'lib64']) {
    writeFolder(tar, `usr/${name}`)
    tar.entry({ name, type: 'symlink', linkname: `usr/${name}` })
  }
  for (const name of ['tmp', 'var/tmp']) tar.entry({ name, type: 'directory', mode: 0o1777 })
  tar.entry({ name: 'home/node', type: 'directory', uid: 1000, gid: 1000, mode: 0o755 })
  const accounts = (root: string, node: string): string => `root:x:0:${root}\nnode:x:1000:${node}\n`
  writeText(tar, 'etc/passwd', accounts('0:root:/root:/bin/bash', '1000::/home/node:/bin/bash'))
  writeText(tar, 'etc/group', accounts('', ''))
  writeText(tar, 'etc/nsswitch.conf', 'passwd: files\ngroup: files\nhosts: files dns\n')
  const bundle = CA_BUNDLES.find(file => existsSync(file))
  if (bundle !== undefined) await writeFile(tar, CA_IN_IMAGE.slice(1), bundle)
}

async function writePackageManagers(tar: Pack): Promise<void> {
  const npm = realpathSync(onPath('npm') ?? 'npm')
  const modules = join(dirname(npm), '..', '..')
  for (const [name, commands] of [
    ['npm', { npm: 'npm-cli.js', npx: 'npx-cli.js' }],
    ['corepack', { corepack: '../dist/corepack.js' }],
  ] as const) {
    const folder = join(modules, name)
    if (!existsSync(folder)) continue
    await writeTree(tar, `usr/local/lib/node_modules/${name}`, folder)
    for (const [command, script] of Object.entries(commands)) {
      const linkname = join('../lib/node_modules', name, 'bin', script)
      tar.entry({ name: `usr/local/bin/${command}`, type: 'symlink', linkname })
    }
  }
}

async function writeTree(tar: Pack, name: string, folder: string): Promise<void> {
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    const file = join(folder, entry.name)
    if (entry.isDirectory()) await writeTree(tar, `${name}/${entry.name}`, file)
    else if (entry.isFile()) await writeFile(tar, `${name}/${entry.name}`, file)
  }
}

async function writeFile(tar: Pack, name: string, file: string): Promise<void> {
  const { mode } = await stat(file)
  const content = await readFile(file)
  await new Promise<void>((resolve, reject) => {
    tar.entry({ name, mode: mode & 0o755, size: content.length }, content, error =>
      error === null || error === undefined ? resolve() : reject(error),
    )
  })
}

function writeText(tar: Pack, name: string, text: string): void {
  tar.entry({ name, mode: 0o644 }, text)
}

function writeFolder(tar: Pack, name: string): void {
  tar.entry({ name, type: 'directory', mode: 0o755 })
}

function onPath(name: string): string | undefined {
  return [...(process.env['PATH'] ?? '').split(delimiter), '/usr/bin', '/bin']
    .map(folder => join(folder, name))
    .find(file => isExecutable(file))
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK)
    return true
  } catch {
    return false
  }
}

/** What the system's loader would load for these programs, the loader itself included (ldd(1)), by place in the image. */
function librariesOf(programs: readonly string[]): ReadonlyMap<string, string> {
  const found = new Map<string, string>()
  for (const program of programs) {
    // It fails for a script and for a static program, which need nothing.
    const { stdout } = spawnSync('ldd', [program], { encoding: 'utf8' })
    for (const [, library = ''] of stdout.matchAll(/(?:^|\s)(\/\S+) \(0x/gm))
      found.set(inUsr(library), library)
  }
  return found
}

/** The image has `/lib` and the like as links into `/usr`, and a file must not be written through a link. */
function inUsr(file: string): string {
  return file.startsWith('/usr/') ? file.slice(1) : `usr${file}`
}
