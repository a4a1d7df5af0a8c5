import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import type { Cluster, WatchedObjects } from '../../src/targets/kubernetes/api/cluster.ts'
import { KINDS } from '../../src/targets/kubernetes/api/cluster-object.ts'
import { TargetUnavailable } from '../../src/targets/target.ts'
import { eventually } from '../harness/eventually.ts'
import { needsKubernetes, type StartedKubernetes, startKubernetes } from '../harness/kubernetes.ts'
import { clusterOf, configMap, TEST_LABELS } from '../harness/kubernetes-client.ts'
import { startStallingProxy } from '../harness/stalling-proxy.ts'

const FRESH = 0
/** Longer than a request is waited for. */
const OUTAGE_TIMEOUT_MILLISECONDS = 90_000

describe.runIf(needsKubernetes())('watches of the API server', () => {
  const signal = AbortSignal.timeout(600_000)
  let kubernetes: StartedKubernetes
  let number = 0
  let namespace: string
  let cluster: Cluster

  beforeAll(async () => {
    kubernetes = await startKubernetes()
  })
  afterAll(async () => await kubernetes?.stop())
  afterEach(async () => await cluster?.close())

  const begin = async (): Promise<WatchedObjects> => {
    namespace = `shop-${(number += 1)}`
    cluster = await clusterOf({ kubernetes, namespace })
    return cluster.watched(KINDS.configMap)
  }
  const dataOf = async (watched: WatchedObjects, staleMilliseconds = FRESH) =>
    Object.fromEntries(
      [...(await watched.current({ staleMilliseconds, signal }))].map(([name, object]) => [
        name,
        object['data'],
      ]),
    )
  /** Somebody else's change, which comes by the watch alone. */
  const byAnother = async (name: string, data: Readonly<Record<string, string>>) => {
    const input = JSON.stringify(configMap(name, data))
    const { code, stderr } = await kubernetes.kubectl(['apply', '-n', namespace, '-f', '-'], { input })
    if (code !== 0) throw new Error(stderr)
  }
  const whyNot = async (watched: WatchedObjects) =>
    await watched.current({ staleMilliseconds: FRESH, signal }).then(
      () => undefined,
      (error: unknown) => error,
    )
  const SILENT = /^the API server of test has not answered for \d+ s/

  it('has what was there, what came and what went', async () => {
    const watched = await begin()
    await byAnother('before', { a: '1' })
    expect(await dataOf(watched)).toEqual({ before: { a: '1' } })
    await byAnother('after', { a: '1' })
    await byAnother('before', { a: '2' })
    await eventually('both came', async () => JSON.stringify(await dataOf(watched, 60_000)).includes('"2"'))
    await kubernetes.kubectl(['delete', 'configmap', 'before', '-n', namespace])
    await eventually('one went', async () => !('before' in (await dataOf(watched, 60_000))))
    expect(await dataOf(watched)).toEqual({ after: { a: '1' } })
  })

  it('knows what this process wrote and removed', async () => {
    const watched = await begin()
    await dataOf(watched)
    for (const a of ['1', '2', '3', '4', '5']) {
      await cluster.apply(configMap('own', { a }), { signal })
      expect(await dataOf(watched, 60_000)).toEqual({ own: { a } })
      await cluster.remove({ kind: KINDS.configMap, name: 'own' }, { signal })
      expect(await dataOf(watched, 60_000)).toEqual({})
    }
  })

  it('leaves alone what does not carry the labels', async () => {
    const watched = await begin()
    await kubernetes.kubectl(['create', 'configmap', 'foreign', '-n', namespace])
    expect(await dataOf(watched)).toEqual({})
    const args = ['label', 'configmap', 'foreign', '-n', namespace]
    await kubernetes.kubectl([
      ...args,
      ...Object.entries(TEST_LABELS).map(([key, value]) => `${key}=${value}`),
    ])
    await eventually('it came', async () => 'foreign' in (await dataOf(watched, 60_000)))
    await kubernetes.kubectl([...args, ...Object.keys(TEST_LABELS).map(key => `${key}-`)])
    await eventually('it went', async () => !('foreign' in (await dataOf(watched, 60_000))))
  })

  it('keeps neither the values of secrets nor who set which field', async () => {
    await begin()
    const secret = { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'token', labels: TEST_LABELS } }
    await cluster.apply({ ...secret, stringData: { password: 'correct-horse' } }, { signal })
    const watched = cluster.watched(KINDS.secret)
    const listed = (await watched.current({ staleMilliseconds: FRESH, signal })).get('token')
    expect(listed).toMatchObject({ apiVersion: 'v1', kind: 'Secret', metadata: { name: 'token' } })
    await cluster.apply({ ...secret, stringData: { password: 'battery-staple' } }, { signal })
    const told = (await watched.current({ staleMilliseconds: FRESH, signal })).get('token')
    expect(told?.metadata.resourceVersion).not.toBe(listed?.metadata.resourceVersion)
    for (const object of [listed, told]) {
      expect(object).not.toHaveProperty('data')
      expect(object?.metadata).not.toHaveProperty('managedFields')
    }
  })

  it('says so while the API server is stopped, and goes on after it', {
    timeout: OUTAGE_TIMEOUT_MILLISECONDS,
  }, async () => {
    const watched = await begin()
    await byAnother('a', { a: '1' })
    await dataOf(watched)
    kubernetes.server.pause()
    try {
      expect(await dataOf(watched, 60_000)).toEqual({ a: { a: '1' } })
      const refused = await whyNot(watched)
      expect(refused).toBeInstanceOf(TargetUnavailable)
      expect(refused).toMatchObject({ message: expect.stringMatching(SILENT) })
    } finally {
      kubernetes.server.resume()
    }
    await byAnother('a', { a: '2' })
    expect(await dataOf(watched)).toEqual({ a: { a: '2' } })
  })

  it('says so while the store is stopped, although the API server is there', {
    timeout: OUTAGE_TIMEOUT_MILLISECONDS,
  }, async () => {
    const watched = await begin()
    await dataOf(watched)
    kubernetes.store.pause()
    try {
      expect(await whyNot(watched)).toMatchObject({
        name: 'TargetUnavailable',
        message: expect.stringMatching(SILENT),
      })
    } finally {
      kubernetes.store.resume()
    }
    await byAnother('a', { a: '1' })
    expect(await dataOf(watched)).toEqual({ a: { a: '1' } })
  })

  it('goes on after the API server was killed, with what happened meanwhile', async () => {
    const watched = await begin()
    const seen: string[] = []
    watched.onChange(({ metadata }) => seen.push(metadata.name))
    await byAnother('a', { a: '1' })
    await dataOf(watched)
    await kubernetes.server.kill()
    await kubernetes.server.start()
    expect(await dataOf(watched)).toEqual({ a: { a: '1' } })
    await byAnother('b', { a: '1' })
    await eventually('the watch tells', () => seen.includes('b'))
    expect(seen).toEqual(['a', 'b'])
  })

  it('goes on after the store was killed', async () => {
    const watched = await begin()
    await byAnother('a', { a: '1' })
    await dataOf(watched)
    await kubernetes.store.kill()
    await kubernetes.store.start()
    await cluster.apply(configMap('b', { a: '1' }), { signal })
    expect(await dataOf(watched)).toEqual({ a: { a: '1' }, b: { a: '1' } })
  })

  it('notices connections that went dead without a word, and goes on with others', {
    timeout: OUTAGE_TIMEOUT_MILLISECONDS,
  }, async () => {
    const proxy = await startStallingProxy(Number(new URL(kubernetes.url).port))
    try {
      namespace = `shop-${(number += 1)}`
      cluster = await clusterOf({ kubernetes, namespace, server: `https://127.0.0.1:${proxy.port}` })
      const watched = cluster.watched(KINDS.configMap)
      await dataOf(watched)
      proxy.stall()
      await byAnother('a', { a: '1' })
      expect(await whyNot(watched)).toMatchObject({ message: expect.stringMatching(SILENT) })
      const data = () => dataOf(watched).catch(() => undefined)
      await expect.poll(data, { timeout: 20_000 }).toEqual({ a: { a: '1' } })
    } finally {
      await cluster.close()
      await proxy.close()
    }
  })

  it('ends at once, and fails for whoever still asks', async () => {
    const watched = await begin()
    await dataOf(watched)
    kubernetes.server.pause()
    try {
      const asking = whyNot(watched)
      await cluster.close()
      expect(await asking).toBeInstanceOf(Error)
    } finally {
      kubernetes.server.resume()
    }
  })
})
