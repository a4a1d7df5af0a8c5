import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import {
  type Cluster,
  FieldsOwned,
  ObjectChanged,
  RequestRefused,
} from '../../src/targets/kubernetes/api/cluster.ts'
import { KINDS } from '../../src/targets/kubernetes/api/cluster-object.ts'
import { TargetUnavailable } from '../../src/targets/target.ts'
import { eventually } from '../harness/eventually.ts'
import { needsKubernetes, type StartedKubernetes, startKubernetes } from '../harness/kubernetes.ts'
import { clusterOf, configMap, TEST_LABELS } from '../harness/kubernetes-client.ts'

/** Nobody listens at port 9 of this machine. */
const WEBHOOK = {
  apiVersion: 'admissionregistration.k8s.io/v1',
  kind: 'ValidatingWebhookConfiguration',
  metadata: { name: 'hook' },
  webhooks: [
    {
      name: 'hook.example.com',
      clientConfig: { url: 'https://127.0.0.1:9/' },
      rules: [{ apiGroups: [''], apiVersions: ['v1'], operations: ['CREATE'], resources: ['configmaps'] }],
      sideEffects: 'None',
      admissionReviewVersions: ['v1'],
      failurePolicy: 'Fail',
    },
  ],
}

const SECRET = 'correct-horse-battery'

