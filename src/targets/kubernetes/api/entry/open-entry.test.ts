import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { ClusterAccess, Entry } from '../access.ts'
import { openEntry } from './open-entry.ts'

const signal = AbortSignal.timeout(600_000)
const base64 = (text: string) => Buffer.from(text).toString('base64')

describe('openEntry', () => {
  let folder: string
  let now = 0

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'sluice-entry-'))
  })
  afterEach(async () => await rm(folder, { recursive: true }))

  const write = async (name: string, text: string): Promise<string> => {
    const path = join(folder, name)
    await mkdir(join(path, '..'), { recursive: true })
    await writeFile(path, text)
    return path
  }
  const open = async (
    kubeconfig: string | undefined,
    access: ClusterAccess = { kind: 'kubeconfig' },
    environment: Readonly<Record<string, string>> = {},
  ): Promise<Entry> =>
    await openEntry(access, {
      environment: { PATH: process.env['PATH'], ...environment, KUBECONFIG: kubeconfig },
      homeFolder: folder,
      now: () => now,
      accountFolder: folder,
      openEks: async ({ cluster }) => ({
        endpoint: `https://${cluster}.eks.example`,
        certificateAuthorityData: base64('EKS CA'),
        token: async () => 'eks-token',
      }),
    })
  /** A file with one context that has all that is given. */
  const withUser = async (user: object, cluster: object = {}) =>
    await open(
      await write(
        'config',
        JSON.stringify({
          'current-context': 'prod',
          contexts: [{ name: 'prod', context: { cluster: 'c', user: 'u' } }],
          clusters: [{ name: 'c', cluster: { server: 'https://203.0.113.7:6443', ...cluster } }],
          users: [{ name: 'u', user }],
        }),
      ),
    )
  const plugin = async (body: string): Promise<string> => {
    const path = await write('bin/plugin', `#!/bin/sh\necho run >> "${folder}/runs"\n${body}\n`)
    await chmod(path, 0o755)
    return './bin/plugin'
  }
  const exec = (command: string, more: object = {}) => ({
    exec: { apiVersion: 'client.authentication.k8s.io/v1', command, ...more },
  })
  const credential = (status: object, version = 'v1') =>
    JSON.stringify({ apiVersion: `client.authentication.k8s.io/${version}`, kind: 'ExecCredential', status })
  const runs = async () => (await readFile(join(folder, 'runs'), 'utf8')).trim().split('\n').length

  it('takes the current context, and what the first of several files says', async () => {
    const first = await write(
      'one/config',
      `
current-context: staging
contexts:
- {name: staging, context: {cluster: shared, user: me, namespace: shop-staging}}
clusters: null
users:
- {name: me, user: {token: 0123}}
`,
    )
    const second = await write(
      'two/config',
      `
current-context: prod
contexts:
- {name: staging, context: {cluster: other, user: other}}
- {name: prod, context: {cluster: shared, user: me}}
clusters:
- {name: shared, cluster: {server: https://203.0.113.7:6443/, certificate-authority: ca.pem, tls-server-name: kubernetes}}
users: []
`,
    )
    await write('two/ca.pem', 'THE CA')
    const files = `${first}:${join(folder, 'none')}:${second}`
    const entry = await open(files)
    expect(entry).toMatchObject({
      name: 'staging',
      server: 'https://203.0.113.7:6443',
      namespace: 'shop-staging',
    })
    expect(await entry.tls(signal)).toEqual({ ca: 'THE CA', serverName: 'kubernetes' })
    // Written without quotes, its zero stays.
    expect(await entry.headers(signal)).toEqual({ authorization: 'Bearer 0123' })
    expect(await open(files, { kind: 'kubeconfig', context: 'prod' })).toMatchObject({ name: 'prod' })
  })

  it('names the contexts that there are where one is missing', async () => {
    const file = await write('config', 'contexts: [{name: b, context: {}}, {name: a, context: {}}]')
    await expect(open(file)).rejects.toThrow(
      `${file}: it names no current context; there are a, b; name a context`,
    )
    await expect(open(file, { kind: 'kubeconfig', context: 'prod' })).rejects.toThrow(
      `${file}: it has no context prod; there are a, b; name one of them`,
    )
    await expect(open(file, { kind: 'kubeconfig', context: 'a' })).rejects.toThrow(
      `${file} context a: it names no cluster; mend it with kubectl config set-context --cluster=NAME`,
    )
  })

  it('looks in the home folder, and says where it looked', async () => {
    await expect(open(undefined)).rejects.toThrow(`${join(folder, '.kube/config')}: there is no kubeconfig`)
  })

  it('does not quote a file that is no YAML', async () => {
    const file = await write('config', 'users: [{name: u, user: {token: "s3cret')
    await expect(open(file)).rejects.toThrow(/^[^\n]*: it is no YAML; mend it, see kubectl config view$/)
  })

  it('reads a token file anew each time', async () => {
    await write('token', 'one\n')
    const entry = await withUser({ token: 'other', tokenFile: 'token' })
    expect(await entry.headers(signal)).toEqual({ authorization: 'Bearer one' })
    await write('token', 'two\n')
    expect(await entry.headers(signal)).toEqual({ authorization: 'Bearer two' })
  })

  it('takes a certificate inline or by file', async () => {
    await write('client.key', 'KEY')
    const entry = await withUser(
      { 'client-certificate-data': base64('CERTIFICATE'), 'client-key': 'client.key' },
      { 'certificate-authority-data': base64('CA') },
    )
    expect(await entry.tls(signal)).toEqual({ ca: 'CA', client: { certificate: 'CERTIFICATE', key: 'KEY' } })
    await expect(withUser({ 'client-key': 'client.key' })).rejects.toThrow(/a key without its certificate/)
  })

  it.each([
    ['verification switched off', {}, { 'insecure-skip-tls-verify': true }, /would show the credentials/],
    ['a proxy', {}, { 'proxy-url': 'http://proxy.example' }, /proxy-url is not supported/],
    ['plain http', {}, { server: 'http://203.0.113.7' }, /without encryption; use its https address/],
    ['no address', {}, { server: 'prod' }, /the server prod is no address/],
    ['an old way to sign in', { 'auth-provider': { name: 'oidc' } }, {}, /auth-provider is not supported/],
    ['groups to pose as', { as: 'me', 'as-groups': ['all'] }, {}, /as-groups and as-user-extra/],
  ])('refuses %s', async (_, user, cluster, words) => {
    await expect(withUser(user, cluster)).rejects.toThrow(words)
  })

  it('runs a program for a token, and again only before that ends', async () => {
    now = Date.parse('2026-11-23T20:00:00Z')
    const status = { token: 'given', expirationTimestamp: '2026-11-23T20:10:00Z' }
    const command = await plugin(`test "$KEY" = value || exit 1\necho '${credential(status)}'`)
    const entry = await withUser(exec(command, { env: [{ name: 'KEY', value: 'value' }] }))
    const headers = await Promise.all([entry.headers(signal), entry.headers(signal), entry.tls(signal)])
    expect(headers.slice(0, 2)).toEqual([
      { authorization: 'Bearer given' },
      { authorization: 'Bearer given' },
    ])
    expect(await runs()).toBe(1)
    now = Date.parse('2026-11-23T20:10:01Z')
    // It gives one that has ended already, which is asked for once.
    await entry.headers(signal)
    expect(await runs()).toBe(2)
  })

  it('runs it again when the API server has refused what it gave', async () => {
    const command = await plugin(`echo '${credential({ token: 'given' }, 'v1beta1')}'`)
    const entry = await withUser(exec(command, { apiVersion: 'client.authentication.k8s.io/v1beta1' }))
    await entry.headers(signal)
    await entry.headers(signal)
    expect(await runs()).toBe(1)
    entry.forget()
    await entry.headers(signal)
    expect(await runs()).toBe(2)
  })

  it('takes a certificate of a program, and tells it of the cluster', async () => {
    const status = { clientCertificateData: 'CERTIFICATE', clientKeyData: 'KEY' }
    const command = await plugin(
      `echo "$KUBERNETES_EXEC_INFO" > "${folder}/told"\necho '${credential(status)}'`,
    )
    const entry = await withUser(exec(command, { provideClusterInfo: true }))
    expect(await entry.tls(signal)).toEqual({ client: { certificate: 'CERTIFICATE', key: 'KEY' } })
    expect(await entry.headers(signal)).toEqual({})
    expect(JSON.parse(await readFile(join(folder, 'told'), 'utf8'))).toMatchObject({
      spec: { interactive: false, cluster: { server: 'https://203.0.113.7:6443' } },
    })
  })

  it.each([
    ['fails', 'echo "session has ended" >&2; exit 3', /user u: \.\/bin\/plugin failed: session has ended$/],
    ['says something else', 'echo token-s3cret', /plugin did not answer with an ExecCredential$/],
    ['gives nothing', `echo '${credential({})}'`, /plugin gave neither a token nor a certificate$/],
    [
      'answers otherwise',
      `echo '${credential({ token: 's3cret' }, 'v1beta1')}'`,
      /answered in .*v1beta1, and not in/,
    ],
  ])('says in words that a program %s', async (_, body, words) => {
    const entry = await withUser(exec(await plugin(body)))
    const refused = await entry.headers(signal).catch(String)
    expect(refused).toMatch(words)
    expect(refused).not.toContain('s3cret')
  })

  it('tells how to get a program that is missing', async () => {
    const entry = await withUser(exec('kubelogin-of-nobody', { installHint: 'see example.com/kubelogin' }))
    await expect(entry.headers(signal)).rejects.toThrow(
      'kubelogin-of-nobody is not there; see example.com/kubelogin',
    )
  })

  it('refuses a program that asks people, and one of a version that nobody knows', async () => {
    await expect(withUser(exec('x', { interactiveMode: 'Always' }))).rejects.toThrow(/wants to ask a person/)
    const old = { apiVersion: 'client.authentication.k8s.io/v1alpha1' }
    await expect(withUser(exec('x', old))).rejects.toThrow(/v1alpha1 is not supported/)
  })

  it('enters the cluster that it runs in with a token that is renewed', async () => {
    await write('namespace', 'sluice\n')
    await write('ca.crt', 'CA')
    await write('token', 'one')
    const environment = { KUBERNETES_SERVICE_HOST: 'fd00::1', KUBERNETES_SERVICE_PORT: '443' }
    const entry = await open(undefined, { kind: 'in-cluster' }, environment)
    expect(entry).toMatchObject({ server: 'https://[fd00::1]:443', namespace: 'sluice' })
    expect(await entry.tls(signal)).toEqual({ ca: 'CA' })
    expect(await entry.headers(signal)).toEqual({ authorization: 'Bearer one' })
    await write('token', 'two')
    expect(await entry.headers(signal)).toEqual({ authorization: 'Bearer two' })
    await expect(open(undefined, { kind: 'in-cluster' })).rejects.toThrow(/this process runs in no pod/)
  })

  it('enters a cluster of EKS', async () => {
    const entry = await open(undefined, { kind: 'eks', cluster: 'shop', region: 'eu-central-1' })
    expect(entry).toMatchObject({
      name: 'EKS cluster shop in eu-central-1',
      server: 'https://shop.eks.example',
    })
    expect(await entry.tls(signal)).toEqual({ ca: 'EKS CA' })
    expect(await entry.headers(signal)).toEqual({ authorization: 'Bearer eks-token' })
  })
})
