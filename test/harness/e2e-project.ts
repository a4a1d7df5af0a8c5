import { cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const APP = new URL('e2e-app', import.meta.url)

/** How every environment of the project rolls a release out. */
export interface ProjectRollout {
  readonly steps: readonly number[]
  readonly bakeSeconds: number
  readonly minimumRequests: number
  readonly approve: boolean
}

export interface ProjectOptions {
  readonly environments: readonly string[]
  readonly replicas: number
  readonly rollout: Partial<ProjectRollout>
  /** Where its folder is made; the system's temporary folder without it. */
  readonly parent?: string
}

/** A project of one small service in a folder of its own. */
export interface E2eProject {
  readonly folder: string
  readonly blueprintFile: string
  /** Where users reach each environment. */
  readonly origins: Readonly<Record<string, string>>
  /** Makes the sources those of another version; a broken one answers users with 500 and passes its checks. */
  edit(version: string, quality: 'good' | 'broken'): Promise<void>
}

export async function createProject(options: ProjectOptions): Promise<E2eProject> {
  const folder = await mkdtemp(join(options.parent ?? tmpdir(), 'sluice-e2e-'))
  const app = join(folder, 'app')
  await mkdir(app)
  await cp(APP, app, { recursive: true })
  const numbers = await freePorts(options.environments.length)
  const ports = options.environments.map((name, index) => [name, numbers[index] ?? 0] as const)
  const blueprintFile = join(folder, 'sluice.yaml')
  await writeFile(blueprintFile, blueprint(options, ports))
  return {
    folder,
    blueprintFile,
    origins: Object.fromEntries(ports.map(([name, port]) => [name, `http://127.0.0.1:${port}`])),
    async edit(version, quality) {
      await writeFile(join(app, 'VERSION'), version)
      if (quality === 'broken') await writeFile(join(app, 'BROKEN'), '')
      else await rm(join(app, 'BROKEN'), { force: true })
    },
  }
}

type Ports = readonly (readonly [environment: string, port: number])[]

function blueprint({ replicas, rollout }: ProjectOptions, ports: Ports): string {
  const { steps = [100], bakeSeconds = 0, minimumRequests = 0, approve = false } = rollout
  const environments = ports.map(
    ([name, port]) => `  ${name}:
    tier: development
    local: { port: ${port} }
    defaults:
      replicas: ${replicas}
      rollout:
        steps: [${steps.join(', ')}]
        bake: ${bakeSeconds}s
        standby: 60s
        approve: ${approve}
        analysis: { window: 5s, minimumRequests: ${minimumRequests}, comparison: false }`,
  )
  return `project: e2e
services:
  app:
    build: ./app
    command: node main.mjs
    ingress: true
    grace: 20s
environments:
${environments.join('\n')}
`
}

/** Ports of this machine that nobody listens on. */
export async function freePorts(count: number): Promise<readonly number[]> {
  const found = new Set<number>()
  while (found.size < count) found.add(await freePort())
  return [...found]
}

/** Below the range that systems take ports of outgoing connections from: nobody gets it between here and its use. */
async function freePort(): Promise<number> {
  for (;;) {
    const port = 15_000 + Math.floor(Math.random() * 15_000)
    if (await isFree(port)) return port
  }
}

function isFree(port: number): Promise<boolean> {
  const probe = createServer()
  return new Promise(resolve => {
    probe.once('error', () => resolve(false))
    probe.listen(port, '127.0.0.1', () => probe.close(() => resolve(true)))
  })
}