describe.runIf(needsKubernetes())('requests of the API server', () => {
  const signal = AbortSignal.timeout(600_000)
  let kubernetes: StartedKubernetes
  let cluster: Cluster
  let number = 0

  beforeAll(async () => {
    kubernetes = await startKubernetes()
    cluster = await clusterOf({ kubernetes, namespace: 'shop' })
  })
  afterAll(async () => {
    await cluster?.close()
    await kubernetes?.stop()
  })

  const refusalOf = async (work: Promise<unknown>): Promise<unknown> =>
    await work.then(
      () => undefined,
      (error: unknown) => error,
    )
  const byKubectl = async (object: object): Promise<void> => {
    const args = ['apply', '-n', 'shop', '--server-side', '--force-conflicts', '-f', '-']
    const { code, stderr } = await kubernetes.kubectl(args, { input: JSON.stringify(object) })
    if (code !== 0) throw new Error(stderr)
  }
  const deployment = (name: string, image: string) => ({
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name, labels: TEST_LABELS },
    spec: {
      replicas: 2,
      selector: { matchLabels: { app: name } },
      template: { metadata: { labels: { app: name } }, spec: { containers: [{ name: 'web', image }] } },
    },
  })

  it('applies an object, and again without a change', async () => {
    const first = await cluster.apply(configMap('same', { a: '1' }), { signal })
    const second = await cluster.apply(configMap('same', { a: '1' }), { signal })
    expect(second.metadata.resourceVersion).toBe(first.metadata.resourceVersion)
    expect(second.metadata.managedFields?.map(({ manager, operation }) => [manager, operation])).toEqual([
      ['sluice', 'Apply'],
    ])
  })

  it('keeps nothing of a dry run', async () => {
    await cluster.apply(configMap('dry', { a: '1' }), { signal, dryRun: true })
    expect(await cluster.get(KINDS.configMap, 'dry', signal)).toBeUndefined()
  })

  it('names the field and the manager that owns it, and takes it over only where it is told to', async () => {
    await cluster.apply(deployment('web', 'shop/web:1'), { signal })
    await byKubectl(deployment('web', 'shop/web:2'))
    const refused = await refusalOf(cluster.apply(deployment('web', 'shop/web:1'), { signal }))
    expect(refused).toBeInstanceOf(FieldsOwned)
    expect(refused).toMatchObject({
      isFinal: true,
      owned: [{ field: '.spec.template.spec.containers[name="web"].image', manager: 'kubectl' }],
      message: expect.stringMatching(
        /^Deployment web: Apply failed with 1 conflict: conflict with "kubectl"/,
      ),
    })
    await cluster.apply(deployment('web', 'shop/web:1'), { signal, takeOver: true })
    const live = await cluster.get(KINDS.deployment, 'web', signal)
    expect(JSON.stringify(live?.['spec'])).toContain('shop/web:1')
  })

  it('refuses a field that the API server does not know', async () => {
    const wrong = { ...configMap('wrong'), datum: {} }
    expect(await refusalOf(cluster.apply(wrong, { signal }))).toMatchObject({
      name: 'RequestRefused',
      isFinal: true,
      message: expect.stringMatching(/^ConfigMap wrong: .*\.datum: field not declared in schema/),
    })
    const place = { kind: KINDS.configMap, name: 'same' }
    expect(await refusalOf(cluster.patch(place, { datum: {} }, { signal }))).toMatchObject({
      isFinal: true,
      message: expect.stringMatching(/unknown field "datum"/),
    })
  })

  it('tells all that is invalid, in the words of the API server', async () => {
    const service = {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name: 'web' },
      spec: { ports: [{ port: 70_000 }] },
    }
    expect(await refusalOf(cluster.apply(service, { signal }))).toMatchObject({
      status: 422,
      reason: 'Invalid',
      isFinal: true,
      message: expect.stringMatching(/^Service web: .*spec\.ports\[0\]\.port: Invalid value: 70000/),
    })
  })

  it('changes an object only while it is the one that was read', async () => {
    const read = await cluster.apply(configMap('versioned', { a: '1' }), { signal })
    const { resourceVersion } = read.metadata
    await cluster.apply(configMap('versioned', { a: '2' }), { signal, resourceVersion })
    const again = { signal, resourceVersion }
    const place = { kind: KINDS.configMap, name: 'versioned' }
    expect(await refusalOf(cluster.apply(configMap('versioned', { a: '3' }), again))).toBeInstanceOf(
      ObjectChanged,
    )
    expect(await refusalOf(cluster.patch(place, { data: { a: '3' } }, again))).toBeInstanceOf(ObjectChanged)
    expect((await cluster.get(KINDS.configMap, 'versioned', signal))?.['data']).toEqual({ a: '2' })
  })

  it('makes no object where one of a version was to be changed', async () => {
    const refused = await refusalOf(cluster.apply(configMap('gone'), { signal, resourceVersion: '1' }))
    expect(refused).toBeInstanceOf(ObjectChanged)
    expect(await cluster.get(KINDS.configMap, 'gone', signal)).toBeUndefined()
  })

  it('scales through the subresource, and applies beside it', async () => {
    await cluster.apply(deployment('scaled', 'shop/web:1'), { signal })
    const place = { kind: KINDS.deployment, name: 'scaled', subresource: 'scale' }
    await cluster.patch(place, { spec: { replicas: 5 } }, { signal })
    const five = deployment('scaled', 'shop/web:2')
    const applied = await cluster.apply({ ...five, spec: { ...five.spec, replicas: 5 } }, { signal })
    expect(applied['spec']).toMatchObject({ replicas: 5 })
  })

  it('removes only the very object that is meant, and none twice', async () => {
    const { metadata } = await cluster.apply(configMap('removed'), { signal })
    const place = { kind: KINDS.configMap, name: 'removed' }
    expect(await refusalOf(cluster.remove(place, { signal, uid: 'another' }))).toBeInstanceOf(ObjectChanged)
    await cluster.remove(place, { signal, uid: metadata.uid })
    await cluster.remove(place, { signal })
    expect(await cluster.get(KINDS.configMap, 'removed', signal)).toBeUndefined()
  })

  it('lists more than a page, by labels', async () => {
    const names = Array.from({ length: 600 }, (_, number) => `page-${number}`)
    const labels = { ...TEST_LABELS, page: 'yes' }
    const made = names.map(async name =>
      cluster.apply({ ...configMap(name), metadata: { name, labels } }, { signal }),
    )
    await Promise.all(made)
    const listed = await cluster.list(KINDS.configMap, { labels: { page: 'yes' } }, signal)
    expect(listed.map(({ metadata }) => metadata.name).toSorted()).toEqual(names.toSorted())
    expect(listed[0]).toMatchObject({ apiVersion: 'v1', kind: 'ConfigMap' })
  })

  it('says that the cluster lacks the definition of a kind', async () => {
    const refused = await refusalOf(cluster.get(KINDS.httpRoute, 'web', signal))
    expect(refused).toMatchObject({
      isFinal: true,
      message: 'HTTPRoute web: the cluster does not know this kind; install its definition',
    })
    await expect(cluster.watched(KINDS.httpRoute).current({ staleMilliseconds: 0, signal })).rejects.toThrow(
      /^listing httproutes: the cluster does not know this kind/,
    )
  })

  it.each([
    ['a number', { stringData: { password: 7 } }],
    ['no base64', { data: { password: SECRET } }],
    ['an unknown field', { stringData: { password: SECRET }, [SECRET]: {} }],
    ['a type that it does not fit', { type: 'kubernetes.io/tls', stringData: { 'tls.crt': SECRET } }],
    ['a value that is too large', { stringData: { password: SECRET.repeat(60_000) } }],
  ])('tells no value of a Secret with %s', async (_, wrong) => {
    const secret = {
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name: 'token', labels: TEST_LABELS },
      ...wrong,
    }
    const refused = await refusalOf(cluster.apply(secret, { signal }))
    expect(refused).toBeInstanceOf(RequestRefused)
    expect(refused).toMatchObject({ isFinal: true, message: expect.stringMatching(/^Secret token: /) })
    const encoded = Buffer.from(SECRET).toString('base64')
    for (const value of [SECRET, SECRET.slice(0, 8), encoded.slice(0, 8)]) {
      expect(JSON.stringify(refused) + String(refused)).not.toContain(value)
    }
  })

  it('takes a quota for a refusal that stays, and a webhook that does not answer for one that passes', async () => {
    const limited = await clusterOf({ kubernetes, namespace: 'limited' })
    const quota = { apiVersion: 'v1', kind: 'ResourceQuota', metadata: { name: 'few', namespace: 'limited' } }
    // No controller counts here, so what is used is told by hand.
    const hard = { 'count/configmaps': '1' }
    await kubernetes.kubectl(['create', '-f', '-'], { input: JSON.stringify({ ...quota, spec: { hard } }) })
    const status = { hard, used: { 'count/configmaps': '1' } }
    const patch = ['patch', 'resourcequota', 'few', '-n', 'limited', '--subresource=status', '--type=merge']
    await kubernetes.kubectl([...patch, '-p', JSON.stringify({ status })])
    expect(await refusalOf(limited.apply(configMap('more'), { signal }))).toMatchObject({
      isFinal: true,
      status: 403,
      message: expect.stringMatching(/^ConfigMap more: .*exceeded quota: few/),
    })
    await kubernetes.kubectl(['create', '-f', '-'], { input: JSON.stringify(WEBHOOK) })
    const unhooked = {
      isFinal: false,
      message: expect.stringMatching(/failed calling webhook "hook\.example/),
    }
    // The API server learns of it a moment later.
    await eventually('the webhook is asked', async () => {
      const refused = await refusalOf(cluster.apply(configMap(`hooked-${(number += 1)}`), { signal }))
      if (refused === undefined) return false
      expect(refused).toMatchObject(unhooked)
      return true
    })
    await kubernetes.kubectl(['delete', 'validatingwebhookconfiguration', 'hook'])
    await limited.close()
  })

  it('forbids in words, and for good', async () => {
    await kubernetes.kubectl(['create', 'serviceaccount', 'nobody', '-n', 'shop'])
    const { stdout } = await kubernetes.kubectl(['create', 'token', 'nobody', '-n', 'shop'])
    const nobody = await clusterOf({ kubernetes, namespace: 'shop', token: stdout.trim() })
    expect(await refusalOf(nobody.get(KINDS.configMap, 'same', signal))).toMatchObject({
      isFinal: true,
      status: 403,
      message: expect.stringMatching(/^ConfigMap same: .*"system:serviceaccount:shop:nobody" cannot get/),
    })
    await nobody.close()
  })

  it('is not let in with a wrong token, which it does not tell', async () => {
    const stranger = await clusterOf({ kubernetes, namespace: 'shop', token: SECRET })
    const refused = await refusalOf(stranger.get(KINDS.configMap, 'same', signal))
    expect(refused).toBeInstanceOf(TargetUnavailable)
    expect(refused).toMatchObject({ message: expect.stringMatching(/does not accept the credentials/) })
    expect(String(refused)).not.toContain(SECRET)
    await stranger.close()
  })
})
