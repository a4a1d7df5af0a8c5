import { existsSync } from 'node:fs'
import { cp, mkdtemp, readFile, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** A copy of the example shop that the demo may change. */
export interface DemoProject {
  readonly folder: string
  readonly blueprintFile: string
  /** Makes the sources those of another version; `failureRate` is the share of quotes that it gets wrong. */
  edit(version: string, failureRate: number): Promise<void>
}

/** `adapt` changes the text of its blueprint. */
export async function copyShop(adapt: (blueprint: string) => string | Promise<string>): Promise<DemoProject> {
  const folder = await mkdtemp(join(tmpdir(), 'sluice-demo-'))
  await cp(shopFolder(), folder, { recursive: true })
  const blueprintFile = join(folder, 'sluice.yaml')
  await writeFile(blueprintFile, await adapt(await readFile(blueprintFile, 'utf8')))
  return {
    folder,
    blueprintFile,
    async edit(version, failureRate) {
      const text = `/** What this release calls itself. */\nexport const version = '${version}'\n\n/** Share of quotes that this release gets wrong once it has been used a while. */\nexport const failureRate = ${failureRate}\n`
      await writeFile(join(folder, 'api', 'src', 'version.js'), text)
      await writeFile(join(folder, 'web', 'VERSION'), `${version}\n`)
    },
  }
}

/** Beside the sources, or beside the built program. */
function shopFolder(): string {
  for (let here = dirname(fileURLToPath(import.meta.url)); here !== dirname(here); here = dirname(here)) {
    const candidate = join(here, 'examples', 'shop')
    if (existsSync(join(candidate, 'sluice.yaml'))) return candidate
  }
  throw new Error('the example shop is missing from this installation')
}

/** The ports that the blueprint names are only a wish here: something else may have them. */
export async function withFreePorts(text: string): Promise<string> {
  let changed = text
  for (const [whole, port] of text.matchAll(/port: (\d+)/g)) {
    if (!(await isFree(Number(port)))) changed = changed.replace(whole, `port: ${await freePort()}`)
  }
  return changed
}

function isFree(port: number): Promise<boolean> {
  const probe = createServer()
  return new Promise(resolve => {
    probe.once('error', () => resolve(false))
    probe.listen(port, '127.0.0.1', () => probe.close(() => resolve(true)))
  })
}

function freePort(): Promise<number> {
  const probe = createServer()
  return new Promise((resolve, reject) => {
    probe.once('error', reject)
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address()
      const port = typeof address === 'object' && address !== null ? address.port : 0
      probe.close(() => resolve(port))
    })
  })
}
