import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { type CliRun, startCli } from '../../src/cli/testing/run-cli.ts'
import { followPods, type PodTargets } from '../harness/cluster/pod-targets.ts'
import type { Traefik } from '../harness/cluster/traefik.ts'
import { type Cluster, needsCluster, startCluster } from '../harness/cluster.ts'
import { type Docker, needsDocker, startDocker } from '../harness/dockerd.ts'
import { eventually } from '../harness/eventually.ts'
import { importNodeBase } from '../harness/node-base-image.ts'
import { needsPrometheus, type Prometheus, startPrometheus } from '../harness/prometheus.ts'

const NUMBER = expect.any(Number)
/** What the shop's Dockerfiles begin from. */
const BASE = 'node:24-slim'
const DOCS = join(import.meta.dirname, '../../docs/kubernetes-demo.md')

interface Moved {
  readonly environment: string
  readonly service: string
  readonly automatic?: boolean
}

describe.runIf(needsCluster() && needsDocker() && needsPrometheus())('the demo on Kubernetes', () => {
  let cluster: Cluster
  let traefik: Traefik
  let docker: Docker
  let targets: PodTargets
  let prometheus: Prometheus

  beforeAll(async () => {
    ;[cluster, docker] = await Promise.all([startCluster(), startDocker()])
    await cluster.startDns()
    traefik = await cluster.startTraefik()
    targets = await followPods(cluster)
    prometheus = await startPrometheus(await scraping(targets))
    const present = await docker.docker(['image', 'inspect', BASE])
    if (present.code !== 0) await importNodeBase(docker.docker, BASE)
  }, 180_000)

  afterAll(async () => {
    await prometheus?.stop()
    await targets?.stop()
    await docker?.stop()
    await cluster?.stop()
  }, 60_000)

  const demo = (...words: readonly string[]): CliRun =>
    startCli(['demo', '--target', 'kubernetes', '--context', cluster.context, ...words], {
      environment: { ...docker.environment, KUBECONFIG: cluster.kubeconfig },
    })

  /** By which words, beside the context, everything is named. */
  const place = (): readonly string[] => {
    const registry = `${cluster.registry.address}/shop`
    return ['--registry', registry, '--prometheus', prometheus.url]
  }

  const namespaces = async (): Promise<readonly { readonly name: string; readonly isGoing: boolean }[]> => {
    const selector = '--selector=app.kubernetes.io/managed-by=sluice'
    const { stdout } = await cluster.kubectl(['get', 'namespaces', selector, '--output=json'])
    const { items }: { items: { metadata: { name: string; deletionTimestamp?: string } }[] } =
      JSON.parse(stdout)
    return items.map(({ metadata: { name, deletionTimestamp } }) => ({
      name,
      isGoing: deletionTimestamp !== undefined,
    }))
  }

  it('tells all that is missing at once, before anything is done', async () => {
    const { code, stderr } = await demo('--gateway', 'infra/public').ended
    expect(code).toBe(2)
    expect(stderr).toContain('3 things are missing')
    const { namespace, name } = traefik.gateway
    expect(stderr).toContain(`test has no Gateway infra/public; it has ${namespace}/${name}`)
    for (const flag of ['--registry', '--prometheus']) expect(stderr).toContain(`- ${flag}: name`)
    expect(await namespaces()).toEqual([])
  })

  it('removes what it made when it is interrupted', { timeout: 60_000 }, async () => {
    const run = demo(...place())
    await eventually('there are three namespaces', async () => (await namespaces()).length === 3, 30)
    run.interrupt()
    expect(await run.ended).toMatchObject({ code: 130 })
    for (const { name, isGoing } of await namespaces())
      expect({ name, isGoing }).toEqual({ name, isGoing: true })
  })

  it('shows the same table as on this machine, and leaves the cluster as it was', {
    timeout: 480_000,
  }, async () => {
    const { code, stdout, stderr } = await demo(...place(), '--exit', '--json').ended
    expect({ code, stderr }, stdout).toEqual({ code: 0, stderr: '' })
    const { switches, rollbacks, ...totals }: { switches: Moved[]; rollbacks: Moved[] } = JSON.parse(stdout)
    expect(totals).toEqual({
      requests: NUMBER,
      failed: 0,
      failedByBrokenRelease: NUMBER,
      longestGapMs: NUMBER,
    })
    expect(switches.map(({ environment }) => environment).filter(name => name !== 'prod')).toHaveLength(16)
    expect(switches).toHaveLength(22)
    expect(rollbacks.map(({ environment, service, automatic }) => [environment, service, automatic])).toEqual(
      [
        ['prod', 'api', true],
        ['prod', 'api', false],
        ['prod', 'web', false],
      ],
    )
    for (const { name, isGoing } of await namespaces())
      expect({ name, isGoing }).toEqual({ name, isGoing: true })
  })
})

/** What the docs tell people to let Prometheus scrape, here more often, and from a file. */
async function scraping(targets: PodTargets): Promise<object> {
  const [, yaml = ''] = /```yaml\n([^`]*)```/.exec(await readFile(DOCS, 'utf8')) ?? []
  const { scrape_configs: documented }: { scrape_configs: object[] } = parse(yaml)
  return {
    scrape_configs: documented.map(each => ({
      ...each,
      kubernetes_sd_configs: undefined,
      scrape_interval: '1s',
      scrape_timeout: '1s',
      file_sd_configs: [{ files: [targets.file] }],
    })),
  }
}
