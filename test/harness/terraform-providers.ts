import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises'
import { homedir } from 'node:os'
import { delimiter, join } from 'node:path'
import { promisify } from 'node:util'

const AWS = join('registry.terraform.io', 'hashicorp', 'aws')

/** What the modules of this project ask for. */
const REQUIREMENTS = `terraform {
  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = "~> 5.100"
    }
  }
}
`

let file: Promise<string> | undefined

/** Terraform's own settings for this process: where providers come from. Written once. */
export function providerConfiguration(): Promise<string> {
  file ??= write()
  return file
}

async function write(): Promise<string> {
  const mirror = knownMirror() ?? (await downloaded())
  // From an unpacked mirror a provider is linked; from the registry each folder would get its own 700 MB.
  const text = `provider_installation {\n  filesystem_mirror {\n    path = ${JSON.stringify(mirror)}\n  }\n}\n`
  const name = createHash('sha256').update(text).digest('hex').slice(0, 12)
  await mkdir(cache(), { recursive: true })
  const path = join(cache(), `terraformrc-${name}`)
  // One name for one content, put in its place as a whole: several processes may do it at a time.
  await writeFile(`${path}-${process.pid}`, text)
  await rename(`${path}-${process.pid}`, path)
  return path
}

function cache(): string {
  return join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'sluice')
}

/** A folder on this machine that has the provider: the one that is set, or one where Terraform itself would look. */
function knownMirror(): string | undefined {
  const set = process.env['SLUICE_TERRAFORM_MIRROR']
  if (set !== undefined) return set
  const data = process.env['XDG_DATA_HOME'] ?? join(homedir(), '.local', 'share')
  const shared = (process.env['XDG_DATA_DIRS'] ?? '/usr/local/share:/usr/share').split(delimiter)
  const folders = [
    '/opt/tf-plugins',
    join(homedir(), '.terraform.d', 'plugins'),
    ...[data, ...shared].map(each => join(each, 'terraform', 'plugins')),
  ]
  return folders.find(folder => existsSync(join(folder, AWS)))
}

/** A mirror in the user's cache, filled from the public registry the first time. */
async function downloaded(): Promise<string> {
  const mirror = join(cache(), 'terraform-providers')
  if (existsSync(join(mirror, AWS))) return mirror
  await mkdir(cache(), { recursive: true })
  const folder = await mkdtemp(join(cache(), 'terraform-download-'))
  try {
    await writeFile(join(folder, 'versions.tf'), REQUIREMENTS)
    await promisify(execFile)('terraform', ['init', '-input=false', '-no-color'], { cwd: folder })
    // Whoever is first wins: a test file that downloaded at the same time uses what is there.
    await rename(join(folder, '.terraform', 'providers'), mirror).catch((error: NodeJS.ErrnoException) => {
      if (!existsSync(join(mirror, AWS))) throw error
    })
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
  return mirror
}
