import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { type CliResult, runCli } from '../../src/cli/testing/run-cli.ts'
import { followPods, type PodTargets } from '../harness/cluster/pod-targets.ts'
import type { Traefik } from '../harness/cluster/traefik.ts'
import { type Cluster, needsCluster, startCluster } from '../harness/cluster.ts'
import { type Docker, needsDocker, startDocker } from '../harness/dockerd.ts'
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
    const present = await docker.docker(['image', 'inspect', BASE])
    if (present.code !== 0) await importNodeBase(docker.docker, BASE)
    traefik = await cluster.startTraefik()
    targets = await followPods(cluster)
    prometheus = await startPrometheus(await scraping(targets))
  }, 120_000)

  afterAll(async () => {
    await prometheus?.stop()
    await targets?.stop()
    await docker?.stop()
    await cluster?.stop()
  }, 60_000)

  const demo = (...words: readonly string[]): Promise<CliResult> =>
    runCli(['demo', '--target', 'kubernetes', ...words], {
      environment: { ...docker.environment, KUBECONFIG: cluster.kubeconfig },
    })

  it('shows the same table as on this machine, and leaves the cluster as it was', {
    timeout: 300_000,
  }, async () => {
    const registry = `${cluster.registry.address}/shop`
    const { code, stdout, stderr } = await demo(
      ...['--context', cluster.context, '--registry', registry, '--prometheus', prometheus.url],
      ...['--exit', '--json'],
    )
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    const { switches, rollbacks, ...totals }: { switches: Moved[]; rollbacks: Moved[] } = JSON.parse(stdout)
    expect(totals).toEqual({
      requests: NUMBER,
      failed: 0,
      failedByBrokenRelease: NUMBER,
      longestGapMs: NUMBER,
    })
    expect(switches).toHaveLength(22)
    expect(rollbacks.map(({ service, automatic }) => `${service} ${automatic}`).toSorted()).toEqual([
      'api false',
      'api true',
      'web false',
    ])
    const { stdout: left } = await cluster.kubectl([
      ...['get', 'namespaces', '--selector=app.kubernetes.io/managed-by=sluice'],
      '--output=jsonpath={.items[?(!@.metadata.deletionTimestamp)].metadata.name}',
    ])
    expect(left).toBe('')
  })

  it('tells all that is missing at once, before anything is done', async () => {
    const { code, stderr } = await demo('--context', cluster.context, '--gateway', 'infra/public')
    expect(code).toBe(2)
    expect(stderr).toContain('3 things are missing')
    expect(stderr).toContain(`test has no Gateway infra/public; it has ${traefik.gateway.namespace}/`)
    for (const flag of ['--registry', '--prometheus']) expect(stderr).toContain(`- ${flag}: name`)
  })
})

/** What the docs tell people to let Prometheus scrape, here more often. */
async function scraping(targets: PodTargets): Promise<object> {
  const [, yaml = ''] = /```yaml\n([^`]*)```/.exec(await readFile(DOCS, 'utf8')) ?? []
  const { scrape_configs: documented }: { scrape_configs: { kubernetes_sd_configs?: object }[] } = parse(yaml)
  return {
    scrape_configs: documented.map(({ kubernetes_sd_configs: _, ...each }) => ({
      ...each,
      scrape_interval: '1s',
      scrape_timeout: '1s',
      file_sd_configs: [{ files: [targets.file] }],
    })),
  }
}
